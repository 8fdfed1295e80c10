"""Which rows of two banks' tables are the same customer, within an operator: arguments and the call."""

from __future__ import annotations

from .. import mpc, table as tables
from .arguments import Arguments
from .run import note

#: The name that type checkers know; `typing` itself would make operators start later.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Collection, Dict, List, Optional, Sequence, Tuple, Union

_MODES = ("helper", "two_party", "hidden")
_RULES = ("nfkc", "fold_case", "trim", "digits_only")


def alignment_of(
    arguments: Arguments, slots: Collection[int] = (0, 1), hidden: bool = False
) -> Optional[Dict[str, Any]]:
    """`align`: {"mode": …} and what else `Session.align` takes, in its words; None for a table alone, which is matched
    with nobody.

    `hidden` says that the operator can do with rows of which nobody knows whose they are: `joined`.
    """
    if len(slots) < 2:
        arguments.take("align", None)
        return None
    align = arguments.inner("align")
    found: Dict[str, Any] = {
        "mode": align.text("mode", one_of=_MODES),
        "duplicates": align.text("duplicates", "refuse", ("refuse", "first")),
        "rows_max": align.number("rows_max", 1, 2**28, 10_000_000, whole=True),
        "common_min": align.number("common_min", 1, 2**28, 10, whole=True),
        "common_share_min": align.number("common_share_min", 0, 1, 0.0),
        "rule": {},
    }
    if found["mode"] == "hidden" and not hidden:
        align.refuse(
            "mode",
            "helper or two_party: this operator returns something for each row, or looks at rows that are common, "
            "and in the mode hidden nobody knows which these are",
            "hidden",
        )
    rule = align.inner("rule")
    for name in _RULES:
        value = rule.take(name, None)
        if isinstance(value, bool):
            found["rule"][name] = value
        elif value is not None:
            rule.refuse(name, "true or false", value)
    rule.end()
    align.end()
    return found


def matched(
    session: mpc.Session, table: Optional[tables.Table], ids: Sequence[str], options: Dict[str, Any]
) -> Tuple[List[int], mpc.Alignment]:
    """Own rows that the other table has, too, in an order that all share; and what `Session.align` found.

    Names, types and roles of both tables' columns go into the key by which ids are compared.
    """
    found = session.align(_id_columns(table, ids), schemas=_schemas(session, table), **options)
    _note(found)
    return list(found.rows), found


def joined(
    session: mpc.Session,
    table: Optional[tables.Table],
    ids: Sequence[str],
    columns: Sequence[mpc.Tensor],
    options: Dict[str, Any],
) -> mpc.Joined:
    """Of tensors of both tables the rows that both have, in the mode `hidden`: nobody learns whose they are."""
    without_mode = {name: value for name, value in options.items() if name != "mode"}
    found = session.join(_id_columns(table, ids), columns, schemas=_schemas(session, table), **without_mode)
    _note(found)
    return found


def _id_columns(table: Optional[tables.Table], ids: Sequence[str]) -> Optional[List[Any]]:
    return None if table is None else [table.column(name) for name in ids]


def _schemas(session: mpc.Session, table: Optional[tables.Table]) -> List[bytes]:
    return session.exchange(b"" if table is None else table.schema.digest)[:2]


def _note(found: Union[mpc.Alignment, mpc.Joined]) -> None:
    note("%d common customers, of %d and %d" % ((found.common,) + tuple(found.table_rows)))
