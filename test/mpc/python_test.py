"""The Python package over the C interface: three sessions on three threads, relays in between.

Run by mpc_python (ctest) with the path of libc2d.so in C2D_LIBRARY. The relay here is twenty lines of
Python: it knows the frame format from docs/mpc.md, not from the library.
"""

import array
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
            with mpc.Session.open_fd(pairs[party][0].fileno(), party, backend) as session:
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
