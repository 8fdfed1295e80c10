"""What the library puts out as JSON objects, as types: which members a dict has, and what they are.

Addresses and hashes are text, tokens `dt:ownership:…`; times are Unix seconds, 0 stands for none. A class named
`_…Always` holds the members that are always there.
"""

from typing import Any, Dict, List, Optional, TypedDict


class Head(TypedDict):
    """The last block."""

    number: int
    hash: str
    time: int


class VerifiedHead(TypedDict):
    """The last block of a ledger that was replayed; `hash` has 32 bytes."""

    number: int
    hash: bytes
    time: int


class LedgerAhead(TypedDict):
    """The block that is ahead of this machine's clock, and how many seconds it will be so."""

    block: int
    time: int
    wait: int


class _NetworkAlways(TypedDict):
    kind: str
    chain_id: int
    salt: str
    admin: str
    edition: int
    contracts: Dict[str, str]
    head: Head


class NetworkInfo(_NetworkAlways, total=False):
    """A ledger or network, as `Chain.info` describes it."""

    ledger_ahead: LedgerAhead


class Deployment(TypedDict):
    """Contracts that `Chain.deploy` put on a network."""

    chain_id: int
    deployer: str
    first_block: int
    contracts: Dict[str, str]
    transactions: List[str]


_CutFrom = TypedDict("_CutFrom", {"from": int})  # a word of Python's own


class LedgerCut(_CutFrom):
    """Blocks that `Chain.cut` took out, or would take out; `from` is the first."""

    blocks: int
    transactions: int
    first_time: int
    last_time: int
    saved: str
    head: Head


class _AcceptanceAlways(TypedDict):
    head: Head


class LedgerAcceptance(_AcceptanceAlways, total=False):
    """The head that `Chain.accept` left, and the one that it gave up."""

    given_up: Head


class Enterprise(TypedDict):
    """An organisation."""

    address: str
    name: str
    description: str


class Token(TypedDict):
    """What the ledger itself says of a token."""

    dt: str
    owner: str
    minter: str
    checksum: str
    is_leaf: bool
    cid: str
    block: int


class GrantDecision(TypedDict):
    """What an owner decided about an organisation: grants without the owner's word, time of the last revocation (0:
    none), jobs, and end and number of jobs of the last grant that counts these."""

    grants: int
    revoked_at: int
    used: int
    expiry: int
    jobs: int


class DisclosureCount(TypedDict):
    """How often results of a kind were shown, to the composer's organisation and in all."""

    organisation: int
    total: int


class Delegate(TypedDict):
    """A key that may act for an organisation in "grant" or "work" until `valid_to`, in Unix seconds."""

    use: str
    key: str
    valid_to: int


class IdentityKeys(TypedDict):
    """Which keys speak for an address."""

    address: str
    legal_id: str
    owner: str
    delegates: List[Delegate]


class GrantState(TypedDict):
    """Whether a grant holds; 0 is no bound. `per`: whether `jobs` bounds those of the "composer" over all of its
    compositions, or of this "composition"; `times`: how often it was given without the owner's word."""

    given: bool
    expiry: int
    jobs: int
    jobs_used: int
    per: str
    times: int


class Grant(TypedDict):
    """A permission on the ledger."""

    dt: str
    grantee: str
    owner: str
    block: int
    transaction: str


class Task(TypedDict):
    """A task on the ledger."""

    task_id: int
    demander: str
    name: str
    description: str
    status: int
    jobs: List[int]


class Job(TypedDict):
    """A job on the ledger."""

    job_id: int
    task_id: int
    solver: str
    cdt: str
    status: int


class PostedReceipt(TypedDict):
    """How a part of a job ended, as the ledger says."""

    dt: str
    owner: str
    outcome: str
    digest: str
    block: int
    time: int


class Service(TypedDict):
    """Where and by which operator template data are computed on."""

    index: str
    endpoint: str
    template: Optional[str]


class FreeArgument(TypedDict):
    """An argument that terms leave open, and what they allow."""

    service: str
    argument: str
    allows: str


class ListedAsset(TypedDict):
    """A token, as the public list shows it."""

    dt: str
    name: str
    type: str
    owner: str
    active: bool
    is_leaf: bool
    checksum: str
    cid: str
    block: int
    children: List[str]
    services: List[Service]
    free: List[FreeArgument]


class Asset(ListedAsset):
    """A token read back and checked."""

    document: Dict[str, Any]


class OperatorTemplate(TypedDict):
    """Reviewed code, read back and checked."""

    tid: str
    name: str
    publisher: str
    checksum: str
    cid: str
    block: int
    operation: str
    params: Dict[str, Any]
    document: Dict[str, Any]


class PlannedRun(TypedDict):
    """What an Algorithm would run at one leaf."""

    dt: str
    endpoint: str
    args: Dict[str, Any]


class Unanswered(TypedDict):
    """Why a provider did not answer."""

    status: str
    code: str
    message: str


class _JobPartAlways(TypedDict):
    dt: str
    endpoint: str
    party: int
    state: str
    outcome: str
    receipt: str
    attempt: int
    attempts_max: int
    again: bool


class JobPart(_JobPartAlways, total=False):
    """A part of a job, at one leaf's provider; `unanswered` where that did not answer."""

    unanswered: Unanswered


class QueuedRun(TypedDict):
    """A run at our provider that has not ended."""

    job_id: int
    party: int
    algo_dt: str
    solver: str
    state: str
    attempt: int
    attempts_max: int
    created: int
    updated: int


class ProviderQueue(TypedDict):
    """What our provider has to do."""

    endpoint: str
    held: bool
    workers: int
    queue_max: int
    queue_share: int
    runs: List[QueuedRun]


class ReleasedLog(TypedDict):
    """What an owner releases of an operator's log."""

    dt: str
    release: str
    log: str


class SavedFile(TypedDict):
    """An output that `Client.save_results` wrote."""

    dt: str
    name: str
    path: str
    bytes: int
    sha256: str


class ProviderRun(TypedDict):
    """A run, as its provider sees it."""

    job_id: int
    party: int
    algo_dt: str
    solver: str
    state: str
    outcome: str
    detail: str
    folder: str
    outputs: List[str]
    created: int
    updated: int
    attempt: int
    attempts_max: int
    again: bool


class FileDigest(TypedDict):
    """A file by its content."""

    name: str
    bytes: int
    sha256: str


class Artifact(FileDigest):
    """What a run left with its provider."""

    kind: str
    schema_sha256: str
    binding: str


class ReceiptRuntime(TypedDict):
    """The c2d that an operator was shown."""

    version: str
    library_sha256: str
    package_sha256: str


class ReceiptInputDigest(TypedDict):
    """Which input a party used: SHA-256 of a salt of its owner's and the file."""

    party: int
    dt: str
    digest: str


class ReceiptAlignment(TypedDict):
    """How many distinct ids two tables had that were aligned, and how many both have."""

    rows: List[int]
    common: int


class _ReceiptAlways(TypedDict):
    version: int
    chain_id: int
    job_id: int
    party: int
    algo_dt: str
    solver: str
    owner: str
    signer: str
    data: List[str]
    outcome: str
    code_sha256: str
    inputs: List[FileDigest]
    outputs: List[FileDigest]
    digest: str


class Receipt(_ReceiptAlways, total=False):
    """A provider's signed document of how a run ended; what may be absent is there from version 2 on."""

    artifacts: List[Artifact]
    disclosures: Dict[str, int]
    attempts: int
    runtime: ReceiptRuntime
    input_digests: List[ReceiptInputDigest]
    alignments: List[ReceiptAlignment]
    rules: List[str]


class OpenedMember(TypedDict):
    """One member of a receipt, shown without the others."""

    job_id: int
    member: str
    value: Any
    digest: str


class Party(TypedDict):
    """A party of a joint computation."""

    party: int
    owner: str
    organisation: str
    endpoint: str


class ArtifactOrigin(TypedDict):
    """What a run left with a party, as a model token names it."""

    job_id: int
    party: int
    output: str
    sha256: str
    binding: str
    dt: str
    receipt: Dict[str, Any]


class _InputAlways(TypedDict):
    dt: str
    name: str
    document_checksum: str


class Input(_InputAlways, total=False):
    """Which data an operator reads under which name; `origin` of a model token."""

    origin: ArtifactOrigin


class WaitingGrant(TypedDict):
    """A request for a grant that waits for the owner's word; `since` in seconds since the epoch."""

    dt: str
    cdt: str
    composer: str
    since: int


class UnansweredProvider(TypedDict):
    """A provider of a token of ours that did not say what waits there; no endpoint where the document could not be
    read."""

    dt: str
    endpoint: str
    status: str
    code: str
    message: str


class WaitingGrants(TypedDict):
    """Requests that wait for the owner's word, and the providers where others may."""

    grants: List[WaitingGrant]
    unanswered: List[UnansweredProvider]


class JobGrant(TypedDict):
    """A grant that a job rests on: `dt` to the composition `grantee`."""

    dt: str
    grantee: str


class Terms(TypedDict):
    """All that a run needs, as `JobVerifier.verify_job` found it."""

    job_id: int
    algo_dt: str
    algo_checksum: str
    solver: str
    attempt: int
    attempts_max: int
    template: str
    template_checksum: str
    operation: str
    args: Dict[str, Any]
    args_hash: str
    parties: int
    party: int
    all_parties: List[Party]
    inputs: List[Input]
    grants: List[JobGrant]
    outputs: List[str]
    kept: List[str]
    release_log: str
    release_exit: bool
    collusion_overridden: bool


class Layer(TypedDict):
    """What a wall of the sandbox would be on this machine."""

    layer: str
    state: str
    errno: int
    hint: str


class RunDetails(TypedDict):
    """A sandbox report's `details`."""

    outcome: str
    exit_code: int
    signal: int
    detail: str
    wall_ms: int
    cpu_ms: int
    memory_peak_bytes: int
    log_bytes_total: int
    kernel: str
    landlock_abi: int
    layers: Dict[str, Dict[str, Any]]
    seccomp_sha256: str
    code_sha256: str
    args_sha256: str
    outputs: List[FileDigest]
    outputs_refused: List[str]


class BlockTime(TypedDict):
    """When something was written."""

    block: int
    time: int


class GrantEvent(BlockTime):
    """A grant given or taken back: "granted" or "revoked"."""

    event: str


class _TraceGrantAlways(TypedDict):
    state: str
    expiry: int
    jobs: int
    jobs_used: int
    history: List[GrantEvent]


class TraceGrant(_TraceGrantAlways, total=False):
    """A grant from the node to the composition below which it stands."""

    granted: BlockTime
    revoked: BlockTime


class TraceReceipt(PostedReceipt):
    """A posted receipt, with the token's name."""

    name: str


class TraceOrigin(TypedDict):
    """The artifact that a model token stands for, as its document says."""

    job_id: int
    party: int
    output: str
    sha256: str
    binding: str


class _NodeAlways(TypedDict):
    kind: str


class TraceNode(_NodeAlways, total=False):
    """A token or a job (`kind`) and what hangs on it; which other members there are depends on the kind."""

    problem: str
    dt: str
    name: str
    type: str
    owner: str
    owner_address: str
    active: bool
    minted: BlockTime
    activated: BlockTime
    grant: TraceGrant
    opened: Dict[str, int]
    origins: List[TraceOrigin]
    made_of: List["TraceNode"]
    granted_to: List["TraceNode"]
    jobs: List["TraceNode"]
    job_id: int
    task_id: int
    task_name: str
    solver: str
    demander: str
    state: str
    registered: BlockTime
    receipts: List[TraceReceipt]


class _ChangeAlways(TypedDict):
    event: str
    block: int
    time: int


class TraceChange(_ChangeAlways, total=False):
    """Something that happened to an organisation's keys or roles: "role_added", "role_removed" (`role`),
    "owner_changed" (`key`), "delegate_added" (`key`, `use`, `valid_to`) or "delegate_revoked" (`key`, `use`)."""

    role: int
    key: str
    use: str
    valid_to: int


class TraceOrganisation(TypedDict):
    """An organisation of a trace whose keys or roles changed after it was registered."""

    kind: str
    name: str
    address: str
    changes: List[TraceChange]


class _ArtifactAlways(TypedDict):
    job_id: int
    party: int
    algo_dt: str
    name: str
    kind: str
    sha256: str
    bytes: int
    binding: str
    created: int


class Artifact(_ArtifactAlways, total=False):
    """What a run left with its provider; `destroyed` only when it is gone."""

    destroyed: int


class HeldArtifact(Artifact, total=False):
    """An artifact as the provider that has it tells of it; `origin` once its run has a receipt."""

    origin: ArtifactOrigin


class Tombstone(_ArtifactAlways):
    """What is left of one that was destroyed, and who says so."""

    destroyed: int
    signer: str
