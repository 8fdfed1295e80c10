"""What a session takes beside its link, and the owners' rules, as the library does."""

from __future__ import annotations

import ctypes

from .. import _ffi, _generated, _text
from ..errors import InvalidArgument, shown
from ._numbers import is_number

TYPE_CHECKING = False  # the name that type checkers know
if TYPE_CHECKING:
    from typing import Any, Mapping, Optional

    from .._types import Path

_RULES = (
    "rows",
    "positives",
    "negatives",
    "weight_share_max",
    "reveal_any",
    "label_counts",
    "scores",
    "score_rows_max",
    "reason_codes",
    "coefficients",
)
_SCORES = ("none", "points", "probabilities")


def rules_of(given: Optional[Mapping[str, Any]]) -> Any:
    """Rules for openings as the library takes them."""
    out = _generated.MpcOpeningRules()
    _ffi.lib.c2d_mpc_opening_rules_init(ctypes.byref(out))
    if given is None:
        return out
    if not isinstance(given, dict):
        raise TypeError("rules are a dict of %s, found %s" % (", ".join(_RULES), shown(given)))
    for name, value in given.items():
        if name not in _RULES:
            raise InvalidArgument("rules are %s, found %s" % (", ".join(_RULES), shown(name)))
        if name in ("reveal_any", "coefficients"):
            setattr(out, name, 1 if value else 0)
        elif name == "scores":
            if value not in _SCORES:
                raise InvalidArgument("scores must be none, points or probabilities, found %s" % shown(value))
            out.scores = _SCORES.index(value)
        elif name != "weight_share_max":
            setattr(out, name, _ffi.whole(value))
        elif is_number(value):
            out.weight_share_max = float(value)
        else:
            raise TypeError("weight_share_max must be a number, found %s" % shown(value))
    return out


def options_of(
    rules: Optional[Mapping[str, Any]],
    session_binding: Optional[Mapping[int, bytes]],
    pre_shared: Optional[Mapping[int, bytes]],
    kept: Optional[Path],
    checkpoints: Optional[Path],
    checkpoint_seconds: float,
    attempt: int,
) -> Any:
    """The struct of c2d/capi/mpc.h."""
    out = _generated.MpcSessionOptions()
    _ffi.lib.c2d_mpc_session_options_init(ctypes.byref(out))
    out.rules = ctypes.pointer(rules_of(rules))
    if kept is not None:
        out.kept = _ffi.path(kept)
    if checkpoints is not None:
        out.checkpoints = _ffi.path(checkpoints)
    out.checkpoint_ms, out.attempt = max(_text.milliseconds(checkpoint_seconds), 1), _ffi.whole(attempt)
    bindings = dict(_text.pairs(session_binding, "session_binding"))
    secrets = dict(_text.pairs(pre_shared, "pre_shared"))
    peers = []
    for party in sorted({*bindings, *secrets}):
        peer = _generated.MpcPeerKeys(party=_ffi.whole(party))
        if party in bindings:
            if len(bindings[party]) != 32:
                raise InvalidArgument("session_binding: expected 32 bytes, found %d" % len(bindings[party]))
            peer.session_binding = _bytes(bindings[party])
        if party in secrets:
            peer.pre_shared, peer.pre_shared_size = _bytes(secrets[party]), len(secrets[party])
        peers.append(peer)
    out.peers, out.peers_count = (_generated.MpcPeerKeys * len(peers))(*peers), len(peers)
    return out


def _bytes(data):
    """A copy that C reads."""
    return (ctypes.c_ubyte * len(data)).from_buffer_copy(data)
