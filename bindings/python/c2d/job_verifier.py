"""Signing requests, and deciding whether one may be served."""

from __future__ import annotations

import ctypes
import json
from ctypes import c_void_p
from typing import Any, Callable, Optional, Sequence, Tuple, Union

from . import _ffi, _generated, _text
from ._handle import Handle as Owned

from .asset_registry import AssetRegistry
from .chain import Chain
from .environment import Environment, environment_or_none
from .errors import InvalidArgument, shown
from .key import Key
from .records import Terms


_IO = -5


def _method_names():
    names = {}
    while (name := _ffi.lib.c2d_method_name(len(names))) is not None:
        names[name.decode()] = len(names)
    return names


#: Number by name: "grantPermission", "onPremiseCompute", …
METHODS = _method_names()


def _method(name):
    if not isinstance(name, str) or name not in METHODS:
        raise InvalidArgument("method must be one of %s, found %s" % (", ".join(METHODS), shown(name)))
    return METHODS[name]


# -- the asking side


def sign_request(
    chain: Chain,
    signer: Key,
    method: str,
    *,
    audience: str,
    dt: str,
    algo_dt: Optional[str] = None,
    job_id: int = 0,
    store_path: Optional[str] = None,
    lifetime_seconds: int = 0,
    attempt: int = 1,
    environment: Optional[Environment] = None,
) -> str:
    """The signed JSON body of a POST to the owner `audience` of `dt`, with a fresh nonce."""
    return _sign(
        "c2d_request_sign_body",
        chain,
        signer,
        method,
        audience,
        dt,
        algo_dt,
        job_id,
        store_path,
        lifetime_seconds,
        attempt,
        environment,
    )


def sign_authorization(
    chain: Chain,
    signer: Key,
    method: str,
    *,
    audience: str,
    dt: str,
    algo_dt: Optional[str] = None,
    job_id: int = 0,
    lifetime_seconds: int = 0,
    environment: Optional[Environment] = None,
) -> str:
    """The value of the `Authorization` header of a GET."""
    return _sign(
        "c2d_request_sign_authorization",
        chain,
        signer,
        method,
        audience,
        dt,
        algo_dt,
        job_id,
        None,
        lifetime_seconds,
        1,
        environment,
    )


def _sign(
    function, chain, signer, method, audience, dt, algo_dt, job_id, store_path, lifetime_seconds, attempt, environment
):
    request = _generated.Request()
    _ffi.lib.c2d_request_init(ctypes.byref(request))
    request.method = _method(method)
    request.audience, request.dt = _text.encode(audience), _text.encode(dt)
    request.algo_dt, request.store_path = _text.encode(algo_dt), _text.encode(store_path)
    request.job_id, request.lifetime_seconds, request.attempt = job_id, lifetime_seconds, attempt
    request.environment = environment_or_none(environment)
    return _text.call_text(
        function, request, _text.handle(chain, Chain, "chain"), _text.handle(signer, Key, "the signer")
    )


# -- answers


class Verdict:
    """An answer: accepted, or refused with a reason. True when accepted. A plain value.

    `reason`, `text` and `http_status` may go to the requester; `path`, `expected` and `actual` are
    for the owner only.
    """

    __slots__ = ("accepted", "reason", "text", "http_status", "path", "expected", "actual")
    accepted: bool
    reason: str
    text: str
    http_status: int
    path: str
    expected: str
    actual: str

    def __init__(self, *_: Any) -> None:
        raise TypeError("a Verdict comes from a JobVerifier")

    def _read(self, raw: Any) -> Verdict:
        lib, text = _ffi.lib, _ffi.text
        self.accepted = bool(lib.c2d_verdict_accepted(raw))
        self.reason = text(lib.c2d_verdict_reason(raw))
        self.text = text(lib.c2d_verdict_text(raw))
        self.http_status = lib.c2d_verdict_http_status(raw)
        self.path = text(lib.c2d_verdict_path(raw))
        self.expected = text(lib.c2d_verdict_expected(raw))
        self.actual = text(lib.c2d_verdict_actual(raw))
        return self

    @property
    def refused(self) -> bool:
        """The opposite of `accepted`."""
        return not self.accepted

    def __bool__(self) -> bool:
        return self.accepted

    def __repr__(self) -> str:
        return "<c2d.Verdict %s%s>" % (self.reason, " at %r" % self.path if self.path else "")


def _verdict(raw):
    try:
        return Verdict.__new__(Verdict)._read(raw)
    finally:
        _ffi.lib.c2d_verdict_destroy(raw)


class Envelope(Owned):
    """What a request said, once its signature held. Thread-safe. Owned handle."""

    _destroy, _made_by = "c2d_envelope_destroy", "JobVerifier.check_body and check_authorization"

    @property
    def method(self) -> str:
        """What was asked for, for example "grantPermission"."""
        return _ffi.text(_ffi.lib.c2d_method_name(_ffi.ask("c2d_envelope_method", self)))

    @property
    def signer(self) -> str:
        """The address that signed."""
        return self._view("signer")

    @property
    def dt(self) -> str:
        """The token that was asked about."""
        return self._view("dt")

    @property
    def algo_dt(self) -> str:
        """The composition, or ""."""
        return self._view("algo_dt")

    @property
    def job_id(self) -> int:
        """The number of the job; 0 if there is none."""
        return _ffi.ask("c2d_envelope_job_id", self)

    @property
    def store_path(self) -> str:
        """The file that an insertDtStore names, or ""."""
        return self._view("store_path")

    def _view(self, name):
        return _ffi.text(_ffi.ask("c2d_envelope_" + name, self))

    def __repr__(self) -> str:
        if self.closed:
            return "<c2d.Envelope closed>"
        return "<c2d.Envelope %s by %s>" % (self.method, self.signer)


# -- the answering side


class NonceStore(Owned):
    """Which requests were seen, so that none counts twice. Thread-safe. Owned handle."""

    _destroy, _made_by = "c2d_nonce_store_destroy", "NonceStore.memory and NonceStore.from_functions"

    @classmethod
    def memory(cls) -> NonceStore:
        """Forgets at the end of the process, so a restart lets requests be replayed: for tests."""
        return cls._own(_ffi.call_out("c2d_nonce_store_memory"))

    @classmethod
    def from_functions(
        cls, seen: Callable[[str, bytes], bool], remember: Callable[[str, bytes, int, int], bool]
    ) -> NonceStore:
        """A store of one's own, for example a table in a database.

        `seen(signer, nonce)` says whether the nonce (32 bytes) is remembered. `remember(signer,
        nonce, expiry, now)` makes it durable and returns True, or False when it was there already.
        Both may be called on any thread. An exception makes the request undecided, never
        accepted, and comes out of the call.
        """

        def do_seen(signer, nonce, _):
            return 1 if seen(signer.decode(), ctypes.string_at(nonce, 32)) else 0

        def do_remember(signer, nonce, expiry, now, _):
            return 1 if remember(signer.decode(), ctypes.string_at(nonce, 32), expiry, now) else 0

        callbacks = (
            _ffi.callback(_generated.NonceSeenFunction, do_seen, _IO),
            _ffi.callback(_generated.NonceRememberFunction, do_remember, _IO),
        )
        return cls._own(_ffi.call_out("c2d_nonce_store_from_functions", *callbacks, None, _text.NO_DESTROY), *callbacks)

    def __repr__(self) -> str:
        return "<c2d.NonceStore%s>" % (" closed" if self.closed else "")


class JobVerifier(Owned):
    """Decides whether a request may be served, in the name of the owner `address`. Thread-safe.

    Verdicts are answers; an exception means that it could not be decided. Each call reads the
    ledger and the documents anew. Owned handle.
    """

    _destroy = "c2d_job_verifier_destroy"

    def __init__(
        self,
        registry: AssetRegistry,
        address: str,
        nonces: NonceStore,
        *,
        environment: Optional[Environment] = None,
        accepted_parties: Sequence[str] = (),
        allow_collusion: bool = False,
        accept_legacy_signatures: bool = False,
        accepted_composers: Sequence[str] = (),
    ) -> None:
        options = _generated.JobVerifierOptions()
        _ffi.lib.c2d_job_verifier_options_init(ctypes.byref(options))
        options.self = _text.encode(address)
        options.nonces = _text.handle(nonces, NonceStore, "nonces")
        options.environment = environment_or_none(environment)
        options.accepted_parties, options.accepted_parties_count = _text.text_array(accepted_parties)
        options.accepted_composers, options.accepted_composers_count = _text.text_array(accepted_composers)
        options.allow_collusion = bool(allow_collusion)
        options.accept_legacy_signatures = bool(accept_legacy_signatures)
        # The library keeps these objects; this keeps callbacks in them.
        self._take(
            _ffi.call_out("c2d_job_verifier_open", _text.handle(registry, AssetRegistry, "registry"), options),
            registry,
            nonces,
            environment,
        )
        self.address = address

    def verify(self, method: str, body: Union[bytes, str]) -> Verdict:
        """All at once: check, decide, admit. An accepted body is accepted once."""
        body = _body(body)
        return _verdict(_ffi.call_out("c2d_job_verifier_verify", self, _method(method), body, len(body)))

    def check_body(self, method: str, body: Union[bytes, str]) -> Tuple[Verdict, Optional[Envelope]]:
        """As far as signature and nonce: (Verdict, Envelope or None)."""
        body = _body(body)
        return self._check("c2d_job_verifier_check_body", _method(method), body, len(body))

    def check_authorization(self, method: str, header: str) -> Tuple[Verdict, Optional[Envelope]]:
        """The same for the value of an `Authorization` header."""
        return self._check("c2d_job_verifier_check_authorization", _method(method), _text.encode(header))

    def verify_grant(self, envelope: Envelope) -> Verdict:
        """May the dt be granted to the composition?"""
        return _verdict(
            _ffi.call_out("c2d_job_verifier_verify_grant", self, _text.handle(envelope, Envelope, "envelope"))
        )

    def verify_job(self, envelope: Envelope) -> Tuple[Verdict, Optional[Terms]]:
        """May the job run? (Verdict, terms or None): terms are all that a run needs, as a dict."""
        terms, verdict = c_void_p(), c_void_p()
        _ffi.call(
            "c2d_job_verifier_verify_job",
            self,
            _text.handle(envelope, Envelope, "envelope"),
            ctypes.byref(terms),
            ctypes.byref(verdict),
        )
        text = _text.take_string(terms.value)
        return _verdict(verdict), None if text is None else json.loads(text)

    def admit(self, envelope: Envelope) -> Verdict:
        """Remembers the request; refused as "replayed" when it was admitted before."""
        return _verdict(_ffi.call_out("c2d_job_verifier_admit", self, _text.handle(envelope, Envelope, "envelope")))

    def _check(self, function, *arguments):
        envelope, verdict = c_void_p(), c_void_p()
        _ffi.call(function, self, *arguments, ctypes.byref(envelope), ctypes.byref(verdict))
        owned = Envelope._own(envelope.value) if envelope.value else None
        return _verdict(verdict), owned

    def __repr__(self) -> str:
        return "<c2d.JobVerifier %s>" % ("closed" if self.closed else "of %s" % self.address)


def _body(body):
    return _text.blob_or_text(body)
