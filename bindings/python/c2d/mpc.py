"""Computing on numbers that no single party sees.

Three parties run the same program; each call on a session is made by all three, in the same order,
with the same public arguments. See docs/mpc/overview.md.

    session = c2d.mpc.Session.from_environment()
    x = session.input(0, matrix if session.party == 0 else None)
    y = session.input(1, matrix if session.party == 1 else None)
    print(session.reveal(x @ y.T, to=[0]))

numpy is not needed. Where it is installed, arrays are taken as input, and `numpy.asarray(matrix)`
views a matrix without copying; pandas likewise.
"""

from __future__ import annotations

import ctypes
from _thread import allocate_lock, get_ident
from array import array

from . import _ffi, _generated, _progress
from ._ffi import call_out
from ._handle import Handle
from .errors import InvalidArgument, shown

#: The name that type checkers know; `typing` itself would make operators start later.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from typing import (
        Any, Callable, Dict, Iterable, Iterator, List, Mapping, NoReturn, Optional, Sequence, Tuple, TypedDict, Union,
    )

    from ._align import Alignment as Alignment, Joined as Joined, align_pair as align_pair
    from ._run_local import PartyFailed as PartyFailed
    from ._types import Path
    from .key import Key

    class Stats(TypedDict):
        """What a session has moved: bytes by party, and the length of this party's chain of messages."""

        bytes_sent: List[int]
        bytes_received: List[int]
        rounds: int

    class Cost(TypedDict):
        """What work costs: bytes by party (bank A, bank B, the helper), and memory where it is most."""
        bytes_sent: List[float]
        rounds: float
        seconds: float
        memory_bytes: float

    class ColumnStatistics(TypedDict):
        """Of each column, over `count` rows."""

        count: int
        mean: List[float]
        variance: List[float]

    class OpeningRules(TypedDict, total=False):
        """What the owner of a party's data asks of everything that is opened: docs/mpc/openings.md."""

        rows: int
        positives: int
        negatives: int
        weight_share_max: float
        reveal_any: bool
        label_counts: int
        scores: str
        score_rows_max: int
        reason_codes: int
        coefficients: bool

    class RegressionStatistics(TypedDict):
        """By column, the intercept last; `scale` is the variance of a linear model's residuals, else 1."""

        coefficients: List[float]
        standard_errors: List[float]
        z_values: List[float]
        p_values: List[float]
        scale: float

    #: Numbers in the clear: a Matrix, rows, one column, a numpy array, a pandas DataFrame or Series.
    Numbers = Any
    #: A number or numbers in the clear, or a Tensor.
    Operand = Any

PARTIES = 3
_BACKENDS = {"rep3": 0, "clear": 1}
_SUMS = {1: 0, 0: 1, None: 2}  # axis, as numpy counts it: each row, each column, all
_EXPONENT_MAX = 64
_FRACTION = 2.0 ** -16  # the last place of ordinary values


class Matrix(Handle):
    """A plain matrix of doubles, row by row. Owned handle. Iterating gives rows as lists.

    `numpy.asarray(matrix)` and `pandas.DataFrame(matrix)` take its values; an array that views it stays good
    after `close`.
    """

    _destroy = "c2d_mpc_matrix_destroy"

    def __init__(self, rows: Numbers) -> None:
        """The same as `from_rows`; see also `read_csv`."""
        self._take(_create(*_numbers(rows)))

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
        return cls._own(_create(*_numbers(rows)))

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
        return self._view()[index * cols:(index + 1) * cols]

    def to_rows(self) -> List[List[float]]:
        """All rows as lists."""
        view, cols = self._view(), self.cols
        return [view[start:start + cols] for start in range(0, len(view), cols)]

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

    @property
    def __array_interface__(self) -> Dict[str, Any]:
        return {"shape": self.shape, "typestr": "<f8", "data": memoryview(self._view()).toreadonly(), "version": 3}

    def __array__(self, dtype: Any = None, copy: Optional[bool] = None) -> Any:
        import numpy  # which called us; it takes __array_interface__ first
        return numpy.array(self, dtype=dtype) if copy else numpy.asarray(self, dtype=dtype)

    def _repr_html_(self) -> str:
        from . import _html
        if self.closed:
            return _html.titled(repr(self))
        return _html.matrix(self.shape, [self.row(index) for index in range(min(self.rows, _html.ROWS_MAX))])

    def __repr__(self) -> str:
        return "<c2d.mpc.Matrix %s>" % ("closed" if self.closed else "%dx%d" % self.shape)


# -- numbers of others


def _create(rows, cols, data):
    if len(data) != rows * cols or not len(data):
        raise InvalidArgument("a matrix needs rows and columns")
    return call_out("c2d_mpc_matrix_create", rows, cols, (ctypes.c_double * len(data)).from_buffer(data))


def _numbers(given, flat_is_row=False):
    """(rows, columns, array of doubles) of whatever holds numbers; raises InvalidArgument."""
    if isinstance(given, Tensor):
        raise InvalidArgument("a Tensor is shared already")
    if isinstance(given, Matrix):
        return given.rows, given.cols, array("d", given._view())
    if hasattr(given, "_destroy") and hasattr(given, "to_matrix"):  # a Table, or what a preprocessing rule made
        given = given.to_matrix()
        return given.rows, given.cols, array("d", given._view())
    if hasattr(given, "to_numpy"):  # pandas, polars: the values, not the names
        given = given.to_numpy()
    if not hasattr(getattr(given, "dtype", None), "kind") and hasattr(given, "__array__"):
        given = given.__array__()
    if hasattr(getattr(given, "dtype", None), "kind") and hasattr(given, "shape"):
        return _of_numpy(given, flat_is_row)
    if hasattr(given, "__arrow_c_stream__") or hasattr(given, "__arrow_c_array__"):  # pyarrow, duckdb
        from .table import Table
        return _numbers(Table.of(given))
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
    rows = list(_iterated(given, "rows must be a sequence of numbers or of rows"))
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


def _iterated(given, expected):
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
                raise InvalidArgument("row %d, column %d: expected a number, found %s" % (
                    number, column, type(value).__name__)) from None


def _is_number(value):
    """A public number: int, float and their like in numpy; no text, no array."""
    return (hasattr(value, "__float__") and not hasattr(value, "__len__")
            and not isinstance(value, Tensor) and not getattr(value, "shape", ())
            and getattr(getattr(value, "dtype", None), "kind", "f") in "biuf")


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
        if _is_number(other):
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
        if _is_number(other):
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
            raise InvalidArgument("x ** n takes n from 1 to %d, found %d; see session.reciprocal and inverse_sqrt"
                                  % (_EXPONENT_MAX, exponent))
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
            total, shift = self._session.scale(total, 2.0 ** -step), shift - step
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
        self._no_answer("its truth (if, and, or, not, max, min, sorted)",
                        "use session.select(a < b, a, b), or session.reveal first")

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
        return getattr(self._session, operation)(*(
            part if part.shape == (rows, cols) or 1 not in part.shape else self._session.repeat(part, rows, cols)
            for part in (left, right)))

    def _operand(self, other):
        """A tensor of what stands on the other side; public numbers are nobody's secret, so nothing is sent."""
        if isinstance(other, Tensor):
            return other
        if _is_number(other):
            return self._session.constant([[float(other)]])
        if not _is_array_like(other):
            return NotImplemented
        with _Given(_numbers(other, flat_is_row=True)) as matrix:
            return self._session.constant(matrix)

    def _public_matrix(self, other):
        if not isinstance(other, (Tensor, Matrix)) and not _is_array_like(other):
            return NotImplemented
        if len(getattr(other, "shape", (1, 1))) != 2:
            raise InvalidArgument("x @ y takes matrices: give an array two dimensions")
        return other if isinstance(other, Tensor) else self._session.constant(other)

    def _repr_html_(self) -> str:
        from . import _html
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


class Regression:
    """A fitted model."""

    #: Still shared, (columns + 1) x 1: weights, then the intercept.
    weights: Tensor
    #: Steps taken, and whether the last was below the tolerance.
    steps: int
    converged: bool
    #: What the parties named learn; None elsewhere.
    statistics: Optional[RegressionStatistics]

    def __init__(self, weights: Tensor, steps: int, converged: bool, statistics: Optional[RegressionStatistics]) -> None:
        self.weights, self.steps, self.converged, self.statistics = weights, steps, converged, statistics

    def __repr__(self) -> str:
        return "<c2d.mpc.Regression of %d coefficients, %d steps%s>" % (
            self.weights.shape[0], self.steps, "" if self.converged else ", not converged")


class Session(Handle):
    """One party's end of a computation. Owned handle.

    For one thread, the first that computes with it (`move_to_this_thread` hands it over); calls of another, and calls
    from within a call (a progress function must not compute), raise InvalidArgument with the name `wrong_thread` or
    `in_a_call`, since parties whose calls differ in order would compute nonsense. Closing is allowed anywhere.
    """

    _destroy = "c2d_mpc_session_destroy"
    _made_by = "Session.from_environment, Session.open_fd and Session.connect"
    _thread: Optional[int] = None
    _clear = False
    #: Whether bars may be drawn; of three sessions in one program one draws.
    _draws = True

    def _take(self, raw: Any, *keep: Any) -> None:
        super()._take(raw, *keep)
        self._busy = allocate_lock()

    @classmethod
    def from_environment(cls, backend: str = "rep3") -> Session:
        """Over descriptor C2D_PEER_FD as party C2D_PARTY, as a provider starts an operator.

        backend "clear" is the oracle for tests: INPUTS TRAVEL IN THE CLEAR.
        """
        return cls._own(call_out("c2d_mpc_session_from_environment", cls._backend(backend)))._with_backend(backend)

    @classmethod
    def open_fd(cls, fd: int, party: int, backend: str = "rep3", rules: Optional[OpeningRules] = None,
                session_binding: Optional[Mapping[int, bytes]] = None,
                pre_shared: Optional[Mapping[int, bytes]] = None, kept: Optional[Path] = None,
                checkpoints: Optional[Path] = None, checkpoint_seconds: float = 60, attempt: int = 1) -> Session:
        """Over a stream socket that a frame relay serves; it stays the caller's.

        `rules`: what this party asks of everything that is opened, a dict of rows, positives, negatives,
        weight_share_max, reveal_any, label_counts, scores ("none", "points", "probabilities"), score_rows_max,
        reason_codes and coefficients.
        `kept`: the folder of what `keep` keeps, NOT sealed. Both of these go into the keys with a peer, by its party, which must have the
        same: `session_binding`, 32 bytes that both know from elsewhere, such as a hash of the job and of their connection;
        `pre_shared`, a secret agreed on beforehand, without which whoever records the connection knows nothing later.
        `checkpoints`: the folder of this party's checkpoints of this computation alone, NOT sealed; all parties have one, or
        none. Written every `checkpoint_seconds`, and taken up by the next `attempt`, a number from 1 on.
        """
        return cls._own(call_out("c2d_mpc_session_open_fd_with_options", fd, party, cls._backend(backend),
                                 _session_options(rules, session_binding, pre_shared, kept, checkpoints,
                                                  checkpoint_seconds, attempt)))._with_backend(backend)

    @classmethod
    def connect(cls, party: int, key: Key, parties: Sequence[Tuple[str, int, str]], *, program: str,
                arguments: str = "", run: int = 0, deadline_ms: int = 0,
                rules: Optional[OpeningRules] = None, session_binding: Optional[Mapping[int, bytes]] = None,
                pre_shared: Optional[Mapping[int, bytes]] = None, kept: Optional[Path] = None,
                checkpoints: Optional[Path] = None, checkpoint_seconds: float = 60, attempt: int = 1) -> Session:
        """Over TLS to two other processes, without provider or sandbox.

        `parties` are (host, port, address) of parties 0, 1 and 2, and `key` (a c2d.Key) proves the own
        address. `program`, `arguments` and `run`, a number that no two computations share, must be the
        same at all three: whoever has others is refused before any share. `rules`,
        `session_binding`, `pre_shared`, `kept` and `checkpoints`: as for `open_fd`.
        """
        from . import _text
        from .key import Key
        parties = [(host, port, address) for host, port, address in parties]
        if len(parties) != PARTIES:
            raise InvalidArgument("there are %d parties, found %d" % (PARTIES, len(parties)))
        hosts, _ = _text.text_array(host for host, _, _ in parties)
        ports = _ffi.array_of(ctypes.c_uint, [port for _, port, _ in parties])
        addresses, _ = _text.text_array(address for _, _, address in parties)
        return cls._own(call_out("c2d_mpc_session_connect_with_options", party, _text.handle(key, Key, "key"), hosts,
                                 ports, addresses, _text.encode(program), _text.encode(arguments), run, deadline_ms,
                                 _session_options(rules, session_binding, pre_shared, kept, checkpoints,
                                                  checkpoint_seconds, attempt)))

    @staticmethod
    def _backend(name):
        if not isinstance(name, str) or name not in _BACKENDS:
            raise InvalidArgument("backend must be rep3 or clear, found %s" % shown(name))
        return _BACKENDS[name]

    def _with_backend(self, backend):
        self._clear = backend == "clear"
        return self

    @property
    def party(self) -> int:
        """Who we are: 0, 1 or 2."""
        return _ffi.ask("c2d_mpc_session_party", self)

    @property
    def stats(self) -> Stats:
        """{"bytes_sent": [3], "bytes_received": [3], "rounds": n} so far."""
        self._check_thread()
        stats = _generated.MpcStats()
        _ffi.ask("c2d_mpc_session_stats", self, ctypes.byref(stats))
        return {"bytes_sent": list(stats.bytes_sent), "bytes_received": list(stats.bytes_received),
                "rounds": stats.rounds}

    @property
    def disclosures(self) -> Dict[str, int]:
        """How often something of a kind was opened so far: "sum", "count", "model", "statistics", "auc", "any", and
        bits that all learn, "domain", "minimum", "refusal"."""
        self._check_thread()
        from . import _text
        return _text.call_json("c2d_mpc_session_disclosures", self)

    def move_to_this_thread(self) -> None:
        """From now on this thread computes with the session, and no other. Not while a call runs."""
        self._enter()
        self._thread = get_ident()
        self._busy.release()

    def note_rule(self, rule: Any) -> None:
        """Tells this party's provider, and nobody else, which `PreprocessingRule` the columns are prepared with, or its digest.

        It then stands in the run's receipt. Does nothing in a program that no provider started.
        """
        digest = _ffi.blob(getattr(rule, "digest", rule))
        if len(digest) != 32:
            raise InvalidArgument("expected a rule or its digest of 32 bytes, found %s" % shown(rule))
        self._run(_ffi.call, "note_rule", digest)

    def exchange(self, announcement: bytes) -> List[bytes]:
        """Tells both others something public (bytes); returns all three, by party."""
        out = (ctypes.c_void_p * PARTIES)()
        announcement = _ffi.blob(announcement)
        self._run(_ffi.call, "exchange", announcement, len(announcement), out)
        return [_ffi.take_bytes(handle) for handle in out]

    # -- rows that are the same customer

    def align(self, ids: Optional[Any] = None, mode: str = "helper", *, duplicates: str = "refuse",
              rule: Optional[Dict[str, bool]] = None, rows_max: int = 10_000_000, common_min: int = 1,
              common_share_min: float = 0.0, job: str = "",
              schemas: Optional[Sequence[bytes]] = None) -> Alignment:
        """Which rows of parties 0 and 1, who pass `ids`, are the same customer; party 2 passes None.

        `ids` is one column (texts, bytes, whole numbers), or several (a list of columns, a dict, a DataFrame), which
        must all agree. `mode` "helper": party 2 compares tags under a key that it lacks; "two_party": without it. Where
        not even the banks may learn who is common: `join`.
        `rule` says what makes no difference: {"nfkc": False, "fold_case": False, "trim": True, "digits_only": False}.
        Mode, rule, `job` (any text) and `schemas` (32 bytes for each table) must be the same at all parties; of
        `rows_max` (ids that another table may have), `common_min` and `common_share_min` (common rows as a share of the
        other table's) the strictest counts. docs/alignment.md tells who learns what. A session aligns or joins once
        (`Refused`, `budget_spent`), unless all owners let anything be opened.

        Raises DomainViolation at all parties, named `input_unusable` (its owner's message says why: an id that is
        empty, too long or there twice, unless `duplicates="first"`) or `common_below_minimum`.
        """
        from . import _align
        options = _align.options_of(mode, duplicates, rule, rows_max, common_min, common_share_min, job, schemas)
        if ids is None:
            return _align.Alignment(self._run(call_out, "align", None, options))
        with _align.Ids.of(ids) as given:
            return _align.Alignment(self._run(call_out, "align", given, options))

    def join(self, ids: Optional[Any], columns: Iterable[Tensor], *, duplicates: str = "refuse",
             rule: Optional[Dict[str, bool]] = None, rows_max: int = 10_000_000, common_min: int = 1,
             common_share_min: float = 0.0, job: str = "", schemas: Optional[Sequence[bytes]] = None) -> Joined:
        """Joins the tables of parties 0 and 1 by their ids, and nobody learns which rows are common: mode "hidden".

        `columns` are tensors of inputs of both banks (`input`, `input_labels`), the same at all parties; row i of a bank's
        is that of its i-th id. `Joined.columns` are their common rows, in the order of `columns`. Of what went in nothing
        else may be opened. The other arguments are those of `align`, which "hidden" is no mode of.

            joined = session.join(ids, [x_a, y, x_b], common_min=100)
            x_a, y, x_b = joined.columns
        """
        from . import _align
        options = _align.options_of("hidden", duplicates, rule, rows_max, common_min, common_share_min, job, schemas)
        held: List[Any] = []
        pointers = [column._hold(held) for column in self._mine(*columns)]
        given = (ctypes.c_void_p * len(pointers))(*pointers)
        if ids is None:
            raw = self._run(call_out, "join", None, given, len(pointers), options)
        else:
            with _align.Ids.of(ids) as own:
                raw = self._run(call_out, "join", own, given, len(pointers), options)
        return _align.Joined(raw, len(pointers), self._held)

    # -- values in

    def input(self, owner: int, data: Optional[Numbers] = None, magnitude_max: float = 0.0) -> Tensor:
        """Shares a matrix of party `owner`, which alone passes `data`.

        A value beyond magnitude_max (0: 64) raises DomainViolation at all parties.
        """
        with _given(data) as matrix:
            return self._tensor("input", owner, matrix, float(magnitude_max))

    def input_labels(self, owner: int, data: Optional[Numbers] = None) -> Tensor:
        """Shares a column of labels 0 and 1 of party `owner`, which alone passes `data`."""
        with _given(data) as matrix:
            return self._tensor("input_labels", owner, matrix)

    def constant(self, data: Numbers) -> Tensor:
        """A matrix that everybody knows."""
        with _given(data) as matrix:
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
        to = _ffi.array_of(ctypes.c_uint, list(_iterated(to, "to must be a list of parties, as [0]")))
        raw = self._run(call_out, "reveal", *self._mine(a), to, len(to))
        return None if raw is None else Matrix._own(raw)

    # -- kept for later sessions

    def keep(self, a: Tensor, name: str) -> bytes:
        """Keeps a result, such as a model, for later sessions: each party a fresh share of it, under this name. Returns
        the binding, 32 bytes drawn jointly.

        What may not be opened is not kept, but for what was loaded, whole: it goes on as other shares. Beside a provider the share becomes an artifact, if the op template declares
        an output of this name as kept; else `open_fd`, `connect` and `run_local` say where (`kept`).
        """
        from . import _text
        binding = (ctypes.c_ubyte * 32)()
        self._run(_ffi.call, "keep", *self._mine(a), _text.encode(name), binding)
        return bytes(binding)

    def load(self, name: str) -> Tensor:
        """What a session of these parties kept under this name: for `score`; it is not opened.

        Raises Refused with the name `model_mismatch` at all parties where a share is missing, altered, copied or of
        another run, before anything is computed with it.
        """
        from . import _text
        return self._tensor("load", _text.encode(name))

    # -- checkpoints

    def save_checkpoint(self, step: int, *state: Tensor) -> None:
        """Between two steps of a loop of your own: `step` of them are done, and `state` is all that the rest needs of them.

        A checkpoint is written when `checkpoint_seconds` are over; an attempt that loses a party is then followed by one that
        goes on there. All parties call it after the same steps. Trainings and regressions write their own.

            step, (w,) = session.load_checkpoint() or (0, (w,))
            while step < 1000:
                w = w + gradient(x, y, w)
                step += 1
                session.save_checkpoint(step, w)
        """
        held: List[Any] = []
        pointers = [one._hold(held) for one in self._mine(*state)]
        self._run(_ffi.call, "save_checkpoint", _ffi.whole(step), (ctypes.c_void_p * len(pointers))(*pointers),
                  len(pointers))

    def load_checkpoint(self) -> Optional[Tuple[int, List[Tensor]]]:
        """Where the loop that begins here stood in the checkpoint of an earlier attempt: the step, and the state as it was
        given to `save_checkpoint`. None: it begins anew."""
        room = _CHECKPOINT_STATE_MAX
        step, count, raw = ctypes.c_uint64(), ctypes.c_size_t(), (ctypes.c_void_p * room)()
        self._run(_ffi.call, "load_checkpoint", room, ctypes.byref(step), raw, ctypes.byref(count))
        return (step.value, [self._held(one) for one in raw[:count.value]]) if count.value else None

    def score(self, features: Tensor, model: Tensor, kind: str = "points", *, points: float = 600, odds: float = 50,
              double_after: float = 20) -> Tensor:
        """What a model says of each row: features n x d, model (d + 1) x 1, weights and then the bias.

        kind "points": `points` where `odds` good ones come to one bad (label 1), `double_after` more double that; whole
        numbers, more is better. "probability": of label 1. "logit": the sum. Points and probabilities are opened where
        the rules of all parties say so (`scores`).
        """
        if kind not in _SCORE_KINDS:
            raise InvalidArgument("kind must be points, probability or logit, found %s" % shown(kind))
        options = _generated.MpcScoreOptions()
        _ffi.lib.c2d_mpc_score_options_init(ctypes.byref(options))
        options.kind = _SCORE_KINDS[kind]
        options.points, options.odds, options.double_after = points, odds, double_after
        return self._tensor("score", *self._mine(features, model), ctypes.byref(options))

    def contributions(self, features: Tensor, model: Tensor, columns: Optional[Sequence[int]] = None) -> Tensor:
        """What each characteristic adds to a row's sum: features times the weights of a model, without the bias.

        `columns`: how many columns each characteristic has, one after the other; None: one each. For `reason_codes`.
        """
        counts = [_ffi.whole(count) for count in columns or ()]
        given = (ctypes.c_size_t * len(counts))(*counts) if counts else None
        return self._tensor("contributions", *self._mine(features, model), given, len(counts))

    def reason_codes(self, contributions: Tensor, baseline: Tensor, count: int = 4, *,
                     shares: Optional[Tensor] = None) -> Tensor:
        """Which characteristics cost a row most: the numbers, from 1, of the `count` (1 to 10) whose contributions are most
        above the baseline, the largest first, so that label 1 becomes most likely by them; 0 where none is above it any more.

        Rows x count, opened where the rules of all parties let so many be (`reason_codes`); else Refused is raised at once.
        `contributions` come from that method, or are rows that `encode_bins` made of a model's points. The baseline is the
        least of each column of `baseline`: one row is itself, points of bins stand for the best of each column. With
        `shares`, of the same shape, it is the sum of both's products: the mean over bins of which so many rows are.
        """
        of_bins = self._mine(shares)[0] if shares is not None else None
        return self._tensor("reason_codes", *self._mine(contributions, baseline), count, of_bins)

    # -- models

    def train_logistic(self, features: Tensor, labels: Tensor, *, iterations: int, lr: float = 0.01,
                       batch_size: int = 256, split: int = 0, seed: int = 0, evaluate_every: int = 100,
                       auc_to: int = 0, precise: bool = False, l2: float = 0.0, lr_decay: float = 1.0,
                       lr_decay_every: int = 0, wide_area: bool = False,
                       progress: Union[Callable[[int, Optional[float]], Any], bool, None] = None) -> Tensor:
        """Trains a logistic regression; returns the model as a Tensor, (columns + 1) x 1.

        `progress(iteration, auc)` is called at each evaluation; `auc` is None except at party
        `auc_to`; `iterations_per_second` tells how fast it goes. An exception in it ends the
        training and is raised here. Without one a terminal or notebook shows a bar; False: nothing, True: a bar
        anywhere.

        `lr` 0 trains nothing. The model is evaluated at iterations 0, `evaluate_every`, … and after the last, unless
        that is one iteration later.

        By default an iteration takes three rounds while all logits are within +-16, and five from
        the first segment on in which one was not; weights are then off by some 0.002 at most.
        `precise=True` takes five throughout: off by some 0.00002; so does `l2` above 0. The rate is
        multiplied by `lr_decay` every `lr_decay_every` iterations. `wide_area=True` takes two rounds
        instead of three and twice the bytes, for links of high latency.
        """
        return self._train("train_logistic", features, labels, progress, lr=lr,
                           batch_size=batch_size, split=split, iterations=iterations, seed=seed,
                           evaluate_every=evaluate_every, auc_to=auc_to,
                           precise=1 if precise else 0, wide_area=1 if wide_area else 0, l2=l2, lr_decay=lr_decay,
                           lr_decay_every=lr_decay_every)

    def train_linear(self, features: Tensor, targets: Tensor, *, iterations: int, lr: float = 0.01,
                     batch_size: int = 256, split: int = 0, seed: int = 0, evaluate_every: int = 100,
                     l2: float = 0.0, lr_decay: float = 1.0, lr_decay_every: int = 0,
                     progress: Union[Callable[[int, None], Any], bool, None] = None) -> Tensor:
        """Trains a linear regression; returns the model as a Tensor, (columns + 1) x 1.

        `targets` come from `input`. `progress(iteration, None)` is called every `evaluate_every`
        iterations. A residual beyond +-512 raises DomainViolation at all parties.
        """
        return self._train("train_linear", features, targets, progress, lr=lr,
                           batch_size=batch_size, split=split, iterations=iterations, seed=seed,
                           evaluate_every=evaluate_every, l2=l2, lr_decay=lr_decay,
                           lr_decay_every=lr_decay_every)

    def fit_logistic(self, features: Tensor, labels: Tensor, *, ridge: Optional[float] = None, tolerance: float = 0.0,
                     steps_max: int = 25, curvature_rows: int = 8192, seed: int = 0,
                     sample_weight: Optional[Tensor] = None, offset: Optional[Tensor] = None,
                     statistics_to: Iterable[int] = ()) -> Regression:
        """Fits a logistic regression by Newton's method; there is no rate to tune.

        `ridge` times the rows is the penalty on the weights (scikit-learn's C is 1 / (ridge * rows)); None: 1e-4, or
        1 / rows if that is more; 0: none, and then labels that the columns tell apart raise DomainViolation with the name `separable`. Columns that are combinations
        of others raise it with the name `collinear`. A step is the last when it moves the model by less than `tolerance`
        standard errors (0: 1/64), four times as many where rows are sampled. After `steps_max` steps the model is returned as it is, `converged` False.
        Coefficients, standard errors, Wald's z and p-values go to the parties in `statistics_to`. Public is the number of
        steps.
        """
        return self._fit("fit_logistic", features, labels, ridge, sample_weight, offset, statistics_to,
                         tolerance=tolerance, steps_max=steps_max, curvature_rows=curvature_rows, seed=seed)

    def fit_linear(self, features: Tensor, targets: Tensor, *, ridge: Optional[float] = None,
                   sample_weight: Optional[Tensor] = None, offset: Optional[Tensor] = None,
                   statistics_to: Iterable[int] = ()) -> Regression:
        """Fits a linear regression by least squares, as `fit_logistic` does; `targets` come from `input`."""
        return self._fit("fit_linear", features, targets, ridge, sample_weight, offset, statistics_to)

    def _fit(self, operation, features, targets, ridge, sample_weight, offset, statistics_to, **values):
        options = _generated.MpcRegressionOptions()
        _ffi.lib.c2d_mpc_regression_options_init(ctypes.byref(options))
        options.ridge, options.no_ridge = 0.0 if ridge is None else ridge, 1 if ridge == 0 else 0
        for name, value in values.items():
            setattr(options, name, value)
        held = []
        for name, tensor in (("sample_weight", sample_weight), ("offset", offset)):
            if tensor is not None:
                setattr(options, name, self._mine(tensor)[0]._hold(held))
        to = _ffi.array_of(ctypes.c_uint, list(_iterated(statistics_to, "statistics_to must be a list of parties, as [0]")))
        options.statistics_to, options.statistics_to_count = to, len(to)
        weights, result, statistics = ctypes.c_void_p(), _generated.MpcRegressionResult(), ctypes.c_void_p()
        self._run(_ffi.call, operation, *self._mine(features, targets), options, ctypes.byref(weights),
                  ctypes.byref(result), ctypes.byref(statistics))
        model = Tensor._own(weights.value, self)
        model._session = self
        opened = None
        if statistics.value is not None:
            with Matrix._own(statistics.value) as found:
                columns = [list(column) for column in zip(*found.to_rows())]
            opened = dict(zip(("coefficients", "standard_errors", "z_values", "p_values"), columns), scale=result.scale)
        return Regression(model, result.steps, result.converged != 0, opened)

    @property
    def iterations_per_second(self) -> float:
        """Of the training that runs or ran last; 0 before any. May be asked in a progress function."""
        self._check_thread()
        return _ffi.ask("c2d_mpc_session_iterations_per_second", self)

    def _train(self, operation, features, targets, progress, **values):
        options = _generated.MpcTrainOptions()
        _ffi.lib.c2d_mpc_train_options_init(ctypes.byref(options))
        options.zero_is_zero = 1
        for name, value in values.items():
            setattr(options, name, value)

        bar = _progress.bar_for(progress, "training") if self._draws else None

        def trampoline(iteration, has_auc, auc, _):
            if callable(progress):
                progress(iteration, auc if has_auc else None)
            elif bar is not None:
                bar.tell(iteration, options.iterations, "%.0f iterations/s%s" % (
                    _ffi.ask("c2d_mpc_session_iterations_per_second", self), ", auc %.4f" % auc if has_auc else ""))
            return 0

        callback = _ffi.callback(_generated.MpcTrainProgress, trampoline, 1)  # alive until the call returns
        try:
            return self._tensor(operation, *self._mine(features, targets), options, callback, None)
        finally:
            if bar is not None:
                bar.close()

    # -- statistics

    def standardise(self, a: Tensor) -> Tensor:
        """Columns of inputs brought to mean 0 and variance 1; nobody learns either."""
        return self._tensor("standardise", *self._mine(a))

    def column_statistics(self, a: Tensor, to: Iterable[int], *, count_min: int,
                          included: Optional[Tensor] = None) -> Optional[ColumnStatistics]:
        """{"count": n, "mean": […], "variance": […]} of the columns at the parties in `to`, else None.

        Over the rows whose bit in `included` (from `input_labels` or `less`) is 1, or all rows.
        Fewer than `count_min` of them raises DomainViolation at all parties, and nothing is revealed.
        """
        to = _ffi.array_of(ctypes.c_uint, list(to))
        some = [None] if included is None else self._mine(included)
        raw = self._run(call_out, "column_statistics", *self._mine(a), *some, count_min, to, len(to))
        if raw is None:
            return None
        with Matrix._own(raw) as found:
            count, mean, variance = found.to_rows()
            return {"count": int(count[0]), "mean": mean, "variance": variance}

    # -- bins

    def bin_counts(self, owner: int, bins: Optional[Numbers] = None, *, count: int, labels: Tensor) -> Tensor:
        """How many labels of each class are in each bin of the columns of party `owner` (0 or 1); nobody learns a count.

        The owner alone passes `bins`: rows x columns of numbers from 0 to `count` - 1 (2 to 62), as a preprocessing rule
        makes them; missing and special values have a number of their own. What is returned is for `weight_of_evidence`,
        `information_value` and `select_columns`. A bin of fewer rows than the rules' minimum raises DomainViolation.
        """
        labels, = self._mine(labels)
        with _given(bins) as matrix:
            return self._tensor("bin_counts", owner, matrix, _ffi.whole(count), labels)

    def weight_of_evidence(self, counts: Tensor, smoothing: float = 1.0) -> Tensor:
        """Of each bin, shared: ln of zeros by ones, less that of all rows, as if it had `smoothing` average rows more."""
        return self._tensor("weight_of_evidence", *self._mine(counts), float(smoothing))

    def information_value(self, counts: Tensor, smoothing: float = 1.0) -> Tensor:
        """Of each column, 1 x columns, rounded to 2^-10: may be revealed, and compared."""
        return self._tensor("information_value", *self._mine(counts), float(smoothing))

    def select_columns(self, counts: Tensor, iv_min: float, smoothing: float = 1.0) -> List[int]:
        """The columns whose information value is at least `iv_min`, and nothing else: one bit a column, to all."""
        value = self.information_value(counts, smoothing)
        below = self.reveal(self.less(value, self.constant([[float(iv_min)] * value.shape[1]])), to=range(PARTIES))
        assert below is not None  # Every party is told.
        with below as bits:
            return [column for column, bit in enumerate(bits.to_rows()[0]) if bit == 0]

    def correlations(self, features: Tensor) -> Tensor:
        """Pearson's correlation of every two columns of inputs or encoded bins, columns x columns: may be revealed."""
        return self._tensor("correlations", *self._mine(features))

    def variance_inflation(self, correlations: Tensor) -> Tensor:
        """How many times larger the variance of each column's weight is than if it correlated with none, 1 x columns, of
        `correlations`: may be revealed. It ends at 1024.
        """
        return self._tensor("variance_inflation", *self._mine(correlations))

    def bin_points(self, values: Tensor, model: Tensor) -> Tensor:
        """What each bin adds to the linear predictor: `values` (from `weight_of_evidence`) times the weights of a model, whose
        intercept goes to the first column. It is kept and loaded as a model is; `encode_bins` with it gives rows whose sum is
        the score, for `score` with weights of 1.
        """
        return self._tensor("bin_points", *self._mine(values, model))

    def reveal_bin_counts(self, counts: Tensor) -> Optional[Matrix]:
        """The labels of 1 in each bin, rounded to multiples of 5, at the owner of the bins alone; None elsewhere.

        Each is a linear equation in the labels, so Refused is raised unless the rules of the labels' owner let so many
        be opened (`label_counts`, 0 by default) and there are ten labels of each class for every count.
        """
        raw = self._run(call_out, "reveal_bin_counts", *self._mine(counts))
        return None if raw is None else Matrix._own(raw)

    def encode_bins(self, owner: int, bins: Optional[Numbers] = None, *, values: Tensor) -> Tensor:
        """Columns of party `owner` with the number of `values` (a row for each bin) in the place of each row's bin."""
        values, = self._mine(values)
        with _given(bins) as matrix:
            return self._tensor("encode_bins", owner, matrix, values)

    def auc(self, scores: Tensor, labels: Tensor, to: int) -> Optional[float]:
        """Area under the ROC curve, opened to party `to` alone; None elsewhere."""
        known, value = ctypes.c_int(), ctypes.c_double()
        self._run(_ffi.call, "auc", *self._mine(scores, labels), to, ctypes.byref(known), ctypes.byref(value))
        return value.value if known.value else None

    # -- calls

    def _mine(self, *tensors):
        """Tensors once they are tensors of this session."""
        for tensor in tensors:
            if not isinstance(tensor, Tensor):
                raise TypeError("expected a Tensor, found %s: share it with session.input, or make it a "
                                "session.constant" % type(tensor).__name__)
            if getattr(tensor, "_session", None) is not self:
                raise InvalidArgument("this Tensor belongs to another session", name="other_session")
        return tensors

    def _concat(self, operation, parts):
        held = []
        pointers = [part._hold(held) for part in self._mine(*parts)]
        return self._tensor(operation, (ctypes.c_void_p * len(pointers))(*pointers), len(pointers))

    def _tensor(self, operation, *arguments):
        return self._held(self._run(call_out, operation, *arguments))

    def _held(self, raw):
        tensor = Tensor._own(raw, self)
        tensor._session = self
        return tensor

    def _run(self, how, operation, *arguments):
        self._check_thread()
        self._enter()
        try:
            if self._thread is None:
                self._thread = get_ident()
            return how("c2d_mpc_session_" + operation, self, *arguments)
        finally:
            self._busy.release()

    def _check_thread(self):
        if self._thread not in (None, get_ident()):
            raise InvalidArgument("this session computes on another thread, and is for one alone: see "
                                  "move_to_this_thread", name="wrong_thread")

    def _enter(self):
        self._hold([])
        if not self._busy.acquire(False):
            raise InvalidArgument("this session is in a call: a progress function must not compute with it, nor "
                                  "may two threads", name="in_a_call")

    def __repr__(self) -> str:
        return "<c2d.mpc.Session %s>" % ("closed" if self.closed else "of party %d" % self.party)


def run_local(program: Callable[[Session, Any], Any], inputs: Sequence[Any], *, backend: str = "rep3",
              processes: bool = False, progress: Optional[bool] = None,
              rules: Optional[OpeningRules] = None, kept: Optional[Path] = None,
              checkpoints: Optional[Path] = None, checkpoint_seconds: float = 60, attempt: int = 1) -> List[Any]:
    """Runs `program(session, input)` as three parties on this machine; returns what they returned, by party.

    For trying a program out: `inputs` are those of parties 0, 1 and 2, and nothing is kept from whoever runs it.
    The parties are threads, or processes with `processes=True`, which share no variables; what they return must then
    be picklable (a Matrix is). backend "clear" is the oracle to compare with. Where one raises, PartyFailed is raised,
    whose cause is the exception of the party at fault; the others' follow in it. A terminal or notebook shows a bar;
    `kept`: a folder in which `Session.keep` keeps, below it one for each party; `load` of a later run finds it there.
    `checkpoints`: a folder, used likewise, of what `attempt` 2 goes on from where attempt 1 was lost (`save_checkpoint`).
    `progress` False: nothing, True: a bar anywhere. `rules` are those of all three owners, as for `Session.open_fd`.
    """
    from ._run_local import run
    return run(program, inputs, backend, processes, progress, rules, kept, (checkpoints, checkpoint_seconds, attempt))


def cost(work: str, rows: int, columns: int = 0, *, bins: int = 10, steps: int = 8, batch_size: int = 256,
         round_trip_ms: float = 0.2, megabits: float = 1000) -> Cost:
    """What work costs before it begins. `work` is "labels", "evidence" (`bin_counts`, `weight_of_evidence` and
    `information_value`), "encoding", "correlations", "inflation", "fit" (`steps`: 4 to 11), "training" (`steps`:
    iterations), "auc", "inputs", "scoring", "contributions" or "reasons" (`steps`: codes of a row); the wires between the
    parties have this round trip and width. Bytes are within a fifth, time and memory within a factor of two.
    """
    from . import _text
    found: Cost = _text.call_json("c2d_mpc_cost", work.encode(), rows, columns, bins, steps, batch_size, round_trip_ms, megabits)
    return found


def __getattr__(name: str) -> Any:  # with what stands beside it loaded when first asked for
    if name == "PartyFailed":
        from ._run_local import PartyFailed
        return PartyFailed
    if name in ("Alignment", "Joined", "align_pair"):
        from . import _align
        return getattr(_align, name)
    raise AttributeError("module 'c2d.mpc' has no attribute %r" % name)


_RULES = ("rows", "positives", "negatives", "weight_share_max", "reveal_any", "label_counts", "scores",
          "score_rows_max", "reason_codes", "coefficients")
_SCORES = ("none", "points", "probabilities")
# C2D_MPC_CHECKPOINT_STATE_MAX
_CHECKPOINT_STATE_MAX = 64
_SCORE_KINDS = {"points": 0, "probability": 1, "logit": 2}


def _rules(given):
    """Rules for openings as the library takes them."""
    out = _generated.MpcOpeningRules()
    _ffi.lib.c2d_mpc_opening_rules_init(ctypes.byref(out))
    if given is None:
        return out
    if not isinstance(given, dict):
        raise TypeError("rules are a dict of %s, found %s" % (", ".join(_RULES), shown(given)))
    for name, value in given.items():
        if name not in _RULES:
            raise InvalidArgument("rules are %s, found %s" % (", ".join(_RULES), shown(name)))
        if name in ("reveal_any", "coefficients"):
            setattr(out, name, 1 if value else 0)
        elif name == "scores":
            if value not in _SCORES:
                raise InvalidArgument("scores must be none, points or probabilities, found %s" % shown(value))
            out.scores = _SCORES.index(value)
        elif name != "weight_share_max":
            setattr(out, name, _ffi.whole(value))
        elif _is_number(value):
            out.weight_share_max = float(value)
        else:
            raise TypeError("weight_share_max must be a number, found %s" % shown(value))
    return out


def _session_options(rules, session_binding, pre_shared, kept=None, checkpoints=None, checkpoint_seconds=60.0, attempt=1):
    """What a session takes beside its link, as the library does."""
    from . import _text
    out = _generated.MpcSessionOptions()
    _ffi.lib.c2d_mpc_session_options_init(ctypes.byref(out))
    out.rules = ctypes.pointer(_rules(rules))
    if kept is not None:
        out.kept = _ffi.path(kept)
    if checkpoints is not None:
        out.checkpoints = _ffi.path(checkpoints)
    out.checkpoint_ms, out.attempt = max(_text.milliseconds(checkpoint_seconds), 1), _ffi.whole(attempt)
    bindings = dict(_text.pairs(session_binding, "session_binding"))
    secrets = dict(_text.pairs(pre_shared, "pre_shared"))
    peers = []
    for party in sorted({*bindings, *secrets}):
        peer = _generated.MpcPeerKeys(party=_ffi.whole(party))
        if party in bindings:
            if len(bindings[party]) != 32:
                raise InvalidArgument("session_binding: expected 32 bytes, found %d" % len(bindings[party]))
            peer.session_binding = _bytes(bindings[party])
        if party in secrets:
            peer.pre_shared, peer.pre_shared_size = _bytes(secrets[party]), len(secrets[party])
        peers.append(peer)
    out.peers, out.peers_count = (_generated.MpcPeerKeys * len(peers))(*peers), len(peers)
    return out


def _bytes(data):
    """A copy that C reads."""
    return (ctypes.c_ubyte * len(data)).from_buffer_copy(data)


class _Given:
    """A matrix for the length of one call."""

    def __init__(self, numbers):
        self._matrix = Matrix._own(_create(*numbers))

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


def _given(data):
    if data is None or isinstance(data, Matrix):
        return _Callers(data)
    return _Given(_numbers(data))
