"""The ledger: organisations, data tokens, tasks and jobs."""

from __future__ import annotations

import ctypes
import json
from ctypes import c_int, c_uint64
from dataclasses import dataclass
from typing import Any, List, Optional

from . import _ffi, _generated, _text
from ._handle import Handle as Owned
from ._types import Progress
from .environment import Environment, environment_or_none
from .errors import InvalidArgument, shown
from .key import Key
from .records import (
    Deployment,
    DisclosureCount,
    Enterprise,
    Grant,
    GrantDecision,
    GrantState,
    IdentityKeys,
    Job,
    LedgerAcceptance,
    LedgerCut,
    NetworkInfo,
    PostedReceipt,
    Task,
    Token,
    VerifiedHead,
)


@dataclass(frozen=True)
class RpcOptions:
    """How to deal with an Ethereum node.

    `chain_id`: the chain to insist on, 0 for whatever the node says when it is first asked. `gas_price` in wei
    instead of the node's, 0 on free networks. `force_legacy`: for networks without EIP-1559. `confirmations`: blocks
    that must stand on top before a receipt is believed. `first_block`: where logs begin; `log_blocks_max`: how many
    blocks one call asks for. `receipt_deadline`: seconds that a write waits for its receipt. For nodes of PlatON and
    Alaya without methods of the usual names: `methods` "platon" and `address_prefix`, "lat" and the like. `block_time`
    "seconds" or "milliseconds" where it is not as known of the chain. `read_block`: as of which block of an EVM network
    decisions are made, "latest", "finalized" (the last one that the node says is final) or "confirmations" (the last
    one with that many on top).
    """

    chain_id: int = 0
    gas_price: Optional[int] = None
    force_legacy: bool = False
    confirmations: int = 0
    first_block: int = 0
    log_blocks_max: int = 0
    receipt_deadline: float = 0
    methods: Optional[str] = None
    address_prefix: Optional[str] = None
    block_time: Optional[str] = None
    read_block: str = "latest"


_ROLES = {"administrator": 100, "enterprise": 101, "provider": 102}
_USES = {"owner": 0, "grant": 1, "work": 2}
#: In the order of their numbers, from 1.
_OUTCOMES = ("succeeded", "failed", "cancelled", "refused", "aborted")


class Chain(Owned):
    """A ledger, or a network that holds the same contracts. Thread-safe. Owned handle.

    Writes return the hash of their transaction, 32 bytes; a contract's no raises `Refused` with
    `source`, `code` and `name`. Reads return dicts and raise `NotFound` for an unknown id.
    """

    _destroy = "c2d_chain_destroy"

    def __init__(
        self,
        network_url: str,
        *,
        environment: Optional[Environment] = None,
        address_file: Optional[str] = None,
        network_name: Optional[str] = None,
        trust_dir: Optional[str] = None,
        rpc: Optional[RpcOptions] = None,
        clock_ok: bool = False,
    ) -> None:
        """The same as `open`; `create` starts a new ledger."""
        options = _options(network_url, environment, address_file, network_name, trust_dir, rpc, clock_ok)
        self._take(_ffi.call_out("c2d_chain_open", options), environment)
        self.network_url = network_url

    @classmethod
    def open(
        cls,
        network_url: str,
        *,
        environment: Optional[Environment] = None,
        address_file: Optional[str] = None,
        network_name: Optional[str] = None,
        trust_dir: Optional[str] = None,
        rpc: Optional[RpcOptions] = None,
        clock_ok: bool = False,
    ) -> Chain:
        """Opens an existing ledger, "ledger:PATH", or connects to "http(s)://…".

        `trust_dir` is a folder of this process's own for the last head that it saw of a ledger file, and where
        processes that write to an EVM network with one key wait for each other. `clock_ok`: somebody looked at this
        machine's clock and found it right, though it jumped since `trust_dir` was last used ("clock_jumped").
        """
        return cls(
            network_url,
            environment=environment,
            address_file=address_file,
            network_name=network_name,
            trust_dir=trust_dir,
            rpc=rpc,
            clock_ok=clock_ok,
        )

    @classmethod
    def create(
        cls,
        network_url: str,
        admin: Key,
        *,
        environment: Optional[Environment] = None,
        trust_dir: Optional[str] = None,
        clock_ok: bool = False,
    ) -> Chain:
        """Starts a ledger with the key `admin` as its administrator; "ledger::memory:" for a try."""
        options = _options(network_url, environment, trust_dir=trust_dir, clock_ok=clock_ok)
        chain = cls._own(_ffi.call_out("c2d_chain_create", options, _key(admin)), environment)
        chain.network_url = network_url
        return chain

    @staticmethod
    def deploy(
        network_url: str,
        deployer: Key,
        *,
        address_file: str,
        network_name: str,
        replace: bool = False,
        progress: Optional[Progress] = None,
        environment: Optional[Environment] = None,
        rpc: Optional[RpcOptions] = None,
    ) -> Deployment:
        """Puts the contracts on the EVM network at `network_url` and their addresses into `address_file`.

        The key `deployer` sends five transactions and becomes the first administrator; nothing else may be sent
        with it meanwhile. `replace`: also where the file has an entry `network_name`, which else raises `Conflict`.
        `progress(done, total, line)` is told of each contract; see `verify`. Returns chain_id, deployer, first_block,
        contracts, transactions.
        """
        options = _options(network_url, environment, address_file, network_name, rpc=rpc)
        with _text.Progress(progress, "contracts") as call:
            return _text.call_json("c2d_chain_deploy", options, _key(deployer), int(replace), call.callback, None)

    @staticmethod
    def cut(
        network_url: str,
        from_block: int,
        *,
        trust_dir: Optional[str] = None,
        dry_run: bool = False,
        environment: Optional[Environment] = None,
    ) -> LedgerCut:
        """Takes the blocks from `from_block` on out of the ledger file at `network_url`, for its keeper.

        They are first saved beside it; `dry_run`: only says what would be taken out. Everybody else who saw them
        refuses the ledger ("ledger_rolled_back") until told to accept its new head. Returns from, blocks, transactions,
        first_time, last_time, saved, head. Raises `Conflict` while it is open with this `trust_dir` or written to.
        """
        options = _options(network_url, environment, trust_dir=trust_dir)
        return _text.call_json("c2d_chain_cut", options, from_block, int(dry_run))

    @staticmethod
    def accept(
        network_url: str, number: int, hash: bytes, *, trust_dir: str, environment: Optional[Environment] = None
    ) -> LedgerAcceptance:
        """Lets `trust_dir` forget blocks that the ledger's keeper took out; the head, its number and hash of 32 bytes,
        comes from the keeper. Returns head and, when something was given up, given_up."""
        options = _options(network_url, environment, trust_dir=trust_dir)
        return _text.call_json("c2d_chain_accept", options, number, _hash(hash))

    def info(self) -> NetworkInfo:
        """kind, chain_id, salt, admin, edition, contracts, head; ledger_ahead (block, time, wait) while the last block
        is ahead of this machine's clock and answers are of the blocks before it."""
        return _text.call_json("c2d_chain_info", self)

    def verify(self, progress: Optional[Progress] = None) -> VerifiedHead:
        """Replays the whole ledger; returns the head (number, time, hash).

        `progress(done, total, line)` counts blocks; an exception in it ends the call. Without one a terminal or
        notebook shows a bar; False: nothing, True: a bar anywhere.
        """
        head = _generated.ChainHead()
        with _text.Progress(progress, "ledger") as call:
            _ffi.call("c2d_chain_verify", self, call.callback, None, head)
        return {"number": head.number, "time": head.time, "hash": bytes(head.hash)}

    def require_block(self, number: int, hash: bytes) -> None:
        """Raises `Corrupt` ("ledger_rolled_back") unless block `number` is there with this hash of 32 bytes."""
        _ffi.call("c2d_chain_require_block", self, number, _hash(hash))

    # -- administrator

    def add_admin(self, admin: Key, address: str) -> bytes:
        """Makes an address an administrator."""
        return self._write("c2d_chain_add_admin", admin, address)

    def register_enterprise(self, admin: Key, address: str, name: str, description: str = "") -> bytes:
        """Registers an organisation under its address."""
        return self._write("c2d_chain_register_enterprise", admin, address, name, description)

    def update_enterprise(self, admin: Key, address: str, name: str, description: str = "") -> bytes:
        """Replaces name and description of a registered organisation."""
        return self._write("c2d_chain_update_enterprise", admin, address, name, description)

    def add_provider(self, admin: Key, address: str) -> bytes:
        """Lets a registered organisation publish data tokens."""
        return self._write("c2d_chain_add_provider", admin, address)

    # -- edition 2: roles, legal ids, keys, decisions

    def start_edition(self, admin: Key, edition: int) -> bytes:
        """The ledger's rules are of the next edition from the block of this transaction on."""
        transaction = ctypes.create_string_buffer(32)
        _ffi.call("c2d_chain_start_edition", self, _key(admin), edition, transaction)
        return transaction.raw

    def register_organisation(
        self, admin: Key, address: str, name: str, description: str = "", legal_id: str = ""
    ) -> bytes:
        """Registers an organisation with a legal id (LEI or COUNTRY:NUMBER); addresses with one are one
        organisation."""
        return self._write("c2d_chain_register_organisation", admin, address, name, description, legal_id)

    def update_organisation(
        self, admin: Key, address: str, name: str, description: str = "", legal_id: str = ""
    ) -> bytes:
        """Replaces name, description and legal id of a registered organisation."""
        return self._write("c2d_chain_update_organisation", admin, address, name, description, legal_id)

    def remove_role(self, admin: Key, address: str, role: str) -> bytes:
        """Takes a role, "administrator", "enterprise" or "provider"; never the last administrator's."""
        return self._account("c2d_chain_remove_role", admin, address, _number_of(role, _ROLES, "role"))

    def restore_role(self, admin: Key, address: str, role: str) -> bytes:
        """Gives a role back that was taken."""
        return self._account("c2d_chain_restore_role", admin, address, _number_of(role, _ROLES, "role"))

    def change_owner(self, key: Key, identity: str, owner: str) -> int:
        """Another key, `owner`, speaks for `identity`: by its owner key at once, by two administrators within 7 days.

        Returns 0 when it is changed, else the last second (Unix time) in which another administrator may agree.
        """
        proposed_until = c_uint64()
        _ffi.call(
            "c2d_chain_change_owner",
            self,
            _key(key),
            _text.encode(identity),
            _text.encode(owner),
            ctypes.byref(proposed_until),
            None,
        )
        return proposed_until.value

    def add_delegate(self, owner: Key, identity: str, use: str, delegate: str, seconds: int) -> bytes:
        """`delegate` may act for `identity` in `use`, "grant" or "work", for so many seconds, at most 366 days."""
        return self._account(
            "c2d_chain_add_delegate", owner, identity, _number_of(use, _USES, "use"), _text.encode(delegate), seconds
        )

    def revoke_delegate(self, owner: Key, identity: str, use: str, delegate: str) -> bytes:
        """It may no longer."""
        return self._account(
            "c2d_chain_revoke_delegate", owner, identity, _number_of(use, _USES, "use"), _text.encode(delegate)
        )

    def keys(self, identity: str) -> IdentityKeys:
        """Which keys speak for an address: address, legal_id, owner, delegates (use, key, valid_to)."""
        return self._read("c2d_chain_keys", identity)

    def acts_for(self, sender: str, identity: str, use: str) -> bool:
        """Is `sender` the owner key of `identity`, or its delegate for `use`: "owner", "grant" or "work"?"""
        return bool(
            _text.call_number(
                c_int,
                "c2d_chain_acts_for",
                self,
                _text.encode(sender),
                _text.encode(identity),
                _number_of(use, _USES, "use"),
            )
        )

    def close_token(self, owner: Key, dt: str) -> bytes:
        """A closed token takes no grants and no jobs until it is opened."""
        return self._write("c2d_chain_close_token", owner, dt)

    def open_token(self, owner: Key, dt: str) -> bytes:
        """It takes them again."""
        return self._write("c2d_chain_open_token", owner, dt)

    def is_closed(self, dt: str) -> bool:
        """Was the token closed by its owner?"""
        return bool(_text.call_number(c_int, "c2d_chain_is_closed", self, _text.encode(dt)))

    def decision(self, dt: str, composer: str) -> GrantDecision:
        """What the owner of `dt` decided about the organisation of `composer`: grants, revoked_at, used, expiry,
        jobs."""
        return _text.call_json("c2d_chain_decision", self, _text.encode(dt), _text.encode(composer))

    def disclosures(self, dt: str, composer: str, kind: str) -> DisclosureCount:
        """How often jobs showed results of `kind` of `dt`, as their receipts say: organisation (of `composer`),
        total."""
        return _text.call_json(
            "c2d_chain_disclosures", self, _text.encode(dt), _text.encode(composer), _text.encode(kind)
        )

    def admins(self) -> List[str]:
        """The administrators in the order of their arrival, but that the last one fills the gap of one who left."""
        return _text.call_json("c2d_chain_admins", self)

    # -- demander and solver

    def create_task(self, demander: Key, name: str, description: str = "") -> int:
        """Opens a task; returns its number."""
        return _text.call_number(
            c_uint64, "c2d_chain_create_task", self, _key(demander), _text.encode(name), _text.encode(description)
        )

    def add_job(self, solver: Key, cdt: str, task: int) -> int:
        """Submits an Algorithm to a task; returns the number of the job."""
        return _text.call_number(c_uint64, "c2d_chain_add_job", self, _key(solver), _text.encode(cdt), task)

    def close_task(self, demander: Key, task: int) -> bytes:
        """No further jobs for a task of ours; returns the transaction."""
        transaction = ctypes.create_string_buffer(32)
        _ffi.call("c2d_chain_close_task", self, _key(demander), task, transaction)
        return transaction.raw

    def revoke(self, owner: Key, dt: str, cdt: str) -> bytes:
        """Takes the grant of `dt` to `cdt` back; returns the transaction."""
        return self._write("c2d_chain_revoke", owner, dt, cdt)

    def send(self, key: Key, function: str, *arguments: Any) -> bytes:
        """Sends what changes the state by its name, `send(key, "TaskMarket.closeTask", 3)`; returns the transaction."""
        return self._write("c2d_chain_send", key, function, json.dumps(arguments))

    # -- reads

    def ask(self, function: str, *arguments: Any) -> List[Any]:
        """Asks any view by its name, `ask("TaskMarket.getTaskNum")`; a list of what it returned."""
        return _text.call_json("c2d_chain_ask", self, _text.encode(function), _text.encode(json.dumps(arguments)))

    def enterprise(self, address: str) -> Enterprise:
        """address, name, description of an organisation."""
        return self._read("c2d_chain_enterprise", address)

    def enterprises(self) -> List[Enterprise]:
        """All organisations as they are called now, in the order in which they came; `Limit` beyond 65536."""
        return _text.call_json("c2d_chain_enterprises", self)

    def is_provider(self, address: str) -> bool:
        """May this address publish data tokens?"""
        return bool(_text.call_number(c_int, "c2d_chain_is_provider", self, _text.encode(address)))

    def token(self, dt: str) -> Token:
        """What the ledger itself says of a token; `AssetRegistry.resolve` reads its document."""
        return self._read("c2d_chain_token", dt)

    def token_count(self) -> int:
        """Tokens on the public list: leaves, and compositions once they are active."""
        return _text.call_number(c_uint64, "c2d_chain_token_count", self)

    def has_grant(self, dt: str, cdt: str) -> bool:
        """May `cdt` use `dt`?"""
        return bool(_text.call_number(c_int, "c2d_chain_has_grant", self, _text.encode(dt), _text.encode(cdt)))

    def grant_state(self, dt: str, cdt: str) -> GrantState:
        """given, expiry (Unix seconds), jobs, jobs_used, per ("composer" or "composition"), times; 0 is no bound."""
        return _text.call_json("c2d_chain_grant_state", self, _text.encode(dt), _text.encode(cdt))

    def grants_of(self, dt: str) -> List[Grant]:
        """Permissions that `dt` gave."""
        return self._read("c2d_chain_grants_of", dt)

    def grants_to(self, cdt: str) -> List[Grant]:
        """Permissions that `cdt` received."""
        return self._read("c2d_chain_grants_to", cdt)

    def task(self, number: int) -> Task:
        """task_id, demander, name, description, status, jobs."""
        return _text.call_json("c2d_chain_task", self, number)

    def job(self, number: int) -> Job:
        """job_id, task_id, solver, cdt, status."""
        return _text.call_json("c2d_chain_job", self, number)

    def receipts_of(self, job: int) -> List[PostedReceipt]:
        """How the parts of a job ended: dt, owner, outcome, digest, block, time; in order of posting."""
        return _text.call_json("c2d_chain_receipts_of", self, job)

    def post_receipt(self, owner: Key, job: int, dt: str, outcome: str, digest: bytes) -> bytes:
        """Records how `job` ended on `dt`, which `owner` owns; returns the transaction. Providers do
        this by themselves. `outcome`: succeeded, failed, cancelled, refused, aborted; `digest`: 32
        bytes."""
        digest = _ffi.blob(digest)
        if not isinstance(outcome, str) or outcome not in _OUTCOMES or len(digest) != 32:
            raise InvalidArgument(
                "expected an outcome of %s and a digest of 32 bytes, found %s and %d bytes"
                % (", ".join(_OUTCOMES), shown(outcome), len(digest))
            )
        transaction = ctypes.create_string_buffer(32)
        _ffi.call(
            "c2d_chain_post_receipt",
            self,
            _key(owner),
            job,
            _text.encode(dt),
            _OUTCOMES.index(outcome) + 1,
            digest,
            transaction,
        )
        return transaction.raw

    def _write(self, name, signer, *texts):
        transaction = ctypes.create_string_buffer(32)
        _ffi.call(name, self, _key(signer), *map(_text.encode, texts), transaction)
        return transaction.raw

    def _account(self, name, signer, address, *rest):
        transaction = ctypes.create_string_buffer(32)
        _ffi.call(name, self, _key(signer), _text.encode(address), *rest, transaction)
        return transaction.raw

    def _read(self, name, text):
        return _text.call_json(name, self, _text.encode(text))

    def __repr__(self) -> str:
        place = _text.without_credentials(self.network_url)
        return "<c2d.Chain %s%s>" % (place, " closed" if self.closed else "")


_BLOCK_TIMES = {None: 0, "seconds": 1, "milliseconds": 2}
_READ_BLOCKS = {"latest": 0, "finalized": 1, "confirmations": 2}


def _rpc(given):
    if not isinstance(given, RpcOptions):
        raise InvalidArgument("rpc must be an RpcOptions, found %s" % type(given).__name__)
    out = _generated.RpcOptions()
    _ffi.lib.c2d_rpc_options_init(ctypes.byref(out))
    out.chain_id, out.confirmations, out.first_block = given.chain_id, given.confirmations, given.first_block
    out.log_blocks_max, out.receipt_deadline_ms = given.log_blocks_max, _text.milliseconds(given.receipt_deadline)
    out.methods, out.address_prefix = map(_text.encode, (given.methods, given.address_prefix))
    out.fixed_gas_price, out.gas_price = given.gas_price is not None, given.gas_price or 0
    out.force_legacy = given.force_legacy
    if not isinstance(given.block_time, (str, type(None))) or given.block_time not in _BLOCK_TIMES:
        raise InvalidArgument("expected block_time seconds or milliseconds, found %s" % shown(given.block_time))
    out.block_time = _BLOCK_TIMES[given.block_time]
    if not isinstance(given.read_block, str) or given.read_block not in _READ_BLOCKS:
        raise InvalidArgument(
            "expected read_block latest, finalized or confirmations, found %s" % shown(given.read_block)
        )
    out.read_block = _READ_BLOCKS[given.read_block]
    return out


def _number_of(name, numbers, what):
    if not isinstance(name, str) or name not in numbers:
        raise InvalidArgument("%s: expected %s, found %s" % (what, " or ".join(numbers), shown(name)))
    return numbers[name]


def _hash(given):
    given = _ffi.blob(given)
    if len(given) != 32:
        raise ValueError("expected a hash of 32 bytes, found %d" % len(given))
    return given


def _options(network_url, environment, address_file=None, network_name=None, trust_dir=None, rpc=None, clock_ok=False):
    options = _generated.ChainOptions()
    _ffi.lib.c2d_chain_options_init(ctypes.byref(options))
    options.network_url = _text.encode(network_url)
    options.environment = environment_or_none(environment)
    options.address_file, options.network_name, options.trust_dir = map(
        _text.encode, (address_file, network_name, trust_dir)
    )
    options.clock_ok = int(clock_ok)
    if rpc is not None:
        options.rpc = ctypes.pointer(_rpc(rpc))
    return options


def _key(key):
    return _text.handle(key, Key, "the signer")
