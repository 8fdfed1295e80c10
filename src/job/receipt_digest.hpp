/// The digests of receipts that the ledger holds.
///
/// Version 1: Keccak-256 of the RFC 8785 text of the document without `signature`. Version 2: Keccak-256 of the RFC
/// 8785 text of {member: commitment}, each commitment a text of 0x and 64 lower-case digits, over all members but
/// `salts` and `signature`. No text is both, since the `version` of version 1 is a number.
#pragma once

#include "codec/json.hpp"

namespace c2d::job {

inline constexpr std::size_t kReceiptSaltBytes = 16;
inline constexpr std::size_t kReceiptMembersMax = 64;
/// What is no part of the digest.
inline constexpr std::string_view kReceiptSalts = "salts", kReceiptSignature = "signature";

/// SHA-256(salt || RFC 8785 text of `value`). Fails where `value` has no such text.
Result<Bytes32> receipt_commitment(BytesView salt, const json::Value& value);
/// A salt from its text, 0x and 32 lower-case digits.
Result<Bytes> read_receipt_salt(const std::string& text);
/// {member: commitment} of a document of version 2. Fails with `invalid_argument` unless `salts` has one for each of
/// its members, and for nothing else.
Result<json::Value> receipt_commitments(const json::Value& document);
/// Keccak-256 of the RFC 8785 text of the object of commitments.
Result<Bytes32> digest_of_commitments(const json::Value& commitments);
/// The digest of a document of that version.
Result<Bytes32> receipt_digest(const json::Value& document, unsigned version);

}  // namespace c2d::job
