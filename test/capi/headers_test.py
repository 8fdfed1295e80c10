"""Each C header compiles alone, with every warning an error, in each language it promises.

headers_test.py --include DIR --cc CC --cxx CXX
"""

import argparse
import pathlib
import concurrent.futures
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "src/tools/codegen"))
import headers

WARNINGS = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"]
LANGUAGES = {
    "c99": ("cc", ["-x", "c", "-std=c99", "-Wstrict-prototypes"]),
    "c11": ("cc", ["-x", "c", "-std=c11", "-Wstrict-prototypes"]),
    "c++17": ("cxx", ["-x", "c++", "-std=c++17"]),
    "c++20": ("cxx", ["-x", "c++", "-std=c++20"]),
    "c++ without exceptions": ("cxx", ["-x", "c++", "-std=c++17", "-fno-exceptions", "-fno-rtti"]),
}
# Included twice; then everything that a caller may write with it is at least named.
TEXT = '#include <%s>\n#include <%s>\nextern int nothing;\n'


def compile_alone(options, include, header, language):
    compiler, flags = LANGUAGES[language]
    command = [getattr(options, compiler), *flags, *WARNINGS, "-I", include, "-"]
    done = subprocess.run(command, input=TEXT % (header, header), capture_output=True, text=True)
    return header, language, done.stderr if done.returncode else ""


def main():
    parser = argparse.ArgumentParser()
    for name in ("--include", "--cc", "--cxx"):
        parser.add_argument(name, required=True)
    options = parser.parse_args()
    names = [str(path.relative_to(options.include)) for path in headers.paths(options.include)]
    failures = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        tasks = [
            pool.submit(compile_alone, options, options.include, name, language)
            for name in names
            for language in LANGUAGES
        ]
        for task in tasks:
            header, language, problem = task.result()
            if problem:
                failures += 1
                print("%s as %s:\n%s" % (header, language, problem))
    print("%d headers in %d languages, %d failures" % (len(names), len(LANGUAGES), failures))
    return 1 if failures or len(names) < 10 else 0


if __name__ == "__main__":
    sys.exit(main())
