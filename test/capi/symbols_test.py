"""What the shared library exports is what the headers declare, no more and no less.

symbols_test.py --include DIR --library FILE [--nm NM] [--readelf READELF]
"""

import argparse
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "src/tools/codegen"))
import headers


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--include", required=True)
    parser.add_argument("--library", required=True)
    parser.add_argument("--nm", default="nm")
    parser.add_argument("--readelf", default="readelf")
    options = parser.parse_args()
    problems = []

    names = [function.name for function in headers.functions(options.include)]
    declared = set(names)
    if len(names) != len(declared):
        problems.append("declared twice: %s" % sorted(n for n in declared if names.count(n) > 1))
    listed = output_of(options.nm, "-D", "--defined-only", options.library)
    symbols = [line.split()[-2:] for line in listed.splitlines()]
    # The node of the version script is itself a symbol of kind A.
    exported = {name.split("@")[0] for kind, name in symbols if kind != "A"}
    problems += ["exported, not declared: " + name for name in sorted(exported - declared)]
    problems += ["declared, not exported: " + name for name in sorted(declared - exported)]
    problems += ["not a function: " + name for kind, name in symbols if kind not in "TA"]
    problems += ["without a version: " + name for kind, name in symbols if kind == "T" and "@@" not in name]

    dynamic = output_of(options.readelf, "-d", options.library)
    if not re.search(r"\(SONAME\).*\[libc2d\.so\.\d+\]", dynamic):
        problems.append("the library has no SONAME libc2d.so.N")
    if re.search(r"\((RPATH|TEXTREL)\)", dynamic):
        problems.append("the library has RPATH or TEXTREL")

    print("\n".join(problems) or "%d functions declared and exported" % len(declared))
    return 1 if problems or len(declared) < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
