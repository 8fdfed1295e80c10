"""Makes the reference pages from the headers (doxygen) and the docstrings, and says what lacks them.

    reference.py --source DIR --out DIR       writes DIR/c, DIR/cpp and DIR/python
    reference.py --source DIR --check         writes nothing; ends with 1 when a public name is undocumented

C2D_LIBRARY names libc2d.so, for the Python package. Documented means: a comment of its own or the one
above its block (see filter.py). Fields and enumerators may be told by the comment of what they are in;
constructors and operators by that of their class.
"""

import argparse
import html
import importlib
import inspect
import os
import pathlib
import pkgutil
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
TOLD_BY_ITS_CLASS = re.compile(r"\((variable|enumvalue)\)|Member operator|~\w+\(\)")
CONSTRUCTOR = re.compile(r"Member (\w+)\(.*\(function\) of (?:class|struct) (?:\w+::)*(\w+) ")


# -- C and C++


def doxygen(inputs, out):
    """Writes HTML pages of some headers; returns doxygen's warnings."""
    settings = "\n".join(
        [
            (HERE / "Doxyfile").read_text(),
            "INPUT = " + " ".join('"%s"' % path for path in inputs),
            'OUTPUT_DIRECTORY = "%s"' % out,
            'INPUT_FILTER = "%s -B %s"' % (sys.executable, HERE / "filter.py"),
            'STRIP_FROM_PATH = "%s"' % HERE.parent.parent,
        ]
    )
    done = subprocess.run(["doxygen", "-"], input=settings, capture_output=True, text=True)
    if done.returncode:
        sys.exit("doxygen failed:\n" + done.stderr)
    return done.stderr.splitlines()


def undocumented_names(warnings):
    for line in warnings:
        found = CONSTRUCTOR.search(line)
        if "is not documented" not in line or TOLD_BY_ITS_CLASS.search(line):
            continue
        if not found or found.group(1) != found.group(2):
            yield line


def header_sets(include):
    """{"c": C headers, "cpp": C++ headers}."""
    include = pathlib.Path(include, "c2d")
    return {
        "c": [include / "c2d.h", include / "capi", include / "status_codes.h", include / "reason_codes.h"],
        "cpp": sorted(include.glob("*.hpp")),
    }


# -- Python


def modules(package):
    """The public modules of a package, itself first."""
    yield package
    for found in pkgutil.iter_modules(package.__path__):
        if not found.name.startswith("_"):
            yield importlib.import_module(package.__name__ + "." + found.name)


def is_of(module, value):
    """Whether a function or class is defined in a module, or in a private one of the package that it is."""
    return value.__module__ == module.__name__ or value.__module__.startswith(module.__name__ + "._")


def members(owner, module):
    """Public (name, value) of a module, or of a class in it, that are its own: no imports, nothing inherited from
    elsewhere.

    Names that a package loads when first asked for are in its `__all__`.
    """
    if inspect.isclass(owner):
        held = {
            name: value
            for base in reversed(owner.__mro__)
            if base is owner or is_of(module, base)
            for name, value in vars(base).items()
        }
    else:
        held = {**vars(owner), **{name: getattr(owner, name) for name in getattr(owner, "__all__", ())}}
    for name, value in held.items():
        inner = value.__func__ if isinstance(value, (classmethod, staticmethod)) else value
        if name.startswith("_") or not (
            inspect.isfunction(inner) or inspect.isclass(inner) or isinstance(inner, property)
        ):
            continue
        if inspect.isclass(owner) or is_of(module, inner):
            yield name, inner


def undocumented_python(package):
    for module in modules(package):
        if not module.__doc__:
            yield "module %s is not documented" % module.__name__
        for name, value in members(module, module):
            if not value.__doc__:
                yield "%s.%s is not documented" % (module.__name__, name)
            for inner, method in members(value, module) if inspect.isclass(value) else ():
                if not method.__doc__ and not any(getattr(base, inner, None) for base in value.__mro__[1:]):
                    yield "%s.%s.%s is not documented" % (module.__name__, name, inner)


def signature(name, value):
    """How it is called; the name alone of a property."""
    try:
        return name + str(inspect.signature(value))
    except (TypeError, ValueError):
        return name


def python_entry(name, value, module, level=2):
    text = "<h%d><code>%s</code></h%d>\n<pre>%s</pre>\n" % (
        level,
        html.escape(signature(name, value)),
        level,
        html.escape(inspect.getdoc(value) or ""),
    )
    if inspect.isclass(value):
        text += "".join(python_entry(inner, method, module, level + 1) for inner, method in members(value, module))
    return text


def python_pages(package, out):
    """One page a module, and an index."""
    out.mkdir(parents=True, exist_ok=True)
    index = []
    for module in modules(package):
        text = "".join(python_entry(name, value, module) for name, value in members(module, module))
        first = html.escape(inspect.getdoc(module) or "")
        (out / (module.__name__ + ".html")).write_text(
            "<!doctype html><meta charset=utf-8><title>%s</title>\n<h1>%s</h1>\n<pre>%s</pre>\n%s"
            % (module.__name__, module.__name__, first, text),
            encoding="utf-8",
        )
        index.append("<li><a href='%s.html'>%s</a>: %s" % (module.__name__, module.__name__, first.split("\n")[0]))
    (out / "index.html").write_text(
        "<!doctype html><meta charset=utf-8><title>c2d for Python</title>\n"
        "<h1>c2d for Python</h1>\n<ul>%s</ul>" % "\n".join(index),
        encoding="utf-8",
    )


# -- both


def check(include, package):
    """Everything that is public and undocumented."""
    with tempfile.TemporaryDirectory() as folder:
        warnings = doxygen([path for paths in header_sets(include).values() for path in paths], folder)
    return list(undocumented_names(warnings)) + list(undocumented_python(package))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", required=True)
    parser.add_argument("--out")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    sys.path.insert(0, os.path.join(options.source, "bindings", "python"))
    package = importlib.import_module("c2d")
    include = os.path.join(options.source, "include")
    if options.check:
        problems = check(include, package)
        print("\n".join(problems) or "every public name is documented")
        return 1 if problems else 0
    for language, inputs in header_sets(include).items():
        folder = pathlib.Path(options.out, language)
        folder.mkdir(parents=True, exist_ok=True)
        doxygen(inputs, folder)
    python_pages(package, pathlib.Path(options.out, "python"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
