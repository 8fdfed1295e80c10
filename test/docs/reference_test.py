"""Every public name of C, C++ and Python is documented, the pages are made, and a lack is noticed.

reference_test.py --source DIR   (C2D_LIBRARY names the library)
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import types
import unittest

OPTIONS = argparse.Namespace()


class Reference(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        sys.path[:0] = [
            os.path.join(OPTIONS.source, "docs", "reference"),
            os.path.join(OPTIONS.source, "bindings", "python"),
        ]
        global c2d, reference
        import c2d
        import reference

    def test_everything_is_documented(self):
        problems = reference.check(os.path.join(OPTIONS.source, "include"), c2d)
        self.assertEqual(problems, [], "\n".join(problems))

    def lacks(self, name, comment, missing):
        """Without this comment the header lacks documentation of `missing`."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, name)
            text = pathlib.Path(OPTIONS.source, "include/c2d", name).read_text()
            path.parent.mkdir(parents=True, exist_ok=True)
            self.assertEqual(text.count(comment), 1, comment)
            path.write_text(text.replace(comment, ""))
            problems = list(reference.undocumented_names(reference.doxygen([path], folder)))
        self.assertEqual(len(problems), 1, problems)
        self.assertIn(missing, problems[0])

    def test_a_lack_is_noticed(self):
        self.lacks(
            "capi/document_store.h",
            "/** In memory; ends with the last object that stands on it. */\n",
            "c2d_document_store_memory",
        )
        self.lacks("capi/tracer.h", "/** The trees of one walk. */\n", "c2d_trace ")
        self.lacks(
            "capi/sandbox.h",
            "/** Runs a job to its end. C2D_ERROR_INVALID_ARGUMENT: the job asks for what cannot be;\n"
            " * C2D_ERROR_NOT_FOUND: an input is missing; C2D_ERROR_LAYER_UNAVAILABLE. */\n",
            "c2d_sandbox_run",
        )
        self.lacks(
            "client.hpp",
            "    /// Asks every leaf's provider whether it would run a job, starting nothing.\n",
            "verify(",
        )
        self.lacks("client.hpp", "/// An output that a provider released.\n", "c2d::ReleasedFile")

    def test_a_lack_in_python_is_noticed(self):
        package = types.ModuleType("package", "A package.")
        package.__path__ = []

        class Told:
            """A class."""

            def untold(self):
                pass

            @property
            def told(self):
                """A property."""

        Told.__module__ = "package"
        package.Told = Told
        self.assertEqual(list(reference.undocumented_python(package)), ["package.Told.untold is not documented"])

    def test_pages(self):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [
                    sys.executable,
                    "-B",
                    os.path.join(OPTIONS.source, "docs/reference/reference.py"),
                    "--source",
                    OPTIONS.source,
                    "--out",
                    folder,
                ],
                capture_output=True,
                text=True,
            )
            self.assertEqual(done.returncode, 0, done.stderr)
            for page, words in (
                ("c/html/provider_8h.html", "c2d_provider_handle"),
                ("cpp/html/classc2d_1_1Client.html", "publishes the composition"),
                ("python/c2d.client.html", "insert_dt_store"),
                ("python/c2d.mpc.html", "fit_logistic"),
                ("python/c2d.mpc.html", "run_local"),
                ("python/index.html", "c2d.sandbox"),
            ):
                self.assertIn(words, pathlib.Path(folder, page).read_text(), page)
            # A comment above a block is on the page of each name below it.
            text = pathlib.Path(folder, "cpp/html/classc2d_1_1Chain.html").read_text()
            self.assertGreaterEqual(text.count("Makes an address an administrator"), 3)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", required=True)
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    if not shutil.which("doxygen"):
        sys.exit("doxygen is not installed: apt-get install doxygen")
    unittest.main(argv=[sys.argv[0]] + rest)
