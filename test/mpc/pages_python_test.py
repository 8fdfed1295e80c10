"""The Python of docs/mpc and docs/alignment.md, played by three parties as it stands there."""

import os
import random
import sys
import tempfile
import unittest

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(SOURCE, "bindings", "python"))
import c2d  # noqa: E402
from c2d import mpc  # noqa: E402

ROWS = 400
RANDOM = random.Random(1)
A, B = ([[RANDOM.gauss(0, 1) for _ in range(columns)] for _ in range(ROWS)] for columns in (1, 2))
LABELS = [[float(a[0] + b[0] - b[1] + RANDOM.gauss(0, 1) > 0)] for a, b in zip(A, B)]
#: Numbers of bins, which tell of B as a preprocessing rule's do.
BINS = [[float(min(9, max(0, int(2 * value + 5)))) for value in row] for row in B]


def blocks(page):
    with open(os.path.join(SOURCE, "docs", page), encoding="utf-8") as file:
        return [part.split("```")[0] for part in file.read().split("```python\n")[1:]]


class Rule:
    """What `rule.apply(table).to_matrix()` gives."""

    def apply(self, _):
        return self

    def to_matrix(self):
        return mpc.Matrix.from_rows(BINS)


class Pages(unittest.TestCase):
    def play(self, page, names, rules=None, **options):
        """What each party has of the names after the page's blocks; `names(session)` are those that the page does not
        make."""

        def program(session, _):
            known = {"c2d": c2d, "session": session, **names(session)}
            for block in blocks(page):
                exec(block.replace("c2d.mpc.Session.from_environment()", "session"), known)
            return known

        return mpc.run_local(program, [None] * 3, rules=rules, **options)

    def test_names(self):
        """What type checkers know is there when it runs, and a star takes nothing else along."""
        for name in ("ColumnStatistics", "Cost", "Numbers", "OpeningRules", "Operand", "RegressionStatistics", "Stats"):
            self.assertIn(name, dir(mpc))
            getattr(mpc, name)
        taken = {}
        exec("from c2d.mpc import *", taken)
        self.assertEqual(set(taken) - {"__builtins__"}, set(mpc.__all__))
        with self.assertRaises(AttributeError):
            mpc.nothing

    def test_overview(self):
        found = self.play(
            "mpc/overview.md", lambda _: {"rows": [[1, 2], [3, 4]], "more": [[5, 6], [7, 8]]}, {"rows": 2}
        )
        self.assertEqual([known["total"] and known["total"].to_rows() for known in found], [[[16, 20]], None, None])

    def test_regression(self):
        found = self.play(
            "mpc/regression.md",
            lambda session: {
                "a": A if session.party == 0 else None,
                "b": B if session.party == 1 else None,
                "labels": LABELS if session.party == 0 else None,
            },
        )
        self.assertGreater(found[0]["model"].statistics["coefficients"][0], 0.5)
        self.assertIsNone(found[1]["model"].statistics)

    def test_bins_from_counts_to_a_score_and_its_reasons(self):
        def names(session):
            return {
                "rule": Rule(),
                "table": None,
                "y": session.input_labels(0, LABELS if session.party == 0 else None),
                "own": session.input(0, A if session.party == 0 else None),
            }

        def reasons(session):
            known = {"session": session, "bins": BINS if session.party == 1 else None}
            (code,) = blocks("mpc/reasons.md")
            exec(code.replace('"card"', '"scorecard"').replace("count=4", "count=2"), known)
            return known["codes"]

        with tempfile.TemporaryDirectory() as folder:
            found = self.play("mpc/woe.md", names, kept=folder)
            self.assertEqual(found[2]["kept"], [0, 1])
            codes = mpc.run_local(
                lambda session, _: reasons(session),
                [None] * 3,
                kept=folder,
                rules={"reason_codes": 2, "score_rows_max": ROWS},
            )
        self.assertEqual((codes[0].shape, codes[1]), ((ROWS, 2), None))

    def test_checkpoints(self):
        with tempfile.TemporaryDirectory() as folder:
            found = self.play(
                "mpc/checkpoints.md",
                lambda session: {
                    "w": session.constant([[0.0]]),
                    "x": None,
                    "y": None,
                    "gradient": lambda x, y, w: session.constant([[0.001]]),
                },
                checkpoints=folder,
            )
        self.assertEqual([known["step"] for known in found], [1000] * 3)

    def test_costs(self):
        for block in blocks("mpc/costs.md"):
            exec(block, {"c2d": c2d})

    def test_alignment(self):
        ids = ["4400%03d" % number for number in range(300)]

        def names(session):
            own = ids if session.party == 0 else ids[100:] + ids[:50]
            return {"ids": own, "table": {"id": own}, "rows": own}

        align, _ = blocks("alignment.md")

        def program(session, _):
            known = {"session": session, **names(session)}
            exec(align.replace('["4400-123", "4400-456"]', "ids"), known)
            return known["mine"]

        first, second, _ = mpc.run_local(program, [None] * 3)
        self.assertEqual((len(first), first), (250, second))


if __name__ == "__main__":
    unittest.main()
