"""The shipped operator `logistic`: its arguments, what it does with raw tables, and what each party is told.

logistic_test.py --source DIR   (C2D_LIBRARY names the library, PYTHONPATH the package)
"""

import argparse
import contextlib
import copy
import hashlib
import io
import os
import random
import shutil
import subprocess
import sys
import tempfile
import unittest

import c2d
from c2d import operators
from c2d.operators import arguments, run, tables
from c2d.operators.align import operator as overlap
from c2d.operators.logistic import operator
from c2d.operators.score import operator as scoring

OPTIONS = argparse.Namespace()
ARGUMENTS = {
    "inputs": {"0": "a.csv", "1": "b.csv"},
    "outputs": {"0": "report.json"},
    "model_args": {"id": "customer", "label": "outcome", "bad": "bad", "align": {"mode": "helper"}},
}


def with_model(**changes):
    given = copy.deepcopy(ARGUMENTS)
    given["model_args"].update(changes)
    return given


class ArgumentErrors(unittest.TestCase):
    def refused(self, given):
        with self.assertRaises(arguments.BadArguments) as caught:
            operator.Task(given)
        return str(caught.exception).splitlines()

    def test_each_by_its_name(self):
        for changes, text in (
            ({"split": -5}, "split must be rows that train, a share between 0 and 1, or"),
            (
                {"split": 1.5},
                'split must be rows that train, a share between 0 and 1, or {"column": …, "from": …}, found 1.5',
            ),
            ({"split": "0.8"}, "found \"0.8\""),
            ({"split": True}, "split must be"),
            ({"split": 1}, "split must be"),
            ({"split": 0}, "split must be"),
            ({"split": {"column": "opened"}}, "split must be"),
            ({"split": float("nan")}, "split must be"),
            ({"split": {"column": 3, "from": 1}}, "split must be"),
            ({"bad": {"$": 1}}, "model_args.bad must be one value"),
            ({"bad": ["x"]}, "model_args.bad must be one value"),
            ({"label": ""}, "model_args.label must be a text, found \"\""),
            ({"label": 3}, "model_args.label must be a text, found 3"),
            ({"ridge": 2}, "model_args.ridge must be a number from 0 to 1, found 2"),
            ({"ridge": "0"}, "model_args.ridge must be a number from 0 to 1, found \"0\""),
            ({"id": []}, "model_args.id must be a column"),
            ({"id": ["a", 3]}, "model_args.id must be a column"),
            ({"id": {"0": "a"}}, "model_args.id must be a column"),
            ({"id": {"0": ["a", "b"], "1": "a"}}, "model_args.id must be equally many columns of each table"),
            ({"align": {}}, "model_args.align.mode must be one of helper, two_party, hidden"),
            (
                {"align": {"mode": "magic"}},
                "model_args.align.mode must be one of helper, two_party, hidden, found \"magic\"",
            ),
            (
                {"align": {"mode": "helper", "rule": {"trim": 1}}},
                "model_args.align.rule.trim must be true or false, found 1",
            ),
            (
                {"align": {"mode": "helper", "common_min": 0}},
                "model_args.align.common_min must be a whole number from 1",
            ),
            (
                {"align": {"mode": "helper", "common_min": 2.5}},
                "model_args.align.common_min must be a whole number from 1",
            ),
            ({"align": {"mode": "helper", "twice": 1}}, "model_args.align.twice is no argument of this operator"),
            ({"align": "helper"}, "model_args.align must be an object, found \"helper\""),
            (
                {"align": {"mode": "hidden"}, "split": {"column": "opened", "from": 1}},
                "split must be a share or a number of rows",
            ),
            ({"epoch": 3}, "model_args.epoch is no argument of this operator"),
        ):
            with self.subTest(changes):
                problems = self.refused(with_model(**changes))
                self.assertEqual(len([line for line in problems if text in line]), 1, problems)

    def test_hidden_is_not_for_those_who_look_at_rows(self):
        for other, more in (
            (overlap, {"id": "customer"}),
            (scoring, {"id": "customer", "model": {"0": "m", "1": "m", "2": "m"}}),
        ):
            given = {
                "inputs": ARGUMENTS["inputs"],
                "outputs": ARGUMENTS["outputs"],
                "model_args": {**more, "align": {"mode": "hidden"}},
            }
            with self.assertRaisesRegex(
                arguments.BadArguments, "align.mode must be helper or two_party: this operator"
            ):
                other.Task(given)

    def test_all_at_once_before_data(self):
        """Nothing of the files is looked at: they are not there."""
        problems = self.refused(
            {"inputs": {"5": "a.csv"}, "outputs": {}, "model_args": {"split": 3.5, "ridge": -1}, "more": 1}
        )
        for name in (
            "inputs",
            "outputs",
            "model_args.id",
            "model_args.label",
            "model_args.bad",
            "model_args.split",
            "model_args.ridge",
            "more",
        ):
            self.assertTrue([line for line in problems if line.startswith(name + " ")], (name, problems))
        self.assertTrue(self.refused([]))

    def test_zero_is_zero(self):
        self.assertEqual(operator.Task(with_model(ridge=0)).ridge, 0)
        self.assertEqual(operator.Task(ARGUMENTS).ridge, 0.001)


class Files(unittest.TestCase):
    def test_what_ships(self):
        self.assertLessEqual({"align", "logistic"}, set(operators.names()))
        for operator_name in operators.names():
            names = ["operator.py", "op_attr.json", "params.json", "terms.json"]
            if operator_name not in (
                "open_model",
                "refresh",
            ):  # of a model every party has a share: none is without data
                names.append("compute_terms.json")
            for name in names:
                self.assertTrue(
                    os.path.exists(os.path.join(operators.folder(operator_name), name)), (operator_name, name)
                )
        with self.assertRaises(LookupError):
            operators.folder("../operators")

    def test_the_wheel_has_them(self):
        with open(os.path.join(OPTIONS.source, "bindings/python/pyproject.toml"), encoding="utf-8") as file:
            packages = next(line for line in file if line.startswith("packages = "))
        for name in operators.names():
            self.assertIn('"c2d.operators.%s"' % name, packages)

    def test_the_package_says_where_they_are(self):
        ask = lambda *words: subprocess.run(
            [sys.executable, "-B", "-m", "c2d.operators", *words], capture_output=True, text=True, timeout=60
        )
        self.assertIn("logistic", ask().stdout.split())
        self.assertEqual(ask("logistic").stdout, operators.folder("logistic") + "\n")
        with open(os.path.join(operators.folder("logistic"), "terms.json"), encoding="utf-8") as file:
            self.assertEqual(ask("logistic", "terms.json").stdout, file.read())
        for words in (("nothing",), ("logistic", "../arguments.py")):
            self.assertNotEqual(ask(*words).returncode, 0)

    def test_how_many_rows_test(self):
        for split, rows, test in (
            (0.8, 5, 1),
            (0.8, 7, 1),
            (0.8, 10, 2),
            (0.8, 400, 80),
            (0.7, 10, 3),
            (3, 10, 7),
            (30, 10, 0),
            (0.9, 9, 0),
            (2.0, 10, 8),
        ):
            self.assertEqual(tables.rows_that_test(split, rows), test, (split, rows))

    def test_marks_travel_as_bits(self):
        for count in (0, 1, 7, 8, 9, 100):
            marks = bytes(random.Random(count).choice((0, 1)) for _ in range(count))
            self.assertEqual(tables.unpacked(tables.packed(marks), count, 0), marks)
            self.assertEqual(len(tables.packed(marks)), (count + 7) // 8)
        with self.assertRaisesRegex(c2d.PeerFailure, "party 1 sent 2 bytes; expected marks of 8 rows"):
            tables.unpacked(b"\0\0", 8, 1)


class Announced(unittest.TestCase):
    """A number that another party says of itself: it may say anything."""

    def announce(self, said, most=300):
        def program(session, own):
            return run.announced_numbers(session, own, most) if isinstance(own, int) else session.exchange(own)

        return c2d.mpc.run_local(program, [7, said, 300], progress=False)

    def test_whole_numbers_within_bounds(self):
        for said in (b"0", b"007", b"300"):
            self.assertEqual(self.announce(said)[0], [7, int(said), 300])

    def test_anything_else_names_who_said_it(self):
        for said in (b"", b"-1", b"301", b"1_0", b" 1", b"1.0", b"yes", "\u0663".encode(), b"9" * 100_000, b"\x1b[2J"):
            with self.subTest(said[:10]), self.assertRaises(c2d.mpc.PartyFailed) as caught:
                self.announce(said)
            for party in (0, 2):
                problem = caught.exception.failures[party]
                self.assertIsInstance(problem, c2d.PeerFailure)
                self.assertEqual(problem.code, 1)
                self.assertRegex(
                    str(problem), "^party 1 announced b['\"].{,80}; expected a whole number from 0 to 300$"
                )


class Numbers(unittest.TestCase):
    """What the demo's operator takes as a file of numbers."""

    def read(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "file.csv")
            with open(path, "wb") as file:
                file.write(text.encode())
            with contextlib.redirect_stderr(io.StringIO()):
                return tables.read_numbers(path).to_rows()

    def refused(self, text, *parts):
        with self.assertRaises(run.Unusable) as caught:
            self.read(text)
        for part in parts:
            self.assertIn(part, str(caught.exception))

    def test_files_as_people_have_them(self):
        rows = [[1.5, 2.0], [2.5, 3.0], [3.5, 4.0]]
        for text in (
            "a,b\n1.5,2\n2.5,3\n3.5,4\n",
            "1.5,2\n2.5,3\n3.5,4\n",
            '"income, monthly",b\n1.5,2\n2.5,3\n3.5,4\n',
            "a;b\r\n1,5;2\r\n2,5;3\r\n3,5;4\r\n",
            "\ufeffa\tb\n1.5\t2\n2.5\t3\n3.5\t4\n",
        ):
            with self.subTest(text):
                self.assertEqual(self.read(text), rows)
        self.assertEqual(self.read("0,1\n1.5,2.25\n2.5,3.5\n"), [[1.5, 2.25], [2.5, 3.5]])
        self.assertEqual(self.read("0\n1\n1\n"), [[0.0], [1.0], [1.0]])

    def test_the_index_that_pandas_writes_is_left_out(self):
        self.assertEqual(
            self.read(",default\n" + "".join("%d,%d\n" % (row, row % 2) for row in range(9))),
            [[float(row % 2)] for row in range(9)],
        )

    def test_every_cell_that_is_no_number(self):
        rows = ["%d.5,%d" % (row, row) for row in range(60)]
        rows[3], rows[9], rows[20] = "low,3", "9.5,", "high,20"
        self.refused(
            "income,tenure\n" + "\n".join(rows) + "\n",
            'line 5, column income: expected a number, found "low"',
            "line 11, column tenure: missing",
            'line 22, column income: expected a number, found "high"',
        )

    def test_a_value_that_is_missing_in_the_first_row(self):
        self.refused("NA,2\n2.5,3\n3.5,4\n" * 20, "line 1, column", "missing")


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="c2d-operator-")
        self.addCleanup(shutil.rmtree, self.folder)
        chance = random.Random(5)
        self.a, self.b = [["customer", "outcome", "income", "town", "opened"]], [["customer", "savings", "kind"]]
        for number in range(300):
            risk = chance.gauss(0, 1)
            one = "%05d" % (number * 7919 % 99991)
            if number < 260:
                self.a.append(
                    [
                        one,
                        "bad" if chance.random() < 1 / (1 + 2.718 ** -(2 * risk - 0.5)) else "good",
                        "" if number % 9 == 0 else "%.2f" % (1000 - 200 * risk + chance.gauss(0, 150)),
                        chance.choice(["Bern", "Chur"]),
                        "20%02d-06-01" % (10 + number % 14),
                    ]
                )
            if number >= 20:
                self.b.append([one, "%.1f" % (50 - 20 * risk + chance.gauss(0, 15)), chance.choice(["x", "y", "z"])])
        self.b[1:] = chance.sample(self.b[1:], len(self.b) - 1)
        self.given = copy.deepcopy(ARGUMENTS)
        for slot, name in (("0", "a.csv"), ("1", "b.csv")):
            self.given["inputs"][slot] = os.path.join(self.folder, name)
        self.write()

    def write(self):
        for name, rows in (("a", self.a), ("b", self.b)):
            with open(os.path.join(self.folder, name + ".csv"), "w", encoding="utf-8") as file:
                file.writelines(",".join(row) + "\n" for row in rows)

    def play(self, **changes):
        """The report."""
        self.given["model_args"].update(changes)
        task = operator.Task(self.given)
        with contextlib.redirect_stderr(io.StringIO()) as said:
            reports = c2d.mpc.run_local(lambda session, _: operator.program(session, task), [None] * 3, progress=False)
        self.said = said.getvalue()
        self.assertEqual(reports[1:], [None, None])
        return reports[0]

    def fails(self, **changes):
        """What each party's exception is."""
        self.given["model_args"].update(changes)
        task, found = operator.Task(self.given), {}

        def program(session, _):
            try:
                operator.program(session, task)
            except Exception as problem:
                found[session.party] = problem

        with contextlib.redirect_stderr(io.StringIO()):
            c2d.mpc.run_local(program, [None] * 3, progress=False)
        return [found.get(party) for party in range(3)]

    def common(self):
        ids = {row[0] for row in self.b[1:]}
        return sorted(
            (row for row in self.a[1:] if row[0] in ids), key=lambda row: hashlib.sha256(row[0].encode()).hexdigest()
        )


class Tables(Case):
    def test_two_tables(self):
        report = self.play()
        self.assertEqual((report["common"], report["rows_test"], report["rows_train"]), (240, 48, 192))
        self.assertEqual(report["columns"], {"0": 5, "1": 4})
        self.assertGreater(report["auc"], 0.75)
        self.assertIn("column customer is left out: an id", self.said)

    def test_rows_that_test_are_those_that_anybody_finds(self):
        marks = tables.test_marks(c2d.Table.of({"id": [row[0] for row in self.a[1:]]}), ["id"], 0.8)
        order = sorted(range(260), key=lambda row: hashlib.sha256(self.a[1 + row][0].encode()).hexdigest())
        self.assertEqual({row for row in range(260) if marks[row]}, set(order[:52]))

    def test_the_order_of_files_means_nothing(self):
        first = self.play()
        self.a[1:], self.b[1:] = self.a[:0:-1], sorted(self.b[1:])
        self.write()
        again = self.play()
        self.assertAlmostEqual(first["auc"], again["auc"], delta=0.002)
        self.assertEqual(
            [first[name] for name in ("common", "rows_test")], [again[name] for name in ("common", "rows_test")]
        )

    def test_out_of_time(self):
        newer = [row for row in self.common() if row[4] >= "2021-01-01"]
        report = self.play(split={"column": "opened", "from": "2021-01-01"})
        self.assertEqual((report["rows_test"], report["rows_train"]), (len(newer), 240 - len(newer)))
        for split in (
            {"column": "nowhere", "from": 3},
            {"column": "income", "from": "soon"},
            {"column": "town", "from": "B"},
            {"column": "opened", "from": "2050-01-01"},
        ):
            with self.subTest(split):
                self.assertNotIn(None, self.fails(split=split))

    def test_rows_as_split(self):
        report = self.play(split=200)
        self.assertEqual((report["rows_train"], report["rows_test"]), (200, 40))

    def test_ids_of_several_columns_by_other_names(self):
        self.a = [[row[0][:2], row[0][2:]] + row[1:] for row in self.a]
        self.b = [row[1:] + [row[0][:2], row[0][2:]] for row in self.b]
        self.a[0][:2], self.b[0][-2:] = ["branch", "number"], ["Filiale", "Nummer"]
        self.write()
        self.assertEqual(self.play(id={"0": ["branch", "number"], "1": ["Filiale", "Nummer"]})["common"], 240)

    def test_two_party_and_other_spellings(self):
        for row in self.a[1:]:
            row[0] = row[0][:2] + "-" + row[0][2:]
        self.write()
        report = self.play(align={"mode": "two_party", "rule": {"digits_only": True}})
        self.assertEqual(report["common"], 240)

    def test_nobody_learns_who_is_common(self):
        report = self.play(align={"mode": "hidden", "common_min": 100})
        self.assertEqual((report["common"], report["rows_test"], report["rows_train"]), (240, 48, 192))
        # Their rules are fitted on all rows of each bank.
        self.assertEqual(report["columns"], {"0": 5, "1": 4})
        self.assertGreater(report["auc"], 0.7)
        self.assertIn("240 common customers, of 260 and 280", self.said)
        for problem in self.fails(align={"mode": "hidden", "common_min": 241}):
            self.assertEqual(problem.name, "common_below_minimum")

    def test_alone(self):
        del self.given["inputs"]["1"]
        report = self.play()
        self.assertEqual((report["common"], report["rows_test"], report["columns"]), (260, 52, {"0": 5}))

    def test_a_label_of_numbers_or_truths(self):
        for bad, good in (("1", "0"), ("true", "false"), ("是", "否")):
            for row in self.a[1:]:
                row[1] = bad if row[1] in ("bad", "1", "true") else good
            self.write()
            self.assertGreater(self.play(bad=bad)["auc"], 0.75)
        for row in self.a[1:]:
            row[1] = "1" if row[1] == "是" else "0"
        self.write()
        self.assertGreater(self.play(bad=1)["auc"], 0.75)


class Unusable(Case):
    def check(self, party, *texts):
        """The party gets every text, the others its number; all end alike."""
        found = self.fails()
        for text in texts:
            self.assertIn(text, str(found[party]))
        for other in {0, 1, 2} - {party}:
            self.assertRegex(str(found[other]), "^the input of party %d is not usable" % party)
        self.assertEqual([run.status_of(problem) for problem in found], [run.INPUT_UNUSABLE] * 3)

    def test_no_such_column(self):
        self.a[0][0], self.a[0][1] = "kunde", "ausgang"
        self.write()
        self.check(0, 'has no column "customer"; there are: kunde, ausgang, income', 'has no column "outcome"')

    def test_labels(self):
        self.a[9][1] = "perhaps"
        self.write()
        self.check(
            0, 'the label "outcome" must have two values, one of them "bad" (bad); found "bad", "good", "perhaps"'
        )
        self.a[9][1] = ""
        self.write()
        self.check(0, "line 10, column outcome: missing")

    def test_a_word_that_is_no_value(self):
        self.given["model_args"]["bad"] = "schlecht"
        self.check(0, '"schlecht" (bad); found "bad", "good"')

    def test_every_problem_of_a_table(self):
        self.b[3][0], self.b[40][0] = "", self.b[41][0]
        self.write()
        self.check(1, "line 4, column customer: the id is missing", "line 42, column customer: equal to an earlier row")

    def test_ids_that_are_equal_after_normalising(self):
        self.b[40][0] = self.b[41][0] + " "
        self.write()
        self.check(1, "have the same id after normalising")

    def test_what_is_no_table(self):
        with open(os.path.join(self.folder, "b.csv"), "wb") as file:
            file.write(b"PK\x03\x04" + bytes(range(256)) * 4)
        self.check(1, "b.csv")

    def test_a_file_that_is_not_there(self):
        os.unlink(os.path.join(self.folder, "a.csv"))
        self.check(0, "a.csv")

    def test_one_of_each_bank(self):
        """Both get their own problems, the helper the first's number."""
        self.a[0][0] = self.b[0][0] = "other"
        self.write()
        found = self.fails()
        self.assertIn("there are: other, outcome", str(found[0]))
        self.assertIn("there are: other, savings", str(found[1]))
        self.assertEqual(str(found[2]), "the input of party 0 is not usable")


class Overlap(Case):
    """The operator `align`."""

    def play_align(self, given):
        task = overlap.Task(given)
        with contextlib.redirect_stderr(io.StringIO()):
            return c2d.mpc.run_local(lambda session, _: overlap.program(session, task), [None] * 3, progress=False)

    def test_how_many_are_common(self):
        for mode in ("helper", "two_party"):
            for party in (0, 1, 2):
                given = {
                    "inputs": self.given["inputs"],
                    "outputs": {str(party): "report.json"},
                    "model_args": {"id": "customer", "align": {"mode": mode}},
                }
                reports = self.play_align(given)
                self.assertEqual(reports.pop(party), {"common": 240, "rows": {"0": 260, "1": 280}})
                self.assertEqual(reports, [None, None])

    def test_arguments(self):
        for given, text in (
            ({"inputs": {"0": "a"}}, "inputs must be the tables of both banks"),
            ({"model_args": {"id": "a", "align": {}}}, "model_args.align.mode must be one of"),
            ({"model_args": {"id": "a", "align": {"mode": "helper"}, "label": "x"}}, "model_args.label is no argument"),
        ):
            with self.assertRaises(arguments.BadArguments) as caught:
                overlap.Task({**ARGUMENTS, "model_args": {"id": "a", "align": {"mode": "helper"}}, **given})
            self.assertIn(text, str(caught.exception))

    def test_a_table_that_cannot_be_used(self):
        self.b[3][0] = ""
        self.write()
        with self.assertRaises(c2d.mpc.PartyFailed) as caught:
            self.play_align(
                {
                    "inputs": self.given["inputs"],
                    "outputs": {"0": "x"},
                    "model_args": {"id": "customer", "align": {"mode": "helper"}},
                }
            )
        self.assertIsInstance(caught.exception.failures[1], run.Unusable)
        self.assertIsInstance(caught.exception.failures[0], run.OtherUnusable)


class Ends(Case):
    def test_too_few_common(self):
        found = self.fails(align={"mode": "helper", "common_min": 241})
        self.assertEqual([problem.name for problem in found], ["common_below_minimum"] * 3)
        self.assertEqual([run.status_of(problem) for problem in found], [run.DOMAIN] * 3)

    def test_nothing_to_learn_from(self):
        self.a = [row[:2] for row in self.a]
        self.b = [[row[0], "same"] for row in self.b]
        self.b[0][1] = "kind"
        self.write()
        self.assertEqual(
            [str(problem) for problem in self.fails()], ["no party has a column that can be learned from"] * 3
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", required=True)
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    unittest.main(argv=[sys.argv[0]] + rest)
