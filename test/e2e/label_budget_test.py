"""Counts of labels that bank A lets be opened are used up over jobs: its provider sets them aside before a run, refuses
a job that asks for more than is left, and the ledger adds up what was opened.

Ledger, documents and organisations are in this one process; the parties of a job are sandboxes of their own.
"""

import argparse
import os
import random
import sys
import tempfile
import unittest

import model_tokens_test as stories

OPTIONS = None
ROWS, BINS, BUDGET = 600, 4, 12
OPEN_COUNTS = """
import json, os
import c2d
with open(os.environ["C2D_ARGS"]) as file:
    columns = json.load(file)["model_args"]["columns"]
with c2d.mpc.Session.from_environment() as session:
    own = None
    if session.party < 2:
        with open("/job/inputs/rows.csv") as file:
            own = [[float(x) for x in line.split(",")] for line in file.read().split()]
    y = session.input_labels(0, [row[:1] for row in own] if session.party == 0 else None)
    bins = [[row[0]] * columns for row in own] if session.party == 1 else None
    if columns:
        opened = session.reveal_bin_counts(session.bin_counts(1, bins, count=4, labels=y))
    if session.party == 0:
        open("/job/outputs/points.txt", "w").write("done")
"""
TERMS = {
    "minimum": {"rows": 10, "positives": 5, "negatives": 5},
    "release": {"log": "full", "exit": True, "label_counts": BUDGET},
}


class Story(stories.Story):
    def make_rows(self):
        draw, files = random.Random(3), []
        for party in (0, 1):
            files.append(os.path.join(self.folder, "rows_%d.csv" % party))
            with open(files[-1], "w") as file:
                file.write("\n".join("%d" % (draw.random() < 0.4 if party == 0 else row % BINS) for row in range(ROWS)))
        return files

    def operator(self, name, text, outputs):
        return self.registry.publish_operator(
            self.admin,
            {"main": {"type": "Operation", "name": name, "mpc": stories.MPC, "outputs": outputs}},
            text,
            {**stories.PARAMS, "model_args": {}},
        )

    def service(self, tid, party, attributes, index="s"):
        out = super().service(tid, party, attributes, index)
        out["descriptor"]["constraint"]["model_args"] = {}
        return out

    def publish(self, tid):
        """The banks' rows, bank A's with a budget, and the company's computing power."""
        out = []
        for party, terms in enumerate((TERMS, stories.TERMS)):
            out.append(
                self.leaf(party, "Dataset", [self.service(tid, party, dict(terms, path="./inputs/rows.csv"), "open")])
            )
            self.tables.setdefault(party, {})[out[-1]] = self.files[party]
        return out + [self.leaf(2, "Computa", [self.service(tid, 2, stories.TERMS, "open")])]

    def open(self, tokens, **model_args):
        """(job, states)."""
        use = lambda party: {
            "service": "open",
            "constraint": {
                "party_id": party,
                "exec_endpoints": self.endpoints,
                "model_args": model_args,
                "outputs": {"0": "./outputs/points.txt"},
            },
        }
        client = self.client(2)
        algorithm = client.compose(
            {
                "metadata": {"main": {"type": "Algorithm", "name": "all"}},
                "child_dts": tokens,
                "services": [
                    {
                        "index": "all",
                        "endpoint": {},
                        "attributes": {},
                        "descriptor": {"workflow": {dt: use(party) for party, dt in enumerate(tokens)}},
                    }
                ],
            }
        )
        job = client.execute(client.create_task("test", "test"), algorithm)
        return job, [part["state"] for part in client.wait(job, progress=False)]

    def told(self, token):
        """What the ledger added up of a token."""
        return self.chain.disclosures(token, self.keys[2].address, "label_counts")


class Budget(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.story = Story(folder.name, 8911)
        self.addCleanup(self.story.close)
        tid = self.story.operator("open", OPEN_COUNTS, {"points.txt": {"kind": "released"}})
        self.tokens = self.story.publish(tid)
        self.again = [self.story.publish(tid)[0]] + self.tokens[1:]
        self.story.start()

    def restart(self):
        self.story.close()
        self.story.start()

    def spent(self, tokens, **model_args):
        with self.assertRaises(c2d.Refused) as refused:
            self.story.open(tokens, **model_args)
        self.assertEqual(refused.exception.name, "budget_spent")
        self.assertIn("no job was registered", str(refused.exception))

    def test_counts_are_used_up(self):
        _, states = self.story.open(self.tokens, columns=2, open_counts=8)
        self.assertEqual(states, ["succeeded"] * 3)
        self.spent(self.tokens, columns=2, open_counts=8)
        self.restart()
        # Who says less than it opens is refused by the engine; what was set aside, and was not opened, is there again.
        _, states = self.story.open(self.again, columns=2, open_counts=4)
        self.assertEqual(set(states), {"failed"})
        _, states = self.story.open(self.again, columns=1, open_counts=4)
        self.assertEqual(states, ["succeeded"] * 3)
        # What another token of the same file opened counts, too.
        for tokens in (self.tokens, self.again):
            self.spent(tokens, columns=1, open_counts=4)
        # Who opens none goes on.
        for model_args in ({"columns": 0}, {"columns": 0, "open_counts": 0}):
            _, states = self.story.open(self.tokens, **model_args)
            self.assertEqual(states, ["succeeded"] * 3)
        _, states = self.story.open(self.tokens, columns=1)
        self.assertEqual(set(states), {"failed"})

    def test_the_ledger_adds_them_up(self):
        for said in ({"open_counts": 4}, {}):
            _, states = self.story.open(self.tokens, columns=1, **said)
            self.assertEqual(states, ["succeeded"] * 3)
        self.restart()  # receipts are posted before it ends
        self.assertEqual(self.story.told(self.tokens[0])["total"], 8)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--source", required=True)
    OPTIONS, rest = parser.parse_known_args()
    sys.path.insert(0, os.path.join(OPTIONS.source, "bindings", "python"))
    os.environ.setdefault("C2D_SANDBOX_HELPER", os.path.join(OPTIONS.bin, "c2d-sandbox-helper"))
    import c2d

    stories.c2d = c2d
    unittest.main(argv=[sys.argv[0]] + rest)
