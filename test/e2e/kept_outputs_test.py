"""What a job left with a bank, as its people use it through the programs: a token over it, its end, results for one
receiver.

kept_outputs_test.py --bin DIR --source DIR
"""

import json
import os
import unittest

from one_bank import LEAF, OneBank
from programs import ADMIN, BANK_A, COMPANY_C, options, run_cases

OPTIONS = options()
CODE = "open('outputs/out.txt', 'w').write('forty-two')\nopen('outputs/model', 'w').write('the model')\n"
TID, SOURCE, ALGORITHM = ("dt:ownership:" + digit * 64 for digit in "456")


class KeptOutputs(unittest.TestCase):
    """One job of bank A for company C, which encrypted its result to the company and kept a model."""

    @classmethod
    def setUpClass(cls):
        cls.bank = bank = OneBank(OPTIONS)
        cls.addClassCleanup(bank.__exit__)
        bank.write("kept.py", CODE)
        bank.write("kept_params.json", '{"outputs":{},"results_to":{}}')
        cls.publish(
            "system",
            "op",
            {
                "id": TID,
                "metadata": {
                    "main": {
                        "type": "Operation",
                        "name": "keeps",
                        "outputs": {"model": {"kind": "kept"}, "out.txt": {"kind": "released"}},
                    }
                },
                "operation": "kept.py",
                "params": "kept_params.json",
            },
            key="ADMIN",
        )
        cls.publish(
            "asset",
            "dt",
            {"id": SOURCE, "metadata": {"main": {"type": "Computa", "name": "source"}}, "services": [cls.service({})]},
        )
        bank.serve()
        cls.recipient = bank.answer("key", "new", "--age", "--out", "company.age")["recipient"]
        cls.publish(
            "asset",
            "cdt",
            {
                "id": ALGORITHM,
                "metadata": {"main": {"type": "Algorithm", "name": "all"}},
                "child_dts": [SOURCE],
                "services": [
                    {
                        "index": "s",
                        "descriptor": {
                            "workflow": {
                                SOURCE: {
                                    "service": "s",
                                    "constraint": {"outputs": "./outputs/out.txt", "results_to": cls.recipient},
                                }
                            }
                        },
                    }
                ],
            },
            key="COMPANY",
        )
        bank.answer("job", "init", "--name", "n", "--desc", "d", "--private_key", COMPANY_C[1])
        cls.job = bank.answer(
            "job", "exec", "--task_id", "1", "--cdt", ALGORITHM, "--wait", "--private_key", COMPANY_C[1]
        )["job_id"]
        bank.wait_for_receipt(cls.job)

    @classmethod
    def publish(cls, group, command, document, key="BANK"):
        secret = {"ADMIN": ADMIN, "BANK": BANK_A, "COMPANY": COMPANY_C}[key][1]
        cls.bank.write("document.json", json.dumps(document))
        return cls.bank.answer(group, command, "--attr_file", "document.json", "--private_key", secret)

    @classmethod
    def service(cls, attributes):
        return {
            "index": "s",
            "endpoint": "127.0.0.1:%d" % cls.bank.port,
            "attributes": {"price": 1, **attributes},
            "descriptor": {"template": TID, "constraint": {"outputs": {}, "results_to": {}}},
        }

    def model_token(self, *more):
        self.bank.write(
            "token.json",
            json.dumps(
                {
                    "metadata": {"main": {"type": "Model", "name": "ours"}},
                    "services": [self.service({"path": "./inputs/card"})],
                }
            ),
        )
        return self.bank.answer(
            "asset",
            "dt",
            "--attr_file",
            "token.json",
            "--from_job",
            str(self.job),
            "--output",
            "model",
            "--private_key",
            BANK_A[1],
            *more,
        )["dt"]

    def origin(self, dt):
        shown = self.bank.answer("asset", "show", "--dt", dt)
        document = shown.get("document", shown)
        return document["services"][0]["attributes"]["origin"]

    def test_1_results_are_for_their_receiver(self):
        stored = self.bank.files_with("forty-two", "exec")
        self.assertEqual([name for name in stored if not name.endswith("/code")], [])
        result = ("job", "result", "--job_id", str(self.job), "--private_key", COMPANY_C[1])
        self.bank.answer(*result, "--out", "as_they_come")
        with open(self.bank / "as_they_come/out.txt", "rb") as file:
            self.assertTrue(file.read().startswith(b"age-encryption.org/v1\n"))
        [saved] = self.bank.answer(*result, "--out", "opened", "--identity", "company.age")["files"]
        self.assertEqual((self.bank.read("opened/out.txt"), saved["bytes"]), (b"forty-two", 9))
        self.bank.answer("key", "new", "--age", "--out", "another.age")
        done = self.bank.cli(*result, "--out", "none", "--identity", "another.age")
        self.assertEqual(done.code, 1)
        self.assertIn("encrypted to others", done.err)
        self.assertEqual(os.listdir(self.bank / "none"), [])

    def test_1_what_would_run_where_is_told_without_a_key(self):
        [run] = self.bank.answer("job", "exec", "--check", "--cdt", ALGORITHM)["parts"]
        self.assertEqual((run["dt"], run["endpoint"]), (SOURCE, "127.0.0.1:%d" % self.bank.port))
        self.assertIn("no key", self.bank.cli("job", "exec", "--task_id", "1", "--cdt", ALGORITHM).err)

    def test_2_the_provider_and_the_disk_tell_the_same_origin(self):
        asked = self.origin(self.model_token())
        [folder] = [name for name in os.listdir(self.bank / "exec") if name.startswith("artifacts_")]
        found = self.origin(self.model_token("--artifacts", "exec/" + folder))
        self.assertEqual(asked, found)
        self.assertEqual(
            (asked["job_id"], asked["party"], asked["output"], asked["dt"]), (self.job, 0, "model", SOURCE)
        )
        self.assertEqual(sorted(asked["receipt"]), ["commitments", "job_id", "member", "salt", "value", "version"])
        done = self.bank.cli(
            "asset",
            "dt",
            "--attr_file",
            "token.json",
            "--from_job",
            str(self.job),
            "--output",
            "other",
            "--private_key",
            BANK_A[1],
        )
        self.assertIn("left no \"other\"", done.err)

    def test_3_what_the_ledger_does_not_confirm_is_not_published(self):
        origin = dict(self.origin(self.model_token()), sha256="0x" + "ab" * 32)
        self.bank.write(
            "wrong.json",
            json.dumps(
                {
                    "metadata": {"main": {"type": "Model", "name": "wrong"}},
                    "services": [self.service({"origin": origin})],
                }
            ),
        )
        done = self.bank.cli("asset", "dt", "--attr_file", "wrong.json", "--private_key", BANK_A[1])
        self.assertEqual(done.code, 1)
        self.assertIn("an artifact with the digest 0xabab", done.err)

    def delegate(self, use, digits):
        """A key that acts for bank A in this alone."""
        key = digits * 32
        address = self.bank.answer("key", "address", "--private_key", key)["address"]
        self.bank.answer(
            *("system", "add_delegate", "--address", BANK_A[0], "--use", use, "--delegate", address),
            *("--private_key", BANK_A[1]),
        )
        return key

    def test_4_with_the_artifact_its_tokens_end(self):
        token = self.model_token()
        sha256 = self.origin(token)["sha256"]
        [folder] = [name for name in os.listdir(self.bank / "exec") if name.startswith("artifacts_")]
        artifact = ("artifact", "destroy", "--sha256", sha256, "--folder", "exec/" + folder, "--private_key")
        destroy = (*artifact, BANK_A[1])
        # Nobody can say which tokens are over it while documents cannot be had.
        self.bank.write(
            "alone.ini", "[keeper]\nnetwork_url = ledger:./ledger.db\nipfs_endpoint = /ip4/127.0.0.1/tcp/1/http\n"
        )
        done = self.bank.cli(*destroy, env={"CONFIG_FILE": "alone.ini"})
        self.assertEqual(done.code, 1, str(done))
        self.assertIn("its tokens may still be open; the same command goes on", done.err)
        clerk, treasurer = self.delegate("work", "11"), self.delegate("grant", "12")
        self.assertIn("no_permission", self.bank.cli(*artifact, clerk).err)
        answer = self.bank.answer(*artifact, treasurer)
        self.assertEqual(answer["tombstone"]["sha256"], sha256)
        self.assertIn(token, answer["closed"])
        self.assertNotIn(LEAF, answer["closed"])
        self.assertEqual(self.bank.answer(*destroy)["closed"], [])
        done = self.bank.cli(
            "asset",
            "dt",
            "--attr_file",
            "token.json",
            "--from_job",
            str(self.job),
            "--output",
            "model",
            "--private_key",
            BANK_A[1],
        )
        self.assertEqual(done.code, 1)
        self.assertIn("left no \"model\"", done.err)


if __name__ == "__main__":
    run_cases(OPTIONS)
