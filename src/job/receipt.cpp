#include "job/receipt.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "base/version.hpp"
#include "codec/written_json.hpp"
#include "job/domain.hpp"
#include "job/receipt_digest.hpp"
#include "job/values.hpp"

#include <c2d/key.hpp>

#include <array>
#include <charconv>

namespace c2d {

using json::Value;

namespace {

/// What is written; all from 1 on are read.
constexpr unsigned kVersion = 2;
constexpr std::size_t kDataMax = 1024;
constexpr std::size_t kFilesMax = 4096;
/// As many as the ledger counts of one run.
constexpr std::size_t kDisclosureKindsMax = 32;

Bytes32 signing_digest(const JobReceipt& r, const eip712::Domain& domain) {
    static constexpr std::string_view kType =
        "JobReceipt(uint256 jobId,bytes32 algoDt,uint256 party,uint256 outcome,bytes32 digest)";
    using eip712::word;
    const auto hash = eip712::hash_struct(kType, {word(r.job_id), word(r.algo_dt), word(std::uint64_t(r.party)),
                                                  word(std::uint64_t(r.outcome)), word(r.digest)});
    return eip712::digest(domain, hash);
}

// Reading -----------------------------------------------------------------------------------------

Error malformed(std::string_view member, std::string_view expected) {
    return fail(Status::INVALID_ARGUMENT, "this is no receipt: expected {} at \"{}\"", expected, member);
}

Result<std::uint64_t> number_at(const Value& object, std::string_view member) {
    const Value* value = object.find(member);
    const auto number = value ? value->as_uint() : std::nullopt;
    if (!number) return malformed(member, "a whole number");
    return *number;
}

Result<Bytes32> digest_at(const Value& object, std::string_view member) {
    const auto digest = parse_bytes32(object.text_at({member}));
    if (!digest) return malformed(member, "32 bytes in hexadecimal");
    return *digest;
}

Result<Address> address_at(const Value& object, std::string_view member) {
    const auto address = parse_address(object.text_at({member}));
    if (!address) return malformed(member, "an address");
    return *address;
}

Result<TokenId> token_of(const std::string& text, std::string_view member) {
    const auto id = parse_token(text);
    if (!id) return malformed(member, "dt:ownership: and 64 hexadecimal digits");
    return *id;
}

Result<const json::Array*> list_at(const Value& object, std::string_view member, std::size_t max) {
    const Value* list = object.find(member);
    if (!list || !list->is_array() || list->items().size() > max)
        return malformed(member, fmt::format("a list of at most {}", max));
    return &list->items();
}

Result<std::vector<ReceiptFile>> files_at(const Value& object, std::string_view member) {
    C2D_TRY(const auto* list, list_at(object, member, kFilesMax));
    std::vector<ReceiptFile> files;
    for (const auto& item : *list) {
        ReceiptFile file;
        file.name = item.text_at({"name"});
        if (file.name.empty()) return malformed(std::string(member) + "/name", "a text");
        C2D_TRY(file.bytes, number_at(item, "bytes"));
        C2D_TRY(file.sha256, digest_at(item, "sha256"));
        files.push_back(std::move(file));
    }
    return files;
}

Result<std::string> text_at(const Value& object, std::string_view member) {
    auto text = object.text_at({member});
    if (text.empty()) return malformed(member, "a text");
    return text;
}

Result<std::vector<ReceiptArtifact>> artifacts_at(const Value& object) {
    C2D_TRY(const auto* list, list_at(object, "artifacts", kFilesMax));
    std::vector<ReceiptArtifact> artifacts;
    for (const auto& item : *list) {
        ReceiptArtifact artifact;
        C2D_TRY(artifact.name, text_at(item, "name"));
        C2D_TRY(artifact.kind, text_at(item, "kind"));
        C2D_TRY(artifact.schema_sha256, digest_at(item, "schema_sha256"));
        C2D_TRY(artifact.bytes, number_at(item, "bytes"));
        C2D_TRY(artifact.sha256, digest_at(item, "sha256"));
        C2D_TRY(artifact.binding, digest_at(item, "binding"));
        artifacts.push_back(std::move(artifact));
    }
    return artifacts;
}

Result<std::map<std::string, std::uint64_t>> disclosures_at(const Value& object) {
    const Value* counts = object.find("disclosures");
    if (!counts || !counts->is_object() || counts->members().size() > kDisclosureKindsMax)
        return malformed("disclosures", fmt::format("an object of at most {} counts", kDisclosureKindsMax));
    std::map<std::string, std::uint64_t> disclosures;
    for (const auto& [kind, count] : counts->members()) {
        if (!count.as_uint()) return malformed("disclosures", "whole numbers");
        disclosures[kind] = *count.as_uint();
    }
    return disclosures;
}

/// None in a document from before there were any.
Result<std::vector<ReceiptInputDigest>> input_digests_at(const Value& object) {
    std::vector<ReceiptInputDigest> out;
    if (!object.find("input_digests")) return out;
    C2D_TRY(const auto* list, list_at(object, "input_digests", kFilesMax));
    for (const auto& item : *list) {
        auto& input = out.emplace_back();
        C2D_TRY(const auto party, number_at(item, "party"));
        input.party = unsigned(party);
        C2D_TRY(input.dt, token_of(item.text_at({"dt"}), "input_digests/dt"));
        C2D_TRY(input.digest, digest_at(item, "digest"));
    }
    return out;
}

/// As of the inputs' digests.
Result<std::vector<ReceiptAlignment>> alignments_at(const Value& object) {
    std::vector<ReceiptAlignment> out;
    if (!object.find("alignments")) return out;
    C2D_TRY(const auto* list, list_at(object, "alignments", kFilesMax));
    for (const auto& item : *list) {
        auto& alignment = out.emplace_back();
        C2D_TRY(const auto* rows, list_at(item, "rows", 2));
        for (std::size_t side = 0; side < 2; ++side) {
            const auto number = side < rows->size() ? (*rows)[side].as_uint() : std::nullopt;
            if (!number) return malformed("alignments/rows", "two whole numbers");
            alignment.rows[side] = *number;
        }
        C2D_TRY(alignment.common, number_at(item, "common"));
    }
    return out;
}

Result<std::vector<Bytes32>> rules_at(const Value& object) {
    std::vector<Bytes32> out;
    if (!object.find("rules")) return out;
    C2D_TRY(const auto* list, list_at(object, "rules", kFilesMax));
    for (const auto& item : *list) {
        const auto digest = parse_bytes32(item.text());
        if (!digest) return malformed("rules", "32 bytes in hexadecimal");
        out.push_back(*digest);
    }
    return out;
}

Result<ReceiptDetails> details_at(const Value& document) {
    ReceiptDetails details;
    C2D_TRY(details.artifacts, artifacts_at(document));
    C2D_TRY(details.disclosures, disclosures_at(document));
    C2D_TRY(details.attempts, number_at(document, "attempts"));
    const Value* runtime = document.find("runtime");
    if (!runtime) return malformed("runtime", "an object");
    C2D_TRY(details.runtime.version, text_at(*runtime, "version"));
    C2D_TRY(details.runtime.library_sha256, digest_at(*runtime, "library_sha256"));
    C2D_TRY(details.runtime.package_sha256, digest_at(*runtime, "package_sha256"));
    C2D_TRY(details.input_digests, input_digests_at(document));
    C2D_TRY(details.alignments, alignments_at(document));
    C2D_TRY(details.rules, rules_at(document));
    return details;
}

Result<ReceiptOutcome> outcome_at(const Value& object) {
    const auto name = object.text_at({"outcome"});
    for (const auto outcome : {ReceiptOutcome::succeeded, ReceiptOutcome::failed, ReceiptOutcome::cancelled,
                               ReceiptOutcome::refused, ReceiptOutcome::aborted})
        if (name == receipt_outcome_name(outcome)) return outcome;
    return malformed("outcome", "one of succeeded, failed, cancelled, refused, aborted");
}

Result<eip712::Domain> domain_at(const Value& network) {
    eip712::Domain domain;
    const auto id = network.text_at({"chain_id"});
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), domain.chain_id);
    if (error != std::errc() || end != id.data() + id.size()) return malformed("network/chain_id", "a number as text");
    C2D_TRY(domain.verifying_contract, address_at(network, "dt_factory"));
    C2D_TRY(domain.salt, digest_at(network, "salt"));
    return domain;
}

Result<JobReceipt> read_members(const Value& document) {
    C2D_TRY(const auto version, number_at(document, "version"));
    if (version < 1 || version > kVersion) return malformed("version", fmt::format("1 to {}", kVersion));
    JobReceipt out;
    out.version = unsigned(version);
    C2D_TRY(out.job_id, number_at(document, "job_id"));
    C2D_TRY(const auto party, number_at(document, "party"));
    if (party > kDataMax) return malformed("party", "a small number");
    out.party = unsigned(party);
    C2D_TRY(out.algo_dt, token_of(document.text_at({"algo_dt"}), "algo_dt"));
    C2D_TRY(out.solver, address_at(document, "solver"));
    C2D_TRY(out.owner, address_at(document, "owner"));
    C2D_TRY(const auto* data, list_at(document, "data", kDataMax));
    // Without one there would be nothing for a ledger to confirm.
    if (data->empty()) return malformed("data", "at least one data token");
    for (const auto& dt : *data) {
        C2D_TRY(out.data.emplace_back(), token_of(dt.text(), "data"));
    }
    C2D_TRY(out.outcome, outcome_at(document));
    C2D_TRY(out.code_sha256, digest_at(document, "code_sha256"));
    C2D_TRY(out.inputs, files_at(document, "inputs"));
    C2D_TRY(out.outputs, files_at(document, "outputs"));
    out.signer = out.owner;
    if (version == 1) return out;
    C2D_TRY(out.signer, address_at(document, "signer"));
    C2D_TRY(out.details, details_at(document));
    return out;
}

Error altered(const JobReceipt& receipt, const Result<Address>& found) {
    Error error =
        fail(Status::REFUSED,
             "the receipt was altered, or is not by the key that it names: expected a signature by {}, found {}",
             address_text(receipt.signer), found ? address_text(*found) : "none");
    error.name = "receipt_altered";
    return error;
}

}  // namespace

Result<job::ReadReceipt> job::read_receipt_document(std::string_view text) {
    C2D_TRY(auto document, json::parse_written(text, {kReceiptBytesMax, 32}));
    C2D_TRY(JobReceipt out, read_members(document));
    const Value* network = document.find("network");
    if (!network) return malformed("network", "an object");
    C2D_TRY(const auto domain, domain_at(*network));
    out.chain_id = domain.chain_id;
    C2D_TRY(out.digest, receipt_digest(document, out.version));
    const auto signature = parse_hex(document.text_at({kReceiptSignature}));
    if (!signature || signature->size() != 65) return malformed(kReceiptSignature, "65 bytes in hexadecimal");
    const auto signer = recover_signer(signing_digest(out, domain), *signature);
    if (!signer || *signer != out.signer) return altered(out, signer);
    return ReadReceipt{std::move(document), std::move(out)};
}

Result<JobReceipt> read_receipt(std::string_view document) {
    C2D_TRY(auto read, job::read_receipt_document(document));
    return std::move(read.receipt);
}

namespace {

Error refused_receipt(std::string name, std::string message) {
    Error error = fail(Status::REFUSED, "{}", message);
    error.name = std::move(name);
    return error;
}

/// Chain, composition and solver are those of the ledger's job.
Result<Unit> confirm_job(const JobReceipt& receipt, const Chain& chain) {
    if (chain.network().chain_id != receipt.chain_id)
        return refused_receipt("receipt_differs", fmt::format("the receipt is of chain {}, this is chain {}",
                                                              receipt.chain_id, chain.network().chain_id));
    const auto job = chain.job(receipt.job_id);
    if (!job && job.status() == Status::NOT_FOUND) return refused_receipt("receipt_not_posted", job.error().message);
    if (!job) return job.error();
    if (job->cdt != receipt.algo_dt || job->solver != receipt.solver)
        return refused_receipt("receipt_differs",
                               fmt::format("the ledger's job {} runs {} for {}; this receipt is of {} for {}",
                                           receipt.job_id, token_text(job->cdt), address_text(job->solver),
                                           token_text(receipt.algo_dt), address_text(receipt.solver)));
    return Unit{};
}

/// A key that acts for the owner now, or did once, is no proof.
Result<Unit> confirm_signer(const JobReceipt& receipt, const PostedReceipt& posted, const Chain& chain) {
    C2D_TRY(const bool acted, chain.acted_for(receipt.signer, receipt.owner, KeyUse::work, posted.block_number));
    if (acted) return Unit{};
    return refused_receipt(
        "receipt_signer",
        fmt::format("the receipt of job {} is signed by {}, which did not act for its owner {} in block "
                    "{}, where it was posted",
                    receipt.job_id, address_text(receipt.signer), address_text(receipt.owner), posted.block_number));
}

}  // namespace

Result<Unit> confirm_receipt(const JobReceipt& receipt, const Chain& chain) {
    C2D_CHECK(confirm_job(receipt, chain));
    for (const auto& dt : receipt.data) {
        const auto posted = chain.job_receipt(receipt.job_id, dt);
        if (!posted && posted.status() == Status::NOT_FOUND)
            return refused_receipt("receipt_not_posted", posted.error().message);
        if (!posted) return posted.error();
        if (posted->digest != receipt.digest || posted->owner != receipt.owner || posted->outcome != receipt.outcome)
            return refused_receipt(
                "receipt_differs",
                fmt::format("the ledger's receipt of job {} for {} is {} ({}) by {}; this one is {} ({})",
                            receipt.job_id, token_text(dt), hex_text(posted->digest),
                            receipt_outcome_name(posted->outcome), address_text(posted->owner),
                            hex_text(receipt.digest), receipt_outcome_name(receipt.outcome)));
        C2D_CHECK(confirm_signer(receipt, *posted, chain));
    }
    return Unit{};
}

namespace job {

namespace {

/// A salt for each member that `document` has by now.
Result<Value> draw_salts(const Value& document, Random& random) {
    Value salts;
    for (const auto& [name, value] : document.members()) {
        std::array<std::uint8_t, kReceiptSaltBytes> salt{};
        C2D_CHECK(random.fill(salt));
        salts.set(name, hex_text(salt));
    }
    return salts;
}

Result<SealedReceipt> salt_and_sign(Value document, const NetworkInfo& network, Signer& signer, Random& random) {
    C2D_TRY(auto salts, draw_salts(document, random));
    document.set(kReceiptSalts, std::move(salts));
    // Nobody may be handed a receipt that they cannot read: what is signed is what the reader makes of it.
    C2D_TRY(JobReceipt receipt, read_members(document));
    C2D_TRY(receipt.digest, receipt_digest(document, kVersion));
    C2D_TRY(const auto signature, signer.sign_digest(signing_digest(receipt, request_domain(network))));
    document.set(kReceiptSignature, hex_text(signature));
    return SealedReceipt{json::pretty(document) + "\n", receipt.digest};
}

}  // namespace

Result<SealedReceipt> seal_receipt(const ReceiptDraft& draft, const NetworkInfo& network, Signer& signer,
                                   Random& random) {
    Value document =
        Value::object({{"version", kVersion},
                       {"network", Value::object({{"chain_id", std::to_string(network.chain_id)},
                                                  {"dt_factory", address_text(network.contracts.dt_factory)},
                                                  {"salt", hex_text(network.salt)}})},
                       {"job_id", draft.job_id},
                       {"party", draft.party},
                       {"algo_dt", token_text(draft.algo_dt)},
                       {"solver", address_text(draft.solver)},
                       {"owner", address_text(draft.owner.is_zero() ? signer.address() : draft.owner)},
                       {"signer", address_text(signer.address())},
                       {"data", json::list_of(draft.data, token_text)},
                       {"outcome", receipt_outcome_name(draft.outcome)},
                       {"code_sha256", hex_text(draft.code_sha256)},
                       {"inputs", json::list_of(draft.inputs)},
                       {"outputs", json::list_of(draft.outputs)}});
    ReceiptDetails details = draft.details;
    details.runtime.version = kVersionText;
    set_members(document, details);
    if (!draft.run.is_null()) document.set("run", draft.run);
    return salt_and_sign(std::move(document), network, signer, random);
}

Result<SealedReceipt> sign_anew(std::string_view sealed, const NetworkInfo& network, Signer& signer, Random& random) {
    C2D_TRY(auto read, read_receipt_document(sealed));
    if (read.receipt.version != kVersion)
        return fail(Status::UNSUPPORTED, "expected a receipt of version {}, found one of version {}", kVersion,
                    read.receipt.version);
    Value& document = read.document;
    document.erase(kReceiptSalts);
    document.erase(kReceiptSignature);
    document.set("signer", address_text(signer.address()));
    return salt_and_sign(std::move(document), network, signer, random);
}

}  // namespace job

}  // namespace c2d
