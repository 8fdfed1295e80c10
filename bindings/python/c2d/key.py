"""Keys: something that can sign for one address."""

from __future__ import annotations

import ctypes
from typing import Callable

from . import _ffi, _generated, _text
from ._handle import Handle as Owned
from ._types import Json
from .errors import InvalidArgument


DIGEST_SIZE = _ffi.lib.c2d_digest_size()
SIGNATURE_SIZE = _ffi.lib.c2d_signature_size()


class Key(Owned):
    """A secp256k1 key in memory, or one that stays outside. Thread-safe. Owned handle.

    Nothing here gives a secret out in the clear; the library clears it when the last object that
    uses it ends. What Python copies is not cleared: the `str` that holds a secret or a password, and the
    bytes made of it for the call, stay in memory until they are collected and overwritten by chance.
    Where that matters, keep the key behind `from_pkcs11` or `from_signer`.
    """

    _destroy = "c2d_key_destroy"

    def __init__(self, secret: str) -> None:
        """The same as `from_hex`; see also `generate`, `from_keystore`, `from_pkcs11` and `from_signer`."""
        self._take(_ffi.call_out("c2d_key_from_hex", _secret(secret)))

    @classmethod
    def generate(cls) -> Key:
        """A fresh key."""
        return cls._own(_ffi.call_out("c2d_key_generate", None))

    @classmethod
    def from_hex(cls, secret: str) -> Key:
        """From 64 hexadecimal digits, with or without 0x."""
        return cls._own(_ffi.call_out("c2d_key_from_hex", _secret(secret)))

    @classmethod
    def from_keystore(cls, json: Json, password: str) -> Key:
        """From the text of a Web3 Secret Storage (keystore v3) file."""
        return cls._own(_ffi.call_out("c2d_key_from_keystore", _text.as_json(json), _text.encode(password)))

    @classmethod
    def from_pkcs11(cls, uri: str, pin: str | None = None) -> Key:
        """A key that stays in an HSM or on a smart card, named by a PKCS#11 URI (RFC 7512):
        ``pkcs11:token=bank;object=loans?module-path=/usr/lib/vendor.so&pin-source=file:/etc/c2d/pin``.

        `pin` is for URIs without `pin-source`; Python cannot clear it, so prefer the file. A PIN that is missing or
        wrong raises `InvalidArgument` whose `name` is `pin_needed`, `wrong_pin` or `pin_locked`. A child of `os.fork`
        opens the key anew.
        """
        return cls._own(_ffi.call_out("c2d_key_from_pkcs11", _text.encode(uri), _text.encode(pin)))

    @classmethod
    def from_signer(cls, address: str, sign: Callable[[bytes], bytes]) -> Key:
        """A key that stays outside: `sign(digest)` takes 32 bytes and returns 65 (r, s, v).

        Each answer is checked against the address. What `sign` raises comes out of the call that signs.
        `sign` may be called on any thread.
        """

        def trampoline(digest, out, _):
            signature = _ffi.blob(sign(bytes(digest[:DIGEST_SIZE])))
            if len(signature) != SIGNATURE_SIZE:
                raise InvalidArgument("a signature has %d bytes, found %d" % (SIGNATURE_SIZE, len(signature)))
            ctypes.memmove(out, signature, SIGNATURE_SIZE)
            return 0

        callback = _ffi.callback(_generated.SignFunction, trampoline, 1)
        return cls._own(
            _ffi.call_out("c2d_key_from_signer", _text.encode(address), callback, None, _text.NO_DESTROY), callback
        )

    def to_keystore(self, password: str, scrypt_log2n: int = 0) -> str:
        """The key as the text of a keystore v3 file. scrypt_log2n 0 means 18: about a second."""
        return _text.call_text("c2d_key_to_keystore", self, _text.encode(password), scrypt_log2n)

    @property
    def address(self) -> str:
        """The address in EIP-55 spelling."""
        return _ffi.text(_ffi.ask("c2d_key_address", self))

    def sign_digest(self, digest: bytes) -> bytes:
        """The signature of 32 bytes: r, s, v (0 or 1) as 65 bytes."""
        out = ctypes.create_string_buffer(SIGNATURE_SIZE)
        _ffi.call("c2d_key_sign_digest", self, _digest(digest), out)
        return out.raw

    def __repr__(self) -> str:
        return "<c2d.Key %s>" % ("closed" if self.closed else self.address)


def recover_signer(digest: bytes, signature: bytes) -> str:
    """The address whose key made the signature."""
    signature = _ffi.blob(signature)
    return _text.call_text("c2d_recover_signer", _digest(digest), signature, len(signature))


def _secret(digits):
    if not isinstance(digits, str):
        raise TypeError(
            "a secret is a str of 64 hexadecimal digits, found %s; a Key also comes from Key.generate, "
            "Key.from_keystore, Key.from_pkcs11 and Key.from_signer" % type(digits).__name__
        )
    return _text.encode(digits)


def _digest(digest):
    digest = _ffi.blob(digest)
    if len(digest) != DIGEST_SIZE:
        raise InvalidArgument("a digest has %d bytes, found %d" % (DIGEST_SIZE, len(digest)))
    return digest
