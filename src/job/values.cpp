#include "job/values.hpp"

namespace c2d {

using json::list_of;
using json::Value;

Value to_value(const Party& party) {
    return Value::object({{"party", party.number},
                          {"owner", address_text(party.owner)},
                          {"organisation", party.organisation},
                          {"endpoint", party.endpoint}});
}

Value to_value(const ArtifactOrigin& origin) {
    return Value::object({{"job_id", origin.job_id},
                          {"party", origin.party},
                          {"output", origin.output},
                          {"sha256", hex_text(origin.sha256)},
                          {"binding", hex_text(origin.binding)},
                          {"dt", token_text(origin.dt)},
                          {"receipt", Value::written(origin.receipt_json)}});
}

std::string ArtifactOrigin::to_json() const { return json::compact(to_value(*this)); }

Value to_value(const JobInput& input) {
    Value out = Value::object(
        {{"dt", token_text(input.dt)}, {"name", input.name}, {"document_checksum", hex_text(input.document_checksum)}});
    if (input.origin) out.set("origin", to_value(*input.origin));
    return out;
}

Value to_value(const JobGrant& grant) {
    return Value::object({{"dt", token_text(grant.dt)}, {"grantee", token_text(grant.grantee)}});
}

Value to_value(const WaitingGrant& request) {
    return Value::object({{"dt", token_text(request.dt)},
                          {"cdt", token_text(request.cdt)},
                          {"composer", address_text(request.composer)},
                          {"since", request.since}});
}

Value to_value(const JobTerms& terms) {
    return Value::object({{"job_id", terms.job_id},
                          {"algo_dt", token_text(terms.algo_dt)},
                          {"algo_checksum", hex_text(terms.algo_checksum)},
                          {"solver", address_text(terms.solver)},
                          {"attempt", terms.attempt},
                          {"attempts_max", terms.attempts_max},
                          {"template", token_text(terms.op_template)},
                          {"template_checksum", hex_text(terms.template_checksum)},
                          {"operation", terms.operation},
                          {"args", Value::written(terms.args_json)},
                          {"args_hash", hex_text(terms.args_hash)},
                          {"parties", terms.parties},
                          {"party", terms.party},
                          {"all_parties", list_of(terms.all_parties)},
                          {"inputs", list_of(terms.inputs)},
                          {"grants", list_of(terms.grants)},
                          {"outputs", list_of(terms.output_names)},
                          {"kept", list_of(terms.kept_names)},
                          {"release_log", terms.release_log},
                          {"release_exit", terms.release_exit},
                          {"collusion_overridden", terms.collusion_overridden}});
}

Value to_value(const ReceiptFile& file) {
    return Value::object({{"name", file.name}, {"bytes", file.bytes}, {"sha256", hex_text(file.sha256)}});
}

Value to_value(const ReceiptArtifact& artifact) {
    return Value::object({{"name", artifact.name},
                          {"kind", artifact.kind},
                          {"schema_sha256", hex_text(artifact.schema_sha256)},
                          {"bytes", artifact.bytes},
                          {"sha256", hex_text(artifact.sha256)},
                          {"binding", hex_text(artifact.binding)}});
}

Value to_value(const ReceiptRuntime& runtime) {
    return Value::object({{"version", runtime.version},
                          {"library_sha256", hex_text(runtime.library_sha256)},
                          {"package_sha256", hex_text(runtime.package_sha256)}});
}

Value to_value(const ReceiptAlignment& alignment) {
    return Value::object({{"rows", json::Array{alignment.rows[0], alignment.rows[1]}}, {"common", alignment.common}});
}

Value to_value(const ReceiptInputDigest& input) {
    return Value::object({{"party", input.party}, {"dt", token_text(input.dt)}, {"digest", hex_text(input.digest)}});
}

void set_members(Value& object, const ReceiptDetails& details) {
    Value disclosures = json::Object();
    for (const auto& [kind, count] : details.disclosures) disclosures.set(kind, count);
    object.set("artifacts", list_of(details.artifacts));
    object.set("disclosures", std::move(disclosures));
    object.set("attempts", details.attempts);
    object.set("runtime", to_value(details.runtime));
    object.set("input_digests", list_of(details.input_digests));
    object.set("alignments", list_of(details.alignments));
    object.set("rules", list_of(details.rules, [](const Bytes32& digest) { return hex_text(digest); }));
}

Value to_value(const JobReceipt& receipt) {
    Value out = Value::object({{"version", receipt.version},
                               {"chain_id", receipt.chain_id},
                               {"job_id", receipt.job_id},
                               {"party", receipt.party},
                               {"algo_dt", token_text(receipt.algo_dt)},
                               {"solver", address_text(receipt.solver)},
                               {"owner", address_text(receipt.owner)},
                               {"signer", address_text(receipt.signer)},
                               {"data", list_of(receipt.data, token_text)},
                               {"outcome", receipt_outcome_name(receipt.outcome)},
                               {"code_sha256", hex_text(receipt.code_sha256)},
                               {"inputs", list_of(receipt.inputs)},
                               {"outputs", list_of(receipt.outputs)}});
    if (receipt.details) set_members(out, *receipt.details);
    out.set("digest", hex_text(receipt.digest));
    return out;
}

std::string JobReceipt::to_json() const { return json::compact(to_value(*this)); }

Value to_value(const OpenedMember& member) {
    return Value::object({{"job_id", member.job_id},
                          {"member", member.name},
                          {"value", Value::written(member.value_json)},
                          {"digest", hex_text(member.digest)}});
}

std::string OpenedMember::to_json() const { return json::compact(to_value(*this)); }

Value to_value(const PostedReceipt& receipt) {
    return Value::object({{"dt", token_text(receipt.dt)},
                          {"owner", address_text(receipt.owner)},
                          {"outcome", receipt_outcome_name(receipt.outcome)},
                          {"digest", hex_text(receipt.digest)},
                          {"block", receipt.block_number},
                          {"time", receipt.block_time}});
}

}  // namespace c2d
