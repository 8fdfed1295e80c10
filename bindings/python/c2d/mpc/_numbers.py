"""Numbers of others, in whatever holds them: rows, arrays, frames."""

from __future__ import annotations

from array import array

from .._handle import Handle
from ..errors import InvalidArgument

TYPE_CHECKING = False  # the name that type checkers know
if TYPE_CHECKING:
    from typing import Any, Iterator, Tuple

    from ._types import Numbers


def numbers_of(given: Numbers, flat_is_row: bool = False) -> Tuple[int, int, array[float]]:
    """(rows, columns, the values row by row) of whatever holds numbers; a flat sequence is a column unless
    `flat_is_row`.

    Raises InvalidArgument where something is no number, and says where.
    """
    if isinstance(given, Handle):
        if hasattr(given, "to_matrix"):  # a Table, or what a preprocessing rule made
            given = given.to_matrix()
        if hasattr(given, "_numbers"):  # a Matrix; a Tensor refuses
            return given._numbers()
    if hasattr(given, "to_numpy"):  # pandas, polars: the values, not the names
        given = given.to_numpy()
    if not hasattr(getattr(given, "dtype", None), "kind") and hasattr(given, "__array__"):
        given = given.__array__()
    if hasattr(getattr(given, "dtype", None), "kind") and hasattr(given, "shape"):
        return _of_numpy(given, flat_is_row)
    if hasattr(given, "__arrow_c_stream__") or hasattr(given, "__arrow_c_array__"):  # pyarrow, duckdb
        from ..table import Table

        return numbers_of(Table.of(given))
    return _of_rows(given, flat_is_row)


_KINDS = {"c": "complex numbers", "M": "dates", "m": "durations", "U": "texts", "S": "bytes"}


def _of_numpy(given, flat_is_row):  # without importing it
    if len(given.shape) not in (1, 2):
        raise InvalidArgument("a matrix has 2 dimensions (1: a column), found %d" % len(given.shape))
    if hasattr(given, "filled") and given.mask.any():
        raise InvalidArgument("a masked array hides values: pass array.filled(value)")
    shape = given.shape if len(given.shape) == 2 else (1, given.shape[0]) if flat_is_row else (given.shape[0], 1)
    kind = given.dtype.kind
    if kind in _KINDS:
        raise InvalidArgument("row 0, column 0: expected numbers, found %s" % _KINDS[kind])
    if kind not in "biuf":  # objects
        return _of_rows(given.reshape(shape).tolist(), False)
    data = array("d")
    data.frombytes(given.astype("float64").tobytes())
    return shape[0], shape[1], data


#: Their order or their parts mean nothing as rows.
_NO_SEQUENCES = (str, bytes, bytearray, dict, set, frozenset)


def _of_rows(given, flat_is_row):
    _refuse_no_sequence(given, "rows")
    rows = list(iterated(given, "rows must be a sequence of numbers or of rows"))
    if flat_is_row and not any(hasattr(row, "__len__") for row in rows):
        rows = [rows]
    for number, row in enumerate(rows):
        _refuse_no_sequence(row, "row %d" % number)
    rows = [list(row) if hasattr(row, "__len__") else [row] for row in rows]
    if not rows or any(len(row) != len(rows[0]) for row in rows):
        raise InvalidArgument("rows must be given and have the same length")
    try:
        data = array("d", [value for row in rows for value in row])  # takes numbers alone, no texts
    except (TypeError, OverflowError):
        _name_what_is_no_number(rows)
        raise
    return len(rows), len(rows[0]), data


def iterated(given: Any, expected: str) -> Iterator[Any]:
    """iter(given), or a TypeError that says what was expected."""
    try:
        return iter(given)
    except TypeError:
        raise TypeError("%s, found %s" % (expected, type(given).__name__)) from None


def _refuse_no_sequence(given, what):
    if isinstance(given, _NO_SEQUENCES) or hasattr(given, "keys"):
        raise InvalidArgument("%s must be a sequence of numbers or of rows, found %s" % (what, type(given).__name__))


def _name_what_is_no_number(rows):
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            try:
                array("d", [value])
            except (TypeError, OverflowError):
                raise InvalidArgument(
                    "row %d, column %d: expected a number, found %s" % (number, column, type(value).__name__)
                ) from None


def is_number(value: Any) -> bool:
    """A public number: int, float and their like in numpy; no text, no array."""
    return (
        hasattr(value, "__float__")
        and not hasattr(value, "__len__")
        and not getattr(value, "shape", ())
        and getattr(getattr(value, "dtype", None), "kind", "f") in "biuf"
    )
