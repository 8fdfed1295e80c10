"""The headers beside the ABI snapshot; and that breaking it on purpose is noticed, adding to it is not.

abi_snapshot_test.py --include DIR --map FILE --snapshot FILE [--cc CC]
"""

import argparse
import pathlib
import shutil
import sys
import tempfile
import unittest

import abi_snapshot

OPTIONS = argparse.Namespace()


class Snapshot(unittest.TestCase):
    def compare(self, snapshot, *edits):
        """Whether headers edited so (file, what, by what) break the snapshot, and abidiff's report."""
        with tempfile.TemporaryDirectory() as folder:
            include = pathlib.Path(folder, "include")
            shutil.copytree(OPTIONS.include, include)
            for name, old, new in edits:
                path = include / "c2d" / name
                text = path.read_text()
                self.assertEqual(text.count(old), 1, (name, old))
                path.write_text(text.replace(old, new))
            return abi_snapshot.compare(snapshot, include, OPTIONS.map, OPTIONS.cc)

    def test_what_was_released_still_holds(self):
        broken, report = self.compare(OPTIONS.snapshot)
        self.assertFalse(
            broken,
            "programs compiled against the snapshot would break; see " "docs/embedding.md, Keeping the ABI\n" + report,
        )

    def breaks(self, *edits):
        with self.subTest(edits):
            broken, report = self.compare(self.now, *edits)
            self.assertTrue(broken, "not noticed")
            self.assertNotEqual(report.strip(), "")

    def passes(self, *edits):
        with self.subTest(edits):
            broken, report = self.compare(self.now, *edits)
            self.assertFalse(broken, report)

    def test_breaking_is_noticed_and_adding_is_not(self):
        with tempfile.TemporaryDirectory() as folder:
            # Of the headers as they are, so that this test stays true when the interface has grown.
            self.now = folder + "/now.abi"
            abi_snapshot.write_snapshot(
                abi_snapshot.compile_stub(OPTIONS.include, OPTIONS.map, folder, OPTIONS.cc), self.now
            )
            self.break_it()
            self.add_to_it()

    def break_it(self):
        self.breaks(("capi/tracer.h", "C2D_API void c2d_trace_destroy(c2d_trace* trace);", ""))
        self.breaks(("capi/base.h", "C2D_API uint64_t c2d_error_code(", "C2D_API uint32_t c2d_error_code("))
        self.breaks(("capi/key.h", "unsigned scrypt_log2n,", "uint64_t scrypt_log2n,"))
        self.breaks(("capi/base.h", "C2D_ERROR_PEER = 13,", "C2D_ERROR_PEER = 16,"))
        self.breaks(("capi/request.h", "uint64_t job_id; ", "uint32_t job_id; "))
        self.breaks(("capi/request.h", "    const char* audience; ", "    int urgent;\n    const char* audience; "))
        self.breaks(("capi/chain.h", "    uint8_t hash[32];\n", "    uint8_t hash[32];\n    uint64_t weight;\n"))
        self.breaks(
            (
                "capi/environment.h",
                "typedef uint64_t (*c2d_clock_function)(void*",
                "typedef uint64_t (*c2d_clock_function)(int, void*",
            )
        )
        self.breaks(("capi/base.h", "#define C2D_ABI_VERSION 1", "#define C2D_ABI_VERSION 2"))

    def add_to_it(self):
        self.passes()
        self.passes(
            (
                "capi/tracer.h",
                "C2D_API void c2d_trace_destroy(",
                "C2D_API int c2d_trace_depth(const c2d_trace* trace);\nC2D_API void c2d_trace_destroy(",
            )
        )
        self.passes(("capi/chain.h", "} c2d_chain_options;", "    int urgent;\n} c2d_chain_options;"))
        # After an int comes padding, which old callers leave as it was.
        grown = "    int %surgent;\n} c2d_asset_registry_options;"
        self.breaks(("capi/asset_registry.h", "} c2d_asset_registry_options;", grown % ""))
        self.passes(("capi/asset_registry.h", "} c2d_asset_registry_options;", grown % "reserved; int "))
        self.passes(("capi/request.h", "\n} c2d_method;", ",\n    C2D_METHOD_NEW = 99\n} c2d_method;"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--include", required=True)
    parser.add_argument("--map", required=True)
    parser.add_argument("--snapshot", required=True)
    parser.add_argument("--cc", default="cc")
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    unittest.main(argv=[sys.argv[0]] + rest)
