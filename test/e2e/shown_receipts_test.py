"""A bank's receipt of a run, held against an implementation of its own, and one member of it shown to others."""

import hashlib
import json
import os
import unittest

import receipts
from one_bank import COMPANY_C, FINAL, OneBank
from programs import options, run_cases

OPTIONS = options()


def sha256_of(path):
    with open(path, "rb") as file:
        return "0x" + hashlib.sha256(file.read()).hexdigest()


def package_sha256(folder):
    """As docs/formats.md says."""
    found = {}
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        found.update(
            (os.path.relpath(os.path.join(place, name), folder), sha256_of(os.path.join(place, name))) for name in names
        )
    return "0x" + hashlib.sha256(receipts.canonical(found)).hexdigest()


class ShownReceipts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bank = OneBank(OPTIONS)
        cls.addClassCleanup(cls.bank.__exit__)
        cls.bank.serve()
        cls.bank.compose()
        cls.job = cls.bank.exec()
        cls.bank.wait_for(cls.job, FINAL)
        cls.bank.wait_for_receipt(cls.job)
        cls.document = cls.bank.receipt(cls.job)
        cls.file = "exec/job_%d/receipt.json" % cls.job
        cls.posted = cls.bank.answer("job", "receipt", "--job_id", str(cls.job))["receipts"][0]

    def refused(self, name, *arguments):
        done = self.bank.cli("--json", "job", "receipt", *arguments)
        self.assertEqual(done.code, 1, str(done))
        self.assertIn(name, (done.json()["error"].get("code"), done.json()["error"]["status"]), str(done))

    def test_digest_and_runtime_are_as_documented(self):
        self.assertEqual(self.document["version"], 2)
        self.assertEqual(receipts.digest(self.document), self.posted["digest"])
        self.assertEqual(
            (self.document["attempts"], self.document["artifacts"], self.document["disclosures"]), (1, [], {})
        )
        self.assertEqual(self.document["signer"], self.document["owner"])
        runtime = self.document["runtime"]
        version = self.bank.run("c2d-provider", "--version").out.split()[-1]
        self.assertEqual(runtime["version"], version)
        self.assertEqual(runtime["library_sha256"], sha256_of(os.path.join(OPTIONS.bin, "../lib/libc2d.so")))
        self.assertEqual(runtime["package_sha256"], package_sha256(os.path.join(OPTIONS.source, "bindings/python/c2d")))

    def test_one_member_by_itself(self):
        made = self.bank.answer("job", "receipt", "--file", self.file, "--member", "inputs", "--out", "inputs.json")
        self.assertEqual(
            made, {"job_id": self.job, "member": "inputs", "digest": self.posted["digest"], "path": "inputs.json"}
        )
        self.assertEqual(os.stat(self.bank / "inputs.json").st_mode & 0o777, 0o600)
        self.refused("conflict", "--file", self.file, "--member", "inputs", "--out", "inputs.json")
        shown = json.loads(self.bank.read("inputs.json"))
        self.assertEqual(receipts.opened_digest(shown), self.posted["digest"])
        self.assertEqual(shown["value"], self.document["inputs"])
        self.assertEqual(self.bank.answer("job", "receipt", "--file", self.file, "--member", "inputs"), shown)

        alone = self.bank.answer("job", "receipt", "--check", "inputs.json", env={"CONFIG_FILE": "none.ini"})
        self.assertEqual(
            alone, {"job_id": self.job, "member": "inputs", "value": shown["value"], "digest": self.posted["digest"]}
        )
        checked = self.bank.answer("job", "receipt", "--check", "inputs.json", "--job_id", str(self.job))
        self.assertEqual(checked["posted"], [self.posted])
        for people in (
            self.bank.cli("job", "receipt", "--check", "inputs.json"),
            self.bank.cli("job", "receipt", "--check", "inputs.json", "--job_id", str(self.job)),
        ):
            self.assertEqual(people.code, 0, str(people))
            self.assertIn("rows.csv", people.out)
        self.assertIn("not asked", self.bank.cli("job", "receipt", "--check", "inputs.json").out)

    def test_what_is_not_so_is_refused(self):
        shown = self.bank.answer("job", "receipt", "--file", self.file, "--member", "outcome")
        self.bank.write("altered.json", json.dumps({**shown, "value": "failed"}))
        self.refused("receipt_altered", "--check", "altered.json")
        self.bank.write("other_job.json", json.dumps({**shown, "job_id": self.job + 1}))
        self.refused("receipt_not_posted", "--check", "other_job.json", "--job_id", str(self.job + 1))
        self.refused("invalid_argument", "--check", "other_job.json", "--job_id", str(self.job))
        self.refused("invalid_argument", "--check", self.file)
        self.refused("not_found", "--file", self.file, "--member", "salts")
        self.refused(
            "unsupported",
            "--file",
            os.path.join(OPTIONS.source, "test/job/data/receipt_version_1.json"),
            "--member",
            "outcome",
        )

    def test_wrong_usage(self):
        for arguments in (("--member", "outcome"), ("--check", "a", "--file", "b"), ("--out", "a", "--file", "b"), ()):
            self.assertEqual(self.bank.cli("job", "receipt", *arguments).code, 2, arguments)

    def test_the_solver_is_told_neither_salts_nor_document(self):
        told = self.bank.cli("--json", "job", "status", "--job_id", str(self.job), "--private_key", COMPANY_C[1]).out
        for salt in self.document["salts"].values():
            self.assertNotIn(salt[2:], told)


if __name__ == "__main__":
    run_cases(OPTIONS)
