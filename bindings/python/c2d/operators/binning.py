"""Columns in bins within an operator: which bins, in which each row is, and which columns are worth it."""

from __future__ import annotations

import json
from collections import Counter

from .. import errors, mpc, table as tables
from .arguments import Arguments, shown
from .run import Unusable, note
from .tables import columns_of

#: The name that type checkers know; `typing` itself would make operators start later.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence, Tuple

#: What `Session.bin_counts` takes of a column.
BINS_MAX = 62
#: Texts have bins of their own from this share of the rows on, so that there are no more of them than bins.
_TEXT_SHARE = 50
#: An information value is a multiple of this.
_VALUE_UNIT = 2.0**-10


def _numbers_by_column(arguments: Arguments, name: str) -> Dict[str, List[float]]:
    """{"COLUMN": [ascending numbers]}."""
    value = arguments.take(name, {})
    expected = '{"COLUMN": [numbers that ascend]}'
    if not isinstance(value, dict):
        arguments.refuse(name, expected, value)
        return {}
    for column, numbers in value.items():
        plain = (
            isinstance(numbers, list)
            and numbers
            and all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in numbers)
        )
        if not plain or len(numbers) > BINS_MAX - 2 or any(low >= high for low, high in zip(numbers, numbers[1:])):
            arguments.refuse("%s.%s" % (name, column), "up to %d numbers that ascend" % (BINS_MAX - 2), numbers)
            return {}
    return value


def bins_of(arguments: Arguments) -> Dict[str, Any]:
    """`bins`: how many of a column of numbers, how many rows each has at least; edges and special values by column."""
    bins = arguments.inner("bins")
    found = {
        "count": bins.number("count", 2, 40, 10, whole=True),
        "rows_min": bins.number("rows_min", 1, 10**6, 30, whole=True),
        "edges": _numbers_by_column(bins, "edges"),
        "special": _numbers_by_column(bins, "special"),
        "monotone": bins.take("monotone", []),
        "merge": bins.take("merge", {}),
    }
    if not isinstance(found["monotone"], list) or not all(isinstance(name, str) for name in found["monotone"]):
        bins.refuse("monotone", "a list of columns", found["monotone"])
    merge = found["merge"]
    if not isinstance(merge, dict) or not all(
        type(least) in (int, float) and 0 < least < 1e6 for least in merge.values()
    ):
        bins.refuse("merge", '{"COLUMN": the chi-square below which neighbours are joined}', merge)
    bins.end()
    return found


def plan_of(table: tables.Table, options: Dict[str, Any]) -> List[Dict[str, Any]]:
    """The default plan, with bins in the place of numbers and of one-hot columns."""
    rows_min = max(options["rows_min"], -(-table.rows // _TEXT_SHARE))
    plan: List[Dict[str, Any]] = []
    for column in tables.PreprocessingRule.default_plan(table.schema):
        name, kind = column["name"], column["as"]
        if kind == "number":
            column = {"name": name, "as": "bins", "numbered": True, "rows_min": options["rows_min"]}
            column.update({"edges": options["edges"][name]} if name in options["edges"] else {"bins": options["count"]})
            if name in options["special"]:
                column["special"] = options["special"][name]
        elif kind == "one_hot":
            column = {"name": name, "as": "one_hot", "numbered": True, "rows_min": rows_min, "values_max": 10000}
        plan.append(column)
    return plan


def names_of(column: Dict[str, Any]) -> List[str]:
    """What each bin of a column of a rule holds."""
    if column["as"] == "one_hot":
        names = [shown(value) for value in column["values"]]
    else:
        names = (
            ["to %.6g" % edge for edge in column["edges"]]
            + ["above"]
            + ["is %.6g" % value for value in column.get("special", ())]
        )
    return names + ["others"] * bool(column.get("other")) + ["missing"] * bool(column.get("missing"))


def count_of(column: Dict[str, Any]) -> int:
    """How many bins a column of a rule has."""
    return len(names_of(column))


# -- intervals that are joined by what labels say of them, which only the labels' owner can do


def _chi_square(a: Sequence[float], b: Sequence[float]) -> float:
    """How much the shares of ones of two intervals differ; each is (ones, zeros)."""
    out = 0.0
    rows = sum(a) + sum(b)
    for kind in (0, 1):
        for own in (a, b):
            expected = (a[kind] + b[kind]) * sum(own) / rows
            out += (own[kind] - expected) ** 2 / expected if expected else 0.0
    return out


def _joined_below(intervals: List[List[Any]], least: float) -> None:
    """Joins the two neighbours that differ least until all differ by at least so much; each is [ones, zeros, upper
    end]."""
    while len(intervals) > 2:
        differences = [_chi_square(low[:2], high[:2]) for low, high in zip(intervals, intervals[1:])]
        place = min(range(len(differences)), key=differences.__getitem__)
        if differences[place] >= least:
            return
        _join(intervals, place)


def _join(intervals: List[List[Any]], place: int) -> None:
    low, high = intervals[place : place + 2]
    intervals[place : place + 2] = [[low[0] + high[0], low[1] + high[1], high[2]]]


def _made_monotone(intervals: List[List[Any]]) -> None:
    """Joins neighbours against the column's direction, by pooling violators that stand beside each other."""
    share = [one[0] / (one[0] + one[1]) for one in intervals]
    rows = [one[0] + one[1] for one in intervals]
    middle = sum(place * count for place, count in enumerate(rows)) / sum(rows)
    rises = sum(count * (place - middle) * own for place, (count, own) in enumerate(zip(rows, share))) >= 0
    place = 0
    while place + 1 < len(intervals):
        low, high = (one[0] / (one[0] + one[1]) for one in intervals[place : place + 2])
        if low == high or (low < high) == rises:
            place += 1
        else:
            _join(intervals, place)
            place = max(place - 1, 0)


def _by_labels(
    rule: tables.PreprocessingRule, training: tables.Table, labels: Sequence[float], options: Dict[str, Any]
) -> tables.PreprocessingRule:
    """The rule with the intervals of the columns that are named joined."""
    columns = rule.columns
    kept = [column for column in columns if column["as"] != "drop"]
    numbers = rule.apply(training).to_matrix()
    for place, column in enumerate(kept):
        named = column["name"] in options["monotone"] or column["name"] in options["merge"]
        if not named or column["as"] != "bins":
            continue
        intervals = [[0, 0, end] for end in column["edges"] + [None]]
        for row, label in zip(numbers, labels):
            if row[place] < len(intervals):
                intervals[int(row[place])][0 if label else 1] += 1
        intervals = [one for one in intervals[:-1] if one[0] + one[1]] + intervals[-1:]
        if column["name"] in options["merge"]:
            _joined_below(intervals, options["merge"][column["name"]])
        if column["name"] in options["monotone"]:
            _made_monotone(intervals)
        column["edges"] = [one[2] for one in intervals[:-1]]
        if not column["edges"]:
            dropped = {
                "name": column["name"],
                "type": column["type"],
                "as": "drop",
                "why": "its bins were joined to one",
            }
            column.clear()
            column.update(dropped)
    return tables.PreprocessingRule.parse({"columns": columns, "version": 1})


class Binned:
    """An owner's rows as numbers of bins: a rule fitted on those that train, applied to both parts.

    `labels` of the rows that train, at who has them: bins are joined by these.
    """

    def __init__(
        self,
        table: tables.Table,
        train: Sequence[int],
        test: Sequence[int],
        options: Dict[str, Any],
        labels: Optional[Sequence[float]] = None,
    ) -> None:
        training = table.take(train)
        self.rule = tables.PreprocessingRule.fit(training, plan_of(training, options))
        by_labels = [name for name in table.names if name in options["monotone"] or name in options["merge"]]
        if by_labels and labels is None:
            raise errors.Unsupported(
                "unsupported: bins.monotone and bins.merge of %s: they need the labels, which are another "
                "party's" % ", ".join(map(shown, by_labels))
            )
        if by_labels:
            self.rule = _by_labels(self.rule, training, labels, options)
        self._parts = {"train": training, "test": table.take(test)}
        for column in self.rule.columns:
            if column["as"] == "drop":
                note("column %s is left out: %s" % (column["name"], column.get("why", "")))
        for surprise in self.rule.apply(self._parts["test"]).surprises:
            note("rows that test: %s" % json.dumps(surprise, ensure_ascii=False))
        self.kept = [column for column in self.rule.columns if column["as"] != "drop"]
        large = [
            "column %s has %d bins, of at most %d" % (shown(one["name"]), count_of(one), BINS_MAX)
            for one in self.kept
            if count_of(one) > BINS_MAX
        ]
        if large:
            raise Unusable(large)

    @property
    def columns(self) -> int:
        """How many columns there are in bins."""
        return len(self.kept)

    @property
    def bins(self) -> int:
        """How many the column has that has most."""
        return max([count_of(column) for column in self.kept], default=0)

    def rule_of(self, chosen: Sequence[int]) -> Dict[str, Any]:
        """The rule for these columns alone."""
        return {**json.loads(self.rule.to_json()), "columns": [self.kept[place] for place in chosen]}

    def table_of(self, chosen: Sequence[int], numbers: mpc.Matrix, ones: mpc.Matrix) -> List[str]:
        """A line for each bin of these columns: its rows, and of them those of label 1 as they were opened."""
        lines, opened = [], ones.to_rows()
        counts: List[Dict[float, int]] = [{} for _ in chosen]
        for row in numbers:
            for own, number in zip(counts, row):
                own[number] = own.get(number, 0) + 1
        for at, place in enumerate(chosen):
            for number, name in enumerate(names_of(self.kept[place])):
                lines.append(
                    "column %s, %s: %d rows, %d bad (rounded to 5)"
                    % (self.kept[place]["name"], name, counts[at].get(number, 0), opened[number][at])
                )
        return lines

    def shares(self, chosen: Sequence[int]) -> List[List[float]]:
        """Of these columns the share of the rows that train in each bin."""
        with self.numbers("train", chosen) as numbers:
            counts = [Counter(column) for column in columns_of(numbers)]
            rows = len(numbers)
        return [
            [counts[at][number] / rows for number in range(count_of(self.kept[place]))]
            for at, place in enumerate(chosen)
        ]

    def numbers(self, part: str, chosen: Sequence[int], rows: Optional[Sequence[int]] = None) -> mpc.Matrix:
        """In which bin of these columns each row is; `part` is train or test, and `rows` some of it."""
        table = self._parts[part] if rows is None else self._parts[part].take(rows)
        return tables.PreprocessingRule.parse(self.rule_of(chosen)).apply(table).to_matrix()


def announced_sizes(session: mpc.Session, owner: int, own: Optional[Binned], chosen: Sequence[int]) -> List[int]:
    """How many bins each of the owner's columns has, as it says; all learn that."""
    mine = bytes(count_of(own.kept[place]) for place in chosen) if own and session.party == owner else b""
    said = session.exchange(mine)[owner]
    if len(said) != len(chosen) or any(not 2 <= size <= BINS_MAX for size in said):
        raise errors.PeerFailure(
            "party %d announced %s; expected the number of bins of %d columns"
            % (owner, errors.shown(said), len(chosen)),
            code=owner,
        )
    return list(said)


def within(sizes: Sequence[int], most: int) -> List[int]:
    """As many of the first sizes as may be, if each takes the place of the largest."""
    count = len(sizes)
    while count and count * max(sizes[:count]) > most:
        count -= 1
    return list(sizes[:count])


# -- which columns are worth it; what is opened is each decision


def _opened(session: mpc.Session, bits: mpc.Tensor) -> List[int]:
    """The places of a row of bits at which there is a 1, for all."""
    with session.reveal(bits, to=range(mpc.PARTIES)) as found:  # type: ignore[union-attr]
        return [place for place, bit in enumerate(found.to_rows()[0]) if bit]


def _repeated(session: mpc.Session, row: mpc.Tensor) -> Tuple[mpc.Tensor, mpc.Tensor]:
    """Of a row: its element of each row, and of each column."""
    count = row.shape[1]
    return session.repeat(row.T, count, count), session.repeat(row, count, count)


def _triangle(session: mpc.Session, count: int, above: float, else_: float = 0.0) -> mpc.Tensor:
    return session.constant([[above if row < column else else_ for column in range(count)] for row in range(count)])


def worthy(session: mpc.Session, values: mpc.Tensor, iv_min: float) -> List[int]:
    """The columns whose information value is at least `iv_min`."""
    below = _opened(session, values < session.constant([[float(iv_min)] * values.shape[1]]))
    return [place for place in range(values.shape[1]) if place not in below]


def uncorrelated(session: mpc.Session, correlations: mpc.Tensor, values: mpc.Tensor, most: float) -> List[int]:
    """Columns by descending information value, each unless it correlates by more than `most` with one that was taken.

    Opened is, in rounds, of each column that is not decided whether a better one stands against it that is not decided
    either, and then whether it correlates with one that was taken.
    """
    count = values.shape[1]
    of_row, of_column = _repeated(session, values)
    better = of_column < of_row + _triangle(session, count, _VALUE_UNIT / 2)
    bound = session.constant([[float(most)] * count] * count)
    against = ((bound < correlations) + (bound < -correlations)) * better
    against = against * session.constant([[float(row != column) for column in range(count)] for row in range(count)])
    half = 0.5
    taken: List[int] = []
    left = list(range(count))
    while left:
        stopped = {
            left[place]
            for place in _opened(session, session.constant([[half] * len(left)]) < against[left, left].sum(axis=0))
        }
        new = [place for place in left if place not in stopped]
        taken += new
        left = [place for place in left if place in stopped]
        if left:
            out = {
                left[place]
                for place in _opened(session, session.constant([[half] * len(left)]) < against[new, left].sum(axis=0))
            }
            left = [place for place in left if place not in out]
    return sorted(taken)


def not_inflated(session: mpc.Session, correlations: mpc.Tensor, most: float) -> List[int]:
    """Columns without those that the others explain: while a variance inflation is above `most`, the largest one's
    leaves.

    Opened is, each time, which one leaves, or that none does.
    """
    kept = list(range(correlations.shape[1]))
    while len(kept) > 1:
        count = len(kept)
        inflation = session.variance_inflation(correlations[kept, kept])
        of_row, of_column = _repeated(session, inflation)
        wins = (of_column < of_row + _triangle(session, count, 2.0**-12)).sum(axis=1).T
        first = session.constant([[count - 1.5] * count]) < wins
        leaves = _opened(session, first * (session.constant([[float(most)] * count]) < inflation))
        if not leaves:
            break
        kept = [one for place, one in enumerate(kept) if place not in leaves]
    return kept
