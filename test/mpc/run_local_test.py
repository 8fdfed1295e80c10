"""mpc.run_local: three parties of one program on this machine, and what a failure of one says."""

import copy
import functools
import os
import pickle
import sys
import tempfile
import time
import traceback
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "bindings", "python"))
import c2d  # noqa: E402
from c2d import mpc  # noqa: E402


def product(session, data):
    x = session.input(0, data if session.party == 0 else None)
    y = session.input(1, data if session.party == 1 else None)
    return {"party": session.party, "out": [session.reveal(x * y, to=[0])]}


INPUTS = ([[1.5, 2]], [[2, -4]], None)


class RunLocal(unittest.TestCase):
    def each(self, check):
        for processes in (False, True):
            for backend in ("rep3", "clear"):
                with self.subTest(processes=processes, backend=backend):
                    check({"processes": processes, "backend": backend})

    def test_results_by_party(self):
        def check(how):
            results = mpc.run_local(product, INPUTS, rules={"reveal_any": True}, **how)
            self.assertEqual([result["party"] for result in results], [0, 1, 2])
            self.assertEqual([result["out"][0] is None for result in results], [False, True, True])
            for got, want in zip(results[0]["out"][0].to_rows()[0], [3, -8]):
                self.assertAlmostEqual(got, want, delta=1e-3)

        self.each(check)

    def test_a_lost_attempt_is_followed_by_one_that_goes_on(self):
        def sum_up(last, session, data):
            x = session.input(0, data if session.party == 0 else None)
            step, (total,) = session.load_checkpoint() or (0, (session.constant([[0.0, 0.0]]),))
            first = step
            while step < 8:
                total = total + x * (step + 1)
                step += 1
                time.sleep(0.005)
                session.save_checkpoint(step, total)
                if step == last and session.party == 1:
                    raise KeyError("lost")
            return first, session.reveal(total, to=[0])

        def check(how):
            with tempfile.TemporaryDirectory() as folder:
                more = {"checkpoints": folder, "checkpoint_seconds": 0, "rules": {"reveal_any": True}}
                with self.assertRaises(mpc.PartyFailed):
                    mpc.run_local(functools.partial(sum_up, 5), INPUTS, **more, **how)
                results = mpc.run_local(functools.partial(sum_up, 0), INPUTS, attempt=2, **more, **how)
            self.assertEqual(len({first for first, _ in results}), 1)
            # The last one may not have been everywhere.
            self.assertIn(results[0][0], (4, 5))
            self.assertEqual([round(value, 2) for value in results[0][1].to_rows()[0]], [54, 72])

        for backend in ("rep3", "clear"):
            with self.subTest(backend=backend):
                check({"backend": backend})

    def test_the_guilty_party_comes_first(self):
        def fails(session, data):
            if session.party == 1:
                raise KeyError("mine")
            return product(session, data)

        def check(how):
            with self.assertRaises(mpc.PartyFailed) as caught:
                mpc.run_local(fails, INPUTS, **how)
            failed = caught.exception
            self.assertEqual((failed.party, type(failed.__cause__)), (1, KeyError))
            self.assertTrue(str(failed).startswith("party 1: KeyError: 'mine'"), failed)
            self.assertIsInstance(failed.failures[0], c2d.PeerFailure)
            text = "".join(traceback.format_exception(type(failed), failed, None))
            self.assertIn("in fails", text)

        self.each(check)

    def test_a_failure_is_carried_and_copied(self):
        """By a pool of processes, say, which ends without a word when an exception cannot be read again."""

        def fails(session, _):
            raise c2d.InvalidArgument("mine %d" % session.party, name="wrong")

        with self.assertRaises(mpc.PartyFailed) as caught:
            mpc.run_local(fails, INPUTS)
        for again in (pickle.loads(pickle.dumps(caught.exception)), copy.copy(caught.exception)):
            self.assertEqual((again.party, str(again)), (caught.exception.party, str(caught.exception)))
            self.assertEqual(
                {party: problem.name for party, problem in again.failures.items()}, dict.fromkeys(range(3), "wrong")
            )
            self.assertIs(again.__cause__, again.failures[again.party])

    def test_the_party_whose_input_is_not_usable_comes_first(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        self.addCleanup(os.close, writer)

        def program(session, data):
            try:
                session.input(0, data if session.party == 0 else None)
            except c2d.DomainViolation:
                if session.party == 0:
                    for _ in range(2):
                        os.read(reader, 1)  # the others end first
                else:
                    os.write(writer, b".")
                raise

        def check(how):
            with self.assertRaises(mpc.PartyFailed) as caught:
                mpc.run_local(program, ([[50000.0]], None, None), **how)
            self.assertEqual(caught.exception.party, 0)
            self.assertIn("beyond +-64", str(caught.exception.__cause__))
            self.assertEqual(sorted(caught.exception.failures), [0, 1, 2])

        self.each(check)

    def test_a_process_that_dies(self):
        def dies(session, data):
            if session.party == 2:
                os._exit(9)
            return product(session, data)

        with self.assertRaisesRegex(mpc.PartyFailed, "party 2: RuntimeError: its process ended with 9"):
            mpc.run_local(dies, INPUTS, processes=True)

    def test_what_cannot_be_carried_between_processes(self):
        class Odd(Exception):
            def __init__(self, one, two):
                super().__init__(one)

        def odd(session, _):
            if session.party == 0:
                raise Odd(1, 2)
            return (lambda: 1) if session.party == 1 else None

        with self.assertRaises(mpc.PartyFailed) as caught:
            mpc.run_local(odd, INPUTS, processes=True)
        self.assertIn("Odd", str(caught.exception.failures[0]))
        self.assertIn("pickle", str(caught.exception.failures[1]))

    def test_the_page(self):
        """The programs of docs/operators.md, as they stand there."""
        page = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "operators.md")
        with open(page) as file:
            blocks = [part.split("```")[0] for part in file.read().split("```python\n")[1:]]
        names = {"__name__": "page"}
        for block in blocks:
            exec(block, names)
        self.assertAlmostEqual(names["results"][0].to_rows()[0][0], 30, delta=2**-15 + 30 * 2**-20)
        self.assertEqual(names["results"][1:], [None, None])

    def test_arguments(self):
        for arguments in ((None, INPUTS), (product, INPUTS[:2]), (product, INPUTS + (1,))):
            with self.assertRaises((TypeError, c2d.InvalidArgument)):
                mpc.run_local(*arguments)
        with self.assertRaises(c2d.InvalidArgument):
            mpc.run_local(product, INPUTS, backend="magic")


if __name__ == "__main__":
    unittest.main()
