"""Does any cell of a bank's raw table reach the others? Each cell of both tables is a word, or a number, of its own,
and three recording providers match the customers, prepare the columns, train and test. Searched are all files, logs and
receipts of the others, the ledger and the documents, and every byte that the relays carried, as it was before TLS.

    tables_test.py --build BUILD --source SOURCE
"""

import argparse
import json
import os
import random
import re
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from joint_risk import JointRisk  # noqa: E402: the folder had to be named first
from programs import COMPANY_C, healthy, wait_until  # noqa: E402: likewise

ROWS, COMMON = 400, 300
NAMES = {"org1": "org1_config.ini", "org2": "org2_config.ini", "3rd": "3rd_config.ini"}
# Matches, prepares and trains; bank A's second table nobody reads.
OPERATOR = """import json, os, sys
import c2d
from c2d import mpc
with mpc.Session.from_environment() as session:
    bank = session.party if session.party < 2 else None
    table = None
    if bank is not None:
        roles = {"id": "customer", "label": "default"} if bank == 0 else {"id": "customer"}
        table = c2d.Table.read_csv("inputs/org%d_feature.csv" % (bank + 1), **roles)
        print("read", table.shape, file=sys.stderr)
    said = session.exchange(json.dumps(table.schema.names).encode() if table else b"")
    found = session.align(table.column("customer") if table else None, mode="helper", common_min=50)
    rows = table.take(list(found.rows)) if table else None
    rule = c2d.PreprocessingRule.fit(rows) if table else None
    if rule:
        session.note_rule(rule)
    own = rule.apply(rows) if table else None
    columns = [session.input(owner, own if session.party == owner else None, 64) for owner in (0, 1)]
    labels = [[1.0 if cell < "c" else 0.0] for cell in rows.column("default")] if bank == 0 else None
    y = session.input_labels(0, labels)
    model = session.fit_logistic(session.hconcat(columns), y, ridge=1.0)
    if session.party == 0:
        open("outputs/rtt_log.txt", "w").write("%d common, names of the others: %s" % (found.common, said[1].decode()))
"""


class Recorded(JointRisk):
    """Providers that write what their relays carry to frames/NAME."""

    def __init__(self, options):
        self.build = options.build
        super().__init__(options)

    def start_provider(self, config, port):
        name = os.path.basename(config)
        frames = self / ("frames/" + name.split("_")[0])
        os.makedirs(frames)
        with open(self / (name + ".log"), "wb") as file:
            process = subprocess.Popen(
                [os.path.join(self.build, "test/recording_provider"), "--record", str(frames)],
                cwd=self.path,
                stdout=file,
                stderr=file,
                stdin=subprocess.DEVNULL,
                env={**self.environment, "CONFIG_FILE": config},
            )
        self.providers.append(process)

        def answers():
            assert process.poll() is None, "the provider ended: " + self.read(name + ".log").decode()
            return healthy(port)

        wait_until(answers, 20, "the provider at port %d" % port)


class Bank:
    """A raw table whose cells nothing else holds, and what would betray them."""

    def __init__(self, name, draw, ids):
        self.name, self.numbers = name, []
        self.words = ["%s-id-%s" % (name, one) if only else one for one, only in ids]
        self.rows = [[self.number(draw), self.text(draw, place % 3), self.number(draw)] for place in range(ROWS)]
        self.bad = [draw.random() < 0.4 for _ in range(ROWS)]

    def number(self, draw):
        value = draw.uniform(1000, 9000)
        self.numbers.append(repr(value))
        return self.numbers[-1]

    def text(self, draw, kind):
        return "%s-kind-%d" % (self.name, kind)

    def csv(self, labels):
        head = ["customer", self.name + "_income", self.name + "_kind", self.name + "_balance"] + (
            ["default"] if labels else []
        )
        lines = [
            [one] + row + (["bad-of-" + self.name if bad else "good-of-" + self.name] if labels else [])
            for one, row, bad in zip(self.words, self.rows, self.bad)
        ]
        return "\n".join(",".join(line) for line in [head] + lines) + "\n"

    def patterns(self, labels):
        """Texts, and numbers as the machine has them. Ids that both have each bank knows anyway."""
        words = [self.name + "-id-", self.name + "-kind-"] + (["bad-of-", "good-of-"] if labels else [])
        doubles = {struct.pack(order + "d", float(number)) for number in self.numbers for order in "<>"}
        return Patterns([word.encode() for word in words], {number.encode() for number in self.numbers}, doubles)


class Patterns:
    def __init__(self, words, numbers=frozenset(), doubles=frozenset()):
        self.words, self.numbers, self.doubles = words, numbers, doubles

    def __len__(self):
        return len(self.words) + len(self.numbers) + len(self.doubles)

    def first_in(self, content):
        """The first of each kind that is found."""
        numbers = (one for one in re.findall(rb"\d+\.\d+", content) if one in self.numbers) if self.numbers else ()
        doubles = (
            (content[at : at + 8] for at in range(len(content) - 7) if content[at : at + 8] in self.doubles)
            if self.doubles
            else ()
        )
        return [
            one
            for one in (
                [word for word in self.words if word in content][:1]
                + [next(iter(numbers), None), next(iter(doubles), None)]
            )
            if one
        ]


def search(folder, places, patterns):
    """Files below these places, and what was found in them, with how much was read."""
    found, size = [], 0
    for place in places:
        for path in (
            [place]
            if os.path.isfile(folder / place)
            else [os.path.join(at, name) for at, _, names in os.walk(folder / place) for name in names]
        ):
            with open(folder / path, "rb") as file:
                content = file.read()
            size += len(content)
            hits = patterns.first_in(content)
            if hits:
                found.append((os.path.relpath(folder / path, folder.path), hits))
    return found, size


def others_places(folder, owner):
    """All that is not the owner's: folders, logs, frames; ledger and documents, which are everybody's; and what left
    the owner."""
    others = [name for name in NAMES if name != owner]
    party = {"org1": 0, "org2": 1, "3rd": 2}
    places = ["tests/" + ("3rd" if name == "3rd" else name) for name in others] + [
        "%s.log" % NAMES[name] for name in others
    ]
    places += ["frames/" + name for name in others]
    places += ["frames/%s/to_%d.bin" % (owner, party[name]) for name in others]
    return places + [name for name in os.listdir(folder.path) if name.startswith("ledger.db")] + ["documents"]


def allow_alignment(folder):
    for name in ("org1_feature", "org1_label", "org2_feature"):
        path = "samples/ddo/%s_attr.json" % name
        terms = json.loads(folder.read(path))
        terms["services"][0]["attributes"]["alignment"] = {"modes": ["helper"], "rows_max": 1000, "common_min": 50}
        folder.write(path, json.dumps(terms))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True, type=os.path.abspath)
    parser.add_argument("--source", required=True, type=os.path.abspath)
    options = parser.parse_args()
    options.bin = os.path.join(options.build, "bin")
    draw = random.Random(5)
    ids = lambda: [("common-%04d" % one, False) for one in range(COMMON)] + [
        ("%04d" % one, True) for one in range(ROWS - COMMON)
    ]
    a, b = Bank("org1", draw, ids()), Bank("org2", draw, ids())
    with Recorded(options) as folder:
        folder.write("samples/op/rtt_op.py", OPERATOR)
        folder.write("samples/data/org1_feature.csv", a.csv(True))
        folder.write("samples/data/org2_feature.csv", b.csv(False))
        allow_alignment(folder)
        cdt = folder.compose()
        task = folder.answer("job", "init", "--name", "t", "--desc", "d", "--private_key", COMPANY_C[1])["task_id"]
        job = folder.answer("job", "exec", "--task_id", str(task), "--cdt", cdt, "--private_key", COMPANY_C[1])[
            "job_id"
        ]
        parts = folder.wait_for_job(job)
        logs = "".join(folder.read("tests/%s/job_%s/log" % (name, job)).decode() for name in NAMES)
        assert {part["outcome"] for part in parts} == {"succeeded"}, (parts, logs)
        told = folder.read("tests/org1/job_%s/outputs/rtt_log.txt" % job).decode()
        assert told.startswith("%d common" % COMMON) and "org2_income" in told, told
        wait_until(
            lambda: len(folder.answer("job", "receipt", "--job_id", str(job))["receipts"]) == 4, 30, "all receipts"
        )
        for bank, labels in ((a, True), (b, False)):
            patterns = bank.patterns(labels)
            # The search finds them where they are, and what the operators did tell each other.
            own, _ = search(folder, ["samples/data/%s_feature.csv" % bank.name], patterns)
            assert len(own) == 1 and len(own[0][1]) == 2, "the search is blind: %s" % own
            assert patterns.first_in(b"odd" + next(iter(patterns.doubles)) + b"end"), "the search is blind"
            names, size = search(folder, ["frames/3rd"], Patterns([b"org2_income"]))
            assert names and size > 100000, (names, size)
            found, size = search(folder, others_places(folder, bank.name), patterns)
            print(
                "%s: %d patterns, %.1f MB of the others': %s"
                % (bank.name, len(patterns), size / 1e6, found or "nothing")
            )
            assert not found, found
        receipts = [json.loads(folder.read("tests/%s/job_%s/receipt.json" % (name, job))) for name in NAMES]
        assert [receipt["alignments"] for receipt in receipts] == [
            [{"rows": [ROWS, ROWS], "common": COMMON}]
        ] * 3, receipts
        assert [len(receipt["rules"]) for receipt in receipts] == [1, 1, 0], receipts
        assert receipts[0]["rules"] != receipts[1]["rules"]


if __name__ == "__main__":
    main()
