"""dt-cli given what it should not be given: it says why, changes nothing, and ends with 1 or 2."""

import hashlib
import json
import os
import pathlib
import re
import shutil
import sqlite3
import stat
import sys
import unittest

from programs import ADMIN, BANK_A, COMPANY_C, Folder, options, wait_until

OPTIONS = options()
UNKNOWN = "dt:ownership:" + "f" * 64
TID = "dt:ownership:" + "1" * 64
LEAF = "dt:ownership:" + "2" * 64
CONFIG = "[keeper]\nnetwork_url = ledger:./ledger.db\nipfs_endpoint = dir:./documents\n"
INVALID, ABSENT = "invalid_argument", "not_found"
GROUP_ORDER = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
OTHER_KEY = "00" * 31 + "07"


def operator_file(folder):
    folder.write("op.py", "print('done')\n")
    folder.write("params.json", '{"rows":{}}')
    return folder.write(
        "op.json",
        json.dumps(
            {
                "id": TID,
                "metadata": {"main": {"type": "Operation", "name": "op"}},
                "operation": "op.py",
                "params": "params.json",
            }
        ),
    )


def leaf(**changes):
    document = {
        "id": LEAF,
        "metadata": {"main": {"type": "Dataset", "name": "rows"}},
        "services": [
            {
                "index": "s",
                "endpoint": "127.0.0.1:1",
                "attributes": {"price": 1},
                "descriptor": {"template": TID, "constraint": {"rows": {}}},
            }
        ],
    }
    document.update(changes)
    return document


def algorithm(child=LEAF):
    return {
        "metadata": {"main": {"type": "Algorithm", "name": "model"}},
        "child_dts": [child],
        "services": [{"index": "s", "descriptor": {"workflow": {child: {"service": "s", "constraint": {"rows": 5}}}}}],
    }


class Market(Folder):
    """A ledger with an operator, a data set and an organisation or two."""

    def __init__(self):
        super().__init__(OPTIONS.bin)
        self.write("config.ini", CONFIG)
        self.answer("chain", "init", "--private_key", ADMIN[1])
        for name, who in (("org1", BANK_A), ("3rd-party", COMPANY_C)):
            self.answer("system", "org", "--name", name, "--desc", "d", "--address", who[0], "--private_key", ADMIN[1])
        self.answer("system", "op", "--attr_file", operator_file(self), "--private_key", ADMIN[1])
        self.answer(
            "asset", "dt", "--attr_file", self.write("leaf.json", json.dumps(leaf())), "--private_key", BANK_A[1]
        )

    def ledger_state(self):
        """A digest of the file and of everything that waits beside it."""
        return [
            hashlib.sha256(self.read(name)).hexdigest()
            for name in ("ledger.db", "ledger.db-wal")
            if os.path.exists(self / name)
        ]


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.market = Market()

    @classmethod
    def tearDownClass(cls):
        cls.market.__exit__()

    def check_failed(self, done, status, words):
        """A failure with --json: 1, one line for people, one object for programs."""
        self.assertEqual(done.code, 1, str(done))
        error = done.json()["error"]
        self.assertEqual(error["status"], status, str(done))
        self.assertIn(words, error["message"], str(done))
        self.assertEqual(done.err.splitlines()[-1], "error: " + error["message"], str(done))


class BadInput(Case):
    def rows(self):
        key = ("--private_key", BANK_A[1])
        return (
            self.bad_files(key)
            + self.bad_documents(key)
            + self.bad_keys()
            + self.unknown_things(key)
            + self.bad_configs(key)
        )

    def bad_files(self, key):
        write, dt = self.market.write, ("asset", "dt", "--attr_file")
        broken = write("broken.json", '{"metadata": {')
        twice = write("twice.json", '{"services": [], "services": []}')
        deep = write("deep.json", "[" * 500000)
        large = write("large.json", "[" * 3000000)
        empty = write("empty.json", "")
        listed = write("list.json", "[]")
        bytes_ = write("bytes.json", '{"metadata": "\\ud800"}')
        return (
            ("missing file", dt + ("absent.json",) + key, ABSENT, "absent.json"),
            ("a folder for a file", dt + (".",) + key, "io", "."),
            ("an empty file", dt + (empty,) + key, INVALID, "empty.json"),
            ("broken JSON", dt + (broken,) + key, INVALID, "broken.json"),
            ("a key twice", dt + (twice,) + key, INVALID, "twice.json"),
            ("500,000 [", dt + (deep,) + key, "limit", "64"),
            ("3 million [", dt + (large,) + key, "limit", "large.json"),
            ("a list", dt + (listed,) + key, INVALID, "list.json"),
            ("a lone surrogate", dt + (bytes_,) + key, INVALID, "bytes.json"),
        )

    def bad_documents(self, key):
        write, dt = self.market.write, ("asset", "dt", "--attr_file")
        no_type = write("no_type.json", json.dumps(leaf(metadata={})))
        no_services = write("no_services.json", json.dumps(leaf(services=[])))
        bad_id = write("bad_id.json", json.dumps(leaf(id="dt:ownership:12")))
        unknown = {"index": "s", "descriptor": {"template": UNKNOWN, "constraint": {}}}
        bad_op = write("bad_op.json", json.dumps(leaf(services=[unknown])))
        variable = write("variable.json", json.dumps(leaf()).replace('"price": 1', '"price": ${PRICE}'))
        open_variable = write("open.json", '{"metadata": "${NAME')
        operation = {"main": {"type": "Operation", "name": "x"}}
        lost = {"metadata": operation, "operation": "absent.py", "params": "params.json"}
        lost_code = write("lost_code.json", json.dumps(lost))
        return (
            ("no type", dt + (no_type,) + key, INVALID, "metadata.main.type"),
            ("no services", dt + (no_services,) + key, INVALID, "services"),
            ("a short id", dt + (bad_id,) + key, INVALID, "bad_id.json"),
            ("an unknown operator", dt + (bad_op,) + key, ABSENT, "f" * 64),
            ("a program that is not there", ("system", "op", "--attr_file", lost_code) + key, ABSENT, "absent.py"),
            ("a variable without value", dt + (variable,) + key, INVALID, "--var PRICE=VALUE"),
            ("a variable that is not closed", dt + (open_variable,) + key, INVALID, "not closed"),
            ("--var that breaks the JSON", dt + (variable, "--var", "PRICE=}") + key, INVALID, "variable.json"),
        )

    def bad_keys(self):
        without = ("job", "init", "--name", "n", "--desc", "d")
        with_key = lambda text: without + ("--private_key", text)
        no_keystore = self.market.write("no_keystore.json", '{"metadata": {')
        empty = self.market.write("empty.json", "")
        stored = lambda file: without + ("--keystore", file)
        return (
            ("a short key", with_key("12" * 31), INVALID, "64"),
            ("a long key", with_key("12" * 33), INVALID, "64"),
            ("a key of other letters", with_key("xy" * 32), INVALID, "hexadecimal"),
            ("a key of zero", with_key("00" * 32), INVALID, "key"),
            ("a key beyond the group", with_key(GROUP_ORDER), INVALID, "key"),
            ("no key", without, INVALID, "--keystore"),
            ("a keystore that is none", stored(no_keystore) + ("--password_file", empty), INVALID, ""),
            ("a keystore that is not there", stored("absent.json"), ABSENT, "absent.json"),
        )

    def unknown_things(self, key):
        org = ("system", "org", "--name", "n", "--desc", "d", "--address")
        mistyped = "0xA2d4eD069A247bcBBeC037FCADd8C3A305b4e409"
        return (
            ("unknown dt to show", ("asset", "show", "--dt", UNKNOWN), ABSENT, "f" * 64),
            ("unknown dt for grants", ("asset", "grants", "--dt", UNKNOWN), ABSENT, "f" * 64),
            ("unknown cdt to plan", ("job", "exec", "--check", "--cdt", UNKNOWN) + key, ABSENT, "f" * 64),
            ("unknown dt to verify", ("verify", "--dt", UNKNOWN, "--cdt", UNKNOWN), ABSENT, "f" * 64),
            ("a dt that is none", ("asset", "show", "--dt", "dt:ownership:1"), INVALID, "dt:ownership:"),
            ("a dt of another kind", ("tracer", "dfs", "--prefix_path", "0x12"), INVALID, "dt:ownership:"),
            ("an unknown job", ("job", "status", "--job_id", "99") + key, ABSENT, "job 99"),
            ("a wrong address", org + (mistyped,) + key, INVALID, "address"),
            ("a short address", org + ("0x12",) + key, INVALID, "address"),
        )

    def bad_configs(self, key):
        no_section = self.market.write("no_section.ini", "network_url = ledger:x\n")
        no_url = self.market.write("no_url.ini", "[keeper]\n")
        ftp = self.market.write("ftp.ini", "[keeper]\nnetwork_url = ftp://x\n")
        return (
            ("no such config", ("chain", "info", "--config", "absent.ini"), ABSENT, "absent.ini"),
            ("a config without sections", ("chain", "info", "--config", no_section), INVALID, "no_section.ini"),
            ("a config without network", ("chain", "info", "--config", no_url), ABSENT, "network_url"),
            ("a network of another kind", ("chain", "info", "--config", ftp), "unsupported", "ftp://x"),
            ("no such ledger", ("chain", "info", "--ledger", "absent.db"), ABSENT, "absent.db"),
            ("a ledger once more", ("chain", "init") + key, "conflict", "ledger.db"),
        )

    def test_refused_and_nothing_changed(self):
        before = self.market.ledger_state()
        for name, arguments, status, words in self.rows():
            with self.subTest(name):
                self.check_failed(self.market.cli("--json", *arguments), status, words)
                plain = self.market.cli(*arguments)
                self.assertEqual((plain.code, plain.out), (1, ""), str(plain))
                self.assertTrue(plain.err.splitlines()[-1].startswith("error: "), str(plain))
                self.assertEqual(self.market.ledger_state(), before)
        self.assertFalse(os.path.exists(self.market / "absent.db"))

    def test_a_key_is_never_repeated(self):
        for key in ("12" * 31, "xy" * 32, GROUP_ORDER, BANK_A[1]):
            done = self.market.cli("job", "status", "--job_id", "99", "--private_key", key)
            self.assertEqual(done.code, 1)
            self.assertNotIn(key, done.out + done.err)
            self.assertIn("--private_key shows the key", done.err)

    def test_config_from_the_environment(self):
        done = self.market.cli("--json", "chain", "info", env={"CONFIG_FILE": "absent.ini"})
        self.check_failed(done, "not_found", "absent.ini")
        with Folder(OPTIONS.bin) as elsewhere:
            self.check_failed(elsewhere.cli("--json", "chain", "info"), "not_found", "network_url")

    def test_provider_down(self):
        cdt = self.market.write("cdt.json", json.dumps(algorithm()))
        compose = ("--json", "asset", "cdt", "--id", "dt:ownership:" + "4" * 64, "--private_key", COMPANY_C[1])
        self.check_failed(self.market.cli(*compose, "--attr_file", cdt), "unavailable", "127.0.0.1:1")
        # It stands there half done: the same line goes on where it ended, another composition does not.
        self.check_failed(self.market.cli(*compose, "--attr_file", cdt), "unavailable", "127.0.0.1:1")
        changed = algorithm()
        changed["metadata"]["main"]["name"] = "something else"
        other = self.market.write("other.json", json.dumps(changed))
        self.check_failed(self.market.cli(*compose, "--attr_file", other), "refused", "token_exists")
        done = self.market.cli(
            "--json",
            "asset",
            "dt",
            "--attr_file",
            "leaf.json",
            "--id",
            "dt:ownership:" + "3" * 64,
            "--store_path",
            "rows.csv",
            "--private_key",
            BANK_A[1],
        )
        self.check_failed(done, "unavailable", "127.0.0.1:1")

    def test_a_contract_is_asked_by_name(self):
        self.assertEqual(
            self.market.cli("--json", "chain", "ask", "DTFactory.isDTAvailable", '["%s"]' % UNKNOWN).json()["answer"],
            [False],
        )
        self.assertEqual(len(self.market.cli("--json", "chain", "ask", "TaskMarket.getTaskNum").json()["answer"]), 1)
        done = self.market.cli("--json", "chain", "ask", "TaskMarket.getTaskNum", "[1]")
        self.check_failed(done, "invalid_argument", "not 1 arguments")

    def test_contracts_refuse_by_code(self):
        rows = (
            (("system", "org", "--name", "n", "--desc", "d", "--address", ADMIN[0], "--private_key", BANK_A[1]), 10000),
            (("asset", "dt", "--attr_file", "leaf.json", "--private_key", BANK_A[1]), 4001),
            (("system", "op", "--attr_file", "op.json", "--private_key", ADMIN[1]), 3001),
            (("job", "init", "--name", "n", "--desc", "d", "--private_key", OTHER_KEY), 10000),
            (("job", "close", "--task_id", "99", "--private_key", BANK_A[1]), 5001),
            (("chain", "send", "TaskMarket.closeTask", "[99]", "--private_key", BANK_A[1]), 5001),
        )
        for arguments, code in rows:
            with self.subTest(arguments[:2]):
                done = self.market.cli("--json", *arguments)
                self.check_failed(done, "refused", "")
                self.assertEqual(done.json()["error"]["contract_code"], code)
                self.assertTrue(done.json()["error"]["code"])

    def test_exec_registers_only_what_can_run(self):
        before = self.market.ledger_state()
        done = self.market.cli("--json", "job", "exec", "--task_id", "1", "--cdt", LEAF, "--private_key", BANK_A[1])
        self.check_failed(done, "refused", "not_algorithm")
        self.assertEqual(self.market.ledger_state(), before)


class Usage(Case):
    def test_wrong_usage_ends_with_2(self):
        key = ("--private_key", BANK_A[1])
        rows = (
            (),
            ("sytem",),
            ("system",),
            ("asset", "frob"),
            ("job", "init", "--name", "n") + key,
            ("asset", "dt") + key,
            ("asset", "dt", "--attr_file"),
            ("asset", "dt", "--attr_file", "a.json", "--var", "rows") + key,
            ("system", "op", "--attr_file", "a.json", "--var", "=1") + key,
            ("system", "org", "--name", "n", "--desc", "d") + key,
            ("job", "exec", "--cdt", UNKNOWN) + key,
            ("job", "exec", "--task_id", "1") + key,
            ("job", "exec", "--task_id", "one", "--cdt", UNKNOWN) + key,
            ("job", "exec", "--task_id", "-1", "--cdt", UNKNOWN) + key,
            ("job", "status") + key,
            ("tracer", "dfs"),
            ("tracer", "dfs", "--prefix_path", UNKNOWN, "--format", "xml"),
            ("chain", "info", "--frob"),
            ("chain", "info", "--frob=1"),
            ("chain", "info", "more"),
            ("asset", "show"),
            ("key", "new"),
            ("verify", "--dt", UNKNOWN),
            ("sandbox", "run"),
            ("-x", "chain", "info"),
        )
        before = self.market.ledger_state()
        for arguments in rows:
            with self.subTest(arguments):
                done = self.market.cli(*arguments)
                self.assertEqual((done.code, done.out), (2, ""), str(done))
                self.assertTrue(done.err.strip(), str(done))
                as_json = self.market.cli("--json", *arguments)
                self.assertEqual(as_json.code, 2, str(as_json))
                self.assertEqual(as_json.json()["error"]["status"], "invalid_argument")
        self.assertEqual(self.market.ledger_state(), before)

    def test_a_mistyped_command_is_named(self):
        for arguments, said in (
            (("chain", "inti"), 'chain has no command "inti"; it has: init, '),
            (("chian", "init"), 'dt-cli has no command "chian"; it has: system, asset, '),
            (("asset", "\x1b[2Jdt"), 'asset has no command "\\x1b[2Jdt"; it has: '),
        ):
            with self.subTest(arguments):
                done = self.market.cli(*arguments)
                self.assertEqual((done.code, done.out), (2, ""))
                self.assertIn(said, done.err)
                self.assertIn(said, self.market.cli(*arguments, "--json").json()["error"]["message"])

    def test_help_and_version_are_no_mistakes(self):
        for arguments in (("--help",), ("asset", "--help"), ("job", "exec", "--help"), ("--version",)):
            done = self.market.cli(*arguments)
            self.assertEqual((done.code, done.err), (0, ""), str(done))
            self.assertTrue(done.out.strip())

    def test_help_describes_every_flag_and_the_page_names_these_alone(self):
        page = (pathlib.Path(__file__).resolve().parents[2] / "docs" / "dt-cli.md").read_text()
        waiting, flags = [()], set()
        while waiting:
            command = waiting.pop()
            said = self.market.cli(*command, "--help").out
            if "Subcommands:" not in said:
                self.assertIn("--json", said, command)
            else:
                rows = said.split("Subcommands:")[1].splitlines()
                waiting += [command + (row.split()[0],) for row in rows if re.match(r"  \S", row)]
            options = said.split("Options:")[1].split("Subcommands:")[0]
            for match in re.finditer(r"^  (?:-h,)?--(\w+)(.*(?:\n    .*)*)", options, re.M):
                flags.add(match[1])
                with self.subTest(command=command, flag=match[1]):
                    self.assertIn("--" + match[1], page)
                    words = re.sub(
                        r"^ *(?:UINT|TEXT|INT|FLOAT)\S*(?: \.\.\.)?(?: in \[.*?\])?(?: REQUIRED)?(?: Needs: \S+)?",
                        "",
                        match[2],
                    )
                    self.assertTrue(words.strip(), "no description: " + match[0])
        self.assertIn("--json", self.market.cli("--help").out)
        self.assertEqual({flag.replace("-", "_") for flag in re.findall(r"--([a-z][\w-]*)", page)} - flags, set())

    def test_numbers_are_whole(self):
        for value in ("x", "-1", "1.5", "18446744073709551616"):
            done = self.market.cli("job", "receipt", "--job_id", value)
            self.assertEqual(done.code, 2, str(done))
            self.assertIn('expected a whole number, found "%s"' % value, done.err)

    def test_json_at_any_position(self):
        for arguments in (
            ("chain", "info"),
            ("asset", "show", "--dt", LEAF),
            ("asset", "list", "--count", "5"),
            ("key", "address", "--private_key", BANK_A[1]),
            ("job", "list"),
            ("tracer", "dfs", "--prefix_path", LEAF, "--format", "text"),
        ):
            answers = set()
            for at in range(len(arguments) + 1):
                done = self.market.cli(*arguments[:at], "--json", *arguments[at:])
                self.assertEqual(done.code, 0, str(done))
                done.json()
                answers.add(done.out)
            self.assertEqual(len(answers), 1, arguments)

    def test_dashes_for_underscores(self):
        for flags in (("--dt", LEAF), ("--dt=" + LEAF,)):
            self.assertEqual(self.market.answer("asset", "show", *flags)["dt"], LEAF)
        task = self.market.answer("job", "init", "--name", "a-b_c", "--desc", "--d", "--private-key", COMPANY_C[1])
        self.assertEqual(task["task_id"], 1)
        done = self.market.answer(
            "asset", "dt", "--attr-file=leaf.json", "--id", "dt:ownership:" + "4" * 64, "--private-key=" + BANK_A[1]
        )
        self.assertEqual(done["dt"], "dt:ownership:" + "4" * 64)

    def test_ids_in_the_answers(self):
        market, admin = self.market, ("--private_key", ADMIN[1])
        variable = market.write("v.json", json.dumps(leaf()).replace('"rows"', '"${NAME}"', 1))
        rows = (
            (("system", "org", "--name", "org9", "--desc", "d", "--address", "0x" + "9" * 40) + admin, "address"),
            (("system", "op", "--attr_file", "op.json", "--id", "dt:ownership:" + "5" * 64) + admin, "tid"),
            (
                (
                    "asset",
                    "dt",
                    "--attr_file",
                    variable,
                    "--var",
                    'NAME=a "b"=c',
                    "--id",
                    "dt:ownership:" + "6" * 64,
                    "--private_key",
                    BANK_A[1],
                ),
                "dt",
            ),
            (("job", "init", "--name", "n", "--desc", "d", "--private_key", COMPANY_C[1]), "task_id"),
            (("chain", "init", "--ledger", "second.db") + admin, "chain_id"),
            (("chain", "verify"), "head"),
        )
        for arguments, member in rows:
            with self.subTest(arguments[:2]):
                self.assertIn(member, market.answer(*arguments))
        shown = market.answer("asset", "show", "--dt", "dt:ownership:" + "6" * 64)
        self.assertEqual(shown["document"]["metadata"]["main"]["name"], 'a "b"=c')


class Organisations(Case):
    """What an administrator registers, people read."""

    def org(self, command, name, address, *flags):
        return self.market.cli(
            "--json",
            "system",
            command,
            "--name",
            name,
            "--desc",
            "d",
            "--address",
            address,
            "--private_key",
            ADMIN[1],
            *flags
        )

    def name_of(self, address):
        return self.market.answer("chain", "ask", "AssetProvider.getEnterprisebyId", '["%s"]' % address)["answer"][0]

    def test_a_name_that_people_take_for_another(self):
        before = self.market.ledger_state()
        outsider = "0x" + "7" * 40
        for command, name, words in (
            ("org", "\u043erg1", 'looks like "org1"'),
            ("org", "orgl", 'looks like "org1"'),
            ("org", "org\u202e2", "U+202E"),
            ("org", "b\u0430nk", "mixes scripts"),
            ("org_update", "org1", 'looks like "org1"'),
        ):
            with self.subTest(name):
                done = self.org(command, name, COMPANY_C[0] if command == "org_update" else outsider)
                self.check_failed(done, "conflict", words)
                self.assertEqual(done.json()["error"]["code"], "name_mistakable")
        self.assertEqual(self.market.ledger_state(), before)
        done = self.org("org", "orgl", outsider, "--force")
        self.assertEqual(done.code, 0, str(done))
        self.assertIn("looks like", done.err)

    def test_a_legal_id(self):
        before = self.market.ledger_state()
        for legal_id in ("506700GE1G29325QX364", "de:hrb1", "DE:HRB 1"):
            done = self.org("org", "Bank B", "0x" + "5" * 40, "--legal_id", legal_id)
            self.check_failed(done, "invalid_argument", "legal id: expected")
        self.assertEqual(self.market.ledger_state(), before)
        lei = ("--legal_id", "506700GE1G29325QX363")
        self.assertEqual(self.org("org", "Bank B", "0x" + "5" * 40, *lei).json()["legal_id"], lei[1])
        # A second address of the organisation may have its name, nobody else.
        self.check_failed(self.org("org", "Bank B", "0x" + "4" * 40, "--legal_id", "DE:1"), "conflict", "looks like")
        # What the ledger would tell apart, and people may not.
        self.assertEqual(self.org("org", "Fund C", "0x" + "6" * 40, "--legal_id", "DE:HRB10").code, 0)
        for alike in ("DE:HRB-10", "DE:HRB010", "DE:HRBIO"):
            done = self.org("org", "Fund D", "0x" + "8" * 40, "--legal_id", alike)
            self.check_failed(done, "conflict", "looks like")
            self.assertEqual(done.json()["error"]["code"], "legal_id_mistakable")
        self.assertEqual(self.org("org", "Fund D", "0x" + "8" * 40, "--legal_id", "DE:HRB11").code, 0)
        self.assertEqual(self.org("org", "Bank B", "0x" + "4" * 40, *lei).code, 0)
        self.assertEqual(self.org("org_update", "Bank B", "0x" + "4" * 40).code, 0)
        self.check_failed(self.org("org_update", "Bank B", "0x" + "4" * 40, "--legal_id", ""), "conflict", "looks like")

    def test_a_new_name(self):
        company = COMPANY_C[0]
        # One's own name is none to be taken for, and a former one is free.
        for name in ("3rd-party", "Company C", "3rd-party"):
            self.assertEqual(self.org("org_update", name, company).json(), {"address": company, "name": name})
            self.assertEqual(self.name_of(company), name)
        done = self.org("org_update", "nobody", "0x" + "e" * 40)
        self.check_failed(done, "refused", "")
        self.assertEqual(done.json()["error"]["contract_code"], 2002)


class AsPeopleWriteThem(Case):
    """Files with the marks of editors, endpoints with large schemes and slashes: what is meant is clear."""

    def test_a_byte_order_mark(self):
        for name in ("config.ini", "leaf.json", "op.json", "params.json"):
            with open(self.market / ("marked_" + name), "wb") as file:
                file.write(b"\xef\xbb\xbf" + self.market.read(name).replace(b'"params.json"', b'"marked_params.json"'))
        marked = ("--config", "marked_config.ini", "--private_key")
        self.assertIn("head", self.market.answer("chain", "info", *marked[:2]))
        dt, tid = "dt:ownership:" + "a" * 64, "dt:ownership:" + "b" * 64
        self.assertEqual(
            self.market.answer("asset", "dt", "--attr_file", "marked_leaf.json", "--id", dt, *marked, BANK_A[1])["dt"],
            dt,
        )
        self.assertEqual(
            self.market.answer("system", "op", "--attr_file", "marked_op.json", "--id", tid, *marked, ADMIN[1])["tid"],
            tid,
        )

    def test_utf_16_is_named(self):
        for name in ("config.ini", "leaf.json"):
            with open(self.market / ("wide_" + name), "wb") as file:
                file.write(self.market.read(name).decode().encode("utf-16"))
        words = "expected text in UTF-8, found UTF-16; save it as UTF-8"
        self.check_failed(
            self.market.cli("--json", "chain", "info", "--config", "wide_config.ini"),
            "invalid_argument",
            "wide_config.ini: " + words,
        )
        self.check_failed(
            self.market.cli("--json", "asset", "dt", "--attr_file", "wide_leaf.json", "--private_key", BANK_A[1]),
            "invalid_argument",
            "wide_leaf.json: " + words,
        )

    def test_schemes_and_slashes(self):
        for url in ("LEDGER:ledger.db", " Ledger:./ledger.db "):
            self.assertIn("head", self.market.answer("chain", "info", env={"C2D_NETWORK_URL": url}))
        self.market.write("large.ini", "[keeper]\nnetwork_url = LEDGER:ledger.db\nipfs_endpoint = DIR:./documents\n")
        self.assertEqual(self.market.answer("asset", "show", "--dt", LEAF, "--config", "large.ini")["dt"], LEAF)
        done = self.market.cli("--json", "chain", "info", env={"C2D_NETWORK_URL": "HTTP://127.0.0.1:1//"})
        self.check_failed(done, "unavailable", "http://127.0.0.1:1")

    def test_a_missing_ledger_says_what_makes_one(self):
        for command in (("chain", "info"), ("asset", "list"), ("job", "list")):
            done = self.market.cli("--json", *command, "--ledger", "absent.db")
            self.check_failed(done, "not_found", "absent.db is missing: create a ledger with: dt-cli chain init")


class Terms(Case):
    """What an owner should know of the terms, and of what no job could use, while it can still be mended."""

    def publish(self, constraint, attributes=None, as_json=True):
        text = json.dumps(
            leaf(
                id="dt:ownership:" + os.urandom(32).hex(),
                services=[
                    {
                        "index": "s",
                        "endpoint": "127.0.0.1:1",
                        "attributes": attributes or {},
                        "descriptor": {"template": TID, "constraint": constraint},
                    }
                ],
            )
        )
        words = ("--json",) * as_json + (
            "asset",
            "dt",
            "--attr_file",
            self.market.write("terms.json", text),
            "--private_key",
            BANK_A[1],
        )
        return self.market.cli(*words)

    def test_what_is_left_free_is_listed(self):
        done = self.publish({"rows": {}})
        self.assertEqual(done.json()["free"], [{"service": "s", "argument": "rows", "allows": "{}"}], str(done))
        self.assertIn("s: rows  {}", done.err)
        schema = {"$schema": {"type": "integer", "minimum": 1}}
        done = self.publish({"rows": schema}, as_json=False)
        self.assertEqual(done.out.split(":")[0], "dt", str(done))
        self.assertEqual(len(done.out.splitlines()), 1, str(done))
        self.assertIn('s: rows  {"$schema":{"type":"integer","minimum":1}}', done.err)
        schema["$schema"]["maximum"] = 9
        done = self.publish({"rows": schema})
        self.assertEqual(done.json()["free"], [], str(done))
        self.assertNotIn("free", done.err)
        shown = self.market.answer("asset", "show", "--dt", LEAF)
        self.assertEqual([free["argument"] for free in shown["free"]], ["rows"])

    def test_terms_that_guard_no_opening_are_said(self):
        noted = "nothing is guarded by the terms of"
        for attributes in (
            {},
            {"minimum": {}},
            {"minimum": {"rows": 1, "positives": 1}},
            {"minimum": {"rows": 10}, "release": {"reveal": "any"}},
        ):
            with self.subTest(attributes):
                self.assertIn(noted, self.publish({"rows": 1}, attributes).err)
        for attributes in ({"minimum": {"rows": 10}}, {"minimum": {"negatives": 2}, "release": {"reveal": "results"}}):
            with self.subTest(attributes):
                self.assertNotIn(noted, self.publish({"rows": 1}, attributes).err)

    def test_a_pattern_holds_for_the_whole_text(self):
        dt = self.publish({"rows": {"$schema": {"type": "string", "pattern": "[a-z]+[.]csv"}}}).json()["dt"]
        for value, code in (
            ("rows.csv", None),
            ("../rows.csv", "argument_refused"),
            ("rows.csv.exe", "argument_refused"),
            ("rows.csv\n", "argument_refused"),
        ):
            with self.subTest(value):
                document = algorithm(dt)
                document["services"][0]["descriptor"]["workflow"][dt]["constraint"]["rows"] = value
                attributes = self.market.write("cdt.json", json.dumps(document))
                done = self.market.cli(
                    "--json", "asset", "cdt", "--attr_file", attributes, "--private_key", COMPANY_C[1]
                )
                error = done.json()["error"]
                # Terms that hold go on to the provider, of which there is none here.
                self.assertEqual(error.get("code"), code, str(done))
                self.assertEqual(error["status"], "refused" if code else "unavailable", str(done))
        for bad in ("(", "(?=a)", "a{1001}", "a" * 513):
            with self.subTest(bad):
                done = self.publish({"rows": {"$schema": {"pattern": bad}}})
                self.assertEqual(done.json()["error"]["code"], "schema_unsupported", str(done))

    def test_attributes_that_no_job_could_use(self):
        before = self.market.ledger_state()
        for path in ("./inputs/客户 特征.csv", "./inputs/a b.csv", "inputs/x.csv"):
            with self.subTest(path):
                done = self.publish({"rows": 5}, {"path": path})
                self.assertEqual(done.code, 1, str(done))
                self.assertIn("attributes.path", done.json()["error"]["message"])
        done = self.publish(
            {"rows": 5}, {"path": "x.csv", "release": {"log": "all"}, "pth": "./inputs/x.csv", "grants": {"jobs": 1}}
        )
        message = done.json()["error"]["message"]
        for part in ("terms.json", "attributes.path", "attributes.release.log", "attributes.pth", "attributes.grants"):
            self.assertIn(part, message)
        self.assertEqual(self.market.ledger_state(), before)


class Keys(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.password = cls.market.write_secret("password", "correct horse\n")
        cls.imported = cls.market.answer(
            "key", "import", "--private_key", BANK_A[1], "--out", "bank.json", "--password_file", cls.password
        )

    def test_round_trip(self):
        self.assertEqual(self.imported["address"], BANK_A[0])
        by_file = self.market.answer("key", "address", "--keystore", "bank.json", "--password_file", self.password)
        by_variable = self.market.answer(
            "key", "address", "--keystore", "bank.json", env={"C2D_PASSWORD": "correct horse"}
        )
        self.assertEqual((by_file["address"], by_variable["address"]), (BANK_A[0], BANK_A[0]))
        self.assertEqual(
            self.market.answer("key", "address", env={"C2D_PRIVATE_KEY": "0x" + BANK_A[1]})["address"], BANK_A[0]
        )

    def test_new_keys_differ_and_sign(self):
        made = self.market.answer("key", "new", "--out", "new.json", env={"C2D_PASSWORD": "p"})
        self.assertNotEqual(made["address"], BANK_A[0])
        self.market.answer(
            "system", "org", "--name", "fresh", "--desc", "d", "--address", made["address"], "--private_key", ADMIN[1]
        )
        done = self.market.cli(
            "--json", "job", "init", "--name", "n", "--desc", "d", "--keystore", "new.json", env={"C2D_PASSWORD": "p"}
        )
        self.assertEqual((done.code, done.err), (0, ""), str(done))  # nothing to warn of
        self.check_private("new.json")

    def check_private(self, name):
        self.assertEqual(stat.S_IMODE(os.stat(self.market / name).st_mode), 0o600)

    def test_the_file_is_private_and_holds_no_key(self):
        self.check_private("bank.json")
        text = self.market.read("bank.json").decode().lower()
        self.assertNotIn(BANK_A[1], text)
        self.assertEqual(json.loads(text)["version"], 3)

    def test_whatever_the_umask(self):
        done = self.market.shell("umask 0; C2D_PASSWORD=p dt-cli key new --out open.json")
        self.assertEqual(done.code, 0, str(done))
        self.check_private("open.json")

    def test_wrong_or_no_password(self):
        wrong = self.market.cli("--json", "key", "address", "--keystore", "bank.json", env={"C2D_PASSWORD": "wrong"})
        self.check_failed(wrong, "invalid_argument", "password")
        none = self.market.cli("--json", "key", "address", "--keystore", "bank.json")
        self.check_failed(none, "invalid_argument", "password")
        lost = self.market.cli("--json", "key", "address", "--keystore", "bank.json", "--password_file", "absent")
        self.check_failed(lost, "not_found", "absent")

    def test_never_over_a_file_that_stands_there(self):
        before = self.market.read("bank.json")
        for command in (("new",), ("import", "--private_key", OTHER_KEY)):
            done = self.market.cli("--json", "key", *command, "--out", "bank.json", "--password_file", self.password)
            self.check_failed(done, "conflict", "bank.json")
        self.assertEqual(self.market.read("bank.json"), before)


class BrokenLedgers(Case):
    def test_damage_is_named_and_left_as_it_is(self):
        good = self.market.read("ledger.db")
        page = 4096
        rows = (
            ("empty", b""),
            ("a hundred bytes", good[:100]),
            ("one page", good[:page]),
            ("half", good[: len(good) // 2 // page * page]),
            ("the last page gone", good[:-page]),
            ("garbage", b"garbage " * 4096),
            ("a garbage page", good[:page] + b"\xa5" * page + good[2 * page :]),
            ("garbage behind a good header", good[:100] + b"\x00" * (len(good) - 100)),
        )
        self.assertGreater(len(good), 3 * page)
        for name, content in rows:
            with self.subTest(name):
                with open(self.market / "bad.db", "wb") as file:
                    file.write(content)
                for command in (("chain", "verify"), ("chain", "info"), ("asset", "list")):
                    done = self.market.cli("--json", *command, "--ledger", "bad.db")
                    if command[1] == "verify":
                        self.assertEqual(done.code, 1, str(done))
                    self.assertIn(done.code, (0, 1), str(done))
                    if done.code == 1:
                        self.assertIn(done.json()["error"]["status"], ("corrupt", "not_found", "io"), str(done))
                self.assertEqual(self.market.read("bad.db"), content)
                for leftover in ("bad.db-wal", "bad.db-shm"):
                    if os.path.exists(self.market / leftover):
                        os.remove(self.market / leftover)

    def test_a_folder_for_a_ledger(self):
        done = self.market.cli("--json", "chain", "info", "--ledger", "documents")
        self.assertEqual(done.code, 1, str(done))
        self.assertIn("documents", done.json()["error"]["message"])

    def test_init_leaves_foreign_files_alone(self):
        path = self.market.write("notes.txt", "not a ledger, but dear to somebody\n" * 100)
        before = self.market.read("notes.txt")
        done = self.market.cli("--json", "chain", "init", "--ledger", path, "--private_key", ADMIN[1])
        self.assertEqual(done.code, 1, str(done))
        self.assertEqual(self.market.read("notes.txt"), before)


class RolledBack(Case):
    def test_a_ledger_that_was_put_back_is_refused(self):
        def write(name, content):
            with open(self.market / name, "wb") as file:
                file.write(content)

        mine, other = {"C2D_TRUST_DIR": self.market / "mine"}, {"C2D_TRUST_DIR": self.market / "other"}
        write("back.db", self.market.read("ledger.db"))
        first = self.market.answer("chain", "info", "--ledger", "back.db", env=mine)["head"]
        earlier = self.market.read("back.db")
        done = self.market.cli(
            "--json",
            "job",
            "init",
            "--name",
            "n",
            "--desc",
            "d",
            "--ledger",
            "back.db",
            env={**mine, "C2D_PRIVATE_KEY": COMPANY_C[1]},
        )
        self.assertEqual(done.code, 0, str(done))
        last = self.market.answer("chain", "info", "--ledger", "back.db", env=mine)["head"]
        self.assertNotEqual(first, last)
        for head in (first, last):
            verified = self.market.answer("chain", "verify", "--head", head, "--ledger", "back.db", env=mine)
            self.assertEqual(verified["head"], last)

        write("back.db", earlier)
        for command in (("chain", "info"), ("chain", "verify"), ("asset", "list")):
            done = self.market.cli("--json", *command, "--ledger", "back.db", env=mine)
            self.assertEqual(done.code, 1, str(done))
            self.assertEqual(done.json()["error"]["code"], "ledger_rolled_back", str(done))
        # Somebody who did not see it cannot know, unless told the head.
        self.assertEqual(self.market.answer("chain", "verify", "--ledger", "back.db", env=other)["head"], first)
        done = self.market.cli("--json", "chain", "verify", "--head", last, "--ledger", "back.db", env=other)
        self.assertEqual((done.code, done.json()["error"]["code"]), (1, "ledger_rolled_back"), str(done))

    def test_a_head_of_another_form(self):
        for head in ("7", "0x12", "7:0x12", ":" + "0" * 64, "x:" + "0x" + "0" * 64):
            with self.subTest(head):
                done = self.market.cli("--json", "chain", "verify", "--head", head)
                self.assertEqual((done.code, done.json()["error"]["status"]), (1, "invalid_argument"), str(done))


class LockedLedger(Case):
    """Another program holds the ledger's write lock. Giving up takes dt-cli half a minute: the one
    that must give up is started first and looked at when the other tests are done."""

    @classmethod
    def start(cls):
        cls.market = Market()
        cls.holder = cls.lock("held.db")
        cls.blocked = cls.write_to("held.db")

    @classmethod
    def setUpClass(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        cls.holder.close()
        super().tearDownClass()

    @classmethod
    def lock(cls, name):
        shutil.copy(cls.market / "ledger.db", cls.market / name)
        connection = sqlite3.connect(cls.market / name, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        return connection

    @classmethod
    def write_to(cls, name):
        return cls.market.start(
            "dt-cli",
            "--json",
            "job",
            "init",
            "--name",
            "n",
            "--desc",
            "d",
            "--ledger",
            name,
            # Its descriptors are looked at; else they are root's alone.
            env={"C2D_PRIVATE_KEY": COMPANY_C[1], "C2D_ALLOW_DEBUGGER": "1"},
        )

    def test_reading_goes_on(self):
        self.assertEqual(self.market.answer("asset", "show", "--dt", LEAF, "--ledger", "held.db")["dt"], LEAF)

    def test_writing_waits_for_its_turn(self):
        holder = self.lock("turn.db")
        process = self.write_to("turn.db")
        descriptors = "/proc/%d/fd" % process.pid

        def has_opened():
            names = [os.path.join(descriptors, name) for name in os.listdir(descriptors)]
            return any(os.path.exists(n) and os.readlink(n).endswith("turn.db") for n in names)

        wait_until(has_opened, 60, "dt-cli to open the ledger")
        self.assertIsNone(process.poll())
        holder.execute("COMMIT")
        holder.close()
        done = self.market.finish(process)
        self.assertEqual(done.code, 0, str(done))
        self.assertEqual(done.json()["task_id"], 1)

    def test_zz_writing_gives_up(self):
        done = self.market.finish(self.blocked)
        self.assertEqual(done.code, 1, str(done))
        self.assertIn("held.db", done.json()["error"]["message"])
        self.holder.execute("ROLLBACK")
        blocks = "SELECT count(*) FROM blocks"
        original = sqlite3.connect(self.market / "ledger.db")
        self.assertEqual(self.holder.execute(blocks).fetchone(), original.execute(blocks).fetchone())
        original.close()


def main():
    LockedLedger.start()
    load = unittest.defaultTestLoader.loadTestsFromTestCase
    suite = unittest.TestSuite(map(load, Case.__subclasses__()))  # in the order in which they stand above
    if OPTIONS.cases:
        suite = unittest.defaultTestLoader.loadTestsFromNames(OPTIONS.cases, sys.modules[__name__])
    return 0 if unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful() else 1


if __name__ == "__main__":
    raise SystemExit(main())
