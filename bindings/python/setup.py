"""Puts libc2d.so and the sandbox helper into the package, so that what pip installs is whole.

They are taken from $C2D_LIBRARY, or from build/ of the source tree that this folder is in. Without
either the package is installed alone, and finds the library where the system has it. With C2D_BUNDLE=1
the libraries that libc2d.so stands on come along, and the wheel says on which systems it runs.
"""

import os
import shutil
import sys
import sysconfig

from setuptools import Distribution, setup
from setuptools.command.build_py import build_py

try:
    from setuptools.command.bdist_wheel import bdist_wheel
except ImportError:  # before setuptools 70
    from wheel.bdist_wheel import bdist_wheel

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import bundle  # noqa: E402

#: The programs that the library starts.
PROGRAMS = ("c2d-sandbox-helper", "c2d-engine")
#: Where they stand, seen from the library's folder: a build tree, a prefix, a multiarch prefix.
PROGRAM_FOLDERS = (".", "../bin", "../libexec/c2d", "../../libexec/c2d")
BUNDLED = os.environ.get("C2D_BUNDLE") == "1"


def library():
    """The path of libc2d.so, or None."""
    found = os.environ.get("C2D_LIBRARY") or os.path.join(HERE, "..", "..", "build", "lib", "libc2d.so")
    return os.path.realpath(found) if os.path.exists(found) else None


class BuildWithLibrary(build_py):
    """Copies what is no Python beside the modules."""

    def run(self):
        super().run()
        found = library()
        if not found:
            if BUNDLED:
                raise SystemExit("C2D_BUNDLE=1 needs a libc2d.so: set C2D_LIBRARY to its path")
            return
        package = os.path.join(self.build_lib, "c2d")
        shutil.copy(found, os.path.join(package, "libc2d.so"))
        for name in PROGRAMS:
            places = (os.path.join(os.path.dirname(found), folder, name) for folder in PROGRAM_FOLDERS)
            program = next(filter(os.path.exists, places), None)
            if program:
                shutil.copy(program, os.path.join(package, name))
        if BUNDLED:
            bundle.bundle(package)


class Wheel(bdist_wheel):
    """Of any Python 3, since nothing in it is compiled against one; of one platform when the library is in it."""

    def finalize_options(self):
        super().finalize_options()
        self.root_is_pure = library() is None

    def get_tag(self):
        if self.root_is_pure:
            return "py3", "none", "any"
        if BUNDLED:
            return (
                "py3",
                "none",
                bundle.platform_tag(os.path.join(self.get_finalized_command("build").build_lib, "c2d")),
            )
        return "py3", "none", sysconfig.get_platform().replace("-", "_").replace(".", "_")


class Platform(Distribution):
    """With the library inside, the package is for one platform."""

    def has_ext_modules(self):
        return library() is not None


setup(cmdclass={"build_py": BuildWithLibrary, "bdist_wheel": Wheel}, distclass=Platform)
