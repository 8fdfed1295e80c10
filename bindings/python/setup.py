"""Puts libc2d.so and the sandbox helper into the package, so that what pip installs is whole.

They are taken from $C2D_LIBRARY, or from build/ of the source tree that this folder is in. Without
either the package is installed alone, and finds the library where the system has it.
"""

import os
import shutil

from setuptools import Distribution, setup
from setuptools.command.build_py import build_py

HELPER = "c2d-sandbox-helper"
#: Where the helper stands, seen from the library's folder: a build tree, a prefix, a multiarch prefix.
HELPER_FOLDERS = (".", "../bin", "../libexec/c2d", "../../libexec/c2d")


def library():
    """The path of libc2d.so, or None."""
    here = os.path.dirname(os.path.abspath(__file__))
    found = os.environ.get("C2D_LIBRARY") or os.path.join(here, "..", "..", "build", "lib", "libc2d.so")
    return os.path.realpath(found) if os.path.exists(found) else None


class BuildWithLibrary(build_py):
    """Copies what is no Python beside the modules."""

    def run(self):
        super().run()
        found = library()
        if not found:
            return
        package = os.path.join(self.build_lib, "c2d")
        shutil.copy(found, os.path.join(package, "libc2d.so"))
        for folder in HELPER_FOLDERS:
            helper = os.path.join(os.path.dirname(found), folder, HELPER)
            if os.path.exists(helper):
                shutil.copy(helper, os.path.join(package, HELPER))
                return


class Platform(Distribution):
    """With the library inside, the package is for one platform."""

    def has_ext_modules(self):
        return library() is not None


setup(cmdclass={"build_py": BuildWithLibrary}, distclass=Platform)
