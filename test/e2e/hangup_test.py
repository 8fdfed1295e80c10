"""SIGHUP: a provider reads its configuration anew; a file that cannot be used changes nothing."""

import signal

from one_bank import ALGORITHM, OneBank
from programs import BANK_B, COMPANY_C, options, wait_until

SOLVER = ("--private_key", COMPANY_C[1])


def log(bank):
    return bank.read("bank.ini.log").decode()


def hang_up(bank, settings, expected):
    """Until the provider has said what it made of them; what was said."""
    before = len(log(bank))
    bank.settings = settings
    bank.write_config()
    bank.providers[-1].send_signal(signal.SIGHUP)
    wait_until(lambda: expected in log(bank)[before:], 20, "the provider to say %r" % expected)
    return log(bank)[before:]


def exec_job(bank):
    return bank.cli("--json", "job", "exec", "--task_id", "1", "--cdt", ALGORITHM, *SOLVER)


def main():
    with OneBank(options(), settings="accepted_composers = %s" % COMPANY_C[0]) as bank:
        bank.serve()
        bank.compose()
        bank.wait_for(bank.exec(), ("succeeded",))

        said = hang_up(bank, "accepted_composers = %s\nqueue_max = 5\nworkers = 3" % BANK_B[0], "needs a restart")
        assert "in effect now: accepted_composers, queue_max" in said, said
        assert "needs a restart: workers" in said, said
        refused = exec_job(bank)
        assert refused.code == 1 and "party_not_accepted" in refused.out + refused.err, str(refused)

        said = hang_up(
            bank,
            "accepted_composers = %s\nqueue_max = none\nqueue_share = 0\nmemory_mb = 0" % COMPANY_C[0],
            "nothing of it is",
        )
        for key in ("queue_max", "queue_share", "memory_mb"):
            assert "[provider] %s: expected a whole number" % key in said, said
        assert exec_job(bank).code == 1

        # What needs a restart is named again until it had one.
        said = hang_up(bank, "accepted_composers = %s\nworkers = 3" % COMPANY_C[0], "needs a restart: workers")
        assert "in effect now: accepted_composers, queue_max" in said, said
        bank.wait_for(bank.exec(), ("succeeded",))
        hang_up(bank, "accepted_composers = %s" % COMPANY_C[0], "nothing changed of what takes effect")
        assert bank.providers[-1].poll() is None


if __name__ == "__main__":
    main()
