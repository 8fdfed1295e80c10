"""The Python package, and the C interface below it, on an EVM network: deploying, opening with options of its own.

C2D_ANVIL names another anvil than that of package.json.
"""

import json
import os
import subprocess
import tempfile
import threading
import unittest

import c2d

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = "anvil-linux-arm64" if os.uname().machine == "aarch64" else "anvil-linux-amd64"
PROGRAM = os.environ.get("C2D_ANVIL") or os.path.join(HERE, "node_modules/@foundry-rs", PACKAGE, "bin/anvil")
FREE = c2d.RpcOptions(gas_price=0, force_legacy=True, chain_id=31337)


class Anvil:
    """A development node where gas is free, on a port that it chose."""

    def __init__(self):
        if not os.access(PROGRAM, os.X_OK):
            raise RuntimeError(
                "no anvil at %s: (cd %s && npm ci --ignore-scripts), or name another in C2D_ANVIL" % (PROGRAM, HERE)
            )
        self.process = subprocess.Popen(
            [PROGRAM, "--host", "127.0.0.1", "--port", "0", "--gas-price", "0", "--base-fee", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for line in self.process.stdout:
            if line.startswith("Listening on "):
                self.url = "http://" + line.split()[-1]
                break
        else:
            raise RuntimeError("anvil ended without listening")
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def end(self):
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()


class OnAnEvm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.anvil = Anvil()
        cls.addClassCleanup(cls.anvil.end)
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.addresses = os.path.join(cls.folder.name, "contracts.json")
        cls.admin = c2d.Key.generate()
        cls.steps = []
        cls.made = cls.deploy(progress=lambda done, total, line: cls.steps.append((done, total, line)))
        with open(cls.addresses) as file:
            cls.written = json.load(file)

    @classmethod
    def deploy(cls, **options):
        return c2d.Chain.deploy(
            cls.anvil.url, cls.admin, address_file=cls.addresses, network_name="test", rpc=FREE, **options
        )

    def open(self, rpc=FREE, **options):
        return c2d.Chain.open(self.anvil.url, address_file=self.addresses, network_name="test", rpc=rpc, **options)

    def test_deployed(self):
        self.assertEqual(self.made["chain_id"], 31337)
        self.assertEqual(self.made["deployer"], self.admin.address)
        self.assertEqual(len(self.made["transactions"]), 5)
        self.assertEqual(len(self.made["contracts"]), 7)
        self.assertEqual(self.steps[-1][:2], (5, 5))
        self.assertEqual(self.written["test"]["DTFactory"], self.made["contracts"]["DTFactory"])

    def test_an_entry_stays_unless_it_is_replaced(self):
        with self.assertRaises(c2d.Conflict) as raised:
            self.deploy()
        self.assertEqual(raised.exception.name, "network_exists")
        before = self.open().info()["contracts"]
        self.deploy(replace=True)
        after = self.open().info()["contracts"]
        self.assertNotEqual(before["DTFactory"], after["DTFactory"])

    def test_used_without_a_balance_where_gas_is_free(self):
        chain = self.open(trust_dir=os.path.join(self.folder.name, "trust"))
        bank = c2d.Key.generate()
        chain.register_enterprise(self.admin, bank.address, "bank", "a bank")
        self.assertEqual(chain.create_task(bank, "score", "how"), 1)
        self.assertEqual(chain.task(1)["demander"], bank.address)
        self.assertEqual(chain.info()["kind"], "rpc")
        locks = [
            name for name in os.listdir(os.path.join(self.folder.name, "trust")) if name.startswith("nonce-31337-")
        ]
        self.assertEqual(len(locks), 2)

    def test_another_chain_is_refused(self):
        with self.assertRaises(c2d.Unavailable) as raised:
            self.open(c2d.RpcOptions(chain_id=4242))
        self.assertEqual(raised.exception.name, "wrong_chain")

    def test_methods_that_the_node_lacks(self):
        with self.assertRaises(c2d.Refused):
            self.open(c2d.RpcOptions(methods="platon", address_prefix="lat"))

    def test_a_time_that_is_none(self):
        with self.assertRaises(c2d.InvalidArgument):
            self.open(c2d.RpcOptions(block_time="minutes"))

    def test_where_decisions_are_read(self):
        for block in ("newest", 1, None):
            with self.assertRaises(c2d.InvalidArgument):
                self.open(c2d.RpcOptions(read_block=block))
        self.assertEqual(self.open(c2d.RpcOptions(read_block="finalized")).info()["kind"], "rpc")


if __name__ == "__main__":
    unittest.main(verbosity=2)
