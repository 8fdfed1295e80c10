/// The receipt of a run: what a provider can show, years later, of how a job used its data.
///
/// When a run ends, well or not, the provider draws up one JSON document: job, parties, data tokens
/// and the grants they were used under, operator, arguments, digests of what went in and came out,
/// the verdict and the sandbox's report. The owner signs it, keeps it, and posts its digest to the
/// ledger (`Chain::post_receipt`). Who is handed the document checks it with `read_receipt`, offline;
/// that the ledger holds the same digest is one more call (`confirm_receipt`).
///
/// digest = Keccak-256 of the RFC 8785 form of an object {member: SHA-256(salt || RFC 8785 form of its value)} with 16
/// random bytes as the salt of each member. So the digest on the ledger cannot be guessed at, and one member can be
/// shown with its salt and without the others (`open_receipt_member`). Of documents of version 1, which are read as
/// well, it is the Keccak-256 of the document without `signature`, and they can be shown as a whole only. `signature`
/// is over the EIP-712 struct `JobReceipt(uint256 jobId,bytes32 algoDt,uint256 party,uint256 outcome,bytes32 digest)`
/// in the domain of requests (c2d/request.hpp). The members are listed in docs/formats.md.
#pragma once

#include <c2d/artifact.hpp>
#include <c2d/chain.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace c2d {

inline constexpr std::size_t kReceiptBytesMax = std::size_t(1) << 20;
/// Of an opened member: a value with all commitments around it.
inline constexpr std::size_t kOpenedMemberBytesMax = kReceiptBytesMax + (std::size_t(1) << 16);

/// A file that a run read or wrote.
struct ReceiptFile {
    std::string name;
    std::uint64_t bytes = 0;
    Bytes32 sha256;
};

/// What a run left with its provider.
struct ReceiptArtifact {
    std::string name, kind;
    Bytes32 schema_sha256;
    std::uint64_t bytes = 0;
    Bytes32 sha256;
    /// The same at all parties of the run.
    Bytes32 binding;
};

/// The c2d that the operator was shown; zero where none was, or no operator was started.
struct ReceiptRuntime {
    /// Of the provider.
    std::string version;
    Bytes32 library_sha256, package_sha256;
};

/// A c2d that an owner accepts (`attributes.runtime` of its terms): what is not said may be anything.
struct AcceptedRuntime {
    /// Empty: any.
    std::string version = {};
    std::optional<Bytes32> library_sha256 = {}, package_sha256 = {};

    /// Whether it is this one.
    bool accepts(const ReceiptRuntime& runtime) const noexcept {
        return (version.empty() || version == runtime.version) &&
               (!library_sha256 || *library_sha256 == runtime.library_sha256) &&
               (!package_sha256 || *package_sha256 == runtime.package_sha256);
    }
};

/// Which input a party used: SHA-256 of a salt that its owner keeps for the token, followed by the file. Equal digests
/// are of the same file, and who lacks the salt cannot test a guess of it. A peer's is its word.
struct ReceiptInputDigest {
    unsigned party = 0;
    TokenId dt;
    Bytes32 digest;
    bool operator==(const ReceiptInputDigest&) const = default;
};

/// What an alignment told of the tables of parties 0 and 1: distinct ids in each, and how many are common.
struct ReceiptAlignment {
    std::uint64_t rows[2] = {};
    std::uint64_t common = 0;
};

/// What a document says from version 2 on.
struct ReceiptDetails {
    /// What the run left with its provider.
    std::vector<ReceiptArtifact> artifacts;
    /// How many values of each kind the run opened, as far as somebody counts them: no entry says nothing.
    std::map<std::string, std::uint64_t> disclosures;
    /// How often the operator was started.
    std::uint64_t attempts = 0;
    ReceiptRuntime runtime;
    /// Of all parties, as each told the others before the operators started; none of a run that did not come so far, or
    /// of one party, and in documents from before there were any.
    std::vector<ReceiptInputDigest> input_digests = {};
    /// What the run's alignments told, as this party's engine says, and the digests of the rules that its columns were
    /// prepared with, as its operator does.
    std::vector<ReceiptAlignment> alignments = {};
    std::vector<Bytes32> rules = {};
};

struct JobReceipt {
    unsigned version = 2;
    std::uint64_t chain_id = 0;
    std::uint64_t job_id = 0;
    unsigned party = 0;
    TokenId algo_dt;
    Address solver;
    /// The provider that ran the job, owner of `data`.
    Address owner;
    /// The key that signed it. That it acted for the owner only the ledger tells (`confirm_receipt`).
    Address signer;
    /// The data tokens that the run worked on, at least one.
    std::vector<TokenId> data;
    ReceiptOutcome outcome = ReceiptOutcome::aborted;
    /// SHA-256 of the operator's text; zero when the run ended before the operator was started.
    Bytes32 code_sha256;
    std::vector<ReceiptFile> inputs, outputs;
    /// Nothing in a document of version 1.
    std::optional<ReceiptDetails> details;
    Bytes32 digest;

    /// These members as one JSON object.
    std::string to_json() const;
};

/// Reads a receipt and checks all that can be checked without a ledger: its form, and that `signer`
/// signed exactly this text; whether it might in the name of `owner` only `confirm_receipt` tells. Fails with
/// `invalid_argument` when it is none, with `refused` and the name `receipt_altered` when the signature is not the
/// signer's.
Result<JobReceipt> read_receipt(std::string_view document);

/// Composition and solver are those of the ledger's job, and the ledger holds this receipt for each
/// of its data tokens; `signer` acted for `owner` (`KeyUse::work`) in the block where it was posted. Fails with
/// `refused` and the name `receipt_not_posted`, `receipt_differs` or `receipt_signer`, or as the reads of the ledger
/// do.
Result<Unit> confirm_receipt(const JobReceipt& receipt, const Chain& chain);

/// One member of a receipt, shown without the others.
struct OpenedMember {
    /// The job among whose receipts the ledger has the digest.
    std::uint64_t job_id = 0;
    std::string name;
    /// RFC 8785 text.
    std::string value_json;
    /// Of the whole receipt.
    Bytes32 digest;

    /// {"job_id","member","value","digest"}
    std::string to_json() const;
};

/// One member of a receipt as a document of its own: its value, its salt, and the commitments of all members. It tells
/// the names of the others and nothing else of them. Checks the receipt as `read_receipt` does; fails with
/// `unsupported` for one of version 1, with `not_found` where it has no such member.
Result<std::string> open_receipt_member(std::string_view receipt, std::string_view member);

/// Reads such a document and checks that value and salt are those of the digest, which alone proves nothing: anybody
/// can make up a receipt. Fails with `invalid_argument` when it is none, with `refused` and the name `receipt_altered`
/// when value or salt are not the commitment's.
Result<OpenedMember> read_opened_member(std::string_view document);

/// What the ledger holds under this digest of that job: one entry for each data token, at least one. Of `job_id`,
/// `algo_dt`, `solver`, `owner`, `outcome` and `data` the value must be what the ledger says by itself. Who posted it
/// vouches for the value, so look at `owner`. Fails with `refused` and the name `receipt_not_posted` or
/// `receipt_differs`, or as the reads of the ledger do.
Result<std::vector<PostedReceipt>> confirm_opened_member(const OpenedMember& member, const Chain& chain);

/// Whether a model token's origin is true: `owner`, the token's, posted the receipt that it shows, of a run that
/// succeeded and that left this artifact. Its `party` no ledger tells; at scoring the shares do. Fails with `refused`
/// and the name `origin_invalid`, or as the reads of the ledger do.
Result<Unit> confirm_origin(const ArtifactOrigin& origin, const Address& owner, const Chain& chain);
/// Reads `attributes.origin` of a token's document. Fails with `invalid_argument` and what is wrong.
Result<ArtifactOrigin> read_origin(std::string_view origin_json);

}  // namespace c2d
