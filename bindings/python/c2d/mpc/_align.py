"""Alignment: which rows of two banks' tables are the same customer. Reached through c2d.mpc."""

from __future__ import annotations

import ctypes
from array import array
from itertools import accumulate

from .. import _ffi, _generated, _text
from .._ffi import call_out
from .._handle import Handle
from ..errors import InvalidArgument, shown

TYPE_CHECKING = False  # the name that type checkers know
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

    from ..key import Key
    from ._tensor import Tensor

MODES = {"helper": 0, "two_party": 1, "hidden": 2}
_DUPLICATES = {"refuse": 0, "first": 1}
#: The rule's words, and the fields of the C struct; `trim` is what the field leaves out.
_RULES = ("nfkc", "fold_case", "trim", "digits_only")


class _Sizes:
    """What both ways of matching tables say of their sizes."""

    def __init__(self, raw: Any) -> None:
        lib = _ffi.lib
        self.common: int = lib.c2d_mpc_alignment_common(raw)
        self.table_rows: Tuple[int, int] = (
            lib.c2d_mpc_alignment_table_rows(raw, 0),
            lib.c2d_mpc_alignment_table_rows(raw, 1),
        )

    def __repr__(self) -> str:
        return "<c2d.mpc.%s %d common of %d and %d>" % (type(self).__name__, self.common, *self.table_rows)


class Alignment(_Sizes):
    """What `Session.align` found.

    `rows`: at parties 0 and 1 the own rows (an array of whole numbers) that the other table has, too; entry i is the
    same customer at both. Empty at party 2. `table_rows`: distinct ids in the tables of parties 0 and 1. `common`:
    how many are in both.
    """

    def __init__(self, raw: Any) -> None:
        lib = _ffi.lib
        try:
            super().__init__(raw)
            self.rows = array("I")
            pointer = lib.c2d_mpc_alignment_rows(raw)
            if pointer:
                self.rows.frombytes(ctypes.string_at(pointer, 4 * self.common))
        finally:
            lib.c2d_mpc_alignment_destroy(raw)


class Joined(_Sizes):
    """What `Session.join` found.

    `columns`: of each tensor that was given the `common` rows of the common customers; row i is the same one in all,
    and no party knows who that is. `table_rows`: rows of the tables of parties 0 and 1.
    """

    def __init__(self, raw: Any, count: int, held: Callable[[Any], Tensor]) -> None:
        try:
            super().__init__(raw)
            self.columns: List[Tensor] = [
                held(call_out("c2d_mpc_alignment_column", raw, index)) for index in range(count)
            ]
        finally:
            _ffi.lib.c2d_mpc_alignment_destroy(raw)


class Ids(Handle):
    """The ids of one table's rows for one call."""

    _destroy, _made_by = "c2d_mpc_ids_destroy", "Session.align"

    @classmethod
    def of(cls, given: Any) -> Ids:
        """From one column, or from several."""
        ids = cls._own(call_out("c2d_mpc_ids_create"))
        for number, column in enumerate(_columns(given)):
            ids._add(number, column)
        return ids

    def _add(self, number, column):
        values = [_id_bytes(value, row, number) for row, value in enumerate(_values(column))]
        offsets = array("Q", [0])
        offsets.extend(accumulate(map(len, values)))
        joined = b"".join(values)
        _ffi.call(
            "c2d_mpc_ids_add_column",
            self,
            joined,
            len(joined),
            (ctypes.c_uint64 * len(offsets)).from_buffer(offsets),
            len(values),
        )


def _columns(given):
    """Columns of a dict, a list of columns or a DataFrame; one column by itself."""
    if isinstance(given, (str, bytes)):
        raise InvalidArgument("ids must be a column of texts, or several, found one text")
    if isinstance(given, dict):
        return list(given.values())
    if hasattr(given, "columns") and hasattr(given, "__getitem__"):  # a DataFrame of pandas or polars
        return [given[name] for name in given.columns]
    shape = getattr(given, "shape", None)
    if shape is not None and len(shape) == 2:
        return [given[:, column] for column in range(shape[1])]
    if isinstance(given, (list, tuple)) and given and all(_is_column(one) for one in given):
        return list(given)
    return [given]


def _is_column(value):
    return hasattr(value, "__len__") and not isinstance(value, (str, bytes, bytearray, memoryview))


def _values(column):
    if hasattr(column, "tolist"):  # numpy, pandas: Python's own values
        return column.tolist()
    if hasattr(column, "to_list"):  # polars
        return column.to_list()
    try:
        return iter(column)
    except TypeError:
        raise TypeError("an id column must be a sequence, found %s" % type(column).__name__) from None


def _id_bytes(value, row, column):
    if isinstance(value, str):
        try:
            return value.encode()
        except UnicodeEncodeError:
            raise InvalidArgument("row %d, id column %d: the id is not valid Unicode" % (row, column)) from None
    if isinstance(value, bytes):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return b"%d" % value
    # A float would be what a reader made of whole numbers with a gap among them: 4400123.0 is no id.
    raise InvalidArgument(
        "row %d, id column %d: expected a text, bytes or a whole number, found %s"
        % (row, column, "nothing" if value is None else type(value).__name__)
    )


def options_of(
    mode: str,
    duplicates: str,
    rule: Optional[Dict[str, bool]],
    rows_max: int,
    common_min: int,
    common_share_min: float,
    job: str,
    schemas: Optional[Sequence[bytes]],
) -> Any:
    """The struct of c2d/capi/align.h."""
    options = _generated.MpcAlignOptions()
    _ffi.lib.c2d_mpc_align_options_init(ctypes.byref(options))
    options.mode = _chosen(MODES, mode, "mode")
    options.first_of_duplicates = _chosen(_DUPLICATES, duplicates, "duplicates")
    rule = dict(rule or {})
    for name in rule:
        if name not in _RULES:
            raise InvalidArgument("a rule for ids has %s, found %s" % (", ".join(_RULES), shown(name)))
    for name in ("nfkc", "fold_case", "digits_only"):
        setattr(options, name, 1 if rule.get(name, False) else 0)
    options.keep_space = 0 if rule.get("trim", True) else 1
    options.rows_max, options.common_min = rows_max, common_min
    options.common_share_min = float(common_share_min)
    options.job = _text.encode(job)
    if schemas is not None:
        options.schema_a, options.schema_b = (_digest(one) for one in schemas)
    return options


def _chosen(known, name, what):
    if not isinstance(name, str) or name not in known:
        raise InvalidArgument("%s must be one of %s, found %s" % (what, ", ".join(known), shown(name)))
    return known[name]


def _digest(given):
    given = _ffi.blob(given)
    if len(given) != 32:
        raise InvalidArgument("a schema's digest has 32 bytes, found %d" % len(given))
    return (ctypes.c_ubyte * 32).from_buffer_copy(given)


def align_pair(
    ids: Any,
    party: int,
    key: Key,
    parties: Sequence[Tuple[str, int, str]],
    *,
    run: int = 0,
    deadline_ms: int = 0,
    duplicates: str = "refuse",
    rule: Optional[Dict[str, bool]] = None,
    rows_max: int = 10_000_000,
    common_min: int = 1,
    common_share_min: float = 0.0,
    job: str = "",
    schemas: Optional[Sequence[bytes]] = None,
) -> Alignment:
    """Aligns the tables of two processes, parties 0 and 1, without a third and without a session.

    `parties` are (host, port, address) of both, `key` (a c2d.Key) proves the own address, and `run` is a number that no
    two alignments share; `parties` and `run` are the same at both. The rest is as in `Session.align`.
    """
    from ..key import Key

    options = options_of("two_party", duplicates, rule, rows_max, common_min, common_share_min, job, schemas)
    pair = _generated.MpcPairOptions()
    _ffi.lib.c2d_mpc_pair_options_init(ctypes.byref(pair))
    parties = [(host, port, address) for host, port, address in parties]
    if len(parties) != 2:
        raise InvalidArgument("a pair has 2 parties, found %d" % len(parties))
    pair.party, pair.run, pair.deadline_ms = party, run, deadline_ms
    (host_a, pair.port_a, address_a), (host_b, pair.port_b, address_b) = parties
    pair.host_a, pair.host_b = _text.encode(host_a), _text.encode(host_b)
    pair.address_a, pair.address_b = _text.encode(address_a), _text.encode(address_b)
    with Ids.of(ids) as given:
        return Alignment(call_out("c2d_mpc_align_pair", _text.handle(key, Key, "key"), pair, given, options))
