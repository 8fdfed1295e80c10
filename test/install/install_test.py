"""What `cmake --install` puts into a prefix serves others: CMake, pkg-config, Python, the programs.

install_test.py --build DIR --cmake CMAKE
"""

import argparse
import glob
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from installed import SOURCE, play, run

OPTIONS = argparse.Namespace()
HERE = pathlib.Path(__file__).parent


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
        for name in (
            "include/c2d/c2d.h",
            "include/c2d/capi/base.h",
            "include/c2d/chain.hpp",
            "bin/dt-cli",
            "bin/c2d-provider",
            "libexec/c2d/c2d-sandbox-helper",
            "libexec/c2d/c2d-engine",
            "share/c2d/python/c2d/__init__.py",
            "share/c2d/python/c2d/mpc/__init__.py",
            "share/c2d/python/c2d/py.typed",
            "share/doc/c2d/LICENSE",
            "share/doc/c2d/embedding.md",
        ):
            self.assertTrue((self.prefix / name).is_file(), name)
        odbc = pathlib.Path(OPTIONS.build, "bin/c2d-odbc").exists()  # where unixODBC is
        self.assertEqual((self.prefix / "libexec/c2d/c2d-odbc").is_file(), odbc)
        self.assertTrue((self.libdir / "libc2d_static.a").is_file())
        wanted = {str(path.relative_to(SOURCE / "include")) for path in (SOURCE / "include").rglob("*.h*")}
        found = {str(path.relative_to(self.prefix / "include")) for path in (self.prefix / "include").rglob("*.h*")}
        self.assertEqual(wanted, found)

    def test_nothing_names_the_build(self):
        for path in self.prefix.rglob("*"):
            if path.suffix in (".cmake", ".pc", ".py", ".h", ".hpp"):
                text = path.read_text()
                self.assertNotIn(str(OPTIONS.build), text, path)
                self.assertNotIn(str(SOURCE), text, path)
        self.assertEqual(list(self.prefix.rglob("__pycache__")), [])

    def test_links_of_the_pages(self):
        pages = list((self.prefix / "share/doc/c2d").rglob("*.md"))
        self.assertGreater(len(pages), 15)
        seen = 0
        for page in pages:
            for link in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
                if re.match(r"[a-z]+:", link):
                    continue
                seen += 1
                self.assertTrue((page.parent / link).exists(), "%s: %s" % (page.relative_to(self.prefix), link))
        self.assertGreater(seen, 50)

    def test_find_package(self):
        build = pathlib.Path(self.folder.name, "toy")
        run(
            OPTIONS.cmake,
            "-S",
            HERE / "toy",
            "-B",
            build,
            "-DCMAKE_PREFIX_PATH=%s" % self.prefix,
            "-DEXAMPLES=%s" % (self.prefix / "share/doc/c2d/examples"),
        )
        run(OPTIONS.cmake, "--build", build)
        self.trace(run(build / "publish_and_trace_c"))
        self.trace(run(build / "publish_and_trace_cpp"))
        # The whole story on what is installed: helper, Python for operators, terms.
        examples, traces = self.prefix / "share/doc/c2d/examples", pathlib.Path(self.folder.name, "traces")
        ends = {
            play(examples, traces, "c", build / "joint_risk_c"),
            play(examples, traces, "cpp", build / "joint_risk_cpp", prefix=str(self.prefix)),
            play(
                examples,
                traces,
                "python",
                "/usr/bin/python3",
                "-B",
                examples / "python/joint_risk.py",
                env={"PYTHONPATH": self.python},
            ),
        }
        self.assertEqual(len(ends), 1, ends)
        self.assertIn(
            "└── job 1", run("/usr/bin/python3", "-B", examples / "python/notebook.py", env={"PYTHONPATH": self.python})
        )

    def pkg_config(self, *arguments):
        return run("pkg-config", *arguments, env={"PKG_CONFIG_PATH": str(self.libdir / "pkgconfig")}).split()

    def test_pkg_config_c(self):
        program = pathlib.Path(self.folder.name, "with_pkg_config")
        self.assertEqual(self.pkg_config("--modversion", "c2d"), ["0.1.0"])
        flags = self.pkg_config("--cflags", "--libs", "c2d")
        run("cc", "-std=c99", self.prefix / "share/doc/c2d/examples/c/publish_and_trace.c", *flags, "-o", program)
        self.trace(run(program, env={"LD_LIBRARY_PATH": str(self.libdir)}))
        # A prefix where the loader does not look: named in the program instead.
        run(
            "cc",
            "-std=c99",
            self.prefix / "share/doc/c2d/examples/c/publish_and_trace.c",
            *flags,
            "-Wl,-rpath,%s" % self.pkg_config("--variable=libdir", "c2d")[0],
            "-o",
            program
        )
        self.trace(run(program))

    def test_pkg_config_cpp(self):
        flags = self.pkg_config("--cflags", "--libs", "c2d_static")
        self.assertIn("-lc2d_static", flags)
        program = pathlib.Path(self.folder.name, "with_pkg_config_cpp")
        source = program.with_suffix(".cpp")
        source.write_text("#include <c2d/key.hpp>\n" "int main() { return c2d::PrivateKey::generate() ? 0 : 1; }\n")
        run("c++", "-std=c++20", source, *flags, "-o", program)
        run(program)

    def test_python(self):
        self.trace(
            run(
                "/usr/bin/python3",
                "-B",
                self.prefix / "share/doc/c2d/examples/python/publish_and_trace.py",
                env={"PYTHONPATH": self.python},
            )
        )
        found = run(
            "/usr/bin/python3", "-B", "-c", "import c2d; print(c2d._ffi.lib._name)", env={"PYTHONPATH": self.python}
        )
        self.assertEqual(found.strip(), str(self.libdir / "libc2d.so"))

    def test_sandbox_finds_its_helper(self):
        code = (
            "import c2d, sys; job = c2d.SandboxJob('print(6 * 7)', sys.argv[1]);"
            "report = c2d.Sandbox().run(job); print(report.log_text, report.detail)"
        )
        text = run(
            "/usr/bin/python3",
            "-B",
            "-c",
            code,
            os.path.join(self.folder.name, "outputs"),
            env={"PYTHONPATH": self.python},
        )
        self.assertIn("42", text)

    def test_programs(self):
        text = run(self.prefix / "bin/dt-cli", "--json", "sandbox", "probe")
        self.assertIn("layers", json.loads(text))
        run(self.prefix / "bin/c2d-provider", "--help")

    def test_multiarch(self):
        """The libraries in lib/<triplet>, as on Debian: everything finds its parts all the same."""
        prefix = pathlib.Path(self.folder.name, "multiarch")
        shutil.copytree(self.prefix, prefix, symlinks=True)
        flat = prefix / self.libdir.relative_to(self.prefix)
        if flat == prefix / "lib":
            (prefix / "lib/some-linux-gnu").mkdir()
            for library in flat.glob("libc2d*"):
                library.rename(prefix / "lib/some-linux-gnu" / library.name)
        job = pathlib.Path(self.folder.name, "job")
        (job / "inputs").mkdir(parents=True)
        (job / "code.py").write_text("import c2d; print(c2d._ffi.lib._name, c2d.__file__)")
        text = run(
            prefix / "bin/dt-cli",
            "sandbox",
            "run",
            "--job",
            job,
            "--code",
            job / "code.py",
            "--out",
            pathlib.Path(self.folder.name, "job_out"),
        )
        self.assertIn("/opt/c2d/lib/libc2d.so /opt/c2d/python/c2d/__init__.py", text)

    def test_no_program_names_the_build(self):
        for path in self.prefix.rglob("*"):
            if path.is_file() and path.read_bytes()[:4] == b"\x7fELF":
                self.assertNotIn(str(SOURCE).encode(), path.read_bytes(), path)

    def test_pip(self):
        """The package in a virtual environment, offline: with the library and the helper in it."""
        needed = (
            "from importlib.util import find_spec;"
            "assert all(map(find_spec, ('pip', 'setuptools', 'wheel', 'ensurepip')))"
        )
        if subprocess.run(["/usr/bin/python3", "-c", needed], capture_output=True).returncode:
            self.skipTest("pip, setuptools, wheel or venv is not installed")
        source, venv = (pathlib.Path(self.folder.name, name) for name in ("source", "venv"))
        shutil.copytree(
            SOURCE / "bindings/python", source, ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info")
        )
        run("/usr/bin/python3", "-m", "venv", "--system-site-packages", venv)
        run(
            venv / "bin/pip",
            "install",
            "--quiet",
            "--no-index",
            "--no-build-isolation",
            source,
            env={"C2D_LIBRARY": str(self.libdir / "libc2d.so")},
        )
        python = venv / "bin/python"
        found = run(python, "-c", "import c2d; print(c2d.__version__, c2d._ffi.lib._name)", cwd="/").split()
        self.assertEqual(found[0], "0.1.0")
        self.assertTrue(found[1].startswith(str(venv)) and found[1].endswith("/c2d/libc2d.so"), found)
        trace = play(
            self.prefix / "share/doc/c2d/examples",
            pathlib.Path(self.folder.name, "traces"),
            "venv",
            python,
            self.prefix / "share/doc/c2d/examples/python/joint_risk.py",
        )
        self.assertIn("job 1", trace)


class Fetched(unittest.TestCase):
    def test_as_a_part_of_another_project(self):
        """Configured and compiled against, not built: that would be the whole library again."""
        with tempfile.TemporaryDirectory(prefix="c2d-fetched-") as build:
            run(OPTIONS.cmake, "-G", "Ninja", "-S", HERE / "fetched", "-B", build, "-DC2D_SOURCE=%s" % SOURCE)
            cache = pathlib.Path(build, "CMakeCache.txt").read_text()
            self.assertIn("CMAKE_BUILD_TYPE:STRING=\n", cache)  # the project's to choose
            targets = run("ninja", "-C", build, "-t", "targets", "all")
            self.assertIn("libc2d_static.a: ", targets)
            self.assertNotIn("_test: ", targets)
            self.assertNotIn("joint_risk", targets)
            self.assertFalse(pathlib.Path(build, "CPackConfig.cmake").exists())
            run(
                "ninja",
                "-C",
                build,
                *(
                    "CMakeFiles/in_%s.dir/%s/publish_and_trace.%s.o"
                    % (name, str(SOURCE / "examples" / name).lstrip("/"), name)
                    for name in ("c", "cpp")
                )
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--cmake", default="cmake")
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    unittest.main(argv=[sys.argv[0]] + rest)
