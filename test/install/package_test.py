"""The Debian packages that cpack makes: what they say of themselves, and that what they hold works elsewhere.

package_test.py --build DIR --cpack CPACK

They are unpacked into a root of their own. With C2D_FULL=1, root rights and debootstrap they are also installed
by apt into a fresh Debian, used there (the sandbox apart: in a chroot the kernel gives no user namespaces), removed
and purged.
"""

import argparse
import functools
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

from installed import SOURCE, play, run

OPTIONS = argparse.Namespace()
FULL = os.environ.get("C2D_FULL") == "1" and os.geteuid() == 0 and shutil.which("debootstrap")
ROOT = os.geteuid() == 0
#: Packaging with this in the environment gives the same bytes each time.
EPOCH = {"SOURCE_DATE_EPOCH": "1700000000"}
HELPER = "usr/libexec/c2d/c2d-sandbox-helper"


def control_fields(package):
    return dict(
        line.split(": ", 1)
        for line in run("dpkg-deb", "-f", package).splitlines()
        if ": " in line and not line.startswith(" ")
    )


def make_packages(folder, *more):
    """{name: file} of what cpack makes."""
    run(OPTIONS.cpack, "-G", "DEB", "-B", folder, *more, cwd=OPTIONS.build, env=EPOCH)
    return {file.name.split("_")[0]: file for file in pathlib.Path(folder).glob("*.deb")}


class Packages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="c2d-package-")
        os.chmod(cls.folder.name, 0o755)
        cls.path = pathlib.Path(cls.folder.name)
        cls.packages = make_packages(cls.path / "made")
        cls.root, cls.control, cls.files = cls.path / "root", cls.path / "control", {}
        cls.control.mkdir()
        for name, file in cls.packages.items():
            run("dpkg-deb", "-x", file, cls.root)
            run("dpkg-deb", "-e", file, cls.control / name)
            listed = run("sh", "-c", "dpkg-deb --fsys-tarfile \"$0\" | tar -t", file)
            cls.files[name] = [line.removeprefix("./") for line in listed.splitlines()]
        cls.library = next(cls.root.glob("usr/lib/**/libc2d.so.*.*.*"))
        cls.examples = cls.root / "usr/share/doc/libc2d-dev/examples"

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_names_follow_the_soname(self):
        (soname,) = re.findall(r"SONAME\s+(\S+)", run("objdump", "-p", self.library))
        number = re.fullmatch(r"libc2d\.so\.(\d+)", soname)[1]
        self.assertEqual(
            set(self.packages), {"libc2d" + number, "libc2d-dev", "python3-c2d", "c2d-tools", "c2d-provider"}
        )
        self.assertIn(
            "libc2d %s libc2d%s" % (number, number), (self.control / ("libc2d" + number) / "shlibs").read_text()
        )

    def test_relations(self):
        said = {name: control_fields(file) for name, file in self.packages.items()}
        for name, fields in said.items():
            self.assertEqual((fields["Package"], fields["Version"]), (name, "0.1.0"))
            self.assertEqual(
                fields["Architecture"], "all" if name == "python3-c2d" else said["libc2d1"]["Architecture"]
            )
        for name, needed in (
            (
                "libc2d1",
                (
                    "libc6",
                    "libsecp256k1",
                    "libssl3",
                    "libcurl4",
                    "libsqlite3",
                    "libseccomp2",
                    "libre2",
                    "libfmt",
                    "libicu",
                ),
            ),
            ("libc2d-dev", ("libc2d1 (= 0.1.0)",)),
            ("python3-c2d", ("python3 (>= 3.9)", "libc2d1 (= 0.1.0)")),
            ("c2d-tools", ("libc6", "libicu", "libmicrohttpd", "libssl3")),
            ("c2d-provider", ("libc6", "libmicrohttpd", "c2d-tools (= 0.1.0)", "python3-c2d (= 0.1.0)")),
        ):
            for one in needed:
                self.assertIn(one, said[name]["Depends"], name)
        # A helper of another version is not left beside the library, which starts no other than its own.
        self.assertEqual(said["libc2d1"]["Breaks"], "c2d-tools (<< 0.1.0), c2d-tools (>> 0.1.0)")

    def test_each_file_is_where_it_belongs(self):
        libdir = str(self.library.parent.relative_to(self.root))
        for name, wanted in (
            ("libc2d1", (libdir + "/libc2d.so.1",)),
            (
                "libc2d-dev",
                (
                    "usr/include/c2d/c2d.h",
                    libdir + "/libc2d.so",
                    libdir + "/libc2d_static.a",
                    libdir + "/pkgconfig/c2d.pc",
                    libdir + "/cmake/c2d/c2dConfig.cmake",
                    "usr/share/doc/libc2d-dev/embedding.md",
                ),
            ),
            (
                "python3-c2d",
                (
                    "usr/lib/python3/dist-packages/c2d/__init__.py",
                    "usr/lib/python3/dist-packages/c2d/mpc/__init__.py",
                    "usr/lib/python3/dist-packages/c2d/py.typed",
                ),
            ),
            (
                "c2d-tools",
                (
                    "usr/bin/dt-cli",
                    HELPER,
                    "usr/share/man/man1/dt-cli.1.gz",
                    "usr/share/bash-completion/completions/dt-cli",
                    "usr/share/zsh/vendor-completions/_dt-cli",
                    "usr/share/c2d/apparmor.d/c2d-sandbox-helper",
                ),
            ),
            (
                "c2d-provider",
                (
                    "usr/bin/c2d-provider",
                    "usr/share/man/man1/c2d-provider.1.gz",
                    "etc/c2d/provider.ini",
                    "usr/lib/systemd/system/c2d-provider.service",
                    "usr/lib/sysusers.d/c2d-provider.conf",
                ),
            ),
        ):
            documents = tuple("usr/share/doc/%s/%s" % (name, file) for file in ("copyright", "changelog.gz"))
            self.assertEqual(set(wanted + documents) - set(self.files[name]), set(), name)
        owned = [file for files in self.files.values() for file in files if not file.endswith("/")]
        self.assertEqual(len(owned), len(set(owned)), "a file is in two packages")
        empty = [path for path in self.root.rglob("*") if path.is_dir() and not any(path.iterdir())]
        self.assertEqual(empty, [])

    def test_sums_and_modes(self):
        for name in self.packages:
            run("md5sum", "--check", "--quiet", self.control / name / "md5sums", cwd=self.root)
            for script in self.control.glob(name + "/*"):
                if script.name.startswith(("post", "pre")):
                    run("sh", "-n", script)
                    self.assertEqual(stat.S_IMODE(script.stat().st_mode), 0o755, script)
        self.assertEqual(stat.S_IMODE((self.root / "etc/c2d").stat().st_mode), 0o700)
        self.assertEqual(stat.S_IMODE((self.root / "etc/c2d/provider.ini").stat().st_mode), 0o600)
        self.assertEqual((self.control / "c2d-provider/conffiles").read_text(), "/etc/c2d/provider.ini\n")

    def test_lintian(self):
        if not shutil.which("lintian"):
            self.skipTest("lintian is not installed")
        done = subprocess.run(
            ["lintian", "--fail-on", "error", *self.packages.values()], capture_output=True, text=True
        )
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_packaging_again_gives_the_same_bytes(self):
        again = make_packages(
            self.path / "again", *([] if FULL else ["-D", "CPACK_COMPONENTS_ALL=tools;python;provider"])
        )
        self.assertGreaterEqual(len(again), 3)
        for name, file in again.items():
            self.assertEqual(file.read_bytes(), self.packages[name].read_bytes(), name)

    def test_python_finds_the_library(self):
        code = "import c2d; print(c2d.__file__, c2d._ffi.lib._name)"
        place = self.root / "usr/lib/python3/dist-packages"
        found = run("/usr/bin/python3", "-B", "-c", code, cwd="/", env={"PYTHONPATH": str(place)}).split()
        self.assertEqual(found[0], str(place / "c2d/__init__.py"))
        self.assertEqual(pathlib.Path(found[1]).resolve(), self.library)

    def test_c_program(self):
        flags = run(
            "pkg-config", "--cflags", "--libs", "c2d", env={"PKG_CONFIG_PATH": str(self.library.parent / "pkgconfig")}
        ).split()
        program = self.path / "joint_risk"
        run("cc", self.examples / "c/joint_risk.c", *flags, "-o", program)
        trace = play(
            self.examples, self.path / "traces", "c", program, env={"LD_LIBRARY_PATH": str(self.library.parent)}
        )
        self.assertIn("job 1", trace)

    def operator(self, *before):
        """What an operator prints that the packages' dt-cli starts, behind the command `before`."""
        job = pathlib.Path(tempfile.mkdtemp(dir=self.path))
        (job / "inputs").mkdir()
        (job / "code.py").write_text("import c2d; print(c2d.__file__, c2d._ffi.lib._name)")
        for path in (job, job / "inputs"):
            path.chmod(0o777)
        return run(
            *before,
            self.root / "usr/bin/dt-cli",
            "sandbox",
            "run",
            "--job",
            job,
            "--code",
            job / "code.py",
            "--out",
            job / "out",
            cwd="/"
        )

    def test_operators_find_the_package(self):
        # Without what only those who compile have installed.
        link = self.library.with_name("libc2d.so")
        link.rename(link.with_name("aside"))
        try:
            self.assertIn("/opt/c2d/python/c2d/__init__.py /opt/c2d/lib/libc2d.so", self.operator())
        finally:
            link.with_name("aside").rename(link)

    def test_programs(self):
        self.assertIn("seccomp", run(self.root / "usr/bin/dt-cli", "sandbox", "probe"))
        run(self.root / "usr/bin/c2d-provider", "--version")

    def unit(self):
        return (self.root / "usr/lib/systemd/system/c2d-provider.service").read_text()

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed")
    def test_systemd_understands_the_unit(self):
        copy = self.path / "c2d-provider.service"
        copy.write_text(
            self.unit()
            .replace("/usr/bin/c2d-provider", str(self.root / "usr/bin/c2d-provider"))
            .replace("DelegateSubgroup=main\n", "")  # of systemd 254
            .replace("Documentation=man:c2d-provider(1)\n", "")
        )
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", copy], capture_output=True, text=True)
        said = [line for line in done.stderr.splitlines() if "c2d" in line]
        self.assertEqual((done.returncode, said), (0, []), done.stderr)

    def test_the_unit_forbids_no_wall(self):
        settings = {line.split("=")[0] for line in self.unit().splitlines() if "=" in line and not line.startswith("#")}
        self.assertLessEqual({"NoNewPrivileges", "ProtectSystem", "CapabilityBoundingSet", "LoadCredential"}, settings)
        self.assertEqual(
            settings
            & {
                "RestrictNamespaces",
                "SystemCallFilter",
                "ProtectKernelTunables",
                "ProtectKernelLogs",
                "ProtectControlGroups",
                "ProtectProc",
                "ProcSubset",
                "ProtectHostname",
                "PrivateUsers",
                "MemoryDenyWriteExecute",
            },
            set(),
        )

    @unittest.skipUnless(ROOT, "needs root rights")
    def test_walls_stand_behind_what_the_unit_takes(self):
        """As the unit starts the service: an ordinary user, no capabilities, nothing to gain at exec, the
        system read-only."""
        enter = (
            "mount --make-rprivate / && mount -o remount,bind,ro / && "
            "mount -t tmpfs -o mode=1777 tmpfs /var/lib && export TMPDIR=/var/lib && exec \"$@\""
        )
        before = [
            "unshare",
            "-m",
            "sh",
            "-c",
            enter,
            "sh",
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "--no-new-privs",
            "--bounding-set=-all",
            "--inh-caps=-all",
            "--",
        ]
        text = run(
            *before,
            "sh",
            "-c",
            "cd /var/lib && mkdir -p job/inputs && echo 'print(6 * 7)' > job/code.py && "
            "exec \"$0\" sandbox run --job job --code job/code.py --out job/out",
            self.root / "usr/bin/dt-cli"
        )
        self.assertIn("42", text)

    def test_no_program_names_the_build(self):
        for path in self.root.rglob("*"):
            if path.is_file() and not path.is_symlink() and path.suffix != ".md":
                self.assertNotIn(str(SOURCE).encode(), path.read_bytes(), path)

    def test_profile_names_the_helper(self):
        profile = (self.root / "usr/share/c2d/apparmor.d/c2d-sandbox-helper").read_text()
        self.assertIn("/%s flags=(unconfined) {\n  userns," % HELPER, profile)

    @unittest.skipUnless(FULL, "needs C2D_FULL=1, root rights and debootstrap")
    def test_fresh_debian(self):
        debian = self.path / "debian"
        run("debootstrap", "--variant=minbase", "bookworm", debian)
        for name in ("etc/apt/sources.list", "etc/resolv.conf", "etc/apt/apt.conf.d"):
            source = pathlib.Path("/", name)
            if source.is_dir():
                shutil.copytree(source, debian / name, dirs_exist_ok=True)
            elif source.is_file():
                shutil.copy(source, debian / name)
        (debian / "packages").mkdir()
        for file in self.packages.values():
            shutil.copy(file, debian / "packages")
        inside = functools.partial(run, "chroot", debian, env={"DEBIAN_FRONTEND": "noninteractive"})
        names = list(self.packages)
        inside("apt-get", "update")
        inside(
            "apt-get",
            "install",
            "-y",
            "--no-install-recommends",
            *("/packages/" + file.name for file in self.packages.values())
        )
        text = inside("python3", "/usr/share/doc/libc2d-dev/examples/python/publish_and_trace.py")
        self.assertIn("└── job 1", text)
        self.assertIn("key", inside("dt-cli", "key", "new", "--help"))
        self.assertIn("c2d", inside("getent", "passwd", "c2d"))
        self.assertTrue(list(debian.glob("usr/lib/python3/dist-packages/c2d/__pycache__/*.pyc")))
        inside("apt-get", "remove", "-y", *names)
        left = {
            str(path.relative_to(debian))
            for path in debian.rglob("*c2d*")
            if not re.match(r"(var|proc|sys|packages)/", str(path.relative_to(debian)))
        }
        self.assertEqual(left, {"etc/c2d"})
        inside("dpkg", "--purge", *names)
        self.assertFalse((debian / "etc/c2d").exists())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--cpack", default="cpack")
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    unittest.main(argv=[sys.argv[0]] + rest)
