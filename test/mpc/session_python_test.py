"""Sessions from Python: keys with each peer, what is opened to whom, and failures.

Run by mpc_session_python (ctest) with the path of libc2d.so in C2D_LIBRARY.
"""

import os
import socket
import sys
import threading
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "bindings", "python"), os.path.join(ROOT, "test", "support")]
import c2d  # noqa: E402
from c2d import mpc  # noqa: E402
from three_parties import Locked, serve, three_parties  # noqa: E402


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
        return [
            {
                name: {peer: bytes([party + peer + which]) * 32 for peer in range(3) if peer != party}
                for which, name in enumerate(("session_binding", "pre_shared"))
            }
            for party in range(3)
        ]

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
        for options, text in (
            ({"session_binding": {1: b"short"}}, "expected 32 bytes, found 5"),
            ({"session_binding": {3: bytes(32)}}, "party must be 0, 1 or 2"),
            ({"pre_shared": {1: bytes(4097)}}, "at most 4096 bytes"),
        ):
            with self.subTest(text), self.assertRaisesRegex(c2d.InvalidArgument, text):
                mpc.Session.open_fd(0, 0, **options)


class Values(unittest.TestCase):
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
        parties = [("127.0.0.1", listener.getsockname()[1], key.address) for listener, key in zip(listeners, keys)]
        for listener in listeners:  # the port is free again a moment before it is needed
            listener.close()
        sums, failures = [None] * 3, []

        def run(party):
            try:
                with mpc.Session.connect(
                    party, keys[party], parties, program="sum", run=1, deadline_ms=20000
                ) as session:
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
        for wrong in (
            {"row": 3},
            {"weight_share_max": 2.0},
            {"rows": -1},
            {"rows": 1 << 40},
            {"label_counts": 1 << 30},
        ):
            with self.assertRaises((c2d.Error, mpc.PartyFailed)):
                mpc.run_local(lambda s, _: None, [None] * 3, rules=wrong)


if __name__ == "__main__":
    unittest.main()
