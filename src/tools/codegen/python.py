"""The ctypes declarations of the C interface: bindings/python/c2d/_generated.py."""

import textwrap

_HEAD = '''"""What the C headers declare, for ctypes: structs, callbacks, functions.

Made by src/tools/codegen/generate.py; change the headers and run it again.
"""

from ctypes import (
    CFUNCTYPE, POINTER, c_char_p, c_double, c_int, c_size_t, c_ubyte, c_uint, c_uint16, c_uint32, c_uint64, c_void_p,
)

from ._struct import Struct

'''
_NUMBERS = {
    "int": "c_int",
    "unsigned": "c_uint",
    "double": "c_double",
    "size_t": "c_size_t",
    "uint16_t": "c_uint16",
    "uint32_t": "c_uint32",
    "uint64_t": "c_uint64",
    "uint8_t": "c_ubyte",
}
_TEXTS = ("const char*",)


def class_name(c_name):
    """c2d_rpc_options is RpcOptions in Python."""
    return "".join(word.capitalize() for word in c_name[len("c2d_") :].split("_"))


class Types:
    """The ctypes name of each C type. A pointer to an object of the library is a c_void_p."""

    def __init__(self, headers):
        self._enums = headers.enums
        self._structs = {struct.name for struct in headers.structs}
        self._callbacks = {callback.name for callback in headers.callbacks}

    def value(self, kind):
        """Of a field, a result, or a parameter that goes in."""
        if kind in _NUMBERS:
            return _NUMBERS[kind]
        if kind in self._enums:
            return "c_int"
        if kind in _TEXTS:
            return "c_char_p"
        if kind in self._callbacks:
            return class_name(kind)
        target = kind.removesuffix("*").removesuffix(" const").removeprefix("const ")
        if kind == target:
            raise ValueError("no ctypes type is known for \"%s\": add it to src/tools/codegen/python.py" % kind)
        return self._pointer(target)

    def _pointer(self, target):
        if target in _NUMBERS:
            return "POINTER(%s)" % _NUMBERS[target]
        if target in self._structs:
            return "POINTER(%s)" % class_name(target)
        if target == "char*":
            return "POINTER(c_char_p)"
        if target.endswith("*"):
            return "POINTER(c_void_p)"
        return "c_void_p"

    def parameter(self, kind):
        """Of a function's parameter: bytes may be passed where C reads them, any array where it writes them, and
        a text that it makes is an address, since its caller destroys it."""
        special = {"const uint8_t*": "c_char_p", "uint8_t*": "c_void_p", "char**": "POINTER(c_void_p)"}
        return special.get(kind) or self.value(kind)


def _field(types, field, names, constants):
    kind = types.value(field.kind)
    if field.kind == "const char*" and field.name + "_size" in names:
        kind = "c_void_p"  # bytes of any value
    if field.count is not None:
        kind += " * %s" % constants.get(field.count, field.count)
    return '        ("%s", %s),\n' % (field.name, kind)


def _struct(types, struct, constants):
    return '\nclass %s(Struct):\n    """%s of %s."""\n\n    _fields_ = [\n%s    ]\n\n' % (
        class_name(struct.name),
        struct.name,
        struct.header,
        "".join(_field(types, field, {other.name for other in struct.fields}, constants) for field in struct.fields),
    )


def _callback(types, callback):
    kinds = [_result(types, callback.result)] + [types.value(kind) for kind, _ in callback.parameters]
    return "%s = CFUNCTYPE(%s)\n" % (class_name(callback.name), ", ".join(kinds))


def _result(types, kind):
    return "None" if kind == "void" else types.value(kind)


def _returns(types, function, names):
    if function.result == "const char*" and function.name + "_size" in names:
        return "c_void_p"  # bytes of any value; as a text they would end at the first zero
    return _result(types, function.result)


def _function(types, function, names):
    kinds = [_returns(types, function, names)] + [types.parameter(kind) for kind, _ in function.parameters]
    line = '    "%s": (%s),\n' % (function.name, ", ".join(kinds) + ("," if len(kinds) == 1 else ""))
    if len(line) <= 120:
        return line
    rows = textwrap.wrap(", ".join(kinds), 111, break_on_hyphens=False)
    return '    "%s": (\n        %s),\n' % (function.name, "\n        ".join(rows))


def _needs(item):
    """The named types that this one is made of."""
    parts = item.fields if hasattr(item, "fields") else item.parameters
    return {kind.replace("const ", "").rstrip("* ") for kind, *_ in parts}


def _in_order(headers):
    """Structs and callbacks, each behind what it is made of."""
    remaining, out = headers.callbacks + headers.structs, []
    while remaining:
        names = {item.name for item in remaining}
        ready = [item for item in remaining if not (_needs(item) & names) - {item.name}]
        if not ready:
            raise ValueError("types that need each other: %s" % ", ".join(sorted(names)))
        out += ready
        remaining = [item for item in remaining if item not in ready]
    return out


def text(headers):
    """The whole module."""
    types, parts = Types(headers), []
    for item in _in_order(headers):
        is_struct = hasattr(item, "fields")
        parts.append(_struct(types, item, headers.constants) if is_struct else _callback(types, item))
    names = {function.name for function in headers.functions}
    table = "".join(_function(types, function, names) for function in headers.functions)
    return (
        _HEAD + "".join(parts) + "\n#: Each function: (its result, its parameters…).\nFUNCTIONS = {\n" + table + "}\n"
    )
