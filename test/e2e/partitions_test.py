"""Joint jobs over a network that is cut for a while, or slow and lossy, in a network namespace of the test's own: a cut
that is shorter than a peer may be silent costs time and nothing else, a longer one an attempt. What is late or lost
costs time. One receipt for each token, whatever happened."""

import os
import subprocess
import sys
import time

from lossy_loopback import lossy_loopback, own_network

SKIPPED = 77
FULL = os.environ.get("C2D_FULL", "") not in ("", "0")


def cut(seconds):
    """Nobody hears anybody for so long."""
    subprocess.run(["ip", "link", "set", "lo", "down"], check=True)
    try:
        time.sleep(seconds)
    finally:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def main():
    try:
        if not own_network():
            raise FileNotFoundError
    except FileNotFoundError:
        print("skipped: it takes a network namespace of its own, and ip")
        sys.exit(SKIPPED)
    # Only now: what is imported looks whether ports are free.
    from attempts_test import Attempts, KEY, OPERATOR
    from programs import wait_until

    class Partitions(Attempts):
        operator = OPERATOR.replace("range(40)", "range(30)")
        silence = 30 if FULL else 8

        def play(self, seconds, attempts):
            """A job that is cut off while it runs."""
            waiting = self.start("dt-cli", "--json", *self.exec("--wait"))
            job = self.jobs = getattr(self, "jobs", 0) + 1
            wait_until(lambda: self.answer("job", "list")["total"] == job, 30, "the job")
            status = ("--json", "job", "status", "--job_id", str(job), *KEY)
            wait_until(lambda: self.cli(*status).code == 0, 60, "all to know it")
            self.wait_for_states(job, {"running"}, "all parts to run")
            if seconds:
                cut(seconds)
            done = self.finish(waiting, 400)
            assert done.code == 0, str(done)
            parts = done.json()["parts"]
            assert {part["outcome"] for part in parts} == {"succeeded"}, parts
            assert {part["attempt"] for part in parts} <= attempts, (seconds, parts)
            wait_until(lambda: len(self.receipts(job)) == 4, 90, "the receipts")
            assert [receipt["outcome"] for receipt in self.receipts(job)] == ["succeeded"] * 4, self.receipts(job)

    with Partitions() as folder:
        for _ in range(10 if FULL else 1):
            folder.play(20 if FULL else 2, {1})
        for _ in range(2 if FULL else 0):
            folder.play(120, {2, 3})
        if not os.path.exists("/dev/net/tun"):
            return print("no TUN device here: nothing was late or lost")
        for milliseconds in (40, 200) if FULL else (40,):
            with lossy_loopback(milliseconds):
                folder.play(0, {1})


if __name__ == "__main__":
    main()
