"""The Debian package that cpack makes: what it says of itself, and that what it holds works elsewhere.

package_test.py --build DIR --cpack CPACK

It is unpacked into a root of its own. With C2D_FULL=1, root rights and debootstrap it is also installed
by apt into a fresh Debian and used there (the sandbox apart: in a chroot the kernel gives no user
namespaces).
"""

import argparse
import os
import pathlib
import shutil
import sys
import tempfile
import unittest

from installed import SOURCE, play, run

OPTIONS = argparse.Namespace()
FULL = os.environ.get("C2D_FULL") == "1" and os.geteuid() == 0 and shutil.which("debootstrap")


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="c2d-package-")
        run(OPTIONS.cpack, "-B", cls.folder.name, cwd=OPTIONS.build)
        cls.package, = pathlib.Path(cls.folder.name).glob("*.deb")
        cls.root = pathlib.Path(cls.folder.name, "root")
        run("dpkg-deb", "-x", cls.package, cls.root)
        cls.libdir = next(cls.root.glob("usr/lib/**/libc2d.so")).parent
        cls.examples = cls.root / "usr/share/doc/c2d/examples"

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_what_it_says(self):
        fields = dict(line.split(": ", 1) for line in run("dpkg-deb", "-f", self.package).splitlines()
                      if ": " in line and not line.startswith(" "))
        self.assertEqual((fields["Package"], fields["Version"]), ("c2d", "0.1.0"))
        for needed in ("python3", "libc6", "libsecp256k1", "libssl3", "libcurl4", "libsqlite3", "libseccomp2", "libre2",
                       "libmicrohttpd", "libfmt"):
            self.assertIn(needed, fields["Depends"])
        control = pathlib.Path(self.folder.name, "control")
        run("dpkg-deb", "-e", self.package, control)
        self.assertRegex((control / "shlibs").read_text(), r"libc2d 1 c2d")

    def test_python_finds_it(self):
        """As Debian's Python would, which reads the .pth of its own folder."""
        code = ("import site, sys; site.addsitedir(sys.argv[1]); import c2d;"
                "print(c2d.__file__, c2d._ffi.lib._name)")
        found = run("/usr/bin/python3", "-B", "-c", code, self.root / "usr/lib/python3/dist-packages",
                    cwd="/").split()
        self.assertEqual(found, [str(self.root / "usr/share/c2d/python/c2d/__init__.py"),
                                 str(self.libdir / "libc2d.so")])

    def test_c_program(self):
        flags = run("pkg-config", "--cflags", "--libs", "c2d",
                    env={"PKG_CONFIG_PATH": str(self.libdir / "pkgconfig")}).split()
        program = pathlib.Path(self.folder.name, "joint_risk")
        run("cc", self.examples / "c/joint_risk.c", *flags, "-o", program)
        trace = play(self.examples, pathlib.Path(self.folder.name, "traces"), "c", program,
                     env={"LD_LIBRARY_PATH": str(self.libdir)})
        self.assertIn("job 1", trace)

    def test_programs(self):
        self.assertIn("seccomp", run(self.root / "usr/bin/dt-cli", "sandbox", "probe"))
        run(self.root / "usr/bin/c2d-provider", "--version")

    def test_no_program_names_the_build(self):
        for path in self.root.rglob("*"):
            if path.is_file() and not path.is_symlink() and path.suffix != ".md":
                self.assertNotIn(str(SOURCE).encode(), path.read_bytes(), path)

    @unittest.skipUnless(FULL, "needs C2D_FULL=1, root rights and debootstrap")
    def test_fresh_debian(self):
        debian = pathlib.Path(self.folder.name, "debian")
        run("debootstrap", "--variant=minbase", "bookworm", debian)
        for name in ("etc/apt/sources.list", "etc/resolv.conf", "etc/apt/apt.conf.d"):
            source = pathlib.Path("/", name)
            if source.is_dir():
                shutil.copytree(source, debian / name, dirs_exist_ok=True)
            elif source.is_file():
                shutil.copy(source, debian / name)
        shutil.copy(self.package, debian / "c2d.deb")
        quiet = {"env": {"DEBIAN_FRONTEND": "noninteractive"}}
        run("chroot", debian, "apt-get", "update", **quiet)
        run("chroot", debian, "apt-get", "install", "-y", "--no-install-recommends", "/c2d.deb", **quiet)
        text = run("chroot", debian, "python3", "/usr/share/doc/c2d/examples/python/publish_and_trace.py")
        self.assertIn("└── job 1", text)
        text = run("chroot", debian, "dt-cli", "key", "new", "--help")
        self.assertIn("key", text)
        run("chroot", debian, "apt-get", "remove", "-y", "c2d", **quiet)
        left = [path for path in debian.rglob("*c2d*") if "/var/" not in str(path) and "/proc/" not in str(path)]
        self.assertEqual(left, [debian / "c2d.deb"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--cpack", default="cpack")
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    unittest.main(argv=[sys.argv[0]] + rest)
