"""Whoever waits for a job goes on waiting while its provider is killed and started again, and is told so."""

import unittest

from one_bank import ALGORITHM, OneBank
from programs import COMPANY_C, options

OPTIONS = options()
ENDLESS = """import time
while True: time.sleep(0.05)
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
        waiting = self.bank.start("dt-cli", "--json", "job", "exec", "--wait", "--task_id", "1", "--cdt", ALGORITHM,
                                  "--private_key", COMPANY_C[1], env={"CONFIG_FILE": "client.ini"})
        self.addCleanup(waiting.kill)
        self.read_until(waiting, ": running")
        self.bank.kill(self.provider)
        line = self.read_until(waiting, "does not answer")
        self.assertIn("127.0.0.1:%d: running, does not answer (unavailable)" % self.bank.port, line)
        self.bank.serve()
        done = self.bank.finish(waiting)
        self.assertEqual(done.code, 1, str(done))
        part, = done.json()["parts"]
        self.assertEqual((part["state"], part.get("unanswered")), ("failed", None), str(done))

    def test_where_nobody_answers_there_is_no_status(self):
        job = self.bank.exec()
        self.bank.kill(self.provider)
        done = self.bank.cli("--json", "job", "status", "--job_id", str(job), "--private_key", COMPANY_C[1])
        self.assertEqual((done.code, done.json()["error"]["status"]), (1, "unavailable"), str(done))


if __name__ == "__main__":
    unittest.main(argv=[__file__])
