"""Statistics of shared columns, of their bins, and of scores."""

from __future__ import annotations

import ctypes

from .. import _ffi
from .._ffi import call_out
from ._calls import PARTIES
from ._matrix import Matrix, given
from ._operations import Operations

TYPE_CHECKING = False  # the name that type checkers know
if TYPE_CHECKING:
    from typing import Iterable, List, Optional

    from ._tensor import Tensor
    from ._types import ColumnStatistics, Numbers


class Statistics(Operations):
    """Of a session: what is told of columns before a model is learnt, and of scores after."""

    def standardise(self, a: Tensor) -> Tensor:
        """Columns of inputs brought to mean 0 and variance 1; nobody learns either."""
        return self._tensor("standardise", *self._mine(a))

    def column_statistics(
        self, a: Tensor, to: Iterable[int], *, count_min: int, included: Optional[Tensor] = None
    ) -> Optional[ColumnStatistics]:
        """{"count": n, "mean": […], "variance": […]} of the columns at the parties in `to`, else None.

        Over the rows whose bit in `included` (from `input_labels` or `less`) is 1, or all rows.
        Fewer than `count_min` of them raises DomainViolation at all parties, and nothing is revealed.
        """
        to = _ffi.array_of(ctypes.c_uint, list(to))
        some = [None] if included is None else self._mine(included)
        raw = self._run(call_out, "column_statistics", *self._mine(a), *some, count_min, to, len(to))
        if raw is None:
            return None
        with Matrix._own(raw) as found:
            count, mean, variance = found.to_rows()
            return {"count": int(count[0]), "mean": mean, "variance": variance}

    # -- bins

    def bin_counts(self, owner: int, bins: Optional[Numbers] = None, *, count: int, labels: Tensor) -> Tensor:
        """How many labels of each class are in each bin of the columns of party `owner` (0 or 1); nobody learns a
        count.

        The owner alone passes `bins`: rows x columns of numbers from 0 to `count` - 1 (2 to 62), as a preprocessing
        rule makes them; missing and special values have a number of their own. What is returned is for
        `weight_of_evidence`, `information_value` and `select_columns`. A bin of fewer rows than the rules' minimum
        raises DomainViolation.
        """
        (labels,) = self._mine(labels)
        with given(bins) as matrix:
            return self._tensor("bin_counts", owner, matrix, _ffi.whole(count), labels)

    def weight_of_evidence(self, counts: Tensor, smoothing: float = 1.0) -> Tensor:
        """Of each bin, shared: ln of zeros by ones, less that of all rows, as if it had `smoothing` average rows
        more."""
        return self._tensor("weight_of_evidence", *self._mine(counts), float(smoothing))

    def information_value(self, counts: Tensor, smoothing: float = 1.0) -> Tensor:
        """Of each column, 1 x columns, rounded to 2^-10: may be revealed, and compared."""
        return self._tensor("information_value", *self._mine(counts), float(smoothing))

    def select_columns(self, counts: Tensor, iv_min: float, smoothing: float = 1.0) -> List[int]:
        """The columns whose information value is at least `iv_min`, and nothing else: one bit a column, to all."""
        value = self.information_value(counts, smoothing)
        below = self.reveal(self.less(value, self.constant([[float(iv_min)] * value.shape[1]])), to=range(PARTIES))
        assert below is not None  # Every party is told.
        with below as bits:
            return [column for column, bit in enumerate(bits.to_rows()[0]) if bit == 0]

    def correlations(self, features: Tensor) -> Tensor:
        """Pearson's correlation of every two columns of inputs or encoded bins, columns x columns: may be revealed."""
        return self._tensor("correlations", *self._mine(features))

    def variance_inflation(self, correlations: Tensor) -> Tensor:
        """How many times larger the variance of each column's weight is than if it correlated with none, 1 x columns,
        of `correlations`: may be revealed. It ends at 1024.
        """
        return self._tensor("variance_inflation", *self._mine(correlations))

    def bin_points(self, values: Tensor, model: Tensor) -> Tensor:
        """What each bin adds to the linear predictor: `values` (from `weight_of_evidence`) times the weights of a
        model, whose intercept goes to the first column. It is kept and loaded as a model is; `encode_bins` with it
        gives rows whose sum is the score, for `score` with weights of 1.
        """
        return self._tensor("bin_points", *self._mine(values, model))

    def reveal_bin_counts(self, counts: Tensor) -> Optional[Matrix]:
        """The labels of 1 in each bin, rounded to multiples of 5, at the owner of the bins alone; None elsewhere.

        Each is a linear equation in the labels, so Refused is raised unless the rules of the labels' owner let so many
        be opened (`label_counts`, 0 by default) and there are ten labels of each class for every count.
        """
        raw = self._run(call_out, "reveal_bin_counts", *self._mine(counts))
        return None if raw is None else Matrix._own(raw)

    def encode_bins(self, owner: int, bins: Optional[Numbers] = None, *, values: Tensor) -> Tensor:
        """Columns of party `owner` with the number of `values` (a row for each bin) in the place of each row's bin."""
        (values,) = self._mine(values)
        with given(bins) as matrix:
            return self._tensor("encode_bins", owner, matrix, values)

    def auc(self, scores: Tensor, labels: Tensor, to: int) -> Optional[float]:
        """Area under the ROC curve, opened to party `to` alone; None elsewhere."""
        known, value = ctypes.c_int(), ctypes.c_double()
        self._run(_ffi.call, "auc", *self._mine(scores, labels), to, ctypes.byref(known), ctypes.byref(value))
        return value.value if known.value else None
