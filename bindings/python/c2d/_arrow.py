"""Arrow's PyCapsule protocol: capsules that hold the structs of its C interface."""

from __future__ import annotations

import ctypes
from ctypes import CFUNCTYPE, c_char_p, c_int, c_int64, c_void_p
from typing import Any, Callable

from . import _ffi
from .errors import InvalidArgument

_STREAM, _SCHEMA, _ARRAY = b"arrow_array_stream", b"arrow_schema", b"arrow_array"
#: How a struct that may be released says so: its release function is no NULL.
_RELEASE = CFUNCTYPE(None, c_void_p)


class _Stream(ctypes.Structure):
    _fields_ = [
        ("get_schema", c_void_p),
        ("get_next", c_void_p),
        ("get_last_error", c_void_p),
        ("release", c_void_p),
        ("private_data", c_void_p),
    ]


class _Schema(ctypes.Structure):
    _fields_ = [
        ("format", c_char_p),
        ("name", c_char_p),
        ("metadata", c_char_p),
        ("flags", c_int64),
        ("n_children", c_int64),
        ("children", c_void_p),
        ("dictionary", c_void_p),
        ("release", c_void_p),
        ("private_data", c_void_p),
    ]


_new = ctypes.pythonapi.PyCapsule_New
_new.restype, _new.argtypes = ctypes.py_object, (c_void_p, c_char_p, c_void_p)
_pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
_pointer_of.restype, _pointer_of.argtypes = c_void_p, (ctypes.py_object, c_char_p)
_is_valid = ctypes.pythonapi.PyCapsule_IsValid
_is_valid.restype, _is_valid.argtypes = c_int, (ctypes.py_object, c_char_p)
# The same for a capsule that is going: it is no object any more that Python code may hold.
_dying_pointer = ctypes.PYFUNCTYPE(c_void_p, c_void_p, c_char_p)(("PyCapsule_GetPointer", ctypes.pythonapi))

#: The structs of capsules that are alive, by their addresses.
_given = {}


def _destructor(name):
    def destroy(capsule, _given=_given, _pointer=_dying_pointer, _release=_RELEASE, _name=name):
        given = _given.pop(_pointer(capsule, _name), None)
        if given is not None and given.release:  # nobody took it
            _release(given.release)(ctypes.addressof(given))

    return ctypes.PYFUNCTYPE(None, c_void_p)(destroy)


_DESTRUCTORS = {name: _destructor(name) for name in (_STREAM, _SCHEMA)}


def _capsule(name, struct):
    address = ctypes.addressof(struct)
    _given[address] = struct
    return _new(address, name, ctypes.cast(_DESTRUCTORS[name], c_void_p))


def stream_capsule(fill: Callable[[int], object]) -> Any:
    """A capsule of a stream; `fill(address)` has the library fill it."""
    stream = _Stream()
    fill(ctypes.addressof(stream))
    return _capsule(_STREAM, stream)


def schema_capsule(fill: Callable[[int], object]) -> Any:
    """A capsule of a schema; `fill(address)` has the library fill it."""
    schema = _Schema()
    fill(ctypes.addressof(schema))
    return _capsule(_SCHEMA, schema)


def _address(capsule, name):
    if not _is_valid(capsule, name):
        raise InvalidArgument("expected a capsule \"%s\"" % name.decode())
    return _pointer_of(capsule, name)


def is_producer(given: object) -> bool:
    """Something that gives Arrow data: a data frame, a table, a record batch, a relation."""
    return hasattr(given, "__arrow_c_stream__") or hasattr(given, "__arrow_c_array__")


def import_table(given: Any) -> int:
    """A new c2d_table of what a producer gives."""
    if hasattr(given, "__arrow_c_stream__"):
        capsule = given.__arrow_c_stream__()
        return _ffi.call_out("c2d_table_import_arrow", _address(capsule, _STREAM))
    schema, array = given.__arrow_c_array__()
    return _ffi.call_out("c2d_table_import_arrow_array", _address(schema, _SCHEMA), _address(array, _ARRAY))
