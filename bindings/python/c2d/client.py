"""The side of whoever computes: composes, asks for grants, starts jobs, fetches results."""

from __future__ import annotations

import ctypes
from ctypes import c_uint64
from typing import List, NamedTuple, Optional, Sequence

from . import _ffi, _generated, _text, http
from ._handle import Handle as Owned
from ._types import Json, Path, Progress, Transport
from .asset_registry import AssetRegistry
from .environment import Environment, environment_or_none
from .errors import shown
from .key import Key
from .records import ArtifactOrigin, HeldArtifact, JobPart, ProviderQueue, ReleasedLog, SavedFile, WaitingGrants


#: C2D_ERROR_UNAVAILABLE, as far as the library is told of an exception.
_FAILED = 6


class ReleasedFile(NamedTuple):
    """An output that a provider released: its name, its bytes, and the token it was computed on."""

    name: str
    content: bytes
    dt: str


class Client(Owned):
    """Computes on others' data in the name of `key`. Thread-safe. Owned handle.

    Providers are found through the endpoints in the tokens' documents. A provider's no raises
    `Refused` with the endpoint as `source` and the reason's `name`; silence raises `Unavailable` or
    `Timeout`. Every answer must be signed by the token's owner: one that is not raises an error named
    `answer_unproven`. `http(request)` may replace the network: it takes an HttpRequest whose target is a URL
    and returns an HttpResponse with the answer's headers; what it raises comes out of the call that asked.
    """

    _destroy = "c2d_client_destroy"

    def __init__(
        self,
        registry: AssetRegistry,
        key: Key,
        *,
        http: Optional[Transport] = None,
        timeout: Optional[float] = None,
        result_bytes_max: int = 0,
        environment: Optional[Environment] = None,
    ) -> None:
        options = _generated.ClientOptions()
        _ffi.lib.c2d_client_options_init(ctypes.byref(options))
        options.key = _text.handle(key, Key, "key")
        options.environment = environment_or_none(environment)
        options.http_timeout_ms = 0 if timeout is None else _text.milliseconds(timeout)
        options.result_bytes_max = result_bytes_max
        transport = None if http is None else _Transport(http)
        if transport:
            options.http = transport.callback
        # The library keeps these objects; this keeps callbacks in them.
        self._take(
            _ffi.call_out("c2d_client_open", _text.handle(registry, AssetRegistry, "registry"), options),
            registry,
            key,
            environment,
            transport,
        )
        self.address, self._transport = key.address, transport

    # -- tokens

    def publish(self, attributes: Json, *, id: Optional[str] = None) -> str:
        """Publishes a token, as `AssetRegistry.publish`; returns it."""
        return self._call(_text.call_text, "publish", _text.as_json(attributes), _text.encode(id))

    def request_grant(self, dt: str, cdt: str) -> None:
        """Asks the owner of `dt` to grant it to our composition `cdt`."""
        self._call(_ffi.call, "request_grant", _text.encode(dt), _text.encode(cdt))

    def compose(self, attributes: Json, *, id: Optional[str] = None) -> str:
        """Publishes a composition, asks for every child's grant and activates it; returns it.

        When grants are refused the composition stands on the ledger inactive, the error names it and all who
        refused, and the same call with its id goes on from there.
        """
        return self._call(_text.call_text, "compose", _text.as_json(attributes), _text.encode(id))

    def insert_dt_store(self, dt: str, path: Path) -> None:
        """Tells our own provider in which file the data of a leaf are."""
        self._call(_ffi.call, "insert_dt_store", _text.encode(dt), _ffi.path(path))

    def waiting_grants(self, dt: Optional[str] = None) -> WaitingGrants:
        """Requests for grants that wait for our word (`grant_needs_owner`): a dict with grants and unanswered.

        `grants` are dicts with dt, cdt, composer, since: those at the provider of `dt`, a token of ours, which must
        answer, or at the providers of all our tokens; `unanswered` are those of them that did not say what waits there.
        `AssetRegistry.grant` with our key answers the requests.
        """
        return self._call(_text.call_json, "waiting_grants", _text.encode(dt))

    def artifacts(self, job: int) -> List[HeldArtifact]:
        """What a job left with our providers: dicts as `ArtifactStore.list` gives, each with `origin` once its run has
        a receipt."""
        return self._call(_text.call_json, "artifacts", job)

    def origin(self, job: int, output: str, *, party: Optional[int] = None) -> ArtifactOrigin:
        """`attributes.origin` of a model token over an output that a job left with us: asked of our provider, and
        confirmed on the ledger.

        `party`: which one of the job we were, where we were several. Raises `NotFound`, `Conflict` where more than one
        party left it, `Refused` with the name `origin_invalid` where the ledger does not confirm it.
        """
        return self._call(_text.call_json, "origin", job, _text.encode(output), -1 if party is None else party)

    def renew_grant(self, dt: str, cdt: str) -> None:
        """Tells our provider that a grant of `dt` to `cdt`, which stands, is given anew.

        Peers' inputs that are not those of the jobs before (`input_changed`) are right from now on. Raises `Refused`
        where there is no such grant.
        """
        self._call(_ffi.call, "renew_grant", _text.encode(dt), _text.encode(cdt))

    def close_token(self, dt: str) -> None:
        """Closes a token of ours: no grants, no new jobs; runs under way end as `revoked`.

        On the ledger where its rules know of closed tokens (edition 2), else at our provider.
        """
        self._call(_ffi.call, "close_token", _text.encode(dt))

    def open_token(self, dt: str) -> None:
        """Opens a token that was closed."""
        self._call(_ffi.call, "open_token", _text.encode(dt))

    # -- the queue of our own provider: the one of `dt`, a token of ours; None: the one that all our tokens name

    def provider_queue(self, dt: Optional[str] = None) -> ProviderQueue:
        """What has not ended there: a dict with endpoint, held, workers, queue_max, queue_share, runs."""
        return self._call(_text.call_json, "provider_queue", _text.encode(dt))

    def hold_queue(self, held: bool = True, dt: Optional[str] = None) -> ProviderQueue:
        """True: no run is taken from the queue until it is released or the provider starts anew; False: it goes on."""
        return self._call(_text.call_json, "hold_queue", _text.encode(dt), int(bool(held)))

    def drain_queue(self, dt: Optional[str] = None, progress: Optional[Progress] = None) -> ProviderQueue:
        """Holds the queue, and returns when nothing is under way there; `progress` as in `wait`."""
        with _text.Progress(progress, "queue") as call:
            return self._call(_text.call_json, "drain_queue", _text.encode(dt), call.callback, None)

    def cancel_own_runs(self, job: int) -> None:
        """Cancels our own runs of a job, whoever its solver is. `Conflict`: nothing was left to cancel."""
        self._call(_ffi.call, "cancel_own_runs", job)

    # -- jobs

    def create_task(self, name: str, description: str = "") -> int:
        """Opens a task; returns its number."""
        return self._number("create_task", _text.encode(name), _text.encode(description))

    def register_job(self, task: int, cdt: str) -> int:
        """Registers a job, once every provider would take it, and starts nothing; returns its number."""
        return self._number("register_job", task, _text.encode(cdt))

    def execute(self, task: int, cdt: str) -> int:
        """Registers a job, once every provider would take it, and starts it; returns its number."""
        return self._number("execute", task, _text.encode(cdt))

    def verify(self, job: int, cdt: str) -> None:
        """Asks every leaf's provider whether it would run a registered job, starting nothing."""
        self._call(_ffi.call, "verify", job, _text.encode(cdt))

    def start(self, job: int, cdt: str) -> None:
        """Starts a registered job at every leaf's provider; on a refusal cancels the rest."""
        self._call(_ffi.call, "start", job, _text.encode(cdt))

    def start_attempt(self, job: int) -> int:
        """Asks for the next attempt at a registered job of ours; returns its number.

        The first one where no provider was asked yet, at those where it is missing, and the one after the last where
        all parts have ended. `Conflict`: nothing is left to start, or a part ended so that it is not tried again.
        """
        return self._number("start_attempt", job)

    def status(self, job: int) -> List[JobPart]:
        """The parts of a job: dicts with dt, endpoint, party, state, outcome, receipt, attempt, attempts_max, again.

        Of a provider that does not answer within 10 s the state is "unknown", and `unanswered` says why; raises where
        none answers.
        """
        return self._call(_text.call_json, "status", job)

    def wait(self, job: int, progress: Optional[Progress] = None) -> List[JobPart]:
        """Waits until every part has ended and, for a while, its receipt is on the ledger.

        Returns the parts as `status` does. `progress(done, total, line)` counts parts that ended
        and gets a line whenever a state changes or a provider stops answering, which is borne for 10 minutes; an
        exception in it ends the waiting, not the job. Without one a terminal or notebook shows a bar; False: nothing,
        True: a bar anywhere.
        """
        with _text.Progress(progress, "job " + shown(job)) as call:
            return self._call(_text.call_json, "wait", job, call.callback, None)

    def wait_with_attempts(self, job: int, progress: Optional[Progress] = None) -> List[JobPart]:
        """As `wait`, of a job of ours, which is started where it is only registered.

        Asks for the next attempt whenever it may be made, as often as the terms allow.
        """
        with _text.Progress(progress, "job " + shown(job)) as call:
            return self._call(_text.call_json, "wait_with_attempts", job, call.callback, None)

    def logs(self, job: int) -> List[ReleasedLog]:
        """What the owners release of the operator's log: dicts with dt, release, log."""
        return self._call(_text.call_json, "logs", job)

    def results(self, job: int) -> List[ReleasedFile]:
        """The released outputs of every run, as a list of ReleasedFile.

        Names are those that the verified arguments spell as outputs, contents are those of the
        providers' signed manifests; anything else raises `Corrupt` with the name `result_invalid`.
        """
        lib, files = _ffi.lib, self._call(_ffi.call_out, "results", job)
        try:
            return [_file(files, index) for index in range(lib.c2d_released_files_count(files))]
        finally:
            lib.c2d_released_files_destroy(files)

    def save_results(
        self,
        job: int,
        folder: Path,
        *,
        replace: bool = False,
        receipts: Sequence[str] = (),
        identity: Optional[Path] = None,
    ) -> List[SavedFile]:
        """Writes the released outputs below `folder`; dicts with dt, name, path, bytes, sha256.

        Nothing is written outside of the folder, or over a file that is there (`Conflict`), unless
        `replace`. A name that the terms spell for two parties stands in a folder party_N of each.
        `receipts` are documents of the job's runs: what is released must be what they say. `identity` is the file of
        the key that results were encrypted to (`c2d.age`): what is written is what was encrypted.
        """
        options = _generated.SaveOptions()
        _ffi.lib.c2d_save_options_init(ctypes.byref(options))
        options.replace = int(replace)
        if identity is not None:
            options.identity_file = _ffi.path(identity)
        options.receipts, options.receipts_count = _text.text_array(receipts)
        return self._call(_text.call_json, "save_results", job, _ffi.path(folder), options)

    def cancel(self, job: int) -> None:
        """Cancels every part that has not ended; raises the first refusal after trying all.

        `Conflict`: every part has ended or was never started, so that nothing was cancelled.
        """
        self._call(_ffi.call, "cancel", job)

    def _call(self, how, name, *arguments):
        return how("c2d_client_" + name, self, *arguments)

    def _number(self, name, *arguments):
        out = c_uint64()
        self._call(_ffi.call, name, *arguments, ctypes.byref(out))
        return out.value

    def __repr__(self) -> str:
        return "<c2d.Client %s>" % ("closed" if self.closed else "of %s" % self.address)


class _Transport:
    """A Python function as the library's transport."""

    def __init__(self, function):
        self._function = function
        self.callback = _ffi.callback(_generated.HttpFunction, self._send, _FAILED)

    def _send(self, request, out, _):
        out[0] = http.give_response(http.HttpResponse(*self._function(http.from_raw(request.contents))))
        return 0


def _file(files, index):
    lib = _ffi.lib
    size = lib.c2d_released_files_size(files, index)
    return ReleasedFile(
        _ffi.text(lib.c2d_released_files_name(files, index)),
        ctypes.string_at(lib.c2d_released_files_data(files, index), size) if size else b"",
        _ffi.text(lib.c2d_released_files_dt(files, index)),
    )
