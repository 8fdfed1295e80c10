"""Operators that ship with c2d, and what they are made of: docs/operators.md.

Each is a folder here: `operator.py` is the program that an administrator publishes, `op_attr.json` and `params.json`
describe it, `terms.json` are an owner's terms to start from. Who uses one writes an attribute file and no program.

    python3 -m c2d.operators logistic              where its files are
    python3 -m c2d.operators logistic terms.json   one of them, as text
"""

from __future__ import annotations

import os

#: The name that type checkers know; `typing` itself would make operators start later.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List

_FOLDER = os.path.dirname(os.path.abspath(__file__))
_PROGRAM = "operator.py"


def names() -> List[str]:
    """The operators that are shipped."""
    return sorted(entry.name for entry in os.scandir(_FOLDER) if os.path.exists(os.path.join(entry.path, _PROGRAM)))


def folder(name: str) -> str:
    """Where the files of an operator are."""
    if name not in names():
        raise LookupError("no operator %r is shipped; there are: %s" % (name, ", ".join(names())))
    return os.path.join(_FOLDER, name)
