"""Arguments of an operator, checked before any data are read: every problem at once, each with the argument's name."""

from __future__ import annotations

import json
import math

#: The name that type checkers know; `typing` itself would make operators start later.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Collection, Dict, List, Optional, Tuple

_NOTHING = object()


class BadArguments(Exception):
    """The arguments cannot be meant; one line for each problem."""


def shown(value: Any) -> str:
    """A value as the arguments spell it, cut."""
    return json.dumps(value, ensure_ascii=False)[:80]


class Arguments:
    """An object of arguments: each is asked for once, and what nobody asked for is a problem, too."""

    def __init__(self, values: Any, inside: str = "", problems: Optional[List[str]] = None) -> None:
        self.problems: List[str] = [] if problems is None else problems
        self._inside = inside
        if not isinstance(values, dict):
            self.problems.append("%s must be an object, found %s" % (inside or "arguments", shown(values)))
            values = {}
        self._values: Dict[str, Any] = dict(values)

    def refuse(self, name: str, expected: str, value: Any = _NOTHING) -> None:
        """Notes that an argument is not what was expected."""
        found = "" if value is _NOTHING else ", found %s" % shown(value)
        self.problems.append("%s%s must be %s%s" % (self._inside and self._inside + ".", name, expected, found))

    def take(self, name: str, default: Any = _NOTHING, expected: str = "given") -> Any:
        """The value of an argument; without a default it has to be there."""
        if name in self._values:
            return self._values.pop(name)
        if default is _NOTHING:
            self.refuse(name, expected)
            return None
        return default

    def number(self, name: str, least: float, most: float, default: Any = _NOTHING, whole: bool = False) -> Any:
        """A number from `least` to `most`; neither a text nor a truth."""
        kind = "a whole number" if whole else "a number"
        expected = "%s from %s to %s" % (kind, least, most)
        value = self.take(name, default, expected)
        if value is None or value is default:
            return value
        fits = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
        if not fits or (whole and value != int(value)) or not least <= value <= most:
            self.refuse(name, expected, value)
            return None
        return int(value) if whole else float(value)

    def text(self, name: str, default: Any = _NOTHING, one_of: Optional[Collection[str]] = None) -> Any:
        """A text that is not empty."""
        expected = "one of %s" % ", ".join(one_of) if one_of else "a text"
        value = self.take(name, default, expected)
        if value is None or value is default:
            return value
        if not isinstance(value, str) or not value or (one_of and value not in one_of):
            self.refuse(name, expected, value)
            return None
        return value

    def inner(self, name: str) -> Arguments:
        """An object within; nothing in it where it is not given."""
        inside = (self._inside + "." if self._inside else "") + name
        return Arguments(self.take(name, {}), inside, self.problems)

    def end(self) -> None:
        """Notes what nobody asked for."""
        for name in sorted(self._values):
            self.problems.append("%s%s is no argument of this operator" % (self._inside and self._inside + ".", name))

    def check(self) -> None:
        """Raises BadArguments with all problems, if there are any."""
        if self.problems:
            raise BadArguments("\n".join(self.problems))


class Task:
    """The arguments of a shipped operator, once all of them can be meant: what all have, and in `model_args` those of
    its own."""

    def __init__(self, given: Any) -> None:
        top = Arguments(given)
        top.take("party_id", None)
        top.take("exec_endpoints", None)
        top.take("results_to", None)  # whom the provider encrypts results to
        #: The tables, by the number of the party that has one.
        self.inputs = input_slots(top)
        #: The one party that is told, and its file.
        self.output_to, self.output_path = output_of(top)
        model = top.inner("model_args")
        self.own(top, model)
        model.end()
        top.end()
        top.check()

    def own(self, top: Arguments, model: Arguments) -> None:
        """Takes this operator's arguments from `model_args`; what it has to say of the others goes to `top`."""


def id_columns(arguments: Arguments, slots: Collection[int]) -> Dict[int, List[str]]:
    """`id`: one column or several, the same in all tables, or {"0": …, "1": …}: by slot."""
    expected = 'a column, a list of columns, or {"0": …, "1": …} where the tables call them differently'
    value = arguments.take("id", expected=expected)
    by_slot = value if isinstance(value, dict) else {str(slot): value for slot in slots}
    columns = {}
    for slot in slots:
        names = by_slot.get(str(slot))
        names = [names] if isinstance(names, str) else names
        if not isinstance(names, list) or not names or not all(isinstance(name, str) and name for name in names):
            if value is not None:
                arguments.refuse("id", expected, value)
            return {}
        columns[slot] = names
    if len({len(names) for names in columns.values()}) > 1:
        arguments.refuse("id", "equally many columns of each table", value)
    return columns


def split_of(arguments: Arguments) -> Any:
    """`split`: a share that trains, a number of rows, or ("opened", "2024-01-01"): what is from then on tests."""
    expected = 'rows that train, a share between 0 and 1, or {"column": …, "from": …}'
    value = arguments.take("split", 0.8)
    if isinstance(value, dict):
        column, start = value.get("column"), value.get("from")
        if (
            set(value) != {"column", "from"}
            or not isinstance(column, str)
            or isinstance(start, (bool, dict, list, type(None)))
        ):
            arguments.refuse("split", expected, value)
        return column, start
    fits = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if not fits or value <= 0 or (value > 1 and value != int(value)) or value == 1:
        arguments.refuse("split", expected, value)
    return value


def output_of(arguments: Arguments) -> Tuple[int, str]:
    """`outputs`: the one party that is told, and its file."""
    value = arguments.take("outputs", expected='{"0": "./outputs/NAME"}')
    if isinstance(value, dict) and len(value) == 1:
        ((party, path),) = value.items()
        if party in ("0", "1", "2") and isinstance(path, str):
            return int(party), path
    if value is not None:
        arguments.refuse("outputs", 'one party and its file, {"0": "./outputs/NAME"}', value)
    return 0, ""


def input_slots(arguments: Arguments) -> Dict[int, str]:
    """`inputs`: by slot, which is the number of the party that has the table."""
    expected = '{"0": "./inputs/NAME"}, and "1" likewise'
    value = arguments.take("inputs", expected=expected)
    if (
        isinstance(value, dict)
        and set(value) in ({"0"}, {"0", "1"})
        and all(isinstance(path, str) for path in value.values())
    ):
        return {int(slot): path for slot, path in sorted(value.items())}
    if value is not None:
        arguments.refuse("inputs", expected, value)
    return {}
