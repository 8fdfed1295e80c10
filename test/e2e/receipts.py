"""Digests of receipts, as docs/formats.md describes them, by an implementation that shares nothing with the
library's."""

import hashlib
import json

from answers import keccak256


def canonical(value):
    """RFC 8785 for what receipts hold: whole numbers, and members whose names are ASCII."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def commitment(salt, value):
    return "0x" + hashlib.sha256(bytes.fromhex(salt[2:]) + canonical(value)).hexdigest()


def commitments(document):
    return {
        name: commitment(document["salts"][name], value)
        for name, value in document.items()
        if name not in ("salts", "signature")
    }


def digest(document):
    """Of a whole receipt of either version."""
    covered = (
        commitments(document)
        if document["version"] == 2
        else {name: value for name, value in document.items() if name != "signature"}
    )
    return "0x" + keccak256(canonical(covered)).hex()


def opened_digest(document):
    """Of the receipt that an opened member is of; the member must be the commitment's."""
    found = commitment(document["salt"], document["value"])
    assert found == document["commitments"][document["member"]], found
    return "0x" + keccak256(canonical(document["commitments"])).hex()


def main():
    """The vector of docs/formats.md and test/job/opened_member_test.cpp."""
    document = {
        "version": 2,
        "outcome": "succeeded",
        "disclosures": {"label_counts": 2},
        "salts": {
            "version": "0x" + "00" * 16,
            "outcome": "0x" + "11" * 16,
            "disclosures": "0x000102030405060708090a0b0c0d0e0f",
        },
    }
    for name, value in commitments(document).items():
        print(name, value)
    print("digest", digest(document))


if __name__ == "__main__":
    main()
