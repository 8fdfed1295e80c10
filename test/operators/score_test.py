"""The shipped operator `score`: what `logistic` kept scores the customers that two banks have in common.

score_test.py --source DIR   (C2D_LIBRARY names the library, PYTHONPATH the package)
"""

import argparse
import copy
import json
import os
import random
import re
import sys
import tempfile
import unittest
import unittest.mock

import c2d
from c2d.operators import arguments, tables
from c2d.operators.logistic import operator as logistic
from c2d.operators.refresh import operator as refresh
from c2d.operators.score import operator

RULES = {"rows": 10, "positives": 5, "negatives": 5, "scores": "points"}
GIVEN = {
    "inputs": {"0": "a.csv", "1": "b.csv"},
    "outputs": {"0": "scores.csv"},
    "model_args": {"id": "customer", "model": "model", "card": "card.json", "align": {"mode": "helper"}},
}


def given(**changes):
    out = copy.deepcopy(GIVEN)
    out["model_args"].update(changes)
    return out


class Arguments(unittest.TestCase):
    def test_each_by_its_name(self):
        for changes, text in (
            ({"kind": "logit"}, "model_args.kind must be one of points, probability"),
            ({"odds": 0}, "model_args.odds must be a number from"),
            ({"double": "20"}, "model_args.double"),
            ({"model": ""}, "model_args.model must be a text"),
            ({"extra": 1}, "model_args.extra is no argument"),
            ({"reasons": 4}, "model_args.reasons must be an object"),
            ({"reasons": {"count": 11}}, "model_args.reasons.count must be a whole number from 1 to 10"),
            ({"reasons": {"baseline": "median"}}, "model_args.reasons.baseline must be one of best, mean"),
            ({"reasons": {"most": 1}}, "model_args.reasons.most is no argument"),
        ):
            with self.subTest(changes), self.assertRaisesRegex(arguments.BadArguments, text):
                operator.Task(given(**changes))
        with self.assertRaisesRegex(arguments.BadArguments, "outputs must be of a party that has a table"):
            operator.Task(dict(given(), outputs={"2": "scores.csv"}))


class Scores(unittest.TestCase):
    """Two tables with gaps and text; bank B's in another order, and not all customers in both."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        draw = random.Random(3)
        rows = {"k%04d" % i: (draw.gauss(0, 1), draw.choice(["own", "rent", ""]), draw.gauss(0, 1)) for i in range(400)}
        self.a = [key for key in rows if draw.random() < 0.9]
        self.b = [key for key in rows if draw.random() < 0.9]
        draw.shuffle(self.b)
        bad = {
            key: "yes" if draw.random() < 1 / (1 + 2.718 ** -(1.4 * x - 1.5 * y - 0.5)) else "no"
            for key, (x, _, y) in rows.items()
        }
        self.write(
            "train.csv",
            "customer,amount,home,outcome",
            ["%s,%.4f,%s,%s" % (key, *rows[key][:2], bad[key]) for key in self.a],
        )
        self.write("a.csv", "customer,amount,home", ["%s,%.4f,%s" % (key, *rows[key][:2]) for key in self.a])
        self.write("b.csv", "customer,balance", ["%s,%.4f" % (key, rows[key][2]) for key in self.b])
        self.bad = bad

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, head, lines):
        with open(self.path(name), "w") as file:
            file.write("\n".join([head] + lines) + "\n")

    def train(self, backend):
        task = {
            "inputs": {"0": self.path("train.csv"), "1": self.path("b.csv")},
            "outputs": {"0": "report.json"},
            "model_args": {
                "id": "customer",
                "label": "outcome",
                "bad": "yes",
                "align": {"mode": "helper"},
                "keep": "model",
            },
        }

        def program(session, _):
            def write_card(card):
                with open(self.path("card_%d" % session.party), "w") as file:
                    json.dump(card, file)

            return logistic.program(session, logistic.Task(task), write_card)

        return self.run_local(program, backend)[0]

    def run_local(self, program, backend, rules=RULES):
        return c2d.mpc.run_local(
            program, [None] * 3, backend=backend, kept=self.path("kept"), rules=rules, progress=False
        )

    def score(self, backend, first="a.csv", rules=RULES, **changes):
        task = dict(given(**changes), inputs={"0": self.path(first), "1": self.path("b.csv")})

        def program(session, _):
            rows = operator.program(session, operator.Task(task), self.path("card_%d" % session.party))
            return rows if rows is None else list(rows)

        return self.run_local(program, backend, rules)

    def card(self, party):
        with open(self.path("card_%d" % party)) as file:
            return json.load(file)

    def test_as_the_clear_backend_and_in_the_files_order(self):
        points = {}
        for backend in ("clear", "rep3"):
            report = self.train(backend)
            scored, *others = self.score(backend)
            self.assertEqual(others, [None, None])
            both = set(self.b)
            self.assertEqual([key for key, _ in scored], [key for key in self.a if key in both])
            self.assertEqual(len(scored), report["common"])
            points[backend] = dict(scored)
        self.assertLessEqual(max(abs(points["clear"][key] - value) for key, value in points["rep3"].items()), 1)
        # More is better: bad customers have fewer points.
        mean = {
            word: sum(value for key, value in points["rep3"].items() if self.bad[key] == word)
            / sum(1 for key in points["rep3"] if self.bad[key] == word)
            for word in ("yes", "no")
        }
        self.assertLess(mean["yes"] + 10, mean["no"])

    def test_what_it_costs_is_said_and_memory_that_is_not_there_ends_it(self):
        self.train("clear")
        said = []
        with unittest.mock.patch.object(operator.run, "note", said.append):
            self.score("clear")
            self.score("clear", rules=dict(RULES, reason_codes=2), reasons={"count": 2})
        costs = [line for line in said if line.startswith("this takes about")]
        self.assertEqual(len(costs), 6)
        sent = [re.search(r"send (\d+), (\d+), (\d+) MB", line) for line in costs]
        self.assertTrue(all(sent), costs)
        with unittest.mock.patch.object(operator.run, "memory_bound", lambda: 10**6), self.assertRaises(
            c2d.mpc.PartyFailed
        ) as failed:
            self.score("clear")
        for problem in failed.exception.failures.values():
            self.assertIsInstance(problem, c2d.LimitReached)
            self.assertRegex(str(problem), r"^limit: this needs up to \d+ MB of memory, and party 0 has 1 MB for a run")

    def test_pieces_cost_as_often_as_they_are(self):
        worked = []
        with unittest.mock.patch.object(
            operator.run, "tell_cost", lambda session, works, times: worked.append((works, times))
        ), unittest.mock.patch.object(operator, "ROWS_AT_ONCE", 100):
            task = operator.Task(given(reasons={"count": 3}))
            for model in ("logistic regression", "scorecard"):
                operator.tell_cost(None, task, {"model": model, "columns": {"0": 3, "1": 2, "2": 0}}, 250)
        size = {"rows": 100, "columns": 5}
        reasons = ("reasons", dict(size, steps=3))
        self.assertEqual(
            worked,
            [
                ([("inputs", size), ("scoring", size), ("contributions", size), reasons], [3] * 4),
                ([("encoding", size), ("scoring", size), reasons], [3] * 3),
            ],
        )

    def refresh(self, **changes):
        given_all = {
            "inputs": {"0": "a.json"},
            "outputs": {"0": "report.json"},
            "model_args": dict({"model": "model", "card": "card.json"}, **changes),
        }

        def program(session, _):
            path = self.path("card_%d" % session.party)

            def write_card(card):
                with open(path, "w") as file:
                    json.dump(card, file)

            return refresh.program(session, refresh.Task(given_all), write_card, path)

        return self.run_local(program, "rep3")

    def test_what_was_kept_anew_scores_as_before(self):
        self.train("rep3")
        before, cards = self.score("rep3")[0], [self.card(party) for party in range(3)]
        bindings = self.refresh()
        self.assertEqual(len(set(bindings)), 1)
        self.assertNotEqual(bindings[0], cards[0]["binding"])
        for party, card in enumerate(cards):
            self.assertEqual(self.card(party), dict(card, binding=bindings[0]))
        self.assertEqual(self.score("rep3")[0], before)

    def test_what_was_not_kept_is_not_kept_anew(self):
        self.train("rep3")
        with self.assertRaises(c2d.mpc.PartyFailed) as failed:
            self.refresh(model="other")
        self.assertEqual(len(failed.exception.failures), 3)
        self.assertIsInstance(failed.exception.failures[failed.exception.party], refresh.run.Unusable)

    def test_in_pieces_as_at_once(self):
        self.train("rep3")
        rules = dict(RULES, reason_codes=2)
        at_once = self.score("rep3", rules=rules, reasons={"count": 2})[0]
        with unittest.mock.patch.object(operator, "ROWS_AT_ONCE", 100):
            self.assertEqual(self.score("rep3", rules=rules, reasons={"count": 2})[0], at_once)

    def test_reasons_are_those_columns_that_cost_more_than_on_average(self):
        self.train("rep3")
        weights = [
            row[0]
            for row in self.run_local(
                lambda session, _: session.reveal(session.load("model"), to=[0]), "rep3", dict(RULES, coefficients=True)
            )[0].to_rows()
        ]
        prepared, means = {}, []
        for party, name in ((0, "a.csv"), (1, "b.csv")):
            table = tables.read(self.path(name), ["customer"], None, "refuse")
            found = c2d.PreprocessingRule.parse(json.dumps(self.card(party)["rule"])).apply(table)
            means += self.card(party)["mean"]
            prepared[party] = dict(zip(table.column("customer"), found.to_matrix().to_rows()))
        values = len(self.card(0)["mean"]) - 1
        scored = self.score("rep3", rules=dict(RULES, reason_codes=3), reasons={"count": 3})[0]
        self.assertEqual(len(set(reason for row in scored for reason in row[2:])), 4)
        for key, _, *reasons in scored:
            own = prepared[0][key] + prepared[1][key]
            costs = [weight * (value - mean) for weight, value, mean in zip(weights, own, means)]
            by_name = {"amount": costs[0], "home": sum(costs[1 : 1 + values]), "balance": costs[-1], "": 0}
            wanted = sorted([cost for name, cost in by_name.items() if name and cost > 0] + [0] * 3, reverse=True)
            for reason, cost in zip(reasons, wanted):
                self.assertAlmostEqual(by_name[reason], cost, delta=2**-12)

    def test_no_column_of_a_regression_is_best(self):
        self.train("clear")
        with self.assertRaises(c2d.mpc.PartyFailed) as failed:
            self.score("clear", rules=dict(RULES, reason_codes=3), reasons={"baseline": "best"})
        self.assertIn("reasons.baseline must be mean", str(failed.exception.__cause__))

    def test_a_column_that_both_have_is_told_with_its_party(self):
        self.write("b.csv", "customer,amount", ["%s,%d" % (key, number % 7) for number, key in enumerate(self.b)])
        self.train("clear")
        scored = self.score("clear", rules=dict(RULES, reason_codes=3), reasons={"count": 3})[0]
        self.assertEqual(
            {reason for row in scored for reason in row[2:]}, {"", "home", "amount (party 0)", "amount (party 1)"}
        )

    def test_a_table_without_a_column_is_told_its_owner_by_name(self):
        self.train("clear")
        with open(self.path("a.csv")) as file:
            lines = [",".join(line.rstrip("\n").split(",")[:2]) for line in file]
        self.write("fewer.csv", lines[0], lines[1:])
        with self.assertRaises(c2d.mpc.PartyFailed) as failed:
            self.score("clear", "fewer.csv")
        self.assertIn("home", str(failed.exception.failures[0]))
        self.assertNotIn("home", str(failed.exception.failures[1]))

    def test_columns_are_of_the_types_that_training_had(self):
        homes = {key: "owns" if number % 9 == 0 else str(number % 3) for number, key in enumerate(self.a)}
        self.write(
            "train.csv",
            "customer,amount,home,outcome",
            ["%s,%d,%s,%s" % (key, len(key) + number, homes[key], self.bad[key]) for number, key in enumerate(self.a)],
        )
        self.train("clear")
        # Of these rows one column looks like numbers, and the other like nothing.
        some = [key for key in self.a if homes[key] != "owns"]
        self.write("a.csv", "customer,amount,home", ["%s,,%s" % (key, homes[key]) for key in some])
        scored = dict(self.score("clear")[0])
        self.assertEqual(set(scored), set(some) & set(self.b))

    def test_another_partys_card_is_refused(self):
        self.train("clear")
        os.replace(self.path("card_1"), self.path("card_0"))
        with self.assertRaises(c2d.mpc.PartyFailed):
            self.score("clear")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--source")
    _, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0]] + rest)
