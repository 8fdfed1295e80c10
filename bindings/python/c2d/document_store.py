"""Documents stored by content: the id is the IPFS CID of the bytes."""

from __future__ import annotations

import ctypes
import os
from typing import Optional

from . import _ffi, _generated, _text
from ._handle import Handle as Owned
from ._types import Path


class DocumentStore(Owned):
    """Keeps documents under their CID; every read is checked. Thread-safe. Owned handle."""

    _destroy = "c2d_document_store_destroy"
    _place = "in memory"

    def __init__(self, path: Path) -> None:
        """The same as `directory`; see also `memory`."""
        self._take(_ffi.call_out("c2d_document_store_directory", _ffi.path(path)))
        self._place = "in %s" % os.fsdecode(path)

    @classmethod
    def directory(cls, path: Path) -> DocumentStore:
        """One file per document in a directory, made with the first document if absent."""
        return cls(path)

    @classmethod
    def ipfs(
        cls, endpoint: str, *, authorization: Optional[str] = None, find_within: Optional[float] = None
    ) -> DocumentStore:
        """An IPFS node's HTTP API, "http(s)://HOST:PORT" or a multiaddr as "/dns/localhost/tcp/5001/http".

        What is put is pinned there; every answer is checked. `authorization` is the value of that header,
        `find_within` how many seconds the node may look for a document in its network (20). Reads and writes raise
        `Unavailable` when it does not answer.
        """
        options = _generated.IpfsOptions()
        _ffi.lib.c2d_ipfs_options_init(ctypes.byref(options))
        options.endpoint, options.authorization = _text.encode(endpoint), _text.encode(authorization)
        options.find_within_ms = 0 if find_within is None else _text.milliseconds(find_within) or 1
        store = cls._own(_ffi.call_out("c2d_document_store_ipfs", options))
        store._place = "at %s" % _text.without_credentials(endpoint)
        return store

    @classmethod
    def memory(cls) -> DocumentStore:
        """In memory, for tests and embedding."""
        return cls._own(_ffi.call_out("c2d_document_store_memory"))

    def put(self, document: bytes) -> str:
        """Stores bytes, at most 4 MiB; returns their CID."""
        document = _ffi.blob(document)
        return _text.call_text("c2d_document_store_put", self, document, len(document))

    def get(self, cid: str) -> bytes:
        """The bytes of a CID. Raises `NotFound`, or `Corrupt` when the stored bytes are others."""
        return _ffi.take_bytes(_ffi.call_out("c2d_document_store_get", self, _text.encode(cid)))

    def __repr__(self) -> str:
        return "<c2d.DocumentStore %s>" % ("closed" if self.closed else self._place)
