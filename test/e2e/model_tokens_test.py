"""A model lives: three providers train it and keep its shares, its tokens score rows in a second job, and what may not
be is not.

Ledger, documents and organisations are in this one process; the parties of a job are sandboxes of their own.
"""

import argparse
import json
import os
import random
import sys
import tempfile
import unittest
from urllib.parse import urlsplit

OPTIONS = None
ROWS = 240

TRAIN = """
import json, os
import c2d
def columns(name):
    with open("/job/inputs/" + name) as file:
        return [[float(x) for x in line.split(",")] for line in file.read().split()]
with c2d.mpc.Session.from_environment() as session:
    own = columns("rows.csv") if session.party < 2 else None
    x = session.hconcat([session.input(owner, [row[:2] for row in own] if session.party == owner else None) for owner in (0, 1)])
    y = session.input_labels(0, [row[2] for row in own] if session.party == 0 else None)
    model = session.fit_logistic(x, y)
    binding = session.keep(model.weights, "model")
    points = session.reveal(session.score(x, model.weights), to=[0])
    if session.party == 0:
        open("/job/outputs/points.txt", "w").write("\\n".join("%d" % row[0] for row in points))
    open("/job/outputs/model", "w").write("columns of party %d" % session.party)
"""
SCORE = """
import c2d
with c2d.mpc.Session.from_environment() as session:
    if session.party < 2:
        with open("/job/inputs/rows.csv") as file:
            own = [[float(x) for x in line.split(",")[:2]] for line in file.read().split()]
    print(open("/job/inputs/card").read())
    assert open("/job/inputs/card").read() == "columns of party %d" % session.party
    model = session.load("model")
    x = session.hconcat([session.input(owner, own if session.party == owner else None) for owner in (0, 1)])
    points = session.reveal(session.score(x, model), to=[0])
    if session.party == 0:
        open("/job/outputs/points.txt", "w").write("\\n".join("%d" % row[0] for row in points))
"""
OPEN_THE_MODEL = """
import c2d
with c2d.mpc.Session.from_environment() as session:
    opened = session.reveal(session.load("model"), to=[0])
    if session.party == 0:
        open("/job/outputs/points.txt", "w").write("\\n".join("%.6f" % row[0] for row in opened))
"""
KEEP_ANEW = """
import c2d
with c2d.mpc.Session.from_environment() as session:
    session.keep(session.load("model"), "model")
    open("/job/outputs/model", "w").write(open("/job/inputs/card").read())
    if session.party == 0:
        open("/job/outputs/points.txt", "w").write("kept anew")
"""
KEEP_ROWS = TRAIN.replace('session.keep(model.weights, "model")', 'session.keep(x, "model")')
KEEP_ELSE = TRAIN.replace('session.keep(model.weights, "model")', 'session.keep(model.weights, "other")')
PARAMS = {"party_id": {}, "exec_endpoints": {}, "outputs": {}}
MPC = {"parties": 3, "threshold": 1, "party": "party_id", "endpoints": "exec_endpoints"}
OUTPUTS = {"model": {"kind": "kept"}, "points.txt": {"kind": "released"}}
TERMS = {
    "minimum": {"rows": 10, "positives": 5, "negatives": 5},
    "release": {"scores": "points", "log": "full", "exit": True},
    "models_max": 16,
}


class Story:
    """Banks A and B and company C, each with a provider; bank A's rows have labels."""

    def __init__(self, folder, first_port):
        self.folder, self.port = folder, first_port
        self.admin = c2d.Key.generate()
        self.chain = c2d.Chain.create("ledger::memory:", self.admin)
        self.registry = c2d.AssetRegistry(self.chain, c2d.DocumentStore.memory())
        self.keys = [c2d.Key.generate() for _ in range(3)]
        for number, key in enumerate(self.keys):
            self.chain.register_enterprise(self.admin, key.address, "party %d" % number)
            self.chain.add_provider(self.admin, key.address)
        self.endpoints = {str(party): "127.0.0.1:%d" % (first_port + party) for party in range(3)}
        self.files = self.make_rows()
        self.providers, self.tables = [], {}

    def make_rows(self):
        draw, files = random.Random(7), []
        first, second = [], []
        for _ in range(ROWS):
            a, b, c, d = (draw.gauss(0, 1) for _ in range(4))
            bad = 1 if draw.random() < 1 / (1 + 2.718281828 ** -(a - 1.5 * c - 0.3)) else 0
            first.append("%.6f,%.6f,%d" % (a, b, bad))
            second.append("%.6f,%.6f" % (c, d))
        for party, lines in enumerate((first, second)):
            files.append(os.path.join(self.folder, "rows_%d.csv" % party))
            with open(files[-1], "w") as file:
                file.write("\n".join(lines))
        return files

    def write_other_files(self):
        """Tables that are published from now on are of files that nobody has scored, with the same rows."""
        for party, path in enumerate(self.files):
            self.files[party] = path + "_more"
            with open(path) as old, open(self.files[party], "w") as new:
                new.write(old.read() + "\n")

    def operator(self, name, text, outputs=OUTPUTS):
        return self.registry.publish_operator(
            self.admin, {"main": {"type": "Operation", "name": name, "mpc": MPC, "outputs": outputs}}, text, PARAMS
        )

    def leaf(self, party, kind, services, name="leaf"):
        return self.registry.publish(
            self.keys[party], {"metadata": {"main": {"type": kind, "name": name}}, "services": services}
        )

    def service(self, tid, party, attributes, index="s"):
        return {
            "index": index,
            "endpoint": "127.0.0.1:%d" % (9000 + party),
            "attributes": attributes,
            "descriptor": {"template": tid, "constraint": {"party_id": party, "exec_endpoints": {}, "outputs": {}}},
        }

    def publish_tables(self, tids, terms=TERMS):
        """One token for each bank's rows, with a service for each operator; company C's computing power."""
        out = []
        for party in (0, 1):
            out.append(
                self.leaf(
                    party,
                    "Dataset",
                    [
                        self.service(tid, party, dict(terms, path="./inputs/rows.csv"), index)
                        for index, tid in tids.items()
                    ],
                )
            )
            self.tables.setdefault(party, {})[out[-1]] = self.files[party]
        out.append(self.leaf(2, "Computa", [self.service(tid, 2, TERMS, index) for index, tid in tids.items()]))
        return out

    def start(self):
        self.providers.clear()
        for party, key in enumerate(self.keys):
            self.providers.append(
                c2d.Provider(
                    self.registry,
                    key,
                    exec_dirpath=self.exec(party),
                    assets=self.tables.get(party, {}),
                    peer_ports=[self.port + party],
                    peer_networks=["127.0.0.0/8"],
                )
            )

    def exec(self, party):
        return os.path.join(self.folder, "exec_%d" % party)

    def artifacts(self, party):
        return c2d.ArtifactStore(c2d.artifact_folder(self.exec(party), self.keys[party].address))

    def close(self):
        for provider in self.providers:
            provider.close()

    def client(self, party):
        return c2d.Client(
            self.registry,
            self.keys[party],
            http=lambda request: self.providers[int(urlsplit(request.target).netloc.rsplit(":", 1)[1]) - 9000].handle(
                *request
            ),
        )

    def run(self, index, children):
        """Company C composes the tokens' services `index` and runs them; (job, states, points of bank A)."""
        use = lambda party: {
            "service": index,
            "constraint": {
                "party_id": party,
                "exec_endpoints": self.endpoints,
                "outputs": {"0": "./outputs/points.txt"},
            },
        }
        workflow = {dt: use(party) for party, dts in enumerate(children) for dt in dts}
        client = self.client(2)
        algorithm = client.compose(
            {
                "metadata": {"main": {"type": "Algorithm", "name": "all"}},
                "child_dts": list(workflow),
                "services": [{"index": "all", "endpoint": {}, "attributes": {}, "descriptor": {"workflow": workflow}}],
            }
        )
        job = client.execute(client.create_task("test", "test"), algorithm)
        parts = client.wait(job, progress=False)
        files = {file.name: file.content.decode() for file in client.results(job)}
        return job, [part["state"] for part in parts], files.get("points.txt")

    def model_tokens(self, job, tids, change=None, releases=({}, {}, {})):
        """The parties publish what job `job` left with them, party N under `releases[N]` besides."""
        out = []
        for party in range(3):
            origin = self.client(party).origin(job, "model")
            if change:
                change(party, origin)
            terms = dict(TERMS, path="./inputs/card", origin=origin, release={**TERMS["release"], **releases[party]})
            out.append(
                self.leaf(party, "Model", [self.service(tid, party, terms, index) for index, tid in tids.items()])
            )
        return out


class ModelTokens(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.story = story = Story(folder.name, 8911)
        cls.addClassCleanup(story.close)
        cls.tids = {
            "train": story.operator("train", TRAIN),
            "score": story.operator("score", SCORE),
            "open": story.operator("open", OPEN_THE_MODEL),
            "rows": story.operator("rows", KEEP_ROWS),
            "else": story.operator("else", KEEP_ELSE),
            "anew": story.operator("anew", KEEP_ANEW),
        }
        cls.tables = story.publish_tables(cls.tids)
        story.start()
        cls.job, states, cls.points = story.run("train", [[dt] for dt in cls.tables])
        if states != ["succeeded"] * 3:
            raise AssertionError("%s\n%s" % (states, cls.logs()))

    @classmethod
    def logs(cls):
        out = []
        for party, provider in enumerate(cls.story.providers):
            out.append(
                "party %d: %s" % (party, [(run["job_id"], run["outcome"], run["detail"]) for run in provider.runs()])
            )
            for root, _, names in os.walk(cls.story.exec(party)):
                out += [open(os.path.join(root, name), errors="replace").read() for name in names if name == "log"]
        return "\n".join(out)

    def test_the_model_stays_with_the_parties(self):
        bindings = set()
        for party in range(3):
            with self.story.artifacts(party) as store:
                [one] = [found for found in store.list() if found["job_id"] == self.job]
                self.assertEqual((one["party"], one["name"], one["kind"]), (party, "model", "model"))
                store.check(one["sha256"])
                bindings.add(one["binding"])
            with open(os.path.join(self.story.exec(party), "job_%d" % self.job, "receipt.json")) as file:
                receipt = c2d.read_receipt(file.read())
            [named] = receipt["artifacts"]
            self.assertEqual(
                (named["sha256"], named["binding"], named["kind"]), (one["sha256"], one["binding"], "model")
            )
            self.assertEqual(receipt["disclosures"].get("kept"), 1)
            self.assertFalse(
                os.path.exists(os.path.join(self.story.exec(party), "job_%d" % self.job, "outputs", "model"))
            )
        self.assertEqual(len(bindings), 1)
        self.assertNotIn("0x" + "00" * 32, bindings)
        self.assertEqual(len(self.points.split()), ROWS)

    def score(self, tokens, index="score"):
        return self.story.run(index, [[table, token] for table, token in zip(self.tables, tokens)])

    def test_the_tokens_score_as_the_training_did(self):
        tokens = self.story.model_tokens(self.job, self.tids)
        job, states, points = self.score(tokens)
        self.assertEqual(states, ["succeeded"] * 6, self.logs())
        self.assertEqual(points, self.points)
        # The regulator walks from the model token to the job that used it.
        self.assertIn("job %d" % job, str(c2d.Tracer(self.story.registry).walk(tokens[0])))

    def test_a_model_is_kept_anew(self):
        """Old and new tokens score alike, and do not go together."""
        trained, states, points = self.story.run("train", [[dt] for dt in self.tables])
        self.assertEqual(states, ["succeeded"] * 3, self.logs())
        old = self.story.model_tokens(trained, self.tids)
        job, states, said = self.story.run("anew", [[token] for token in old])
        self.assertEqual((states, said), (["succeeded"] * 3, "kept anew"), self.logs())
        fresh = self.story.model_tokens(job, self.tids)
        for tokens in (old, fresh):
            _, states, scored = self.score(tokens)
            self.assertEqual((states, scored), (["succeeded"] * 6, points), self.logs())
        with self.assertRaises(c2d.Refused) as refused:
            self.score([fresh[0], old[1], fresh[2]])
        self.assertEqual(refused.exception.name, "model_mismatch")

    def test_the_model_is_not_opened(self):
        tokens = self.story.model_tokens(self.job, self.tids)
        _, states, points = self.score(tokens, "open")
        self.assertEqual((set(states), points), ({"failed"}, None))
        self.assertIn("what another run kept", self.logs())

    def test_the_model_is_opened_where_all_its_owners_say_so(self):
        allowed = {"coefficients": True}
        for refuses in (None, 0, 1, 2):
            with self.subTest(refuses=refuses):
                releases = [{} if party == refuses else allowed for party in range(3)]
                tokens = self.story.model_tokens(self.job, self.tids, releases=releases)
                job, states, opened = self.story.run("open", [[token] for token in tokens])
                if refuses is not None:
                    self.assertEqual((set(states), opened), ({"failed"}, None))
                    continue
                self.assertEqual(states, ["succeeded"] * 3, self.logs())
                # Two columns of each bank, and the bias: labels were drawn by 1, 0, -1.5, 0 and -0.3.
                weights = [float(line) for line in opened.split()]
                self.assertEqual(len(weights), 5)
                self.assertTrue(weights[0] > 0.3 > -0.5 > weights[2], weights)
                for party in range(3):
                    with open(os.path.join(self.story.exec(party), "job_%d" % job, "receipt.json")) as file:
                        self.assertEqual(c2d.read_receipt(file.read())["disclosures"].get("coefficients"), 1)

    def test_tokens_of_two_runs_do_not_go_together(self):
        other, states, _ = self.story.run("train", [[dt] for dt in self.tables])
        self.assertEqual(states, ["succeeded"] * 3, self.logs())
        first, second = (self.story.model_tokens(job, self.tids) for job in (self.job, other))
        with self.assertRaises(c2d.Refused) as refused:
            self.score([first[0], second[1], first[2]])
        self.assertEqual(refused.exception.name, "model_mismatch")

    def test_another_party_does_not_use_it(self):
        def change(party, origin):
            if party == 1:
                origin["party"] = 0

        with self.assertRaises(c2d.Refused) as refused:
            self.score(self.story.model_tokens(self.job, self.tids, change))
        self.assertEqual(refused.exception.name, "model_mismatch")

    def test_the_provider_tells_its_owner_what_a_job_left(self):
        for party in range(3):
            [held] = self.story.client(party).artifacts(self.job)
            self.assertEqual((held["name"], held["kind"], held["party"]), ("model", "model", party))
            origin = held["origin"]
            self.assertEqual(origin, self.story.client(party).origin(self.job, "model", party=party))
            c2d.confirm_origin(origin, self.story.keys[party].address, self.story.chain)
            opened = c2d.read_opened_member(json.dumps(origin["receipt"]))
            self.assertEqual([one["sha256"] for one in opened["value"]], [held["sha256"]])
            self.assertIn(
                self.story.keys[party].address.lower(),
                [
                    posted["owner"].lower()
                    for posted in c2d.confirm_opened_member(json.dumps(origin["receipt"]), self.story.chain)
                ],
            )
        with self.assertRaises(c2d.NotFound):
            self.story.client(0).origin(self.job, "other")
        with self.assertRaises(c2d.NotFound):
            self.story.client(0).origin(self.job, "model", party=1)

    def test_an_origin_that_the_ledger_does_not_confirm_is_refused_by_everybody(self):
        """Each bank may write into its document what it likes; composing, granting and publishing all ask the
        ledger."""

        def zero(origin):
            origin["binding"] = "0x" + "00" * 32

        def altered(origin):
            origin["receipt"]["value"][0]["sha256"] = origin["sha256"] = "0x" + "ab" * 32

        def another(origin):
            origin["job_id"] += 1

        for change in (zero, altered, another):
            with self.subTest(change=change.__name__):
                tokens = self.story.model_tokens(
                    self.job, self.tids, lambda party, origin: change(origin) if party == 1 else None
                )
                with self.assertRaises(c2d.Refused) as refused:
                    self.score(tokens)
                self.assertEqual(refused.exception.name, "origin_invalid")
                self.assertIn("origin of", str(c2d.Tracer(self.story.registry).walk(tokens[1])))
                self.assertNotIn("origin of", str(c2d.Tracer(self.story.registry).walk(tokens[0])))
                # A composer who does not look: the owner's provider does.
                with self.assertRaises(c2d.Refused) as refused:
                    self.grant(tokens[1])
                self.assertEqual(
                    (refused.exception.name, refused.exception.source), ("origin_invalid", "127.0.0.1:9001")
                )
                origin = self.story.client(1).origin(self.job, "model")
                change(origin)
                with self.assertRaises(c2d.Refused) as refused:
                    self.story.client(1).publish(
                        {
                            "metadata": {"main": {"type": "Model", "name": "leaf"}},
                            "services": [
                                self.story.service(
                                    self.tids["score"], 1, dict(TERMS, path="./inputs/card", origin=origin)
                                )
                            ],
                        }
                    )
                self.assertEqual(refused.exception.name, "origin_invalid")

    def grant(self, token):
        """Company C composes the token alone, straight on the ledger, and asks for its grant."""
        workflow = {
            token: {
                "service": "score",
                "constraint": {
                    "party_id": 1,
                    "exec_endpoints": self.story.endpoints,
                    "outputs": {"0": "./outputs/points.txt"},
                },
            }
        }
        composition = self.story.registry.publish(
            self.story.keys[2],
            {
                "metadata": {"main": {"type": "Model", "name": "some"}},
                "child_dts": [token],
                "services": [{"index": "some", "endpoint": {}, "attributes": {}, "descriptor": {"workflow": workflow}}],
            },
        )
        self.story.client(2).request_grant(token, composition)

    def test_a_model_without_one_of_its_parties_is_none(self):
        tokens = self.story.model_tokens(self.job, self.tids)
        with self.assertRaises(c2d.Refused) as refused:
            self.story.run("score", [[self.tables[0], tokens[0]], [self.tables[1], tokens[1]], [self.tables[2]]])
        self.assertEqual(refused.exception.name, "model_mismatch")

    def test_one_table_bears_as_many_models_as_its_owner_allows(self):
        """Each different model tells a projection of the columns; the same one again tells nothing new."""
        self.story.write_other_files()
        tables = self.story.publish_tables(self.tids, dict(TERMS, models_max=1))
        self.restart()
        other, states, _ = self.story.run("train", [[dt] for dt in self.tables])
        self.assertEqual(states, ["succeeded"] * 3, self.logs())
        first, second = (self.story.model_tokens(job, self.tids) for job in (self.job, other))
        use = lambda tokens: self.story.run("score", [[table, token] for table, token in zip(tables, tokens)])
        for _ in range(2):
            job, states, points = use(first)
            self.assertEqual((states, points), (["succeeded"] * 6, self.points), self.logs())
        for restart in (False, True):
            if restart:
                self.restart()
            with self.assertRaises(c2d.Refused) as refused:
                use(second)
            self.assertEqual(refused.exception.name, "models_spent")
        # Training on it goes on, but opens no scores of the model that it makes.
        _, states, points = self.story.run("train", [[dt] for dt in tables])
        self.assertEqual((set(states), points), ({"failed"}, None))

    def restart(self):
        self.story.close()
        self.story.start()

    def test_no_more_rows_are_scored_than_the_terms_say(self):
        terms = dict(TERMS, release=dict(TERMS["release"], score_rows_max=ROWS - 1))
        tables = self.story.publish_tables(self.tids, terms)
        self.restart()
        tokens = self.story.model_tokens(self.job, self.tids)
        _, states, points = self.story.run("score", [[table, token] for table, token in zip(tables, tokens)])
        self.assertEqual((set(states), points), ({"failed"}, None))
        self.assertIn("score_rows_max", self.logs())

    def test_what_one_party_destroyed_nobody_uses(self):
        job, states, _ = self.story.run("train", [[dt] for dt in self.tables])
        self.assertEqual(states, ["succeeded"] * 3, self.logs())
        tokens = self.story.model_tokens(job, self.tids)
        with self.story.artifacts(1) as store:
            [one] = [found for found in store.list() if found["job_id"] == job]
            store.erase(one["sha256"], self.story.keys[1])
        with self.assertRaises(c2d.Error) as refused:
            self.score(tokens)
        self.assertEqual(refused.exception.name, "data_unavailable")

    def test_rows_are_not_kept(self):
        _, states, _ = self.story.run("rows", [[dt] for dt in self.tables])
        self.assertEqual(set(states), {"failed"})

    def test_what_the_template_does_not_declare_is_not_kept(self):
        job, states, _ = self.story.run("else", [[dt] for dt in self.tables])
        self.assertEqual(set(states), {"failed"})
        self.assertIn("does not declare as kept", self.logs())
        for party in range(3):
            with self.story.artifacts(party) as store:
                self.assertFalse([found for found in store.list() if found["job_id"] == job])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--source", required=True)
    OPTIONS, rest = parser.parse_known_args()
    sys.path.insert(0, os.path.join(OPTIONS.source, "bindings", "python"))
    os.environ.setdefault("C2D_SANDBOX_HELPER", os.path.join(OPTIONS.bin, "c2d-sandbox-helper"))
    import c2d

    unittest.main(argv=[sys.argv[0]] + rest)
