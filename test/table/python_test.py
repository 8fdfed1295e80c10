"""Tables in Python: what C++ can do, through the C interface.

python_test.py --source DIR   (C2D_LIBRARY names the library, PYTHONPATH the package)
"""

import argparse
import gc
import os
import sqlite3
import subprocess
import sys
import tempfile
import unittest

import c2d
from c2d import _arrow, mpc

OPTIONS = argparse.Namespace()
TEXT = "id,income,city\nA,1.5,Bern\nB,,\"Basel, Stadt\"\nC,2.5,\n"


class Reading(unittest.TestCase):
    def test_table(self):
        table = c2d.Table.parse_csv(TEXT, id="id")
        self.assertEqual((table.shape, len(table), table.names), ((3, 3), 3, ["id", "income", "city"]))
        self.assertEqual(table.column("city"), ["Bern", "Basel, Stadt", None])
        self.assertEqual(table.cell(0, "income"), "1.5")
        self.assertEqual([field["role"] for field in table.schema.fields], ["id", "feature", "feature"])
        some = table.select(["city", "id"]).take([2, 0, 0])
        self.assertEqual((some.column(0), some.column(1)), ([None, "Bern", "Bern"], ["C", "A", "A"]))
        self.assertIn("3 rows, 3 columns", repr(table))
        table.close()
        self.assertIn("closed", repr(table))
        self.assertEqual(some.rows, 3)

    def test_file_and_check(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "t.csv")
            with open(path, "w", encoding="utf-8") as file:
                file.write(TEXT + "D,x,y,z\n")
            with self.assertRaisesRegex(c2d.InvalidArgument, "line 5: expected 3 cells, found 4"):
                c2d.Table.read_csv(path)
            told = []
            report = c2d.check_csv(path, progress=lambda done, total, line: told.append((done, total)))
            self.assertEqual((report["usable"], report["problems"][0]["line"], report["rows"]), (False, 5, 3))
            self.assertTrue(told)
            with self.assertRaises(ZeroDivisionError):
                c2d.Table.read_csv(path, progress=lambda *_: 1 / 0)
            with self.assertRaises(c2d.NotFound):
                c2d.check_csv(path + "x")

    def test_table_files(self):
        with tempfile.TemporaryDirectory() as folder:
            first, second = os.path.join(folder, "a.table"), os.path.join(folder, "b.table")
            table = c2d.Table.parse_csv(TEXT, id="id")
            table.write(first)
            again = c2d.Table.read(first)
            again.write(second)
            with open(first, "rb") as one, open(second, "rb") as other:
                self.assertEqual(one.read(), other.read())
            self.assertEqual([again.column(name) for name in again.names], [table.column(name) for name in table.names])
            self.assertEqual(
                c2d.Table.read(
                    first,
                    {"fields": [{"name": "id", "role": "id"}, {"name": "city"}, {"name": "income", "role": "ignore"}]},
                ).names,
                ["id", "city"],
            )
            report = c2d.check_table(
                first,
                {
                    "fields": [
                        {"name": "id"},
                        {"name": "city", "constraints": {"required": True}},
                        {"name": "income", "type": "number"},
                    ]
                },
            )
            self.assertEqual(
                (report["usable"], report["problems"][0]["row"], report["problems"][0]["column"]), (False, 3, "city")
            )
            with self.assertRaisesRegex(c2d.InvalidArgument, "a table file of c2d"):
                c2d.Table.read_csv(first)
            with open(second, "w", encoding="utf-8") as file:
                file.write(TEXT)
            self.assertEqual(c2d.Table.read(second).rows, 3)

    def test_query(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "bank.db")
            with sqlite3.connect(path) as database:
                database.execute("CREATE TABLE accounts (id TEXT, income REAL)")
                database.execute("INSERT INTO accounts VALUES ('A', 1), ('B', NULL)")
            database.close()
            table = c2d.Table.query({"sqlite": path, "query": "SELECT * FROM accounts ORDER BY id"}, id="id")
            self.assertEqual((table.column("income"), table.schema.fields[0]["role"]), (["1", None], "id"))
            with self.assertRaisesRegex(c2d.InvalidArgument, "does more than read"):
                c2d.Table.query({"sqlite": path, "query": "DELETE FROM accounts"})
            with self.assertRaises(c2d.NotFound):
                c2d.Table.query({"sqlite": path + "x", "query": "SELECT 1"})

    def test_schema(self):
        schema = c2d.Schema({"fields": [{"name": "income", "type": "number"}, {"name": "id", "role": "id"}]})
        self.assertEqual(schema, c2d.Schema(schema.to_json()))
        self.assertEqual(len(schema.digest), 32)
        table = c2d.Table.parse_csv("income,id\n1,A\n2,B\n", schema=schema)
        self.assertEqual(table.schema.fields[0]["type"], "number")
        self.assertEqual(table.conform({"fields": [{"name": "id"}]}).names, ["id"])
        with self.assertRaisesRegex(c2d.InvalidArgument, "primaryKey"):
            c2d.Schema({"fields": [{"name": "a"}], "primaryKey": "a"})
        with self.assertRaisesRegex(c2d.InvalidArgument, "column income is number, not date"):
            table.conform({"fields": [{"name": "income", "type": "date"}]})

    def test_wrong_use(self):
        for text, options in (
            ("a,b\n1,2\n", {"header": "yes"}),
            ("a,b\n1,2\n", {"delimiter": ",,"}),
            ("a", {"decimal": ";"}),
        ):
            with self.assertRaises(c2d.InvalidArgument):
                c2d.Table.parse_csv(text, **options)
        table = c2d.Table.parse_csv(TEXT)
        with self.assertRaises(c2d.InvalidArgument):
            table.cell(3, 0)
        with self.assertRaises(c2d.InvalidArgument):
            table.take([3])
        with self.assertRaisesRegex(c2d.InvalidArgument, "there is no column"):
            table.column("age")
        with self.assertRaises(TypeError):
            list(table)
        with self.assertRaises(TypeError):
            c2d.Table()


class Preparing(unittest.TestCase):
    def test_rule(self):
        table = c2d.Table.of({"income": [float(row) for row in range(100)], "city": ["Bern", "Basel"] * 50})
        rule = c2d.PreprocessingRule.fit(table)
        prepared = rule.apply(table)
        self.assertEqual((prepared.shape, prepared.names), ((100, 3), ["income", "city=Basel", "city=Bern"]))
        self.assertEqual(c2d.PreprocessingRule.parse(rule.to_json()).digest, rule.digest)
        matrix = prepared.to_matrix()
        self.assertAlmostEqual(sum(row[0] for row in matrix), 0)
        scored = rule.apply(
            c2d.Table.parse_csv(
                "income,city\n5,Genf\n,\n", schema={"fields": [{"name": "income", "type": "number"}, {"name": "city"}]}
            )
        )
        self.assertEqual(sorted(one["column"] for one in scored.surprises), ["city", "income"])
        with self.assertRaisesRegex(c2d.InvalidArgument, "column city is not there"):
            rule.apply({"income": [1.0]})

    def test_plan(self):
        table = c2d.Table.of({"x": [1, 2, 3, 4], "y": [1.5, None, 2.5, 3.5]})
        plan = c2d.PreprocessingRule.default_plan(table.schema)
        self.assertEqual([column["as"] for column in plan], ["number", "number"])
        plan[0].update({"as": "drop"})
        rule = c2d.PreprocessingRule.fit(table, plan)
        self.assertEqual([column.get("why") for column in rule.columns], ["the plan leaves it out", None])

    def test_matrices_take_tables(self):
        self.assertEqual(mpc.Matrix(c2d.Table.of({"x": [1.0, 2.0], "y": [3, 4]})).to_rows(), [[1, 3], [2, 4]])
        with self.assertRaisesRegex(c2d.InvalidArgument, "column city is text"):
            mpc.Matrix(c2d.Table.of({"city": ["Bern"]}))


class Columns(unittest.TestCase):
    def test_mapping(self):
        table = c2d.Table.of({"a": [1, None], "b": ["x", ""], "c": [True, False], "d": [0.1, float("nan")]})
        self.assertEqual([field["type"] for field in table.schema.fields], ["integer", "string", "boolean", "number"])
        self.assertEqual(table.column("d"), ["0.1", None])
        self.assertEqual(c2d.Table.of({"a": [None, None]}).rows, 2)
        for given in ({}, {"a": [1], "b": []}, {"a": [object()]}, [1, 2], {"a": [1, "x"]}):
            with self.assertRaises(c2d.InvalidArgument):
                c2d.Table.of(given)


class Arrow(unittest.TestCase):
    def test_there_and_back(self):
        table = c2d.Table.parse_csv(TEXT)
        again = c2d.Table.of(Producer(table))
        self.assertEqual([again.column(name) for name in again.names], [table.column(name) for name in table.names])

    def test_capsules_that_nobody_takes_are_released(self):
        table = c2d.Table.parse_csv(TEXT)
        for _ in range(3):
            table.__arrow_c_stream__()
            table.schema.__arrow_c_schema__()
        gc.collect()
        self.assertEqual(_arrow._given, {})

    def test_a_capsule_is_read_once(self):
        capsule = c2d.Table.parse_csv(TEXT).__arrow_c_stream__()
        self.assertEqual(c2d.Table.of(Producer(None, capsule)).rows, 3)
        with self.assertRaisesRegex(c2d.InvalidArgument, "released or read already"):
            c2d.Table.of(Producer(None, capsule))
        with self.assertRaisesRegex(c2d.InvalidArgument, "expected a capsule"):
            c2d.Table.of(Producer(None, object()))

    def test_the_end_of_the_interpreter(self):
        code = "import c2d; t = c2d.Table.parse_csv('a,b\\n1,x\\n'); c = t.__arrow_c_stream__(); s = t.__arrow_c_schema__()"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


class Producer:
    """Speaks the protocol for a table, or gives a capsule of its own."""

    def __init__(self, table, capsule=None):
        self._table, self._capsule = table, capsule

    def __arrow_c_stream__(self, requested_schema=None):
        return self._table.__arrow_c_stream__(requested_schema) if self._capsule is None else self._capsule


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", required=True)
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    unittest.main(argv=sys.argv[:1] + rest)
