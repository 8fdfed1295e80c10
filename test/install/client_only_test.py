"""A build for clients needs neither libseccomp nor libmicrohttpd, and does what clients do.

client_only_test.py --build DIR --source DIR --cmake CMAKE

It is configured where pkg-config knows neither of the two. C2D_FULL=1 builds it too, with the compiler and the flags of
the whole build, so that ccache has most of it.
"""

import argparse
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

from installed import run

OPTIONS = argparse.Namespace()
FULL = os.environ.get("C2D_FULL") == "1"
LEFT_OUT = re.compile("seccomp|microhttpd")
STAND_INS = "capi/CMakeFiles/c2d.dir/client_only.cpp.o"
#: Settings of the whole build that decide how a file is compiled.
SAME = re.compile(r"CMAKE_BUILD_TYPE|CMAKE_(C|CXX)_(COMPILER|COMPILER_LAUNCHER|FLAGS)|C2D_HARDEN|C2D_WERROR")
#: Tests of the build for clients that are run here; `ctest` in it has them all.
TESTS = (
    "capi_key",
    "capi_chain",
    "capi_client_only",
    "abi_layout",
    "symbols_exported",
    "capi_example_c",
    "capi_example_cpp",
    "capi_example_python",
)
TARGETS = (
    "c2d",
    "dt-cli",
    "capi_key",
    "capi_chain",
    "capi_client_only",
    "capi_layout",
    "example_c_publish_and_trace",
    "example_cpp_publish_and_trace",
)
PKG_CONFIG = """#!/bin/sh
case "$*" in *seccomp*|*microhttpd*) exit 1;; esac
exec %s "$@"
"""


def settings(cache):
    """-DNAME:TYPE=VALUE of what decides how a file is compiled."""
    rows = re.findall(r"^(\w+)(:\w+=.*)$", cache.read_text(), re.M)
    return ["-D" + name + rest for name, rest in rows if SAME.fullmatch(name)]


def functions(*files):
    """The functions that are defined in object files or libraries."""
    dynamic = ["-D"] if files[0].suffix == ".so" else []
    rows = run("nm", *dynamic, "--defined-only", *files)
    return {name.split("@")[0] for name in re.findall(r" T (c2d_\S+)$", rows, re.M)}


class ClientOnly(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.build = OPTIONS.build / "client_only"
        cls.build.mkdir(exist_ok=True)
        wrapper = cls.build / "pkg-config-without"
        wrapper.write_text(PKG_CONFIG % shlex.quote(shutil.which("pkg-config")))
        wrapper.chmod(0o755)
        run(
            OPTIONS.cmake,
            "-G",
            "Ninja",
            "-S",
            OPTIONS.source,
            "-B",
            cls.build,
            "-DC2D_CLIENT_ONLY=ON",
            "-DC2D_BUILD_TESTS=ON",
            "-DPKG_CONFIG_EXECUTABLE=%s" % wrapper,
            *settings(OPTIONS.build / "CMakeCache.txt")
        )
        run(OPTIONS.cmake, "--build", cls.build, "--target", *(TARGETS if FULL else [STAND_INS]))

    def test_nothing_is_linked_or_demanded(self):
        rules = (self.build / "build.ninja").read_text()
        links = re.findall(r"^  LINK_LIBRARIES = (.*)$", rules, re.M)
        self.assertGreater(len(links), 20)
        made = [self.build / "install/prefix" / name for name in ("c2dConfig.cmake", "c2d_static.pc")]
        for text in links + [path.read_text() for path in made]:
            self.assertNotRegex(text, LEFT_OUT)
        for program in ("c2d-provider", "c2d-sandbox-helper", "c2d-bench"):
            self.assertNotIn("build bin/%s:" % program, rules)

    def test_each_function_that_is_missing_has_its_stand_in(self):
        whole = [OPTIONS.build / "capi/CMakeFiles/c2d.dir" / name for name in ("provider.cpp.o", "sandbox.cpp.o")]
        self.assertEqual(functions(self.build / STAND_INS), functions(*whole))


@unittest.skipUnless(FULL, "C2D_FULL=1 builds it")
class Built(unittest.TestCase):
    def setUp(self):
        self.build = OPTIONS.build / "client_only"
        self.cli = self.build / "bin/dt-cli"

    def test_nothing_is_needed(self):
        for path in (self.build / "lib/libc2d.so", self.cli):
            needed = run("ldd", path)
            self.assertIn("libsqlite3", needed)
            self.assertNotRegex(needed, LEFT_OUT)

    def test_the_same_functions_are_exported(self):
        self.assertEqual(functions(self.build / "lib/libc2d.so"), functions(OPTIONS.build / "lib/libc2d.so"))

    def test_its_own_tests(self):
        text = run(
            OPTIONS.cmake.with_name("ctest"),
            "--test-dir",
            self.build,
            "--no-tests=error",
            "--output-on-failure",
            "-R",
            "^(%s)$" % "|".join(TESTS),
        )
        self.assertIn("100%% tests passed, 0 tests failed out of %d" % len(TESTS), text)

    def test_a_ledger_on_the_command_line(self):
        with tempfile.TemporaryDirectory(prefix="c2d-client-") as folder:
            ledger = ("--ledger", os.path.join(folder, "ledger.db"))
            run(self.cli, "chain", "init", *ledger, env={"C2D_PRIVATE_KEY": "11" * 32})
            self.assertTrue(json.loads(run(self.cli, "--json", "chain", "verify", *ledger))["verified"])

    def test_commands_that_are_missing_say_so(self):
        for command in (("sandbox", "probe"), ("sandbox", "run", "--job", "x"), ("chain", "serve", "--port", "0")):
            done = subprocess.run([self.cli, "--json", *command], capture_output=True, text=True)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertEqual(json.loads(done.stdout)["error"]["status"], "unsupported")
            self.assertIn("build c2d without -DC2D_CLIENT_ONLY=ON", done.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--source", required=True, type=pathlib.Path)
    parser.add_argument("--cmake", required=True, type=pathlib.Path)
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    unittest.main(argv=[sys.argv[0]] + rest)
