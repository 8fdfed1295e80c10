"""Reads what the C headers declare: functions, structs, enumerations, types of callbacks.

The headers keep to a narrow style (one declarator a line of a struct, every public function marked C2D_API), so
that a page of patterns is enough; what does not fit it is an error here, not a declaration less.
"""

import pathlib
import re
import typing

_FUNCTION = re.compile(r"C2D_API\s+([^;()]*?)\b(c2d_\w+)\s*\(([^;]*)\)\s*;")
_CALLBACK = re.compile(r"typedef\s+([^;()]*?)\(\*\s*(c2d_\w+)\)\s*\(([^;]*)\)\s*;")
_STRUCT = re.compile(r"typedef\s+struct\s+(c2d_\w+)\s*\{([^}]*)\}\s*(c2d_\w+)\s*;")
_ENUM = re.compile(r"typedef\s+enum\s+(c2d_\w+)\s+(?:C2D_ENUM\s*)?\{")
_FIELD = re.compile(r"(.*?)(\w+)(?:\[(\w+)\])?")
_INITIAL = re.compile(r"#define\s+(C2D_\w+_INIT)\b")
_CONSTANT = re.compile(r"#define\s+(C2D_\w+)\s+(\d+)u?\s*$", re.M)


class Parameter(typing.NamedTuple):
    """`kind` is its C type with one space between words, as "const char*"."""

    kind: str
    name: str


class Field(typing.NamedTuple):
    """`count` is the length of an array as the header spells it, None for one value."""

    kind: str
    name: str
    count: typing.Optional[str]


class Function:
    """A function, or the type of a callback."""

    def __init__(self, result, name, parameters, header):
        self.result, self.name, self.header = _kind(result), name, header
        self.parameters = (
            [] if parameters.strip() in ("", "void") else [_parameter(text) for text in parameters.split(",")]
        )


class Struct:
    def __init__(self, name, fields, header):
        self.name, self.fields, self.header = name, fields, header


class Headers:
    """Everything that the C headers below a folder declare, in the order in which C needs it."""

    def __init__(self, include):
        self.functions, self.callbacks, self.structs, self.enums, self.initials = [], [], [], set(), set()
        self.constants = {}
        for path in _in_order(include):
            text = _without_comments(path.read_text(encoding="utf-8"))
            self.functions += [Function(*match.groups(), path.name) for match in _FUNCTION.finditer(text)]
            self.callbacks += [Function(*match.groups(), path.name) for match in _CALLBACK.finditer(text)]
            self.structs += [Struct(match[1], _fields(match[2]), path.name) for match in _STRUCT.finditer(text)]
            self.enums |= set(_ENUM.findall(text))
            self.initials |= set(_INITIAL.findall(text))
            self.constants |= dict(_CONSTANT.findall(text))


def paths(include):
    """Every C header."""
    return sorted(pathlib.Path(include).glob("c2d/**/*.h"))


def functions(include):
    """Every function that a C header declares."""
    return Headers(include).functions


def _without_comments(text):
    return re.sub(r"//[^\n]*", "", re.sub(r"/\*.*?\*/", "", text, flags=re.S))


def _in_order(include):
    """A header after those that it includes."""
    done = {}

    def visit(path):
        if path in done:
            return
        done[path] = None
        for name in re.findall(r"#include <(c2d/[\w/]+\.h)>", path.read_text(encoding="utf-8")):
            visit(pathlib.Path(include) / name)
        done[path] = done.pop(path)  # behind what it includes

    for path in paths(include):
        visit(path)
    return list(done)


def _kind(text):
    return re.sub(r"\s*\*", "*", " ".join(text.split()))


def _parameter(text):
    kind, name = re.fullmatch(r"(.*?)(\w+)", " ".join(text.split())).groups()
    return Parameter(_kind(kind), name)


def _fields(body):
    out = []
    for line in filter(None, (" ".join(text.split()) for text in body.split(";"))):
        first, *others = line.split(",")
        kind, name, count = _FIELD.fullmatch(first).groups()
        out.append(Field(_kind(kind), name, count))
        for other in others:
            _, name, count = _FIELD.fullmatch(other.strip()).groups()
            out.append(Field(_kind(kind), name, count))
    return out
