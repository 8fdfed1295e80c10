"""Outputs that stay with the party that computed them: sealed, named by their digest, used again by later jobs."""

from __future__ import annotations

import ctypes
from typing import List, Optional, cast

from . import _ffi, _text
from ._handle import Handle as Owned
from ._types import Path
from .key import Key
from .records import Artifact, Tombstone


def artifact_folder(exec_dirpath: Path, organisation: str) -> str:
    """The folder of an organisation's artifacts below its provider's `exec_dirpath`."""
    return _text.call_text("c2d_artifact_folder", _ffi.path(exec_dirpath), _text.encode(organisation))


def read_tombstone(text: str) -> Tombstone:
    """Checks what an artifact left that was destroyed, and returns what it says.

    Raises `InvalidArgument` when it is none, `Refused` with the name `tombstone_altered` when its signer did not sign
    this text.
    """
    return cast(Tombstone, _text.call_json("c2d_tombstone_read", _text.encode(text)))


class ArtifactStore(Owned):
    """The artifacts of a provider, in `folder`. `key_file`: the artifact key, a file or the `pkcs11:` URI of one in a
    token; None: `artifact.key` in the folder. Thread-safe. Owned handle.
    """

    _destroy = "c2d_artifact_store_destroy"

    def __init__(self, folder: Path, key_file: Optional[Path] = None) -> None:
        self._take(
            _ffi.call_out(
                "c2d_artifact_store_open", _ffi.path(folder), None if key_file is None else _ffi.path(key_file)
            )
        )

    def list(self) -> List[Artifact]:
        """Those that are there and those that were destroyed, by job, party and name."""
        return cast(List[Artifact], _text.call_json("c2d_artifact_store_list", self))

    def check(self, sha256: str) -> None:
        """Opens one and compares its digest. Raises `Corrupt` when it is not what was sealed, `NotFound` when there is
        none."""
        _ffi.call("c2d_artifact_store_check", self, _text.encode(sha256))

    def wrapped_by(self, sha256: str) -> str:
        """The key under which an artifact's own key is wrapped: "file", or the URI of a token's key without its
        module."""
        return _text.call_text("c2d_artifact_store_wrapped_by", self, _text.encode(sha256))

    def rewrap(self, to: Optional[Path] = None) -> int:
        """Makes a new artifact key and erases the old one, so that copies of wrapped keys open nothing any more; how
        many artifacts there are. `to`: under the key of another place, a file or a `pkcs11:` URI, with which the store
        is to be opened anew; an old key in a token stays there. Raises `InvalidArgument` without `to` where the key is
        in a token."""
        count = ctypes.c_size_t()
        if to is None:
            _ffi.call("c2d_artifact_store_rewrap", self, ctypes.byref(count))
        else:
            _ffi.call("c2d_artifact_store_rewrap_to", self, _ffi.path(to), ctypes.byref(count))
        return count.value

    def erase(self, sha256: str, owner: Key) -> str:
        """Erases one for ever; the answer is the tombstone that `owner` signed, which stays."""
        return _text.call_text(
            "c2d_artifact_store_erase", self, _text.encode(sha256), _text.handle(owner, Key, "owner")
        )
