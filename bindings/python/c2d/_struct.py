"""Structs of the C interface: numbers that must fit, and handles that live as long as the call."""

import ctypes
from _operator import index as _index
from ctypes import c_int, c_size_t, c_uint, c_uint32, c_uint64, c_void_p

from . import errors

#: What fits each type of number.
SMALLEST_AND_LARGEST = {
    kind: (0, 2 ** (8 * ctypes.sizeof(kind)) - 1) for kind in (ctypes.c_uint16, c_uint, c_uint32, c_uint64, c_size_t)
}
SMALLEST_AND_LARGEST[c_int] = (-(2**31), 2**31 - 1)


def whole(value, kind=c_size_t):
    """A whole number that fits `kind`: ctypes itself would cut it off without a word."""
    try:
        number = _index(value)
    except TypeError:
        raise TypeError("expected a whole number, found %s" % type(value).__name__) from None
    smallest, largest = SMALLEST_AND_LARGEST[kind]
    if not smallest <= number <= largest:
        raise errors.InvalidArgument(
            "expected a whole number from %d to %d, found %s"
            % (smallest, largest, number if abs(number) < 1 << 128 else "one of %d bits" % number.bit_length())
        )
    return number


class Held:
    """What a call may be given in the place of a pointer: `_hold(held)` returns the pointer and adds to the list
    `held` what keeps it valid."""

    def _hold(self, held):
        raise NotImplementedError


class Struct(ctypes.Structure, Held):
    """A struct of the interface: numbers must fit their fields, and handles in it are held by the call that takes
    it."""

    def __setattr__(self, name, value):
        kind = self._kinds().get(name)
        if kind in SMALLEST_AND_LARGEST:
            value = whole(value, kind)
        elif kind is c_void_p and isinstance(value, Held):
            self.__dict__.setdefault("_handles", {})[name] = value
            return
        super().__setattr__(name, value)

    @classmethod
    def _kinds(cls):
        if "_kind_of" not in cls.__dict__:
            cls._kind_of = dict(cls._fields_)
        return cls._kind_of

    def _hold(self, held):
        for name, handle in self.__dict__.get("_handles", {}).items():
            super().__setattr__(name, handle._hold(held))
        return ctypes.byref(self)
