"""The wheel for other systems: what it says of itself is true, and it serves in clean environments of each Python.

wheel_test.py --build DIR
"""

import argparse
import email
import glob
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

from installed import SOURCE, run

OPTIONS = argparse.Namespace()
#: What a first user does; argv: the environment, a folder for outputs.
FIRST_USE = """
import c2d, sys
key = c2d.Key.generate()
assert key.address.startswith("0x") and len(key.address) == 42, key.address
maps = open("/proc/self/maps").read()
for name in ("libc2d", "libsecp256k1", "libcurl", "libcrypto", "libfmt"):
    places = {line.split(maxsplit=5)[5].strip() for line in maps.splitlines() if "/" + name in line}
    assert any(place.startswith(sys.argv[1]) for place in places), (name, places)
report = c2d.Sandbox().run(c2d.SandboxJob("print(6 * 7)", sys.argv[2]))
print(c2d.__version__, c2d._ffi.lib._name, report.log_text.strip())
"""


def missing():
    """What is not installed and building a wheel needs."""
    code = (
        "from importlib.util import find_spec; print(*(n for n in ('pip', 'setuptools', 'wheel') if not find_spec(n)))"
    )
    modules = subprocess.run(["/usr/bin/python3", "-c", code], capture_output=True, text=True).stdout.split()
    return modules + [name for name in ("patchelf", "objdump", "strip") if not shutil.which(name)]


def interpreter(version):
    """A Python of `version`, or None: the system's, one in PATH, or one that pyenv keeps."""
    for path in [
        "/usr/bin/python" + version,
        shutil.which("python" + version) or "",
        *sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/%s.*/bin/python" % version))),
    ]:
        code = "import sys, ensurepip; print('%d.%d' % sys.version_info[:2])"
        if path and os.path.exists(path):
            said = subprocess.run([path, "-c", code], capture_output=True, text=True)
            if said.stdout.strip() == version:
                return path
    return None


class Wheel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        lacking = missing()
        if lacking:
            raise unittest.SkipTest("not installed: " + ", ".join(lacking))
        cls.folder = tempfile.TemporaryDirectory(prefix="c2d-wheel-")
        cls.path = pathlib.Path(cls.folder.name)
        source = cls.path / "source"
        shutil.copytree(
            SOURCE / "bindings/python", source, ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info")
        )
        run(
            "/usr/bin/python3",
            "-m",
            "pip",
            "wheel",
            "--quiet",
            "--no-index",
            "--no-deps",
            "--no-build-isolation",
            "--wheel-dir",
            cls.path,
            source,
            env={"C2D_LIBRARY": os.path.join(OPTIONS.build, "lib/libc2d.so"), "C2D_BUNDLE": "1"},
        )
        (cls.wheel,) = cls.path.glob("*.whl")
        cls.content = cls.path / "content"
        with zipfile.ZipFile(cls.wheel) as archive:
            archive.extractall(cls.content)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def objects(self):
        return [path for path in self.content.rglob("*") if path.is_file() and path.read_bytes()[:4] == b"\x7fELF"]

    def test_the_tag_is_true(self):
        name, version, python, abi, platform = self.wheel.stem.split("-")
        self.assertEqual((name, version, python, abi), ("c2d", "0.1.0", "py3", "none"))
        glibc = int(re.fullmatch(r"manylinux_2_(\d+)_%s" % os.uname().machine, platform)[1])
        inside = {path.name for path in self.objects()}
        self.assertIn("c2d-sandbox-helper", inside)
        for path in self.objects():
            said = run("objdump", "-p", path)
            for needed in re.findall(r"NEEDED\s+(\S+)", said):
                self.assertTrue(
                    needed in inside
                    or re.match(r"(ld-linux.*|lib(c|m|dl|rt|pthread|resolv|gcc_s|stdc\+\+))\.so\.\d", needed),
                    "%s needs %s" % (path.name, needed),
                )
            for number in re.findall(r"GLIBC_2\.(\d+)", said):
                self.assertLessEqual(int(number), glibc, path.name)
            self.assertNotIn(str(SOURCE), said)

    def test_metadata(self):
        folder = self.content / "c2d-0.1.0.dist-info"
        said = email.message_from_string((folder / "METADATA").read_text())
        self.assertEqual((said["Name"], said["Version"], said["License"]), ("c2d", "0.1.0", "Apache-2.0"))
        self.assertEqual(said["Requires-Python"], ">=3.9")
        self.assertIn("import c2d", said.get_payload())
        for classifier in (
            "License :: OSI Approved :: Apache Software License",
            "Operating System :: POSIX :: Linux",
            "Typing :: Typed",
        ):
            self.assertIn(classifier, said.get_all("Classifier"))
        (licence,) = folder.rglob("LICENSE")  # in a folder of its own since PEP 639
        self.assertEqual(licence.read_text(), (SOURCE / "LICENSE").read_text())
        project = (SOURCE / "CMakeLists.txt").read_text()
        self.assertEqual(re.search(r"project\(c2d VERSION (\S+)", project)[1], said["Version"])
        # Whose libraries come along says so.
        if shutil.which("dpkg"):
            self.assertTrue(list((self.content / "c2d/libs/licences").glob("libssl*.txt")))

    def test_every_file_of_the_package_is_in_it(self):
        """Which folders go in stands in pyproject.toml by name."""
        there, wanted = (
            {
                str(path.relative_to(folder))
                for pattern in ("*.py", "*.json", "*.in", "py.typed")
                for path in (folder / "c2d").rglob(pattern)
            }
            for folder in (self.content, SOURCE / "bindings/python")
        )
        self.assertEqual(there, wanted)

    def serves(self, version):
        python = interpreter(version)
        if not python:
            self.skipTest("no Python %s here" % version)
        venv = self.path / ("venv" + version)
        # Putting a pip into each environment takes longer than all the rest, but the system's does not serve them all.
        own_pip = int(version.split(".")[1]) >= 12
        run(python, "-m", "venv", *([] if own_pip else ["--without-pip"]), venv)
        pip = [venv / "bin/pip"] if own_pip else ["/usr/bin/python3", "-m", "pip", "--python", venv / "bin/python"]
        run(*pip, "install", "--quiet", "--no-index", self.wheel)
        said = run(venv / "bin/python", "-c", FIRST_USE, venv, self.path / ("outputs" + version), cwd="/").split()
        self.assertEqual((said[0], said[2]), ("0.1.0", "42"))
        self.assertTrue(said[1].startswith(str(venv)), said)
        return venv

    def test_python_3_9(self):
        self.serves("3.9")

    def test_python_3_11(self):
        """And operators that a provider starts import the package and its libraries, too."""
        venv = self.serves("3.11")
        (package,) = venv.glob("lib/python3*/site-packages/c2d")
        job = self.path / "job"
        (job / "inputs").mkdir(parents=True)
        (job / "code.py").write_text("import c2d; print(c2d._ffi.lib._name, c2d.Key.generate().address[:2])")
        text = run(
            os.path.join(OPTIONS.build, "bin/dt-cli"),
            "sandbox",
            "run",
            "--job",
            job,
            "--code",
            job / "code.py",
            "--out",
            self.path / "job_out",
            env={"C2D_PYTHON_PATH": str(package)},
        )
        self.assertIn("/opt/c2d/python/c2d/libc2d.so 0x", text)

    def test_python_3_13(self):
        self.serves("3.13")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    unittest.main(argv=[sys.argv[0]] + rest)
