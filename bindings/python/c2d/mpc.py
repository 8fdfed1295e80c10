"""Computing on numbers that no single party sees.

Three parties run the same program; each call on a session is made by all three, in the same order,
with the same public arguments. See docs/mpc.md.

    session = c2d.mpc.Session.from_environment()
    x = session.input(0, matrix if session.party == 0 else None)
    y = session.input(1, matrix if session.party == 1 else None)
    print(session.reveal(x @ y.transpose(), to=[0]))

numpy is not needed. Where it is installed, arrays are taken as input, and `numpy.asarray(matrix)`
views a matrix without copying.
"""

import ctypes
from array import array

from . import _ffi
from ._ffi import call_out
from ._handle import Handle
from .errors import InvalidArgument

PARTIES = 3
_BACKENDS = {"rep3": 0, "clear": 1}
_SUMS = {1: 0, 0: 1, None: 2}  # axis, as numpy counts it: each row, each column, all


class Matrix(Handle):
    """A plain matrix of doubles, row by row. Owned handle."""

    _destroy = "c2d_mpc_matrix_destroy"

    @classmethod
    def read_csv(cls, path, bytes_max=0):
        """Reads comma-separated numbers (a header line is recognised and skipped)."""
        return cls(call_out("c2d_mpc_matrix_read_csv", str(path).encode(), bytes_max))

    @classmethod
    def from_rows(cls, rows):
        """From a sequence of rows, a sequence of numbers (one column), or a numpy array."""
        if hasattr(rows, "tobytes") and hasattr(rows, "shape"):  # numpy, without importing it
            shape = rows.shape if len(rows.shape) == 2 else (len(rows), 1)
            data = array("d")
            data.frombytes(rows.astype("float64").tobytes())
            return cls._from_array(shape[0], shape[1], data)
        rows = [row if hasattr(row, "__len__") else [row] for row in rows]
        if not rows or any(len(row) != len(rows[0]) for row in rows):
            raise InvalidArgument("rows must be given and have the same length")
        data = array("d", [float(x) for row in rows for x in row])
        return cls._from_array(len(rows), len(rows[0]), data)

    @classmethod
    def _from_array(cls, rows, cols, data):
        if len(data) != rows * cols or not len(data):
            raise InvalidArgument("a matrix needs rows and columns")
        pointer = (ctypes.c_double * len(data)).from_buffer(data)
        return cls(call_out("c2d_mpc_matrix_create", rows, cols, pointer))

    @property
    def rows(self):
        """How many rows."""
        return _ffi.lib.c2d_mpc_matrix_rows(self.raw)

    @property
    def cols(self):
        """How many columns."""
        return _ffi.lib.c2d_mpc_matrix_cols(self.raw)

    @property
    def shape(self):
        """(rows, columns)."""
        return self.rows, self.cols

    def row(self, index):
        """One row as a list."""
        if not 0 <= index < self.rows:
            raise IndexError(index)
        data, cols = _ffi.lib.c2d_mpc_matrix_data(self.raw), self.cols
        return data[index * cols:(index + 1) * cols]

    def to_rows(self):
        """All rows as lists."""
        return [self.row(i) for i in range(self.rows)]

    @property
    def __array_interface__(self):
        address = ctypes.cast(_ffi.lib.c2d_mpc_matrix_data(self.raw), ctypes.c_void_p).value
        return {"shape": self.shape, "typestr": "<f8", "data": (address, True), "version": 3}


class Tensor(Handle):
    """A shared matrix: its shape is public, its content is not. Owned handle; keeps its session."""

    _destroy = "c2d_mpc_tensor_destroy"

    def __init__(self, raw, session):
        super().__init__(raw)
        self._session = session

    @property
    def shape(self):
        """(rows, columns), which is public."""
        return _ffi.lib.c2d_mpc_tensor_rows(self.raw), _ffi.lib.c2d_mpc_tensor_cols(self.raw)

    def __add__(self, other):
        return self._session.add(self, other)

    def __sub__(self, other):
        return self._session.sub(self, other)

    def __mul__(self, other):
        if isinstance(other, Tensor):
            return self._session.mul(self, other)
        return self._session.scale(self, other)

    __rmul__ = __mul__

    def __matmul__(self, other):
        return self._session.matmul(self, other)

    def __lt__(self, other):
        return self._session.less(self, other)

    def __truediv__(self, other):
        if isinstance(other, Tensor):
            return self._session.divide(self, other)
        return self._session.scale(self, 1 / other)

    def sum(self, axis=None):
        """Of each column (axis 0), each row (axis 1), or everything; still a matrix."""
        return self._session.sum(self, axis)

    def repeat(self, rows, cols):
        """A row, a column or a single value, repeated."""
        return self._session.repeat(self, rows, cols)

    def transpose(self):
        """Rows become columns."""
        return self._session.transpose(self)

    def rows(self, index):
        """Rows by public index, repeats allowed."""
        return self._session.rows(self, index)


class Session(Handle):
    """One party's end of a computation; for one thread. Owned handle."""

    _destroy = "c2d_mpc_session_destroy"

    @classmethod
    def from_environment(cls, backend="rep3"):
        """Over descriptor C2D_PEER_FD as party C2D_PARTY, as a provider starts an operator.

        backend "clear" is the oracle for tests: INPUTS TRAVEL IN THE CLEAR.
        """
        return cls(call_out("c2d_mpc_session_from_environment", cls._backend(backend)))

    @classmethod
    def open_fd(cls, fd, party, backend="rep3"):
        """Over a stream socket that a frame relay serves; it stays the caller's."""
        return cls(call_out("c2d_mpc_session_open_fd", fd, party, cls._backend(backend)))

    @classmethod
    def connect(cls, party, key, parties, *, program, arguments="", run=0, deadline_ms=0):
        """Over TLS to two other processes, without provider or sandbox.

        `parties` are (host, port, address) of parties 0, 1 and 2, and `key` (a c2d.Key) proves the own
        address. `program`, `arguments` and `run`, a number that no two computations share, must be the
        same at all three: whoever has others is refused before any share.
        """
        if len(parties) != PARTIES:
            raise InvalidArgument("there are %d parties, found %d" % (PARTIES, len(parties)))
        hosts = (ctypes.c_char_p * PARTIES)(*(host.encode() for host, _, _ in parties))
        ports = (ctypes.c_uint * PARTIES)(*(port for _, port, _ in parties))
        addresses = (ctypes.c_char_p * PARTIES)(*(address.encode() for _, _, address in parties))
        return cls(call_out("c2d_mpc_session_connect", party, key.raw, hosts, ports, addresses,
                            program.encode(), arguments.encode(), run, deadline_ms))

    @staticmethod
    def _backend(name):
        if name not in _BACKENDS:
            raise InvalidArgument("backend must be rep3 or clear, found %r" % (name,))
        return _BACKENDS[name]

    @property
    def party(self):
        """Who we are: 0, 1 or 2."""
        return _ffi.lib.c2d_mpc_session_party(self.raw)

    @property
    def stats(self):
        """{"bytes_sent": [3], "bytes_received": [3], "rounds": n} so far."""
        stats = _ffi.Stats()
        _ffi.lib.c2d_mpc_session_stats(self.raw, ctypes.byref(stats))
        return {"bytes_sent": list(stats.bytes_sent), "bytes_received": list(stats.bytes_received),
                "rounds": stats.rounds}

    def exchange(self, announcement):
        """Tells both others something public (bytes); returns all three, by party."""
        out = (ctypes.c_void_p * PARTIES)()
        announcement = bytes(announcement)
        _ffi.call("c2d_mpc_session_exchange", self.raw, announcement, len(announcement), out)
        return [_ffi.take_bytes(handle) for handle in out]

    # -- values in

    def input(self, owner, data=None, magnitude_max=0.0):
        """Shares a matrix of party `owner`, which alone passes `data`.

        A value beyond magnitude_max (0: 64) raises DomainViolation at all parties.
        """
        with _matrix(data) as matrix:
            return self._tensor("input", owner, matrix.raw, magnitude_max)

    def input_labels(self, owner, data=None):
        """Shares a column of labels 0 and 1 of party `owner`, which alone passes `data`."""
        with _matrix(data) as matrix:
            return self._tensor("input_labels", owner, matrix.raw)

    def constant(self, data):
        """A matrix that everybody knows."""
        with _matrix(data) as matrix:
            return self._tensor("constant", matrix.raw)

    # -- operations

    def add(self, a, b):
        """Element by element."""
        return self._tensor("add", a.raw, b.raw)

    def sub(self, a, b):
        """Element by element."""
        return self._tensor("sub", a.raw, b.raw)

    def scale(self, a, factor):
        """Times a public number."""
        return self._tensor("scale", a.raw, float(factor))

    def mul(self, a, b):
        """Element by element."""
        return self._tensor("mul", a.raw, b.raw)

    def matmul(self, a, b):
        """The product of two matrices."""
        return self._tensor("matmul", a.raw, b.raw)

    def transpose(self, a):
        """Rows become columns."""
        return self._tensor("transpose", a.raw)

    def rows(self, a, index):
        """Rows by public index, repeats allowed."""
        index = list(index)
        return self._tensor("rows", a.raw, (ctypes.c_size_t * len(index))(*index), len(index))

    def hconcat(self, parts):
        """Columns of all parts, side by side."""
        handles = [part.raw for part in parts]
        return self._tensor("hconcat", (ctypes.c_void_p * len(handles))(*handles), len(handles))

    def vconcat(self, parts):
        """Rows of all parts, one below the other."""
        handles = [part.raw for part in parts]
        return self._tensor("vconcat", (ctypes.c_void_p * len(handles))(*handles), len(handles))

    def less(self, a, b):
        """1 where a < b, else 0."""
        return self._tensor("less", a.raw, b.raw)

    def select(self, bit, a, b):
        """a where `bit` (from `less`, or labels) is 1, else b."""
        return self._tensor("select", bit.raw, a.raw, b.raw)

    def sum(self, a, axis=None):
        """Sums of each column (axis 0), each row (axis 1), or everything."""
        if axis not in _SUMS:
            raise InvalidArgument("axis must be 0, 1 or None, found %r" % (axis,))
        return self._tensor("sum", a.raw, _SUMS[axis])

    def repeat(self, a, rows, cols):
        """A row, a column or a single value, repeated to rows x cols."""
        return self._tensor("repeat", a.raw, rows, cols)

    def divide(self, a, b):
        """Element by element, error at most 2^-15 + |a/b| 2^-26; b in [2^-8, 2^22), |a/b| < 2^13."""
        return self._tensor("divide", a.raw, b.raw)

    def reciprocal(self, a):
        """1 / a, for a in [2^-8, 2^22)."""
        return self._tensor("reciprocal", a.raw)

    def inverse_sqrt(self, a):
        """1 / sqrt(a), for a in [2^-8, 2^22)."""
        return self._tensor("inverse_sqrt", a.raw)

    def sigmoid(self, a, by="series"):
        """By "series" (error 1.5e-4, |a| < 256) or by "comparison" (error 0.0052, any a)."""
        if by not in ("series", "comparison"):
            raise InvalidArgument("by must be series or comparison, found %r" % (by,))
        return self._tensor("sigmoid" if by == "series" else "sigmoid_by_comparison", a.raw)

    # -- values out

    def reveal(self, a, to):
        """Opens a value to the parties in `to`: a Matrix there, None elsewhere."""
        to = list(to)
        raw = call_out("c2d_mpc_session_reveal", self.raw, a.raw, (ctypes.c_uint * len(to))(*to),
                       len(to))
        return None if raw is None else Matrix(raw)

    # -- models

    def train_logistic(self, features, labels, *, iterations, lr=0.01, batch_size=256, split=0,
                       seed=0, evaluate_every=100, auc_to=0, precise=False, l2=0.0, lr_decay=1.0,
                       lr_decay_every=0, wide_area=False, progress=None):
        """Trains a logistic regression; returns the model as a Tensor, (columns + 1) x 1.

        `progress(iteration, auc)` is called at each evaluation; `auc` is None except at party
        `auc_to`; `iterations_per_second` tells how fast it goes. An exception in it ends the
        training and is raised here.

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

    def train_linear(self, features, targets, *, iterations, lr=0.01, batch_size=256, split=0,
                     seed=0, evaluate_every=100, l2=0.0, lr_decay=1.0, lr_decay_every=0,
                     progress=None):
        """Trains a linear regression; returns the model as a Tensor, (columns + 1) x 1.

        `targets` come from `input`. `progress(iteration, None)` is called every `evaluate_every`
        iterations. A residual beyond +-512 raises DomainViolation at all parties.
        """
        return self._train("train_linear", features, targets, progress, lr=lr,
                           batch_size=batch_size, split=split, iterations=iterations, seed=seed,
                           evaluate_every=evaluate_every, l2=l2, lr_decay=lr_decay,
                           lr_decay_every=lr_decay_every)

    @property
    def iterations_per_second(self):
        """Of the training that runs or ran last; 0 before any."""
        return _ffi.lib.c2d_mpc_session_iterations_per_second(self.raw)

    def _train(self, operation, features, targets, progress, **values):
        options = _ffi.TrainOptions()
        _ffi.lib.c2d_mpc_train_options_init(ctypes.byref(options))
        for name, value in values.items():
            setattr(options, name, value)
        raised = []

        def trampoline(iteration, has_auc, auc, _):
            try:
                if progress is not None:
                    progress(iteration, auc if has_auc else None)
                return 0
            except BaseException as problem:  # must not cross the C frames
                raised.append(problem)
                return 1

        callback = _ffi.TrainProgress(trampoline)  # alive until the call returns
        try:
            return self._tensor(operation, features.raw, targets.raw, ctypes.byref(options),
                                callback, None)
        except Exception:
            if raised:
                raise raised[0] from None
            raise

    # -- statistics

    def standardise(self, a):
        """Columns of inputs brought to mean 0 and variance 1; nobody learns either."""
        return self._tensor("standardise", a.raw)

    def column_statistics(self, a, to, *, count_min, included=None):
        """{"count": n, "mean": […], "variance": […]} of the columns at the parties in `to`, else None.

        Over the rows whose bit in `included` (from `input_labels` or `less`) is 1, or all rows.
        Fewer than `count_min` of them raises DomainViolation at all parties, and nothing is revealed.
        """
        to = list(to)
        raw = call_out("c2d_mpc_session_column_statistics", self.raw, a.raw,
                       None if included is None else included.raw, count_min,
                       (ctypes.c_uint * len(to))(*to), len(to))
        if raw is None:
            return None
        with Matrix(raw) as found:
            count, mean, variance = found.to_rows()
            return {"count": int(count[0]), "mean": mean, "variance": variance}

    def auc(self, scores, labels, to):
        """Area under the ROC curve, opened to party `to` alone; None elsewhere."""
        known, value = ctypes.c_int(), ctypes.c_double()
        _ffi.call("c2d_mpc_session_auc", self.raw, scores.raw, labels.raw, to,
                  ctypes.byref(known), ctypes.byref(value))
        return value.value if known.value else None

    def _tensor(self, operation, *arguments):
        return Tensor(call_out("c2d_mpc_session_" + operation, self.raw, *arguments), self)


class _Borrowed:
    """A matrix for the length of one call: made here and closed after, or the caller's."""

    def __init__(self, matrix, owned):
        self._matrix, self._owned = matrix, owned

    @property
    def raw(self):
        return None if self._matrix is None else self._matrix.raw

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._owned:
            self._matrix.close()


def _matrix(data):
    if data is None or isinstance(data, Matrix):
        return _Borrowed(data, False)
    return _Borrowed(Matrix.from_rows(data), True)
