"""The shipped operator `scorecard`: bins, which columns are chosen, what it trains, and what `score` makes of it.

scorecard_test.py --source DIR   (C2D_LIBRARY names the library, PYTHONPATH the package)
"""

import argparse
import contextlib
import copy
import io
import json
import math
import os
import random
import sys
import tempfile
import unittest
from unittest import mock

import c2d
from c2d.operators import arguments, binning, run, tables
from c2d.operators.logistic import operator as logistic
from c2d.operators.score import operator as score
from c2d.operators.scorecard import operator

RULES = {"rows": 10, "positives": 5, "negatives": 5}
GIVEN = {
    "inputs": {"0": "a.csv", "1": "b.csv"},
    "outputs": {"0": "report.json"},
    "model_args": {"id": "customer", "label": "outcome", "bad": "yes", "align": {"mode": "helper"}},
}


def given(**changes):
    out = copy.deepcopy(GIVEN)
    out["model_args"].update(changes)
    return out


class Arguments(unittest.TestCase):
    def test_each_by_its_name(self):
        for changes, text in (
            ({"bins": {"count": 1}}, "model_args.bins.count must be a whole number from 2 to 40, found 1"),
            ({"bins": {"rows_min": 0}}, "model_args.bins.rows_min must be a whole number from 1"),
            (
                {"bins": {"edges": {"income": [3, 1]}}},
                "model_args.bins.edges.income must be up to 60 numbers that ascend",
            ),
            ({"bins": {"edges": [1]}}, 'model_args.bins.edges must be {"COLUMN": [numbers that ascend]}'),
            ({"bins": {"special": {"income": ["x"]}}}, "model_args.bins.special.income must be up to 60 numbers"),
            ({"bins": {"monotone": "x"}}, "model_args.bins.monotone must be a list of columns"),
            ({"bins": {"merge": {"x": 0}}}, "model_args.bins.merge must be"),
            ({"bins": {"more": 1}}, "model_args.bins.more is no argument"),
            ({"smoothing": 0}, "model_args.smoothing must be a number from 0.0625 to 64"),
            ({"iv_min": -1}, "model_args.iv_min must be a number from 0 to 10, found -1"),
            ({"correlation_max": 0}, "model_args.correlation_max must be a number from 0.1 to 1"),
            ({"vif_max": 0.5}, "model_args.vif_max must be 0, or at least 1, found 0.5"),
            ({"iv_to": 0}, "model_args.iv_to must be a list of parties, as \\[0\\], found 0"),
            ({"iv_to": [3]}, "model_args.iv_to must be a list of parties"),
            ({"align": {"mode": "hidden"}}, "model_args.align.mode must be helper or two_party: bins"),
            ({"folds": 1}, "model_args.folds must be 0, or 2 and more"),
            ({"open_counts": 2.5}, "model_args.open_counts must be a whole number"),
            ({"ridge": 2}, "model_args.ridge must be a number from 0 to 1"),
            ({"lr": 1}, "model_args.lr is no argument"),
        ):
            with self.subTest(changes), self.assertRaisesRegex(
                arguments.BadArguments, text.replace("[num", "\\[num").replace("ascend]", "ascend\\]")
            ):
                operator.Task(given(**changes))


class Choice(unittest.TestCase):
    """Which columns are chosen, against the same in the clear."""

    def played(self, program, backend="rep3"):
        return c2d.mpc.run_local(lambda session, _: program(session), [None] * 3, backend=backend, progress=False)[0]

    def test_correlated_columns_go_by_information_value(self):
        draw = random.Random(4)
        for _ in range(6):
            count = draw.randint(2, 9)
            values = [draw.randint(0, 5) / 1024 for _ in range(count)]
            r = [[0.0] * count for _ in range(count)]
            for row in range(count):
                r[row][row] = 1.0
                for column in range(row):
                    r[row][column] = r[column][row] = draw.choice((-1, 1)) * draw.choice((0.2, 0.5, 0.95))
            wanted = []
            for place in sorted(range(count), key=lambda place: -values[place]):
                if all(abs(r[place][other]) <= 0.8 for other in wanted):
                    wanted.append(place)
            for backend in ("clear", "rep3"):
                found = self.played(
                    lambda s: binning.uncorrelated(s, s.constant(r), s.constant([values]), 0.8), backend
                )
                self.assertEqual(found, sorted(wanted))

    def test_the_most_inflated_leaves_first(self):
        # c = a + b, nearly; d stands alone: one of the three leaves, and that is enough.
        r = [[1.0, 0.0, 0.7, 0.0], [0.0, 1.0, 0.7, 0.0], [0.7, 0.7, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]
        for backend in ("clear", "rep3"):
            self.assertEqual(self.played(lambda s: binning.not_inflated(s, s.constant(r), 5), backend), [0, 1, 3])
            self.assertEqual(self.played(lambda s: binning.not_inflated(s, s.constant(r), 1000), backend), [0, 1, 2, 3])

    def test_worthy(self):
        self.assertEqual(self.played(lambda s: binning.worthy(s, s.constant([[0.019, 0.02, 0.5, 0.0]]), 0.02)), [1, 2])


class Joined(unittest.TestCase):
    """Bins that the labels' owner joins by what its labels say."""

    OPTIONS = {"count": 10, "rows_min": 20, "edges": {}, "special": {}, "monotone": [], "merge": {}}

    def edges(self, rates, labels=True, **changes):
        """Edges of a column whose bin k of ten has this rate of ones."""
        rows = [
            (place + step / 100, 1.0 if step < rate * 100 else 0.0)
            for place, rate in enumerate(rates)
            for step in range(100)
        ]
        table = c2d.Table.of({"x": [value for value, _ in rows], "flag": [float(row % 2) for row in range(len(rows))]})
        with contextlib.redirect_stderr(io.StringIO()):
            own = binning.Binned(
                table,
                range(len(rows)),
                range(10),
                {**self.OPTIONS, **changes},
                [label for _, label in rows] if labels else None,
            )
        return own.kept[0]["edges"] if own.kept[0]["name"] == "x" else []

    def test_monotone(self):
        rises = [0.1, 0.2, 0.15, 0.3, 0.4, 0.35, 0.36, 0.5, 0.6, 0.7]
        self.assertEqual(len(self.edges(rises)), 9)
        found = self.edges(rises, monotone=["x"])
        self.assertEqual([round(edge) for edge in found], [1, 3, 4, 7, 8, 9])
        self.assertEqual([round(edge) for edge in self.edges(rises[::-1], monotone=["x"])], [1, 2, 3, 6, 7, 9])

    def test_merge(self):
        steps = [0.1, 0.1, 0.1, 0.5, 0.5, 0.5, 0.5, 0.9, 0.9, 0.9]
        self.assertEqual([round(edge) for edge in self.edges(steps, merge={"x": 6.6})], [3, 7])
        self.assertEqual(len(self.edges([0.3] * 10, merge={"x": 6.6})), 1)  # two are left
        self.assertEqual(len(self.edges([0.3] * 10, merge={"x": 6.6}, monotone=["x"])), 1)

    def test_without_labels_it_says_unsupported(self):
        for changes in ({"monotone": ["x"]}, {"merge": {"x": 3.84}}):
            with self.assertRaises(c2d.Unsupported) as caught:
                self.edges([0.3] * 10, labels=False, **changes)
            self.assertIn('unsupported: bins.monotone and bins.merge of "x"', str(caught.exception))
        self.assertEqual(len(self.edges([0.3] * 10, labels=False, monotone=["y"])), 9)


class Case(unittest.TestCase):
    """Two tables with gaps, text and special values; b2 says what b1 does, a3 nothing, b3 is the sum of two."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        draw = random.Random(11)
        a, b = [], []
        for number in range(1300):
            x, y, z = (draw.gauss(0, 1) for _ in range(3))
            home = draw.choice(["own", "rent", "parents", ""])
            bad = draw.random() < 1 / (1 + math.exp(-(1.2 * abs(x) + 1.3 * y - 1.0 * z - 1.8 + (home == "rent"))))
            key = "k%05d" % (number * 7919 % 99991)
            if number < 1200:
                a.append(
                    [
                        key,
                        "yes" if bad else "no",
                        "%.4f" % x if draw.random() < 0.9 else "",
                        home,
                        "%.4f" % draw.gauss(0, 1),
                    ]
                )
            if number >= 100:
                b.append(
                    [
                        key,
                        "%.4f" % y if draw.random() < 0.85 else "-999",
                        "%.4f" % (y + draw.gauss(0, 0.05)),
                        "%.4f" % z,
                    ]
                )
        draw.shuffle(b)
        self.bad = {row[0]: row[1] for row in a}
        self.write("a.csv", "customer,outcome,a1,home,a3", a)
        self.write("new.csv", "customer,a1,home,a3", [row[:1] + row[2:] for row in a])
        self.write("b.csv", "customer,b1,b2,b3", b)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, head, rows):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write("\n".join([head] + [",".join(row) for row in rows]) + "\n")

    def run_local(self, program, backend, rules=RULES):
        with contextlib.redirect_stderr(io.StringIO()) as said:
            found = c2d.mpc.run_local(
                program, [None] * 3, backend=backend, kept=self.path("kept"), rules=rules, progress=False
            )
        self.said = said.getvalue()
        return found

    def train(self, backend="rep3", which=operator, alone=False, rules={**RULES, "label_counts": 100}, **changes):
        # Of so few rows, a column that tells nothing has an information value of 0.04.
        usual = (
            {"bins": {"special": {"b1": [-999]}}, "iv_min": 0.065, "correlation_max": 0.7} if which is operator else {}
        )
        task = given(**{**usual, **changes})
        task["inputs"] = {"0": self.path("a.csv")} if alone else {"0": self.path("a.csv"), "1": self.path("b.csv")}

        def program(session, _):
            def write_card(card):
                with open(self.path("card_%d" % session.party), "w", encoding="utf-8") as file:
                    json.dump(card, file)

            return which.program(session, which.Task(task), write_card), session.disclosures

        found = self.run_local(program, backend, rules)
        self.opened = [kinds for _, kinds in found]
        self.assertEqual([report for report, _ in found[1:]], [None, None])
        return found[0][0]

    def scored(self, backend="rep3", first="new.csv", rules=None, **changes):
        task = {
            "inputs": {"0": self.path(first), "1": self.path("b.csv")},
            "outputs": {"0": "scores.csv"},
            "model_args": {
                "id": "customer",
                "model": "model",
                "card": "card.json",
                "align": {"mode": "helper"},
                **changes,
            },
        }

        def program(session, _):
            rows = score.program(session, score.Task(task), self.path("card_%d" % session.party))
            self.opened[session.party] = session.disclosures
            return rows if rows is None else list(rows)

        return self.run_local(program, backend, rules or {**RULES, "scores": "points"})

    def card(self, party):
        with open(self.path("card_%d" % party), encoding="utf-8") as file:
            return json.load(file)

    def bins_of(self, party, name):
        """{customer: the bins of its columns}, and their names."""
        rule = c2d.PreprocessingRule.parse(json.dumps(self.card(party)["rule"]))
        table = tables.read(self.path(name), ["customer"], None, "refuse")
        return dict(zip(table.column("customer"), rule.apply(table).to_matrix().to_rows())), [
            one["name"] for one in rule.columns
        ]

    def costs(self):
        """{customer: (what each column costs against its best bin, and against the mean)} in the clear, and the
        columns' names."""
        points = self.run_local(
            lambda session, _: session.reveal(session.load("model"), to=[0]), "rep3", {**RULES, "coefficients": True}
        )[0].to_rows()
        (first, names), (second, more) = self.bins_of(0, "new.csv"), self.bins_of(1, "b.csv")
        shares = [
            column + [0.0] * (len(points) - len(column)) for party in (0, 1) for column in self.card(party)["mean"]
        ]
        best = [min(column) for column in zip(*points)]
        mean = [sum(share * own for share, own in zip(*both)) for both in zip(shares, zip(*points))]
        out = {}
        for key in set(first) & set(second):
            own = [points[int(number)][place] for place, number in enumerate(first[key] + second[key])]
            out[key] = [[value - base for value, base in zip(own, bases)] for bases in (best, mean)]
        return out, names + more


class Training(Case):
    def test_two_tables(self):
        report = self.train()
        self.assertEqual((report["common"], report["rows_test"], report["rows_train"]), (1100, 220, 880))
        self.assertEqual(report["columns"], {"0": 3, "1": 3})
        chosen = report["chosen"]
        self.assertEqual(chosen["0"], ["a1", "home"])
        self.assertIn("b3", chosen["1"])
        self.assertEqual(len(chosen["1"]), 2)  # b1 and b2 say the same
        self.assertGreater(report["auc"], 0.75)
        for kinds in self.opened:
            self.assertEqual(set(kinds) & {"any", "label_counts", "model", "sum"}, set(), kinds)
            self.assertIn("correlation", kinds)
            self.assertIn("variance_inflation", kinds)

    def test_as_good_as_logistic_on_the_same_rows(self):
        plain = self.train(which=logistic)
        self.assertGreater(self.train()["auc"], plain["auc"] - 0.01)

    def test_as_in_the_clear(self):
        clear, shared = self.train("clear"), self.train("rep3")
        self.assertEqual(clear["chosen"], shared["chosen"])
        self.assertAlmostEqual(clear["auc"], shared["auc"], delta=0.001)

    def test_without_a_choice_all_columns_stay(self):
        report = self.train(iv_min=0, correlation_max=1, vif_max=0)
        self.assertEqual(report["chosen"], {"0": ["a1", "home", "a3"], "1": ["b1", "b2", "b3"]})
        self.assertNotIn("correlation", self.opened[0])

    def test_nothing_is_worth_it(self):
        with self.assertRaises(c2d.mpc.PartyFailed) as failed:
            self.train(iv_min=9)
        self.assertIn("no column has an information value of iv_min", str(failed.exception))

    def test_information_values_to_those_named(self):
        report = self.train(iv_to=[0])
        self.assertEqual([len(values) for values in report["information_value"].values()], [3, 3])
        self.assertGreater(report["information_value"]["1"][0], 0.1)
        self.assertIn("column a1: information value", self.said)
        self.assertNotIn("column b1: information value", self.said)
        self.assertIn("column 1 of party 1: information value", self.said)
        self.assertNotIn("information_value", self.train())

    def test_counts_that_bank_a_lets_be_opened(self):
        # There must be ten labels of each class for every count.
        report = self.train(open_counts=14, bins={"count": 4}, vif_max=0)
        self.assertEqual(len(report["chosen"]["1"]), 2)
        kinds = self.opened[1]
        self.assertEqual(kinds["label_counts"] % 4, 0)
        lines = [line for line in self.said.splitlines() if "bad (rounded to 5)" in line]
        self.assertEqual(len(lines), kinds["label_counts"])
        self.assertTrue(all(int(line.split()[-5]) % 5 == 0 for line in lines), lines)
        self.train(open_counts=4, bins={"count": 4}, vif_max=0)
        self.assertEqual(self.said.count("its counts are not opened: open_counts is 4"), 1)
        with self.assertRaises(c2d.mpc.PartyFailed) as failed:
            self.train(open_counts=14, bins={"count": 4}, rules=RULES)
        self.assertEqual(failed.exception.failures[1].name, "budget_spent")

    def test_what_it_costs_is_said_and_memory_that_is_not_there_ends_it(self):
        self.train("clear", folds=0)
        self.assertEqual(self.said.count("this takes about"), 3)
        with mock.patch.object(run, "memory_bound", lambda: 10**6), self.assertRaises(c2d.mpc.PartyFailed) as failed:
            self.train("clear")
        for problem in failed.exception.failures.values():
            self.assertIsInstance(problem, c2d.LimitReached)
            self.assertEqual(run.status_of(problem), run.LIMIT)
            self.assertRegex(str(problem), r"^limit: this needs up to \d+ MB of memory, and party 0 has 1 MB for a run")

    def test_folds(self):
        report = self.train(folds=3)
        self.assertEqual(len(report["folds"]), 3)
        self.assertTrue(all(0.65 < auc < 0.95 for auc in report["folds"]), report)
        self.assertNotIn("folds", self.train())

    def test_given_edges(self):
        self.train(bins={"edges": {"a1": [-1, 0, 1]}}, keep="model")
        with open(self.path("card_0"), encoding="utf-8") as file:
            rule = json.load(file)["rule"]
        self.assertEqual(rule["columns"][0]["edges"], [-1, 0, 1])

    def test_bins_joined_by_labels_are_bank_as_alone(self):
        self.train(bins={"monotone": ["a3"], "merge": {"a1": 6.6}}, keep="model")
        with open(self.path("card_0"), encoding="utf-8") as file:
            self.assertLess(len(json.load(file)["rule"]["columns"][0]["edges"]), 9)
        with self.assertRaises(c2d.mpc.PartyFailed) as failed:
            self.train(bins={"monotone": ["b1"]})
        self.assertIn("unsupported: bins.monotone", str(failed.exception.failures[1]))
        self.assertNotIn("b1", str(failed.exception.failures[0]))

    def test_alone(self):
        report = self.train(alone=True)
        self.assertEqual((report["common"], report["rows_test"], report["chosen"]), (1200, 240, {"0": ["a1", "home"]}))

    def test_bins_below_the_owners_minimum_end_at_their_owner_by_name(self):
        with self.assertRaises(c2d.mpc.PartyFailed) as failed:
            self.train(bins={"rows_min": 2, "edges": {"b3": [-2.9, 0]}})
        self.assertIn("the minimum is 10", str(failed.exception.failures[1]))


class Scoring(Case):
    def test_points_as_in_the_clear_and_in_the_files_order(self):
        points = {}
        for backend in ("clear", "rep3"):
            report = self.train(backend, keep="model")
            scored, *others = self.scored(backend)
            self.assertEqual(others, [None, None])
            self.assertEqual(len(scored), report["common"])
            points[backend] = dict(scored)
        self.assertLessEqual(max(abs(points["clear"][key] - value) for key, value in points["rep3"].items()), 1)
        mean = {
            word: sum(value for key, value in points["rep3"].items() if self.bad[key] == word)
            / sum(1 for key in points["rep3"] if self.bad[key] == word)
            for word in ("yes", "no")
        }
        self.assertLess(mean["yes"] + 10, mean["no"])

    def test_the_rule_holds_the_chosen_columns_alone(self):
        report = self.train("clear", keep="model")
        for party in (0, 1):
            with open(self.path("card_%d" % party), encoding="utf-8") as file:
                card = json.load(file)
            self.assertEqual(card["model"], "scorecard")
            self.assertEqual([column["name"] for column in card["rule"]["columns"]], report["chosen"][str(party)])
            self.assertEqual(card["columns"], {"0": 2, "1": 2, "2": 0})

    def test_scores_are_shut_where_an_owner_says_so(self):
        self.train(keep="model")
        with self.assertRaises(c2d.mpc.PartyFailed) as failed:
            self.scored(rules=RULES)
        self.assertIsInstance(failed.exception.failures[0], c2d.Refused)

    def test_reasons_are_the_columns_that_cost_most(self):
        self.train(keep="model")
        costs, names = self.costs()
        for which, (given, allowed) in enumerate((({}, 4), ({"count": 2, "baseline": "mean"}, 2))):
            scored, *others = self.scored(reasons=given, rules={**RULES, "scores": "points", "reason_codes": allowed})
            self.assertEqual(others, [None, None])
            self.assertEqual(self.opened[0]["reason_codes"], 1)
            self.assertEqual(len(scored), len(costs))
            for key, _, *reasons in scored:
                self.assertEqual(len(reasons), allowed)
                cost = dict(zip(names, costs[key][which]), **{"": 0.0})
                wanted = sorted([value for value in costs[key][which] if value > 0] + [0.0] * allowed, reverse=True)
                for reason, value in zip(reasons, wanted):
                    self.assertAlmostEqual(cost[reason], value, delta=2**-12)
                self.assertEqual(len(set(reasons) - {""}), sum(reason != "" for reason in reasons))

    def test_reasons_are_shut_where_an_owner_says_nothing_or_less(self):
        self.train(keep="model")
        for allowed in (0, 3):
            with self.assertRaises(c2d.mpc.PartyFailed) as failed:
                self.scored(reasons={}, rules={**RULES, "scores": "points", "reason_codes": allowed})
            self.assertIn("release.reason_codes", str(failed.exception.failures[0]))
            self.assertNotIn("points", self.opened[0])

    def test_a_model_without_a_mean_says_so_to_its_owner(self):
        self.train("clear", keep="model")
        card = self.card(1)
        del card["mean"]
        with open(self.path("card_1"), "w", encoding="utf-8") as file:
            json.dump(card, file)
        rules = {**RULES, "scores": "points", "reason_codes": 4}
        with self.assertRaises(c2d.mpc.PartyFailed) as failed:
            self.scored("clear", reasons={"baseline": "mean"}, rules=rules)
        self.assertIn("train the model anew", str(failed.exception.failures[1]))
        self.assertEqual(len(self.scored("clear", reasons={"baseline": "best"}, rules=rules)[0][0]), 6)

    def test_a_card_of_something_else(self):
        self.train("clear", keep="model")
        with open(self.path("card_1"), encoding="utf-8") as file:
            card = json.load(file)
        card["model"] = "trees"
        with open(self.path("card_1"), "w", encoding="utf-8") as file:
            json.dump(card, file)
        with self.assertRaises(c2d.mpc.PartyFailed) as failed:
            self.scored("clear")
        self.assertIsInstance(failed.exception.failures[1], run.Unusable)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--source")
    _, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0]] + rest)
