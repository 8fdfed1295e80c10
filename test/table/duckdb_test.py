"""Arrow streams between c2d and a real database engine: duckdb, whose C library npm carries, called by ctypes.

duckdb_test.py --library FILE   (C2D_LIBRARY names the library, PYTHONPATH the package)
"""

import argparse
import ctypes
import os
import sys
import unittest
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_void_p

import c2d
from c2d import _arrow, _ffi

OPTIONS = argparse.Namespace()
ROWS = 5000
QUERY = """select i::bigint as id, (i * 0.5)::double as income, case when i % 10 = 0 then null else i end::integer as age,
  case when i % 7 = 0 then null when i % 2 = 0 then 'Bern' else 'a town whose name has more than twelve letters, no ' || i end as city,
  i % 3 = 0 as active, date '2024-01-31' - i::integer as opened, timestamp '2024-01-31 08:00:00' + interval (i) second as seen,
  (i / 4.0)::decimal(10, 2) as price from range(ROWS) as t(i)""".replace(
    "ROWS", str(ROWS)
)


class Database:
    """A database in memory."""

    def __init__(self):
        lib = self.lib = ctypes.CDLL(OPTIONS.library)
        for name in (
            "duckdb_query_arrow",
            "duckdb_query_arrow_schema",
            "duckdb_query_arrow_array",
            "duckdb_arrow_scan",
            "duckdb_open",
            "duckdb_connect",
            "duckdb_query",
        ):
            getattr(lib, name).restype = c_int
        lib.duckdb_query_arrow_error.restype = c_char_p
        lib.duckdb_query_arrow_error.argtypes = (c_void_p,)
        self.database, self.connection = c_void_p(), c_void_p()
        assert lib.duckdb_open(None, ctypes.byref(self.database)) == 0
        assert lib.duckdb_connect(self.database, ctypes.byref(self.connection)) == 0

    def query(self, sql):
        """The Arrow result of a query."""
        result = c_void_p()
        if self.lib.duckdb_query_arrow(self.connection, sql.encode(), ctypes.byref(result)) != 0:
            raise AssertionError(self.lib.duckdb_query_arrow_error(result))
        return result

    def scan(self, name, capsule):
        """Makes a stream a view of this name."""
        assert (
            self.lib.duckdb_arrow_scan(
                self.connection, name.encode(), c_void_p(_arrow._address(capsule, b"arrow_array_stream"))
            )
            == 0
        )


class Result:
    """A query's result as a stream: duckdb has it piece by piece, and we call for the pieces."""

    def __init__(self, database, sql):
        self.database, self.result, self.released, self.pieces = database, database.query(sql), 0, 0

        @CFUNCTYPE(c_int, c_void_p, c_void_p)
        def get_schema(_, out):
            return database.lib.duckdb_query_arrow_schema(self.result, ctypes.byref(c_void_p(out)))

        @CFUNCTYPE(c_int, c_void_p, c_void_p)
        def get_next(_, out):
            ctypes.memset(out, 0, 80)
            self.pieces += 1
            return database.lib.duckdb_query_arrow_array(self.result, ctypes.byref(c_void_p(out)))

        @CFUNCTYPE(None, POINTER(_arrow._Stream))
        def release(stream):
            self.released += 1
            stream[0].release = None

        self.functions = get_schema, get_next, release
        self.stream = _arrow._Stream(
            *[ctypes.cast(function, c_void_p).value for function in (get_schema, get_next)],
            None,
            ctypes.cast(release, c_void_p).value,
            None
        )

    def table(self):
        return c2d.Table._own(_ffi.call_out("c2d_table_import_arrow", ctypes.addressof(self.stream)))


class Interop(unittest.TestCase):
    def setUp(self):
        self.database = Database()

    def test_what_duckdb_gives(self):
        result = Result(self.database, QUERY)
        table = result.table()
        self.assertEqual((table.shape, result.released), ((ROWS, 8), 1))
        self.assertGreater(result.pieces, 2)  # in several, and an end
        self.assertEqual(
            [field["type"] for field in table.schema.fields],
            ["integer", "number", "integer", "string", "boolean", "date", "datetime", "number"],
        )
        for row in (0, 1, 9, 4999):
            self.assertEqual(
                [table.cell(row, place) for place in range(8)],
                [
                    str(row),
                    repr(row * 0.5) if row % 2 else str(row // 2),
                    None if row % 10 == 0 else str(row),
                    None
                    if row % 7 == 0
                    else "Bern"
                    if row % 2 == 0
                    else "a town whose name has more than twelve letters, no %d" % row,
                    "true" if row % 3 == 0 else "false",
                    self.one("select (date '2024-01-31' - %d)::varchar" % row),
                    self.one(
                        "select strftime(timestamp '2024-01-31 08:00:00' + interval (%d) second, '%%Y-%%m-%%dT%%H:%%M:%%S')"
                        % row
                    ),
                    self.one("select (%d / 4.0)::decimal(10, 2)::double" % row),
                ],
            )

    def one(self, sql):
        return Result(self.database, sql).table().cell(0, 0)

    def test_what_duckdb_takes(self):
        table = c2d.Table.parse_csv(
            "id,income,city,opened,active\n"
            + "".join(
                "C%d,%s,%s,2024-01-%02d,%s\n"
                % (
                    row,
                    "" if row % 5 == 0 else row * 0.25,
                    "Bern" if row % 2 else "",
                    row % 28 + 1,
                    "true" if row % 4 == 0 else "false",
                )
                for row in range(1000)
            )
        )
        capsule = table.__arrow_c_stream__()
        self.database.scan("accounts", capsule)
        found = Result(
            self.database,
            "select count(*) as n, count(income) as incomes, sum(income) as total, count(city) as cities, "
            "min(opened) as first, sum(active::integer)::bigint as active, max(id) as last from accounts",
        ).table()
        self.assertEqual(
            [found.cell(0, place) for place in range(7)],
            ["1000", "800", str(sum(row for row in range(1000) if row % 5) // 4), "500", "2024-01-01", "250", "C999"],
        )

    def test_lists_are_refused_by_name(self):
        with self.assertRaisesRegex(c2d.InvalidArgument, "column x: a list is no type of a column"):
            Result(self.database, "select [1, 2] as x").table()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--library", required=True)
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    if not os.path.exists(OPTIONS.library):
        print("%s is not there: npm ci --ignore-scripts in test/table, or test/run.sh" % OPTIONS.library)
        sys.exit(77)
    unittest.main(argv=sys.argv[:1] + rest)
