#!/usr/bin/env python3
"""Two banks and a fintech company train a risk model that none of them could train alone.

PYTHONPATH=<prefix>/share/c2d/python python3 joint_risk.py STORY DATA WORK [PORT SPLIT BATCH EPOCH]

STORY is the folder joint_risk beside this one: operator and terms. DATA holds org1_feature.csv,
org1_label.csv and org2_feature.csv (STORY/generate_data.py makes them up). WORK, a new folder,
becomes the providers' job folders. Three ports from PORT (8911) must be free; the model trains on the first SPLIT
rows (40000) in EPOCH iterations (10001) of BATCH rows (256).

Ledger, documents and all organisations are in this one process: requests go from the client to the
providers as values. The three parties of the computation are processes of their own, each walled off
in a sandbox, and speak TLS with each other.
"""

import os
import sys
from urllib.parse import urlsplit

import c2d

# The keys of the original demonstration. Public: never use them for anything of value.
SYSTEM = "4472aa5d4e2efe297784a3d44d840c9652cdb7663e22dedd920958bf6edfaf7e"
BANK_A = "5c25a2fb9b5427bbe8b68b4ddc0655ae7621f87a147a489b1337ca166bca0173"
BANK_B = "eee795df5de4fc3636abfcfb6d1741665a903efa2b5ded74cea33ca92111b953"
COMPANY = "6bba7694acf53fd8d02120263e6e5aaacbab4b623f4a401ac835c9d8ec54e122"


class Settings:
    def __init__(self, story, data, work, port="8911", split="40000", batch="256", epoch="10001"):
        self.story, self.data, self.work, self.port = story, data, work, int(port)
        self.fill = {
            "${IN_DIM:-72}": "72",
            "${LR:-0.01}": "0.01",
            "${SPLIT:-40000}": split,
            "${SHUFFLE:-false}": "false",
            "${BATCH_SIZE:-256}": batch,
            "${EPOCH:-10001}": epoch,
        }
        self.fill.update(("127.0.0.1:%d" % (8911 + party), "127.0.0.1:%d" % (self.port + party)) for party in range(3))

    def read(self, name):
        with open(os.path.join(self.story, "samples", name), encoding="utf-8") as file:
            return file.read()

    def attributes(self, name):
        """A token's attributes from the story, with this run's numbers and ports."""
        text = self.read("ddo/%s_attr.json" % name)
        for place, value in self.fill.items():
            text = text.replace(place, value)
        return text


class Party:
    """An organisation: its key, the tokens it offers, and its provider once that runs."""

    def __init__(self, name, endpoint, secret):
        self.name, self.endpoint, self.key = name, endpoint, c2d.Key.from_hex(secret)
        self.provider = None

    def publish(self, registry, settings, files):
        """Publishes the tokens named in `files`; returns where their data are."""
        assets = {}
        for name, file in files.items():
            dt = registry.publish(self.key, settings.attributes(name))
            if file:
                assets[dt] = os.path.join(settings.data, file)
        return assets

    def start(self, registry, settings, number, assets):
        """Opens the provider next to the data; as party `number` it listens on a port of its own."""
        self.provider = c2d.Provider(
            registry,
            self.key,
            exec_dirpath=os.path.join(settings.work, self.name),
            assets=assets,
            peer_ports=[settings.port + number],
            # Everything runs on one machine here: without this private peers are refused.
            peer_networks=["127.0.0.0/8"],
        )


def prepare(chain, registry, admin, parties, settings):
    """The system administrator registers the organisations and publishes the reviewed operator."""
    for party in parties:
        chain.register_enterprise(admin, party.key.address, party.name)
        chain.add_provider(admin, party.key.address)
    metadata = {
        "main": {
            "type": "Operation",
            "name": "op1",
            "desc": "test op",
            "mpc": {"parties": 3, "threshold": 1, "party": "party_id", "endpoints": "exec_endpoints"},
        }
    }
    registry.publish_operator(
        admin,
        metadata,
        settings.read("op/rtt_op.py"),
        settings.read("op/rtt_params.json"),
        id="dt:ownership:caf831804693f76b0b988639a9cb680f45fcaeb23ee8f3b8a7b8d93e59616b3b",
    )


def compute(client, settings):
    """Composes under the banks' terms, runs the job, prints what was released; returns the Algorithm."""
    algorithm = client.compose(settings.attributes("3rd_algo"))
    job = client.execute(client.create_task("test", "test_task"), algorithm)
    parts = client.wait(job, lambda done, total, line: print(line, file=sys.stderr))
    if any(part["state"] != "succeeded" for part in parts):
        raise SystemExit("the job failed: %s" % parts)
    for file in client.results(job):
        print(file.content.decode(), end="")
    return algorithm


def play(settings):
    admin = c2d.Key.from_hex(SYSTEM)
    bank_a = Party("org1", "127.0.0.1:8090", BANK_A)
    bank_b = Party("org2", "127.0.0.1:8091", BANK_B)
    company = Party("3rd-party", "127.0.0.1:8092", COMPANY)
    parties = {party.endpoint: party for party in (bank_a, bank_b, company)}

    chain = c2d.Chain.create("ledger::memory:", admin)
    registry = c2d.AssetRegistry(chain, c2d.DocumentStore.memory())
    prepare(chain, registry, admin, parties.values(), settings)

    loans = bank_a.publish(registry, settings, {"org1_feature": "org1_feature.csv", "org1_label": "org1_label.csv"})
    accounts = bank_b.publish(registry, settings, {"org2_feature": "org2_feature.csv"})
    nothing = company.publish(registry, settings, {"3rd_compute": None})
    try:
        for number, (party, assets) in enumerate(((bank_a, loans), (bank_b, accounts), (company, nothing))):
            party.start(registry, settings, number, assets)
        # In place of the network: a request goes to the provider at its endpoint.
        client = c2d.Client(
            registry,
            company.key,
            http=lambda request: parties[urlsplit(request.target).netloc].provider.handle(*request),
        )
        algorithm = compute(client, settings)
        # The regulator walks from the Algorithm, and from bank B's data.
        for root in (algorithm, *accounts):
            print(c2d.Tracer(registry).walk(root), end="")
        chain.verify()
    finally:
        for party in parties.values():
            if party.provider:
                party.provider.close()


if __name__ == "__main__":
    if len(sys.argv) not in range(4, 9):
        sys.exit(__doc__)
    try:
        play(Settings(*sys.argv[1:]))
    except c2d.Error as problem:
        sys.exit("%s (%s)" % (problem, problem.status))
