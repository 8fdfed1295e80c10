"""What a user writes, for type checkers: every public name, and calls whose results are used by their types.

`mypy --strict` and pyright must find nothing here (test `capi_python_types`); it is not run.
"""

from __future__ import annotations

from typing import Dict, List, Optional, Tuple

import c2d
from c2d import age, mpc
from c2d.records import ArtifactOrigin, GrantState, JobPart, TraceNode, VerifiedHead


def keys() -> Tuple[c2d.Key, str]:
    key = c2d.Key("11" * 32)
    other = c2d.Key.from_signer(key.address, key.sign_digest)
    return other, c2d.recover_signer(bytes(32), other.sign_digest(bytes(32)))


def ledger(key: c2d.Key) -> c2d.AssetRegistry:
    with c2d.Environment(clock=lambda: 1.0, log=lambda level, line: print(level, line)) as environment:
        chain = c2d.Chain("ledger:ledger.c2d", environment=environment, rpc=c2d.RpcOptions(gas_price=0))
        number: int = chain.create_task(key, "task")
        active: bool = chain.is_provider(key.address)
        print(number + 1, not active, chain.task(number)["name"])
        return c2d.AssetRegistry(chain, c2d.DocumentStore("documents"), environment=environment)


def configured(node: str) -> c2d.DocumentStore:
    registry: c2d.AssetRegistry = c2d.AssetRegistry.from_config("config.ini")
    head: VerifiedHead = registry.chain.verify(progress=False)
    print(head["number"] + 1, registry.documents.put(b"document").upper())
    return c2d.DocumentStore.ipfs(node, authorization="Bearer x", find_within=1.5)


def trace(registry: c2d.AssetRegistry, dt: str) -> List[str]:
    state: GrantState = registry.chain.grant_state(dt, dt)
    roots: List[TraceNode] = c2d.Tracer(registry).walk(dt).roots
    print(state["jobs"] - state["jobs_used"], roots[0]["kind"], roots[0].get("name", "").upper())
    walked: c2d.Trace = c2d.Tracer(registry).walk([dt], progress=lambda done, total, line: print(done, total, line))
    return ["%*s%s" % (depth, "", node.get("name", node["kind"])) for depth, node in walked]


def verify(registry: c2d.AssetRegistry, key: c2d.Key, body: bytes) -> Optional[str]:
    verifier = c2d.JobVerifier(registry, key.address, c2d.NonceStore.memory())
    envelope: Optional[c2d.Envelope]
    verdict, envelope = verifier.check_body("status", body)
    if verdict and envelope is not None:
        return envelope.signer
    header = c2d.sign_authorization(registry.chain, key, "status", audience=key.address, dt="dt")
    seen: c2d.Verdict = verifier.verify("status", body)
    return c2d.sign_request(registry.chain, key, "status", audience=key.address, dt="dt") + header + seen.text


def artifacts(key: c2d.Key) -> Optional[int]:
    with c2d.ArtifactStore(c2d.artifact_folder("exec", key.address)) as store:
        for one in store.list():
            print(
                one["name"].upper(),
                one["bytes"] + store.rewrap() + store.rewrap(to="key"),
                store.wrapped_by(one["sha256"]).upper(),
            )
            gone = c2d.read_tombstone(store.erase(one["sha256"], key))
            return gone["destroyed"] if gone["signer"] == key.address else None
    return None


def provide(registry: c2d.AssetRegistry, key: c2d.Key) -> c2d.HttpResponse:
    with c2d.Provider(registry, key, assets={"dt": "file.csv"}, limits={"wall_ms": 1000}) as provider:
        return provider.handle(*c2d.HttpRequest("GET", "/healthz"))


def compute(registry: c2d.AssetRegistry, key: c2d.Key, document: str) -> Dict[str, bytes]:
    client = c2d.Client(registry, key, http=lambda request: c2d.HttpResponse(200), timeout=5)
    registered: int = client.register_job(1, "dt")
    client.wait_with_attempts(registered)
    job: int = client.execute(client.create_task("task"), client.compose({"metadata": {}}))
    files: List[c2d.ReleasedFile] = client.results(job)
    c2d.confirm_receipt(document, registry.chain)
    shown: str = c2d.open_receipt_member(document, "outcome")
    print(
        c2d.read_opened_member(shown)["member"],
        [one["owner"] for one in c2d.confirm_opened_member(shown, registry.chain)],
    )
    origin: ArtifactOrigin = client.origin(job, "model", party=0)
    c2d.confirm_origin(origin, key.address, registry.chain)
    print([one["origin"]["dt"] for one in client.artifacts(job) if "origin" in one], age.create_identity("id"))
    parts: List[JobPart] = client.wait(job, progress=True)
    print(c2d.read_receipt(document)["outputs"][0]["name"].upper(), [part["state"] for part in parts])
    return {file.name: file.content for file in files}


def run(code: str) -> str:
    with c2d.Sandbox() as sandbox, c2d.SandboxJob(code, "out", args={"n": 1}, on_log=print) as job:
        report: c2d.Report = sandbox.run(job)
        running: c2d.Run = sandbox.start(job)
        return report.log_text + running.wait().outcome


def together(session: mpc.Session, rows: List[List[float]], labels: List[int]) -> Optional[mpc.Matrix]:
    x = session.input(0, rows if session.party == 0 else None)
    y = session.input_labels(1, labels if session.party == 1 else None)
    smaller: mpc.Tensor = (1 - x.T[0:2] * 2 < 0.5) + abs(x[:, 0]) ** 2 - x.mean(axis=0) / 4 + (x @ x.T).sum()
    model = session.train_logistic(x, y, iterations=10, progress=lambda iteration, auc: print(iteration, auc))
    found = session.column_statistics(x, [0], count_min=10, included=y)
    if found is not None:
        print(found["count"] + 1, sum(found["mean"]), session.stats["rounds"] + session.iterations_per_second)
    fitted: mpc.Regression = session.fit_logistic(x, y, statistics_to=[0])
    if fitted.converged and fitted.statistics is not None:
        print(fitted.steps + 1, sum(fitted.statistics["p_values"]), session.score(x, fitted.weights).shape)
    print(mpc.cost("fit", *x.shape, steps=fitted.steps)["seconds"] + 1, session.keep(fitted.weights, "model").hex())
    counts: mpc.Tensor = session.bin_counts(1, rows if session.party == 1 else None, count=4, labels=y)
    kept: List[int] = session.select_columns(counts, iv_min=0.02)
    encoded = session.encode_bins(1, None, values=session.weight_of_evidence(counts)[:, kept])
    correlations: mpc.Tensor = session.correlations(encoded)
    print(
        session.information_value(counts).shape,
        encoded.shape,
        session.log(x).shape,
        session.variance_inflation(correlations).shape,
    )
    codes: mpc.Tensor = session.reason_codes(session.contributions(x, model, [1] * x.shape[1]), x, count=2, shares=x)
    print(codes.shape[1])
    area: Optional[float] = session.auc(session.matmul(x, model), y, to=mpc.PARTIES - 1)
    print(area, session.select(smaller < 1, smaller, smaller).shape[0], session.exchange(b"")[0].decode())
    opened = session.reveal(model, to=[0])
    return None if opened is None else mpc.Matrix(opened.to_rows())


def matched(session: mpc.Session, ids: Optional[List[str]], key: c2d.Key) -> List[int]:
    found: mpc.Alignment = session.align(ids, "helper", rule={"nfkc": True}, common_min=2, job="17")
    alone = mpc.align_pair(["a"], 0, key, [("127.0.0.1", 1, "0x"), ("127.0.0.1", 2, "0x")], run=1)
    joined: mpc.Joined = session.join(ids, [session.constant([[1.0]])])
    print(joined.common + 1, joined.columns[0].shape)
    return [*found.rows, found.common, *found.table_rows, alone.common]


def tables(path: str, frame: object) -> mpc.Matrix:
    schema: c2d.Schema = c2d.Schema.read(path)
    table: c2d.Table = c2d.Table.read_csv(path, schema, decimal=",", header=True, progress=False)
    if not c2d.check_csv(path, id="customer")["usable"] or not c2d.check_table(path)["usable"]:
        table = c2d.Table.of(frame, schema).select(table.names).take([0])
    cell: Optional[str] = table.cell(0, "income")
    rule: c2d.PreprocessingRule = c2d.PreprocessingRule.fit(table, c2d.PreprocessingRule.default_plan(schema))
    prepared: c2d.Prepared = rule.apply(table)
    opened: c2d.ExportedModel = c2d.ExportedModel.read(path)
    print(opened.score(table).names[0].upper(), opened.to_json() + opened.to_pmml())
    print(cell, prepared.names[0].upper(), prepared.shape[0] + 1, rule.digest.hex(), schema.digest.hex())
    return prepared.to_matrix()


def at_home() -> List[Optional[float]]:
    def total(session: mpc.Session, rows: List[List[float]]) -> Optional[float]:
        opened = session.reveal(session.input(0, rows if session.party == 0 else None).sum(), to=[0])
        return None if opened is None else opened.row(0)[0]

    try:
        return mpc.run_local(total, [[[1.0]], None, None], progress=True)
    except mpc.PartyFailed as problem:
        print(problem.party + 1, problem.failures[problem.party])
        return []


def failures() -> str:
    try:
        keys()
    except (
        c2d.NotFound,
        c2d.Refused,
        c2d.Corrupt,
        c2d.IoFailure,
        c2d.Unavailable,
        c2d.Timeout,
        c2d.LimitReached,
        c2d.Unsupported,
        c2d.Cancelled,
        c2d.Conflict,
        c2d.LayerUnavailable,
        c2d.PeerFailure,
        c2d.DomainViolation,
        c2d.InvalidArgument,
        c2d.Internal,
    ) as problem:
        return problem.name + problem.source + str(problem.transaction)
    except c2d.Error as problem:
        return problem.status + c2d.errors.Error.status + c2d.__version__
    return ""
