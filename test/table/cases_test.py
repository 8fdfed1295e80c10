"""Files as people have them, through dt-cli data check: each is read, or refused for what it is.

cases_test.py --bin FOLDER/dt-cli
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import unittest

OPTIONS = argparse.Namespace()


def numbers(rows, columns, seed=1):
    chance = random.Random(seed)
    return [["%.4f" % chance.gauss(0, 1) for _ in range(columns)] for _ in range(rows)]


def lines(*rows, delimiter=","):
    return "".join(delimiter.join(row) + "\n" for row in rows)


class Cases(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def check(self, content, *flags, command="check"):
        """(exit code, report, what stands on standard output without --json)"""
        path = os.path.join(self.folder.name, "file.csv")
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        run = lambda *more: subprocess.run(
            [OPTIONS.bin, "data", command, path, *flags, *more], capture_output=True, text=True, timeout=60
        )
        plain, answer = run(), run("--json")
        self.assertEqual(plain.returncode, answer.returncode)
        return answer.returncode, json.loads(answer.stdout), plain.stdout

    def test_category_text(self):
        rows = numbers(40, 3)
        for number, row in enumerate(rows):
            row[0] = ("low", "middle", "high")[number % 3]
        code, report, _ = self.check(lines(["class", "income", "tenure"], *rows))
        self.assertEqual((code, report["columns"][0]["type"], report["columns"][0]["distinct"]), (0, "string", 3))
        schema = os.path.join(self.folder.name, "schema.json")
        with open(schema, "w", encoding="utf-8") as file:
            json.dump({"fields": [{"name": name, "type": "number"} for name in ("class", "income", "tenure")]}, file)
        code, report, text = self.check(lines(["class", "income", "tenure"], *rows), "--schema", schema)
        self.assertEqual((code, report["problem_count"]), (1, 40))
        self.assertIn("line 2, column class: expected a number, found \"low\"\n", text)

    def test_missing_value(self):
        rows = numbers(40, 3)
        rows[18][1] = ""
        code, report, _ = self.check(lines(["age", "income", "tenure"], *rows))
        self.assertEqual((code, report["columns"][1]["missing"]), (0, 1))
        schema = os.path.join(self.folder.name, "schema.json")
        with open(schema, "w", encoding="utf-8") as file:
            json.dump(
                {
                    "fields": [
                        {"name": name, "type": "number", "constraints": {"required": True}}
                        for name in ("age", "income", "tenure")
                    ]
                },
                file,
            )
        _, _, text = self.check(lines(["age", "income", "tenure"], *rows), "--schema", schema)
        self.assertIn("line 20, column income: missing, but the schema requires it\n", text)

    def test_na_in_first_row(self):
        rows = numbers(40, 3)
        rows[0][0] = "NA"
        code, report, text = self.check(lines(*rows))
        self.assertEqual((code, report["rows"], report["columns"][0]["missing"]), (0, 40, 1))
        self.assertIn("is taken as data: there is no header", text)

    def test_numeric_header(self):
        code, report, text = self.check(lines(["0", "1", "2"], *numbers(40, 3)))
        self.assertEqual(
            (code, report["rows"], [column["name"] for column in report["columns"]]), (0, 40, ["0", "1", "2"])
        )
        self.assertIn("the numbers of line 1 (0, 1, 2) are taken as names", text)
        labels = "0\n" + "1\n0\n" * 20
        code, report, _ = self.check(labels)
        self.assertEqual(code, 1)
        self.assertIn("may be names or the first row: state whether there is a header", report["problems"][0]["what"])
        self.assertEqual([self.check(labels, "--header", answer)[1]["rows"] for answer in ("yes", "no")], [40, 41])

    def test_quoted_name_with_comma(self):
        content = "\"age\",\"income, monthly\",\"tenure\"\n" + lines(*numbers(40, 3))
        code, report, _ = self.check(content)
        self.assertEqual(
            (code, [column["name"] for column in report["columns"]]), (0, ["age", "income, monthly", "tenure"])
        )

    def test_label_with_index(self):
        code, report, text = self.check(lines(["", "y"], *[[str(row), str(row % 2)] for row in range(40)]))
        self.assertEqual((code, [column["name"] for column in report["columns"]]), (0, ["y"]))
        self.assertIn("the index that pandas writes, left out", text)

    def test_semicolon_and_decimal_comma(self):
        rows = [[cell.replace(".", ",") for cell in row] for row in numbers(40, 3)]
        code, report, text = self.check(lines(["age", "income", "tenure"], *rows, delimiter=";"))
        self.assertEqual((code, [column["type"] for column in report["columns"]]), (0, ["number"] * 3))
        self.assertIn("note: a semicolon separates the cells\n", text)
        self.assertIn("note: numbers have a decimal comma\n", text)

    def test_encodings(self):
        content = lines(["客户", "收入"], *[["张三%d" % row, str(row)] for row in range(5)])
        code, report, _ = self.check(content.encode("gb18030"))
        self.assertEqual(code, 1)
        self.assertIn("GB18030", report["problems"][0]["what"])
        self.assertEqual(self.check(content.encode("gb18030"), "--encoding", "GBK")[0], 0)
        self.assertEqual(self.check(b"\xff\xfe" + content.encode("utf-16-le"))[0], 0)
        self.assertEqual(self.check(b"\xef\xbb\xbf" + content.encode())[0], 0)

    def test_profile_and_schema(self):
        rows = [
            ["C%d" % row, "yes" if row % 4 == 0 else "no", "Bern" if row < 10 else "Basel" if row < 39 else "Celerina"]
            for row in range(40)
        ]
        content = lines(["customer_id", "default", "city"], *rows)
        code, report, text = self.check(content, "--id", "customer_id", "--label", "default", command="profile")
        self.assertEqual(code, 0)
        self.assertIn("customer_id  string  id", text)
        self.assertNotIn("frequent", report["columns"][0])
        schema = os.path.join(self.folder.name, "schema.json")
        code, answer, _ = self.check(
            content, "--id", "customer_id", "--label", "default", "--allowed", "--out", schema, command="schema"
        )
        self.assertEqual((code, answer["columns"]), (0, 3))
        with open(schema, encoding="utf-8") as file:
            fields = json.load(file)["fields"]
        self.assertEqual([field["role"] for field in fields], ["id", "label", "feature"])
        self.assertEqual(fields[2]["constraints"]["enum"], ["Basel", "Bern"])
        code, report, _ = self.check(content, "--schema", schema)
        self.assertEqual((code, [problem["found"] for problem in report["problems"]]), (1, ["Celerina"]))

    def test_what_is_no_file_or_no_flag(self):
        run = lambda *words: subprocess.run(
            [OPTIONS.bin, "data", "check", *words], capture_output=True, text=True, timeout=60
        )
        self.assertEqual(run("/nowhere.csv").returncode, 1)
        self.assertIn("cannot open /nowhere.csv", run("/nowhere.csv").stderr)
        self.assertEqual(run().returncode, 2)
        code, report, _ = self.check("a,b\n1,2\n", "--delimiter", "tab", "--header", "yes")
        self.assertEqual((code, report["columns"][0]["name"]), (0, "a,b"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    unittest.main(argv=sys.argv[:1] + rest)
