"""How an operator starts and ends: its arguments, its session, and what its exit status says."""

from __future__ import annotations

import json
import os
import sys

from .. import errors, mpc
from .arguments import BadArguments

#: The name that type checkers know; `typing` itself would make operators start later.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple, TypeVar

    from .. import table as tables

    Found = TypeVar("Found")

#: Exit statuses that a provider knows by name: docs/errors.md, outcomes of a run.
INPUT_UNUSABLE, DOMAIN, LIMIT = 65, 33, 12


class Unusable(Exception):
    """A party's own input cannot be used: what its owner is told, a line for each problem. Nobody else is."""

    def __init__(self, problems: List[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class OtherUnusable(Exception):
    """Another party's input cannot be used; why is told to its owner alone."""


def note(line: str) -> None:
    """A line for the log of this party's owner."""
    print(line, file=sys.stderr, flush=True)


def note_rule(session: mpc.Session, rule: Optional[tables.PreprocessingRule]) -> None:
    """Has the digest of the rule that own columns are prepared with stand in the run's receipt; a party without columns
    has none."""
    if rule is not None:
        session.note_rule(rule)


def agreed(session: mpc.Session, step: Callable[[], Found]) -> Found:
    """What `step` makes of this party's own data, once all parties say that theirs are usable.

    Where one's are not, all end: it with its problems, the others with its number alone.
    """
    found, problem = None, None
    try:
        found = step()
    except Unusable as own:
        problem = own
    except errors.Error as own:
        problem = Unusable([str(own)])
    said = session.exchange(b"usable" if problem is None else b"unusable")
    if problem is not None:
        raise problem
    for party, word in enumerate(said):
        if word != b"usable":
            raise OtherUnusable("the input of party %d is not usable" % party)
    return found  # type: ignore[return-value]


def announced_numbers(session: mpc.Session, own: int, most: int) -> List[int]:
    """A number that each party says of itself, by party. Whoever says anything else than one from 0 to `most` is
    named."""
    numbers = []
    for party, said in enumerate(session.exchange(b"%d" % own)):
        # Looked at before it is read: another party may send anything.
        if not said.isdigit() or len(said) > len(str(most)) or int(said) > most:
            raise errors.PeerFailure(
                "party %d announced %s; expected a whole number from 0 to %d" % (party, errors.shown(said), most),
                code=party,
            )
        numbers.append(int(said))
    return numbers


#: As the sandbox bounds address space: twice the memory of a run, and this.
_ADDRESSES_BESIDE = 1 << 30
_MEGABYTE = 10**6


def memory_bound() -> int:
    """Bytes that this run may have: what its sandbox leaves it, or the machine's memory."""
    import resource

    addresses = resource.getrlimit(resource.RLIMIT_AS)[0]
    if addresses != resource.RLIM_INFINITY:
        return max(addresses - _ADDRESSES_BESIDE, 0) // 2
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def tell_cost(session: mpc.Session, works: Sequence[Tuple[str, Dict[str, int]]], times: Sequence[int] = ()) -> None:
    """Says in the log what this work costs, and ends as `limit` everywhere where a party has not the memory for it.

    Each is a name and sizes as `mpc.cost` takes them, one after the other; `times`, how often each of the first is
    done.
    """
    repeated = list(times) + [1] * (len(works) - len(times))
    near, far = (
        [(count, mpc.cost(work, **sizes, **wires)) for (work, sizes), count in zip(works, repeated)]  # type: ignore[arg-type]
        for wires in ({}, {"round_trip_ms": 40, "megabits": 100})
    )
    seconds = [_duration(sum(count * part["seconds"] for count, part in parts)) for parts in (near, far)]
    megabytes = [
        sum(count * part["bytes_sent"][party] for count, part in near) / _MEGABYTE for party in range(mpc.PARTIES)
    ]
    memory = max(part["memory_bytes"] for _, part in near)
    note(
        "this takes about %s in one place, %s over 20 ms and 100 Mbit/s; the parties send %s MB and need up to %.0f MB of memory"
        % (seconds[0], seconds[1], ", ".join("%.0f" % one for one in megabytes), memory / _MEGABYTE)
    )
    bounds = announced_numbers(session, memory_bound() // _MEGABYTE, 2**40)
    least = min(bounds)
    if memory > least * _MEGABYTE:
        raise errors.LimitReached(
            "limit: this needs up to %.0f MB of memory, and party %d has %d MB for a run (memory_mb): "
            "take fewer rows or columns" % (memory / _MEGABYTE, bounds.index(least), least)
        )


def _duration(seconds: float) -> str:
    return "%.0f s" % seconds if seconds < 100 else "%.0f min" % (seconds / 60)


def status_of(problem: BaseException) -> int:
    """The exit status that tells a provider why an operator ended."""
    if isinstance(problem, (Unusable, OtherUnusable)) or getattr(problem, "name", "") == "input_unusable":
        return INPUT_UNUSABLE
    if isinstance(problem, errors.DomainViolation):
        return DOMAIN
    if isinstance(problem, errors.LimitReached):
        return LIMIT
    return 2 if isinstance(problem, BadArguments) else 1


def main(check: Callable[[Dict[str, Any]], Any], program: Callable[[mpc.Session, Any], Any]) -> int:
    """Runs `program(session, check(arguments))` as a provider starts an operator; returns the exit status.

    `check` reads the arguments before any data are, and before the others are spoken to.
    """
    try:
        with open(os.environ["C2D_ARGS"], encoding="utf-8") as file:
            arguments = check(json.load(file))
        with mpc.Session.from_environment() as session:
            program(session, arguments)
            note("done: %s" % session.stats)
    except (BadArguments, Unusable, OtherUnusable, errors.Error) as problem:
        for line in str(problem).splitlines():
            note("error: %s" % line)
        return status_of(problem)
    return 0
