"""What `cmake --install` puts into a prefix serves others: CMake, pkg-config, Python, the programs.

install_test.py --build DIR --cmake CMAKE
"""

import argparse
import glob
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

OPTIONS = argparse.Namespace()
HERE = pathlib.Path(__file__).parent
SOURCE = HERE.parent.parent


def run(*command, **more):
    """Runs a command without the variables that would lead it elsewhere; returns its output."""
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("C2D_LIBRARY", "PYTHONPATH", "LD_LIBRARY_PATH", "C2D_PYTHON_PATH")}
    environment.update(more.pop("env", {}))
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, env=environment,
                          **more)
    if done.returncode:
        raise AssertionError("%s ended with %d:\n%s%s" % (command, done.returncode, done.stdout,
                                                          done.stderr))
    return done.stdout


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="c2d-install-")
        first = pathlib.Path(cls.folder.name, "first")
        run(OPTIONS.cmake, "--install", OPTIONS.build, "--prefix", first)
        # A prefix may be moved.
        cls.prefix = pathlib.Path(cls.folder.name, "prefix")
        first.rename(cls.prefix)
        cls.libdir = pathlib.Path(glob.glob(str(cls.prefix / "lib/**/libc2d.so"), recursive=True)[0]).parent
        cls.python = str(cls.prefix / "share/c2d/python")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def trace(self, text):
        self.assertIn("job 1 of task 1", text)
        self.assertIn("└── job 1", text)

    def test_everything_is_there(self):
        for name in ("include/c2d/c2d.h", "include/c2d/capi/base.h", "include/c2d/chain.hpp",
                     "bin/dt-cli", "bin/c2d-provider", "libexec/c2d/c2d-sandbox-helper",
                     "share/c2d/python/c2d/__init__.py", "share/c2d/python/c2d/py.typed",
                     "share/doc/c2d/LICENSE", "share/doc/c2d/embedding.md"):
            self.assertTrue((self.prefix / name).is_file(), name)
        self.assertTrue((self.libdir / "libc2d_static.a").is_file())
        wanted = {str(path.relative_to(SOURCE / "include")) for path in (SOURCE / "include").rglob("*.h*")}
        found = {str(path.relative_to(self.prefix / "include"))
                 for path in (self.prefix / "include").rglob("*.h*")}
        self.assertEqual(wanted, found)

    def test_nothing_names_the_build(self):
        for path in self.prefix.rglob("*"):
            if path.suffix in (".cmake", ".pc", ".py", ".h", ".hpp"):
                text = path.read_text()
                self.assertNotIn(str(OPTIONS.build), text, path)
                self.assertNotIn(str(SOURCE), text, path)
        self.assertEqual(list(self.prefix.rglob("__pycache__")), [])

    def test_find_package(self):
        build = pathlib.Path(self.folder.name, "toy")
        run(OPTIONS.cmake, "-S", HERE / "toy", "-B", build, "-DCMAKE_PREFIX_PATH=%s" % self.prefix,
            "-DEXAMPLES=%s" % (self.prefix / "share/doc/c2d/examples"))
        run(OPTIONS.cmake, "--build", build)
        self.trace(run(build / "toy_c"))
        self.trace(run(build / "toy_cpp"))

    def pkg_config(self, *arguments):
        return run("pkg-config", *arguments,
                   env={"PKG_CONFIG_PATH": str(self.libdir / "pkgconfig")}).split()

    def test_pkg_config_c(self):
        program = pathlib.Path(self.folder.name, "with_pkg_config")
        self.assertEqual(self.pkg_config("--modversion", "c2d"), ["0.1.0"])
        run("cc", "-std=c99", self.prefix / "share/doc/c2d/examples/c/publish_and_trace.c",
            *self.pkg_config("--cflags", "--libs", "c2d"), "-o", program)
        self.trace(run(program, env={"LD_LIBRARY_PATH": str(self.libdir)}))

    def test_pkg_config_cpp(self):
        flags = self.pkg_config("--cflags", "--libs", "c2d_static")
        self.assertIn("-lc2d_static", flags)
        program = pathlib.Path(self.folder.name, "with_pkg_config_cpp")
        source = program.with_suffix(".cpp")
        source.write_text("#include <c2d/key.hpp>\n"
                          "int main() { return c2d::PrivateKey::generate() ? 0 : 1; }\n")
        run("c++", "-std=c++20", source, *flags, "-o", program)
        run(program)

    def test_python(self):
        self.trace(run("/usr/bin/python3", "-B",
                       self.prefix / "share/doc/c2d/examples/python/publish_and_trace.py",
                       env={"PYTHONPATH": self.python}))
        found = run("/usr/bin/python3", "-B", "-c", "import c2d; print(c2d._ffi.lib._name)",
                    env={"PYTHONPATH": self.python})
        self.assertEqual(found.strip(), str(self.libdir / "libc2d.so"))

    def test_sandbox_finds_its_helper(self):
        code = ("import c2d, sys; job = c2d.SandboxJob('print(6 * 7)', sys.argv[1]);"
                "report = c2d.Sandbox().run(job); print(report.log_text, report.detail)")
        text = run("/usr/bin/python3", "-B", "-c", code, os.path.join(self.folder.name, "outputs"),
                   env={"PYTHONPATH": self.python})
        self.assertIn("42", text)

    def test_programs(self):
        text = run(self.prefix / "bin/dt-cli", "--json", "sandbox", "probe")
        self.assertIn("layers", json.loads(text))
        run(self.prefix / "bin/c2d-provider", "--help")

    def test_pip(self):
        """The package installs with pip, offline; it then finds the library by $C2D_LIBRARY."""
        code = ("from importlib.util import find_spec;"
                "assert all(map(find_spec, ('pip', 'setuptools', 'wheel')))")
        if subprocess.run(["/usr/bin/python3", "-c", code], capture_output=True).returncode:
            self.skipTest("pip, setuptools or wheel is not installed")
        source = pathlib.Path(self.folder.name, "source")
        shutil.copytree(SOURCE / "bindings/python", source, ignore=shutil.ignore_patterns("__pycache__"))
        target = pathlib.Path(self.folder.name, "site")
        run("/usr/bin/python3", "-m", "pip", "install", "--quiet", "--no-index", "--no-deps",
            "--no-build-isolation", "--root-user-action=ignore", "--target", target, source)
        found = run("/usr/bin/python3", "-B", "-c", "import c2d; print(c2d.__version__, c2d.__file__)",
                    env={"PYTHONPATH": str(target), "C2D_LIBRARY": str(self.libdir / "libc2d.so")})
        self.assertIn(str(target), found)
        self.assertIn("0.1.0", found)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--cmake", default="cmake")
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    unittest.main(argv=[sys.argv[0]] + rest)
