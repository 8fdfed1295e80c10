"""Reads the functions that the C headers declare."""

import pathlib
import re

_FUNCTION = re.compile(r"C2D_API\s+([^;()]*?)\b(c2d_\w+)\s*\(([^;]*)\)\s*;")


class Function:
    """One declaration: its result and its parameters, each (type, name)."""

    def __init__(self, result, name, parameters, header):
        self.result, self.name, self.header = " ".join(result.split()), name, header
        self.parameters = [] if parameters.strip() in ("", "void") else [
            _parameter(text) for text in parameters.split(",")]


def _parameter(text):
    kind, name = re.fullmatch(r"(.*?)(\w+)", " ".join(text.split())).groups()
    return kind.strip(), name


def paths(include):
    """Every C header."""
    return sorted(pathlib.Path(include).glob("c2d/**/*.h"))


def functions(include):
    """Every function that a C header declares."""
    out = []
    for path in paths(include):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
        out += [Function(*match.groups(), path.name) for match in _FUNCTION.finditer(text)]
    return out
