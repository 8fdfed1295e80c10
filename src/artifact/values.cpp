#include "artifact/values.hpp"

#include "artifact/sealed_file.hpp"
#include "base/fail.hpp"
#include "base/file_name.hpp"
#include "base/try.hpp"

namespace c2d {

using json::Value;

json::Value to_value(const Artifact& artifact) {
    Value out = Value::object({{"job_id", artifact.job_id},
                               {"party", artifact.party},
                               {"algo_dt", token_text(artifact.algo_dt)},
                               {"name", artifact.name},
                               {"kind", artifact.kind},
                               {"sha256", hex_text(artifact.sha256)},
                               {"bytes", artifact.bytes},
                               {"binding", hex_text(artifact.binding)},
                               {"created", artifact.created}});
    if (artifact.destroyed) out.set("destroyed", *artifact.destroyed);
    return out;
}

std::string Artifact::to_json() const { return json::compact(to_value(*this)); }

namespace artifact {
namespace {

constexpr unsigned kPartyMax = 15;

Error broken(std::string_view what) { return fail(Status::CORRUPT, "the description of an artifact: {}", what); }

Result<std::uint64_t> number_at(const Value& object, std::string_view name) {
    const Value* const value = object.find(name);
    const auto number = value ? value->as_uint() : std::nullopt;
    if (!number) return broken(fmt::format("\"{}\" is no whole number", name));
    return *number;
}

Result<Bytes32> digest_at(const Value& object, std::string_view name) {
    const std::string text(object.text_at({name}));
    auto out = parse_bytes32(text);
    if (!out || hex_text(*out) != text) return broken(fmt::format("\"{}\" is not 0x and 64 digits", name));
    return out;
}

}  // namespace

Result<Artifact> artifact_from(const Value& value) {
    Artifact out;
    C2D_TRY(out.job_id, number_at(value, "job_id"));
    C2D_TRY(const auto party, number_at(value, "party"));
    if (party > kPartyMax) return broken("no such party");
    out.party = unsigned(party);
    out.name = value.text_at({"name"});
    out.kind = value.text_at({"kind"});
    const auto algorithm = parse_token(value.text_at({"algo_dt"}));
    if (algorithm) out.algo_dt = *algorithm;
    // Of one that was destroyed as it could not be read nothing but its digest is known.
    const bool was_damaged = out.kind == kDamaged && value.find("destroyed") && out.name.empty();
    const bool is_of_a_kind = out.kind == "file" || out.kind == "model" || out.kind == "checkpoint";
    const bool is_one = is_plain_name(out.name) && is_of_a_kind;
    if (!was_damaged && !algorithm) return broken("\"algo_dt\" is no token");
    if (!was_damaged && !is_one) return broken("no name or kind");
    C2D_TRY(out.sha256, digest_at(value, "sha256"));
    C2D_TRY(out.bytes, number_at(value, "bytes"));
    C2D_TRY(out.binding, digest_at(value, "binding"));
    C2D_TRY(out.created, number_at(value, "created"));
    if (!value.find("destroyed")) return out;
    C2D_TRY(out.destroyed, number_at(value, "destroyed"));
    return out;
}

Result<Artifact> artifact_from(std::string_view text) {
    const auto value = json::parse(text);
    if (!value || !value->is_object()) return broken("no JSON object");
    return artifact_from(*value);
}

}  // namespace artifact
}  // namespace c2d
