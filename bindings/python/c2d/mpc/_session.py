"""One party's end of a computation: how it is opened, what it has done, and where it goes on after a loss."""

from __future__ import annotations

import ctypes
from _thread import get_ident

from .. import _ffi, _generated
from .._ffi import call_out
from ..errors import InvalidArgument, shown
from ._calls import PARTIES
from ._learning import Learning
from ._matching import Matching
from ._models import Models
from ._statistics import Statistics

TYPE_CHECKING = False  # the name that type checkers know
if TYPE_CHECKING:
    from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

    from .._types import Path
    from ..key import Key
    from ._tensor import Tensor
    from ._types import OpeningRules, Stats

_BACKENDS = {"rep3": 0, "clear": 1}
# C2D_MPC_CHECKPOINT_STATE_MAX
_CHECKPOINT_STATE_MAX = 64


class Session(Statistics, Learning, Models, Matching):
    """One party's end of a computation. Owned handle.

    For one thread, the first that computes with it (`move_to_this_thread` hands it over); calls of another, and calls
    from within a call (a progress function must not compute), raise InvalidArgument with the name `wrong_thread` or
    `in_a_call`, since parties whose calls differ in order would compute nonsense. Closing is allowed anywhere.
    """

    _destroy = "c2d_mpc_session_destroy"
    _made_by = "Session.from_environment, Session.open_fd and Session.connect"
    _clear = False

    @classmethod
    def from_environment(cls, backend: str = "rep3") -> Session:
        """Over descriptor C2D_PEER_FD as party C2D_PARTY, as a provider starts an operator.

        backend "clear" is the oracle for tests: INPUTS TRAVEL IN THE CLEAR.
        """
        return cls._own(call_out("c2d_mpc_session_from_environment", cls._backend(backend)))._with_backend(backend)

    @classmethod
    def open_fd(
        cls,
        fd: int,
        party: int,
        backend: str = "rep3",
        rules: Optional[OpeningRules] = None,
        session_binding: Optional[Mapping[int, bytes]] = None,
        pre_shared: Optional[Mapping[int, bytes]] = None,
        kept: Optional[Path] = None,
        checkpoints: Optional[Path] = None,
        checkpoint_seconds: float = 60,
        attempt: int = 1,
    ) -> Session:
        """Over a stream socket that a frame relay serves; it stays the caller's.

        `rules`: what this party asks of everything that is opened, a dict of rows, positives, negatives,
        weight_share_max, reveal_any, label_counts, scores ("none", "points", "probabilities"), score_rows_max,
        reason_codes and coefficients.
        `kept`: the folder of what `keep` keeps, NOT sealed. Both of these go into the keys with a peer, by its party,
        which must have the same: `session_binding`, 32 bytes that both know from elsewhere, such as a hash of the job
        and of their connection; `pre_shared`, a secret agreed on beforehand, without which whoever records the
        connection knows nothing later. `checkpoints`: the folder of this party's checkpoints of this computation alone,
        NOT sealed; all parties have one, or none. Written every `checkpoint_seconds`, and taken up by the next
        `attempt`, a number from 1 on.
        """
        from ._session_options import options_of

        options = options_of(rules, session_binding, pre_shared, kept, checkpoints, checkpoint_seconds, attempt)
        return cls._own(
            call_out("c2d_mpc_session_open_fd_with_options", fd, party, cls._backend(backend), options)
        )._with_backend(backend)

    @classmethod
    def connect(
        cls,
        party: int,
        key: Key,
        parties: Sequence[Tuple[str, int, str]],
        *,
        program: str,
        arguments: str = "",
        run: int = 0,
        deadline_ms: int = 0,
        rules: Optional[OpeningRules] = None,
        session_binding: Optional[Mapping[int, bytes]] = None,
        pre_shared: Optional[Mapping[int, bytes]] = None,
        kept: Optional[Path] = None,
        checkpoints: Optional[Path] = None,
        checkpoint_seconds: float = 60,
        attempt: int = 1,
    ) -> Session:
        """Over TLS to two other processes, without provider or sandbox.

        `parties` are (host, port, address) of parties 0, 1 and 2, and `key` (a c2d.Key) proves the own
        address. `program`, `arguments` and `run`, a number that no two computations share, must be the
        same at all three: whoever has others is refused before any share. `rules`,
        `session_binding`, `pre_shared`, `kept` and `checkpoints`: as for `open_fd`.
        """
        from .. import _text
        from ..key import Key
        from ._session_options import options_of

        parties = [(host, port, address) for host, port, address in parties]
        if len(parties) != PARTIES:
            raise InvalidArgument("there are %d parties, found %d" % (PARTIES, len(parties)))
        hosts, _ = _text.text_array(host for host, _, _ in parties)
        ports = _ffi.array_of(ctypes.c_uint, [port for _, port, _ in parties])
        addresses, _ = _text.text_array(address for _, _, address in parties)
        options = options_of(rules, session_binding, pre_shared, kept, checkpoints, checkpoint_seconds, attempt)
        return cls._own(
            call_out(
                "c2d_mpc_session_connect_with_options",
                party,
                _text.handle(key, Key, "key"),
                hosts,
                ports,
                addresses,
                _text.encode(program),
                _text.encode(arguments),
                run,
                deadline_ms,
                options,
            )
        )

    @staticmethod
    def _backend(name):
        if not isinstance(name, str) or name not in _BACKENDS:
            raise InvalidArgument("backend must be rep3 or clear, found %s" % shown(name))
        return _BACKENDS[name]

    def _with_backend(self, backend):
        self._clear = backend == "clear"
        return self

    @property
    def party(self) -> int:
        """Who we are: 0, 1 or 2."""
        return _ffi.ask("c2d_mpc_session_party", self)

    @property
    def stats(self) -> Stats:
        """{"bytes_sent": [3], "bytes_received": [3], "rounds": n} so far."""
        self._check_thread()
        stats = _generated.MpcStats()
        _ffi.ask("c2d_mpc_session_stats", self, ctypes.byref(stats))
        return {
            "bytes_sent": list(stats.bytes_sent),
            "bytes_received": list(stats.bytes_received),
            "rounds": stats.rounds,
        }

    @property
    def disclosures(self) -> Dict[str, int]:
        """How often something of a kind was opened so far: "sum", "count", "model", "statistics", "auc", "any", and
        bits that all learn, "domain", "minimum", "refusal"."""
        self._check_thread()
        from .. import _text

        return _text.call_json("c2d_mpc_session_disclosures", self)

    def move_to_this_thread(self) -> None:
        """From now on this thread computes with the session, and no other. Not while a call runs."""
        self._enter()
        self._thread = get_ident()
        self._busy.release()

    def note_rule(self, rule: Any) -> None:
        """Tells this party's provider, and nobody else, which `PreprocessingRule` the columns are prepared with, or its
        digest.

        It then stands in the run's receipt. Does nothing in a program that no provider started.
        """
        digest = _ffi.blob(getattr(rule, "digest", rule))
        if len(digest) != 32:
            raise InvalidArgument("expected a rule or its digest of 32 bytes, found %s" % shown(rule))
        self._run(_ffi.call, "note_rule", digest)

    def exchange(self, announcement: bytes) -> List[bytes]:
        """Tells both others something public (bytes); returns all three, by party."""
        out = (ctypes.c_void_p * PARTIES)()
        announcement = _ffi.blob(announcement)
        self._run(_ffi.call, "exchange", announcement, len(announcement), out)
        return [_ffi.take_bytes(handle) for handle in out]

    # -- checkpoints

    def save_checkpoint(self, step: int, *state: Tensor) -> None:
        """Between two steps of a loop of your own: `step` of them are done, and `state` is all that the rest needs of
        them.

        A checkpoint is written when `checkpoint_seconds` are over; an attempt that loses a party is then followed by
        one that goes on there. All parties call it after the same steps. Trainings and regressions write their own.

            step, (w,) = session.load_checkpoint() or (0, (w,))
            while step < 1000:
                w = w + gradient(x, y, w)
                step += 1
                session.save_checkpoint(step, w)
        """
        held: List[Any] = []
        pointers = [one._hold(held) for one in self._mine(*state)]
        self._run(
            _ffi.call, "save_checkpoint", _ffi.whole(step), (ctypes.c_void_p * len(pointers))(*pointers), len(pointers)
        )

    def load_checkpoint(self) -> Optional[Tuple[int, List[Tensor]]]:
        """Where the loop that begins here stood in the checkpoint of an earlier attempt: the step, and the state as it
        was given to `save_checkpoint`. None: it begins anew."""
        room = _CHECKPOINT_STATE_MAX
        step, count, raw = ctypes.c_uint64(), ctypes.c_size_t(), (ctypes.c_void_p * room)()
        self._run(_ffi.call, "load_checkpoint", room, ctypes.byref(step), raw, ctypes.byref(count))
        return (step.value, [self._held(one) for one in raw[: count.value]]) if count.value else None

    def __repr__(self) -> str:
        return "<c2d.mpc.Session %s>" % ("closed" if self.closed else "of party %d" % self.party)
