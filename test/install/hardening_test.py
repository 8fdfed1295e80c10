"""What is built has the protections of src/cmake/C2dHarden.cmake: read from the binaries themselves.

hardening_test.py --build DIR --readelf READELF --flags=FLAG;…

FLAGs are those that the compiler was found to have; what it lacks is not asked for.
"""

import argparse
import functools
import pathlib
import re
import subprocess
import sys
import unittest

OPTIONS = argparse.Namespace()
PROGRAMS = ("bin/dt-cli", "bin/c2d-provider", "bin/c2d-bench")
#: Static, without the C library, at a fixed address: it has nothing to relocate (src/sandbox/CMakeLists.txt).
HELPER = "bin/c2d-sandbox-helper"
LIBRARY = "lib/libc2d.so"
SEGMENT = re.compile(r"^\s+(LOAD|GNU_STACK)(?:\s+0x[0-9a-f]+){5} ([R ][W ][E ]) ", re.M)


@functools.cache
def read(name, *what):
    return subprocess.run(
        [OPTIONS.readelf, "--wide", *what, pathlib.Path(OPTIONS.build, name)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def imports(name):
    return set(re.findall(r"UND (\w+)", read(name, "--dyn-syms")))


class Hardening(unittest.TestCase):
    def test_programs_have_no_fixed_address(self):
        for name in PROGRAMS:
            with self.subTest(name):
                self.assertRegex(read(name, "--file-header"), r"Type:\s+DYN")
                self.assertRegex(read(name, "--dynamic"), r"FLAGS_1.*\bPIE\b")

    def test_tables_of_functions_are_read_only_once_loaded(self):
        for name in PROGRAMS + (LIBRARY,):
            with self.subTest(name):
                self.assertIn("GNU_RELRO", read(name, "--program-headers"))
                self.assertRegex(read(name, "--dynamic"), r"BIND_NOW|FLAGS_1.*\bNOW\b")

    def test_nothing_is_both_written_and_run(self):
        for name in PROGRAMS + (LIBRARY, HELPER):
            with self.subTest(name):
                segments = SEGMENT.findall(read(name, "--program-headers"))
                self.assertIn("GNU_STACK", [kind for kind, _ in segments])
                for kind, access in segments:
                    self.assertFalse("W" in access and "E" in access, (kind, access))
                self.assertNotIn("TEXTREL", read(name, "--dynamic"))

    def test_checks_are_compiled_in(self):
        for name in PROGRAMS + (LIBRARY,):
            with self.subTest(name):
                called = imports(name)
                self.assertIn("__stack_chk_fail", called)
                self.assertTrue([symbol for symbol in called if symbol.endswith("_chk")], "no fortified call")
                self.assertTrue(
                    [symbol for symbol in called if "__glibcxx_assert" in symbol],
                    "no checked index of the standard library",
                )

    def test_objects_mark_the_targets_of_jumps(self):
        """Each object of ours; a linked file is marked as a whole only where the system's start files are too."""
        wanted = {"-fcf-protection=full": ("IBT", "SHSTK"), "-mbranch-protection=standard": ("BTI", "PAC")}
        marks = [mark for flag in OPTIONS.flags for mark in wanted.get(flag, ())]
        if not marks:
            self.skipTest("the compiler has no such flag")
        objects = re.split(r"^File: ", read("lib/libc2d_static.a", "--notes"), flags=re.M)[1:]
        self.assertGreater(len(objects), 100)
        for text in objects + [read(HELPER, "--notes")]:
            for mark in marks:
                self.assertRegex(text, r"feature.*\b%s\b" % mark, text.split("\n", 1)[0])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--readelf", required=True)
    parser.add_argument("--flags", type=lambda text: text.split(";"), default=[])
    OPTIONS, rest = parser.parse_known_args()
    PROGRAMS += tuple(
        name for name in ("bin/c2d-odbc",) if pathlib.Path(OPTIONS.build, name).exists()
    )  # where unixODBC is
    unittest.main(argv=sys.argv[:1] + rest, verbosity=2)
