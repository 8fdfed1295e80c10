"""Results for one receiver: files in the format age v1, to X25519 keys. `Client.save_results(identity=…)` decrypts
results."""

from __future__ import annotations

from typing import Optional

from . import _ffi, _text
from ._types import Path
from .environment import Environment, environment_or_none


def create_identity(file: Path, *, environment: Optional[Environment] = None) -> str:
    """Makes a key, writes it to `file` (mode 0600; raises `Conflict` where something stands there) and returns its
    recipient, `age1…`, which is for everybody.
    """
    return _text.call_text("c2d_age_identity_create", _ffi.path(file), environment_or_none(environment))


def recipient(identity: Path) -> str:
    """The recipient of the key in a file. Raises `InvalidArgument` when it holds no one key."""
    return _text.call_text("c2d_age_identity_recipient", _ffi.path(identity))


def encrypt(file: Path, to: str, out: Path, *, environment: Optional[Environment] = None) -> None:
    """Encrypts a file of any size to one recipient. Raises `Conflict` where something stands at `out`."""
    _ffi.call(
        "c2d_age_encrypt_file", _ffi.path(file), _text.encode(to), _ffi.path(out), environment_or_none(environment)
    )


def decrypt(file: Path, identity: Path, out: Path) -> None:
    """The way back. Raises `Corrupt` when it is no such file, was altered or cut off, `Refused` with the name
    `age_other_identity` when it is encrypted to others; then there is no `out`.
    """
    _ffi.call("c2d_age_decrypt_file", _ffi.path(file), _ffi.path(identity), _ffi.path(out))
