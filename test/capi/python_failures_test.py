"""Failures from Python: the exceptions, and texts of others that they show."""

import os
import sys
import unittest

import c2d
import record_check

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from world import World, data_attributes  # noqa: E402: the folder had to be named first

setUpModule = record_check.watch_module


class Failures(unittest.TestCase):
    def test_hierarchy(self):
        with self.assertRaises(ValueError):
            c2d.Key.from_hex("nonsense")
        with self.assertRaises(LookupError):
            c2d.Chain.open("ledger:/nowhere/at/all")
        with self.assertRaises(c2d.Error) as caught:
            c2d.Chain.open("ledger:/nowhere/at/all")
        self.assertEqual(caught.exception.status, "not_found")
        self.assertTrue(str(caught.exception))

    def test_refusals(self):
        world = World()
        with self.assertRaises(c2d.Refused) as caught:
            world.chain.register_enterprise(world.admin, world.bank.address, "Again")
        self.assertEqual(caught.exception.source, "AssetProvider")
        self.assertTrue(caught.exception.name and caught.exception.code)
        self.assertEqual(len(caught.exception.transaction), 32)
        with self.assertRaises(c2d.Refused):
            world.registry.activate(world.fintech, world.cdt)

    def test_wrong_values(self):
        key = c2d.Key.generate()
        with self.assertRaisesRegex(c2d.InvalidArgument, "the signer must be a Key, found str"):
            c2d.Chain.create("ledger::memory:", key.address)
        with self.assertRaisesRegex(c2d.InvalidArgument, "zero byte"):
            c2d.Chain.create("ledger::memory:\0x", key)
        with self.assertRaisesRegex(c2d.InvalidArgument, "expected str"):
            c2d.Chain.create(b"ledger::memory:", key)
        with self.assertRaisesRegex(c2d.InvalidArgument, "Unicode"):
            c2d.Key.from_hex("\ud800")
        with self.assertRaisesRegex(c2d.InvalidArgument, "JSON"):
            World().registry.publish(key, {"a": object()})
        with self.assertRaisesRegex(c2d.InvalidArgument, "JSON"):
            World().registry.publish(key, {"a": float("nan")})

    def test_used_after_close(self):
        chain = c2d.Chain.create("ledger::memory:", c2d.Key.generate())
        chain.close()
        chain.close()
        self.assertTrue(chain.closed)
        self.assertIn("closed", repr(chain))
        with self.assertRaisesRegex(c2d.InvalidArgument, "this Chain is closed"):
            chain.info()


class OthersText(unittest.TestCase):
    EVIL = "bank\x1b[2J\nFORGED\r\u009b\u202e\u200b"

    def check_clean(self, text):
        for mark in self.EVIL.replace("bank", "").replace("[2J", "").replace("FORGED", ""):
            self.assertNotIn(mark, text)

    def test_messages_are_one_harmless_line(self):
        with self.assertRaises(c2d.Error) as caught:
            c2d.Chain.open("ledger:/nowhere/%s/ledger.db" % self.EVIL)
        self.assertIn("FORGED", str(caught.exception))
        self.check_clean(str(caught.exception))

    def test_a_trace(self):
        world = World()
        attributes = data_attributes(world.tid, "features")
        attributes["metadata"]["main"]["name"] = self.EVIL
        dt = world.registry.publish(world.bank, attributes)
        trace = c2d.Tracer(world.registry).walk([dt])
        self.check_clean(str(trace).rstrip("\n"))
        # JSON says it exactly, and says it harmlessly.
        self.assertEqual(trace.roots[0]["name"], self.EVIL)
        self.check_clean(trace.to_json())


if __name__ == "__main__":
    unittest.main()
