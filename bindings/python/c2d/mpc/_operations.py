"""Values in, what is computed of them, and values out."""

from __future__ import annotations

import ctypes

from .. import _ffi
from .._ffi import call_out
from ..errors import InvalidArgument, shown
from ._calls import Calls
from ._matrix import Matrix, given
from ._numbers import iterated

TYPE_CHECKING = False  # the name that type checkers know
if TYPE_CHECKING:
    from typing import Iterable, Optional

    from ._tensor import Tensor
    from ._types import Numbers

_SUMS = {1: 0, 0: 1, None: 2}  # axis, as numpy counts it: each row, each column, all


class Operations(Calls):
    """Of a session: the operations that others are made of, one call of the C interface each."""

    # -- values in

    def input(self, owner: int, data: Optional[Numbers] = None, magnitude_max: float = 0.0) -> Tensor:
        """Shares a matrix of party `owner`, which alone passes `data`.

        A value beyond magnitude_max (0: 64) raises DomainViolation at all parties.
        """
        with given(data) as matrix:
            return self._tensor("input", owner, matrix, float(magnitude_max))

    def input_labels(self, owner: int, data: Optional[Numbers] = None) -> Tensor:
        """Shares a column of labels 0 and 1 of party `owner`, which alone passes `data`."""
        with given(data) as matrix:
            return self._tensor("input_labels", owner, matrix)

    def constant(self, data: Numbers) -> Tensor:
        """A matrix that everybody knows."""
        with given(data) as matrix:
            return self._tensor("constant", matrix)

    # -- operations

    def add(self, a: Tensor, b: Tensor) -> Tensor:
        """Element by element."""
        return self._tensor("add", *self._mine(a, b))

    def sub(self, a: Tensor, b: Tensor) -> Tensor:
        """Element by element."""
        return self._tensor("sub", *self._mine(a, b))

    def scale(self, a: Tensor, factor: float) -> Tensor:
        """Times a public number."""
        return self._tensor("scale", *self._mine(a), float(factor))

    def mul(self, a: Tensor, b: Tensor) -> Tensor:
        """Element by element."""
        return self._tensor("mul", *self._mine(a, b))

    def matmul(self, a: Tensor, b: Tensor) -> Tensor:
        """The product of two matrices."""
        return self._tensor("matmul", *self._mine(a, b))

    def transpose(self, a: Tensor) -> Tensor:
        """Rows become columns."""
        return self._tensor("transpose", *self._mine(a))

    def rows(self, a: Tensor, index: Iterable[int]) -> Tensor:
        """Rows by public index, repeats allowed."""
        index = _ffi.array_of(ctypes.c_size_t, list(index))
        return self._tensor("rows", *self._mine(a), index, len(index))

    def hconcat(self, parts: Iterable[Tensor]) -> Tensor:
        """Columns of all parts, side by side."""
        return self._concat("hconcat", parts)

    def vconcat(self, parts: Iterable[Tensor]) -> Tensor:
        """Rows of all parts, one below the other."""
        return self._concat("vconcat", parts)

    def _concat(self, operation, parts):
        held = []
        pointers = [part._hold(held) for part in self._mine(*parts)]
        return self._tensor(operation, (ctypes.c_void_p * len(pointers))(*pointers), len(pointers))

    def less(self, a: Tensor, b: Tensor) -> Tensor:
        """1 where a < b, else 0."""
        return self._tensor("less", *self._mine(a, b))

    def select(self, bit: Tensor, a: Tensor, b: Tensor) -> Tensor:
        """a where `bit` (from `less`, or labels) is 1, else b."""
        return self._tensor("select", *self._mine(bit, a, b))

    def sum(self, a: Tensor, axis: Optional[int] = None) -> Tensor:
        """Sums of each column (axis 0), each row (axis 1), or everything."""
        if not isinstance(axis, (int, type(None))) or axis not in _SUMS:
            raise InvalidArgument("axis must be 0, 1 or None, found %s" % shown(axis))
        return self._tensor("sum", *self._mine(a), _SUMS[axis])

    def repeat(self, a: Tensor, rows: int, cols: int) -> Tensor:
        """A row, a column or a single value, repeated to rows x cols."""
        return self._tensor("repeat", *self._mine(a), rows, cols)

    def divide(self, a: Tensor, b: Tensor) -> Tensor:
        """Element by element, error at most 2^-15 + |a/b| 2^-26; b in [2^-8, 2^22), |a/b| < 2^13."""
        return self._tensor("divide", *self._mine(a, b))

    def reciprocal(self, a: Tensor) -> Tensor:
        """1 / a, for a in [2^-8, 2^22)."""
        return self._tensor("reciprocal", *self._mine(a))

    def inverse_sqrt(self, a: Tensor) -> Tensor:
        """1 / sqrt(a), for a in [2^-8, 2^22)."""
        return self._tensor("inverse_sqrt", *self._mine(a))

    def log(self, a: Tensor) -> Tensor:
        """ln(a), for a in [2^-8, 2^22)."""
        return self._tensor("log", *self._mine(a))

    def sigmoid(self, a: Tensor, by: str = "series") -> Tensor:
        """By "series" (error 1.5e-4, |a| < 256) or by "comparison" (error 0.0052, any a)."""
        if not isinstance(by, str) or by not in ("series", "comparison"):
            raise InvalidArgument("by must be series or comparison, found %s" % shown(by))
        return self._tensor("sigmoid" if by == "series" else "sigmoid_by_comparison", *self._mine(a))

    # -- values out

    def reveal(self, a: Tensor, to: Iterable[int]) -> Optional[Matrix]:
        """Opens a value to the parties in `to`: a Matrix there, None elsewhere.

        What may be opened: sums over rows, counts of bits, models, and what is computed of these alone; anything
        where the rules of all parties say so. Else Refused is raised at all parties, and the session is spent.
        """
        to = _ffi.array_of(ctypes.c_uint, list(iterated(to, "to must be a list of parties, as [0]")))
        raw = self._run(call_out, "reveal", *self._mine(a), to, len(to))
        return None if raw is None else Matrix._own(raw)
