"""Which rows of two tables are the same customer."""

from __future__ import annotations

import ctypes

from .._ffi import call_out
from ._calls import Calls

TYPE_CHECKING = False  # the name that type checkers know
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, List, Optional, Sequence

    from ._align import Alignment, Joined
    from ._tensor import Tensor


class Matching(Calls):
    """Of a session: aligning and joining tables by ids."""

    def align(
        self,
        ids: Optional[Any] = None,
        mode: str = "helper",
        *,
        duplicates: str = "refuse",
        rule: Optional[Dict[str, bool]] = None,
        rows_max: int = 10_000_000,
        common_min: int = 1,
        common_share_min: float = 0.0,
        job: str = "",
        schemas: Optional[Sequence[bytes]] = None,
    ) -> Alignment:
        """Which rows of parties 0 and 1, who pass `ids`, are the same customer; party 2 passes None.

        `ids` is one column (texts, bytes, whole numbers), or several (a list of columns, a dict, a DataFrame), which
        must all agree. `mode` "helper": party 2 compares tags under a key that it lacks; "two_party": without it. Where
        not even the banks may learn who is common: `join`.
        `rule` says what makes no difference: {"nfkc": False, "fold_case": False, "trim": True, "digits_only": False}.
        Mode, rule, `job` (any text) and `schemas` (32 bytes for each table) must be the same at all parties; of
        `rows_max` (ids that another table may have), `common_min` and `common_share_min` (common rows as a share of the
        other table's) the strictest counts. docs/alignment.md tells who learns what. A session aligns or joins once
        (`Refused`, `budget_spent`), unless all owners let anything be opened.

        Raises DomainViolation at all parties, named `input_unusable` (its owner's message says why: an id that is
        empty, too long or there twice, unless `duplicates="first"`) or `common_below_minimum`.
        """
        from . import _align

        options = _align.options_of(mode, duplicates, rule, rows_max, common_min, common_share_min, job, schemas)
        if ids is None:
            return _align.Alignment(self._run(call_out, "align", None, options))
        with _align.Ids.of(ids) as given:
            return _align.Alignment(self._run(call_out, "align", given, options))

    def join(
        self,
        ids: Optional[Any],
        columns: Iterable[Tensor],
        *,
        duplicates: str = "refuse",
        rule: Optional[Dict[str, bool]] = None,
        rows_max: int = 10_000_000,
        common_min: int = 1,
        common_share_min: float = 0.0,
        job: str = "",
        schemas: Optional[Sequence[bytes]] = None,
    ) -> Joined:
        """Joins the tables of parties 0 and 1 by their ids, and nobody learns which rows are common: mode "hidden".

        `columns` are tensors of inputs of both banks (`input`, `input_labels`), the same at all parties; row i of a
        bank's is that of its i-th id. `Joined.columns` are their common rows, in the order of `columns`. Of what went
        in nothing else may be opened. The other arguments are those of `align`, which "hidden" is no mode of.

            joined = session.join(ids, [x_a, y, x_b], common_min=100)
            x_a, y, x_b = joined.columns
        """
        from . import _align

        options = _align.options_of("hidden", duplicates, rule, rows_max, common_min, common_share_min, job, schemas)
        held: List[Any] = []
        pointers = [column._hold(held) for column in self._mine(*columns)]
        given = (ctypes.c_void_p * len(pointers))(*pointers)
        if ids is None:
            raw = self._run(call_out, "join", None, given, len(pointers), options)
        else:
            with _align.Ids.of(ids) as own:
                raw = self._run(call_out, "join", own, given, len(pointers), options)
        return _align.Joined(raw, len(pointers), self._held)
