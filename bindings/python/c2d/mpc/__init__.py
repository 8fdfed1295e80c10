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

from ._calls import PARTIES
from ._learning import Regression
from ._matrix import Matrix
from ._session import Session
from ._tensor import Tensor

TYPE_CHECKING = False  # the name that type checkers know
if TYPE_CHECKING:  # `as` says that the name is ours to give on
    from typing import Any, List

    from ._align import Alignment as Alignment, Joined as Joined, align_pair as align_pair
    from ._cost import cost as cost
    from ._run_local import PartyFailed as PartyFailed, run_local as run_local
    from ._types import (
        ColumnStatistics as ColumnStatistics,
        Cost as Cost,
        Numbers as Numbers,
        OpeningRules as OpeningRules,
        Operand as Operand,
        RegressionStatistics as RegressionStatistics,
        Stats as Stats,
    )

#: Names by their module, which is loaded when one is first asked for, so that operators start fast.
_ON_DEMAND = {
    "Alignment": "_align",
    "Joined": "_align",
    "align_pair": "_align",
    "PartyFailed": "_run_local",
    "run_local": "_run_local",
    "cost": "_cost",
}

#: What annotations are written with, for programs that look at theirs when they run.
_TYPES = dict.fromkeys(
    ("ColumnStatistics", "Cost", "Numbers", "OpeningRules", "Operand", "RegressionStatistics", "Stats"), "_types"
)

__all__ = ["Matrix", "PARTIES", "Regression", "Session", "Tensor", *_ON_DEMAND]


def __getattr__(name: str) -> Any:
    module = _ON_DEMAND.get(name) or _TYPES.get(name)
    if module is None:
        raise AttributeError("module 'c2d.mpc' has no attribute %r" % name)
    import importlib

    value = getattr(importlib.import_module("." + module, __name__), name)
    globals()[name] = value
    return value


def __dir__() -> List[str]:
    return sorted({*globals(), *_ON_DEMAND, *_TYPES})
