"""What people copy compiles without a word from the compiler: the programs of the README and the examples, and
each public C++ header alone (test/capi/headers_test.py has the C headers).

code_test.py --source DIR --build DIR [--cc CC --cxx CXX]

Each program is compiled by every compiler that is here (gcc and clang); each header by the one of the build. What
ccache has seen before costs nothing, so texts have names of their own below the build folder.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

OPTIONS = argparse.Namespace()
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-O0", "-c"]
BLOCK = re.compile(r"^```(c|cpp)\n(.*?)^```$", re.M | re.S)


def programs_of(page):
    """The blocks of a page that are whole programs: (name, language, text)."""
    text = page.read_text(encoding="utf-8")
    return [
        ("%s block %d" % (page.name, number), found[1], found[2])
        for number, found in enumerate(BLOCK.finditer(text), 1)
        if "int main(" in found[2]
    ]


def compiled(name, compiler, language, standard, text):
    """What the compiler says of a program; empty when nothing."""
    source = OPTIONS.build / ("%s.%s" % (re.sub(r"\W+", "_", name), language))
    if not source.is_file() or source.read_text(encoding="utf-8") != text:
        source.write_text(text, encoding="utf-8")
    command = [
        *OPTIONS.launcher,
        compiler,
        "-std=" + standard,
        *WARNINGS,
        "-I",
        OPTIONS.source / "include",
        source,
        "-o",
        "%s.%s.%s.o" % (source, os.path.basename(compiler), standard),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stderr or ("" if done.returncode == 0 else "ended with %d" % done.returncode)


def compiles(compiler):
    """Is it there, and does it compile? A name alone is no compiler."""
    if not shutil.which(compiler):
        return False
    done = subprocess.run(
        [compiler, "-x", "c", "-fsyntax-only", "-"], input="int nothing;\n", capture_output=True, text=True
    )
    if done.returncode:
        print("not asked, since it compiles nothing: %s" % compiler)
    return done.returncode == 0


class Code(unittest.TestCase):
    def expect_silence(self, tasks):
        """tasks: (name, compiler, language, standard, text)."""
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            said = list(pool.map(lambda task: compiled(*task), tasks))
        for task, text in zip(tasks, said):
            self.assertEqual(text, "", "%s by %s as %s" % (task[0], task[1], task[3]))

    def test_programs(self):
        found = [
            program
            for page in ("README.md", "README.zh-CN.md", "docs/embedding.md")
            for program in programs_of(OPTIONS.source / page)
        ]
        self.assertGreaterEqual(len(found), 2)
        for path in sorted(OPTIONS.source.glob("examples/c*/*.c*")):
            found.append((path.name, path.suffix[1:], path.read_text(encoding="utf-8")))
        standards = {"c": ("c99", "c11"), "cpp": ("c++20",)}
        self.expect_silence(
            [
                (name, compiler, language, standard, text)
                for name, language, text in found
                for compiler in OPTIONS.compilers[language]
                for standard in standards[language]
            ]
        )

    def test_headers(self):
        include = OPTIONS.source / "include"
        names = [str(path.relative_to(include)) for path in sorted(include.rglob("*.hpp"))]
        self.assertGreater(len(names), 20)
        self.expect_silence(
            [(name, OPTIONS.cxx, "cpp", "c++20", "#include <%s>\n#include <%s>\n" % (name, name)) for name in names]
        )

    def test_designated_options(self):
        """Naming one member of an option struct is no reason to warn of the others."""
        include = OPTIONS.source / "include"
        text, used = "", []
        for path in sorted(include.rglob("*.hpp")):
            text += "#include <%s>\n" % path.relative_to(include)
            for struct in re.finditer(
                r"^struct (\w+(?:Options|Draft|Job|Query|Limits)) \{\n(.*?)^\};$", path.read_text(), re.M | re.S
            ):
                member = re.search(r"^    [\w:<>, ]+? (\w+) = ", struct[2], re.M)
                used.append("(void)%s::%s{.%s = {}};" % (self.namespace(path), struct[1], member[1]))
        self.assertGreater(len(used), 10)
        text += "int main() { %s }\n" % " ".join(used)
        self.expect_silence([("options", compiler, "cpp", "c++20", text) for compiler in OPTIONS.compilers["cpp"]])

    @staticmethod
    def namespace(path):
        return re.search(r"^namespace (c2d[\w:]*) \{", path.read_text(), re.M)[1]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", required=True, type=pathlib.Path)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--cxx", default="c++")
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    here = {"c": ("gcc", "clang"), "cpp": ("g++", "clang++")}
    OPTIONS.compilers = {
        language: {
            os.path.realpath(shutil.which(name)): name
            for name in (OPTIONS.cc if language == "c" else OPTIONS.cxx, *names)
            if compiles(name)
        }.values()
        for language, names in here.items()
    }
    OPTIONS.build = OPTIONS.build / "copied_code"
    OPTIONS.build.mkdir(parents=True, exist_ok=True)
    OPTIONS.launcher = ["ccache"] if shutil.which("ccache") else []
    unittest.main(argv=[sys.argv[0]] + rest)
