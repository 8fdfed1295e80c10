"""Signed answers, as docs/formats.md describes them, by an implementation that shares nothing with the
library's: Keccak-256 (FIPS 202's permutation, the old padding), EIP-712, ECDSA on secp256k1 (RFC 6979)."""

import base64
import hashlib
import hmac
import json

P = 2**256 - 2**32 - 977
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)
REQUEST = (
    "Request(string method,address audience,bytes32 dt,bytes32 algoDt,uint256 jobId,"
    "bytes32 bodyHash,bytes32 nonce,uint64 expiry)"
)
ANSWER = "Answer(bytes32 request,uint16 status,bytes32 bodyHash)"
DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)"


def _constants():
    out, register = [], 1
    for _ in range(24):
        constant = 0
        for j in range(7):
            if register & 1:
                constant |= 1 << ((1 << j) - 1)
            register = (register << 1) ^ (0x171 if register & 0x80 else 0)
        out.append(constant)
    return out


CONSTANTS = _constants()


def _rotate(lane, by):
    return ((lane << by) | (lane >> (64 - by))) & (2**64 - 1) if by else lane


def _permute(a):
    for constant in CONSTANTS:
        c = [a[x][0] ^ a[x][1] ^ a[x][2] ^ a[x][3] ^ a[x][4] for x in range(5)]
        d = [c[x - 1] ^ _rotate(c[(x + 1) % 5], 1) for x in range(5)]
        a = [[a[x][y] ^ d[x] for y in range(5)] for x in range(5)]
        x, y, current = 1, 0, a[1][0]
        for t in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            current, a[x][y] = a[x][y], _rotate(current, (t + 1) * (t + 2) // 2 % 64)
        a = [[a[x][y] ^ (~a[(x + 1) % 5][y] & a[(x + 2) % 5][y]) for y in range(5)] for x in range(5)]
        a[0][0] ^= constant
    return a


def keccak256(data):
    rate, state = 136, [[0] * 5 for _ in range(5)]
    data = bytearray(data + b"\x01" + b"\0" * (-(len(data) + 1) % rate))
    data[-1] |= 0x80
    for block in range(0, len(data), rate):
        for i in range(rate // 8):
            state[i % 5][i // 5] ^= int.from_bytes(data[block + 8 * i : block + 8 * i + 8], "little")
        state = _permute(state)
    return b"".join(state[i % 5][i // 5].to_bytes(8, "little") for i in range(4))


def _add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        slope = 3 * a[0] * a[0] * pow(2 * a[1], -1, P) % P
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P) % P
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def _times(scalar, point):
    out = None
    while scalar:
        if scalar & 1:
            out = _add(out, point)
        point, scalar = _add(point, point), scalar >> 1
    return out


def _nonces(secret, digest):
    """RFC 6979, 3.2."""
    key, value = b"\0" * 32, b"\1" * 32
    seed = secret + (int.from_bytes(digest, "big") % N).to_bytes(32, "big")
    for mark in (b"\0", b"\1"):
        key = hmac.digest(key, value + mark + seed, hashlib.sha256)
        value = hmac.digest(key, value, hashlib.sha256)
    while True:
        value = hmac.digest(key, value, hashlib.sha256)
        yield int.from_bytes(value, "big")
        key = hmac.digest(key, value + b"\0", hashlib.sha256)
        value = hmac.digest(key, value, hashlib.sha256)


def sign(secret, digest):
    """65 bytes r, s, v with s in the lower half and v 0 or 1; `secret` is hexadecimal."""
    secret = bytes.fromhex(secret)
    number = int.from_bytes(secret, "big")
    for k in _nonces(secret, digest):
        if not 0 < k < N:
            continue
        point = _times(k, G)
        r = point[0] % N
        s = pow(k, -1, N) * (int.from_bytes(digest, "big") + r * number) % N
        if r and s:
            odd = point[1] & 1
            if s > N // 2:
                s, odd = N - s, odd ^ 1
            return r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes([odd])


def _word(value):
    return value.to_bytes(32, "big") if isinstance(value, int) else value.rjust(32, b"\0")


def _hash_struct(kind, *members):
    return keccak256(keccak256(kind.encode()) + b"".join(_word(member) for member in members))


def hex_bytes(text):
    return bytes.fromhex(text.rsplit(":", 1)[-1].replace("0x", ""))


class Network:
    """The domain of requests on one network."""

    def __init__(self, chain_id, dt_factory, salt):
        self.separator = _hash_struct(
            DOMAIN, keccak256(b"c2d"), keccak256(b"1"), chain_id, hex_bytes(dt_factory), hex_bytes(salt)
        )

    def digest(self, struct):
        return keccak256(b"\x19\x01" + self.separator + struct)

    def request(self, method, audience, dt, algo_dt, job_id, body_hash, nonce, expiry):
        return self.digest(
            _hash_struct(REQUEST, keccak256(method.encode()), audience, dt, algo_dt, job_id, body_hash, nonce, expiry)
        )

    def answer(self, request, status, body):
        return self.digest(_hash_struct(ANSWER, request, status, keccak256(body)))

    def request_of_header(self, authorization):
        """The digest of a GET's request, from its `Authorization`."""
        text = authorization[len("C2D ") :]
        asked = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        names = ("audience", "dt", "algoDt", "bodyHash", "nonce")
        audience, dt, algo_dt, body_hash, nonce = (hex_bytes(asked[name]) for name in names)
        return self.request(asked["method"], audience, dt, algo_dt, asked["jobId"], body_hash, nonce, asked["expiry"])

    def field(self, secret, request, status, body):
        """The value of `C2D-Answer`."""
        signature = sign(secret, self.answer(request, status, body))
        return base64.urlsafe_b64encode(signature).rstrip(b"=").decode()


def main():
    """The vector of docs/formats.md and test/job/answer_test.cpp."""
    assert keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    network = Network(0x123456789, "11" * 20, "22" * 32)
    request = network.request(
        "onPremiseCompute", b"\x33" * 20, b"\x44" * 32, b"\x55" * 32, 7, b"\x66" * 32, b"\x77" * 32, 1800000300
    )
    body = b'{"verdict":"accepted"}'
    print("request", request.hex())
    print("answer ", network.answer(request, 200, body).hex())
    print("field  ", network.field("01" * 32, request, 200, body))


if __name__ == "__main__":
    main()
