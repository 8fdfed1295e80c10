"""dt-cli asset dt --table: a table is checked before its token is published, and the document says what it is made
of."""

import json
import os
import unittest

from one_bank import ADMIN, BANK_A, TID, OneBank
from programs import options, run_cases

OPTIONS = options()
ROWS = "customer;income;town;opened;default\n" + "".join(
    "C%04d;%d,5;%s;%02d.03.2024;%s\n"
    % (number, 1000 + number, "Bern" if number % 3 else "Chur", 1 + number % 28, "no" if number % 4 else "yes")
    for number in range(60)
)
FIELDS = [
    {"name": "customer", "type": "string", "role": "id"},
    {"name": "income", "type": "number", "role": "feature"},
    {"name": "town", "type": "string", "role": "feature"},
    {"name": "opened", "type": "date", "role": "feature"},
    {"name": "default", "type": "string", "role": "label"},
]


class Publishing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.bank = OneBank(OPTIONS)
        cls.addClassCleanup(cls.bank.__exit__)

    def setUp(self):
        self.bank.write("table.csv", ROWS)

    def draft(self, **attributes):
        service = {
            "index": "s",
            "endpoint": "127.0.0.1:1",
            "attributes": {"path": "./inputs/table.csv", **attributes},
            "descriptor": {"template": TID, "constraint": {"outputs": {}}},
        }
        self.bank.write(
            "draft.json",
            json.dumps({"metadata": {"main": {"type": "Dataset", "name": "table"}}, "services": [service]}),
        )

    def publish(self, *flags):
        return self.bank.cli("--json", "asset", "dt", "--attr_file", "draft.json", *flags, "--private_key", BANK_A[1])

    def published(self, done):
        self.assertEqual(done.code, 0, str(done))
        document = self.bank.answer("asset", "show", done.json()["dt"])["document"]
        return document["services"][0]["attributes"].get("schema")

    def refused(self, done, *texts):
        """Nothing was published."""
        before = self.bank.answer("asset", "list")["total"]
        self.assertEqual(done.code, 1, str(done))
        for text in texts:
            self.assertIn(text, done.err + done.out)
        self.assertEqual(self.bank.answer("asset", "list")["total"], before)

    def test_names_types_and_roles(self):
        self.draft()
        done = self.publish("--table", "table.csv", "--id_column", "customer", "--label_column", "default")
        schema = self.published(done)
        self.assertEqual([field["name"] for field in schema["fields"]], [field["name"] for field in FIELDS])
        self.assertEqual(
            [(field["role"]) for field in schema["fields"]], ["id", "feature", "feature", "feature", "label"]
        )
        self.assertIn("a semicolon separates the cells", done.err)
        self.assertIn("no allowed values are published of town", done.err)
        # No value of a cell, nor how the file is written.
        for word in ("Bern", "C0001", "1000", ";", "%d.%m"):
            self.assertNotIn(word, json.dumps(schema))

    def test_allowed_values_only_as_written(self):
        self.draft()
        self.assertEqual(
            self.bank.cli(
                "data",
                "schema",
                "table.csv",
                "--id",
                "customer",
                "--label",
                "default",
                "--allowed",
                "--out",
                "schema.json",
            ).code,
            0,
        )
        schema = self.published(self.publish("--table", "table.csv", "--schema", "schema.json"))
        allowed = {field["name"]: field.get("constraints", {}).get("enum") for field in schema["fields"]}
        self.assertEqual(sorted(allowed["town"]), ["Bern", "Chur"])
        self.assertEqual((allowed["customer"], allowed["income"]), (None, None))

    def test_a_file_with_problems(self):
        self.draft()
        self.bank.write("table.csv", ROWS + "C0001;1,0;Bern;01.03.2024;no\n;many;Bern;01.03.2024;no\n")
        self.refused(
            self.publish("--table", "table.csv", "--id_column", "customer"),
            "line 63, column customer",
            "line 63, column income: expected a number",
            "nothing was published",
        )
        self.bank.write("table.csv", "PK\x03\x04")
        self.refused(self.publish("--table", "table.csv"), "zip archive")

    def test_what_the_terms_state_is_compared_with_the_file(self):
        self.draft(schema={"fields": FIELDS})
        self.assertEqual(self.published(self.publish("--table", "table.csv")), {"fields": FIELDS})
        self.bank.write("table.csv", ROWS.replace("income", "salary", 1).replace(";1003,5;", ";none;"))
        self.refused(
            self.publish("--table", "table.csv"),
            "column income: attributes.schema states it, the file does not have it",
            "column salary: the file has it, attributes.schema does not state it",
        )
        self.bank.write("table.csv", ROWS)
        other = [dict(field) for field in FIELDS]
        other[2]["type"] = "integer"
        self.draft(schema={"fields": other})
        self.refused(self.publish("--table", "table.csv"), 'line 2, column town: expected a whole number, found "Chur"')

    def test_terms_of_shipped_operators(self):
        """They are published as they stand, and leave nothing free."""
        place = os.path.join(OPTIONS.source, "bindings/python/c2d/operators")
        names = sorted(name for name in os.listdir(place) if os.path.exists(os.path.join(place, name, "operator.py")))
        self.assertLessEqual({"align", "logistic"}, set(names))
        for name in names:
            folder = os.path.join(place, name)
            self.bank.answer(
                "system",
                "op",
                "--attr_file",
                folder + "/op_attr.json",
                "--var",
                "FOLDER=" + folder,
                "--private_key",
                ADMIN[1],
            )
            values = {"NAME": "a table", "ENDPOINT": "127.0.0.1:1", "PARTY": "0", "FILE": "bank_a.csv"}
            values.update(("PEER_%d" % party, "127.0.0.1:%d" % (2 + party)) for party in range(3))
            for terms in {"terms.json", "compute_terms.json"} & set(os.listdir(folder)):
                done = self.bank.cli(
                    "--json",
                    "asset",
                    "dt",
                    "--attr_file",
                    os.path.join(folder, terms),
                    "--private_key",
                    BANK_A[1],
                    *(word for pair in values.items() for word in ("--var", "%s=%s" % pair))
                )
                self.assertEqual(done.code, 0, str(done))
                self.assertEqual(done.json()["free"], [], str(done))
                self.assertNotIn("guarded", done.err)

    def test_schemas_that_are_none(self):
        for schema, text in (
            ({"fields": [{"name": "a", "type": "money"}]}, "attributes.schema"),
            ([], "attributes.schema"),
            ({"columns": []}, "attributes.schema"),
        ):
            with self.subTest(schema):
                self.draft(schema=schema)
                self.refused(self.publish(), text)
        self.draft()
        self.refused(self.publish("--id_column", "customer"), "say how to read a --table")
        self.refused(self.publish("--table", "nowhere.csv"), "nowhere.csv")


if __name__ == "__main__":
    run_cases(OPTIONS)
