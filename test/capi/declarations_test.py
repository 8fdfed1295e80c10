"""The Python package and the layout test declare the C interface as the headers do.

declarations_test.py --generate PROGRAM --layout PROGRAM --source DIR
"""

import argparse
import ctypes
import pathlib
import re
import subprocess
import sys
import unittest

import c2d
from c2d import _ffi, _generated, errors

OPTIONS = argparse.Namespace()


def class_of(struct):
    """c2d_rpc_options is RpcOptions in Python."""
    return getattr(_generated, "".join(word.capitalize() for word in struct.split("_")[1:]))


class Declarations(unittest.TestCase):
    def test_what_is_generated_follows_the_headers(self):
        done = subprocess.run([sys.executable, "-B", OPTIONS.generate, "--check"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_function_is_declared(self):
        for name, (result, *parameters) in _generated.FUNCTIONS.items():
            with self.subTest(name):
                self.assertEqual(getattr(_ffi.lib, name).argtypes, parameters)
                self.assertEqual(getattr(_ffi.lib, name).restype, result)

    def test_structs_lie_as_the_compiler_lays_them(self):
        done = subprocess.run([OPTIONS.layout], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        seen = 0
        for line in done.stdout.splitlines():
            name, number = line.split()
            if not line.startswith(" "):
                current, seen = class_of(name), seen + 1
                self.assertEqual(ctypes.sizeof(current), int(number), name)
            else:
                self.assertEqual(getattr(current, name).offset, int(number), (current, name))
        self.assertGreater(seen, 20)

    def test_every_option_is_passed_on(self):
        """The C interface reads each field of an option struct, and the package sets it."""
        sys.path.insert(0, str(pathlib.Path(OPTIONS.generate).parent))
        import headers

        def text_of(folder, pattern):
            return "\n".join(
                path.read_text("utf-8")
                for path in sorted((OPTIONS.source / folder).rglob(pattern))
                if path.name != "_generated.py"
            )

        c, package, checked = text_of("capi", "*.[ch]pp"), text_of("bindings/python/c2d", "*.py"), 0
        for struct in headers.Headers(OPTIONS.source / "include").structs:
            if not struct.name.endswith(("_options", "_limits", "_draft")):
                continue
            for field in struct.fields:
                with self.subTest(struct=struct.name, field=field.name):
                    self.assertRegex(c, r"(?:\.|->)%s\b" % field.name)
                    name = re.sub(r"_(?:count|user_data|destroy)$", "", field.name)  # goes with what it belongs to
                    self.assertRegex(package, r"\b%s\b" % name)
                    checked += 1
        self.assertGreater(checked, 100)

    def test_every_code_has_its_exception(self):
        codes = {}
        for number in range(1, 64):
            name = _ffi.text(_ffi.lib.c2d_status_name(number))
            if name != "internal" or number in errors.BY_CODE:
                codes[number] = name
        self.assertEqual({number: kind.status for number, kind in errors.BY_CODE.items()}, codes)
        for kind in errors.BY_CODE.values():
            self.assertTrue(issubclass(kind, c2d.Error))

    def test_everything_public_is_documented(self):
        for name in c2d.__all__:
            value = getattr(c2d, name)
            self.assertTrue(value.__doc__ or issubclass(value, c2d.Error), name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--generate", required=True)
    parser.add_argument("--layout", required=True)
    parser.add_argument("--source", type=pathlib.Path, required=True)
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    unittest.main(argv=[sys.argv[0]] + rest)
