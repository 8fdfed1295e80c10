"""assets_path names a database: the provider asks it when a job runs, and the operator gets a table file."""

import json
import os
import sqlite3
import unittest

from one_bank import BANK_A, COMPANY_C, LEAF, OneBank
from programs import options, run_cases

OPTIONS = options()
#: What is looked for where cells must not be.
CANARY = "cell-of-bank-a-4711"
#: Reads the table, and writes what a solver may see of it.
OPERATOR = """
import c2d
table = c2d.Table.read("inputs/rows.csv")
open("outputs/out.txt", "w").write("%s rows of %s" % (table.rows, [(f["name"], f["type"]) for f in table.schema.fields]))
"""


class Sources(unittest.TestCase):
    def setUp(self):
        self.bank = OneBank(OPTIONS, OPERATOR, attributes={"release": {"exit": True}})
        self.addCleanup(self.bank.__exit__)
        with sqlite3.connect(self.bank / "bank.db") as database:
            database.execute("CREATE TABLE accounts (id TEXT, income REAL, opened DATE)")
            database.executemany(
                "INSERT INTO accounts VALUES (?, ?, ?)",
                [(CANARY + str(number), number * 1.5, "2024-01-%02d" % (number + 1)) for number in range(20)],
            )
        database.close()

    def source(self, **members):
        """Configures what `members` add to the usual source, and starts the provider."""
        source = {"sqlite": "./bank.db", "query": "SELECT * FROM accounts ORDER BY id", **members}
        text = self.bank.read(self.bank.write_config()).decode()
        self.bank.write("bank.ini", text.replace('{"%s": "./data/rows.csv"}' % LEAF, json.dumps({LEAF: source})))
        return self.bank.serve()

    def change(self, statement):
        with sqlite3.connect(self.bank / "bank.db") as database:
            database.execute(statement)
        database.close()

    def run_job(self):
        job = self.bank.exec()
        return job, self.bank.wait_for(job, ("succeeded", "failed"))

    def log(self):
        return self.bank.read("bank.ini.log").decode()

    def test_an_operator_gets_what_the_query_gives(self):
        self.source()
        self.bank.compose()
        job, part = self.run_job()
        self.assertEqual(part["state"], "succeeded", self.log())
        self.bank.answer("job", "result", "--job_id", str(job), "--out", "got", "--private_key", COMPANY_C[1])
        got = b"".join(
            self.bank.read(os.path.join(folder, name))
            for folder, _, names in os.walk(self.bank / "got")
            for name in names
        )
        self.assertEqual(got.decode(), "20 rows of [('id', 'string'), ('income', 'number'), ('opened', 'date')]")
        self.bank.wait_for_receipt(job)
        first = self.bank.receipt(job)["inputs"]
        self.assertEqual([entry["name"] for entry in first], ["rows.csv"])
        # The same rows are the same bytes, and other rows are others.
        job, _ = self.run_job()
        self.bank.wait_for_receipt(job)
        self.assertEqual(self.bank.receipt(job)["inputs"], first)
        self.change("UPDATE accounts SET income = 0 WHERE income > 20")
        job, _ = self.run_job()
        self.bank.wait_for_receipt(job)
        self.assertNotEqual(self.bank.receipt(job)["inputs"], first)
        # No cell stays behind: neither in the state and the job folders nor in what others see.
        self.assertEqual(self.bank.files_with(CANARY), [])
        self.assertEqual([name for name in self.bank.files_with(CANARY, ".") if name != "bank.db"], [])

    def test_what_fails_at_a_run_is_told_in_full_to_the_owner_alone(self):
        self.source(rows_max=25, seconds=1)
        self.bank.compose()
        for statement, told in (
            (
                "UPDATE accounts SET income = 'many' WHERE income = 0",
                "column income: row 1 holds a text, row 2 a number",
            ),
            ("UPDATE accounts SET income = 0, opened = '%s'" % CANARY, "column opened, row 1: declared as date"),
            ("INSERT INTO accounts SELECT id || 'x', income, '2024-01-01' FROM accounts", "more than 25 rows"),
            ("ALTER TABLE accounts RENAME TO moved", "no such table: accounts"),
        ):
            with self.subTest(told):
                self.change(statement)
                job = self.bank.cli(
                    "--json",
                    "job",
                    "exec",
                    "--task_id",
                    "1",
                    "--cdt",
                    "dt:ownership:" + "3" * 64,
                    "--private_key",
                    COMPANY_C[1],
                )
                if "no such table" in told:  # said before anything is queued
                    self.assertEqual(job.code, 1)
                    self.assertIn("data_unavailable", job.out + job.err)
                    self.assertNotIn("accounts", job.out + job.err)
                    continue
                part = self.bank.wait_for(job.json()["job_id"], ("succeeded", "failed"))
                self.assertEqual((part["state"], part["outcome"]), ("failed", "input_unusable"))
                self.assertIn(told, self.log())
                self.assertNotIn("income", json.dumps(part))
        self.assertIn("no such table: accounts", self.log())

    def test_what_fails_at_the_start_is_said_then(self):
        self.source(query="DELETE FROM accounts")
        self.assertIn("the query does more than read: DELETE from accounts", self.log())
        self.assertIn("cannot be asked, jobs on it fail", self.log())
        self.bank.compose()
        done = self.bank.cli(
            "--json",
            "job",
            "exec",
            "--task_id",
            "1",
            "--cdt",
            "dt:ownership:" + "3" * 64,
            "--private_key",
            COMPANY_C[1],
        )
        self.assertEqual(done.code, 1)
        self.assertIn("data_unavailable", done.out + done.err)
        with sqlite3.connect(self.bank / "bank.db") as database:
            self.assertEqual(database.execute("SELECT count(*) FROM accounts").fetchone(), (20,))
        database.close()

    def test_sources_that_are_none(self):
        text = self.bank.read("bank.ini").decode()
        for source, told in (
            ({"sqlite": "./bank.db"}, "found an empty text"),
            ({"odbc": "DSN=x;PWD=hush", "query": "q"}, "password_file"),
        ):
            with self.subTest(told):
                self.bank.write(
                    "wrong.ini", text.replace('{"%s": "./data/rows.csv"}' % LEAF, json.dumps({LEAF: source}))
                )
                code, said = self.bank.start_again("wrong.ini")
                self.assertEqual(code, 1, said)
                self.assertIn(told, said)
                self.assertNotIn("hush", said)


class CommandLine(unittest.TestCase):
    def setUp(self):
        self.bank = OneBank(OPTIONS)
        self.addCleanup(self.bank.__exit__)
        with sqlite3.connect(self.bank / "bank.db") as database:
            database.execute("CREATE TABLE accounts (id TEXT, income REAL)")
            database.executemany(
                "INSERT INTO accounts VALUES (?, ?)", [("C%d" % number, number) for number in range(5)]
            )
        database.close()

    def test_a_check_of_a_database(self):
        done = self.bank.cli(
            "--json", "data", "check", "--sqlite", "bank.db", "--query", "SELECT * FROM accounts", "--id", "id"
        )
        self.assertEqual(done.code, 0, str(done))
        self.assertEqual(
            [(field["name"], field["type"], field["role"]) for field in done.json()["schema"]["fields"]],
            [("id", "string", "id"), ("income", "number", "feature")],
        )
        for arguments, told in (
            (("--sqlite", "bank.db"), "an empty text"),
            (("--query", "q"), "a file, --sqlite or --odbc"),
            (("file.csv", "--sqlite", "bank.db", "--query", "q"), "one of them"),
            (("file.csv", "--query", "q"), "belong to"),
            (("--sqlite", "bank.db", "--query", "DROP TABLE accounts"), "does more than read"),
        ):
            with self.subTest(told):
                done = self.bank.cli("data", "check", *arguments)
                self.assertNotEqual(done.code, 0, str(done))
                self.assertIn(told, done.err)

    def test_a_published_schema_is_compared_with_the_database(self):
        attributes = {
            "path": "./inputs/table.csv",
            "schema": {
                "fields": [
                    {"name": "id", "type": "string", "role": "id"},
                    {"name": "income", "type": "integer", "role": "feature"},
                ]
            },
        }
        self.bank.write(
            "draft.json",
            json.dumps(
                {
                    "metadata": {"main": {"type": "Dataset", "name": "table"}},
                    "services": [
                        {
                            "index": "s",
                            "endpoint": "127.0.0.1:1",
                            "attributes": attributes,
                            "descriptor": {"template": "dt:ownership:" + "1" * 64, "constraint": {"outputs": {}}},
                        }
                    ],
                }
            ),
        )
        flags = ("--sqlite", "bank.db", "--query", "SELECT * FROM accounts", "--private_key", BANK_A[1])
        done = self.bank.cli("--json", "asset", "dt", "--attr_file", "draft.json", *flags)
        self.assertEqual(done.code, 1, str(done))
        self.assertIn("column income: the schema says integer, the table file holds number", done.err)
        attributes["schema"]["fields"][1]["type"] = "number"
        self.bank.write("draft.json", self.bank.read("draft.json").decode().replace('"integer"', '"number"'))
        self.assertEqual(self.bank.cli("--json", "asset", "dt", "--attr_file", "draft.json", *flags).code, 0)


if __name__ == "__main__":
    run_cases(OPTIONS)
