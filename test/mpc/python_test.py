"""The Python package over the C interface: three sessions on three threads, relays in between.

Run by mpc_python (ctest) with the path of libc2d.so in C2D_LIBRARY. The relay here is twenty lines of
Python: it knows the frame format from docs/mpc/wire.md, not from the library.
"""

import array
import datetime
import inspect
import os
import socket
import struct
import sys
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "bindings",
                                "python"))
import c2d  # noqa: E402
from c2d import mpc  # noqa: E402


def read_exactly(sock, count):
    out = b""
    while len(out) < count:
        try:
            part = sock.recv(count - len(out))
        except ConnectionError:  # closed with our bytes unread
            return None
        if not part:
            return None
        out += part
    return out


def serve(party, mine, sides):
    """Hands party's frames on to the others; a zero-length frame tells them that it ended."""
    while True:
        head = read_exactly(mine, 8)
        if head is None:
            break
        peer, length = struct.unpack("<II", head)
        frame = struct.pack("<II", party, length) + read_exactly(mine, length)
        try:
            sides[peer].sendall(frame)
        except OSError:  # it has left
            pass
    for other, side in enumerate(sides):
        if other != party:
            try:
                side.sendall(struct.pack("<II", party, 0))
            except OSError:
                pass


class Locked:
    """A socket that several relay threads write frames to."""

    def __init__(self, sock):
        self._sock, self._lock = sock, threading.Lock()

    def sendall(self, data):
        with self._lock:
            self._sock.sendall(data)


def three_parties(program, backend="rep3"):
    """Runs program(session) at three parties; returns what they return, or raises the first failure."""
    pairs = [socket.socketpair() for _ in range(3)]
    sides = [Locked(pair[1]) for pair in pairs]
    relays = [threading.Thread(target=serve, args=(i, pairs[i][1], sides)) for i in range(3)]
    results, failures = [None] * 3, []

    def run(party):
        try:
            with mpc.Session.open_fd(pairs[party][0].fileno(), party, backend, rules={"reveal_any": True}) as session:
                results[party] = program(session)
        except Exception as problem:
            failures.append((party, problem))
        finally:
            pairs[party][0].close()

    parties = [threading.Thread(target=run, args=(i,)) for i in range(3)]
    for thread in relays + parties:
        thread.start()
    for thread in parties + relays:
        thread.join()
    for pair in pairs:
        pair[1].close()
    if failures:
        raise failures[0][1]
    return results


class PairKeys(unittest.TestCase):
    """What the keys with each peer are made of beside fresh randomness, over one relay for each party."""

    def open_all(self, options):
        """What each party's opening raises, None where all is well."""
        pairs = [socket.socketpair() for _ in range(3)]
        sides = [Locked(pair[1]) for pair in pairs]
        told = [None] * 3

        def run(party):
            try:
                mpc.Session.open_fd(pairs[party][0].fileno(), party, **options[party]).close()
            except c2d.Error as problem:
                told[party] = problem
            pairs[party][0].close()

        threads = [threading.Thread(target=serve, args=(i, pairs[i][1], sides)) for i in range(3)]
        threads += [threading.Thread(target=run, args=(i,)) for i in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for pair in pairs:
            pair[1].close()
        return told

    def options(self):
        return [{name: {peer: bytes([party + peer + which]) * 32 for peer in range(3) if peer != party}
                 for which, name in enumerate(("session_binding", "pre_shared"))} for party in range(3)]

    def test_a_pair_that_was_told_the_same_opens(self):
        self.assertEqual(self.open_all(self.options()), [None] * 3)

    def test_a_pair_that_was_told_different_things_parts(self):
        for name in ("session_binding", "pre_shared"):
            with self.subTest(name):
                options = self.options()
                options[0][name][1] = bytes(32)
                told = self.open_all(options)
                self.assertIsInstance(told[0], c2d.PeerFailure, told)
                self.assertIn("party 1 does not derive the key", str(told[0]))

    def test_what_is_none_is_refused(self):
        for options, text in (({"session_binding": {1: b"short"}}, "expected 32 bytes, found 5"),
                              ({"session_binding": {3: bytes(32)}}, "party must be 0, 1 or 2"),
                              ({"pre_shared": {1: bytes(4097)}}, "at most 4096 bytes")):
            with self.subTest(text), self.assertRaisesRegex(c2d.InvalidArgument, text):
                mpc.Session.open_fd(0, 0, **options)


class Operations(unittest.TestCase):
    def test_arithmetic_on_both_backends(self):
        a, b = [[1.5, -2], [3, 4]], [[0.5, 1], [-1, 2]]

        def program(s):
            x = s.input(0, a if s.party == 0 else None)
            y = s.input(1, b if s.party == 1 else None)
            values = [x + y, x - y, x * y, x @ y, x * 2, x.transpose(), x.rows([1, 1]), x < y,
                      s.select(x < y, x, y), s.hconcat([x, y]), s.add(x, s.constant(b)),
                      s.sigmoid(y), s.sigmoid(x, by="comparison"), x.sum(), x.sum(axis=0),
                      x.sum(axis=1), x.sum(axis=0).repeat(2, 2), x / (y * y), x / 4,
                      s.reciprocal(y * y), s.inverse_sqrt(y * y)]
            for bad in (lambda: s.sum(x, axis=2), lambda: s.sigmoid(x, by="magic")):
                with self.assertRaises(c2d.InvalidArgument):
                    bad()
            return [s.reveal(v, to=[0, 1, 2]).to_rows() for v in values]

        expected = three_parties(program, "clear")[0]
        for party in three_parties(program, "rep3"):
            for got, want in zip(party, expected):
                self.assertEqual(len(got), len(want))
                for got_row, want_row in zip(got, want):
                    for g, w in zip(got_row, want_row):
                        self.assertAlmostEqual(g, w, delta=3e-4)

    def test_whatever_takes_tensors_alone_on_both_backends(self):
        """Every method of Session whose arguments are tensors, also those to come."""
        methods = {name: list(inspect.signature(method).parameters.values())[1:]
                   for name, method in inspect.getmembers(c2d.mpc.Session, inspect.isfunction)
                   if not name.startswith("_") and method.__annotations__.get("return") == "Tensor"}
        methods = {name: parameters for name, parameters in methods.items()
                   if all(parameter.annotation == "Tensor" for parameter in parameters)}
        self.assertGreaterEqual(len(methods), 10)
        a, b = [[1.5, 2], [3, 4.25]], [[0.5, 2], [3.5, 1]]

        def program(s):
            x, y = (s.input(owner, values if s.party == owner else None) for owner, values in ((0, a), (1, b)))
            tensors = {"bit": s.less(x, y), "b": y, "correlations": s.constant([[1, 0.5], [0.5, 1]]),
                       "model": s.constant([[0.5], [-1], [2]])}
            return [s.reveal(getattr(s, name)(*[tensors.get(parameter.name, x) for parameter in parameters]),
                             to=[0, 1, 2]).to_rows() for name, parameters in sorted(methods.items())]

        expected = three_parties(program, "clear")[0]
        for party in three_parties(program, "rep3"):
            for name, got, want in zip(sorted(methods), party, expected):
                for g, w in zip(sum(got, []), sum(want, [])):
                    self.assertAlmostEqual(g, w, delta=3e-4, msg=name)

    def both_agree(self, program, expected, delta=3e-4):
        """program(session) is a list of tensors; both backends reveal what is expected of it."""
        for backend in ("clear", "rep3"):
            for party in three_parties(lambda s: [s.reveal(v, to=[0, 1, 2]).to_rows() for v in program(s)], backend):
                self.assertEqual(len(party), len(expected))
                for number, (got, want) in enumerate(zip(party, expected)):
                    self.assertEqual([len(row) for row in got], [len(row) for row in want], (backend, number))
                    for g, w in zip(sum(got, []), sum(want, [])):
                        self.assertAlmostEqual(g, w, delta=delta, msg="%s, value %d" % (backend, number))

    A = [[1.5, -2.0, 0.25], [3.0, 4.0, -0.5]]

    def each(self, function):
        return [[function(value) for value in row] for row in self.A]

    def test_public_numbers(self):
        def program(s):
            x = s.input(0, self.A if s.party == 0 else None)
            return [x + 1, 1 - x, x - 0.5, -x, +x, 2 * x, x * 0.5, x / 4, 2 / (x * x), x ** 1, x ** 2, x ** 3, abs(x),
                    x < 0.5, 0.5 < x, x > 0.5, x <= -0.5, x >= 3, 3 >= x, x + True]

        self.both_agree(program, [self.each(f) for f in (
            lambda v: v + 1, lambda v: 1 - v, lambda v: v - 0.5, lambda v: -v, lambda v: v, lambda v: 2 * v,
            lambda v: v * 0.5, lambda v: v / 4, lambda v: 2 / (v * v), lambda v: v, lambda v: v ** 2, lambda v: v ** 3,
            abs, lambda v: v < 0.5, lambda v: 0.5 < v, lambda v: v > 0.5, lambda v: v <= -0.5, lambda v: v >= 3,
            lambda v: 3 >= v, lambda v: v + 1)], delta=2e-3)

    def test_comparisons_give_bits(self):
        def program(s):
            x = s.input(0, self.A if s.party == 0 else None)
            return [s.select(bit, x, -x) for bit in (x < 0.5, x > 0.5, x <= 0.25, x >= 4)]

        self.both_agree(program, [self.each(f) for f in (
            lambda v: v if v < 0.5 else -v, lambda v: v if v > 0.5 else -v, lambda v: v if v <= 0.25 else -v,
            lambda v: v if v >= 4 else -v)])

    def test_rows_columns_and_means(self):
        (a, b, c), (d, e, f) = self.A

        def program(s):
            x = s.input(0, self.A if s.party == 0 else None)
            return [x.T, x[0], x[-1], x[:, 0], x[:, -1], x[1:2], x[:, 1:], x[1, 2], x[[1, 0]], x[:, [2, 0]], x[::-1],
                    x.mean(), x.mean(0), x.mean(axis=1), x[:, :2].mean()]

        self.both_agree(program, [
            [[a, d], [b, e], [c, f]], [[a, b, c]], [[d, e, f]], [[a], [d]], [[c], [f]], [[d, e, f]], [[b, c], [e, f]],
            [[f]], [[d, e, f], [a, b, c]], [[c, a], [f, d]], [[d, e, f], [a, b, c]], [[(a + b + c + d + e + f) / 6]],
            [[(a + d) / 2, (b + e) / 2, (c + f) / 2]], [[(a + b + c) / 3], [(d + e + f) / 3]], [[(a + b + d + e) / 4]]])

    def test_means_of_many(self):
        """1 / 1000 in 16 fractional bits would be off by 0.7 percent."""
        self.both_agree(lambda s: [s.input(0, [[64.0]] * 1000 if s.party == 0 else None).mean()], [[[64.0]]], 2 ** -13)

    def test_broadcasting(self):
        row, column = [10.0, 20.0, 30.0], [[1.0], [2.0]]

        def program(s):
            x = s.input(0, self.A if s.party == 0 else None)
            r, c = s.constant([row]), s.input(1, column if s.party == 1 else None)
            return [x + r, x + c, c - r, x * c, c + x.sum(), x + row, x + column, row - x, x + mpc.Matrix([row]),
                    x @ [[1.0], [2.0], [3.0]], [[1.0, -1.0]] @ x]

        both = [[ [self.A[i][j], row[j], column[i][0]] for j in range(3)] for i in range(2)]
        total = sum(sum(self.A, []))
        of = lambda f: [[f(*cell) for cell in line] for line in both]
        self.both_agree(program, [
            of(lambda v, r, c: v + r), of(lambda v, r, c: v + c), of(lambda v, r, c: c - r), of(lambda v, r, c: v * c),
            [[c[0] + total] for c in column], of(lambda v, r, c: v + r), of(lambda v, r, c: v + c),
            of(lambda v, r, c: r - v), of(lambda v, r, c: v + r),
            [[line[0] + 2 * line[1] + 3 * line[2]] for line in self.A],
            [[self.A[0][j] - self.A[1][j] for j in range(3)]]])

    def test_what_a_secret_does_not_answer(self):
        def program(s):
            x = s.input(0, self.A if s.party == 0 else None)
            y = x + 1
            for wrong, word in (
                    (lambda: bool(x), "select"), (lambda: x == y, "less"), (lambda: x != y, "less"),
                    (lambda: x == 1, "less"), (lambda: max(x, y), "select"), (lambda: min([x, y]), "select"),
                    (lambda: sorted([x, y]), "select"), (lambda: x in [y], "less"), (lambda: 1 in x, "less"),
                    (lambda: list(x), "reveal"), (lambda: max(x), "reveal"), (lambda: 1 if x < y else 0, "select"),
                    (lambda: 0 < x < 1, "select"), (lambda: not x, "select"), (lambda: float(x), "reveal"),
                    (lambda: int(x), "reveal"), (lambda: len(x), "shape"), (lambda: x[x], "select")):
                with self.assertRaisesRegex(TypeError, word):
                    wrong()
            for wrong in (lambda: x + "1", lambda: x + None, lambda: x * {}, lambda: "a" < x, lambda: x @ 2,
                          lambda: x + 1j, lambda: x ** 0.5, lambda: x[True], lambda: x[[True, False]], lambda: x["a"]):
                with self.assertRaises(TypeError):
                    wrong()
            for wrong in (lambda: x ** -1, lambda: x ** 0, lambda: x + [1.0, 2.0], lambda: x + x.T, lambda: x[:0]):
                with self.assertRaises(c2d.InvalidArgument):
                    wrong()
            for wrong in (lambda: x[2], lambda: x[:, 3], lambda: x[-3], lambda: x[0, 0, 0]):
                with self.assertRaises(IndexError):
                    wrong()
            self.assertEqual(len({x, y}), 2)
            x += 1
            return s.reveal(x - y, to=[0, 1, 2]).to_rows()

        self.assertEqual(three_parties(program), [[[0.0] * 3] * 2] * 3)

    def test_rounds_that_the_docstring_states(self):
        def program(s):
            x, y = (s.input(owner, [[1.0, 2.0, 3.0]] if s.party == owner else None) for owner in (0, 1))
            out = {}
            for name, run in (("x + y", lambda: x + y), ("-x", lambda: -x), ("x * 2", lambda: x * 2), ("x.T", lambda: x.T),
                              ("x[:, 0]", lambda: x[:, 0]), ("x + 1", lambda: x + 1), ("x * y", lambda: x * y),
                              ("x @ y.T", lambda: x @ y.T), ("x * 0.5", lambda: x * 0.5), ("x ** 4", lambda: x ** 4),
                              ("x.mean()", lambda: x.mean()), ("x < y", lambda: x < y), ("x <= y", lambda: x <= y),
                              ("abs(x)", lambda: abs(x)), ("x / y", lambda: x / y), ("1 / y", lambda: 1 / y)):
                s.exchange(b"")  # what was sent has been counted
                before = s.stats["rounds"]
                s.reveal(run(), to=[0, 1])
                out[name] = s.stats["rounds"] - before - 1
            return out

        most = [max(values) for values in zip(*(party.values() for party in three_parties(program)))]
        for name, rounds, stated in zip(three_parties(program)[0], most, (
                0, 0, 0, 0, 0, 0, 5, 5, 5, 10, 10, 6, 6, 7, 31, 31)):
            self.assertLessEqual(rounds, stated, name)

    def test_reveal_only_to_the_named(self):
        def program(s):
            x = s.input(2, [[7]] if s.party == 2 else None)
            return s.reveal(x, to=[1])

        zero, one, two = three_parties(program)
        self.assertIsNone(zero)
        self.assertIsNone(two)
        self.assertEqual(one.to_rows(), [[7.0]])
        self.assertEqual(one.shape, (1, 1))

    def test_announcements_and_stats(self):
        def program(s):
            said = s.exchange(b"party %d" % s.party)
            # Nobody stands over these sessions who would hear of it.
            s.note_rule(bytes(32))
            with self.assertRaisesRegex(c2d.InvalidArgument, "digest of 32 bytes"):
                s.note_rule(b"rule")
            return said, s.stats

        for said, stats in three_parties(program):
            self.assertEqual(said, [b"party 0", b"party 1", b"party 2"])
            self.assertGreater(sum(stats["bytes_sent"]), 0)

    def test_training_and_auc(self):
        rows = [[((i * 7919) % 101) / 50 - 1, ((i * 104729) % 97) / 48 - 1] for i in range(400)]
        labels = [1 if 2 * r[0] - r[1] + ((i * 31) % 17) / 17 > 0.5 else 0
                  for i, r in enumerate(rows)]

        def program(s, precise=False):
            x = s.input(0, rows if s.party == 0 else None)
            y = s.input_labels(1, labels if s.party == 1 else None)
            seen = []
            w = s.train_logistic(x, y, iterations=201, split=300, auc_to=2, precise=precise,
                                 progress=lambda i, auc: seen.append((i, auc)))
            score = s.auc(s.matmul(x, w.rows([0, 1])), y, to=0)
            return seen, s.reveal(w, to=[0]), score

        clear = three_parties(program, "clear")
        shared = three_parties(program, "rep3")
        self.assertEqual([i for i, _ in shared[2][0]], [0, 100, 200])
        self.assertTrue(all(auc is None for _, auc in shared[0][0] + shared[1][0]))
        for (_, got), (_, want) in zip(shared[2][0], clear[2][0]):
            self.assertAlmostEqual(got, want, delta=2e-3)
        self.assertIsNone(shared[1][1])
        for got, want in zip(shared[0][1].to_rows(), clear[0][1].to_rows()):
            self.assertAlmostEqual(got[0], want[0], delta=2e-2)
        precise = three_parties(lambda s: program(s, precise=True), "rep3")
        for got, want in zip(precise[0][1].to_rows(), clear[0][1].to_rows()):
            self.assertAlmostEqual(got[0], want[0], delta=1e-3)
        distant = three_parties(lambda s: s.reveal(s.train_logistic(
            s.input(0, rows if s.party == 0 else None),
            s.input_labels(1, labels if s.party == 1 else None),
            iterations=201, split=300, wide_area=True), to=[0]), "rep3")
        for got, want in zip(distant[0].to_rows(), clear[0][1].to_rows()):
            self.assertAlmostEqual(got[0], want[0], delta=2e-2)
        self.assertAlmostEqual(shared[0][2], clear[0][2], delta=2e-3)
        self.assertIsNone(shared[1][2])


    def test_statistics_and_linear_regression(self):
        rows = [[((i * 7919) % 101) / 5 - 4, ((i * 104729) % 97) / 48] for i in range(400)]
        targets = [[0.5 * r[0] - 2 * r[1] + 1] for r in rows]
        member = [1 if i % 3 == 0 else 0 for i in range(400)]

        def program(s):
            parts = [s.input(0, rows[:250] if s.party == 0 else None),
                     s.input(1, rows[250:] if s.party == 1 else None)]
            x = s.vconcat(parts)
            bits = s.input_labels(2, member if s.party == 2 else None)
            found = s.column_statistics(x, [1], count_min=100, included=bits)
            with self.assertRaises(c2d.DomainViolation):
                s.column_statistics(x, [1], count_min=200, included=bits)
            self.assertEqual(s.iterations_per_second, 0)
            w = s.train_linear(s.standardise(x), s.input(0, targets if s.party == 0 else None),
                               iterations=300, lr=0.003, l2=0.5, lr_decay=0.9, lr_decay_every=50)
            self.assertGreater(s.iterations_per_second, 0)
            return found, s.reveal(w, to=[0])

        clear, shared = three_parties(program, "clear"), three_parties(program, "rep3")
        self.assertIsNone(shared[0][0])
        self.assertEqual(shared[1][0]["count"], 134)
        for name in ("mean", "variance"):
            for got, want in zip(shared[1][0][name], clear[1][0][name]):
                self.assertAlmostEqual(got, want, delta=2 ** -13)
        self.assertIsNone(shared[1][1])
        for got, want in zip(shared[0][1].to_rows(), clear[0][1].to_rows()):
            self.assertAlmostEqual(got[0], want[0], delta=1e-3)


    def test_regression_without_a_rate(self):
        rows = [[((i * 7919) % 101) / 50 - 1, ((i * 104729) % 97) / 48 - 1] for i in range(400)]
        labels = [1 if rows[i][0] - rows[i][1] + ((i * 31) % 17) / 8 - 1 > 0.3 else 0 for i in range(400)]

        def program(s):
            x = s.hconcat([s.input(0, [[r[0]] for r in rows] if s.party == 0 else None),
                           s.input(1, [[r[1]] for r in rows] if s.party == 1 else None)])
            y = s.input_labels(0, labels if s.party == 0 else None)
            logistic = s.fit_logistic(x, y, ridge=0, statistics_to=[0, 2])
            self.assertTrue(logistic.converged)
            self.assertEqual(logistic.weights.shape, (3, 1))
            early = s.fit_logistic(x, y, steps_max=1,
                                   sample_weight=s.input(1, [1] * 400 if s.party == 1 else None))
            self.assertFalse(early.converged)
            self.assertIsNone(early.statistics)
            twice = s.hconcat([x, x])
            with self.assertRaises(c2d.DomainViolation) as caught:
                s.fit_logistic(twice, y, ridge=0)
            self.assertEqual(caught.exception.name, "collinear")
            return logistic.steps, logistic.statistics, repr(early)

        clear, shared = three_parties(program, "clear"), three_parties(program, "rep3")
        self.assertIsNone(shared[1][1])
        self.assertEqual(clear[0][0], shared[0][0])
        self.assertIn("3 coefficients, 1 steps, not converged", shared[0][2])
        for name in ("coefficients", "standard_errors", "p_values"):
            for got, want in zip(shared[2][1][name], clear[2][1][name]):
                self.assertAlmostEqual(got, want, delta=1e-3)

    def test_weight_of_evidence(self):
        bins = [[i % 2, (i * 7919) % 5] for i in range(400)]
        labels = [1 if (i * 31) % 17 < 3 + 2 * bins[i][1] else 0 for i in range(400)]

        def program(s):
            own = bins if s.party == 1 else None
            counts = s.bin_counts(1, own, count=5, labels=s.input_labels(0, labels if s.party == 0 else None))
            value = s.reveal(s.information_value(counts), to=[2])
            kept = s.select_columns(counts, iv_min=0.1)
            woe = s.weight_of_evidence(counts, smoothing=0.5)
            some = [[row[column] for column in kept] for row in own] if own else None
            encoded = s.encode_bins(1, some, values=woe[:, kept])
            self.assertEqual(encoded.shape, (400, len(kept)))
            all_of_them = s.encode_bins(1, own, values=woe)
            related = s.reveal(s.correlations(all_of_them), to=[0])
            points = s.bin_points(woe, s.fit_logistic(all_of_them, s.input_labels(0, labels if s.party == 0 else None)).weights)
            self.assertEqual(points.shape, (5, 2))
            codes = s.reveal(s.reason_codes(s.encode_bins(1, own, values=points), points, count=1), to=[0])
            if s.party == 0:
                self.assertLessEqual({row[0] for row in codes}, {0.0, 1.0, 2.0})
                self.assertGreater(sum(row[0] == 2 for row in codes), 100)
            both = s.contributions(all_of_them, s.constant([[1.0], [1.0], [0.0]]), [2])
            self.assertEqual(both.shape, (400, 1))
            if s.party == 0:
                self.assertAlmostEqual(related.to_rows()[1][1], 1, delta=0.01)
            return value, kept, s.reveal(woe, to=[0]), s.reveal(encoded, to=[0]), s.disclosures

        clear, shared = three_parties(program, "clear"), three_parties(program, "rep3")
        self.assertEqual(shared[0][1], [1])
        self.assertEqual([party[1] for party in shared], [[1]] * 3)
        self.assertIsNone(shared[0][0])
        self.assertEqual(shared[0][4]["information_value"], 2)
        for which, party in ((0, 2), (2, 0), (3, 0)):
            for got, want in zip(shared[party][which].to_rows(), clear[party][which].to_rows()):
                for one, other in zip(got, want):
                    self.assertAlmostEqual(one, other, delta=1.1e-3 if which == 0 else 2 ** -16)
        self.assertAlmostEqual(shared[0][2].to_rows()[2][0], 0, delta=2 ** -16)
        with self.assertRaises(TypeError):
            three_parties(lambda s: s.bin_counts(1, None, count="5", labels=s.constant([[1]])), "rep3")


class Cost(unittest.TestCase):
    def test_what_work_costs(self):
        near, far = c2d.mpc.cost("fit", 40000, 72), c2d.mpc.cost("fit", 40000, 72, round_trip_ms=40, megabits=100)
        self.assertEqual(sorted(near), ["bytes_sent", "memory_bytes", "rounds", "seconds"])
        self.assertEqual(near["bytes_sent"], far["bytes_sent"])
        self.assertGreater(far["seconds"], 5 * near["seconds"])
        self.assertGreater(near["bytes_sent"][2], 1e8)
        self.assertGreater(c2d.mpc.cost("fit", 10**6, 100)["memory_bytes"], 5e9)
        self.assertEqual(c2d.mpc.cost("auc", 100)["rounds"], 180)
        for arguments in (("fits", 5, 5), ("fit", 0, 5), ("evidence", 5, 0)):
            with self.assertRaises(c2d.InvalidArgument):
                c2d.mpc.cost(*arguments)
        with self.assertRaisesRegex(c2d.InvalidArgument, "expected str, found int"):
            c2d.mpc.cost(5, 5, 5)
        with self.assertRaisesRegex(c2d.InvalidArgument, "one of labels, .*, reasons, found fits"):
            c2d.mpc.cost("fits", 5, 5)


class Failures(unittest.TestCase):
    def test_an_exception_in_the_callback_comes_back(self):
        class Mine(Exception):
            pass

        def program(s):
            x = s.input(0, [[0.5]] * 20 if s.party == 0 else None)
            y = s.input_labels(0, [1, 0] * 10 if s.party == 0 else None)

            def progress(iteration, auc):
                raise Mine("stop at %d" % iteration)

            with self.assertRaises(Mine):
                s.train_logistic(x, y, iterations=5, progress=progress)

        three_parties(program)

    def test_domain_and_arguments(self):
        def program(s):
            with self.assertRaises(c2d.DomainViolation) as caught:
                s.input(1, [[1000.0]] if s.party == 1 else None)
            self.assertIn("party 1", str(caught.exception))
            x = s.input(1, [[1.0]] if s.party == 1 else None)
            with self.assertRaises(c2d.InvalidArgument):
                s.matmul(x, s.hconcat([x, x]).transpose())
            x.close()
            with self.assertRaises(c2d.InvalidArgument):
                s.add(x, x)
            x.close()

        three_parties(program)

    def test_a_party_that_leaves_is_named(self):
        def program(s):
            if s.party == 1:
                return None
            with self.assertRaises(c2d.PeerFailure) as caught:
                s.input(1)
            self.assertIn("party 1", str(caught.exception))
            return None

        three_parties(program)

    def test_three_processes_without_providers(self):
        keys = [c2d.Key.generate() for _ in range(3)]
        listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
        parties = [("127.0.0.1", listener.getsockname()[1], key.address)
                   for listener, key in zip(listeners, keys)]
        for listener in listeners:  # the port is free again a moment before it is needed
            listener.close()
        sums, failures = [None] * 3, []

        def run(party):
            try:
                with mpc.Session.connect(party, keys[party], parties, program="sum", run=1,
                                         deadline_ms=20000) as session:
                    x = session.input(1, [[4], [5]] if party == 1 else None)
                    sums[party] = session.reveal(x.sum(), to=[0, 1, 2]).to_rows()
            except Exception as problem:
                failures.append(problem)

        threads = [threading.Thread(target=run, args=(i,)) for i in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        self.assertEqual(sums, [[[9.0]]] * 3)
        with self.assertRaises(c2d.InvalidArgument):
            mpc.Session.connect(0, keys[1], parties, program="sum")
        with self.assertRaises(c2d.InvalidArgument):
            mpc.Session.connect(0, keys[0], parties[:2], program="sum")

    def test_without_an_environment(self):
        for name in ("C2D_PEER_FD", "C2D_PARTY"):
            os.environ.pop(name, None)
        with self.assertRaisesRegex(c2d.InvalidArgument, "C2D_PEER_FD"):
            mpc.Session.from_environment()
        with self.assertRaises(c2d.InvalidArgument):
            mpc.Session.from_environment(backend="magic")


class Openings(unittest.TestCase):
    def test_results_alone_are_opened(self):
        def program(s, data):
            x = s.input(0, data)
            opened = s.reveal(x.sum(axis=0), to=[0])
            with self.assertRaises(c2d.Refused) as caught:
                s.reveal(x, to=[0])
            with self.assertRaises(c2d.Refused):
                x + x
            return opened and opened.to_rows(), caught.exception.name, s.disclosures

        results = mpc.run_local(program, [[[1.0], [2.0], [3.5]], None, None], rules={"rows": 3})
        counted = {"refusal": 1, "sum": 1}
        self.assertEqual(results, [([[6.5]], "not_openable", counted)] + [(None, "not_openable", counted)] * 2)

    def test_too_few_rows(self):
        def program(s, data):
            with self.assertRaises(c2d.Refused) as caught:
                s.reveal(s.input(0, data).sum(), to=[0])
            return caught.exception.name

        self.assertEqual(mpc.run_local(program, [[[1.0], [2.0]], None, None], rules={"rows": 3}), ["below_minimum"] * 3)

    def test_rules_that_are_none(self):
        for wrong in ({"row": 3}, {"weight_share_max": 2.0}, {"rows": -1}, {"rows": 1 << 40}, {"label_counts": 1 << 30}):
            with self.assertRaises((c2d.Error, mpc.PartyFailed)):
                mpc.run_local(lambda s, _: None, [None] * 3, rules=wrong)


class Matrices(unittest.TestCase):
    def test_from_python_and_back(self):
        matrix = mpc.Matrix.from_rows([[1, 2, 3], [4, 5, 6]])
        self.assertEqual(matrix.shape, (2, 3))
        self.assertEqual(matrix.to_rows(), [[1, 2, 3], [4, 5, 6]])
        self.assertEqual(mpc.Matrix.from_rows(array.array("d", [1, 0])).shape, (2, 1))
        for bad in ([], [[1, 2], [3]]):
            with self.assertRaises(c2d.InvalidArgument):
                mpc.Matrix.from_rows(bad)
        with self.assertRaises(c2d.NotFound):
            mpc.Matrix.read_csv("/nonexistent.csv")

    def test_what_is_no_number_is_refused_by_its_place(self):
        for wrong, said in (
                ([["1", 2]], "row 0, column 0: expected a number, found str"), ([[1, 2], [3, "x"]], "row 1, column 1"),
                (["12", "34"], "row 0 must be a sequence"), ("12", "found str"), ([[1, None]], "row 0, column 1"),
                ([1, 2j], "row 1, column 0: expected a number, found complex"), ([[1, [2]]], "row 0, column 1"),
                ({0: [1, 2]}, "found dict"), ([{"a": 1}], "row 0 must be a sequence.*found dict"), ({1, 2}, "found set"),
                ([b"ab"], "found bytes"), ([[10 ** 400]], "row 0, column 0"),
                ([[datetime.date(2020, 1, 1)]], "row 0, column 0: expected a number, found date")):
            with self.subTest(wrong), self.assertRaisesRegex(c2d.InvalidArgument, said):
                mpc.Matrix.from_rows(wrong)

    def test_a_number_in_the_place_of_a_list(self):
        with self.assertRaisesRegex(TypeError, "sequence of numbers or of rows, found float"):
            mpc.Matrix(3.0)

        def program(session):
            with self.assertRaisesRegex(TypeError, r"list of parties, as \[0\], found int"):
                session.reveal(session.constant([[1.0]]), to=0)
        three_parties(program, "clear")

    def test_a_value_that_is_missing_is_called_missing(self):
        def program(s):
            with self.assertRaises(c2d.DomainViolation) as caught:
                s.input(0, [[1.0, float("nan")]] if s.party == 0 else None)
            return str(caught.exception)

        self.assertIn("has a value that is missing or not finite (row 0, column 1)", three_parties(program)[0])

    def test_frames_if_there(self):
        try:
            import numpy
            import pandas
        except ImportError:
            self.skipTest("pandas is not installed, and not needed")
        values = [[0.5, 1.5, -2.0], [0.1, 0.2, 0.3]]
        for names in ([0, 1, 2], [2021, 2022, 2023], ["age", "income", "tenure"], ["a", "b", "c"]):
            frame = pandas.DataFrame(values, columns=names)
            self.assertEqual(mpc.Matrix.from_rows(frame).to_rows(), values)
        self.assertEqual(mpc.Matrix.from_rows(frame["a"]).to_rows(), [[0.5], [0.1]])
        self.assertEqual(mpc.Matrix.from_rows(pandas.DataFrame({"n": [1, 2], "b": [True, False]})).to_rows(),
                         [[1.0, 1.0], [2.0, 0.0]])
        for wrong, said in ((pandas.DataFrame({"n": [1, 2], "t": ["x", "y"]}), "row 0, column 1.*str"),
                            (pandas.DataFrame({"d": pandas.to_datetime(["2020-01-01"])}), "dates"),
                            (pandas.DataFrame({"n": pandas.array([1, None], dtype="Int64")}), "row 1, column 0")):
            with self.assertRaisesRegex(c2d.InvalidArgument, said):
                mpc.Matrix.from_rows(wrong)
        back = pandas.DataFrame(mpc.Matrix(values), columns=["a", "b", "c"])
        self.assertTrue(back.equals(frame))
        for hides in (numpy.ma.masked_array([1.0, 2.0], mask=[0, 1]), numpy.ma.masked_array([[1, 2]], mask=[[1, 0]])):
            with self.assertRaisesRegex(c2d.InvalidArgument, "filled"):
                mpc.Matrix.from_rows(hides)
        self.assertEqual(mpc.Matrix.from_rows(hides.filled(7)).to_rows(), [[7.0, 2.0]])
        for wrong in (numpy.array([1j]), numpy.array(["2020-01-01"], dtype="M8[D]"), numpy.array(["1", "2"]),
                      numpy.zeros((2, 2, 2)), numpy.array([[1, "x"]], dtype=object)):
            with self.assertRaises(c2d.InvalidArgument):
                mpc.Matrix.from_rows(wrong)

    def test_a_view_outlives_its_matrix(self):
        try:
            import numpy
        except ImportError:
            self.skipTest("numpy is not installed, and not needed")
        matrix = mpc.Matrix([[float(i)] * 1000 for i in range(1000)])
        view = numpy.asarray(matrix)
        self.assertEqual(view.__array_interface__["data"][0], numpy.asarray(matrix).__array_interface__["data"][0])
        self.assertFalse(view.flags.writeable)
        matrix.close()
        others = [mpc.Matrix([[-1.0] * 1000] * 1000) for _ in range(3)]  # would take the place that was freed
        self.assertTrue((view == numpy.arange(1000.0)[:, None]).all())
        self.assertEqual(others[0].row(0)[0], -1.0)
        with self.assertRaises(c2d.InvalidArgument):
            numpy.asarray(matrix)
        self.assertEqual(numpy.array(others[0], dtype="float32").dtype, numpy.float32)

    def test_numpy_on_either_side(self):
        try:
            import numpy
        except ImportError:
            self.skipTest("numpy is not installed, and not needed")
        values = numpy.array([[1.0, -2.0], [3.0, 0.5]])

        def program(s):
            x = s.input(0, values if s.party == 0 else None)
            with self.assertRaisesRegex(TypeError, "reveal"):
                numpy.asarray(x)
            with self.assertRaises(TypeError):
                numpy.exp(x)
            with self.assertRaises(c2d.InvalidArgument):
                x @ values[0]
            with self.assertRaises((TypeError, c2d.InvalidArgument)):
                x + numpy.complex128(1j)
            found = [values + x, values * x, values @ x, values - x, x - values, values[0] + x, values[:, :1] + x,
                     numpy.float64(2) * x, numpy.int64(2) + x, x / numpy.float32(2), x[numpy.array([1, 0])],
                     values < x + 0.5, numpy.float64(0) < x, x ** numpy.int64(2)]
            self.assertTrue(all(isinstance(it, mpc.Tensor) for it in found))
            return [numpy.asarray(s.reveal(it, to=[0, 1, 2])) for it in found]

        v = values
        expected = [v + v, v * v, v @ v, v - v, v - v, v[0] + v, v[:, :1] + v, 2 * v, 2 + v, v / 2, v[[1, 0]],
                    v < v + 0.5, 0 < v, v ** 2]
        for backend in ("clear", "rep3"):
            for got, want in zip(three_parties(program, backend)[1], expected):
                self.assertTrue(numpy.allclose(got, want, atol=1e-3), (backend, got, want))

    def test_numpy_if_there(self):
        try:
            import numpy
        except ImportError:
            self.skipTest("numpy is not installed, and not needed")
        matrix = mpc.Matrix.from_rows(numpy.arange(6).reshape(2, 3))
        self.assertEqual(numpy.asarray(matrix).tolist(), [[0, 1, 2], [3, 4, 5]])
        self.assertEqual(mpc.Matrix.from_rows(numpy.ones((3, 2)).T).shape, (2, 3))


if __name__ == "__main__":
    unittest.main()
