"""Documents stored by content: the id is the IPFS CID of the bytes."""

from __future__ import annotations

import os

from . import _ffi, _text
from ._ffi import Handle, Out, Status, c_char_p, c_size_t
from ._handle import Handle as Owned
from ._types import Path

_ffi.declare({
    "c2d_document_store_directory": (Status, c_char_p, Out, Out),
    "c2d_document_store_memory": (Status, Out, Out),
    "c2d_document_store_put": (Status, Handle, c_char_p, c_size_t, Out, Out),
    "c2d_document_store_get": (Status, Handle, c_char_p, Out, Out),
    "c2d_document_store_destroy": (None, Handle),
})


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
        """One file per document in a directory, made if absent."""
        return cls(path)

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
