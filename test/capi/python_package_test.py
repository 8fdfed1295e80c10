"""The Python package itself: the library that it finds, what an import loads, types of everything public."""

import ast
import importlib
import inspect
import os
import pathlib
import subprocess
import sys
import typing
import unittest

import c2d


def sources():
    """The files of the package."""
    return sorted(pathlib.Path(c2d.__file__).parent.rglob("*.py"))


class Library(unittest.TestCase):
    def test_what_is_not_ours_is_called_so(self):
        for library, words in (
            ("/no/such/libc2d.so", "C2D_LIBRARY does not name the file libc2d.so (/no/such/libc2d.so: "),
            (os.path.dirname(os.path.realpath(os.environ["C2D_LIBRARY"])), "C2D_LIBRARY does not name"),
            ("libc.so.6", "undefined symbol: c2d_"),
        ):
            started = subprocess.run(
                [sys.executable, "-B", "-c", "import c2d"],
                capture_output=True,
                text=True,
                env={
                    **os.environ,
                    "C2D_LIBRARY": library,
                    "PYTHONPATH": os.path.dirname(os.path.dirname(c2d.__file__)),
                },
            )
            last = started.stderr.strip().splitlines()[-1]
            self.assertEqual((started.returncode, last.partition(":")[0]), (1, "ImportError"), started.stderr)
            self.assertIn(words, last)


class Package(unittest.TestCase):
    def test_import_is_light(self):
        code = (
            "import sys; before = set(sys.modules); import c2d; heavy = {'json', 'numpy', 'typing', 'subprocess', 'tempfile', 'c2d.chain',"
            "'c2d.sandbox', 'tqdm', 'c2d._html', 'c2d._progress', 'c2d.mpc._align', 'c2d.mpc._cost', 'c2d.mpc._run_local',"
            "'c2d.mpc._session_options'} & (set(sys.modules) - before);"
            "assert not heavy, heavy; c2d.Chain; assert 'c2d.chain' in sys.modules;"
            "assert 'Tracer' in dir(c2d)"
        )
        subprocess.run([sys.executable, "-B", "-c", code], check=True)

    def test_speaks_python_3_9(self):
        for path in sources():
            ast.parse(path.read_text(encoding="utf-8"), str(path), feature_version=(3, 9))

    def test_everything_public_is_typed(self):
        """Every parameter and every result of the public classes and functions."""
        untyped = []
        for path in sources():
            if path.name in ("_ffi.py", "_struct.py", "_text.py", "__init__.py") or "operators" in path.parts:
                continue
            tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
            public = [node for node in tree.body if not getattr(node, "name", "_").startswith("_")]
            members = [
                member for node in public for member in getattr(node, "body", ()) if isinstance(node, ast.ClassDef)
            ]
            for function in public + members:
                if not isinstance(function, ast.FunctionDef) or function.name.startswith("_"):
                    continue
                arguments = function.args.args + function.args.kwonlyargs
                if function.returns is None or any(
                    argument.annotation is None for argument in arguments if argument.arg not in ("self", "cls")
                ):
                    untyped.append("%s: %s" % (path, function.name))
        self.assertEqual(untyped, [])

    def test_annotations_name_what_there_is(self):
        """Each resolves, with what modules import for type checkers alone."""
        of_mpc = ["mpc." + path.stem for path in sources() if path.parent.name == "mpc" and path.stem != "__init__"]
        self.assertGreater(len(of_mpc), 10)
        for name in ("errors", *of_mpc, *sorted(set(c2d._ON_DEMAND.values()))):
            module = importlib.import_module("c2d." + name)
            known = dict(vars(module))
            for statement in ast.parse(inspect.getsource(module)).body:
                if isinstance(statement, ast.If):
                    exec(compile(ast.Module(statement.body, []), name, "exec"), known)
            for kind in [
                it for it in vars(module).values() if isinstance(it, type) and it.__module__ == module.__name__
            ]:
                for member in vars(kind).values():
                    member = getattr(member, "__func__", getattr(member, "fget", member))
                    if hasattr(member, "__annotations__"):
                        with self.subTest(member):
                            typing.get_type_hints(member, known)

    def test_type_checkers_see_what_is_loaded_on_demand(self):
        for package in (c2d, c2d.mpc):
            with open(package.__file__, encoding="utf-8") as file:
                block = next(node for node in ast.parse(file.read()).body if isinstance(node, ast.If))
            seen = {
                alias.name
                for statement in block.body
                for alias in statement.names
                if statement.module not in ("typing", "_types")
            }
            self.assertEqual(seen, set(package._ON_DEMAND))
            self.assertLessEqual(seen, set(dir(package)))
            for name in seen:
                self.assertEqual(getattr(package, name).__name__, name)
                self.assertIn(name, vars(package))  # found without asking from the second time on
        with self.assertRaisesRegex(AttributeError, "module 'c2d.mpc' has no attribute 'Tensors'"):
            c2d.mpc.Tensors

    def test_types_are_tried_with_every_public_name(self):
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "typed_use.py"), encoding="utf-8") as file:
            tree = ast.parse(file.read())
        used = {
            (node.value.id, node.attr)
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        }
        wanted = {("c2d", name) for name in set(c2d.__all__) - {"mpc"}}
        wanted |= {("mpc", name) for name in c2d.mpc.__all__}
        self.assertEqual(wanted - used, set())


if __name__ == "__main__":
    unittest.main()
