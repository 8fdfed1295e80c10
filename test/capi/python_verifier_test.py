"""Verdicts from Python: requests, jobs, headers, and nonces that are kept elsewhere."""

import gc
import os
import sys
import unittest

import c2d
import record_check

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from world import World  # noqa: E402: the folder had to be named first

setUpModule = record_check.watch_module


class Verdicts(unittest.TestCase):
    def test_grant(self):
        world = World()
        verifier = world.verifier()
        body = world.request("grantPermission")
        verdict = verifier.verify("grantPermission", body)
        self.assertTrue(verdict, verdict)
        again = verifier.verify("grantPermission", body)
        self.assertFalse(again)
        self.assertEqual((again.reason, again.http_status), ("replayed", 409))
        self.assertIn("replayed", repr(again))
        refused = verifier.verify("grantPermission", world.request("grantPermission", world.bank))
        self.assertEqual(refused.reason, "wrong_signer")
        self.assertEqual(refused.expected, "a key that acts for " + str(world.fintech.address))
        self.assertEqual(verifier.verify("grantPermission", b"\xff").reason, "malformed")
        late = world.request("grantPermission")
        world.now += 3600
        self.assertEqual(verifier.verify("grantPermission", late).reason, "request_expired")
        with self.assertRaisesRegex(c2d.InvalidArgument, "grantPermission, onPremiseCompute"):
            verifier.verify("steal", body)

    def test_job(self):
        world = World()
        world.grant()
        verifier, job = world.verifier(), world.job()
        verdict, envelope = verifier.check_body("onPremiseCompute", world.request("onPremiseCompute", job_id=job))
        self.assertTrue(verdict)
        self.assertEqual(
            (envelope.method, envelope.signer, envelope.job_id), ("onPremiseCompute", world.fintech.address, job)
        )
        verdict, terms = verifier.verify_job(envelope)
        self.assertTrue(verdict)
        self.assertEqual(terms["outputs"], ["rows.txt"])
        self.assertEqual(terms["args"]["outputs"], {"0": "./outputs/rows.txt"})
        self.assertEqual([row["name"] for row in terms["inputs"]], ["features.csv"])
        self.assertTrue(verifier.admit(envelope))
        self.assertEqual(verifier.admit(envelope).reason, "replayed")
        verdict, envelope = verifier.check_body("onPremiseCompute", world.request("onPremiseCompute", job_id=job + 1))
        verdict, terms = verifier.verify_job(envelope)
        self.assertEqual((verdict.reason, terms), ("job_unknown", None))
        verdict, envelope = verifier.check_body("onPremiseCompute", "{}")
        self.assertEqual((verdict.reason, envelope), ("malformed", None))

    def test_header(self):
        world = World()
        header = c2d.sign_authorization(
            world.chain,
            world.fintech,
            "status",
            audience=world.bank.address,
            dt=world.children[0],
            environment=world.environment,
        )
        verdict, envelope = world.verifier().check_authorization("status", header)
        self.assertTrue(verdict)
        self.assertEqual(envelope.dt, world.children[0])
        self.assertEqual(envelope.algo_dt, "")

    def test_own_nonces(self):
        world, known = World(), set()

        def remember(signer, nonce, expiry, now):
            self.assertGreater(expiry, now)
            fresh = (signer, nonce) not in known
            known.add((signer, nonce))
            return fresh

        verifier = world.verifier(
            c2d.NonceStore.from_functions(lambda signer, nonce: (signer, nonce) in known, remember)
        )
        gc.collect()
        body = world.request("grantPermission")
        self.assertTrue(verifier.verify("grantPermission", body))
        self.assertEqual(verifier.verify("grantPermission", body).reason, "replayed")
        self.assertEqual(len(known), 1)

        def broken(*_):
            raise OSError("the disk is full")

        with self.assertRaisesRegex(OSError, "the disk is full"):
            world.verifier(c2d.NonceStore.from_functions(broken, broken)).verify(
                "grantPermission", world.request("grantPermission")
            )


if __name__ == "__main__":
    unittest.main()
