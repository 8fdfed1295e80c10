"""Three sessions on three threads, with a relay in between that knows the frame format from docs/mpc/wire.md, not from
the library."""

import socket
import struct
import threading

from c2d import mpc


def read_exactly(sock, count):
    out = b""
    while len(out) < count:
        try:
            part = sock.recv(count - len(out))
        except ConnectionError:  # closed with our bytes unread
            return None
        if not part:
            return None
        out += part
    return out


def serve(party, mine, sides):
    """Hands party's frames on to the others; a zero-length frame tells them that it ended."""
    while True:
        head = read_exactly(mine, 8)
        if head is None:
            break
        peer, length = struct.unpack("<II", head)
        frame = struct.pack("<II", party, length) + read_exactly(mine, length)
        try:
            sides[peer].sendall(frame)
        except OSError:  # it has left
            pass
    for other, side in enumerate(sides):
        if other != party:
            try:
                side.sendall(struct.pack("<II", party, 0))
            except OSError:
                pass


class Locked:
    """A socket that several relay threads write frames to."""

    def __init__(self, sock):
        self._sock, self._lock = sock, threading.Lock()

    def sendall(self, data):
        with self._lock:
            self._sock.sendall(data)


def three_parties(program, backend="rep3"):
    """Runs program(session) at three parties; returns what they return, or raises the first failure."""
    pairs = [socket.socketpair() for _ in range(3)]
    sides = [Locked(pair[1]) for pair in pairs]
    relays = [threading.Thread(target=serve, args=(i, pairs[i][1], sides)) for i in range(3)]
    results, failures = [None] * 3, []

    def run(party):
        try:
            with mpc.Session.open_fd(pairs[party][0].fileno(), party, backend, rules={"reveal_any": True}) as session:
                results[party] = program(session)
        except Exception as problem:
            failures.append((party, problem))
        finally:
            pairs[party][0].close()

    parties = [threading.Thread(target=run, args=(i,)) for i in range(3)]
    for thread in relays + parties:
        thread.start()
    for thread in parties + relays:
        thread.join()
    for pair in pairs:
        pair[1].close()
    if failures:
        raise failures[0][1]
    return results
