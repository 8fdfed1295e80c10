"""Names that the annotations share: no module of ours loads this one when it runs, since `typing` is slow to load."""

from __future__ import annotations

from typing import Any, List, TypedDict


class Stats(TypedDict):
    """What a session has moved: bytes by party, and the length of this party's chain of messages."""

    bytes_sent: List[int]
    bytes_received: List[int]
    rounds: int


class Cost(TypedDict):
    """What work costs: bytes by party (bank A, bank B, the helper), and memory where it is most."""

    bytes_sent: List[float]
    rounds: float
    seconds: float
    memory_bytes: float


class ColumnStatistics(TypedDict):
    """Of each column, over `count` rows."""

    count: int
    mean: List[float]
    variance: List[float]


class OpeningRules(TypedDict, total=False):
    """What the owner of a party's data asks of everything that is opened: docs/mpc/openings.md."""

    rows: int
    positives: int
    negatives: int
    weight_share_max: float
    reveal_any: bool
    label_counts: int
    scores: str
    score_rows_max: int
    reason_codes: int
    coefficients: bool


class RegressionStatistics(TypedDict):
    """By column, the intercept last; `scale` is the variance of a linear model's residuals, else 1."""

    coefficients: List[float]
    standard_errors: List[float]
    z_values: List[float]
    p_values: List[float]
    scale: float


#: Numbers in the clear: a Matrix, rows, one column, a numpy array, a pandas DataFrame or Series.
Numbers = Any
#: A number or numbers in the clear, or a Tensor.
Operand = Any
