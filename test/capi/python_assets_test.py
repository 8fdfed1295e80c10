"""Assets from Python: registry, documents and where they lie, traces."""

import http.server
import json
import os
import sys
import tempfile
import threading
import unittest
import urllib.parse

import c2d
import record_check

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from world import World, data_attributes  # noqa: E402: the folder had to be named first

setUpModule = record_check.watch_module


class Registry(unittest.TestCase):
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
        stated["services"][0]["attributes"]["schema"] = {
            "fields": [{"name": "income", "type": "number", "role": "feature"}]
        }
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

    def test_directories(self):
        with tempfile.TemporaryDirectory() as folder:
            url = "ledger:%s/ledger.c2d" % folder
            admin = c2d.Key.generate()
            with c2d.Chain.create(url, admin) as chain:
                documents = c2d.DocumentStore.directory(folder + "/documents")
                tid = c2d.AssetRegistry(chain, documents).publish_operator(
                    admin, {"main": {"type": "Operation", "name": "op"}}, "pass", {}
                )
            with c2d.Chain.open(url) as chain:
                documents = c2d.DocumentStore.directory(folder + "/documents")
                found = c2d.AssetRegistry(chain, documents).resolve_operator(tid)
                self.assertEqual(found["operation"], "pass")
                with self.assertRaises(c2d.Conflict):
                    c2d.Chain.create(url, admin)


class Traces(unittest.TestCase):
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
        lines = {
            "network_url": "ledger:" + self.folder + "/ledger.c2d",
            "ipfs_endpoint": "dir:" + self.folder + "/documents",
            "trust_dir": self.folder + "/trust",
            **more,
        }
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
        for text, kind, said in (
            ("[keeper]\nnonsense\n", c2d.InvalidArgument, "line 2"),
            ("[keeper]\n", c2d.NotFound, "network_url"),
            (self.good(chain_id="many"), c2d.InvalidArgument, "chain_id"),
            (self.good(block_time="hours"), c2d.InvalidArgument, "block_time"),
            (self.good(read_block="newest"), c2d.InvalidArgument, "read_block"),
        ):
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

    def test_credentials_of_an_endpoint_are_not_shown(self):
        store = c2d.DocumentStore.ipfs("http://user:secret@127.0.0.1:1/")
        self.assertEqual(repr(store), "<c2d.DocumentStore at http://…@127.0.0.1:1/>")
        with self.assertRaises(c2d.Error) as caught:
            store.put(b"x")
        self.assertNotIn("secret", str(caught.exception))


if __name__ == "__main__":
    unittest.main()
