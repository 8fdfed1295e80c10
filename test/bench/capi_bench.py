"""The Python side of `c2d-bench capi`: verifies the same requests as the other languages.

capi_bench.py FOLDER ADDRESS: reads FOLDER/bodies and opens FOLDER's ledger and documents. For each
line on standard input it prints seconds: "verdicts" for one round, "calls" for that many trivial calls.
"""

import sys
import time

import c2d
from c2d import _ffi

CALLS = 200000


def round_of_verdicts(registry, address, bodies):
    verifier = c2d.JobVerifier(registry, address, c2d.NonceStore.memory())
    start = time.perf_counter()
    for body in bodies:
        verdict = verifier.verify("verify", body)
        if not verdict:
            sys.exit("refused: %s" % verdict.reason)
    return time.perf_counter() - start


def trivial_calls():
    call = _ffi.lib.c2d_abi_version
    start = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - start) / CALLS


def main():
    folder, address = sys.argv[1:]
    registry = c2d.AssetRegistry(
        c2d.Chain.open("ledger:%s/ledger.db" % folder), c2d.DocumentStore.directory(folder + "/documents")
    )
    with open(folder + "/bodies", "rb") as file:
        bodies = file.read().splitlines()
    for line in sys.stdin:
        spent = round_of_verdicts(registry, address, bodies) if line == "verdicts\n" else trivial_calls()
        print("%.9f" % spent, flush=True)


if __name__ == "__main__":
    main()
