"""Statistics over two banks' rows: three processes, no provider, no sandbox.

PYTHONPATH=<prefix>/share/c2d/python python3 joint_statistics.py

In earnest each process runs at its own organisation, with its own key; here one program starts all three.
"""

import multiprocessing
import socket
import sys

import c2d


def rows_of(bank):
    """300 customers: age and income."""
    return [[20 + (i * 7 + bank * 13) % 45, 1 + ((i * 31 + bank) % 60) / 10] for i in range(300)]


def party(number, secret, parties, answers):
    with c2d.Key.from_hex(secret) as key, c2d.mpc.Session.connect(
        number, key, parties, program="joint statistics 1", run=1
    ) as session:
        parts = [session.input(bank, rows_of(bank) if bank == number else None) for bank in (0, 1)]
        everybody = session.vconcat(parts)
        # The bit of each row stays secret; the statistics are opened to party 0, if 100 rows are in them.
        ages = session.matmul(everybody, session.constant([[1], [0]]))
        forty = session.constant([[40]] * ages.shape[0])
        found = session.column_statistics(everybody, to=[0], count_min=100, included=session.less(ages, forty))
        answers.put((number, found))


def main():
    # Free ports, and a key for each party, whose addresses all three know.
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    secrets = ["%064x" % (number + 1) for number in range(3)]
    parties = []
    for secret, listener in zip(secrets, listeners):
        with c2d.Key.from_hex(secret) as key:
            parties.append(("127.0.0.1", listener.getsockname()[1], key.address))
    for listener in listeners:
        listener.close()
    answers = multiprocessing.Queue()
    processes = [multiprocessing.Process(target=party, args=(i, secrets[i], parties, answers)) for i in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        return 1
    opened = dict(answers.get() for _ in range(3))
    assert opened[1] is None and opened[2] is None
    print(
        "%d customers below 40: mean age %.1f, mean income %.2f"
        % (opened[0]["count"], opened[0]["mean"][0], opened[0]["mean"][1])
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
