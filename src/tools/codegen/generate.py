#!/usr/bin/env python3
"""Makes what follows from the C headers, and from the table of configuration keys, word by word.

    src/tools/codegen/generate.py            writes the files anew
    src/tools/codegen/generate.py --check    says which of them differ, and fails

What it makes is committed, so that a build needs no Python and a change shows what it does.
"""

import argparse
import pathlib
import sys

import headers
import layout
import mpc_operations
import options
import pages
import python

ROOT = pathlib.Path(__file__).resolve().parents[3]


def generated():
    """{path below the root: text}"""
    declared = headers.Headers(ROOT / "include")
    return {
        "bindings/python/c2d/_generated.py": python.text(declared),
        "capi/mpc_operations.cpp": mpc_operations.text(declared),
        "capi/same_options.hpp": options.text(declared, ROOT),
        "test/capi/layout.c": layout.text(declared),
        pages.PAGE: pages.configuration(ROOT),
    }


def main():
    parser = argparse.ArgumentParser(
        description="Makes what follows from the C headers and the table of configuration keys."
    )
    parser.add_argument("--check", action="store_true", help="change nothing; fail if a file is not what it should be")
    asked = parser.parse_args()
    differing = [
        path
        for path, text in generated().items()
        if not (ROOT / path).exists() or (ROOT / path).read_text(encoding="utf-8") != text
    ]
    if asked.check:
        for path in differing:
            print("%s is not what the source says: run src/tools/codegen/generate.py" % path)
        return 1 if differing else 0
    for path in differing:
        (ROOT / path).write_text(generated()[path], encoding="utf-8")
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
