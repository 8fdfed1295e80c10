/// Drawing up receipts; reading them is public, in c2d/job_receipt.hpp.
#pragma once

#include "codec/json.hpp"

#include <c2d/job_receipt.hpp>

namespace c2d::job {

/// What every receipt says. `run` is the rest, for people and auditors, as it comes.
struct ReceiptDraft {
    std::uint64_t job_id = 0;
    unsigned party = 0;
    TokenId algo_dt;
    Address solver;
    /// The organisation in whose name it is signed; zero: the key's own address.
    Address owner;
    std::vector<TokenId> data;
    ReceiptOutcome outcome = ReceiptOutcome::aborted;
    Bytes32 code_sha256;
    std::vector<ReceiptFile> inputs, outputs;
    /// The version of the runtime is always this build's.
    ReceiptDetails details;
    json::Value run;
};

struct SealedReceipt {
    std::string document;
    Bytes32 digest;
};

/// What stands in a receipt's text, and what the ledger needs of it.
struct ReadReceipt {
    json::Value document;
    JobReceipt receipt;
};

/// As c2d::read_receipt.
Result<ReadReceipt> read_receipt_document(std::string_view text);

/// Salts, signs, and gives the text to keep, of version 2.
Result<SealedReceipt> seal_receipt(const ReceiptDraft& draft, const NetworkInfo& network, Signer& signer,
                                   Random& random);

/// The same said by another key of its owner, with salts and a digest of its own. Only of one that nobody has yet.
Result<SealedReceipt> sign_anew(std::string_view sealed, const NetworkInfo& network, Signer& signer, Random& random);

}  // namespace c2d::job
