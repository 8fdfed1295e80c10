"""Matrices in the clear."""

from __future__ import annotations

import ctypes
from array import array

from .. import _ffi
from .._ffi import call_out
from .._handle import Handle
from ..errors import InvalidArgument
from ._numbers import numbers_of

TYPE_CHECKING = False  # the name that type checkers know
if TYPE_CHECKING:
    import os
    from typing import Any, ContextManager, Dict, Iterator, List, Optional, Tuple, Union

    from ._types import Numbers


class Matrix(Handle):
    """A plain matrix of doubles, row by row. Owned handle. Iterating gives rows as lists.

    `numpy.asarray(matrix)` and `pandas.DataFrame(matrix)` take its values; an array that views it stays good
    after `close`.
    """

    _destroy = "c2d_mpc_matrix_destroy"

    def __init__(self, rows: Numbers) -> None:
        """The same as `from_rows`; see also `read_csv`."""
        self._take(_create(*numbers_of(rows)))

    @classmethod
    def read_csv(cls, path: Union[str, os.PathLike[str]], bytes_max: int = 0) -> Matrix:
        """Reads comma-separated numbers (a header line is recognised and skipped)."""
        return cls._own(call_out("c2d_mpc_matrix_read_csv", _ffi.path(path), bytes_max))

    @classmethod
    def from_rows(cls, rows: Numbers) -> Matrix:
        """From a sequence of rows, a sequence of numbers (one column), a numpy array, or a pandas DataFrame.

        What is no number is refused with its row and column: texts, dates, complex numbers, None. So are dicts,
        whose order means nothing here, and masked arrays that hide values.
        """
        return cls._own(_create(*numbers_of(rows)))

    @property
    def rows(self) -> int:
        """How many rows."""
        return _ffi.ask("c2d_mpc_matrix_rows", self)

    @property
    def cols(self) -> int:
        """How many columns."""
        return _ffi.ask("c2d_mpc_matrix_cols", self)

    @property
    def shape(self) -> Tuple[int, int]:
        """(rows, columns)."""
        return self.rows, self.cols

    def row(self, index: int) -> List[float]:
        """One row as a list."""
        rows, cols = self.shape
        if not 0 <= _ffi.whole(index, ctypes.c_int) < rows:
            raise IndexError(index)
        return self._view()[index * cols : (index + 1) * cols]

    def to_rows(self) -> List[List[float]]:
        """All rows as lists."""
        view, cols = self._view(), self.cols
        return [view[start : start + cols] for start in range(0, len(view), cols)]

    def __len__(self) -> int:
        return self.rows

    def __iter__(self) -> Iterator[List[float]]:
        return iter(self.to_rows())

    def _view(self):
        """The numbers where the library holds them; the array keeps the object that owns them."""
        held: List[Any] = []
        pointer = self._hold(held)
        lib = _ffi.lib
        count = lib.c2d_mpc_matrix_rows(pointer) * lib.c2d_mpc_matrix_cols(pointer)
        address = ctypes.cast(lib.c2d_mpc_matrix_data(pointer), ctypes.c_void_p).value
        view = (ctypes.c_double * count).from_address(address)
        view.owner = held[0]
        return view

    def _numbers(self):
        return self.rows, self.cols, array("d", self._view())

    @property
    def __array_interface__(self) -> Dict[str, Any]:
        return {"shape": self.shape, "typestr": "<f8", "data": memoryview(self._view()).toreadonly(), "version": 3}

    def __array__(self, dtype: Any = None, copy: Optional[bool] = None) -> Any:
        import numpy  # which called us; it takes __array_interface__ first

        return numpy.array(self, dtype=dtype) if copy else numpy.asarray(self, dtype=dtype)

    def _repr_html_(self) -> str:
        from .. import _html

        if self.closed:
            return _html.titled(repr(self))
        return _html.matrix(self.shape, [self.row(index) for index in range(min(self.rows, _html.ROWS_MAX))])

    def __repr__(self) -> str:
        return "<c2d.mpc.Matrix %s>" % ("closed" if self.closed else "%dx%d" % self.shape)


def _create(rows, cols, data):
    if len(data) != rows * cols or not len(data):
        raise InvalidArgument("a matrix needs rows and columns")
    return call_out("c2d_mpc_matrix_create", rows, cols, (ctypes.c_double * len(data)).from_buffer(data))


class _Made:
    """A matrix for the length of one call."""

    def __init__(self, matrix):
        self._matrix = matrix

    def __enter__(self):
        return self._matrix

    def __exit__(self, *_):
        self._matrix.close()


class _Callers:
    """The caller's own matrix, or None."""

    def __init__(self, matrix):
        self._matrix = matrix

    def __enter__(self):
        return self._matrix

    def __exit__(self, *_):
        pass


def given(data: Optional[Numbers], flat_is_row: bool = False) -> ContextManager[Optional[Matrix]]:
    """The matrix of what an argument holds, None of None; one that had to be made is closed in the end."""
    if data is None or isinstance(data, Matrix):
        return _Callers(data)
    return _Made(Matrix._own(_create(*numbers_of(data, flat_is_row))))
