"""Functions for several processors are made only where the loader can choose among them.

target_clones_test.py --source DIR --cxx CXX
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

OPTIONS = argparse.Namespace()
USE = '#include "base/target_clones.hpp"\nC2D_VECTOR_CLONES void a();\nC2D_BIT_CLONES void b();\n'


class TargetClones(unittest.TestCase):
    def clones(self, *flags):
        """How often the two macros ask for clones."""
        done = subprocess.run(
            [OPTIONS.cxx, "-E", "-P", "-x", "c++", *flags, "-I", OPTIONS.source + "/src", "-"],
            input=USE,
            capture_output=True,
            text=True,
            check=True,
        )
        self.assertEqual(done.stdout.count("void"), 2)
        return done.stdout.count("target_clones")

    def test_made_with_gcc_and_glibc(self):
        about = [
            subprocess.run([OPTIONS.cxx, flag], capture_output=True, text=True, check=True).stdout
            for flag in ("-dumpmachine", "--version")
        ]
        if not re.match(r"x86_64-.*gnu", about[0]) or "clang" in about[1]:
            self.skipTest("there are none for this compiler")
        self.assertEqual(self.clones(), 2)

    def test_not_made_with_another_c_library(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "features.h").write_text("#define _FEATURES_H 1\n")  # as musl's: it names no library
            self.assertEqual(self.clones("-nostdinc", "-isystem", folder), 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", required=True)
    parser.add_argument("--cxx", default="c++")
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=sys.argv[:1] + rest, verbosity=2)
