"""What work costs before it begins."""

from __future__ import annotations

from .. import _text

TYPE_CHECKING = False  # the name that type checkers know
if TYPE_CHECKING:
    from ._types import Cost


def cost(
    work: str,
    rows: int,
    columns: int = 0,
    *,
    bins: int = 10,
    steps: int = 8,
    batch_size: int = 256,
    round_trip_ms: float = 0.2,
    megabits: float = 1000,
) -> Cost:
    """What work costs before it begins. `work` is a name of the table in docs/mpc/costs.md, such as "fit"; another is
    refused with all their names. The wires between the parties have this round trip and width. Bytes are within a
    fifth, time and memory within a factor of two.
    """
    found: Cost = _text.call_json(
        "c2d_mpc_cost", _text.encode(work), rows, columns, bins, steps, batch_size, round_trip_ms, megabits
    )
    return found
