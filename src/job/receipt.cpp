#include "job/receipt.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/written_json.hpp"
#include "crypto/hash.hpp"
#include "job/domain.hpp"
#include "job/values.hpp"

#include <c2d/key.hpp>

#include <charconv>

namespace c2d {

using json::Value;

namespace {

constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kDataMax = 1024;
constexpr std::size_t kFilesMax = 4096;

Bytes32 signing_digest(const JobReceipt& r, const eip712::Domain& domain) {
    static constexpr std::string_view kType =
        "JobReceipt(uint256 jobId,bytes32 algoDt,uint256 party,uint256 outcome,bytes32 digest)";
    using eip712::word;
    const auto hash = eip712::hash_struct(kType, {word(r.job_id), word(r.algo_dt), word(std::uint64_t(r.party)),
                                                  word(std::uint64_t(r.outcome)), word(r.digest)});
    return eip712::digest(domain, hash);
}

Result<Bytes32> document_digest(Value document) {
    document.erase("signature");
    C2D_TRY(const auto text, json::canonical(document));
    return keccak256(text);
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
    if (version != kVersion) return malformed("version", "1");
    JobReceipt out;
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
    return out;
}

}  // namespace

Result<JobReceipt> read_receipt(std::string_view document) {
    C2D_TRY(const auto value, json::parse_written(document, {kReceiptBytesMax, 32}));
    C2D_TRY(JobReceipt out, read_members(value));
    const Value* network = value.find("network");
    if (!network) return malformed("network", "an object");
    C2D_TRY(const auto domain, domain_at(*network));
    out.chain_id = domain.chain_id;
    C2D_TRY(out.digest, document_digest(value));
    const auto signature = parse_hex(value.text_at({"signature"}));
    if (!signature || signature->size() != 65) return malformed("signature", "65 bytes in hexadecimal");
    const auto signer = recover_signer(signing_digest(out, domain), *signature);
    if (signer && *signer == out.owner) return out;
    Error error = fail(Status::REFUSED,
                       "the receipt was altered or is not the owner's: expected a signature by "
                       "{}, found {}",
                       address_text(out.owner), signer ? address_text(*signer) : "none");
    error.name = "receipt_altered";
    return error;
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
    }
    return Unit{};
}

namespace job {

Result<SealedReceipt> seal_receipt(const ReceiptDraft& draft, const NetworkInfo& network, Signer& owner,
                                   Random& random) {
    Bytes32 salt;
    C2D_CHECK(random.fill(salt.data));
    Value document =
        Value::object({{"version", kVersion},
                       {"network", Value::object({{"chain_id", std::to_string(network.chain_id)},
                                                  {"dt_factory", address_text(network.contracts.dt_factory)},
                                                  {"salt", hex_text(network.salt)}})},
                       {"job_id", draft.job_id},
                       {"party", draft.party},
                       {"algo_dt", token_text(draft.algo_dt)},
                       {"solver", address_text(draft.solver)},
                       {"owner", address_text(owner.address())},
                       {"data", json::list_of(draft.data, token_text)},
                       {"outcome", receipt_outcome_name(draft.outcome)},
                       {"code_sha256", hex_text(draft.code_sha256)},
                       {"inputs", json::list_of(draft.inputs)},
                       {"outputs", json::list_of(draft.outputs)},
                       {"salt", hex_text(salt)}});
    if (!draft.run.is_null()) document.set("run", draft.run);
    // Nobody may be handed a receipt that they cannot read: what is signed is what the reader makes of it.
    C2D_TRY(JobReceipt receipt, read_members(document));
    C2D_TRY(receipt.digest, document_digest(document));
    C2D_TRY(const auto signature, owner.sign_digest(signing_digest(receipt, request_domain(network))));
    document.set("signature", hex_text(signature));
    return SealedReceipt{json::pretty(document) + "\n", receipt.digest};
}

}  // namespace job

}  // namespace c2d
