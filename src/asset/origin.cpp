#include "asset/origin.hpp"

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/file_name.hpp"
#include "base/try.hpp"

#include <algorithm>

namespace c2d::asset {
namespace {

using json::Value;

constexpr std::uint64_t kPartyMax = 15;
constexpr std::string_view kMembers[] = {"job_id", "party", "output", "sha256", "binding", "dt", "receipt"};
constexpr std::string_view kExpected = "job_id, party, output, sha256, binding, dt and receipt";

Result<Bytes32> digest_at(const Value& origin, std::string_view name) {
    const Value* const given = origin.find(name);
    const auto out = parse_bytes32(given && given->is_string() ? given->text() : std::string());
    if (out) return *out;
    return fail(Status::INVALID_ARGUMENT, "attributes.origin.{}: expected 0x and 64 hexadecimal digits", name);
}

Result<std::uint64_t> number_at(const Value& origin, std::string_view name, std::uint64_t max) {
    const Value* const given = origin.find(name);
    const auto out = given ? given->as_uint() : std::nullopt;
    if (out && *out <= max) return *out;
    return fail(Status::INVALID_ARGUMENT, "attributes.origin.{}: expected a whole number of at most {}", name, max);
}

Result<Unit> check_members(const Value& origin) {
    if (!origin.is_object())
        return fail(Status::INVALID_ARGUMENT, "attributes.origin: expected an object with {}, found {}", kExpected,
                    display_text(json::compact(origin)));
    for (const auto& [name, value] : origin.members())
        if (std::ranges::find(kMembers, name) == std::end(kMembers))
            return fail(Status::INVALID_ARGUMENT, "attributes.origin: expected {}, found \"{}\"", kExpected,
                        display_text(name));
    return Unit{};
}

/// What it says of the ledger.
Result<Unit> read_proof(const Value& origin, ArtifactOrigin& out) {
    const auto dt = parse_token(origin.text_at({"dt"}));
    if (!dt)
        return fail(Status::INVALID_ARGUMENT, "attributes.origin.dt: expected a data token of the run, found \"{}\"",
                    display_text(origin.text_at({"dt"})));
    const Value* const receipt = origin.find("receipt");
    if (!receipt || !receipt->is_object())
        return fail(
            Status::INVALID_ARGUMENT,
            "attributes.origin.receipt: expected the opened member \"artifacts\" of the run's receipt, found {}",
            receipt ? display_text(json::compact(*receipt)) : "none");
    out.dt = *dt;
    out.receipt_json = json::compact(*receipt);
    return Unit{};
}

}  // namespace

Result<ArtifactOrigin> read_origin_value(const Value& origin) {
    C2D_CHECK(check_members(origin));
    ArtifactOrigin out;
    C2D_TRY(out.job_id, number_at(origin, "job_id", UINT64_MAX));
    C2D_TRY(const auto party, number_at(origin, "party", kPartyMax));
    out.party = unsigned(party);
    out.output = origin.text_at({"output"});
    if (!is_plain_name(out.output))
        return fail(Status::INVALID_ARGUMENT, "attributes.origin.output: expected the name of an output, found {}",
                    display_text(out.output));
    C2D_TRY(out.sha256, digest_at(origin, "sha256"));
    C2D_TRY(out.binding, digest_at(origin, "binding"));
    C2D_CHECK(read_proof(origin, out));
    return out;
}

Result<std::optional<ArtifactOrigin>> origin_of(const Value& attributes) {
    const Value* const origin = attributes.find("origin");
    if (!origin) return std::optional<ArtifactOrigin>();
    C2D_TRY(auto out, read_origin_value(*origin));
    return std::optional(std::move(out));
}

std::vector<ArtifactOrigin> origins_of(const std::vector<Service>& services) {
    std::vector<ArtifactOrigin> out;
    for (const auto& service : services)
        if (auto origin = origin_of(service.attributes); origin && *origin) out.push_back(**std::move(origin));
    return out;
}

}  // namespace c2d::asset
