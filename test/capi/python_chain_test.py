"""Chains from Python: what stands on them, what a reader keeps of them, editions, contracts by name."""

import os
import sys
import tempfile
import unittest

import c2d
import record_check

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from world import World  # noqa: E402: the folder had to be named first

setUpModule = record_check.watch_module


class Chains(unittest.TestCase):
    def test_chain(self):
        world = World()
        info = world.chain.info()
        self.assertEqual(info["kind"], "ledger")
        self.assertEqual(info["admin"], world.admin.address)
        self.assertEqual(world.chain.enterprise(world.bank.address)["name"], "Bank A")
        self.assertIn(world.chain.enterprise(world.bank.address), world.chain.enterprises())
        self.assertTrue(world.chain.is_provider(world.bank.address))
        self.assertFalse(world.chain.is_provider(world.admin.address))
        world.grant()
        self.assertEqual(world.chain.token_count(), 3)
        self.assertTrue(world.chain.has_grant(world.children[0], world.cdt))
        self.assertEqual(len(world.chain.grants_to(world.cdt)), 2)
        self.assertEqual(world.chain.grants_of(world.children[0])[0]["grantee"], world.cdt)
        job = world.job()
        self.assertEqual(world.chain.job(job)["cdt"], world.cdt)
        self.assertEqual(world.chain.task(1)["jobs"], [job])
        self.assertTrue(world.chain.token(world.cdt)["checksum"])
        with self.assertRaises(c2d.NotFound):
            world.chain.job(job + 1)

    def test_verify(self):
        world, seen = World(), []
        head = world.chain.verify(lambda done, total, line: seen.append(done))
        self.assertEqual(head["number"], world.chain.info()["head"]["number"])
        self.assertTrue(seen)

        def stop(*_):
            raise RuntimeError("enough")

        with self.assertRaisesRegex(RuntimeError, "enough"):
            world.chain.verify(stop)
        world.chain.require_block(head["number"], head["hash"])
        with self.assertRaises(c2d.Corrupt) as raised:
            world.chain.require_block(head["number"] + 1, head["hash"])
        self.assertEqual(raised.exception.name, "ledger_rolled_back")
        with self.assertRaises(ValueError):
            world.chain.require_block(0, b"short")

    def test_trust_dir(self):
        with tempfile.TemporaryDirectory() as folder:
            ledger, trust = os.path.join(folder, "ledger.db"), os.path.join(folder, "trust")
            c2d.Chain.create("ledger:" + ledger, c2d.Key.generate(), trust_dir=trust).close()
            self.assertEqual(
                sorted(name.split(".")[-1] for name in os.listdir(trust)), ["clock", "head", "lock", "view"]
            )
            os.remove(ledger)
            c2d.Chain.create("ledger:" + ledger, c2d.Key.generate()).close()
            with self.assertRaises(c2d.Corrupt) as raised:
                c2d.Chain.open("ledger:" + ledger, trust_dir=trust)
            self.assertEqual(raised.exception.name, "ledger_rolled_back")

    def test_cut_and_accept(self):
        with tempfile.TemporaryDirectory() as folder:
            url, admin = "ledger:" + os.path.join(folder, "ledger.db"), c2d.Key.generate()
            keeper, reader = (os.path.join(folder, name) for name in ("keeper", "reader"))
            with c2d.Chain.create(url, admin, trust_dir=keeper, clock_ok=True) as chain:
                chain.register_enterprise(admin, admin.address, "bank")
                with self.assertRaises(c2d.Conflict):
                    c2d.Chain.cut(url, 1, trust_dir=keeper)
            c2d.Chain.open(url, trust_dir=reader, clock_ok=True).close()
            self.assertEqual(c2d.Chain.cut(url, 1, trust_dir=keeper, dry_run=True)["saved"], "")
            cut = c2d.Chain.cut(url, 1, trust_dir=keeper)
            self.assertEqual((cut["blocks"], cut["transactions"], cut["head"]["number"]), (1, 1, 0))
            self.assertTrue(os.path.exists(cut["saved"]))
            with self.assertRaises(c2d.NotFound):
                c2d.Chain.cut(url, 1, trust_dir=keeper)
            head = bytes.fromhex(cut["head"]["hash"][2:])
            for hash in (bytes(32), head[::-1]):
                with self.assertRaises(c2d.Corrupt) as raised:
                    c2d.Chain.accept(url, 0, hash, trust_dir=reader)
                self.assertEqual(raised.exception.name, "ledger_rolled_back")
            self.assertEqual(c2d.Chain.accept(url, 0, head, trust_dir=reader)["given_up"]["number"], 1)
            with c2d.Chain.open(url, trust_dir=reader) as chain:
                self.assertEqual(chain.info()["head"]["number"], 0)
                self.assertNotIn("ledger_ahead", chain.info())
            self.assertNotIn("given_up", c2d.Chain.accept(url, 0, head, trust_dir=reader))

    def test_functions_of_contracts_by_name(self):
        world = World()
        self.assertEqual(world.chain.ask("DTFactory.getDTNum"), [world.chain.token_count()])
        before = world.chain.ask("TaskMarket.getTaskNum")[0]
        with self.assertRaises(c2d.InvalidArgument):
            world.chain.ask("TaskMarket.getTaskbyId", "one")
        with self.assertRaises(c2d.NotFound):
            world.chain.ask("DTFactory.getDTOwner", "0x" + "77" * 32)
        self.assertEqual(world.chain.ask("TaskMarket.getTaskNum"), [before])

    def test_edition_2(self):
        world = World()
        chain, bank, clerk = world.chain, world.bank.address, c2d.Key.generate()
        self.assertEqual(chain.info()["edition"], 2)
        with self.assertRaises(c2d.Refused) as caught:
            chain.start_edition(world.admin, 3)
        self.assertEqual(caught.exception.name, "edition_not_next")
        chain.update_organisation(world.admin, bank, "Bank A", legal_id="DE:HRB1")
        chain.remove_role(world.admin, bank, "provider")
        chain.restore_role(world.admin, bank, "provider")
        with self.assertRaisesRegex(c2d.InvalidArgument, "role: expected administrator or enterprise or provider"):
            chain.remove_role(world.admin, bank, "owner")
        chain.add_delegate(world.bank, bank, "work", clerk.address, 60)
        self.assertTrue(chain.acts_for(clerk.address, bank, "work"))
        self.assertFalse(chain.acts_for(clerk.address, bank, "grant"))
        keys = chain.keys(bank)
        self.assertEqual((keys["owner"], keys["legal_id"]), (bank, "DE:HRB1"))
        self.assertEqual([(d["use"], d["key"]) for d in keys["delegates"]], [("work", clerk.address)])
        chain.revoke_delegate(world.bank, bank, "work", clerk.address)
        self.assertEqual(chain.change_owner(world.bank, bank, clerk.address), 0)
        self.assertEqual(chain.keys(bank)["owner"], clerk.address)
        chain.change_owner(clerk, bank, bank)
        self.assertEqual(chain.decision(world.cdt, bank)["grants"], 0)
        self.assertEqual(chain.disclosures(world.cdt, bank, "labels"), {"organisation": 0, "total": 0})
        self.assertEqual(chain.admins(), [world.admin.address])
        chain.close_token(world.fintech, world.cdt)
        self.assertTrue(chain.is_closed(world.cdt))
        chain.open_token(world.fintech, world.cdt)


if __name__ == "__main__":
    unittest.main()
