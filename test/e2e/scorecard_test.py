"""examples/scorecard.sh as two banks play it: from tables as they have them to a report, a figure that others can
check, and nothing of a bank's cells anywhere else.

    scorecard_test.py --source SOURCE   (C2D_LIBRARY names the library, PYTHONPATH the package; needs numpy; scikit-learn where it is)
"""

import argparse
import contextlib
import csv
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

OPTIONS = argparse.Namespace()
FULL = os.environ.get("C2D_FULL") == "1"
PORTS = (8090, 8091, 8092, 8911, 8912, 8913)
#: What a play leaves, below build/scorecard.
WORK = "build/scorecard"


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def of_scikit_learn(numbers, texts, y, test):
    """Scores of the rows that test, prepared its usual way."""
    import numpy
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    count = len(numbers)
    rows = numpy.array([numpy.array(column, dtype=object) for column in numbers + texts], dtype=object).T
    model = make_pipeline(
        make_column_transformer(
            (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), list(range(count))),
            (OneHotEncoder(handle_unknown="ignore"), list(range(count, count + len(texts)))),
        ),
        LogisticRegression(max_iter=1000),
    )
    model.fit(rows[test:], y[test:])
    return model.decision_function(rows[:test])


def of_newton(numbers, texts, y, test):
    """The same by hand, where scikit-learn is not installed."""
    import numpy

    parts = []
    for column in numbers:
        values = numpy.array(column, dtype=float)
        values = numpy.where(numpy.isnan(values), numpy.nanmedian(values[test:]), values)
        parts.append((values - values[test:].mean()) / (values[test:].std() or 1))
    for column in texts:
        parts += [numpy.array([cell == value for cell in column], dtype=float) for value in sorted(set(column[test:]))]
    x = numpy.column_stack(parts + [numpy.ones(len(y))])
    w = numpy.zeros(x.shape[1])
    for _ in range(15):
        p = 1 / (1 + numpy.exp(-x[test:] @ w))
        gradient = x[test:].T @ (y[test:] - p) - w
        w += numpy.linalg.solve((x[test:].T * (p * (1 - p))) @ x[test:] + numpy.eye(len(w)), gradient)
    return x[:test] @ w


def auc_of(scores, y):
    """By ranks; equal scores share theirs."""
    import numpy

    _, place, count = numpy.unique(scores, return_inverse=True, return_counts=True)
    ranks = (numpy.cumsum(count) - (count - 1) / 2)[place]
    positives = int(y.sum())
    return (ranks[y].sum() - positives * (positives + 1) / 2) / (positives * (len(y) - positives))


def reference_auc(folder, name="customer_id", label="default", bad="yes"):
    """(common customers, AUC of another tool) over the same customers and the same rows that test."""
    import numpy

    a, b = ({row[name]: row for row in read(os.path.join(folder, bank + ".csv"))} for bank in ("bank_a", "bank_b"))
    common = sorted(set(a) & set(b), key=lambda one: hashlib.sha256(one.encode()).hexdigest())
    rows = [{**a[one], **b[one]} for one in common]
    columns = {column: [row[column] for row in rows] for column in rows[0] if column not in (name, label)}

    def as_numbers(cells):
        with contextlib.suppress(ValueError):
            return [float(cell) if cell else float("nan") for cell in cells]
        return None

    numbers = [as_numbers(cells) for cells in columns.values() if as_numbers(cells)]
    texts = [cells for cells in columns.values() if not as_numbers(cells) and len(set(cells)) <= 200]
    y = numpy.array([row[label] == bad for row in rows])
    test = len(rows) // 5
    try:
        scores = of_scikit_learn(numbers, texts, y, test)
    except ImportError:
        scores = of_newton(numbers, texts, y, test)
    return len(rows), auc_of(scores, y[:test])


def generate(folder, *more):
    subprocess.run(
        [
            sys.executable,
            "-B",
            os.path.join(OPTIONS.source, "examples/scorecard/generate_data.py"),
            "--out",
            folder,
            *more,
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def play(*arguments):
    """Exit status and what was said, without colours."""
    done = subprocess.run(
        [os.path.join(OPTIONS.source, "examples/scorecard.sh"), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=240,
    )
    return done.returncode, re.sub(r"\x1b\[\d*m", "", done.stdout.decode("utf-8", "replace"))


def files_with(word, folder, without=()):
    """Files below `folder` that hold the word, but for those whose path begins with one of `without`."""
    found = []
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            shown = os.path.relpath(path, folder)
            if not shown.startswith(tuple(without)):
                with open(path, "rb") as file:
                    if word.encode() in file.read():
                        found.append(shown)
    return found


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="c2d-scorecard-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.work = os.path.join(OPTIONS.source, WORK)

    def change(self, bank, change):
        """Changes each row of a bank's table."""
        path = os.path.join(self.folder, bank + ".csv")
        rows = read(path)
        for number, row in enumerate(rows):
            change(number, row)
        write(path, rows)

    def said_by(self, who):
        with open(os.path.join(self.work, who, "exec/job_1/log"), encoding="utf-8") as file:
            return file.read()

    def end_at(self, who):
        with open(os.path.join(self.work, who, "exec/job_1/receipt.json"), encoding="utf-8") as file:
            document = json.load(file)
        return document["outcome"], document["run"]["outcome"]


class Plays(Case):
    def check_report(self, *arguments):
        code, said = play("--data", self.folder, "--out", os.path.join(self.folder, "out"), *arguments)
        self.assertEqual(code, 0, said)
        with open(os.path.join(self.folder, "out/report.json"), encoding="utf-8") as file:
            return json.load(file), said

    def test_raw_tables_to_a_report(self):
        """Text, gaps, another order and an overlap of 85 %; one call, one job."""
        generate(self.folder, "--seed", "1")
        report, said = self.check_report()
        common, expected = reference_auc(self.folder)
        self.assertEqual(
            (report["common"], report["rows_test"], report["rows_train"]), (common, common // 5, common - common // 5)
        )
        self.assertGreaterEqual(report["auc"], expected - 0.03)
        alone = float(re.search(r"^AUC of bank A alone: +(\d\.\d{4})$", said, re.M)[1])
        self.assertIn("AUC of the joint model: %.4f\n" % report["auc"], said)
        self.assertGreater(report["auc"], alone + 0.02)
        trace = said.partition("The regulator walks")[2]
        for word in (
            "credit applications",
            "current accounts",
            "job 1  scorecard",
            "job 2  scorecard",
            "Model  company",
            "verified: true",
        ):
            self.assertIn(word, trace)
        self.assertIn("job_id: 1\n", said)
        self.check_scores(report)

    def check_scores(self, report):
        """The model tokens score bank A's customers that tested, without labels, as the report says."""
        import numpy

        scores = {row["id"]: float(row["points"]) for row in read(os.path.join(self.folder, "out/scores.csv"))}
        a, b = (
            {row["customer_id"]: row for row in read(os.path.join(self.folder, bank + ".csv"))}
            for bank in ("bank_a", "bank_b")
        )
        order = sorted(set(a) & set(b), key=lambda one: hashlib.sha256(one.encode()).hexdigest())
        self.assertEqual(sorted(scores), sorted(order[: len(order) // 5]))
        bad = numpy.array([a[one]["default"] == "yes" for one in scores])
        # More points are better.
        self.assertAlmostEqual(auc_of(-numpy.array(list(scores.values())), bad), report["auc"], delta=0.003)

    def test_rows_in_other_order_with_id(self):
        """400 customers at bank A, 370 of them at bank B in another order, and 25 more."""
        generate(self.folder, "--rows", "400", "--seed", "7")
        a = read(os.path.join(self.folder, "bank_a.csv"))
        ids = {row["customer_id"] for row in a}
        b = read(os.path.join(self.folder, "bank_b.csv"))
        b = [row for row in b if row["customer_id"] in ids][:330] + [row for row in b if row["customer_id"] not in ids][
            :25
        ]
        write(os.path.join(self.folder, "bank_b.csv"), b[::-1])
        report, _ = self.check_report()
        common, expected = reference_auc(self.folder)
        self.assertEqual((report["common"], common), (330, 330))
        self.assertGreaterEqual(report["auc"], expected - 0.03)
        self.assertGreater(report["auc"], 0.7)

    def test_words_of_ones_own(self):
        """Other names and values of id and label; semicolons and decimal commas at bank B; numbers with gaps."""
        generate(self.folder, "--rows", "1500", "--seed", "3")
        self.change(
            "bank_a",
            lambda _, row: row.update(
                {"客户": row.pop("customer_id"), "outcome": {"yes": "1", "no": "0"}[row.pop("default")]}
            ),
        )
        rows = read(os.path.join(self.folder, "bank_b.csv"))
        with open(os.path.join(self.folder, "bank_b.csv"), "w", encoding="utf-8-sig") as file:
            file.write(";".join(["客户"] + list(rows[0])[1:]) + "\r\n")
            for row in rows:
                file.write(
                    ";".join(
                        cell.replace(".", ",") if re.fullmatch(r"-?[\d.]+", cell) else cell for cell in row.values()
                    )
                    + "\r\n"
                )
        report, said = self.check_report("--id", "客户", "--label", "outcome", "--bad", "1")
        self.assertIn("a semicolon separates the cells", said)
        self.assertEqual(report["common"], 1275)
        self.assertGreater(report["auc"], 0.8)


class Seeds(Case):
    def in_threads(self, operator):
        """The report of an operator over these tables, by the same program in threads."""
        import c2d

        task = operator.Task(
            {
                "inputs": {str(slot): os.path.join(self.folder, "bank_%s.csv" % "ab"[slot]) for slot in (0, 1)},
                "outputs": {"0": "x"},
                "model_args": {"id": "customer_id", "label": "default", "bad": "yes", "align": {"mode": "helper"}},
            }
        )
        with contextlib.redirect_stderr(io.StringIO()):
            return c2d.mpc.run_local(lambda session, _: operator.program(session, task), [None] * 3, progress=False)[0]

    def test_five_seeds(self):
        """The figure beside those of `logistic` and of another tool; by jobs with --full, else by the same program in
        threads."""
        from c2d.operators.logistic import operator as logistic
        from c2d.operators.scorecard import operator

        for seed in (2, 3, 4, 5) + ((1,) if FULL else ()):
            with self.subTest(seed=seed):
                generate(self.folder, "--seed", str(seed))
                if FULL:
                    code, said = play("--data", self.folder)
                    self.assertEqual(code, 0, said)
                    with open(os.path.join(self.work, "out/report.json"), encoding="utf-8") as file:
                        report = json.load(file)
                else:
                    report = self.in_threads(operator)
                plain = self.in_threads(logistic)
                common, expected = reference_auc(self.folder)
                print("seed %d: %.4f, logistic %.4f, another tool %.4f" % (seed, report["auc"], plain["auc"], expected))
                self.assertEqual(report["common"], common)
                self.assertGreaterEqual(report["auc"], expected - 0.03)
                self.assertGreaterEqual(report["auc"], plain["auc"] - 0.01)


class Refused(Case):
    @mock.patch.dict(os.environ, {"C2D_BUILT": ""})
    def test_before_anything_is_built_or_published(self):
        for arguments, code, text in (
            (["--model", "trees"], 1, "unsupported"),
            (["--model", "forest"], 2, "--model must be scorecard or trees, found forest"),
            (["--data", self.folder], 2, "expected %s/bank_a.csv" % self.folder),
            (["--split", "0.8"], 2, "unknown option --split"),
            (["--bad"], 2, "--bad needs a value"),
        ):
            with self.subTest(arguments):
                found, said = play(*arguments)
                self.assertEqual(found, code, said)
                self.assertIn(text, said)
                self.assertNotIn("Building", said)

    def test_a_table_with_problems_is_not_published(self):
        generate(self.folder, "--rows", "300")
        self.change("bank_b", lambda number, row: number == 7 and row.update(customer_id=""))
        code, said = play("--data", self.folder)
        self.assertEqual(code, 1, said)
        self.assertIn("line 9, column customer_id", said)
        self.assertNotIn("publish data tokens", said)


class Canaries(Case):
    """What stands in a bank's cells stands nowhere else: not at others, not on the ledger, not in what all can read."""

    #: A file or folder of build/scorecard begins so if it is bank A's, or bank B's, own.
    OWN = {"bank_a": ("bank_a/", "bank_a.log", "alone.log"), "bank_b": ("bank_b/", "bank_b.log")}

    def plant(self):
        generate(self.folder, "--rows", "600", "--seed", "9")
        both = {row["customer_id"] for row in read(os.path.join(self.folder, "bank_a.csv"))}
        both &= {row["customer_id"] for row in read(os.path.join(self.folder, "bank_b.csv"))}

        def cells(bank):
            def change(number, row):
                for place, (name, cell) in enumerate(list(row.items())):
                    if name == "customer_id":
                        row[name] = ("of-both-%s" if cell in both else "only-" + bank + "-%s") % cell
                    elif name == "default":
                        row[name] = "canary-default" if cell == "yes" else "canary-%s-good" % bank
                    elif re.fullmatch(r"-?\d+(\.\d+)?", cell):
                        row[name] = "%.4f" % float(cell) + ("7301985" if bank == "a" else "6120493")
                    elif cell and name != "opened":
                        row[name] = "canary-%s-%d-%s" % (bank, place, cell)

            return change

        self.change("bank_a", cells("a"))
        self.change("bank_b", cells("b"))

    def check_nowhere_else(self):
        for bank, words in (
            ("bank_a", ("canary-a-", "only-a-", "7301985")),
            ("bank_b", ("canary-b-", "only-b-", "6120493")),
        ):
            for word in words:
                self.assertTrue(files_with(word, self.folder), word)
                self.assertEqual(files_with(word, self.work, self.OWN[bank]), [], word)
        self.assertEqual(
            files_with("of-both-", self.work, self.OWN["bank_a"] + self.OWN["bank_b"] + ("out/scores.csv",)), []
        )

    def test_a_job_that_succeeds(self):
        self.plant()
        code, said = play("--data", self.folder, "--bad", "canary-default")
        self.assertEqual(code, 0, said)
        self.check_nowhere_else()

    def test_a_table_that_cannot_be_used(self):
        """Its owner gets every problem, the others that it is not usable, and all the same end."""
        self.plant()
        self.change("bank_a", lambda number, row: number % 50 == 4 and row.update(default="canary-a-maybe"))
        code, said = play("--data", self.folder, "--bad", "canary-default")
        self.assertEqual(code, 1, said)
        self.assertIn("canary-a-maybe", self.said_by("bank_a"))
        for other in ("bank_b", "company"):
            self.assertIn("error: the input of party 0 is not usable\n", self.said_by(other))
            self.assertNotIn("vanished", self.said_by(other))
        self.assertEqual(
            [self.end_at(who) for who in ("bank_a", "bank_b", "company")], [("failed", "input_unusable")] * 3
        )
        self.check_nowhere_else()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", required=True, type=os.path.abspath)
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    try:
        import numpy  # noqa: F401
    except ImportError as missing:
        print("numpy is not installed: %s" % missing)
        sys.exit(77)
    unittest.main(argv=[sys.argv[0]] + rest)


if __name__ == "__main__":
    main()
