"""Models that are learnt: by gradient descent, and by Newton's method."""

from __future__ import annotations

import ctypes

from .. import _ffi, _generated
from ._calls import Calls
from ._matrix import Matrix
from ._numbers import iterated

TYPE_CHECKING = False  # the name that type checkers know
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable, Optional, Union

    from ._tensor import Tensor
    from ._types import RegressionStatistics


class Regression:
    """A fitted model."""

    #: Still shared, (columns + 1) x 1: weights, then the intercept.
    weights: Tensor
    #: Steps taken, and whether the last was below the tolerance.
    steps: int
    converged: bool
    #: What the parties named learn; None elsewhere.
    statistics: Optional[RegressionStatistics]

    def __init__(
        self, weights: Tensor, steps: int, converged: bool, statistics: Optional[RegressionStatistics]
    ) -> None:
        self.weights, self.steps, self.converged, self.statistics = weights, steps, converged, statistics

    def __repr__(self) -> str:
        return "<c2d.mpc.Regression of %d coefficients, %d steps%s>" % (
            self.weights.shape[0],
            self.steps,
            "" if self.converged else ", not converged",
        )


class Learning(Calls):
    """Of a session: logistic and linear regression."""

    #: Whether bars may be drawn; of three sessions in one program one draws.
    _draws = True

    def train_logistic(
        self,
        features: Tensor,
        labels: Tensor,
        *,
        iterations: int,
        lr: float = 0.01,
        batch_size: int = 256,
        split: int = 0,
        seed: int = 0,
        evaluate_every: int = 100,
        auc_to: int = 0,
        precise: bool = False,
        l2: float = 0.0,
        lr_decay: float = 1.0,
        lr_decay_every: int = 0,
        wide_area: bool = False,
        progress: Union[Callable[[int, Optional[float]], Any], bool, None] = None,
    ) -> Tensor:
        """Trains a logistic regression; returns the model as a Tensor, (columns + 1) x 1.

        `progress(iteration, auc)` is called at each evaluation; `auc` is None except at party
        `auc_to`; `iterations_per_second` tells how fast it goes. An exception in it ends the
        training and is raised here. Without one a terminal or notebook shows a bar; False: nothing, True: a bar
        anywhere.

        `lr` 0 trains nothing. The model is evaluated at iterations 0, `evaluate_every`, … and after the last, unless
        that is one iteration later.

        By default an iteration takes three rounds while all logits are within +-16, and five from
        the first segment on in which one was not; weights are then off by some 0.002 at most.
        `precise=True` takes five throughout: off by some 0.00002; so does `l2` above 0. The rate is
        multiplied by `lr_decay` every `lr_decay_every` iterations. `wide_area=True` takes two rounds
        instead of three and twice the bytes, for links of high latency.
        """
        return self._train(
            "train_logistic",
            features,
            labels,
            progress,
            lr=lr,
            batch_size=batch_size,
            split=split,
            iterations=iterations,
            seed=seed,
            evaluate_every=evaluate_every,
            auc_to=auc_to,
            precise=1 if precise else 0,
            wide_area=1 if wide_area else 0,
            l2=l2,
            lr_decay=lr_decay,
            lr_decay_every=lr_decay_every,
        )

    def train_linear(
        self,
        features: Tensor,
        targets: Tensor,
        *,
        iterations: int,
        lr: float = 0.01,
        batch_size: int = 256,
        split: int = 0,
        seed: int = 0,
        evaluate_every: int = 100,
        l2: float = 0.0,
        lr_decay: float = 1.0,
        lr_decay_every: int = 0,
        progress: Union[Callable[[int, None], Any], bool, None] = None,
    ) -> Tensor:
        """Trains a linear regression; returns the model as a Tensor, (columns + 1) x 1.

        `targets` come from `input`. `progress(iteration, None)` is called every `evaluate_every`
        iterations. A residual beyond +-512 raises DomainViolation at all parties.
        """
        return self._train(
            "train_linear",
            features,
            targets,
            progress,
            lr=lr,
            batch_size=batch_size,
            split=split,
            iterations=iterations,
            seed=seed,
            evaluate_every=evaluate_every,
            l2=l2,
            lr_decay=lr_decay,
            lr_decay_every=lr_decay_every,
        )

    def fit_logistic(
        self,
        features: Tensor,
        labels: Tensor,
        *,
        ridge: Optional[float] = None,
        tolerance: float = 0.0,
        steps_max: int = 25,
        curvature_rows: int = 8192,
        seed: int = 0,
        sample_weight: Optional[Tensor] = None,
        offset: Optional[Tensor] = None,
        statistics_to: Iterable[int] = (),
    ) -> Regression:
        """Fits a logistic regression by Newton's method; there is no rate to tune.

        `ridge` times the rows is the penalty on the weights (scikit-learn's C is 1 / (ridge * rows)); None: 1e-4, or
        1 / rows if that is more; 0: none, and then labels that the columns tell apart raise DomainViolation with the
        name `separable`. Columns that are combinations of others raise it with the name `collinear`. A step is the last
        when it moves the model by less than `tolerance` standard errors (0: 1/64), four times as many where rows are
        sampled. After `steps_max` steps the model is returned as it is, `converged` False. Coefficients, standard
        errors, Wald's z and p-values go to the parties in `statistics_to`. Public is the number of steps.
        """
        return self._fit(
            "fit_logistic",
            features,
            labels,
            ridge,
            sample_weight,
            offset,
            statistics_to,
            tolerance=tolerance,
            steps_max=steps_max,
            curvature_rows=curvature_rows,
            seed=seed,
        )

    def fit_linear(
        self,
        features: Tensor,
        targets: Tensor,
        *,
        ridge: Optional[float] = None,
        sample_weight: Optional[Tensor] = None,
        offset: Optional[Tensor] = None,
        statistics_to: Iterable[int] = (),
    ) -> Regression:
        """Fits a linear regression by least squares, as `fit_logistic` does; `targets` come from `input`."""
        return self._fit("fit_linear", features, targets, ridge, sample_weight, offset, statistics_to)

    @property
    def iterations_per_second(self) -> float:
        """Of the training that runs or ran last; 0 before any. May be asked in a progress function."""
        self._check_thread()
        return _ffi.ask("c2d_mpc_session_iterations_per_second", self)

    def _train(self, operation, features, targets, progress, **values):
        from .. import _progress

        options = _generated.MpcTrainOptions()
        _ffi.lib.c2d_mpc_train_options_init(ctypes.byref(options))
        options.zero_is_zero = 1
        for name, value in values.items():
            setattr(options, name, value)
        bar = _progress.bar_for(progress, "training") if self._draws else None

        def trampoline(iteration, has_auc, auc, _):
            if callable(progress):
                progress(iteration, auc if has_auc else None)
            elif bar is not None:
                bar.tell(
                    iteration,
                    options.iterations,
                    "%.0f iterations/s%s"
                    % (_ffi.ask("c2d_mpc_session_iterations_per_second", self), ", auc %.4f" % auc if has_auc else ""),
                )
            return 0

        callback = _ffi.callback(_generated.MpcTrainProgress, trampoline, 1)  # alive until the call returns
        try:
            return self._tensor(operation, *self._mine(features, targets), options, callback, None)
        finally:
            if bar is not None:
                bar.close()

    def _fit(self, operation, features, targets, ridge, sample_weight, offset, statistics_to, **values):
        options = _generated.MpcRegressionOptions()
        _ffi.lib.c2d_mpc_regression_options_init(ctypes.byref(options))
        options.ridge, options.no_ridge = 0.0 if ridge is None else ridge, 1 if ridge == 0 else 0
        for name, value in values.items():
            setattr(options, name, value)
        held = []
        for name, tensor in (("sample_weight", sample_weight), ("offset", offset)):
            if tensor is not None:
                setattr(options, name, self._mine(tensor)[0]._hold(held))
        to = _ffi.array_of(
            ctypes.c_uint, list(iterated(statistics_to, "statistics_to must be a list of parties, as [0]"))
        )
        options.statistics_to, options.statistics_to_count = to, len(to)
        weights, result, statistics = ctypes.c_void_p(), _generated.MpcRegressionResult(), ctypes.c_void_p()
        self._run(
            _ffi.call,
            operation,
            *self._mine(features, targets),
            options,
            ctypes.byref(weights),
            ctypes.byref(result),
            ctypes.byref(statistics),
        )
        opened = None
        if statistics.value is not None:
            with Matrix._own(statistics.value) as found:
                columns = [list(column) for column in zip(*found.to_rows())]
            opened = dict(zip(("coefficients", "standard_errors", "z_values", "p_values"), columns), scale=result.scale)
        return Regression(self._held(weights.value), result.steps, result.converged != 0, opened)
