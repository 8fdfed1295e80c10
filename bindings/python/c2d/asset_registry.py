"""Publishing, composing, granting and resolving data tokens and operator templates."""

from __future__ import annotations

import ctypes
from typing import Iterator, List, Optional

from . import _ffi, _generated, _text
from ._handle import Handle as Owned
from ._types import Json, Path
from .chain import Chain
from .document_store import DocumentStore
from .environment import Environment, environment_or_none
from .key import Key
from .records import Asset, ListedAsset, OperatorTemplate, PlannedRun
from .table import Schema


class AssetRegistry(Owned):
    """Data tokens and operator templates on a chain and in a document store. Thread-safe.

    Terms that do not hold raise `Refused` with the reason's name; then nothing is written.
    Documents are dicts, or str that is JSON already. Owned handle.
    """

    _destroy = "c2d_asset_registry_destroy"

    def __init__(
        self,
        chain: Chain,
        documents: DocumentStore,
        *,
        environment: Optional[Environment] = None,
        accept_legacy_checksum: bool = False,
    ) -> None:
        options = _generated.AssetRegistryOptions()
        _ffi.lib.c2d_asset_registry_options_init(ctypes.byref(options))
        options.documents = _text.handle(documents, DocumentStore, "documents")
        options.environment = environment_or_none(environment)
        options.accept_legacy_checksum = bool(accept_legacy_checksum)
        # The library keeps these objects; this keeps callbacks in them.
        self._take(
            _ffi.call_out("c2d_asset_registry_open", _text.handle(chain, Chain, "chain"), options),
            chain,
            documents,
            environment,
        )
        self.chain, self.documents = chain, documents

    @classmethod
    def from_config(cls, path: Optional[Path] = None, *, environment: Optional[Environment] = None) -> AssetRegistry:
        """Opens the chain and the documents that a configuration file names, as dt-cli does.

        Section [keeper] of `path`; without one, of the file that CONFIG_FILE in the environment names, else of
        ./config.ini. C2D_NETWORK_URL and C2D_TRUST_DIR win over the file. Raises `NotFound` when there is no such file,
        key or ledger, and `InvalidArgument` with the line or the key.
        """
        registry = cls._own(
            _ffi.call_out("c2d_asset_registry_open_config", _ffi.path(path), environment_or_none(environment)),
            environment,
        )
        registry.chain = Chain._own(_ffi.call_out("c2d_asset_registry_chain", registry), environment)
        registry.chain.network_url = "as configured"
        registry.documents = DocumentStore._own(_ffi.call_out("c2d_asset_registry_documents", registry))
        registry.documents._place = "as configured"
        return registry

    def publish_operator(
        self, admin: Key, metadata: Json, operation: str, params: Json, *, id: Optional[str] = None
    ) -> str:
        """Publishes reviewed code, `operation`, in an administrator's name; returns its id."""
        draft = _draft(metadata, operation, params, id)
        return _text.call_text("c2d_asset_registry_publish_operator", self, _key(admin), draft)

    def update_operator(self, admin: Key, metadata: Json, operation: str, params: Json, *, id: str) -> None:
        """Replaces a template; terms that pinned the old code are refused from now on."""
        draft = _draft(metadata, operation, params, id)
        _ffi.call("c2d_asset_registry_update_operator", self, _key(admin), draft)

    def publish(self, owner: Key, attributes: Json, *, id: Optional[str] = None) -> str:
        """Publishes a token from `metadata`, `services`, `child_dts`; returns it."""
        return _text.call_text(
            "c2d_asset_registry_publish", self, _key(owner), _text.as_json(attributes), _text.encode(id)
        )

    def grant(
        self, owner: Key, dt: str, cdt: str, *, seconds: Optional[int] = None, jobs: Optional[int] = None
    ) -> None:
        """Lets `cdt` use `dt`: the owner's own word, also where it took a grant back and a provider would not grant.

        Bounds are those of the token's document, or, where one of them is given, `seconds` from now and `jobs`; 0:
        none.
        """
        if seconds is None and jobs is None:
            _ffi.call("c2d_asset_registry_grant", self, _key(owner), _text.encode(dt), _text.encode(cdt))
        else:
            _ffi.call(
                "c2d_asset_registry_grant_bounded",
                self,
                _key(owner),
                _text.encode(dt),
                _text.encode(cdt),
                seconds or 0,
                jobs or 0,
            )

    def activate(self, owner: Key, cdt: str) -> None:
        """Activates a composition whose children were all granted to it."""
        _ffi.call("c2d_asset_registry_activate", self, _key(owner), _text.encode(cdt))

    def resolve(self, dt: str) -> Asset:
        """A token read back and checked: a dict with its record, services, `document` and what its terms leave
        `free`."""
        return _text.call_json("c2d_asset_registry_resolve", self, _text.encode(dt))

    def schema(self, dt: str) -> Schema:
        """Names, types and roles of the columns of a token's table, as its document publishes them
        (`attributes.schema`).

        Raises `NotFound` where the document states none.
        """
        return Schema(_text.call_text("c2d_asset_registry_schema", self, _text.encode(dt)))

    def resolve_operator(self, tid: str) -> OperatorTemplate:
        """A template read back and checked: a dict with `operation`, `params` and `document`."""
        return _text.call_json("c2d_asset_registry_resolve_operator", self, _text.encode(tid))

    def list(self, start: int = 0, count: int = 256) -> List[ListedAsset]:
        """The public list from `start`, at most `count` (256 a call), without documents."""
        return _text.call_json("c2d_asset_registry_list", self, start, count)

    def __iter__(self) -> Iterator[ListedAsset]:
        """Yields the whole public list, page by page."""
        start = 0
        while True:
            page = self.list(start)
            yield from page
            if len(page) < 256:
                return
            start += len(page)

    def plan(self, algorithm: str) -> List[PlannedRun]:
        """What an Algorithm would run where: dicts with dt, endpoint, args."""
        return _text.call_json("c2d_asset_registry_plan", self, _text.encode(algorithm))

    def __repr__(self) -> str:
        return "<c2d.AssetRegistry %s>" % ("closed" if self.closed else "on %r" % self.chain)


def _draft(metadata, operation, params, id):
    draft = _generated.OperatorDraft()
    _ffi.lib.c2d_operator_draft_init(ctypes.byref(draft))
    draft.metadata_json, draft.params_json = _text.as_json(metadata), _text.as_json(params)
    draft.operation, draft.id = _text.encode(operation), _text.encode(id)
    return draft


def _key(key):
    return _text.handle(key, Key, "the signer")
