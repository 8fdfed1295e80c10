"""Databases over ODBC: SQLite's driver where it is installed, and a PostgreSQL of this test's own.

C2D_FULL=1: also 1,000,000 rows of 100 columns in bounded memory. Skipped (77), with a reason, where there is no driver.
"""

import argparse
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest

PARSER = argparse.ArgumentParser()
PARSER.add_argument("--bin", required=True)
OPTIONS = PARSER.parse_args()

import c2d  # noqa: E402

PASSWORD = "hush; 4711} {x"
FULL = os.environ.get("C2D_FULL") == "1"


def has_driver(name):
    try:
        return "[%s]" % name in pathlib.Path("/etc/odbcinst.ini").read_text()
    except OSError:
        return False


def types_of(table):
    return [(field["name"], field["type"]) for field in table.schema.fields]


def processes_named(name):
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/comm" % pid) as file, open("/proc/%s/stat" % pid) as stat:
                if file.read().strip() == name and stat.read().rsplit(")", 1)[1].split()[1] == str(os.getpid()):
                    found.append(int(pid))
        except OSError:
            pass
    return found


def wait_until(condition, what, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("waited %d s for %s" % (seconds, what))
        time.sleep(0.02)


class Asking(unittest.TestCase):
    connection = ""

    def ask(self, query, **members):
        return c2d.Table.query({"odbc": self.connection, "query": query, **members})

    def refused(self, query, told, kind=c2d.Error, **members):
        with self.assertRaises(kind) as raised:
            self.ask(query, **members)
        self.assertIn(told, str(raised.exception))
        self.assertNotIn("hush", str(raised.exception))
        return str(raised.exception)


@unittest.skipUnless(has_driver("SQLite3"), "no SQLite driver for ODBC (libsqliteodbc)")
class SqliteOverOdbc(Asking):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.file = os.path.join(self.folder.name, "bank.db")
        with sqlite3.connect(self.file) as database:
            database.execute("CREATE TABLE accounts (id VARCHAR(40), income DOUBLE, age INTEGER)")
            database.executemany(
                "INSERT INTO accounts VALUES (?, ?, ?)",
                [("C%d-\u00e9\u4e2d" % number, number / 2, number) for number in range(3000)],
            )
            database.execute("INSERT INTO accounts VALUES (NULL, NULL, NULL)")
        database.close()
        self.connection = "Driver=SQLite3;Database=" + self.file

    def test_rows(self):
        table = self.ask("SELECT id, income, age FROM accounts ORDER BY age IS NULL, age")
        self.assertEqual(types_of(table), [("id", "string"), ("income", "number"), ("age", "integer")])
        self.assertEqual(table.rows, 3001)
        self.assertEqual(
            (table.cell(2999, 0), table.cell(2999, 1), table.cell(7, 2)), ("C2999-\u00e9\u4e2d", "1499.5", "7")
        )
        self.assertIsNone(table.cell(3000, 0))
        self.assertIsNone(table.cell(3000, 2))

    def test_what_is_refused(self):
        self.refused("DELETE FROM accounts", "expected one SELECT, found DELETE", c2d.InvalidArgument)
        self.refused("/* SELECT */ -- SELECT\n update accounts set age = 1", "found UPDATE")
        self.refused("SELECT 1 AS x; DROP TABLE accounts", "more than one statement")
        self.refused("", "an empty text")
        self.refused("SELECT id FROM accounts", "more than 100 rows", rows_max=100)
        self.assertEqual(self.ask("SELECT 'a;b' AS x, \"age\" FROM accounts WHERE age = 1 -- ; \n;").cell(0, 0), "a;b")

    def test_drivers_that_are_not_there(self):
        for connection in ("Driver=/nowhere/driver.so", "DSN=no-such-source"):
            self.connection = connection
            self.refused("SELECT 1", "the ODBC driver or data source is not installed", c2d.NotFound)

    def test_a_password_that_others_may_read(self):
        path = os.path.join(self.folder.name, "password")
        self.refused("SELECT 1 AS x", "cannot open", c2d.NotFound, password_file=path)
        pathlib.Path(path).write_text(PASSWORD)
        os.chmod(path, 0o644)
        self.refused("SELECT 1 AS x", "chmod 600", c2d.InvalidArgument, password_file=path)

    def test_a_driver_that_hangs_or_crashes(self):
        endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS n FROM n"
        self.refused(endless, "longer than 1 s", seconds=1)
        self.assertEqual(processes_named("c2d-odbc"), [])

        def kill():
            wait_until(lambda: processes_named("c2d-odbc"), "c2d-odbc")
            os.kill(processes_named("c2d-odbc")[0], signal.SIGSEGV)

        killer = threading.Thread(target=kill)
        killer.start()
        self.refused(endless, "ended by signal 11", seconds=60)
        killer.join()


class Server:
    """A PostgreSQL on loopback, in a folder of its own, as a user of its own."""

    def __init__(self):
        self.user = pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self.programs = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        self.folder = tempfile.mkdtemp(prefix="c2d-postgres-")
        os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        password = os.path.join(self.folder, "password")
        pathlib.Path(password).write_text(PASSWORD + "\n")
        os.chown(password, self.user.pw_uid, self.user.pw_gid)
        os.chmod(password, 0o600)
        self.password = password
        self.run(
            "initdb",
            "-D",
            self.folder + "/data",
            "-U",
            "owner",
            "--auth",
            "scram-sha-256",
            "--pwfile",
            password,
            "--no-sync",
            "--locale",
            "C.UTF-8",
            "-E",
            "UTF8",
        )
        self.log = open(os.path.join(self.folder, "log"), "w")
        self.process = subprocess.Popen(
            [
                str(self.programs / "postgres"),
                "-D",
                self.folder + "/data",
                "-p",
                str(self.port),
                "-k",
                self.folder,
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "fsync=off",
            ],
            stdout=self.log,
            stderr=self.log,
            **self.as_user()
        )
        wait_until(self.is_ready, "PostgreSQL", 60)

    def as_user(self):
        if os.geteuid() != 0:
            return {}
        return {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": [], "cwd": self.folder}

    def run(self, program, *arguments, **more):
        done = subprocess.run(
            [str(self.programs / program), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
            **self.as_user(),
            **more
        )
        if done.returncode:
            raise AssertionError("%s: %s" % (program, done.stdout))
        return done.stdout

    def is_ready(self):
        done = subprocess.run(
            [str(self.programs / "pg_isready"), "-h", "127.0.0.1", "-p", str(self.port)], stdout=subprocess.DEVNULL
        )
        return done.returncode == 0

    def sql(self, text):
        return self.run(
            "psql",
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-U",
            "owner",
            "-d",
            "postgres",
            "-v",
            "ON_ERROR_STOP=1",
            "-Atqc",
            text,
            env={"PGPASSWORD": PASSWORD, "PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
        )

    def stop(self):
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(timeout=30)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


HAS_POSTGRES = has_driver("PostgreSQL Unicode") and pathlib.Path("/usr/lib/postgresql").is_dir()


@unittest.skipUnless(HAS_POSTGRES, "no PostgreSQL with a driver for ODBC (postgresql, odbc-postgresql)")
class Postgres(Asking):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(cls.server.stop)
        cls.connection = (
            "Driver=PostgreSQL Unicode;Server=127.0.0.1;Port=%d;Database=postgres;UID=owner" % cls.server.port
        )
        cls.server.sql(
            "CREATE TABLE accounts (id text PRIMARY KEY, income numeric(12, 2), age int, visits bigint, risk float8, small real, "
            "active boolean, opened date, seen timestamptz, code char(4), name varchar(50), mark uuid)"
        )
        cls.server.sql(
            "INSERT INTO accounts SELECT 'C' || to_char(i, 'FM00000') , i * 1.25, i % 90, i * 10000000000, i / 3.0::float8, 0.5, i % 2 = 0, "
            "date '2020-01-01' + i, timestamptz '2024-01-31 08:30:00.5+02' + i * interval '1 minute', 'ab', 'é中😀' || i, "
            "('00000000-0000-0000-0000-00000000000' || (i % 10))::uuid FROM generate_series(0, 2499) AS i"
        )
        cls.server.sql("INSERT INTO accounts (id) VALUES ('D')")

    def ask(self, query, **members):
        return super().ask(query, **{"password_file": self.server.password, **members})

    def test_types(self):
        table = self.ask("SELECT * FROM accounts ORDER BY id")
        self.assertEqual(
            types_of(table),
            [
                ("id", "string"),
                ("income", "number"),
                ("age", "integer"),
                ("visits", "integer"),
                ("risk", "number"),
                ("small", "number"),
                ("active", "boolean"),
                ("opened", "date"),
                ("seen", "datetime"),
                ("code", "string"),
                ("name", "string"),
                ("mark", "string"),
            ],
        )
        self.assertEqual(table.rows, 2501)
        row = [table.cell(2, column) for column in range(table.cols)]
        self.assertEqual(
            row[:8], ["C00002", "2.5", "2", "20000000000", "0.6666666666666666", "0.5", "true", "2020-01-03"]
        )
        self.assertEqual(row[8:11], ["2024-01-31T06:32:00.500000", "ab  ", "é中😀2"])
        self.assertEqual([table.cell(2500, column) for column in range(1, table.cols)], [None] * 11)

    def test_equal_rows_are_equal_bytes(self):
        files = []
        for number in range(2):
            path = os.path.join(tempfile.gettempdir(), "c2d-odbc-%d-%d" % (os.getpid(), number))
            self.addCleanup(os.unlink, path)
            self.ask("SELECT * FROM accounts ORDER BY id").write(path)
            files.append(pathlib.Path(path).read_bytes())
        self.assertEqual(files[0], files[1])

    def test_a_wrong_password(self):
        wrong = os.path.join(tempfile.gettempdir(), "c2d-wrong-%d" % os.getpid())
        pathlib.Path(wrong).write_text("hush-wrong")
        os.chmod(wrong, 0o600)
        self.addCleanup(os.unlink, wrong)
        self.refused("SELECT 1 AS x", "the database refused the login", c2d.Refused, password_file=wrong)
        with self.assertRaises(c2d.Error):
            c2d.Table.query({"odbc": self.connection, "query": "SELECT 1 AS x"})

    def test_queries_that_write(self):
        self.server.sql("CREATE SEQUENCE IF NOT EXISTS counter")
        for query in (
            "WITH gone AS (DELETE FROM accounts RETURNING id) SELECT id FROM gone",
            "SELECT nextval('counter') AS n",
        ):
            with self.subTest(query):
                self.refused(query, "the query writes", c2d.InvalidArgument)
        self.refused("SELECT 1 AS x; DELETE FROM accounts", "more than one statement")
        self.refused("SELECT * INTO copy FROM accounts", "the query gives no rows", c2d.InvalidArgument)
        self.assertEqual(self.server.sql("SELECT count(*) FROM accounts").strip(), "2501")

    def test_queries_that_are_wrong(self):
        self.refused("SELECT salary FROM accounts", "does not take the query", c2d.InvalidArgument)
        self.refused(
            "SELECT id, 'a'::bytea AS bytes, time '08:00' AS at FROM accounts", "column bytes: a type that no table has"
        )
        self.refused("SELECT repeat('x', 50000) AS long", "column long, row 1: a text of more than")
        self.refused("SELECT id FROM accounts", "more than 100 rows", rows_max=100)
        self.refused("SELECT id FROM accounts", "more than 20000 bytes", bytes_max=20000)
        self.refused("SELECT pg_sleep(60)::text AS x", "longer than 1 s", seconds=1)

    def test_a_column_that_changes_its_type(self):
        self.server.sql("CREATE TABLE moving AS SELECT i AS n FROM generate_series(1, 10) AS i")
        schema = os.path.join(tempfile.gettempdir(), "c2d-schema-%d" % os.getpid())
        pathlib.Path(schema).write_text(json.dumps({"fields": [{"name": "n", "type": "integer"}]}))
        self.addCleanup(os.unlink, schema)
        self.assertEqual(self.ask("SELECT n FROM moving", schema=schema).rows, 10)
        self.server.sql("ALTER TABLE moving ALTER n TYPE text")
        self.refused(
            "SELECT n FROM moving",
            "column n: the schema says integer, the table file holds string",
            c2d.InvalidArgument,
            schema=schema,
        )

    def test_a_connection_that_is_dropped(self):
        slow = "SELECT i, pg_sleep(0.002)::text AS x FROM generate_series(1, 1000000) AS i"

        def drop():
            find = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%generate_series(1, 1000000)%' AND pid <> pg_backend_pid()"
            wait_until(lambda: self.server.sql(find).strip() != "0", "the query")
            self.server.sql(find.replace("count(*)", "pg_terminate_backend(pid)"))

        dropper = threading.Thread(target=drop)
        dropper.start()
        self.refused(slow, "connection", c2d.Unavailable, seconds=60)
        dropper.join()

    def test_a_server_that_is_not_there(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.connection = (
                "Driver=PostgreSQL Unicode;Server=127.0.0.1;Port=%d;Database=postgres;UID=owner" % free.getsockname()[1]
            )
        self.refused("SELECT 1 AS x", "there is no connection to the database", c2d.Unavailable)

    @unittest.skipUnless(FULL, "C2D_FULL=1: a million rows of 100 columns")
    def test_many_rows_in_bounded_memory(self):
        columns = ", ".join("(i * %d %% 1000003)::float8 AS c%d" % (2 * number + 1, number) for number in range(100))
        query = "SELECT %s FROM generate_series(1, 1000000) AS i" % columns
        command = [
            os.path.join(OPTIONS.bin, "dt-cli"),
            "--json",
            "data",
            "check",
            "--odbc",
            self.connection,
            "--query",
            query,
            "--database_password",
            self.server.password,
        ]
        measure = (
            "import json, resource, subprocess, sys\n"
            "done = subprocess.run(json.loads(sys.argv[1]), stdout=subprocess.PIPE, check=True)\n"
            "print(json.dumps([json.loads(done.stdout)['rows'], resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", measure, json.dumps(command)], stdout=subprocess.PIPE, check=True, timeout=1500
        )
        rows, kilobytes = json.loads(done.stdout)
        print("1,000,000 x 100: at most %d MiB" % (kilobytes // 1024))
        self.assertEqual(rows, 1000000)
        self.assertLess(kilobytes, 256 * 1024)


if __name__ == "__main__":
    if not HAS_POSTGRES and not has_driver("SQLite3"):
        print("skipped: no ODBC driver of SQLite (libsqliteodbc) or PostgreSQL (postgresql, odbc-postgresql)")
        sys.exit(77)
    unittest.main(argv=[__file__], verbosity=2)
