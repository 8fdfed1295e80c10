"""After `chain cut` the ledger gives numbers of jobs out again. What a provider and a solver know of the job that a
number stood for before says nothing of the one that it stands for now."""

import json
import os
import shutil
import unittest

from one_bank import ALGORITHM, LEAF, OneBank
from programs import COMPANY_C, options, run_cases, wait_until

OPTIONS = options()
ANOTHER = "dt:ownership:" + "4" * 64
MEMORIES = ({}, {"C2D_TRUST_DIR": "exec/trust"})
#: Writes the name of its output into it.
OPERATOR = """import json, os, time
name = json.load(open('args.json'))['outputs']
while 'slow' in name and not os.path.exists('/tmp/never'): time.sleep(0.05)
open(name, 'w').write(os.path.basename(name))
"""


class ReusedNumbers(unittest.TestCase):
    def setUp(self):
        self.bank = OneBank(OPTIONS, operator=OPERATOR)
        self.addCleanup(self.bank.__exit__)
        self.provider = self.bank.serve()

    def compose(self, first, second):
        """Two Algorithms of one company, that differ in the name of their output."""
        for cdt, output in ((ALGORITHM, first), (ANOTHER, second)):
            self.bank.write(
                "algorithm.json",
                json.dumps(
                    {
                        "id": cdt,
                        "metadata": {"main": {"type": "Algorithm", "name": "model"}},
                        "child_dts": [LEAF],
                        "services": [
                            {
                                "index": "s",
                                "descriptor": {
                                    "workflow": {
                                        LEAF: {"service": "s", "constraint": {"outputs": "./outputs/" + output}}
                                    }
                                },
                            }
                        ],
                    }
                ),
            )
            self.bank.answer("asset", "cdt", "--attr_file", "algorithm.json", "--private_key", COMPANY_C[1])
        self.bank.answer("job", "init", "--name", "n", "--desc", "d", "--private_key", COMPANY_C[1])
        self.cut_from = int(self.bank.answer("chain", "info")["head"].split(":")[0]) + 1

    def ask(self, *words):
        return self.bank.cli("--json", "job", *words, "--private_key", COMPANY_C[1])

    def execute(self, cdt):
        return self.ask("exec", "--task_id", "1", "--cdt", cdt)

    def cut(self):
        """The keeper cuts the jobs away, and everybody accepts it."""
        head = self.bank.answer("chain", "cut", "--from", str(self.cut_from), "--force")["head"]
        for memory in MEMORIES:
            self.bank.answer("chain", "accept", "--head", head, env=memory)

    def register_only(self, cdt):
        done = self.bank.exec_unstarted(cdt)
        self.assertIn("job 1 is registered but was not started", done.json()["error"]["message"])

    def test_a_new_job_runs_although_its_number_is_known(self):
        self.compose("old", "new")
        self.assertEqual(self.bank.exec(), 1)
        self.bank.wait_for(1, ("succeeded",))
        self.bank.wait_for_receipt(1)
        self.bank.stop(self.provider)
        self.cut()
        self.provider = self.bank.serve()
        self.assertEqual(self.execute(ANOTHER).json()["job_id"], 1)
        self.assertEqual(self.bank.wait_for(1, ("succeeded", "failed"))["state"], "succeeded")
        self.assertEqual(self.bank.wait_for_receipt(1), ["succeeded"])
        self.assertEqual(self.ask("result", "--job_id", "1", "--out", "out").code, 0)
        self.assertEqual(self.bank.read("out/new"), b"new")
        # What the other run left stays where it is.
        self.assertEqual(self.bank.read("exec/job_1/outputs/old"), b"old")
        self.assertTrue(self.bank.read("exec/job_1/receipt.json"))

    def test_an_answer_about_another_job_is_not_believed(self):
        """The provider signs what it knows of number 1, which is not what the ledger has there."""
        self.compose("same", "same")
        self.assertEqual(self.bank.exec(), 1)
        self.bank.wait_for(1, ("succeeded",))
        self.bank.stop(self.provider)
        self.cut()
        self.register_only(ANOTHER)
        self.provider = self.bank.serve()
        for words in (("status",), ("logs",), ("result", "--out", "out")):
            with self.subTest(words[0]):
                done = self.ask(*words, "--job_id", "1")
                self.assertEqual(done.code, 1, str(done))
                self.assertIn('"code":"another_job"', done.out, str(done))

    def test_the_state_of_another_ledger_is_not_used(self):
        """The same people, tokens and numbers, and a state file that was at work on another ledger."""
        self.compose("old", "new")
        self.assertEqual(self.bank.exec(), 1)
        self.bank.wait_for_receipt(1)
        self.bank.stop(self.provider)
        other = OneBank(OPTIONS, operator=OPERATOR)
        self.addCleanup(other.__exit__)
        os.mkdir(other / "exec", 0o700)
        shutil.copy(self.bank.state_file(), other.state_file())
        code, said = other.start_again("bank.ini")
        self.assertEqual(code, 1, said)
        self.assertIn("holds runs of the ledger with chain id", said)
        os.remove(other.state_file())
        other.serve()

    def test_a_receipt_that_waits_is_not_posted_for_another_job(self):
        self.compose("slow", "new")
        self.assertEqual(self.bank.exec(), 1)
        self.bank.wait_for(1, ("running",))
        self.bank.kill(self.provider)
        self.cut()
        self.register_only(ANOTHER)
        self.provider = self.bank.serve()
        wait_until(
            lambda: b"now has another job under that number" in self.bank.read("bank.ini.log") or self.bank.posted(1),
            30,
            "the receipt of the interrupted run to be refused",
        )
        self.assertEqual(self.bank.posted(1), [])


if __name__ == "__main__":
    run_cases(OPTIONS)
