"""The Python classes over the C interface: the flow, failures, callbacks, closing, imports."""

import ast
import gc
import glob
import hashlib
import http.server
import importlib
import inspect
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import typing
import unittest
import urllib.parse
import weakref

import c2d
import record_check
from c2d import records

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from world import World, data_attributes  # noqa: E402: the folder had to be named first

SECRET = "0x" + "46" * 32
ADDRESS = "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F"


def sources():
    """The files of the package."""
    return sorted(pathlib.Path(c2d.__file__).parent.rglob("*.py"))


def setUpModule():
    """Whatever these tests call: dicts hold what their types say."""
    watch = record_check.Watch(sorted(set(c2d._ON_DEMAND.values()) - {"job_receipt"}))
    unittest.addModuleCleanup(watch.end)
    setUpModule.watch = watch


class OthersText(unittest.TestCase):
    EVIL = "bank\x1b[2J\nFORGED\r\u009b\u202e\u200b"

    def check_clean(self, text):
        for mark in self.EVIL.replace("bank", "").replace("[2J", "").replace("FORGED", ""):
            self.assertNotIn(mark, text)

    def test_messages_are_one_harmless_line(self):
        with self.assertRaises(c2d.Error) as caught:
            c2d.Chain.open("ledger:/nowhere/%s/ledger.db" % self.EVIL)
        self.assertIn("FORGED", str(caught.exception))
        self.check_clean(str(caught.exception))

    def test_a_trace(self):
        world = World()
        attributes = data_attributes(world.tid, "features")
        attributes["metadata"]["main"]["name"] = self.EVIL
        dt = world.registry.publish(world.bank, attributes)
        trace = c2d.Tracer(world.registry).walk([dt])
        self.check_clean(str(trace).rstrip("\n"))
        # JSON says it exactly, and says it harmlessly.
        self.assertEqual(trace.roots[0]["name"], self.EVIL)
        self.check_clean(trace.to_json())


class Keys(unittest.TestCase):
    def test_signs_and_recovers(self):
        with c2d.Key.from_hex(SECRET) as key:
            self.assertEqual(key.address, ADDRESS)
            signature = key.sign_digest(bytes(32))
            self.assertEqual(c2d.recover_signer(bytes(32), signature), ADDRESS)
            self.assertEqual(repr(key), "<c2d.Key %s>" % ADDRESS)
            with self.assertRaises(c2d.InvalidArgument):
                key.sign_digest(b"short")

    def test_keystore(self):
        text = c2d.Key.from_hex(SECRET).to_keystore("pass", scrypt_log2n=4)
        self.assertEqual(c2d.Key.from_keystore(text, "pass").address, ADDRESS)
        with self.assertRaises(c2d.InvalidArgument):
            c2d.Key.from_keystore(text, "wrong")

    def test_outside(self):
        inner = c2d.Key.from_hex(SECRET)
        outer = c2d.Key.from_signer(ADDRESS, inner.sign_digest)
        self.assertEqual(outer.sign_digest(bytes(32)), inner.sign_digest(bytes(32)))
        c2d.Chain.create("ledger::memory:", outer).close()
        with self.assertRaises(c2d.Unsupported):
            outer.to_keystore("pass")

        def broken(_):
            raise KeyError("the device is unplugged")
        with self.assertRaisesRegex(KeyError, "unplugged"):
            c2d.Key.from_signer(ADDRESS, broken).sign_digest(bytes(32))
        with self.assertRaisesRegex(KeyError, "unplugged"):
            c2d.Chain.create("ledger::memory:", c2d.Key.from_signer(ADDRESS, broken))
        other = c2d.Key.generate()
        with self.assertRaises(c2d.InvalidArgument):
            c2d.Key.from_signer(ADDRESS, other.sign_digest).sign_digest(bytes(32))


class Failures(unittest.TestCase):
    def test_hierarchy(self):
        with self.assertRaises(ValueError):
            c2d.Key.from_hex("nonsense")
        with self.assertRaises(LookupError):
            c2d.Chain.open("ledger:/nowhere/at/all")
        with self.assertRaises(c2d.Error) as caught:
            c2d.Chain.open("ledger:/nowhere/at/all")
        self.assertEqual(caught.exception.status, "not_found")
        self.assertTrue(str(caught.exception))

    def test_refusals(self):
        world = World()
        with self.assertRaises(c2d.Refused) as caught:
            world.chain.register_enterprise(world.admin, world.bank.address, "Again")
        self.assertEqual(caught.exception.source, "AssetProvider")
        self.assertTrue(caught.exception.name and caught.exception.code)
        self.assertEqual(len(caught.exception.transaction), 32)
        with self.assertRaises(c2d.Refused):
            world.registry.activate(world.fintech, world.cdt)

    def test_edition_2(self):
        world = World()
        chain, bank, clerk = world.chain, world.bank.address, c2d.Key.generate()
        self.assertEqual(chain.info()["edition"], 2)
        with self.assertRaises(c2d.Refused) as caught:
            chain.start_edition(world.admin, 3)
        self.assertEqual(caught.exception.name, "edition_not_next")
        chain.update_organisation(world.admin, bank, "Bank A", legal_id="DE:HRB1")
        chain.remove_role(world.admin, bank, "provider")
        chain.restore_role(world.admin, bank, "provider")
        with self.assertRaisesRegex(c2d.InvalidArgument, "role: expected administrator or enterprise or provider"):
            chain.remove_role(world.admin, bank, "owner")
        chain.add_delegate(world.bank, bank, "work", clerk.address, 60)
        self.assertTrue(chain.acts_for(clerk.address, bank, "work"))
        self.assertFalse(chain.acts_for(clerk.address, bank, "grant"))
        keys = chain.keys(bank)
        self.assertEqual((keys["owner"], keys["legal_id"]), (bank, "DE:HRB1"))
        self.assertEqual([(d["use"], d["key"]) for d in keys["delegates"]], [("work", clerk.address)])
        chain.revoke_delegate(world.bank, bank, "work", clerk.address)
        self.assertEqual(chain.change_owner(world.bank, bank, clerk.address), 0)
        self.assertEqual(chain.keys(bank)["owner"], clerk.address)
        chain.change_owner(clerk, bank, bank)
        self.assertEqual(chain.decision(world.cdt, bank)["grants"], 0)
        self.assertEqual(chain.disclosures(world.cdt, bank, "labels"), {"organisation": 0, "total": 0})
        self.assertEqual(chain.admins(), [world.admin.address])
        chain.close_token(world.fintech, world.cdt)
        self.assertTrue(chain.is_closed(world.cdt))
        chain.open_token(world.fintech, world.cdt)

    def test_wrong_values(self):
        key = c2d.Key.generate()
        with self.assertRaisesRegex(c2d.InvalidArgument, "the signer must be a Key, found str"):
            c2d.Chain.create("ledger::memory:", ADDRESS)
        with self.assertRaisesRegex(c2d.InvalidArgument, "zero byte"):
            c2d.Chain.create("ledger::memory:\0x", key)
        with self.assertRaisesRegex(c2d.InvalidArgument, "expected str"):
            c2d.Chain.create(b"ledger::memory:", key)
        with self.assertRaisesRegex(c2d.InvalidArgument, "Unicode"):
            c2d.Key.from_hex("\ud800")
        with self.assertRaisesRegex(c2d.InvalidArgument, "JSON"):
            World().registry.publish(key, {"a": object()})
        with self.assertRaisesRegex(c2d.InvalidArgument, "JSON"):
            World().registry.publish(key, {"a": float("nan")})

    def test_used_after_close(self):
        chain = c2d.Chain.create("ledger::memory:", c2d.Key.generate())
        chain.close()
        chain.close()
        self.assertTrue(chain.closed)
        self.assertIn("closed", repr(chain))
        with self.assertRaisesRegex(c2d.InvalidArgument, "this Chain is closed"):
            chain.info()


class Flow(unittest.TestCase):
    def test_chain(self):
        world = World()
        info = world.chain.info()
        self.assertEqual(info["kind"], "ledger")
        self.assertEqual(info["admin"], world.admin.address)
        self.assertEqual(world.chain.enterprise(world.bank.address)["name"], "Bank A")
        self.assertIn(world.chain.enterprise(world.bank.address), world.chain.enterprises())
        self.assertTrue(world.chain.is_provider(world.bank.address))
        self.assertFalse(world.chain.is_provider(world.admin.address))
        world.grant()
        self.assertEqual(world.chain.token_count(), 3)
        self.assertTrue(world.chain.has_grant(world.children[0], world.cdt))
        self.assertEqual(len(world.chain.grants_to(world.cdt)), 2)
        self.assertEqual(world.chain.grants_of(world.children[0])[0]["grantee"], world.cdt)
        job = world.job()
        self.assertEqual(world.chain.job(job)["cdt"], world.cdt)
        self.assertEqual(world.chain.task(1)["jobs"], [job])
        self.assertTrue(world.chain.token(world.cdt)["checksum"])
        with self.assertRaises(c2d.NotFound):
            world.chain.job(job + 1)

    def test_verify(self):
        world, seen = World(), []
        head = world.chain.verify(lambda done, total, line: seen.append(done))
        self.assertEqual(head["number"], world.chain.info()["head"]["number"])
        self.assertTrue(seen)

        def stop(*_):
            raise RuntimeError("enough")
        with self.assertRaisesRegex(RuntimeError, "enough"):
            world.chain.verify(stop)
        world.chain.require_block(head["number"], head["hash"])
        with self.assertRaises(c2d.Corrupt) as raised:
            world.chain.require_block(head["number"] + 1, head["hash"])
        self.assertEqual(raised.exception.name, "ledger_rolled_back")
        with self.assertRaises(ValueError):
            world.chain.require_block(0, b"short")

    def test_trust_dir(self):
        with tempfile.TemporaryDirectory() as folder:
            ledger, trust = os.path.join(folder, "ledger.db"), os.path.join(folder, "trust")
            c2d.Chain.create("ledger:" + ledger, c2d.Key.generate(), trust_dir=trust).close()
            self.assertEqual(sorted(name.split(".")[-1] for name in os.listdir(trust)),
                             ["clock", "head", "lock", "view"])
            os.remove(ledger)
            c2d.Chain.create("ledger:" + ledger, c2d.Key.generate()).close()
            with self.assertRaises(c2d.Corrupt) as raised:
                c2d.Chain.open("ledger:" + ledger, trust_dir=trust)
            self.assertEqual(raised.exception.name, "ledger_rolled_back")

    def test_cut_and_accept(self):
        with tempfile.TemporaryDirectory() as folder:
            url, admin = "ledger:" + os.path.join(folder, "ledger.db"), c2d.Key.generate()
            keeper, reader = (os.path.join(folder, name) for name in ("keeper", "reader"))
            with c2d.Chain.create(url, admin, trust_dir=keeper, clock_ok=True) as chain:
                chain.register_enterprise(admin, admin.address, "bank")
                with self.assertRaises(c2d.Conflict):
                    c2d.Chain.cut(url, 1, trust_dir=keeper)
            c2d.Chain.open(url, trust_dir=reader, clock_ok=True).close()
            self.assertEqual(c2d.Chain.cut(url, 1, trust_dir=keeper, dry_run=True)["saved"], "")
            cut = c2d.Chain.cut(url, 1, trust_dir=keeper)
            self.assertEqual((cut["blocks"], cut["transactions"], cut["head"]["number"]), (1, 1, 0))
            self.assertTrue(os.path.exists(cut["saved"]))
            with self.assertRaises(c2d.NotFound):
                c2d.Chain.cut(url, 1, trust_dir=keeper)
            head = bytes.fromhex(cut["head"]["hash"][2:])
            for hash in (bytes(32), head[::-1]):
                with self.assertRaises(c2d.Corrupt) as raised:
                    c2d.Chain.accept(url, 0, hash, trust_dir=reader)
                self.assertEqual(raised.exception.name, "ledger_rolled_back")
            self.assertEqual(c2d.Chain.accept(url, 0, head, trust_dir=reader)["given_up"]["number"], 1)
            with c2d.Chain.open(url, trust_dir=reader) as chain:
                self.assertEqual(chain.info()["head"]["number"], 0)
                self.assertNotIn("ledger_ahead", chain.info())
            self.assertNotIn("given_up", c2d.Chain.accept(url, 0, head, trust_dir=reader))

    def test_registry(self):
        world = World()
        leaf = world.registry.resolve(world.children[0])
        self.assertEqual((leaf["type"], leaf["active"], leaf["is_leaf"]), ("Dataset", True, True))
        self.assertEqual(leaf["services"][0]["template"], world.tid)
        self.assertEqual(leaf["document"]["metadata"]["main"]["name"], "features")
        self.assertEqual(leaf["free"], [{"service": "count", "argument": "outputs", "allows": "{}"}])
        self.assertEqual(world.registry.resolve(world.cdt)["free"], [])
        with self.assertRaisesRegex(c2d.NotFound, "states no schema"):
            world.registry.schema(world.children[0])
        stated = data_attributes(world.tid, "stated")
        stated["services"][0]["attributes"]["schema"] = {"fields": [{"name": "income", "type": "number", "role": "feature"}]}
        schema = world.registry.schema(world.registry.publish(world.bank, stated))
        self.assertEqual((schema.names, schema.fields[0]["type"]), (["income"], "number"))
        self.assertEqual(world.registry.resolve_operator(world.tid)["operation"], "print('rows')")
        self.assertEqual(world.registry.resolve(world.cdt)["children"], world.children)
        self.assertEqual([row["dt"] for row in world.registry.list()][:2], world.children)
        self.assertEqual([row["dt"] for row in world.registry][:2], world.children)
        self.assertEqual({run["dt"] for run in world.registry.plan(world.cdt)}, set(world.children))
        store = world.registry.documents
        self.assertEqual(json.loads(store.get(leaf["cid"])), leaf["document"])
        self.assertEqual(store.get(store.put(b"a\0b")), b"a\0b")

    def test_functions_of_contracts_by_name(self):
        world = World()
        self.assertEqual(world.chain.ask("DTFactory.getDTNum"), [world.chain.token_count()])
        before = world.chain.ask("TaskMarket.getTaskNum")[0]
        with self.assertRaises(c2d.InvalidArgument):
            world.chain.ask("TaskMarket.getTaskbyId", "one")
        with self.assertRaises(c2d.NotFound):
            world.chain.ask("DTFactory.getDTOwner", "0x" + "77" * 32)
        self.assertEqual(world.chain.ask("TaskMarket.getTaskNum"), [before])

    def test_trace(self):
        world = World()
        world.grant()
        self.assertTrue(world.chain.grant_state(world.children[0], world.cdt)["given"])
        job = world.job()
        with c2d.Tracer(world.registry).walk(world.children) as trace:
            self.assertIn("└── job %d" % job, str(trace))
            self.assertEqual([root["dt"] for root in trace.roots], world.children)
            self.assertEqual(trace.roots[0]["granted_to"][0]["jobs"][0]["job_id"], job)
            self.assertGreater(trace.roots[0]["granted_to"][0]["jobs"][0]["registered"]["block"], 0)
            self.assertEqual(trace.roots[0]["granted_to"][0]["grant"]["state"], "granted")
            self.assertIn("  minted ", str(trace))
            nodes = list(trace)
            self.assertEqual([depth for depth, _ in nodes], [0, 1, 2, 0, 1])  # the second time not followed
            self.assertEqual([node["dt"] for depth, node in nodes if depth == 0], world.children)
        self.assertIn(world.cdt, c2d.Tracer(world.registry).walk(world.cdt).to_text())

        def stop(*_):
            raise KeyboardInterrupt
        with self.assertRaises(KeyboardInterrupt):
            c2d.Tracer(world.registry).walk(world.children, progress=stop)

    def test_directories(self):
        with tempfile.TemporaryDirectory() as folder:
            url = "ledger:%s/ledger.c2d" % folder
            admin = c2d.Key.generate()
            with c2d.Chain.create(url, admin) as chain:
                documents = c2d.DocumentStore.directory(folder + "/documents")
                tid = c2d.AssetRegistry(chain, documents).publish_operator(
                    admin, {"main": {"type": "Operation", "name": "op"}}, "pass", {})
            with c2d.Chain.open(url) as chain:
                documents = c2d.DocumentStore.directory(folder + "/documents")
                found = c2d.AssetRegistry(chain, documents).resolve_operator(tid)
                self.assertEqual(found["operation"], "pass")
                with self.assertRaises(c2d.Conflict):
                    c2d.Chain.create(url, admin)


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
        verdict, envelope = verifier.check_body(
            "onPremiseCompute", world.request("onPremiseCompute", job_id=job))
        self.assertTrue(verdict)
        self.assertEqual((envelope.method, envelope.signer, envelope.job_id),
                         ("onPremiseCompute", world.fintech.address, job))
        verdict, terms = verifier.verify_job(envelope)
        self.assertTrue(verdict)
        self.assertEqual(terms["outputs"], ["rows.txt"])
        self.assertEqual(terms["args"]["outputs"], {"0": "./outputs/rows.txt"})
        self.assertEqual([row["name"] for row in terms["inputs"]], ["features.csv"])
        self.assertTrue(verifier.admit(envelope))
        self.assertEqual(verifier.admit(envelope).reason, "replayed")
        verdict, envelope = verifier.check_body(
            "onPremiseCompute", world.request("onPremiseCompute", job_id=job + 1))
        verdict, terms = verifier.verify_job(envelope)
        self.assertEqual((verdict.reason, terms), ("job_unknown", None))
        verdict, envelope = verifier.check_body("onPremiseCompute", "{}")
        self.assertEqual((verdict.reason, envelope), ("malformed", None))

    def test_header(self):
        world = World()
        header = c2d.sign_authorization(world.chain, world.fintech, "status",
                                        audience=world.bank.address, dt=world.children[0],
                                        environment=world.environment)
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
        verifier = world.verifier(c2d.NonceStore.from_functions(
            lambda signer, nonce: (signer, nonce) in known, remember))
        gc.collect()
        body = world.request("grantPermission")
        self.assertTrue(verifier.verify("grantPermission", body))
        self.assertEqual(verifier.verify("grantPermission", body).reason, "replayed")
        self.assertEqual(len(known), 1)

        def broken(*_):
            raise OSError("the disk is full")
        with self.assertRaisesRegex(OSError, "the disk is full"):
            world.verifier(c2d.NonceStore.from_functions(broken, broken)).verify(
                "grantPermission", world.request("grantPermission"))


class Artifacts(unittest.TestCase):
    """A folder of version 1, as another program made it of docs/formats.md."""

    SAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "artifact", "data", "version_1")

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name + "/artifacts"
        shutil.copytree(self.SAMPLE, self.folder)
        for name in os.listdir(self.folder):
            os.chmod(os.path.join(self.folder, name), 0o600)

    def test_listed_destroyed_and_told(self):
        owner = c2d.Key.generate()
        with c2d.ArtifactStore(self.folder) as store:
            [one] = store.list()
            self.assertEqual((one["job_id"], one["party"], one["name"], one["kind"]), (12, 1, "model", "model"))
            store.check(one["sha256"])
            self.assertEqual(store.rewrap(), 1)
            store.check(one["sha256"])
            text = store.erase(one["sha256"], owner)
            with self.assertRaises(c2d.NotFound):
                store.check(one["sha256"])
            self.assertEqual(store.list()[0]["destroyed"], c2d.read_tombstone(text)["destroyed"])
        self.assertEqual(c2d.read_tombstone(text)["signer"], owner.address)
        with self.assertRaises(c2d.Refused) as caught:
            c2d.read_tombstone(text.replace('"job_id":12', '"job_id":13'))
        self.assertEqual(caught.exception.name, "tombstone_altered")

    def test_key_elsewhere(self):
        key = os.path.join(os.path.dirname(self.folder), "key")
        os.rename(os.path.join(self.folder, "artifact.key"), key)
        with c2d.ArtifactStore(self.folder, key) as store:
            store.check(store.list()[0]["sha256"])
        with c2d.ArtifactStore(self.folder) as store, self.assertRaises(c2d.Error):
            store.check(store.list()[0]["sha256"])
        self.assertEqual(c2d.artifact_folder("/srv", "0x" + "01" * 20), "/srv/artifacts_01010101")


class ProviderAndClient(unittest.TestCase):
    """A bank's provider and a company's client, in one process."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.world = world = World(
            operation="open('outputs/rows.txt', 'wb').write(b'a\\0b')\nopen('outputs/model', 'wb').write(b'kept')",
            declared={"rows.txt": {"kind": "released"}, "model": {"kind": "kept"}})
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
            world.registry, world.bank, exec_dirpath=folder.name + "/exec", assets=data, workers=1,
            peer_ports=[8911, (8920, 8922)], peer_networks=["127.0.0.0/8"],
            peer_sources=["10.0.0.0/8", "2001:db8::/32"], peer_sources_only=True, peer_psk={world.fintech.address: secret},
            accepted_composers=[world.fintech.address], limits={"wall_ms": 60000},
            mounts={"/opt/extra": folder.name}, variables={"WORD": "hé"},
            environment=world.environment, artifact_key=folder.name + "/artifact.key")
        self.addCleanup(self.provider.close)
        self.client = c2d.Client(world.registry, world.fintech, environment=world.environment,
                                 http=lambda request: self.provider.handle(*request))

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
            c2d.Provider(world.registry, world.bank, exec_dirpath=self.folder + "/no", environment=world.environment,
                         peer_psk={world.fintech.address: self.folder + "/absent"})

    def grant(self):
        for dt in self.world.children:
            self.client.request_grant(dt, self.world.cdt)
        self.world.registry.activate(self.world.fintech, self.world.cdt)

    def test_the_owners_word(self):
        world, (features, labels) = self.world, self.world.children
        owner = c2d.Client(world.registry, world.bank, environment=world.environment,
                           http=lambda request: self.provider.handle(*request))
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
        self.assertEqual([(row["dt"], row["cdt"], row["composer"]) for row in waiting],
                         [(labels, world.cdt, world.fintech.address)])
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
        owner = c2d.Client(world.registry, world.bank, environment=world.environment,
                           http=lambda request: self.provider.handle(*request))
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
        self.provider = c2d.Provider(self.world.registry, self.world.bank, exec_dirpath=self.folder + "/exec",
                                     environment=self.world.environment, release_bytes_max=2, assets=self.data)
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
        self.provider = c2d.Provider(self.world.registry, self.world.bank,
                                     accepted_composers=[self.world.admin.address], **options)
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
            self.assertEqual([(one["job_id"], one["party"], one["name"]) for one in kept],
                             [(job, 0, "model"), (job, 1, "model")])
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
            client = c2d.Client(self.world.registry, self.world.fintech, environment=self.world.environment,
                                http=lambda request: forge(self.provider.handle(*request)))
            for call in (lambda: client.results(job), lambda: client.save_results(job, out), lambda: client.status(job)):
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
        self.assertEqual(opened, {"job_id": receipt["job_id"], "member": "attempts", "value": 1,
                                  "digest": receipt["digest"]})
        posted = c2d.confirm_opened_member(shown, self.world.chain)
        record_check.check(posted[0], records.PostedReceipt, "confirm_opened_member")
        self.assertEqual({one["owner"] for one in posted}, {receipt["owner"]})
        with self.assertRaises(c2d.Refused) as raised:
            c2d.read_opened_member(shown.replace('"value": 1', '"value": 2'))
        self.assertEqual(raised.exception.name, "receipt_altered")
        with self.assertRaises(c2d.NotFound):
            c2d.open_receipt_member(document, "nothing")
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../job/data/receipt_version_1.json")) as file:
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
        outsider = c2d.Client(self.world.registry, self.world.admin,
                              environment=self.world.environment,
                              http=lambda request: self.provider.handle(*request))
        with self.assertRaises(c2d.Refused) as raised:
            outsider.request_grant(self.world.children[0], self.world.cdt)
        self.assertEqual((raised.exception.name, raised.exception.source),
                         ("wrong_signer", "127.0.0.1:8090"))
        answer = self.provider.handle("POST", "/v1/verify", b"\xff")
        self.assertEqual((answer.status, answer.content_type), (400, "application/json"))
        self.assertEqual(json.loads(answer.body)["error"]["code"], "malformed")
        self.assertEqual(self.provider.handle("GET", "http://bank/healthz?x").status, 200)
        self.assertEqual(self.provider.handle("POST", "/v1/verify",
                                              "x" * (self.provider.BODY_BYTES_MAX + 1)).status, 413)

    def test_transports(self):
        class Broken(Exception):
            pass

        def broken(request):
            raise Broken(request.target)
        world = self.world
        client = c2d.Client(world.registry, world.fintech, http=broken, environment=world.environment)
        with self.assertRaisesRegex(Broken, "127.0.0.1:8090/grantPermission"):
            client.request_grant(world.children[0], world.cdt)
        teapot = c2d.Client(world.registry, world.fintech, http=lambda _: (418, "{}"),
                            environment=world.environment)
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


class FromConfiguration(unittest.TestCase):
    """The file that dt-cli reads."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.config = os.path.join(self.folder, "config.ini")
        for name in ("CONFIG_FILE", "C2D_NETWORK_URL", "C2D_TRUST_DIR"):
            self.addCleanup(os.environ.pop, name, None)
            os.environ.pop(name, None)

    def write(self, text, mark=""):
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(mark + text)

    def good(self, **more):
        lines = {"network_url": "ledger:" + self.folder + "/ledger.c2d", "ipfs_endpoint": "dir:" + self.folder + "/documents",
                 "trust_dir": self.folder + "/trust", **more}
        return "[keeper]\n" + "".join("%s = %s\n" % pair for pair in lines.items())

    def test_chain_and_documents(self):
        self.write(self.good(), "\ufeff")  # as Windows' editor writes it
        admin = c2d.Key.generate()
        with self.assertRaises(c2d.NotFound):
            c2d.AssetRegistry.from_config(self.config)
        c2d.Chain.create("ledger:" + self.folder + "/ledger.c2d", admin).close()
        registry = c2d.AssetRegistry.from_config(self.config)
        cid = registry.documents.put(b"here")
        self.assertTrue(os.path.exists(os.path.join(self.folder, "documents", cid)))
        registry.chain.register_enterprise(admin, admin.address, "Bank")
        self.assertIn("as configured", repr(registry))
        tid = registry.publish_operator(admin, {"main": {"type": "Operation", "name": "x"}}, "pass", {})
        os.environ["CONFIG_FILE"] = self.config
        again = c2d.AssetRegistry.from_config(environment=c2d.Environment())
        self.assertEqual(again.resolve_operator(tid)["operation"], "pass")
        registry.close()
        self.assertEqual(registry.chain.enterprise(admin.address)["name"], "Bank")
        os.environ["C2D_NETWORK_URL"] = "ledger:" + self.folder + "/other.c2d"
        with self.assertRaises(c2d.NotFound):
            c2d.AssetRegistry.from_config()

    def test_what_is_wrong_is_named(self):
        with self.assertRaises(c2d.NotFound):
            c2d.AssetRegistry.from_config(self.config)
        for text, kind, said in (("[keeper]\nnonsense\n", c2d.InvalidArgument, "line 2"),
                                 ("[keeper]\n", c2d.NotFound, "network_url"),
                                 (self.good(chain_id="many"), c2d.InvalidArgument, "chain_id"),
                                 (self.good(block_time="hours"), c2d.InvalidArgument, "block_time"),
                                 (self.good(read_block="newest"), c2d.InvalidArgument, "read_block")):
            self.write(text)
            with self.assertRaisesRegex(kind, said):
                c2d.AssetRegistry.from_config(self.config)
        c2d.Chain.create("ledger:" + self.folder + "/ledger.c2d", c2d.Key.generate()).close()
        self.write(self.good(ipfs_endpoint="nonsense"))
        with self.assertRaisesRegex(c2d.InvalidArgument, "ipfs_endpoint"):
            c2d.AssetRegistry.from_config(self.config)

    def test_endpoints_are_read_alike(self):
        """A slash at the end and a scheme in capitals, as in C++."""
        c2d.Chain.create("ledger:" + self.folder + "/ledger.c2d", c2d.Key.generate()).close()
        with IpfsNode() as node:
            url = "HTTP://127.0.0.1:%d/" % node.port
            self.write(self.good(ipfs_endpoint=url))
            cid = c2d.AssetRegistry.from_config(self.config).documents.put(b"here")
            self.assertEqual(c2d.DocumentStore.ipfs(url).get(cid), b"here")


class IpfsNode:
    """As much of a node's HTTP API as a store uses; CIDs are those of a store in memory."""

    def __init__(self):
        documents, self.asked = c2d.DocumentStore.memory(), []
        asked = self.asked

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                asked.append((self.path, self.headers.get("Authorization")))
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                try:
                    answer = self.answer(urllib.parse.urlsplit(self.path), body)
                    self.send_response(200)
                except c2d.NotFound:
                    answer = b"{}"
                    self.send_response(500)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def answer(self, target, body):
                if target.path == "/api/v0/add":
                    # One part of a form: what is between the empty line and the boundary.
                    content = body.split(b"\r\n\r\n", 1)[1].rsplit(b"\r\n--", 1)[0]
                    return json.dumps({"Hash": documents.put(content)}).encode()
                return documents.get(urllib.parse.parse_qs(target.query)["arg"][0])

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


class Ipfs(unittest.TestCase):
    def test_a_node(self):
        with IpfsNode() as node:
            store = c2d.DocumentStore.ipfs("http://127.0.0.1:%d" % node.port, authorization="Bearer x", find_within=2.5)
            cid = store.put(b"hello world")
            self.assertEqual(cid, "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD")
            self.assertEqual(store.get(cid), b"hello world")
            self.assertEqual({word for _, word in node.asked}, {"Bearer x"})
            self.assertIn("at http://127.0.0.1", repr(store))
        with self.assertRaises(c2d.Unavailable):
            store.get(cid)

    def test_what_is_no_endpoint(self):
        for wrong in ("", "nonsense", "/ip4/1.2.3.4"):
            with self.assertRaises(c2d.InvalidArgument):
                c2d.DocumentStore.ipfs(wrong)
        for more in ({"find_within": 1e9}, {"find_within": "long"}, {"find_within": -1}, {"authorization": b"x"}):
            with self.assertRaises((c2d.InvalidArgument, TypeError)):
                c2d.DocumentStore.ipfs("http://127.0.0.1:1", **more)


class Sandboxes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sandbox = c2d.Sandbox()

    def run_code(self, code, folder, **more):
        with c2d.SandboxJob(code, folder + "/out", **more) as job:
            return self.sandbox.run(job)

    def test_probe(self):
        layers = {layer["layer"]: layer["state"] for layer in self.sandbox.probe()}
        self.assertIn("seccomp", layers)
        self.assertLessEqual(set(layers.values()), {"on", "soft", "off"})

    def test_run(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(folder + "/rows.csv", "w") as file:
                file.write("1\n2\n39\n")
            report = self.run_code(
                "import json\nprint(json.load(open('args.json'))['word'], '\\x1b[31m')\n"
                "open('outputs/sum', 'w').write(str(sum(map(int, open('inputs/rows')))))",
                folder, args={"word": "hé"}, inputs={"rows": folder + "/rows.csv"},
                output_names=["sum"], limits={"wall_ms": 20000})
            self.assertTrue(report.succeeded, report.log_text)
            record_check.check(report.details, records.RunDetails, "details")
            self.assertIn("hé", report.log_text)
            self.assertIn(b"\x1b", report.log)
            self.assertNotIn("\x1b", report.log_text)
            with open(folder + "/out/sum") as file:
                self.assertEqual(file.read(), "42")
            self.assertEqual(report.details["outputs"][0]["name"], "sum")

    def test_bad_outcomes(self):
        with tempfile.TemporaryDirectory() as folder:
            report = self.run_code("raise SystemExit(3)", folder)
            self.assertEqual((report.succeeded, report.outcome, report.exit_code), (False, "exited", 3))
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(self.run_code("while True: pass", folder, limits={"wall_ms": 300}).outcome,
                             "wall_timeout")

    def test_bad_jobs(self):
        for more in ({"limits": {"speed": 1}}, {"limits": {"wall_ms": 0}}, {"waive": ["moat"]},
                     {"limits": {"processes": 1 << 40}}):
            with self.assertRaises(c2d.InvalidArgument):
                c2d.SandboxJob("", "/tmp/none", **more)
        with self.assertRaises(c2d.NotFound):
            c2d.Sandbox(helper="/nowhere/helper")

    def test_cancel(self):
        with tempfile.TemporaryDirectory() as folder:
            job = c2d.SandboxJob("import time; time.sleep(60)", folder + "/out")
            with self.sandbox.start(job) as run:
                threading.Timer(0.2, run.cancel).start()
                self.assertEqual(run.wait().outcome, "cancelled")

    def test_parties(self):
        """Three parties of one program, each behind walls; the one that fails by itself is named first."""
        package, library = os.path.dirname(os.path.abspath(c2d.__file__)), os.path.realpath(os.environ["C2D_LIBRARY"])
        more = {"mounts": {"/opt/c2d/python/c2d": package, "/opt/c2d/lib/libc2d.so": library},
                "environment": {"PYTHONPATH": "/opt/c2d/python", "C2D_LIBRARY": "/opt/c2d/lib/libc2d.so"}}
        code = ("import c2d, json\n"
                "args = json.load(open('args.json'))\n"
                "with c2d.mpc.Session.from_environment() as session:\n"
                "    if args.get('fails'): raise ValueError('as asked')\n"
                "    own = session.input(0, [[1 / 3], [1 / 7]] if session.party == 0 else None)\n"
                "    found = session.reveal(own.sum(axis=0), to=[2])\n"
                "    if found is not None: open('outputs/sum', 'w').write(repr(found.to_rows()[0][0]))\n")
        for clear, rules, fails in ((False, None, None), (True, {"rows": 2}, None), (False, {"rows": 3}, None), (False, None, 0)):
            with self.subTest((clear, rules, fails)), tempfile.TemporaryDirectory() as folder:
                jobs = [c2d.SandboxJob(code, "%s/out%d" % (folder, party), args={"fails": party == fails}, **more) for party in range(3)]
                report = self.sandbox.try_parties(jobs, clear=clear, rules=rules)
                if fails is not None:
                    self.assertEqual(report["failed"][0], fails)
                    self.assertEqual([party["end"] for party in report["parties"]], ["exited 1", "peer_failed 0", "peer_failed 0"])
                    self.assertIn("ValueError: as asked", report["parties"][fails]["log"])
                    continue
                self.assertEqual(report["succeeded"], rules != {"rows": 3}, report)
                if report["succeeded"]:
                    with open(folder + "/out2/sum") as file:
                        self.assertAlmostEqual(float(file.read()), 1 / 3 + 1 / 7, delta=1e-14 if clear else 1e-4)
                    self.assertEqual(report["parties"][2]["opened"], {"sum": 1})

    def test_parties_that_cannot_be(self):
        job = c2d.SandboxJob("", "/tmp/none")
        for jobs in ([], [job, job], [job] * 4, ["job"], [None]):
            with self.assertRaises(c2d.InvalidArgument):
                self.sandbox.try_parties(jobs)
        for more in ({"rules": {"row": 1}}, {"rules": {"scores": "all"}}):
            with self.assertRaises(c2d.InvalidArgument):
                self.sandbox.try_parties([job] * 3, **more)

    def test_package_works_inside(self):
        """With nothing but the package's folder and the library shown."""
        package = os.path.dirname(os.path.abspath(c2d.__file__))
        library = os.path.realpath(os.environ["C2D_LIBRARY"])
        with tempfile.TemporaryDirectory() as folder:
            report = self.run_code(
                "import c2d, sys\nprint(c2d.__version__, c2d.mpc.PARTIES)\n"
                "print(sorted(m for m in sys.modules if m.startswith('c2d')))\n"
                "print(c2d.Key.generate().address)\n",
                folder, argv=["python3", "-B", "/job/code"],
                mounts={"/opt/c2d/python/c2d": package, "/opt/c2d/lib/libc2d.so": library},
                environment={"PYTHONPATH": "/opt/c2d/python",
                             "C2D_LIBRARY": "/opt/c2d/lib/libc2d.so"})
        self.assertTrue(report.succeeded, report.log_text)
        self.assertIn(c2d.__version__ + " 3", report.log_text)
        self.assertNotIn("c2d.chain", report.log_text)


class Library(unittest.TestCase):
    def test_what_is_not_ours_is_called_so(self):
        for library, words in (("/no/such/libc2d.so", "C2D_LIBRARY does not name the file libc2d.so (/no/such/libc2d.so: "),
                               (os.path.dirname(os.path.realpath(os.environ["C2D_LIBRARY"])), "C2D_LIBRARY does not name"),
                               ("libc.so.6", "undefined symbol: c2d_")):
            started = subprocess.run([sys.executable, "-B", "-c", "import c2d"], capture_output=True, text=True,
                                     env={**os.environ, "C2D_LIBRARY": library,
                                          "PYTHONPATH": os.path.dirname(os.path.dirname(c2d.__file__))})
            last = started.stderr.strip().splitlines()[-1]
            self.assertEqual((started.returncode, last.partition(":")[0]), (1, "ImportError"), started.stderr)
            self.assertIn(words, last)


class Lifetimes(unittest.TestCase):
    def test_close_in_any_order(self):
        world = World()
        dt = world.children[0]
        world.chain.close()
        world.registry.documents.close()
        world.environment.close()
        self.assertEqual(world.registry.resolve(dt)["dt"], dt)
        tracer = c2d.Tracer(world.registry)
        world.registry.close()
        self.assertIn(dt, str(tracer.walk(dt)))

    def test_callbacks_outlive_their_environment(self):
        lines = []
        environment = c2d.Environment(clock=lambda: 1700000000,
                                      log=lambda level, line: lines.append((level, line)))
        gone = weakref.ref(environment)
        admin = c2d.Key.generate()
        chain = c2d.Chain.create("ledger::memory:", admin, environment=environment)
        environment.close()
        del environment
        gc.collect()
        self.assertIsNotNone(gone())
        chain.add_provider(admin, admin.address)
        self.assertGreaterEqual(chain.info()["head"]["time"], 1700000000)
        self.assertLess(chain.info()["head"]["time"], 1700001000)
        del chain
        gc.collect()
        self.assertIsNone(gone())

    def test_threads_share(self):
        world, wrong = World(), []

        def work():
            for _ in range(20):
                if world.registry.resolve(world.children[0])["type"] != "Dataset":
                    wrong.append(1)
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])

    def test_speaks_python_3_9(self):
        for path in sources():
            ast.parse(path.read_text(encoding="utf-8"), str(path), feature_version=(3, 9))

    def test_credentials_of_an_endpoint_are_not_shown(self):
        store = c2d.DocumentStore.ipfs("http://user:secret@127.0.0.1:1/")
        self.assertEqual(repr(store), "<c2d.DocumentStore at http://…@127.0.0.1:1/>")
        with self.assertRaises(c2d.Error) as caught:
            store.put(b"x")
        self.assertNotIn("secret", str(caught.exception))

    def test_everything_public_is_typed(self):
        """Every parameter and every result of the public classes and functions."""
        untyped = []
        for path in sources():
            if path.name in ("_ffi.py", "_struct.py", "_text.py", "__init__.py") or "operators" in path.parts:
                continue
            tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
            public = [node for node in tree.body if not getattr(node, "name", "_").startswith("_")]
            members = [member for node in public for member in getattr(node, "body", ())
                       if isinstance(node, ast.ClassDef)]
            for function in public + members:
                if not isinstance(function, ast.FunctionDef) or function.name.startswith("_"):
                    continue
                arguments = function.args.args + function.args.kwonlyargs
                if function.returns is None or any(argument.annotation is None for argument in arguments
                                                   if argument.arg not in ("self", "cls")):
                    untyped.append("%s: %s" % (path, function.name))
        self.assertEqual(untyped, [])

    def test_annotations_name_what_there_is(self):
        """Each resolves, with what modules import for type checkers alone."""
        of_mpc = ["mpc." + path.stem for path in sources() if path.parent.name == "mpc" and path.stem != "__init__"]
        self.assertGreater(len(of_mpc), 10)
        for name in ("errors", *of_mpc, *sorted(set(c2d._ON_DEMAND.values()))):
            module = importlib.import_module("c2d." + name)
            known = dict(vars(module))
            for statement in ast.parse(inspect.getsource(module)).body:
                if isinstance(statement, ast.If):
                    exec(compile(ast.Module(statement.body, []), name, "exec"), known)
            for kind in [it for it in vars(module).values() if isinstance(it, type) and it.__module__ == module.__name__]:
                for member in vars(kind).values():
                    member = getattr(member, "__func__", getattr(member, "fget", member))
                    if hasattr(member, "__annotations__"):
                        with self.subTest(member):
                            typing.get_type_hints(member, known)

    def test_type_checkers_see_what_is_loaded_on_demand(self):
        for package in (c2d, c2d.mpc):
            with open(package.__file__, encoding="utf-8") as file:
                block = next(node for node in ast.parse(file.read()).body if isinstance(node, ast.If))
            seen = {alias.name for statement in block.body for alias in statement.names
                    if statement.module not in ("typing", "_types")}
            self.assertEqual(seen, set(package._ON_DEMAND))
            self.assertLessEqual(seen, set(dir(package)))
            for name in seen:
                self.assertEqual(getattr(package, name).__name__, name)
                self.assertIn(name, vars(package))  # found without asking from the second time on
        with self.assertRaisesRegex(AttributeError, "module 'c2d.mpc' has no attribute 'Tensors'"):
            c2d.mpc.Tensors

    def test_types_are_tried_with_every_public_name(self):
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "typed_use.py"), encoding="utf-8") as file:
            tree = ast.parse(file.read())
        used = {(node.value.id, node.attr) for node in ast.walk(tree)
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)}
        wanted = {("c2d", name) for name in set(c2d.__all__) - {"mpc"}}
        wanted |= {("mpc", name) for name in c2d.mpc.__all__}
        self.assertEqual(wanted - used, set())

    def test_import_is_light(self):
        code = ("import sys; before = set(sys.modules); import c2d; heavy = {'json', 'numpy', 'typing', 'subprocess', 'tempfile', 'c2d.chain',"
                "'c2d.sandbox', 'tqdm', 'c2d._html', 'c2d._progress', 'c2d.mpc._align', 'c2d.mpc._cost', 'c2d.mpc._run_local',"
                "'c2d.mpc._session_options'} & (set(sys.modules) - before);"
                "assert not heavy, heavy; c2d.Chain; assert 'c2d.chain' in sys.modules;"
                "assert 'Tracer' in dir(c2d)")
        subprocess.run([sys.executable, "-B", "-c", code], check=True)


if __name__ == "__main__":
    unittest.main()
