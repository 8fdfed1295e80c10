"""dt-cli operator new: a skeleton whose test passes at once, that runs within the walls, and that an administrator
publishes as it stands.

new_test.py --bin DIR --source DIR   (C2D_LIBRARY names the library, PYTHONPATH the package)
"""

import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))

from programs import ADMIN, BANK_A, BANK_B, COMPANY_C, Folder, options  # noqa: E402

OPTIONS = options()
FILES = [
    "args.json",
    "compute_terms.json",
    "mock/party_0/rows.csv",
    "mock/party_1/rows.csv",
    "op_attr.json",
    "operator.py",
    "params.json",
    "terms.json",
    "test/operator_test.py",
]


class Skeleton(unittest.TestCase):
    def setUp(self):
        self.folder = Folder(OPTIONS.bin)
        self.addCleanup(self.folder.__exit__)

    def new(self, name):
        return self.folder.run("dt-cli", "--json", "operator", "new", name)

    def refused(self, name, status, text):
        done = self.new(name)
        self.assertEqual((done.code, done.json()["error"]["status"]), (1, status), str(done))
        self.assertIn(text, done.json()["error"]["message"])

    def test_its_test_passes_at_once(self):
        done = self.new("mean")
        self.assertEqual(done.json(), {"folder": "mean", "files": ["mean/" + name for name in FILES]})
        for name in FILES:
            self.assertNotIn(b"@NAME@", self.folder.read("mean/" + name))
        tested = self.folder.run(
            "python3",
            "-B",
            "mean/test/operator_test.py",
            env={name: os.environ[name] for name in ("C2D_LIBRARY", "PYTHONPATH")},
        )
        self.assertEqual(tested.code, 0, str(tested))
        self.assertIn("Ran 3 tests", tested.err)

    def test_it_runs_as_it_stands(self):
        shown = self.folder.run("dt-cli", "operator", "new", "first-try.2").out
        self.assertIn("dt-cli operator run first-try.2\n", shown)
        done = self.folder.run("dt-cli", "operator", "run", "first-try.2")
        self.assertEqual(done.code, 0, str(done))
        self.assertIn("party 2 | 10 rows of both banks\n", done.err)
        found = json.loads(self.folder.read("first-try.2/mock/party_0/outputs/means.json"))
        self.assertEqual(found["rows"], 10)
        self.assertAlmostEqual(found["means"][0], 41.8, delta=0.001)

    def test_nothing_is_overwritten(self):
        self.folder.write("there", "a file")
        self.folder.write("also/there", "a file in a folder")
        for name in ("there", "also"):
            self.refused(name, "conflict", "%s is there already; nothing was written" % name)
        self.assertEqual(os.listdir(self.folder / "also"), ["there"])
        for name in ("", "..", "../x", "a/b", "/tmp/x", ".hidden", "a b", "\x1b[2J"):
            self.refused(name, "invalid_argument", "NAME: expected letters, digits, _ . and -")
        self.refused("logistic", "conflict", "an operator logistic ships with c2d; choose another name")
        self.assertEqual(sorted(os.listdir(self.folder.path)), ["also", "there"])

    def test_it_is_published_with_terms(self):
        """What docs/operators.md goes through after the tries."""
        self.folder.write("config.ini", "[keeper]\nnetwork_url = ledger:./ledger.db\nipfs_endpoint = dir:./documents\n")
        answer = self.folder.answer
        answer("chain", "init", "--private_key", ADMIN[1])
        for name, who in (("bank_a", BANK_A), ("bank_b", BANK_B), ("company", COMPANY_C)):
            answer("system", "org", "--name", name, "--desc", "d", "--address", who[0], "--private_key", ADMIN[1])
        self.new("mean")
        template = answer(
            "system", "op", "--attr_file", "mean/op_attr.json", "--var", "FOLDER=.", "--private_key", ADMIN[1]
        )["tid"]
        peers = [
            "--var",
            "PEER_0=127.0.0.1:1",
            "--var",
            "PEER_1=127.0.0.1:2",
            "--var",
            "PEER_2=127.0.0.1:3",
            "--var",
            "TEMPLATE=" + template,
        ]
        for party, who in enumerate((BANK_A, BANK_B, COMPANY_C)):
            terms = "mean/terms.json" if party < 2 else "mean/compute_terms.json"
            published = answer(
                "asset",
                "dt",
                "--attr_file",
                terms,
                "--var",
                "NAME=rows",
                "--var",
                "PARTY=%d" % party,
                "--var",
                "ENDPOINT=127.0.0.1:%d" % (8090 + party),
                *peers,
                "--private_key",
                who[1]
            )
            self.assertEqual(published["free"], [])


class Page(unittest.TestCase):
    """docs/operators.md, followed from its text alone."""

    def blocks(self, heading):
        with open(os.path.join(OPTIONS.source, "docs/operators.md"), encoding="utf-8") as file:
            section = file.read().split("## %s\n" % heading)[1].split("\n## ")[0]
        return section.split("```")[1::2]

    def test_from_nothing_to_published(self):
        with Folder(OPTIONS.bin) as folder:
            lines = "".join(self.blocks("From nothing to a run, in four commands") + self.blocks("Publishing it"))
            folder.write("page.sh", "set -e\n" + lines)
            done = folder.run("bash", "page.sh", env={name: os.environ[name] for name in ("C2D_LIBRARY", "PYTHONPATH")})
            self.assertEqual(done.code, 0, str(done))
            self.assertEqual(done.out.count("party 0: succeeded"), 2)
            self.assertIn("Ran 3 tests", done.err)
            self.assertRegex(done.out, r"\ndt: dt:ownership:[0-9a-f]{64}\n$")
            self.assertNotIn("left free", done.out + done.err)


class Shipped(unittest.TestCase):
    """system op --shipped: as its attribute file would."""

    def test_published_by_its_name(self):
        with Folder(OPTIONS.bin) as folder:
            folder.write("config.ini", "[keeper]\nnetwork_url = ledger:./ledger.db\nipfs_endpoint = dir:./documents\n")
            folder.answer("chain", "init", "--private_key", ADMIN[1])
            with open(
                os.path.join(OPTIONS.source, "bindings/python/c2d/operators/align/op_attr.json"), encoding="utf-8"
            ) as file:
                template = json.load(file)["id"]
            self.assertEqual(
                folder.answer("system", "op", "--shipped", "align", "--private_key", ADMIN[1]), {"tid": template}
            )
            done = folder.run("dt-cli", "--json", "system", "op", "--shipped", "nothing", "--private_key", ADMIN[1])
            self.assertEqual(done.json()["error"]["status"], "not_found")
            self.assertIn('no operator "nothing" ships; there are: align, logistic', done.json()["error"]["message"])
            for words in ((), ("--shipped", "align", "--attr_file", "x.json")):
                self.assertEqual(folder.run("dt-cli", "system", "op", *words, "--private_key", ADMIN[1]).code, 2)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
