"""The structure of the source keeps its bounds: cycles, sizes of functions, macros, facts that stand in one place.

metrics_test.py --source DIR
"""

import argparse
import ast
import collections
import json
import pathlib
import re
import subprocess
import sys
import unittest
import warnings

OPTIONS = argparse.Namespace()
FUNCTION_LINES_P95, FUNCTION_LINES_MAX, TEST_LINES_MAX = 25, 60, 80
#: What clang-format and black break lines at; they leave comments as they are.
COLUMNS, COMMENTED = 120, (".h", ".hpp", ".c", ".cpp", ".py", ".sol")
#: The C interface stands on the C++ one and is part of the same promise.
ALLOWED_CYCLE = ["include/c2d", "include/c2d/capi"]
#: What lies at the top; names that begin with a dot and what git ignores aside.
TOP = {
    "CMakeLists.txt",
    "CMakePresets.json",
    "README.md",
    "README.zh-CN.md",
    "LICENSE",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "include",
    "src",
    "capi",
    "examples",
    "bindings",
    "test",
    "docs",
}
#: Parameters of lists: whoever reads a list says what it makes of a row, and takes that back at once.
LIST_PARAMETERS = {"C2D_X"}
#: Where the contracts are named.
CONTRACT_LIST = "include/c2d/contract_list.h"


def sources(*folders, suffixes=(".h", ".hpp", ".c", ".cpp")):
    for folder in folders:
        for file in sorted((OPTIONS.source / folder).rglob("*")):
            if file.suffix in suffixes and not {"node_modules", "artifacts", "corpus"} & set(file.parts):
                yield file


def code_of(file):
    """Without comments; strings stay."""
    token = r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"'
    return re.sub(token, lambda m: m[0] if m[0][0] == '"' else " ", file.read_text("utf-8"), flags=re.S)


def name_of(file):
    return str(file.relative_to(OPTIONS.source))


class Structure(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        script = OPTIONS.source / "test/style/metrics.sh"
        cls.metrics = json.loads(subprocess.run([script, "--json"], capture_output=True, check=True, timeout=60).stdout)

    def test_the_top_folder_holds_what_a_repository_needs(self):
        ignored = {line.strip("/\n") for line in (OPTIONS.source / ".gitignore").open(encoding="utf-8")}
        there = {file.name for file in OPTIONS.source.iterdir() if not file.name.startswith(".")}
        self.assertEqual(there - ignored, TOP)

    def test_everything_is_read(self):
        self.assertGreater(self.metrics["functions"], 3000)
        self.assertGreater(self.metrics["test cases"], 1000)

    def test_folders_and_files_have_no_cycles(self):
        self.assertEqual(self.metrics["file cycles"], [])
        self.assertEqual([], [cycle for cycle in self.metrics["folder cycles"] if cycle != ALLOWED_CYCLE])

    def test_functions_fit_a_screen(self):
        self.assertLessEqual(self.metrics["function lines p95"], FUNCTION_LINES_P95)
        long = [f for f in self.metrics["long functions"] if f["lines"] > FUNCTION_LINES_MAX]
        self.assertEqual(long, [])

    def test_tests_fit_a_screen_or_two(self):
        self.assertEqual(
            [], [(f["file"], f["name"], f["lines"]) for f in self.metrics["long tests"] if f["lines"] > TEST_LINES_MAX]
        )

    def python_functions(self, *folders):
        warnings.simplefilter("ignore")  # of the parsed text
        for file in sources(*folders, suffixes=(".py",)):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    yield name_of(file), node.name, node.end_lineno - node.lineno + 1

    def test_python_fits_a_screen_too(self):
        long = [f for f in self.python_functions("bindings", "src") if f[2] > FUNCTION_LINES_MAX]
        self.assertEqual(long, [])
        self.assertEqual([], [f for f in self.python_functions("test") if f[2] > TEST_LINES_MAX])

    def test_comments_are_as_wide_as_code(self):
        wide = [
            "%s:%d" % (name_of(file), number)
            for file in sources("include", "src", "capi", "examples", "bindings", "test", suffixes=COMMENTED)
            for number, line in enumerate(file.read_text("utf-8").split("\n"), 1)
            if len(line) > COLUMNS and re.match(r"\s*(//|/?\*|#(?!define|include))", line)
        ]
        self.assertEqual(wide, [])

    def test_no_macro_is_defined_twice(self):
        places = collections.defaultdict(set)
        for file in sources("include", "src", "capi", "test"):
            for macro in re.findall(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", code_of(file), re.M):
                places[macro].add(name_of(file))
        self.assertGreater(len(places), 50)
        self.assertEqual(
            [],
            [
                "%s in %s" % (macro, ", ".join(sorted(files)))
                for macro, files in places.items()
                if len(files) > 1 and macro not in LIST_PARAMETERS
            ],
        )

    def test_json_text_is_not_parsed_where_it_was_made(self):
        self.assertEqual(
            [],
            [
                name_of(file)
                for file in sources("include", "src", "capi", "examples")
                for _ in re.finditer(r"json::parse\([^;]*\bto_json\(", code_of(file))
            ],
        )

    def test_contracts_are_spelt_in_one_file(self):
        spelt = r'"(?:RoleController|AssetProvider|OpTemplate|DTFactory|TaskMarket|JobReceipts)"'
        found = {name_of(file) for file in sources("include", "src", "capi") if re.search(spelt, code_of(file))}
        self.assertEqual([], sorted(found - {CONTRACT_LIST}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path, required=True)
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    unittest.main(argv=sys.argv[:1] + rest)
