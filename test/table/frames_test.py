"""Data frames of pandas, polars, pyarrow and duckdb, whichever are installed: in as tables, and out of them again.

frames_test.py   (C2D_LIBRARY names the library, PYTHONPATH the package)
"""

import importlib
import sys
import unittest

import c2d

COLUMNS = {"income": [1.5, None, 2.5], "age": [30, 40, 50], "city": ["Bern", None, "客户"], "active": [True, False, True]}
WANTED = {
    "income": ["1.5", None, "2.5"],
    "age": ["30", "40", "50"],
    "city": ["Bern", None, "客户"],
    "active": ["true", "false", "true"],
}


def there(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


pandas, polars, pyarrow, duckdb = map(there, ("pandas", "polars", "pyarrow", "duckdb"))
if not any((pandas, polars, pyarrow, duckdb)):
    print("no library of data frames is installed")
    sys.exit(77)


class Frames(unittest.TestCase):
    def same(self, table):
        self.assertEqual({name: table.column(name) for name in table.names}, WANTED)

    @unittest.skipUnless(pandas, "no pandas")
    def test_pandas(self):
        frame = pandas.DataFrame(COLUMNS)
        self.same(c2d.Table.of(frame))
        dated = c2d.Table.of(pandas.DataFrame({"d": pandas.to_datetime(["2024-01-31", None])}))
        self.assertEqual((dated.schema.fields[0]["type"], dated.column(0)), ("datetime", ["2024-01-31T00:00:00", None]))

    @unittest.skipUnless(polars, "no polars")
    def test_polars(self):
        self.same(c2d.Table.of(polars.DataFrame(COLUMNS)))
        self.same(c2d.Table.of(polars.DataFrame(COLUMNS).with_columns(polars.col("city").cast(polars.Categorical))))
        self.assertEqual(polars.DataFrame(c2d.Table.of(COLUMNS)).to_dict(as_series=False), COLUMNS)

    @unittest.skipUnless(pyarrow, "no pyarrow")
    def test_pyarrow(self):
        given = pyarrow.table(COLUMNS)
        self.same(c2d.Table.of(given))
        self.same(c2d.Table.of(given.to_batches()[0]))
        self.same(c2d.Table.of(pyarrow.concat_tables([given.slice(0, 1), given.slice(1)])))
        self.same(c2d.Table.of(given.set_column(2, "city", given["city"].dictionary_encode())))
        self.assertEqual(pyarrow.table(c2d.Table.of(COLUMNS)).to_pydict(), COLUMNS)
        self.assertEqual(pyarrow.schema(c2d.Table.of(COLUMNS).schema).names, list(COLUMNS))
        with self.assertRaisesRegex(c2d.InvalidArgument, "column x: a list is no type of a column"):
            c2d.Table.of(pyarrow.table({"x": [[1], [2]]}))

    @unittest.skipUnless(duckdb and pyarrow, "no duckdb")
    def test_duckdb(self):
        relation = duckdb.sql(
            "select * from (values (1.5::double, 30, 'Bern', true), (null, 40, null, false),"
            " (2.5, 50, '客户', true)) as t(income, age, city, active)"
        )
        self.same(c2d.Table.of(relation.arrow()))


if __name__ == "__main__":
    unittest.main()
