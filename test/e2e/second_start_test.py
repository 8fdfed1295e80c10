"""A second start of c2d-provider fails before it touches the runs of the first."""

import shutil
import unittest

from one_bank import OneBank
from programs import free_port, options, run_cases, wait_until

OPTIONS = options()
SLOW = """import time
while not __import__('os').path.exists('/tmp/never'): time.sleep(0.05)
"""


class SecondStart(unittest.TestCase):
    def setUp(self):
        self.bank = OneBank(OPTIONS, operator=SLOW, settings="workers = 1")
        self.addCleanup(self.bank.__exit__)
        self.first = self.bank.serve()
        self.bank.compose()
        self.jobs = [self.bank.exec() for _ in range(3)]
        self.bank.wait_for(self.jobs[0], ("running",))

    def check_unharmed(self):
        self.assertIsNone(self.first.poll())
        self.assertEqual(self.bank.runs(), dict(zip(self.jobs, ("running", "queued", "queued"))))
        for job in self.jobs:
            self.assertEqual(self.bank.posted(job), [])

    def test_the_same_folder(self):
        for name, port in (("same.ini", self.bank.port), ("other_port.ini", free_port())):
            with self.subTest(name):
                code, said = self.bank.start_again(self.bank.write_config(name, port=port))
                self.assertEqual(code, 1, said)
                self.assertIn("process %d " % self.first.pid, said)
                self.assertIn("./exec", said)
                self.check_unharmed()

    def test_the_same_port(self):
        """The other folder holds runs that a start would fail, and queued ones that it would take."""
        shutil.copytree(self.bank / "exec", self.bank / "other")
        code, said = self.bank.start_again(self.bank.write_config("other.ini", exec_dirpath="./other"))
        self.assertEqual(code, 1, said)
        self.assertIn("cannot listen on 127.0.0.1:%d" % self.bank.port, said)
        self.assertEqual(self.bank.runs("other"), self.bank.runs())
        self.check_unharmed()

    def test_a_wrong_configuration(self):
        self.bank.kill(self.first)
        before = self.bank.runs()
        for line in ("workers = 0", "query_host = nowhere", "peer_networks = everywhere"):
            with self.subTest(line):
                self.bank.settings = line
                code, said = self.bank.start_again(self.bank.write_config("wrong.ini"))
                self.assertEqual(code, 1, said)
                self.assertEqual(self.bank.runs(), before)

    def test_the_lock_goes_with_the_process(self):
        self.bank.kill(self.first)
        self.first = self.bank.serve()
        wait_until(lambda: self.bank.runs()[self.jobs[0]] == "failed", 20, "the interrupted run to be failed")
        self.assertEqual(self.bank.wait_for_receipt(self.jobs[0]), ["aborted"])
        self.bank.wait_for(self.jobs[1], ("running",))


if __name__ == "__main__":
    run_cases(OPTIONS)
