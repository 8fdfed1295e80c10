"""The shipped operator `open_model`: what `logistic` or `scorecard` kept is opened, read back, and scores as on shares;
as PMML, too.

open_model_test.py --source DIR (C2D_LIBRARY names the library, PYTHONPATH the package; pypmml, with Java, scores the
PMML where it is installed)
"""

import argparse
import contextlib
import datetime
import io
import json
import os
import random
import re
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

import c2d
from c2d.operators import arguments, run
from c2d.operators.logistic import operator as logistic
from c2d.operators.open_model import operator
from c2d.operators.score import operator as score
from c2d.operators.scorecard import operator as scorecard

RULES = {"rows": 10, "positives": 5, "negatives": 5, "scores": "points", "reason_codes": 4}
OPEN = dict(RULES, coefficients=True)
TRAININGS = {"logistic regression": logistic, "scorecard": scorecard}
PMML = "{http://www.dmg.org/PMML-4_4}"


class Case(unittest.TestCase):
    """Two tables with gaps, text, dates, truth values and special values."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        draw = random.Random(5)
        a, b = [], []
        for number in range(900):
            key = "k%04d" % number
            x, y = draw.gauss(0, 1), draw.gauss(0, 1)
            home, region = draw.choice(["own", "rent", "R&D <x>", ""]), draw.choice(["N", "S", "W"])
            bad = draw.random() < 1 / (1 + 2.718 ** -(1.4 * x - 1.3 * y + (home == "rent") - (region == "S") - 0.5))
            a.append(
                [
                    key,
                    "yes" if bad else "no",
                    "%.4f" % x if draw.random() < 0.9 else "",
                    home,
                    "2026-%02d-%02d" % (draw.randrange(1, 13), draw.randrange(1, 29)),
                ]
            )
            b.append([key, "%.4f" % y if draw.random() < 0.9 else "-999", region, draw.choice(["true", "false"])])
        draw.shuffle(b)
        self.write("train.csv", "customer,outcome,amount,home,since", a)
        self.write("a.csv", "customer,amount,home,since", [row[:1] + row[2:] for row in a])
        self.write("b.csv", "customer,balance,region,active", b)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, head, rows):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write("\n".join([head] + [",".join(row) for row in rows]) + "\n")

    def run_local(self, program, rules):
        with contextlib.redirect_stderr(io.StringIO()):
            return c2d.mpc.run_local(program, [None] * 3, kept=self.path("kept"), rules=rules, progress=False)

    def card(self, session):
        return self.path("card_%d" % session.party)

    def train(self, kind):
        usual = (
            {"bins": {"special": {"balance": [-999]}}, "iv_min": 0, "correlation_max": 1, "vif_max": 0}
            if kind == "scorecard"
            else {}
        )
        task = {
            "inputs": {"0": self.path("train.csv"), "1": self.path("b.csv")},
            "outputs": {"0": "report.json"},
            "model_args": {
                "id": "customer",
                "label": "outcome",
                "bad": "yes",
                "align": {"mode": "helper"},
                "keep": "model",
                **usual,
            },
        }

        def program(session, _):
            def write_card(card):
                with open(self.card(session), "w", encoding="utf-8") as file:
                    json.dump(card, file)

            TRAININGS[kind].program(session, TRAININGS[kind].Task(task), write_card)

        self.run_local(program, RULES)

    def opened(self, rules=OPEN, **given):
        inputs = {"0": self.path("card_0"), "1": self.path("card_1")}
        task = operator.Task(
            {"inputs": inputs, "outputs": {"0": "model.json"}, "model_args": {"model": "model", **given}}
        )

        def program(session, _):
            return operator.program(session, task), session.disclosures

        return self.run_local(program, rules)

    def scored(self, **changes):
        task = {
            "inputs": {"0": self.path("a.csv"), "1": self.path("b.csv")},
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
            rows = score.program(session, score.Task(task), self.card(session))
            return rows if rows is None else list(rows)

        return self.run_local(program, RULES)[0]

    def rows(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            head, *lines = [line.rstrip("\n").split(",") for line in file]
        return {line[0]: dict(zip(head[1:], line[1:])) for line in lines}

    def joined(self):
        """Both tables in one, in the order of the first."""
        first, second = self.rows("a.csv"), self.rows("b.csv")
        rows = [[key, *own.values(), *second[key].values()] for key, own in first.items()]
        self.write("both.csv", "customer,amount,home,since,balance,region,active", rows)
        return self.path("both.csv")


class Opened(Case):
    def test_scores_as_on_shares_and_reads_back(self):
        for kind in TRAININGS:
            with self.subTest(kind):
                self.train(kind)
                (text, kinds), *others = self.opened()
                self.assertEqual([found for found, _ in others], [None, None])
                self.assertEqual(kinds["coefficients"], 1)
                with c2d.ExportedModel.parse(text) as model:
                    self.assertEqual(model.to_json(), text)
                    both = c2d.Table.read(self.joined())
                    points = [row[1] for row in model.score(both).to_matrix()]
                    self.assertEqual(points, [own for _, own in self.scored()])
                    a, b = c2d.Table.read(self.path("a.csv")), c2d.Table.read(self.path("b.csv"))
                    order = {key: row for row, key in enumerate(b.column("customer"))}
                    beside = b.take([order[key] for key in a.column("customer")])
                    self.assertEqual([row[1] for row in model.score(a, beside).to_matrix()], points)
                self.assertEqual(json.loads(text)["scale"], {"double": 20, "odds": 50, "points": 600})

    def test_a_scale_of_ones_own(self):
        self.train("scorecard")
        text = self.opened(points=100, odds=1, double=10)[0][0]
        points = [row[1] for row in c2d.ExportedModel.parse(text).score(c2d.Table.read(self.joined())).to_matrix()]
        self.assertEqual(points, [own for _, own in self.scored(points=100, odds=1, double=10)])

    def test_shut_where_an_owner_says_nothing(self):
        self.train("logistic regression")
        with self.assertRaises(c2d.mpc.PartyFailed) as failed:
            self.opened(RULES)
        self.assertEqual({type(one) for one in failed.exception.failures.values()}, {c2d.Refused})

    def test_a_file_that_is_none(self):
        with self.assertRaisesRegex(c2d.IoFailure, "cannot read the model"):
            c2d.ExportedModel.read(self.path("nowhere.json"))
        with open(self.path("latin.json"), "wb") as file:
            file.write(b'{"name": "\xe9"}')
        with self.assertRaisesRegex(c2d.InvalidArgument, "latin.json: expected a model in UTF-8"):
            c2d.ExportedModel.read(self.path("latin.json"))

    def test_another_partys_card(self):
        self.train("logistic regression")
        os.replace(self.path("card_1"), self.path("card_0"))
        with open(self.path("card_1"), "w") as file:
            file.write("{}")
        with self.assertRaises(c2d.mpc.PartyFailed) as failed:
            self.opened()
        self.assertIsInstance(failed.exception.failures[0], run.Unusable)

    def test_what_another_party_announces(self):
        self.train("scorecard")
        with open(self.path("card_1")) as file:
            card = {name: value for name, value in json.load(file).items() if name in ("model", "binding", "rule")}
        self.assertEqual(operator.announced_card(json.dumps(card).encode(), 1), card)
        hostile = [
            b"\xff",
            b"[" * 100000,
            b"[]",
            b"7",
            b"{}",
            json.dumps(dict(card, model="trees")).encode(),
            json.dumps(dict(card, binding=7)).encode(),
            json.dumps(dict(card, rule={"version": 1})).encode(),
            json.dumps(dict(card, rule=None)).encode(),
            json.dumps(card).replace('"fill": ', '"fill": 1e999, "no": ').encode(),
        ]
        for said in hostile:
            with self.subTest(said[:40]), self.assertRaisesRegex(c2d.PeerFailure, "party 1 announced") as failed:
                operator.announced_card(said, 1)
            self.assertEqual(failed.exception.code, 1)
        with self.assertRaisesRegex(run.OtherUnusable, "rules of the parties 0"):
            operator.points_of([(1, {"columns": []})], [[1.0], [2.0]])

    def test_the_composition_that_is_shown(self):
        def read(*path):
            with open(os.path.join(os.path.dirname(__file__), "..", "..", *path)) as file:
                return json.loads(
                    re.sub(
                        r"\$\{([A-Z_0-9]+)(:-[^}]*)?\}",
                        r"\1",
                        file.read()
                        .replace("${PRICE:-10}", "10")
                        .replace("${PARTY}", "0")
                        .replace("${COEFFICIENTS:-false}", "true"),
                    )
                )

        [shown] = read("examples", "scorecard", "opening.json")["services"]
        [token] = read("bindings", "python", "c2d", "operators", "open_model", "terms.json")["services"]
        self.assertEqual(list(shown["descriptor"]["workflow"]), ["MODEL_0", "MODEL_1", "MODEL_2"])
        for party, use in enumerate(shown["descriptor"]["workflow"].values()):
            given = use["constraint"]
            self.assertEqual((use["service"], given["party_id"]), (token["index"], party))
            self.assertEqual(operator.Task(given).output_to, 0)
            for name, bound in token["descriptor"]["constraint"].items():
                if name not in ("party_id", "model_args"):
                    self.assertEqual(given[name], bound)

    def test_arguments(self):
        for given, text in (
            ({"model": 7}, "model_args.model must be a text"),
            ({"model": "m", "odds": 0}, "model_args.odds"),
            ({"model": "m", "kind": "points"}, "model_args.kind is no argument"),
        ):
            with self.subTest(given), self.assertRaisesRegex(arguments.BadArguments, text):
                operator.Task({"inputs": {"0": "a"}, "outputs": {"0": "model.json"}, "model_args": given})


class Pmml(Case):
    """The published structure of PMML 4.4: which elements stand in which, in which order, with which attributes."""

    #: Children in their order ("*": any number), and attributes that have to be there, of the elements that are
    #: written.
    STRUCTURE = {
        "PMML": (
            ["Header", "DataDictionary", "TransformationDictionary", "RegressionModel*", "Scorecard*"],
            {"version"},
        ),
        "Header": (["Application"], set()),
        "Application": ([], {"name"}),
        "DataDictionary": (["DataField*"], set()),
        "DataField": ([], {"name", "optype", "dataType"}),
        "TransformationDictionary": (["DerivedField*"], set()),
        "DerivedField": (["FieldRef*", "Apply*", "NormDiscrete*"], {"name", "optype", "dataType"}),
        "NormDiscrete": ([], {"field", "value"}),
        "RegressionModel": (["MiningSchema", "Output", "RegressionTable"], {"functionName"}),
        "Scorecard": (["MiningSchema", "Output", "Characteristics"], {"functionName"}),
        "MiningSchema": (["MiningField*"], set()),
        "MiningField": ([], {"name"}),
        "Output": (["OutputField*"], set()),
        "OutputField": (["Apply*", "FieldRef*"], {"name", "feature", "dataType", "optype"}),
        "RegressionTable": (["NumericPredictor*"], {"intercept"}),
        "NumericPredictor": ([], {"name", "coefficient"}),
        "Characteristics": (["Characteristic*"], set()),
        "Characteristic": (["Attribute*"], {"name", "reasonCode", "baselineScore"}),
        "Attribute": (["SimplePredicate*", "True*"], {"partialScore"}),
        "SimplePredicate": ([], {"field", "operator"}),
        "True": ([], set()),
        "Apply": (None, {"function"}),
        "FieldRef": ([], {"field"}),
        "Constant": ([], {"dataType"}),
    }

    def pmml(self, kind):
        self.train(kind)
        with c2d.ExportedModel.parse(self.opened()[0][0]) as model:
            return model.to_pmml()

    def check(self, element):
        name = element.tag.replace(PMML, "")
        children, wanted = self.STRUCTURE[name]
        self.assertLessEqual(wanted, set(element.attrib), name)
        found = [child.tag.replace(PMML, "") for child in element]
        if children is not None:
            places = [one.rstrip("*") for one in children]
            self.assertEqual(found, sorted(found, key=places.index), name)
            for one in children:
                self.assertTrue(one.endswith("*") or found.count(one) == 1, "%s in %s" % (one, name))
        for child in element:
            self.check(child)

    def test_structure(self):
        for kind in TRAININGS:
            with self.subTest(kind):
                root = ElementTree.fromstring(self.pmml(kind))
                self.check(root)
                fields = {
                    one.get("name") for one in root.iter() if one.tag in (PMML + "DataField", PMML + "DerivedField")
                }
                fields |= {one.get("name") for one in root.iter(PMML + "OutputField")}
                used = {one.get("field") for one in root.iter() if one.get("field")}
                used |= {one.get("name") for one in root.iter(PMML + "NumericPredictor")}
                self.assertLessEqual(used, fields)
                self.assertEqual(
                    int(root.find(PMML + "DataDictionary").get("numberOfFields")),
                    len(root.findall(".//" + PMML + "DataField")),
                )
                self.assertEqual(
                    {one.get("name") for one in root.iter(PMML + "MiningField")},
                    {one.get("name") for one in root.iter(PMML + "DataField")},
                )

    def test_another_program_gives_equal_scores(self):
        try:
            from pypmml import Model
        except ImportError:
            self.skipTest("pypmml is not installed")
        for kind in TRAININGS:
            with self.subTest(kind):
                model = Model.fromString(self.pmml(kind))
                second = self.rows("b.csv")
                given = {"reasons": {"count": 4}} if kind == "scorecard" else {}
                wanted = self.scored(**given)
                for key, own in list(self.rows("a.csv").items())[:300]:
                    row = {name: value for name, value in {**own, **second[key]}.items() if value != ""}
                    for name in ("amount", "balance"):
                        if name in row:
                            row[name] = float(row[name])
                    row["since"] = (datetime.date.fromisoformat(row["since"]) - datetime.date(1970, 1, 1)).days
                    found = model.predict(row)
                    key, points, *reasons = wanted[int(key[1:])]
                    self.assertAlmostEqual(found["points"], points, delta=0.001, msg=row)
                    named = [found.get("reason_%d" % (place + 1)) for place in range(len(reasons))]
                    for mine, theirs in zip(reasons, named):
                        if mine:
                            self.assertEqual(theirs, mine, row)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--source")
    _, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0]] + rest)
