"""A model's life with a provider that ends itself on the way, as by SIGKILL: while it trains and keeps, is published,
and scores. No model is lost that a receipt names, none is half written, and all three shares are of one run.

A party that ends after its operator and before it kept the share has none, while the others succeeded: such a job is
not tried again. Its model is no model, and the next job makes another."""

import json
import os
import re

from attempts_test import KEY, LEAVES, LOST
from named_points_test import NamedPoints
from programs import BANK_A, BANK_B, COMPANY_C, wait_until

FULL = os.environ.get("C2D_FULL", "") not in ("", "0")
# Of each kind, in the order in which a run passes by. After WHOLE everybody has a share.
WHOLE = ("peers_connected", "operator_started", "receipt_signed", "run_saved", "receipt_posted")
KEEPING = (
    "operator_started",
    "operator_ended",
    "artifact_wrapped",
    "artifact_sealed",
    "outputs_kept",
    "receipt_signed",
    "run_saved",
    "receipt_posted",
)
PUBLISHING = ("origin_told",)
SCORING = ("peers_connected", "operator_started", "operator_ended", "receipt_signed")
FEW = ("outputs_kept", "origin_told")
TIMES = 22 if FULL else 1
ROWS = 40
OWNERS = (("org1", BANK_A, "org1_label"), ("org2", BANK_B, "org2_feature"), ("3rd", COMPANY_C, "3rd_compute"))

# Trains and keeps; where it is given what was kept, it scores.
OPERATOR = (
    """import os, random, c2d
draw = random.Random(3)
rows = [[draw.gauss(0, 1) for _ in range(4)] for _ in range(%d)]
bad = [1 if draw.random() < 1 / (1 + 2.718281828 ** -(row[0] - row[2])) else 0 for row in rows]
with c2d.mpc.Session.from_environment() as session:
    party = session.party
    x = session.hconcat([session.input(owner, [row[2 * owner:2 * owner + 2] for row in rows] if owner == party else None)
                         for owner in (0, 1)])
    said = "trained"
    if os.path.exists("inputs/card"):
        assert open("inputs/card").read() == "card of party %%d" %% party
        points = session.reveal(session.score(x, session.load("model")), to=[0])
        said = " ".join("%%d" %% row[0] for row in points.to_rows()) if party == 0 else None
    else:
        model = session.fit_logistic(x, session.input_labels(0, bad if party == 0 else None))
        session.keep(model.weights, "model")
        open("outputs/model", "w").write("card of party %%d" %% party)
    if party == 0:
        open("outputs/rtt_log.txt", "w").write(said)
"""
    % ROWS
)


class ModelKills(NamedPoints):
    operator = OPERATOR

    def prepare_by_hand(self):
        """With a template that says what is kept, and terms that allow points of as many models as are made here."""
        self.change(
            "samples/op/rtt_op_attr.json",
            lambda document: document["metadata"]["main"].update(
                outputs={"model": {"kind": "kept"}, "rtt_log.txt": {"kind": "released"}}
            ),
        )
        for leaf in LEAVES:
            self.change(
                "samples/ddo/%s_attr.json" % leaf,
                lambda document: document["services"][0]["attributes"].update(
                    minimum={"rows": 10, "positives": 5, "negatives": 5}, release={"scores": "points"}, models_max=10000
                ),
            )
        super().prepare_by_hand()

    def change(self, name, change):
        document = self.document(name)
        change(document)
        self.write(name, json.dumps(document))

    def document(self, name):
        """With what its variables stand for where nobody sets them."""
        return json.loads(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", self.read(name).decode()))

    def exec(self, *more):
        return "job", "exec", "--task_id", str(self.task), "--cdt", self.algorithm, *more, *KEY

    # ------------------------------------------------------------ a life

    def artifacts(self, owner, job):
        """What a party has of a job, each whole."""
        folders = [name for name in os.listdir(self / ("tests/" + owner)) if name.startswith("artifacts_")]
        place = ("--folder", "tests/%s/%s" % (owner, *folders)) if folders else ()
        found = (
            [one for one in self.answer("artifact", "list", *place)["artifacts"] if one["job_id"] == job]
            if place
            else []
        )
        for one in found:
            assert self.answer("artifact", "show", "--sha256", one["sha256"], *place)["opens"], (owner, found)
        return found

    def check_kept(self, job, without=None):
        """A party's receipt names its artifact, which is whole, and all are of one attempt; one party may have none."""
        bindings = set()
        for owner, _, _ in OWNERS:
            kept = self.artifacts(owner, job)
            wait_until(
                lambda: os.path.exists(self / ("tests/%s/job_%d/receipt.json" % (owner, job))) or owner == without,
                40,
                "the receipt of %s" % owner,
            )
            assert len(kept) == (0 if owner == without else 1), (owner, job, kept)
            for one in kept:
                assert one["sha256"] in self.read("tests/%s/job_%d/receipt.json" % (owner, job)).decode(), (owner, one)
                bindings.add(one["binding"])
        assert len(bindings) == 1, bindings

    def token(self, owner, key, leaf, job):
        service = self.document("samples/ddo/%s_attr.json" % leaf)["services"][0]
        service["attributes"] = {
            "price": 1,
            "path": "./inputs/card",
            "release": {"scores": "points"},
            "attempts": 3,
            "minimum": {"rows": 10, "positives": 5, "negatives": 5},
        }
        self.write(
            "token.json", json.dumps({"metadata": {"main": {"type": "Model", "name": owner}}, "services": [service]})
        )
        return self.cli(
            "--json",
            "asset",
            "dt",
            "--attr_file",
            "token.json",
            "--from_job",
            str(job),
            "--output",
            "model",
            "--private_key",
            key[1],
        )

    def publish(self, job):
        """The model tokens of a job, and the Algorithm that scores with them."""
        document = self.document("samples/ddo/3rd_algo_attr.json")
        document.pop("id")
        workflow = document["services"][0]["descriptor"]["workflow"]
        for owner, key, leaf in OWNERS:
            of_table = self.document("samples/ddo/%s_attr.json" % leaf)["id"]
            done = self.token(owner, key, leaf, job)
            assert done.code == 0, str(done)
            workflow[done.json()["dt"]] = workflow[of_table]
        document["child_dts"] = list(workflow)
        self.write("score.json", json.dumps(document))
        self.algorithm, self.tokens = self.answer("asset", "cdt", "--attr_file", "score.json", *KEY)["dt"], len(
            workflow
        )

    def check_scores(self):
        job = self.answer("job", "list")["total"]
        self.answer("job", "result", "--job_id", str(job), "--out", "result_%d" % job, *KEY)
        points = self.read("result_%d/rtt_log.txt" % job).split()
        assert len(points) == ROWS and len(set(points)) > 10, points


def ends_at(folder, point, act):
    """`act` while the provider of one party ends at the point; then it starts again."""
    ended = folder / ("ended_%d" % folder.ends)
    folder.ends += 1
    folder.restart({"C2D_TEST_END_AT": point, "C2D_TEST_ENDED": ended})
    waiting = act()
    wait_until(lambda: folder.providers[LOST].poll() is not None, 120, "the provider to end at " + point)
    assert os.path.exists(ended), point
    folder.restart()
    return waiting


def came_through(folder, point):
    """A job with an end at the point: whether it succeeded. Not where that was between the others' success and its
    own."""
    waiting = ends_at(folder, point, folder.begin)
    wait_until(lambda: waiting.poll() is not None, 180, "the job to end")
    if waiting.returncode == 0 or point in WHOLE:
        folder.end(waiting, point)
        return True
    ends = [(part["party"], part["outcome"]) for part in folder.finish(waiting).json()["parts"]]
    assert sorted(set(ends)) == [(0, "succeeded"), (1, "interrupted"), (2, "succeeded")], (point, ends)
    return False


def train(folder, point):
    if came_through(folder, point):
        return
    lost = OWNERS[LOST]
    folder.check_kept(folder.jobs, without=lost[0])
    done = folder.token(*lost, folder.jobs)
    assert done.code != 0 and 'left no \\"model\\"' in done.out, (point, str(done))
    folder.end(folder.begin(), point)


def a_life(folder, point, phase):
    """Trains, publishes and scores, with the end in one of these."""
    folder.algorithm, folder.tokens = folder.cdt, 4
    if phase == "keeping":
        train(folder, point)
    else:
        folder.end(folder.begin(), point)
    job = folder.jobs
    folder.check_kept(job)
    if phase == "publishing":
        done = ends_at(folder, point, lambda: folder.token(*OWNERS[LOST], job))
        assert done.code != 0, str(done)
    folder.publish(job)
    if phase != "scoring" or not came_through(folder, point):
        folder.end(folder.begin(), point)
    folder.check_scores()
    folder.check_kept(job)


def main():
    kinds = (("keeping", KEEPING), ("publishing", PUBLISHING), ("scoring", SCORING))
    # Each time from the beginning: a solver may have 4096 live requests at a provider, and a life takes twenty or more.
    for _ in range(TIMES):
        with ModelKills() as folder:
            folder.ends = 0
            a_life(folder, "artifact_key_made", "keeping")
            for phase, points in kinds:
                for point in points:
                    if FULL or point in FEW:
                        a_life(folder, point, phase)


if __name__ == "__main__":
    main()
