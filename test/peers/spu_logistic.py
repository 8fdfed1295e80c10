#!/usr/bin/env python3
"""Logistic regression of SecretFlow's SPU (ABY3, three parties) beside that of c2d: same data, same batches, same
machine.

    python3 -m venv VENV && VENV/bin/pip install spu
    C2D_LIBRARY=…/libc2d.so PYTHONPATH=bindings/python VENV/bin/python test/peers/spu_logistic.py

Stochastic gradient descent. Each side runs its three parties on this machine without TLS: SPU as threads whose messages
stay in memory, c2d as processes over a relay's sockets. Times are those of the iterations alone: a short run's are
subtracted from a long one's, which leaves compiling and the sharing of inputs out. Beside them stands the processor
time of all three, which says more where others use the machine, too. No test runs this.
"""

import argparse
import resource
import sys
import time

import jax
import jax.numpy
import numpy
import spu
import spu.utils.simulation as simulation

import c2d

# Of the mean over a batch.
RATE = 0.5


def generated(rows, columns):
    random = numpy.random.default_rng(17)
    x = numpy.round(random.standard_normal((rows, columns)) * 65536) / 65536
    truth = random.standard_normal(columns) * 1.8 / numpy.sqrt(columns)
    return x, (random.random(rows) < 1 / (1 + numpy.exp(-x @ truth))).astype(float)


def auc(scores, labels):
    ranks = numpy.empty(len(scores))
    ranks[numpy.argsort(scores)] = numpy.arange(1, len(scores) + 1)
    positives = labels.sum()
    return (ranks[labels == 1].sum() - positives * (positives + 1) / 2) / (positives * (len(labels) - positives))


def descent(iterations, batch):
    """What SPU compiles: a loop whose bounds are public."""

    def fit(x, y):
        def step(number, w):
            first = number * batch % (x.shape[0] // batch * batch)
            rows = jax.lax.dynamic_slice(x, (first, 0), (batch, x.shape[1]))
            labels = jax.lax.dynamic_slice(y, (first, 0), (batch, 1))
            return w - RATE / batch * (rows.T @ (jax.nn.sigmoid(rows @ w) - labels))

        return jax.lax.fori_loop(0, iterations, step, jax.numpy.zeros((x.shape[1], 1)))

    return fit


def spent():
    """Seconds by the clock, and of processors, of this process and of those that it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return numpy.array([time.monotonic(), sum(one.ru_utime + one.ru_stime for one in used)])


def an_iteration(train, iterations):
    """What one takes, as `spent` says it, and the weights of `iterations`."""
    taken = []
    for count in (iterations // 5, iterations):
        begin = spent()
        weights = train(count)
        taken.append(spent() - begin)
    return (taken[1] - taken[0]) / (iterations - iterations // 5), numpy.array(weights).ravel()


def of_spu(x, y, batch, iterations, sigmoid):
    config = spu.RuntimeConfig(protocol=spu.ProtocolKind.ABY3, field=spu.FieldType.FM64)
    config.sigmoid_mode = getattr(spu.RuntimeConfig.SigmoidMode, sigmoid)
    ones = numpy.hstack([x, numpy.ones((len(x), 1))])
    return an_iteration(
        lambda count: simulation.sim_jax(simulation.Simulator(3, config), descent(count, batch))(ones, y[:, None]),
        iterations,
    )


def of_c2d(x, y, batch, iterations):
    half = x.shape[1] // 2

    def train(count):
        def program(session, own):
            features = session.hconcat(
                [session.input(party, own if session.party == party else None) for party in (0, 1)]
            )
            labels = session.input_labels(0, y if session.party == 0 else None)
            model = session.train_logistic(
                features, labels, iterations=count, lr=RATE / batch, batch_size=batch, evaluate_every=10**6
            )
            return session.reveal(model, to=[0, 1, 2]).to_rows()

        return c2d.mpc.run_local(
            program, [x[:, :half], x[:, half:], None], processes=True, progress=False, rules={"reveal_any": True}
        )[0]

    return an_iteration(train, iterations)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("rows", 40000), ("columns", 72), ("batch", 256), ("iterations", 500)):
        parser.add_argument("--" + name, type=int, default=default)
    given = parser.parse_args()
    x, y = generated(given.rows, given.columns)
    runs = [("c2d", lambda: of_c2d(x, y, given.batch, 20 * given.iterations))]
    runs += [
        (
            "SPU %s, %s" % (spu.__version__, sigmoid),
            lambda sigmoid=sigmoid: of_spu(x, y, given.batch, given.iterations, sigmoid),
        )
        for sigmoid in ("SIGMOID_SEG3", "SIGMOID_REAL")
    ]
    first = None
    for name, run in runs:
        taken, weights = run()
        first = taken if first is None else first
        print(
            "%-24s an iteration %8.3f ms, processors %8.3f ms (c2d's times %.1f and %.1f); AUC of all rows %.4f"
            % (name, *1000 * taken, *taken / first, auc(x @ weights[:-1], y)),
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
