"""A bank's provider and a company's client from Python, in one process."""

import glob
import hashlib
import json
import os
import socket
import sys
import tempfile
import unittest

import c2d
import record_check
from c2d import records

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from world import World, data_attributes  # noqa: E402: the folder had to be named first

setUpModule = record_check.watch_module


class ProviderAndClient(unittest.TestCase):
    """A bank's provider and a company's client, in one process."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.world = world = World(
            operation="open('outputs/rows.txt', 'wb').write(b'a\\0b')\nopen('outputs/model', 'wb').write(b'kept')",
            declared={"rows.txt": {"kind": "released"}, "model": {"kind": "kept"}},
        )
        data = {}
        for dt, name in zip(world.children, ("features", "labels")):
            data[dt] = os.path.join(folder.name, name + ".csv")
            with open(data[dt], "w") as file:
                file.write("1\n")
        self.data = data
        secret = os.path.join(folder.name, "secret")
        with open(os.open(secret, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write("s" * 32)
        self.provider = c2d.Provider(
            world.registry,
            world.bank,
            exec_dirpath=folder.name + "/exec",
            assets=data,
            workers=1,
            peer_ports=[8911, (8920, 8922)],
            peer_networks=["127.0.0.0/8"],
            peer_sources=["10.0.0.0/8", "2001:db8::/32"],
            peer_sources_only=True,
            peer_psk={world.fintech.address: secret},
            accepted_composers=[world.fintech.address],
            limits={"wall_ms": 60000},
            mounts={"/opt/extra": folder.name},
            variables={"WORD": "hé"},
            environment=world.environment,
            artifact_key=folder.name + "/artifact.key",
        )
        self.addCleanup(self.provider.close)
        self.client = c2d.Client(
            world.registry,
            world.fintech,
            environment=world.environment,
            http=lambda request: self.provider.handle(*request),
        )

    def test_deferred_start(self):
        world = self.world
        options = {"exec_dirpath": self.folder + "/later", "environment": world.environment, "start": False}
        with c2d.Provider(world.registry, world.bank, **options) as later:
            self.assertEqual(later.handle("GET", "/healthz").status, 503)
            with self.assertRaisesRegex(c2d.Conflict, "call start first"):
                later.runs()
            with self.assertRaisesRegex(c2d.Conflict, "process %d runs a provider" % os.getpid()):
                c2d.Provider(world.registry, world.bank, **options)
            later.start()
            self.assertEqual(later.handle("GET", "/healthz").status, 200)
            self.assertEqual(later.runs(), [])

    def test_secrets_that_cannot_be_read_are_refused(self):
        world = self.world
        with self.assertRaisesRegex(c2d.InvalidArgument, "peer_silence: expected 5 s at least"):
            c2d.Provider(world.registry, world.bank, exec_dirpath=self.folder, peer_silence_seconds=4)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with self.assertRaisesRegex(c2d.Error, "peer_port: cannot listen on 127.0.0.1:%d" % port):
                c2d.Provider(world.registry, world.bank, exec_dirpath=self.folder, peer_port=port)
        with self.assertRaisesRegex(c2d.InvalidArgument, "peer_psk: .*absent"):
            c2d.Provider(
                world.registry,
                world.bank,
                exec_dirpath=self.folder + "/no",
                environment=world.environment,
                peer_psk={world.fintech.address: self.folder + "/absent"},
            )

    def grant(self):
        for dt in self.world.children:
            self.client.request_grant(dt, self.world.cdt)
        self.world.registry.activate(self.world.fintech, self.world.cdt)

    def test_the_owners_word(self):
        world, (features, labels) = self.world, self.world.children
        owner = c2d.Client(
            world.registry,
            world.bank,
            environment=world.environment,
            http=lambda request: self.provider.handle(*request),
        )
        owner.close_token(features)
        with self.assertRaisesRegex(c2d.Refused, "closed the data token"):
            self.client.request_grant(features, world.cdt)
        owner.open_token(features)
        self.provider.close_token(labels)
        with self.assertRaisesRegex(c2d.Refused, "closed the data token"):
            self.client.request_grant(labels, world.cdt)
        self.provider.open_token(labels)
        self.client.request_grant(labels, world.cdt)
        owner.renew_grant(labels, world.cdt)
        world.chain.revoke(world.bank, labels, world.cdt)
        with self.assertRaises(c2d.Refused) as refused:
            owner.renew_grant(labels, world.cdt)
        self.assertEqual(refused.exception.name, "grant_missing")
        with self.assertRaises(c2d.Refused) as refused:
            self.client.request_grant(labels, world.cdt)
        self.assertEqual(refused.exception.name, "grant_needs_owner")
        found = owner.waiting_grants()
        waiting = found["grants"]
        self.assertEqual(found["unanswered"], [])
        self.assertEqual(
            [(row["dt"], row["cdt"], row["composer"]) for row in waiting], [(labels, world.cdt, world.fintech.address)]
        )
        self.assertEqual((self.provider.waiting_grants(), owner.waiting_grants(labels)), (waiting, found))
        world.registry.grant(world.bank, labels, world.cdt, jobs=3)
        self.assertEqual(world.chain.grant_state(labels, world.cdt)["jobs"], 3)
        self.assertEqual(owner.waiting_grants(), {"grants": [], "unanswered": []})
        self.assertTrue(owner.hold_queue()["held"])
        self.assertEqual(owner.drain_queue(labels, progress=False)["runs"], [])
        self.assertFalse(owner.hold_queue(False, labels)["held"])
        queue = owner.provider_queue()
        self.assertEqual((queue["held"], queue["runs"]), (False, []))
        with self.assertRaisesRegex(c2d.Refused, "belongs to"):
            self.client.provider_queue(labels)

    def test_what_a_job_left(self):
        world = self.world
        self.grant()
        job = self.client.execute(self.client.create_task("count"), world.cdt)
        self.client.wait(job, progress=False)
        owner = c2d.Client(
            world.registry,
            world.bank,
            environment=world.environment,
            http=lambda request: self.provider.handle(*request),
        )
        held = owner.artifacts(job)
        self.assertEqual([(one["party"], one["name"]) for one in held], [(0, "model"), (1, "model")])
        with self.assertRaisesRegex(c2d.Conflict, "as party 0 and as party 1"):
            owner.origin(job, "model")
        origin = owner.origin(job, "model", party=1)
        self.assertEqual(origin, held[1]["origin"])
        c2d.confirm_origin(origin, world.bank.address, world.chain)
        with self.assertRaises(c2d.Refused) as refused:
            c2d.confirm_origin(origin, world.fintech.address, world.chain)
        self.assertEqual(refused.exception.name, "origin_invalid")
        with self.assertRaises(c2d.InvalidArgument):
            c2d.confirm_origin({}, world.bank.address, world.chain)
        with self.assertRaisesRegex(c2d.NotFound, "no part of ours"):
            self.client.artifacts(job)

    def test_more_is_released_where_the_owner_says_so(self):
        self.provider.close()
        self.provider = c2d.Provider(
            self.world.registry,
            self.world.bank,
            exec_dirpath=self.folder + "/exec",
            environment=self.world.environment,
            release_bytes_max=2,
            assets=self.data,
        )
        self.addCleanup(self.provider.close)
        self.grant()
        job = self.client.execute(self.client.create_task("count"), self.world.cdt)
        self.client.wait(job, progress=False)
        with self.assertRaises(c2d.Refused) as refused:
            self.client.results(job)
        self.assertEqual(refused.exception.name, "result_too_large")

    def test_organisation(self):
        world, server = self.world, c2d.Key.generate()
        options = {"exec_dirpath": self.folder + "/delegate", "environment": world.environment}
        self.provider.close()
        with self.assertRaises(c2d.Refused):
            c2d.Provider(world.registry, server, organisation=world.bank.address, **options)
        world.chain.add_delegate(world.bank, world.bank.address, "work", server.address, 3600)
        self.provider = c2d.Provider(world.registry, server, **options)
        self.addCleanup(self.provider.close)
        self.assertEqual(self.provider.address, world.bank.address)
        with self.assertRaises(c2d.Refused) as refused:
            self.client.request_grant(world.children[0], world.cdt)
        self.assertEqual(refused.exception.name, "grant_needs_owner")
        trace = c2d.Tracer(world.registry).walk(world.cdt)
        [bank] = trace.organisations
        self.assertEqual((bank["address"], bank["changes"][-1]["event"]), (world.bank.address, "delegate_added"))
        self.assertEqual(len(trace.roots), 1)
        self.assertIn("acts for work until", str(trace))

    def test_accepted_composers(self):
        options = {"exec_dirpath": self.folder + "/other", "environment": self.world.environment}
        self.provider.close()
        with self.assertRaisesRegex(c2d.InvalidArgument, "accepted_composers"):
            c2d.Provider(self.world.registry, self.world.bank, accepted_composers=["Fintech C"], **options)
        self.provider = c2d.Provider(
            self.world.registry, self.world.bank, accepted_composers=[self.world.admin.address], **options
        )
        self.addCleanup(self.provider.close)
        with self.assertRaises(c2d.Refused) as refused:
            self.client.request_grant(self.world.children[0], self.world.cdt)
        self.assertEqual(refused.exception.name, "party_not_accepted")

    def test_job(self):
        self.grant()
        lines = []
        job = self.client.execute(self.client.create_task("count"), self.world.cdt)
        parts = self.client.wait(job, lambda done, total, line: lines.append(line))
        self.assertEqual({part["state"] for part in parts}, {"succeeded"}, self.provider.runs())
        self.assertTrue(any("succeeded" in line for line in lines), lines)
        files = self.client.results(job)
        self.assertEqual([(file.name, file.content) for file in files], [("rows.txt", b"a\0b")] * 2)
        self.assertEqual({file.dt for file in files}, set(self.world.children))
        self.check_saved(job)
        self.check_forged(job)
        self.assertEqual(self.client.status(job), parts)
        self.assertEqual({log["release"] for log in self.client.logs(job)}, {"none"})
        self.assertEqual({run["state"] for run in self.provider.runs_of(job)}, {"succeeded"})
        with self.assertRaises(c2d.Conflict):
            self.provider.cancel(job)
        with self.assertRaisesRegex(c2d.Conflict, "nothing was cancelled"):
            self.client.cancel(job)
        with self.assertRaises(c2d.NotFound):
            self.provider.runs_of(job + 1)
        with self.assertRaises(c2d.Conflict):
            self.client.start_attempt(job)
        self.assertEqual({part["outcome"] for part in self.client.wait_with_attempts(job)}, {"succeeded"})
        self.provider.hold()
        self.provider.release()
        self.provider.drain()
        self.check_receipts(job)
        self.check_kept(job)
        self.check_saved_with_receipts(job)

    def check_saved_with_receipts(self, job):
        documents = []
        for name in glob.glob(self.folder + "/exec/job_*/receipt.json"):
            with open(name) as file:
                documents.append(file.read())
        out = os.path.join(self.folder, "with_receipts")
        self.assertEqual(len(self.client.save_results(job, out, receipts=documents)), 2)
        with self.assertRaises(c2d.InvalidArgument):
            self.client.save_results(job, out, replace=True, receipts=["{}"])
        # The provider now releases, and signs, something else than its receipt says.
        with open(glob.glob(self.folder + "/exec/job_*/outputs/rows.txt")[0], "wb") as file:
            file.write(b"a\0c")
        with self.assertRaises(c2d.Corrupt) as raised:
            self.client.save_results(job, out, replace=True, receipts=documents)
        self.assertEqual(raised.exception.name, "result_invalid")

    def check_kept(self, job):
        folder = c2d.artifact_folder(self.folder + "/exec", self.world.bank.address)
        with c2d.ArtifactStore(folder, self.folder + "/artifact.key") as store:
            kept = store.list()
            self.assertEqual(
                [(one["job_id"], one["party"], one["name"]) for one in kept], [(job, 0, "model"), (job, 1, "model")]
            )
            for one in kept:
                store.check(one["sha256"])
        named = set()
        for name in glob.glob(self.folder + "/exec/job_*/receipt.json"):
            with open(name) as file:
                named |= {artifact["sha256"] for artifact in c2d.read_receipt(file.read())["artifacts"]}
        self.assertEqual(named, {one["sha256"] for one in kept})

    def check_saved(self, job):
        out = os.path.join(self.folder, "out")
        saved = self.client.save_results(job, out)
        paths = [os.path.join(out, "party_%d" % party, "rows.txt") for party in range(2)]
        self.assertEqual(([file["path"] for file in saved], {file["bytes"] for file in saved}), (paths, {3}))
        self.assertEqual({file["sha256"] for file in saved}, {"0x" + hashlib.sha256(b"a\0b").hexdigest()})
        with self.assertRaises(c2d.Conflict):
            self.client.save_results(job, out)
        self.client.save_results(job, out, replace=True)
        for path in paths:
            with open(path, "rb") as file:
                self.assertEqual(file.read(), b"a\0b")

    def check_forged(self, job):
        """An answer without its proof, with another one's, and one that is changed."""
        kept = []

        def without(answer):
            return answer._replace(headers=())

        def again(answer):
            kept.append(answer)
            return kept[0] if len(kept) > 1 else without(answer)

        def changed(answer):
            return answer._replace(body=answer.body + b" ")

        out = os.path.join(self.folder, "forged")
        for forge in (without, again, changed):
            client = c2d.Client(
                self.world.registry,
                self.world.fintech,
                environment=self.world.environment,
                http=lambda request: forge(self.provider.handle(*request)),
            )
            for call in (
                lambda: client.results(job),
                lambda: client.save_results(job, out),
                lambda: client.status(job),
            ):
                with self.assertRaises(c2d.Corrupt) as raised:
                    call()
                self.assertEqual(raised.exception.name, "answer_unproven")
            self.assertFalse(os.path.exists(out))

    def check_opened_member(self, document, receipt):
        """One member is shown without the others, and checked by whoever is handed it."""
        shown = c2d.open_receipt_member(document, "attempts")
        self.assertNotIn("rows.txt", shown)
        opened = c2d.read_opened_member(shown)
        record_check.check(opened, records.OpenedMember, "read_opened_member")
        self.assertEqual(
            opened, {"job_id": receipt["job_id"], "member": "attempts", "value": 1, "digest": receipt["digest"]}
        )
        posted = c2d.confirm_opened_member(shown, self.world.chain)
        record_check.check(posted[0], records.PostedReceipt, "confirm_opened_member")
        self.assertEqual({one["owner"] for one in posted}, {receipt["owner"]})
        with self.assertRaises(c2d.Refused) as raised:
            c2d.read_opened_member(shown.replace('"value": 1', '"value": 2'))
        self.assertEqual(raised.exception.name, "receipt_altered")
        with self.assertRaises(c2d.NotFound):
            c2d.open_receipt_member(document, "nothing")
        with open(
            os.path.join(os.path.dirname(os.path.abspath(__file__)), "../job/data/receipt_version_1.json")
        ) as file:
            before = file.read()
        self.assertEqual(c2d.read_receipt(before)["version"], 1)
        with self.assertRaises(c2d.Unsupported):
            c2d.open_receipt_member(before, "outcome")
        with self.assertRaises(c2d.Refused):
            c2d.confirm_receipt(before, self.world.chain)

    def check_receipts(self, job):
        posted = self.world.chain.receipts_of(job)
        self.assertEqual({receipt["dt"] for receipt in posted}, set(self.world.children))
        self.assertEqual({receipt["outcome"] for receipt in posted}, {"succeeded"})
        documents = glob.glob(self.folder + "/exec/job_*/receipt.json")
        self.assertEqual(len(documents), 2)
        for name in documents:
            with open(name) as file:
                document = file.read()
            receipt = c2d.read_receipt(document)
            record_check.check(receipt, records.Receipt, "read_receipt")
            self.assertIn(receipt["digest"], [one["digest"] for one in posted])
            self.assertEqual((receipt["job_id"], receipt["owner"]), (job, self.world.bank.address))
            self.assertEqual([file["name"] for file in receipt["outputs"]], ["rows.txt"])
            c2d.confirm_receipt(document, self.world.chain)
            self.check_opened_member(document, receipt)
            with self.assertRaises(c2d.Refused) as raised:
                c2d.read_receipt(document.replace('"succeeded"', '"failed"'))
            self.assertEqual(raised.exception.name, "receipt_altered")
        with self.assertRaises(c2d.Refused) as raised:
            self.world.chain.post_receipt(self.world.bank, job, self.world.children[0], "failed", b"\1" * 32)
        self.assertEqual(raised.exception.name, "receipt_exists")
        with self.assertRaises(c2d.InvalidArgument):
            self.world.chain.post_receipt(self.world.bank, job, self.world.children[0], "perhaps", b"\1" * 32)

    def test_refusals(self):
        outsider = c2d.Client(
            self.world.registry,
            self.world.admin,
            environment=self.world.environment,
            http=lambda request: self.provider.handle(*request),
        )
        with self.assertRaises(c2d.Refused) as raised:
            outsider.request_grant(self.world.children[0], self.world.cdt)
        self.assertEqual((raised.exception.name, raised.exception.source), ("wrong_signer", "127.0.0.1:8090"))
        answer = self.provider.handle("POST", "/v1/verify", b"\xff")
        self.assertEqual((answer.status, answer.content_type), (400, "application/json"))
        self.assertEqual(json.loads(answer.body)["error"]["code"], "malformed")
        self.assertEqual(self.provider.handle("GET", "http://bank/healthz?x").status, 200)
        self.assertEqual(
            self.provider.handle("POST", "/v1/verify", "x" * (self.provider.BODY_BYTES_MAX + 1)).status, 413
        )

    def test_transports(self):
        class Broken(Exception):
            pass

        def broken(request):
            raise Broken(request.target)

        world = self.world
        client = c2d.Client(world.registry, world.fintech, http=broken, environment=world.environment)
        with self.assertRaisesRegex(Broken, "127.0.0.1:8090/grantPermission"):
            client.request_grant(world.children[0], world.cdt)
        teapot = c2d.Client(world.registry, world.fintech, http=lambda _: (418, "{}"), environment=world.environment)
        with self.assertRaises(c2d.Corrupt):
            teapot.request_grant(world.children[0], world.cdt)
        nobody = c2d.Client(world.registry, world.fintech, timeout=5, environment=world.environment)
        with self.assertRaises(c2d.Unavailable):  # nothing listens on port 1
            nobody.request_grant(self.publish_at("127.0.0.1:1"), world.cdt)

    def publish_at(self, endpoint):
        attributes = data_attributes(self.world.tid, "elsewhere")
        attributes["services"][0]["endpoint"] = endpoint
        client = c2d.Client(self.world.registry, self.world.bank, environment=self.world.environment)
        return client.publish(attributes)

    def test_reprs(self):
        world = self.world
        self.assertEqual(repr(world.registry.documents), "<c2d.DocumentStore in memory>")
        tracer = c2d.Tracer(world.registry)
        self.assertEqual(repr(tracer), "<c2d.Tracer on %r>" % world.registry)
        trace = tracer.walk(world.children)
        self.assertEqual(repr(trace), "<c2d.Trace of 2 roots, 2 lines>")
        trace.close()
        self.assertEqual(repr(trace), "<c2d.Trace closed>")
        self.assertEqual(repr(self.provider), "<c2d.Provider of %s>" % self.world.bank.address)
        self.assertEqual(repr(self.client), "<c2d.Client of %s>" % self.world.fintech.address)
        self.provider.close()
        with self.assertRaisesRegex(c2d.InvalidArgument, "this Provider is closed"):
            self.provider.runs()
        self.assertEqual(repr(self.provider), "<c2d.Provider closed>")


if __name__ == "__main__":
    unittest.main()
