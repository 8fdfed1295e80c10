"""One owner's raw table within an operator: read and checked, split, prepared. What goes wrong is its owner's to
know."""

from __future__ import annotations

import hashlib
import json
import math
from fractions import Fraction

from .. import errors, mpc, table as tables
from .arguments import shown
from .run import Unusable, note

#: The name that type checkers know; `typing` itself would make operators start later.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Collection, Dict, List, Optional, Sequence, Tuple

_PROBLEMS_MAX = 1000
#: What the library takes of rows and columns, in all that parties tell each other.
ROWS_MAX, COLUMNS_MAX = 2**28, 2**14
#: A name of 256 bytes, with all of them escaped in JSON.
_NAME_BYTES_MAX = 6 * 256 + 4


def _with_roles(
    report: Dict[str, Any], path: str, roles: Dict[str, Tuple[str, bool]], texts: Collection[str]
) -> Dict[str, Any]:
    """The schema that was found, with ids, labels and `texts` as texts: what they are is decided elsewhere, not by a
    look."""
    schema: Dict[str, Any] = report["schema"]
    names = [field["name"] for field in schema["fields"]]
    missing = [
        "%s has no column %s; there are: %s" % (path, shown(name), ", ".join(names))
        for name in roles
        if name not in names
    ]
    if missing:
        raise Unusable(missing)
    for field in schema["fields"]:
        name, kept = field["name"], {
            name: field[name] for name in ("name", "title", "description", "role") if name in field
        }
        role, unique = roles.get(name, (field.get("role", "feature"), False))
        if role != "feature" or name in roles:
            kept.update(role=role, constraints={"required": True, **({"unique": True} if unique else {})})
        elif name not in texts:
            continue
        field.clear()
        field.update(kept, type="string")
    return schema


def _usable(report: Dict[str, Any], path: str) -> None:
    if report["usable"]:
        return
    lines = []
    for problem in report["problems"]:
        where = ", ".join(
            part
            for part in (
                "line %d" % problem["line"] if problem.get("line") else "",
                "row %d" % problem["row"] if problem.get("row") else "",
                "column %s" % problem["column"] if problem.get("column") else "",
            )
            if part
        )
        text = ", found %s" % shown(problem["found"]) if problem.get("found") else ""
        lines.append("%s: %s%s%s" % (path, where + ": " if where else "", problem["what"], text))
    more = report["problem_count"] - len(report["problems"])
    raise Unusable(lines + (["%s: and %d more problems" % (path, more)] if more > 0 else []))


def read(
    path: str, ids: Sequence[str], label: Optional[str] = None, duplicates: str = "refuse", texts: Collection[str] = ()
) -> tables.Table:
    """A CSV file or a table file as its owner has it, with its ids and label found by name; raises Unusable with every
    problem.

    Columns named in `texts` are text, also where they look like numbers.
    """
    found = tables.check_table(path, problems_max=_PROBLEMS_MAX)
    if not found["schema"]["fields"]:
        _usable(found, path)
    roles = {name: ("id", len(ids) == 1 and duplicates == "refuse") for name in ids}
    if label is not None:
        roles[label] = ("label", False)
    schema = json.dumps(_with_roles(found, path, roles, texts))
    _usable(tables.check_table(path, schema, problems_max=_PROBLEMS_MAX), path)
    for decided in found["decided"]:
        note("%s: %s" % (path, decided))
    table = tables.Table.read(path, schema)
    note("%s: %d rows, %d columns" % (path, table.rows, table.cols))
    return table


def read_numbers(path: str) -> mpc.Matrix:
    """A file of numbers alone, with names or without; raises Unusable with every cell that is none."""
    found = tables.check_table(path, problems_max=_PROBLEMS_MAX)
    if not found["schema"]["fields"]:  # whole numbers over whole numbers may be names: here they are data
        found = tables.check_table(path, problems_max=_PROBLEMS_MAX, header=False)
    schema = found["schema"]
    if not schema["fields"]:
        _usable(found, path)
    for field in schema["fields"]:
        if field.get("role") != "ignore":
            kept = {name: field[name] for name in ("name", "decimalChar", "groupChar") if name in field}
            field.clear()
            field.update(kept, type="number", constraints={"required": True})
    _usable(tables.check_table(path, json.dumps(schema), problems_max=_PROBLEMS_MAX), path)
    for decided in found["decided"]:
        note("%s: %s" % (path, decided))
    names = [field["name"] for field in schema["fields"] if field.get("role") != "ignore"]
    return tables.Table.read(path, json.dumps(schema)).select(names).to_matrix()


def labels_of(table: tables.Table, column: str, bad: Any) -> List[List[float]]:
    """1 where the column is `bad`; it has to have two values."""
    cells = table.column(column)
    word = bad if isinstance(bad, str) else json.dumps(bad)
    values = sorted({cell for cell in cells if cell is not None})
    if len(values) != 2 or word not in values:
        more = "" if len(values) <= 10 else " and %d more" % (len(values) - 10)
        raise Unusable(
            [
                "the label %s must have two values, one of them %s (bad); found %s%s"
                % (shown(column), shown(word), ", ".join(shown(value) for value in values[:10]) or "none", more)
            ]
        )
    return [[1.0 if cell == word else 0.0] for cell in cells]


def id_texts(table: tables.Table, columns: Sequence[str]) -> List[str]:
    """A text for each row; of several columns they are joined by U+001F."""
    parts = [table.column(name) for name in columns]
    return ["\x1f".join(cell or "" for cell in row) for row in zip(*parts)]


def rows_that_test(split: Any, rows: int) -> int:
    """How many of the rows test, where a share or a number of rows trains."""
    share = Fraction(str(split))
    return rows - min(int(share), rows) if share >= 1 else int(rows * (1 - share))


def _from_then_on(table: tables.Table, column: str, start: Any) -> List[bool]:
    kind = next(field["type"] for field in table.schema.fields if field["name"] == column)
    cells = table.column(column)
    if None in cells:
        raise Unusable(
            ["the column %s, by which rows are split, is missing in row %d" % (shown(column), cells.index(None))]
        )
    if kind in ("integer", "number"):
        try:
            return [float(cell or 0) >= float(start) for cell in cells]
        except (TypeError, ValueError):
            raise Unusable(
                ["split.from must be a number as the column %s has, found %s" % (shown(column), shown(start))]
            ) from None
    if kind in ("date", "datetime"):
        return [(cell or "")[: len(str(start))] >= str(start) for cell in cells]
    raise Unusable(
        ["the column %s, by which rows are split, must hold dates or numbers, found %s" % (shown(column), kind)]
    )


def test_marks(table: tables.Table, ids: Sequence[str], split: Any) -> Optional[bytes]:
    """A byte 1 for each row that tests, 0 for one that trains; None where another table has to say.

    Of a share or a number, those test that come first in the order of SHA-256 of the id, as it stands in this table:
    anybody who has the ids can repeat that, and it does not depend on the order of rows.
    """
    if isinstance(split, tuple):
        column, start = split
        return bytes(_from_then_on(table, column, start)) if column in table.names else None
    digests = [hashlib.sha256(text.encode()).digest() for text in id_texts(table, ids)]
    marks = bytearray(len(digests))
    for row in sorted(range(len(digests)), key=digests.__getitem__)[: rows_that_test(split, len(digests))]:
        marks[row] = 1
    return bytes(marks)


def packed(marks: bytes) -> bytes:
    """A bit for each mark, the lowest of a byte first."""
    out = bytearray((len(marks) + 7) // 8)
    for place, mark in enumerate(marks):
        out[place // 8] |= mark << place % 8
    return bytes(out)


def unpacked(bits: bytes, count: int, party: int) -> bytes:
    """What `packed` took, as `party` sent it."""
    if len(bits) != (count + 7) // 8:
        raise errors.PeerFailure(
            "party %d sent %d bytes; expected marks of %d rows" % (party, len(bits), count), code=party
        )
    return bytes(bits[place // 8] >> place % 8 & 1 for place in range(count))


def announced_names(said: bytes, count: int, party: int) -> List[str]:
    """So many names of columns, as another party said them in JSON."""
    try:
        names = json.loads(said[: count * _NAME_BYTES_MAX + 2])
    except (ValueError, RecursionError):
        names = None
    fits = (
        isinstance(names, list)
        and len(names) == count
        and all(isinstance(name, str) and len(name) <= 256 for name in names)
    )
    if not fits:
        raise errors.PeerFailure(
            "party %d announced %s; expected the names of %d columns" % (party, errors.shown(said), count), code=party
        )
    return list(names)


def announced_sizes(said: bytes, total: int, party: int) -> List[int]:
    """Whole numbers from 1 on whose sum is `total`, as another party said them in JSON."""
    try:
        sizes = json.loads(said[: total * (len(str(total)) + 2) + 2])
    except (ValueError, RecursionError):
        sizes = None
    if not isinstance(sizes, list) or not all(type(size) is int and size > 0 for size in sizes) or sum(sizes) != total:
        raise errors.PeerFailure(
            "party %d announced %s; expected how many of its %d columns each characteristic has"
            % (party, errors.shown(said), total),
            code=party,
        )
    return sizes


def columns_of(matrix: mpc.Matrix) -> List[Any]:
    """Each column's numbers, without a copy."""
    values = memoryview(matrix.__array_interface__["data"]).cast("B").cast("d")
    return [values[place :: matrix.shape[1]] for place in range(matrix.shape[1])]


class Prepared:
    """An owner's rows as a model takes them: a rule fitted on those that train, applied to both parts."""

    def __init__(self, table: tables.Table, train: Sequence[int], test: Optional[Sequence[int]] = None) -> None:
        training = table.take(train)
        self.rule = tables.PreprocessingRule.fit(training)
        self.train = self.rule.apply(training)
        self.test = self.train if test is None else self.rule.apply(table.take(test))
        for column in self.rule.columns:
            if column["as"] == "drop":
                note("column %s is left out: %s" % (column["name"], column.get("why", "")))
        for surprise in self.test.surprises:
            note("rows that test: %s" % json.dumps(surprise, ensure_ascii=False))
        if not self.columns:
            note("no column is left")

    @property
    def columns(self) -> int:
        """How many columns there are after preparation."""
        return self.train.shape[1]

    def means(self) -> List[float]:
        """Of each column, over the rows that train."""
        with self.train.to_matrix() as numbers:
            return [math.fsum(column) / len(column) for column in columns_of(numbers)]
