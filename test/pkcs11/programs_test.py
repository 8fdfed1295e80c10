"""dt-cli and c2d-provider with a key that stays in a token of SoftHSM.

programs_test.py --bin DIR --source DIR   (C2D_SOFTHSM names the module, PYTHONPATH test/e2e and test/support)
"""

import json
import os
import pty
import subprocess
import unittest

from memory import DEBUGGER, places
from one_bank import FINAL, OneBank
from programs import ADMIN, BANK_A, COMPANY_C, Folder, free_port, options
from soft_hsm import PIN, SoftHsm, uri

OPTIONS = options()
CONFIG = """[keeper]
network_url = ledger:./ledger.db
ipfs_endpoint = dir:./documents
[provider]
query_port = %d
exec_dirpath = ./exec
keystore = %s
password_file = %s
"""
KEEPS = "open('outputs/model', 'w').write('the model')\nopen('outputs/out.txt', 'w').write('42')\n"
KEPT_TID, KEPT_DT = "dt:ownership:" + "4" * 64, "dt:ownership:" + "5" * 64


class Programs(unittest.TestCase):
    def setUp(self):
        self.folder = Folder(OPTIONS.bin)
        self.addCleanup(self.folder.__exit__)
        token = SoftHsm(self.folder.path)
        token.put("loans", "a1", BANK_A[1])
        self.folder.environment.update(token.environment)
        self.folder.write("config.ini", CONFIG % (0, uri("loans"), "pin"))
        self.folder.write_secret("pin", PIN + "\n")
        self.from_file = uri("loans", "&pin-source=file:" + self.folder / "pin")

    def refused(self, status, code, *arguments, env=None):
        done = self.folder.cli("--json", *arguments, env=env)
        self.assertEqual(done.code, 1, str(done))
        error = done.json()["error"]
        self.assertEqual((error["status"], error.get("code", "")), (status, code), str(done))
        self.assertNotIn(PIN, done.out + done.err)
        return error["message"]

    def test_the_pin_comes_from_a_file_or_the_environment(self):
        show = ("key", "address", "--keystore")
        for arguments, env in (
            ((self.from_file,), {}),
            ((uri("loans"), "--password_file", "pin"), {}),
            ((uri("loans"),), {"C2D_PASSWORD": PIN}),
        ):
            with self.subTest(arguments, env=list(env)):
                self.assertEqual(self.folder.answer(*show, *arguments, env=env), {"address": BANK_A[0]})
        self.refused("invalid_argument", "wrong_pin", *show, uri("loans"), env={"C2D_PASSWORD": "999999"})
        self.assertIn("PIN", self.refused("invalid_argument", "", *show, uri("loans")))
        self.refused("not_found", "", *show, uri("rents"), "--password_file", "pin")
        self.assertIn("pin-source", self.refused("invalid_argument", "", *show, uri("loans", "&pin-value=1")))
        os.chmod(self.folder / "pin", 0o644)
        self.refused("invalid_argument", "exposed_file", *show, self.from_file)

    def test_the_pin_is_asked_on_the_terminal_and_not_shown(self):
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            ["dt-cli", "key", "address", "--keystore", uri("loans")],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=self.folder.path,
            env=self.folder.environment,
        )
        os.close(theirs)
        said = b""
        while b"PIN: " not in said:
            said += os.read(ours, 4096)
        os.write(ours, PIN.encode() + b"\n")
        try:
            while True:
                said += os.read(ours, 4096)
        except OSError:
            pass  # the other side is closed
        os.close(ours)
        self.assertEqual(process.wait(timeout=60), 0, said)
        self.assertIn(BANK_A[0].encode(), said)
        self.assertNotIn(PIN.encode(), said)

    def test_a_ledger_takes_transactions_that_the_token_signed(self):
        key = ("--keystore", self.from_file)
        self.folder.answer("chain", "init", *key)
        self.folder.answer("system", "org", "--name", "bank", "--desc", "a bank", "--address", BANK_A[0], *key)
        self.assertTrue(self.folder.answer("chain", "verify")["verified"])

    def test_the_secret_is_not_imported(self):
        self.assertIn(
            "cannot be had",
            self.refused(
                "unsupported",
                "",
                "key",
                "import",
                "--keystore",
                self.from_file,
                "--out",
                "key.json",
                "--password_file",
                "pin",
            ),
        )
        self.assertFalse(os.path.exists(self.folder / "key.json"))

    def test_a_provider_speaks_with_the_key_of_a_token(self):
        self.folder.answer("chain", "init", "--private_key", BANK_A[1])
        for name, keystore, file in (("file.ini", uri("loans"), "pin"), ("uri.ini", self.from_file, "nowhere")):
            with self.subTest(name):
                port = free_port()
                self.folder.write(name, CONFIG % (port, keystore, file))
                log = self.folder.read(self.folder.start_provider(name, port)).decode()
                self.assertIn("provider %s listens" % BANK_A[0], log)
                self.assertNotIn(PIN, log)
                self.folder.stop_providers()

    def test_a_provider_keeps_a_pin_of_a_file_not_at_all_and_others_out_of_dumps(self):
        self.folder.answer("chain", "init", "--private_key", BANK_A[1])
        for keystore, held in ((uri("loans"), 1), (self.from_file, 0)):
            with self.subTest(held):
                port = free_port()
                self.folder.write("provider.ini", CONFIG % (port, keystore, "pin"))
                self.folder.environment.update(DEBUGGER)
                self.folder.start_provider("provider.ini", port)
                found = places(self.folder.providers[0].pid, PIN.encode())
                self.assertEqual(len(found), held)
                for flags in found:
                    self.assertIn("dd", flags, "the PIN stands in memory that goes into dumps")
                self.folder.stop_providers()

    def test_a_job_whose_grant_answers_and_receipt_the_token_signed(self):
        with OneBank(OPTIONS, settings="keystore = %s\npassword_file = pin" % uri("loans")) as bank:
            token = SoftHsm(bank.path)
            token.put("loans", "a1", BANK_A[1])
            bank.environment.update(token.environment)
            bank.write_secret("pin", PIN + "\n")
            bank.serve()
            bank.compose()
            job = bank.exec()
            self.assertEqual(bank.wait_for(job, FINAL)["state"], "succeeded")
            self.assertEqual(bank.wait_for_receipt(job), ["succeeded"])
            log = bank.read("bank.ini.log").decode()
            self.assertNotIn("private_key", log)  # which would be warned of, had it been taken
            self.assertNotIn(PIN, log)

    def keeping_bank(self):
        """Whose one template keeps an output, and whose artifact key is to be in the token."""
        bank = OneBank(OPTIONS)
        self.addCleanup(bank.__exit__)
        token = SoftHsm(bank.path)
        bank.environment.update(token.environment)
        bank.write_secret("pin", PIN + "\n")
        bank.key = uri("artifacts", "&pin-source=file:" + bank / "pin")
        bank.settings = "artifact_key_path = " + bank.key
        bank.write_config()
        bank.write("keeps.py", KEEPS)
        for group, command, document, who in (
            (
                "system",
                "op",
                {
                    "id": KEPT_TID,
                    "metadata": {
                        "main": {
                            "type": "Operation",
                            "name": "keeps",
                            "outputs": {"model": {"kind": "kept"}, "out.txt": {"kind": "released"}},
                        }
                    },
                    "operation": "keeps.py",
                    "params": "params.json",
                },
                ADMIN,
            ),
            (
                "asset",
                "dt",
                {
                    "id": KEPT_DT,
                    "metadata": {"main": {"type": "Computa", "name": "source"}},
                    "services": [
                        {
                            "index": "s",
                            "endpoint": "127.0.0.1:%d" % bank.port,
                            "attributes": {"price": 1},
                            "descriptor": {"template": KEPT_TID, "constraint": {"outputs": {}}},
                        }
                    ],
                },
                BANK_A,
            ),
        ):
            bank.write("document.json", json.dumps(document))
            bank.answer(group, command, "--attr_file", "document.json", "--private_key", who[1])
        return bank, token

    def run_keeping_job(self, bank):
        bank.write(
            "algorithm.json",
            json.dumps(
                {
                    "metadata": {"main": {"type": "Algorithm", "name": "all"}},
                    "child_dts": [KEPT_DT],
                    "services": [
                        {
                            "index": "s",
                            "descriptor": {
                                "workflow": {KEPT_DT: {"service": "s", "constraint": {"outputs": "./outputs/out.txt"}}}
                            },
                        }
                    ],
                }
            ),
        )
        key = ("--private_key", COMPANY_C[1])
        cdt = bank.answer("asset", "cdt", "--attr_file", "algorithm.json", *key)["dt"]
        bank.answer("job", "init", "--name", "n", "--desc", "d", *key)
        job = bank.answer("job", "exec", "--task_id", "1", "--cdt", cdt, "--wait", *key)["job_id"]
        self.assertEqual(bank.wait_for_receipt(job), ["succeeded"])

    def test_artifacts_whose_key_stays_in_the_token(self):
        bank, token = self.keeping_bank()
        code, said = bank.start_again("bank.ini")
        self.assertEqual(code, 1)
        self.assertIn("--keygen --key-type AES:32 --label 'artifacts'", said)
        token.put_aes("artifacts", "a7")
        provider = bank.serve()
        self.run_keeping_job(bank)

        def artifact(command, *arguments):
            return bank.answer("artifact", command, *arguments, env={"CONFIG_FILE": "bank.ini"})

        [one] = artifact("list")["artifacts"]
        which = ("--sha256", one["sha256"])
        identity = "pkcs11:token=bank;object=artifacts;id=%a7;type=secret-key"
        shown = artifact("show", *which)
        self.assertEqual((shown["opens"], shown["wrapped_by"]), (True, identity))
        refused = bank.cli("artifact", "rewrap", env={"CONFIG_FILE": "bank.ini"})
        self.assertEqual(refused.code, 1)
        self.assertIn("--to", refused.err)
        bank.stop(provider)
        self.assertEqual(artifact("rewrap", "--to", "artifact.key")["artifacts"], 1)
        self.assertEqual(artifact("show", *which, "--key_file", "artifact.key")["wrapped_by"], "file")
        self.assertEqual(bank.cli("artifact", "show", *which, env={"CONFIG_FILE": "bank.ini"}).code, 1)
        self.assertEqual(artifact("rewrap", "--key_file", "artifact.key", "--to", bank.key)["artifacts"], 1)
        self.assertFalse(os.path.exists(bank / "artifact.key"))
        bank.serve()
        self.assertEqual(artifact("show", *which)["wrapped_by"], identity)
        artifact("destroy", *which, "--private_key", BANK_A[1])
        self.assertTrue(artifact("list")["artifacts"][0]["destroyed"])
        self.assertNotIn(PIN, bank.read("bank.ini.log").decode())


if __name__ == "__main__":
    unittest.main(argv=["programs_test"])
