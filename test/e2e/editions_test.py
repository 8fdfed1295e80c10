"""dt-cli under edition 2 of the rules: a ledger that goes on with it, roles, keys, legal ids."""

import pathlib
import shutil
import unittest

from programs import ADMIN, BANK_A, COMPANY_C, Folder, options, run_cases

OPTIONS = options()
STORED = pathlib.Path(__file__).resolve().parents[1] / "chain" / "edition1" / "ledger.sqlite"
#: The administrator of the stored ledger, and another key: test/chain/edition1/write.sh.
STORED_ADMIN = "fbbcd411d89ca51369d1da6684b69c385a3804defbe3911ec9d6573c9ecae508"
STORED_BANK = "78df7b0b30630aa286d1c2fc2f0c4bdf3087724c7e5ade40679b62940ebe6316"


def key(who):
    return ("--private_key", who[1])


class Upgrade(unittest.TestCase):
    def test_a_ledger_of_edition_1_goes_on(self):
        with Folder(OPTIONS.bin) as folder:
            shutil.copy(STORED, folder / "ledger.db")
            at = ("--ledger", str(folder / "ledger.db"))
            self.assertEqual(folder.answer("chain", "info", *at)["edition"], 1)
            refused = folder.cli("--json", "chain", "upgrade", *at, "--private_key", STORED_BANK)
            self.assertEqual(refused.json()["error"]["status"], "refused", str(refused))
            self.assertIn("expected the key of an administrator", refused.json()["error"]["message"])
            done = folder.answer("chain", "upgrade", *at, "--private_key", STORED_ADMIN)
            self.assertEqual((done["edition"], done["from_block"]), (2, 19))
            self.assertEqual(folder.answer("chain", "info", *at)["edition"], 2)
            self.assertEqual(folder.answer("chain", "verify", *at)["verified"], True)
            again = folder.cli("--json", "chain", "upgrade", *at, "--private_key", STORED_ADMIN)
            self.assertEqual(again.json()["error"]["code"], "edition_not_next", str(again))
            self.assertIn("has edition 2 already", again.json()["error"]["message"])


class System(unittest.TestCase):
    def test_roles_keys_and_legal_ids(self):
        with Folder(OPTIONS.bin) as folder:
            at = ("--ledger", str(folder / "ledger.db"))
            self.assertEqual(folder.answer("chain", "init", *at, *key(ADMIN))["edition"], 2)
            org = folder.answer(
                "system",
                "org",
                *at,
                "--name",
                "Bank",
                "--desc",
                "d",
                "--address",
                BANK_A[0],
                "--legal_id",
                "DE:HRB1",
                *key(ADMIN)
            )
            self.assertEqual(org["legal_id"], "DE:HRB1")
            self.assertEqual(
                folder.answer("chain", "ask", *at, "AssetProvider.getLegalId", '["%s"]' % BANK_A[0]),
                {"answer": ["DE:HRB1"]},
            )
            self.check_roles(folder, at)
            self.check_keys(folder, at)

    def check_roles(self, folder, at):
        role = ("--address", BANK_A[0], "--role", "provider", *key(ADMIN))
        provider = ("chain", "ask", *at, "RoleController.checkRole", '["%s", 102]' % BANK_A[0])
        folder.answer("system", "remove_role", *at, *role)
        self.assertEqual(folder.answer(*provider), {"answer": [False]})
        folder.answer("system", "restore_role", *at, *role)
        self.assertEqual(folder.answer(*provider), {"answer": [True]})
        last = folder.cli("--json", "system", "remove_role", *at, "--address", ADMIN[0], "--role", "admin", *key(ADMIN))
        self.assertEqual(last.json()["error"]["code"], "last_admin", str(last))
        wrong = folder.cli("--json", "system", "remove_role", *at, "--address", ADMIN[0], "--role", "king", *key(ADMIN))
        self.assertIn("expected admin, enterprise or provider", wrong.json()["error"]["message"])

    def check_keys(self, folder, at):
        of = ("--address", BANK_A[0])
        delegate = (*of, "--use", "work", "--delegate", COMPANY_C[0])
        folder.answer("system", "add_delegate", *at, *delegate, "--days", "30", *key(BANK_A))
        shown = folder.answer("system", "keys", *at, *of)
        self.assertEqual(shown["owner"], BANK_A[0])
        self.assertEqual([(d["use"], d["key"]) for d in shown["delegates"]], [("work", COMPANY_C[0])])
        long = folder.cli("--json", "system", "add_delegate", *at, *delegate, "--days", "367", *key(BANK_A))
        self.assertIn("expected 1 to 366", long.json()["error"]["message"])
        folder.answer("system", "revoke_delegate", *at, *delegate, *key(BANK_A))
        self.assertEqual(folder.answer("system", "keys", *at, *of)["delegates"], [])
        changed = folder.answer("system", "key_owner", *at, *of, "--owner", COMPANY_C[0], *key(BANK_A))
        self.assertEqual(changed["changed"], True)
        self.assertEqual(folder.answer("system", "keys", *at, *of)["owner"], COMPANY_C[0])
        old = folder.cli("--json", "system", "key_owner", *at, *of, "--owner", BANK_A[0], *key(BANK_A))
        self.assertEqual(old.json()["error"]["code"], "no_permission", str(old))


if __name__ == "__main__":
    run_cases(OPTIONS)
