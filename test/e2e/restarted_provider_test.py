"""Whoever waits for a job goes on waiting while its provider is killed and started again, and is told so; a provider
that is told to end lets what has begun end by itself, for as long as its owner says."""

import signal

import unittest

from one_bank import ALGORITHM, OneBank
from programs import COMPANY_C, options, run_cases, wait_until

OPTIONS = options()
ENDLESS = """import time
while True: time.sleep(0.05)
"""
#: Long enough to be met by a signal.
BRIEF = """import time
time.sleep(3)
open("outputs/out.txt", "w").write("done")
"""


class RestartedProvider(unittest.TestCase):
    def setUp(self):
        self.bank = OneBank(OPTIONS, operator=ENDLESS)
        self.addCleanup(self.bank.__exit__)
        self.provider = self.bank.serve()
        self.bank.compose()

    def read_until(self, waiting, text):
        for line in waiting.stderr:
            if text in line:
                return line
        self.fail("%r did not come; the command ended with %s" % (text, waiting.wait()))

    def test_a_wait_outlives_its_provider(self):
        waiting = self.bank.start(
            "dt-cli",
            "--json",
            "job",
            "exec",
            "--wait",
            "--task_id",
            "1",
            "--cdt",
            ALGORITHM,
            "--private_key",
            COMPANY_C[1],
            env={"CONFIG_FILE": "client.ini"},
        )
        self.addCleanup(waiting.kill)
        self.read_until(waiting, ": running")
        self.bank.kill(self.provider)
        line = self.read_until(waiting, "does not answer")
        self.assertIn("127.0.0.1:%d: running, does not answer (unavailable)" % self.bank.port, line)
        self.bank.serve()
        done = self.bank.finish(waiting)
        self.assertEqual(done.code, 1, str(done))
        (part,) = done.json()["parts"]
        self.assertEqual((part["state"], part.get("unanswered")), ("failed", None), str(done))

    def test_where_nobody_answers_there_is_no_status(self):
        job = self.bank.exec()
        self.bank.kill(self.provider)
        done = self.bank.cli("--json", "job", "status", "--job_id", str(job), "--private_key", COMPANY_C[1])
        self.assertEqual((done.code, done.json()["error"]["status"]), (1, "unavailable"), str(done))


class DrainedProvider(unittest.TestCase):
    def open(self, operator):
        self.bank = OneBank(OPTIONS, operator=operator, settings="workers = 1\ndrain_seconds = 60")
        self.addCleanup(self.bank.__exit__)
        provider = self.bank.serve()
        self.bank.compose()
        jobs = [self.bank.exec() for _ in range(2)]
        self.bank.wait_for(jobs[0], ("running",))
        return provider, jobs

    def test_what_has_begun_ends_by_itself_and_what_is_queued_waits_for_the_next_start(self):
        provider, jobs = self.open(BRIEF)
        self.bank.stop(provider)
        self.assertEqual(self.bank.runs(), {jobs[0]: "succeeded", jobs[1]: "queued"})
        self.assertEqual(self.bank.posted(jobs[0]), ["succeeded"])
        self.bank.serve()
        self.assertEqual(self.bank.wait_for(jobs[1], ("succeeded", "failed"))["state"], "succeeded")

    def test_a_second_signal_ends_it_now(self):
        provider, jobs = self.open(ENDLESS)
        provider.send_signal(signal.SIGTERM)
        wait_until(lambda: "draining: what runs has 60 s" in self.bank.read("bank.ini.log").decode(), 20, "the drain")
        self.assertIsNone(provider.poll())
        self.bank.stop(provider)
        self.assertEqual(provider.returncode, 0)
        self.assertEqual(self.bank.runs(), {jobs[0]: "failed", jobs[1]: "queued"})
        self.bank.serve()
        self.assertEqual(self.bank.wait_for_receipt(jobs[0]), ["aborted"])
        self.bank.kill(self.bank.providers[-1])


if __name__ == "__main__":
    run_cases(OPTIONS)
