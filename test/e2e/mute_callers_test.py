"""A joint run of three providers while somebody opens connections to every party's port and says nothing:
all parties find each other all the same."""

import collections
import multiprocessing
import socket
import struct

from joint_risk import JointRisk
from programs import COMPANY_C, options

PARTY_PORTS = (8911, 8912, 8913)
OPEN_AT_ONCE = 300


def call_mutely(port, number):
    """From an address of its own, as a crowd would; None where nobody listens yet."""
    caller = socket.socket()
    caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    caller.setblocking(False)
    try:
        caller.bind(("127.1.%d.%d" % (number // 200 % 200, number % 200 + 1), 0))
        caller.connect(("127.0.0.1", port))
    except BlockingIOError:
        pass
    except OSError:
        caller.close()
        return None
    return caller


def flood(called):
    held = collections.deque()
    while True:
        for port in PARTY_PORTS:
            called.value += 1
            caller = call_mutely(port, called.value)
            if caller:
                held.append(caller)
            if len(held) > OPEN_AT_ONCE:
                held.popleft().close()


def main():
    with JointRisk(options()) as folder:
        cdt = folder.compose()
        called = multiprocessing.Value("q", 0, lock=False)
        crowd = multiprocessing.Process(target=flood, args=(called,), daemon=True)
        crowd.start()
        try:
            task = folder.answer("job", "init", "--name", "t", "--desc", "d", "--private_key", COMPANY_C[1])["task_id"]
            before = called.value
            job = folder.answer("job", "exec", "--task_id", str(task), "--cdt", cdt, "--private_key", COMPANY_C[1])[
                "job_id"
            ]
            parts = folder.wait_for_job(job)
        finally:
            crowd.kill()
        assert called.value > before + 1000, called.value
        assert parts and all(part["state"] == "succeeded" for part in parts), parts


if __name__ == "__main__":
    main()
