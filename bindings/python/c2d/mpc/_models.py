"""Models that there are: kept and loaded, and what they say of rows."""

from __future__ import annotations

import ctypes

from .. import _ffi, _generated
from ..errors import InvalidArgument, shown
from ._calls import Calls

TYPE_CHECKING = False  # the name that type checkers know
if TYPE_CHECKING:
    from typing import Optional, Sequence

    from ._tensor import Tensor

_SCORE_KINDS = {"points": 0, "probability": 1, "logit": 2}


class Models(Calls):
    """Of a session: results that outlive it, and scores with their reasons."""

    def keep(self, a: Tensor, name: str) -> bytes:
        """Keeps a result, such as a model, for later sessions: each party a fresh share of it, under this name. Returns
        the binding, 32 bytes drawn jointly.

        What may not be opened is not kept, but for what was loaded, whole: it goes on as other shares. Beside a
        provider the share becomes an artifact, if the op template declares an output of this name as kept; else
        `open_fd`, `connect` and `run_local` say where (`kept`).
        """
        from .. import _text

        binding = (ctypes.c_ubyte * 32)()
        self._run(_ffi.call, "keep", *self._mine(a), _text.encode(name), binding)
        return bytes(binding)

    def load(self, name: str) -> Tensor:
        """What a session of these parties kept under this name: for `score`; it is not opened.

        Raises Refused with the name `model_mismatch` at all parties where a share is missing, altered, copied or of
        another run, before anything is computed with it.
        """
        from .. import _text

        return self._tensor("load", _text.encode(name))

    def score(
        self,
        features: Tensor,
        model: Tensor,
        kind: str = "points",
        *,
        points: float = 600,
        odds: float = 50,
        double_after: float = 20,
    ) -> Tensor:
        """What a model says of each row: features n x d, model (d + 1) x 1, weights and then the bias.

        kind "points": `points` where `odds` good ones come to one bad (label 1), `double_after` more double that; whole
        numbers, more is better. "probability": of label 1. "logit": the sum. Points and probabilities are opened where
        the rules of all parties say so (`scores`).
        """
        if kind not in _SCORE_KINDS:
            raise InvalidArgument("kind must be points, probability or logit, found %s" % shown(kind))
        options = _generated.MpcScoreOptions()
        _ffi.lib.c2d_mpc_score_options_init(ctypes.byref(options))
        options.kind = _SCORE_KINDS[kind]
        options.points, options.odds, options.double_after = points, odds, double_after
        return self._tensor("score", *self._mine(features, model), ctypes.byref(options))

    def contributions(self, features: Tensor, model: Tensor, columns: Optional[Sequence[int]] = None) -> Tensor:
        """What each characteristic adds to a row's sum: features times the weights of a model, without the bias.

        `columns`: how many columns each characteristic has, one after the other; None: one each. For `reason_codes`.
        """
        counts = [_ffi.whole(count) for count in columns or ()]
        given = (ctypes.c_size_t * len(counts))(*counts) if counts else None
        return self._tensor("contributions", *self._mine(features, model), given, len(counts))

    def reason_codes(
        self, contributions: Tensor, baseline: Tensor, count: int = 4, *, shares: Optional[Tensor] = None
    ) -> Tensor:
        """Which characteristics cost a row most: the numbers, from 1, of the `count` (1 to 10) whose contributions are
        most above the baseline, the largest first, so that label 1 becomes most likely by them; 0 where none is above
        it any more.

        Rows x count, opened where the rules of all parties let so many be (`reason_codes`); else Refused is raised at
        once. `contributions` come from that method, or are rows that `encode_bins` made of a model's points. The
        baseline is the least of each column of `baseline`: one row is itself, points of bins stand for the best of each
        column. With `shares`, of the same shape, it is the sum of both's products: the mean over bins of which so many
        rows are.
        """
        of_bins = self._mine(shares)[0] if shares is not None else None
        return self._tensor("reason_codes", *self._mine(contributions, baseline), count, of_bins)
