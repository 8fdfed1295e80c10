"""A bank's side of the flow: verifies requests by itself, runs operators next to the data."""

from __future__ import annotations

import ctypes
import os
from ctypes import c_char_p
from typing import Iterable, List, Mapping, Optional, Sequence, Tuple, Union

from . import _ffi, _generated, _text, http, sandbox
from ._handle import Handle as Owned
from ._types import Json, Path
from .asset_registry import AssetRegistry
from .environment import Environment, environment_or_none
from .key import Key
from .records import ProviderRun, WaitingGrant


class Provider(Owned):
    """Answers requests about our tokens and carries out the runs they admit. Thread-safe.

    key               signs in the organisation's name
    exec_dirpath      folder of the job folders and of the provider's own state
    assets            {token: file}: the data behind our tokens
    sources           {token: source}: databases behind our tokens, as `Table.query` takes them
    registrable       files, or folders whose files, /insertDtStore may name
    accepted_parties  organisations (names or addresses) to compute with; empty: any registered one
    accepted_composers  organisations (addresses or legal ids) whose compositions may use our tokens; empty: any registered one
    artifact_key      the key under which artifacts are kept: a file, made with the first, or the `pkcs11:` URI of one in a token;
                      None: a file beside them
    release_bytes_max  what the solver gets of one run's outputs at most (1 MiB), in pieces; 0: the default
    organisation      owner of our tokens; None: whom the key acts for on the ledger, else its address
    peer_ports        ports that our own endpoints may name instead, ints or (first, last); empty, and no peer_port: no joint
                      computations
    peer_networks     private and loopback ranges (CIDR) that peers may be in
    peer_sources      networks (CIDR) that peers call from, beside where their endpoints lie: places are
                      kept for these callers
    peer_sources_only True: nobody else may call
    peer_psk          {organisation's address: file}: secrets of at least 32 characters that were agreed on
                      beforehand; they go into the keys of joint runs with it
    peer_port         the one port of all joint computations at a time, which our own endpoints name
    peer_seconds      until peers must be there (60)
    peer_silence_seconds  how long nothing may be heard of a peer's provider while an operator runs (30), at least 5
    limits            of one run, as SandboxJob takes them
    workers           runs at a time (2); queue_max: runs that may wait (64)
    queue_share       runs of one solver that may wait; 0: a quarter of queue_max
    queue_weights     {solver's address: 1 to 1000}: solvers are served in turn, who has 2 has two runs taken where another
                      has one
    attempt_seconds   how long a receipt waits for another attempt, where the end and the terms allow one (900)
    checkpoint_seconds  how far apart computations that may be tried again write checkpoints (60)
    waiting_minutes   until the rest of a run's data sets must be asked for (10)
    disk_bytes_min    free bytes below exec_dirpath for another run to begin (64 MiB); 0: the default
    start             False: nothing is run, and requests are answered 503, until `start()`. For programs
                      that listen on a port: a start that cannot have the port must not touch the runs
    mounts            {path inside: host file or directory} that every operator sees, read-only
    variables         {name: value} of every operator's environment
    allow_collusion   FOR DEMONSTRATIONS ONLY: one organisation may run several parties

    Closing cancels what runs and waits for it; queued runs start when it is opened again on the same
    folder. Owned handle.
    """

    _destroy, _waits = "c2d_provider_destroy", True
    #: A server in front should stop reading bodies here, in bytes.
    BODY_BYTES_MAX = _ffi.lib.c2d_provider_body_bytes_max()

    def __init__(
        self,
        registry: AssetRegistry,
        key: Key,
        *,
        exec_dirpath: Path = "./tests/",
        assets: Optional[Mapping[str, Path]] = None,
        registrable: Iterable[Path] = (),
        accepted_parties: Sequence[str] = (),
        peer_bind: str = "127.0.0.1",
        peer_ports: Iterable[Union[int, Tuple[int, int]]] = (),
        peer_networks: Iterable[str] = (),
        peer_sources: Iterable[str] = (),
        peer_sources_only: bool = False,
        peer_seconds: float = 60,
        limits: Optional[Mapping[str, int]] = None,
        workers: int = 2,
        queue_max: int = 64,
        mounts: Optional[Mapping[str, Path]] = None,
        variables: Optional[Mapping[str, str]] = None,
        helper: Optional[Path] = None,
        cgroup: Optional[Path] = None,
        allow_collusion: bool = False,
        accept_legacy_signatures: bool = False,
        waiting_minutes: float = 10,
        disk_bytes_min: int = 0,
        start: bool = True,
        accepted_composers: Sequence[str] = (),
        organisation: Optional[str] = None,
        peer_psk: Optional[Mapping[str, Path]] = None,
        peer_port: int = 0,
        peer_silence_seconds: float = 30,
        artifact_key: Optional[Path] = None,
        queue_share: int = 0,
        queue_weights: Optional[Mapping[str, int]] = None,
        sources: Optional[Mapping[str, Json]] = None,
        release_bytes_max: int = 0,
        attempt_seconds: int = 900,
        checkpoint_seconds: int = 60,
        environment: Optional[Environment] = None,
    ) -> None:
        options = _generated.ProviderOptions()
        _ffi.lib.c2d_provider_options_init(ctypes.byref(options))
        options.key, options.environment = _text.handle(key, Key, "key"), environment_or_none(environment)
        _set_organisations(options, organisation, accepted_parties, accepted_composers)
        _set_files(options, exec_dirpath, artifact_key)
        _set_data(options, assets, sources, registrable)
        _set_peer_ports(options, peer_bind, peer_port, peer_ports, peer_seconds, peer_silence_seconds)
        _set_peers(options, peer_networks, peer_sources, peer_sources_only, peer_psk)
        _set_queue(options, workers, queue_max, queue_share, queue_weights, waiting_minutes, attempt_seconds)
        _set_sandbox(options, mounts, variables, limits, helper, cgroup)
        options.allow_collusion, options.accept_legacy_signatures = bool(allow_collusion), bool(
            accept_legacy_signatures
        )
        options.disk_bytes_min, options.release_bytes_max = disk_bytes_min, release_bytes_max
        options.checkpoint_seconds, options.defer_start = checkpoint_seconds, not start
        made = _ffi.call_out("c2d_provider_open", _text.handle(registry, AssetRegistry, "registry"), options)
        # The library keeps these objects; this keeps callbacks in them.
        self._take(made, registry, key, environment)

    def start(self) -> None:
        """Opens the durable state and starts the workers; does nothing when that was done before.

        Raises `Unsupported` when the state was written by a newer version.
        """
        _ffi.call("c2d_provider_start", self)

    def handle(
        self, method: str, target: str, body: Union[bytes, str] = b"", authorization: str = "", range: str = ""
    ) -> http.HttpResponse:
        """Answers one request as an HttpResponse; a refusal is an answer too.

        `target` is a path or a whole URL, `authorization` the header's value. A transport of a
        Client can pass its request on: `provider.handle(*request)`.
        """
        body = _text.blob_or_text(body)
        asked = http.HttpRequest(method, target, body, authorization, range)
        raw = http.to_raw(asked)
        return http.take_response(_ffi.call_out("c2d_provider_handle", self, raw))

    @property
    def address(self) -> str:
        """The owner's address."""
        return _ffi.text(_ffi.ask("c2d_provider_address", self))

    def runs(self) -> List[ProviderRun]:
        """The owner's own view: the newest runs, at most 200, as dicts."""
        return _text.call_json("c2d_provider_runs", self)

    def runs_of(self, job: int) -> List[ProviderRun]:
        """The runs of one job, one a party of ours. Raises `NotFound`."""
        return _text.call_json("c2d_provider_runs_of", self, job)

    def cancel(self, job: int) -> None:
        """Cancels what has not ended of a job. Raises `NotFound`, or `Conflict` when all of it has."""
        _ffi.call("c2d_provider_cancel", self, job)

    def waiting_grants(self) -> List[WaitingGrant]:
        """Requests for grants that only the owner may give, at most 256, oldest first, as dicts.

        `AssetRegistry.grant` with the owner's key answers them.
        """
        return _text.call_json("c2d_provider_waiting_grants", self)

    def close_token(self, dt: str) -> None:
        """Closes a token of ours at this provider: no grants, no new jobs; runs under way end as `revoked`."""
        _ffi.call("c2d_provider_close_token", self, _text.encode(dt))

    def open_token(self, dt: str) -> None:
        """Opens a token that was closed."""
        _ffi.call("c2d_provider_open_token", self, _text.encode(dt))

    def drain(self) -> None:
        """Waits until no run is queued or running; while held, until none has begun."""
        _ffi.call("c2d_provider_drain", self)

    def hold(self) -> None:
        """No run is taken from the queue until `release`, or until the provider starts anew; what has begun goes on."""
        _ffi.call("c2d_provider_hold", self, 1)

    def release(self) -> None:
        """Runs are taken from the queue again."""
        _ffi.call("c2d_provider_hold", self, 0)

    def __repr__(self) -> str:
        return "<c2d.Provider %s>" % ("closed" if self.closed else "of %s" % self.address)


def _set_data(options, assets, sources, registrable):
    _set_list(
        options,
        "assets",
        _generated.ProviderAsset,
        [(_text.encode(dt), _ffi.path(path)) for dt, path in _text.pairs(assets, "assets")],
    )
    _set_list(
        options,
        "sources",
        _generated.ProviderSource,
        [(_text.encode(dt), _text.as_json(source)) for dt, source in _text.pairs(sources, "sources")],
    )
    _set_list(options, "registrable", c_char_p, [(_ffi.path(path),) for path in _text.each(registrable, "registrable")])


def _set_organisations(options, organisation, accepted_parties, accepted_composers):
    options.organisation = _text.encode(organisation)
    _set_texts(options, "accepted_parties", accepted_parties)
    _set_texts(options, "accepted_composers", accepted_composers)


def _set_files(options, exec_dirpath, artifact_key):
    options.exec_dirpath = _ffi.path(exec_dirpath)
    if artifact_key is not None:
        options.artifact_key = _ffi.path(artifact_key)


def _set_peer_ports(options, bind, port, ports, seconds, silence_seconds):
    options.peer_bind, options.peer_port = _text.encode(bind), port
    ranges = [(one, one) if isinstance(one, int) else one for one in ports]
    _set_list(options, "peer_ports", _generated.PortRange, ranges)
    options.peer_connect_ms = _text.milliseconds(seconds)
    options.peer_silence_ms = _text.milliseconds(silence_seconds)


def _set_peers(options, networks, sources, sources_only, psk):
    _set_texts(options, "peer_networks", networks)
    _set_texts(options, "peer_sources", sources)
    options.peer_sources_only = bool(sources_only)
    secrets = [(_text.encode(organisation), _ffi.path(path)) for organisation, path in _text.pairs(psk, "peer_psk")]
    _set_list(options, "peer_psk", _generated.ProviderPeerPsk, secrets)


def _set_queue(options, workers, queue_max, queue_share, queue_weights, waiting_minutes, attempt_seconds):
    options.workers, options.queue_max, options.queue_share = workers, queue_max, queue_share
    weights = [(_text.encode(solver), weight) for solver, weight in _text.pairs(queue_weights, "queue_weights")]
    _set_list(options, "queue_weights", _generated.ProviderQueueWeight, weights)
    options.waiting_seconds, options.attempt_seconds = int(waiting_minutes * 60), attempt_seconds


def _set_sandbox(options, mounts, variables, limits, helper, cgroup):
    places = [(_ffi.path(host), _ffi.path(inside)) for inside, host in _text.pairs(mounts, "mounts")]
    _set_list(options, "mounts", _generated.ProviderMount, places)
    named = [(_text.encode(name), _text.encode(value)) for name, value in _text.pairs(variables, "variables")]
    _set_list(options, "variables", _generated.ProviderVariable, named)
    options.sandbox = ctypes.pointer(sandbox.raw_options(helper, cgroup))
    options.limits = ctypes.pointer(sandbox.raw_limits(limits))
    options.python_package, options.python_library = _own_files()


def _set_texts(options, name, texts):
    _set_list(options, name, c_char_p, [(_text.encode(text),) for text in _text.each(texts, name)])


def _set_list(options, name, kind, rows):
    """Sets the array `name` and its count; a row is what `kind` is made from."""
    setattr(options, name, (kind * len(rows))(*(kind(*row) for row in rows)))
    setattr(options, name + "_count", len(rows))


def _own_files():
    """This package and the library that it loaded, for operators; None where only the system knows."""
    library = _ffi.lib._name
    return (
        os.fsencode(os.path.dirname(os.path.abspath(__file__))),
        os.fsencode(library) if os.path.isabs(library) else None,
    )
