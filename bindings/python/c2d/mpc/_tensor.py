"""Shared matrices, and what Python's operators do with them."""

from __future__ import annotations

import ctypes

from .. import _ffi
from .._handle import Handle
from ..errors import InvalidArgument
from ._matrix import Matrix, given
from ._numbers import is_number

TYPE_CHECKING = False  # the name that type checkers know
if TYPE_CHECKING:
    from typing import Any, Iterable, NoReturn, Optional, Tuple

    from ._session import Session
    from ._types import Operand

_EXPONENT_MAX = 64
_FRACTION = 2.0**-16  # the last place of ordinary values


class Tensor(Handle):
    """A shared matrix: its shape is public, its content is not. Owned handle; comes from a Session and keeps it.

    Operators take tensors, public numbers and public arrays, and stretch rows, columns and single values as numpy
    does. Each is a call that all parties make; rounds do not grow with the size (docs/mpc/operations.md):

    x + y, x - y, -x, x * 2, x.T, x[2:5], x[:, 0], x.sum()      none
    x * y, x @ y, x * 0.5, x / 4; x ** n: for each product      2
    x.mean(): 4, or 2 or none where the count is a power of two
    x < y, x > y, x <= y, x >= y                                6
    abs(x)                                                      7
    x / y, 1 / y                                                25

    A shared value is no truth: `if x < y`, `x == y`, `max(x, y)` and iteration raise TypeError.
    """

    _destroy, _made_by = "c2d_mpc_tensor_destroy", "a Session, for example session.input(…)"
    _session: Session
    #: numpy leaves `array + tensor` to us; so does pandas from 2.1 on, which before raises TypeError.
    __array_ufunc__ = None
    __pandas_priority__ = 5000

    @property
    def shape(self) -> Tuple[int, int]:
        """(rows, columns), which is public."""
        return _ffi.ask("c2d_mpc_tensor_rows", self), _ffi.ask("c2d_mpc_tensor_cols", self)

    # -- arithmetic

    def __add__(self, other: Operand) -> Tensor:
        return self._with(other, "add")

    __radd__ = __add__

    def __sub__(self, other: Operand) -> Tensor:
        return self._with(other, "sub")

    def __rsub__(self, other: Operand) -> Tensor:
        return self._with(other, "sub", swapped=True)

    def __mul__(self, other: Operand) -> Tensor:
        if is_number(other):
            return self._session.scale(self, other)
        return self._with(other, "mul")

    __rmul__ = __mul__

    def __matmul__(self, other: Operand) -> Tensor:
        other = self._public_matrix(other)
        return other if other is NotImplemented else self._session.matmul(self, other)

    def __rmatmul__(self, other: Operand) -> Tensor:
        other = self._public_matrix(other)
        return other if other is NotImplemented else self._session.matmul(other, self)

    def __truediv__(self, other: Operand) -> Tensor:
        if is_number(other):
            return self._session.scale(self, 1 / other)
        return self._with(other, "divide")

    def __rtruediv__(self, other: Operand) -> Tensor:
        return self._with(other, "divide", swapped=True)

    def __neg__(self) -> Tensor:
        return self._session.scale(self, -1)

    def __pos__(self) -> Tensor:
        return self

    def __pow__(self, exponent: int) -> Tensor:
        """A whole power, 1 to 64, by repeated products, which must stay below 2^29."""
        exponent = _ffi.whole(exponent)
        if not 1 <= exponent <= _EXPONENT_MAX:
            raise InvalidArgument(
                "x ** n takes n from 1 to %d, found %d; see session.reciprocal and inverse_sqrt"
                % (_EXPONENT_MAX, exponent)
            )
        out, square = None, self
        while exponent:
            if exponent & 1:
                out = square if out is None else self._session.mul(out, square)
            exponent >>= 1
            if exponent:
                square = self._session.mul(square, square)
        return out

    def __abs__(self) -> Tensor:
        return self._session.select(self < 0, -self, self)

    # -- comparison: tensors of 1 and 0, for `select`

    def __lt__(self, other: Operand) -> Tensor:
        """1 where self < other, else 0."""
        return self._with(other, "less")

    def __gt__(self, other: Operand) -> Tensor:
        """1 where self > other, else 0."""
        return self._with(other, "less", swapped=True)

    def __le__(self, other: Operand) -> Tensor:
        """1 where self <= other, else 0; what differs by less than 2^-16 counts as equal."""
        return self._with(other, "less", added=_FRACTION)

    def __ge__(self, other: Operand) -> Tensor:
        """1 where self >= other, else 0; what differs by less than 2^-16 counts as equal."""
        return self._with(other, "less", swapped=True, added=_FRACTION)

    # -- shape

    def sum(self, axis: Optional[int] = None) -> Tensor:
        """Of each column (axis 0), each row (axis 1), or everything; still a matrix."""
        return self._session.sum(self, axis)

    def mean(self, axis: Optional[int] = None) -> Tensor:
        """Of each column (axis 0), each row (axis 1), or everything; still a matrix.

        Error at most 2^-15 + |mean| 2^-20, for sums to 2^26. Ten rounds; five or none where the count is a power of
        two.
        """
        total = self._session.sum(self, axis)
        rows, cols = self.shape
        count = {0: rows, 1: cols, None: rows * cols}[axis]
        # 1 / count in 16 bits would be far off: a factor of 20 bits, and then powers of two, which are exact.
        shift = (count - 1).bit_length()
        if count != 1 << shift:
            shift += 19
        total = self._session.scale(total, round((1 << shift) / count))
        while shift > 0:
            step = min(shift, 16)
            total, shift = self._session.scale(total, 2.0**-step), shift - step
        return total

    def repeat(self, rows: int, cols: int) -> Tensor:
        """A row, a column or a single value, repeated."""
        return self._session.repeat(self, rows, cols)

    def transpose(self) -> Tensor:
        """Rows become columns."""
        return self._session.transpose(self)

    @property
    def T(self) -> Tensor:
        """Rows become columns."""
        return self._session.transpose(self)

    def rows(self, index: Iterable[int]) -> Tensor:
        """Rows by public index, repeats allowed."""
        return self._session.rows(self, index)

    def __getitem__(self, key: Any) -> Tensor:
        """x[2], x[2:5], x[[0, 2]], x[:, 0]: rows and columns by public position; always a matrix."""
        which = key if isinstance(key, tuple) else (key,)
        if not 1 <= len(which) <= 2:
            raise IndexError("a tensor has rows and columns, found %d indices" % len(which))
        chosen = [_positions(part, count) for part, count in zip(which, self.shape)]
        out = self if chosen[0] is None else self._session.rows(self, chosen[0])
        if len(chosen) == 2 and chosen[1] is not None:
            out = self._session.transpose(self._session.rows(self._session.transpose(out), chosen[1]))
        return out

    # -- what a secret has no answer to

    def _no_answer(self, what: str, instead: str) -> NoReturn:
        raise TypeError("a Tensor is secret, there is no answer to %s: %s" % (what, instead))

    def __bool__(self) -> NoReturn:
        self._no_answer(
            "its truth (if, and, or, not, max, min, sorted)", "use session.select(a < b, a, b), or session.reveal first"
        )

    def __eq__(self, other: object) -> NoReturn:
        self._no_answer("== (in, index, remove)", "use a < b, a <= b or session.less, or session.reveal first")

    def __ne__(self, other: object) -> NoReturn:
        self._no_answer("!=", "use a < b, a <= b or session.less, or session.reveal first")

    __hash__ = object.__hash__

    def __iter__(self) -> NoReturn:
        self._no_answer("iteration (for, list, max, min, sorted)", "use x[i], x.sum(), or session.reveal first")

    def __contains__(self, _: object) -> NoReturn:
        self._no_answer("in", "use session.less and x.sum(), or session.reveal first")

    def __len__(self) -> NoReturn:
        raise TypeError("len of a Tensor: use x.shape")

    def __float__(self) -> NoReturn:
        self._no_answer("its number", "use session.reveal first")

    __int__ = __index__ = __complex__ = __round__ = __float__

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        self._no_answer("its numbers", "use session.reveal first")

    def _numbers(self) -> NoReturn:
        raise InvalidArgument("a Tensor is shared already")

    # -- operands

    def _with(self, other, operation, swapped=False, added=0.0):
        """operation(self, other), or (other, self); `added` to the right side."""
        other = self._operand(other)
        if other is NotImplemented:
            return other
        left, right = (other, self) if swapped else (self, other)
        if added:
            right = right + added
        rows, cols = (max(pair) if 1 in pair else pair[0] for pair in zip(left.shape, right.shape))
        return getattr(self._session, operation)(
            *(
                part if part.shape == (rows, cols) or 1 not in part.shape else self._session.repeat(part, rows, cols)
                for part in (left, right)
            )
        )

    def _operand(self, other):
        """A tensor of what stands on the other side; public numbers are nobody's secret, so nothing is sent."""
        if isinstance(other, Tensor):
            return other
        if is_number(other):
            return self._session.constant([[float(other)]])
        if not _is_array_like(other):
            return NotImplemented
        with given(other, flat_is_row=True) as matrix:
            return self._session.constant(matrix)

    def _public_matrix(self, other):
        if not isinstance(other, (Tensor, Matrix)) and not _is_array_like(other):
            return NotImplemented
        if len(getattr(other, "shape", (1, 1))) != 2:
            raise InvalidArgument("x @ y takes matrices: give an array two dimensions")
        return other if isinstance(other, Tensor) else self._session.constant(other)

    def _repr_html_(self) -> str:
        from .. import _html

        if self.closed:
            return _html.titled(repr(self))
        session = self._session
        return _html.tensor(self.shape, None if session.closed else session.party, session._clear)

    def __repr__(self) -> str:
        return "<c2d.mpc.Tensor %s>" % ("closed" if self.closed else "%dx%d, shared" % self.shape)


def _is_array_like(value):
    return isinstance(value, (Matrix, list, tuple)) or hasattr(value, "__array__")


def _positions(part, count):
    """Positions among `count`, as numpy reads them; None for all."""
    if isinstance(part, slice):
        return None if part == slice(None) else list(range(count))[part]
    if isinstance(part, Tensor):
        part._no_answer("a place of a secret", "use session.select")
    positions = list(part) if hasattr(part, "__iter__") else [part]
    if any(isinstance(position, bool) or type(position).__name__ in ("bool_", "bool") for position in positions):
        raise TypeError("rows and columns are chosen by position, found bool")
    out = []
    for position in positions:
        number = _ffi.whole(position, ctypes.c_int)
        if not -count <= number < count:
            raise IndexError("position %d of %d" % (number, count))
        out.append(number % count)
    return out
