#include "job/receipt_digest.hpp"

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"

namespace c2d::job {

using json::Value;

Result<Bytes32> receipt_commitment(BytesView salt, const Value& value) {
    C2D_TRY(const auto text, json::canonical(value));
    Sha256 hash;
    hash.update(salt);
    hash.update(as_bytes(text));
    return hash.finish();
}

Result<Bytes> read_receipt_salt(const std::string& text) {
    auto salt = parse_hex(text);
    if (salt && salt->size() == kReceiptSaltBytes && hex_text(*salt) == text) return salt;
    return fail(Status::INVALID_ARGUMENT,
                "this is no receipt: expected a salt of 0x and {} lower-case digits, found \"{}\"",
                2 * kReceiptSaltBytes, display_text(text));
}

Result<Value> receipt_commitments(const Value& document) {
    const Value* salts = document.find(kReceiptSalts);
    // Looked at first: what follows takes the time of its square.
    const auto salted = salts ? salts->members().size() : 0;
    if (salted == 0 || salted > kReceiptMembersMax ||
        salted + 1 + (document.find(kReceiptSignature) ? 1 : 0) != document.members().size())
        return fail(Status::INVALID_ARGUMENT,
                    "this is no receipt: expected 1 to {} members with one salt for each, found {} salts",
                    kReceiptMembersMax, salted);
    Value commitments;
    for (const auto& [name, value] : document.members()) {
        if (name == kReceiptSalts || name == kReceiptSignature) continue;
        C2D_TRY(const auto salt, read_receipt_salt(salts->text_at({name})));
        C2D_TRY(const auto commitment, receipt_commitment(salt, value));
        commitments.set(name, hex_text(commitment));
    }
    return commitments;
}

Result<Bytes32> digest_of_commitments(const Value& commitments) {
    C2D_TRY(const auto text, json::canonical(commitments));
    return keccak256(text);
}

Result<Bytes32> receipt_digest(const Value& document, unsigned version) {
    if (version >= 2) {
        C2D_TRY(const auto commitments, receipt_commitments(document));
        return digest_of_commitments(commitments);
    }
    Value covered = document;
    covered.erase(kReceiptSignature);
    C2D_TRY(const auto text, json::canonical(covered));
    return keccak256(text);
}

}  // namespace c2d::job
