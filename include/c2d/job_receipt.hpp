/// The receipt of a run: what a provider can show, years later, of how a job used its data.
///
/// When a run ends, well or not, the provider draws up one JSON document: job, parties, data tokens
/// and the grants they were used under, operator, arguments, digests of what went in and came out,
/// the verdict and the sandbox's report. The owner signs it, keeps it, and posts its digest to the
/// ledger (`Chain::post_receipt`). Who is handed the document checks it with `read_receipt`, offline;
/// that the ledger holds the same digest is one more call (`confirm_receipt`).
///
/// digest = Keccak-256 of the RFC 8785 form of the document without `signature`. `signature` is over
/// the EIP-712 struct `JobReceipt(uint256 jobId,bytes32 algoDt,uint256 party,uint256 outcome,bytes32
/// digest)` in the domain of requests (c2d/request.hpp). A random `salt` keeps the digest on the
/// ledger from being guessed at. The members are listed in docs/formats.md.
#pragma once

#include <c2d/chain.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace c2d {

inline constexpr std::size_t kReceiptBytesMax = std::size_t(1) << 20;

/// A file that a run read or wrote.
struct ReceiptFile {
    std::string name;
    std::uint64_t bytes = 0;
    Bytes32 sha256;
};

struct JobReceipt {
    std::uint64_t chain_id = 0;
    std::uint64_t job_id = 0;
    unsigned party = 0;
    TokenId algo_dt;
    Address solver;
    /// Who signed it: the provider that ran the job, owner of `data`.
    Address owner;
    /// The data tokens that the run worked on, at least one.
    std::vector<TokenId> data;
    ReceiptOutcome outcome = ReceiptOutcome::aborted;
    /// SHA-256 of the operator's text; zero when the run ended before the operator was started.
    Bytes32 code_sha256;
    std::vector<ReceiptFile> inputs, outputs;
    Bytes32 digest;

    /// These members as one JSON object.
    std::string to_json() const;
};

/// Reads a receipt and checks all that can be checked without a ledger: its form, and that `owner`
/// signed exactly this text. Fails with `invalid_argument` when it is none, with `refused` and the
/// name `receipt_altered` when the signature is not the owner's.
Result<JobReceipt> read_receipt(std::string_view document);

/// Composition and solver are those of the ledger's job, and the ledger holds this receipt for each
/// of its data tokens. Fails with `refused` and the name `receipt_not_posted` or `receipt_differs`,
/// or as the reads of the ledger do.
Result<Unit> confirm_receipt(const JobReceipt& receipt, const Chain& chain);

}  // namespace c2d
