"""Joint jobs over a network that is cut for a while, in a network namespace of the test's own: a cut that is shorter than a peer may
be silent costs time and nothing else, a longer one an attempt. One receipt for each token, whatever happened."""

import contextlib
import ctypes
import os
import subprocess
import sys
import time

CLONE_NEWNET = 0x40000000
SKIPPED = 77
FULL = os.environ.get("C2D_FULL", "") not in ("", "0")


def own_network():
    """Whether this process has one from now on; nothing of it reaches any other."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        return False
    return subprocess.run(["ip", "link", "set", "lo", "up"], stderr=subprocess.DEVNULL).returncode == 0


@contextlib.contextmanager
def slow(milliseconds):
    """Each way, with 1 % lost; says so where the kernel cannot."""
    rule = ["tc", "qdisc", "replace", "dev", "lo", "root", "netem", "delay", "%dms" % milliseconds, "loss", "1%"]
    there = subprocess.run(rule, stderr=subprocess.DEVNULL).returncode == 0
    if not there:
        print("this kernel has no netem: nothing is delayed or lost")
    try:
        yield
    finally:
        if there:
            subprocess.run(["tc", "qdisc", "del", "dev", "lo", "root"], check=True)


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
            cut(seconds)
            done = self.finish(waiting, 400)
            assert done.code == 0, str(done)
            parts = done.json()["parts"]
            assert {part["outcome"] for part in parts} == {"succeeded"}, parts
            assert {part["attempt"] for part in parts} <= attempts, (seconds, parts)
            wait_until(lambda: len(self.receipts(job)) == 4, 90, "the receipts")
            assert [receipt["outcome"] for receipt in self.receipts(job)] == ["succeeded"] * 4, self.receipts(job)

    with Partitions() as folder:
        if not FULL:
            return folder.play(2, {1})
        for _ in range(10):
            folder.play(20, {1})
        for _ in range(2):
            folder.play(120, {2, 3})
        for milliseconds in (40, 200):
            with slow(milliseconds):
                folder.play(0, {1})


if __name__ == "__main__":
    main()
