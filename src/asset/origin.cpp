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
constexpr std::string_view kMembers[] = {"job_id", "party", "output", "sha256", "binding"};

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

}  // namespace

Result<std::optional<ArtifactOrigin>> origin_of(const Value& attributes) {
    const Value* const origin = attributes.find("origin");
    if (!origin) return std::optional<ArtifactOrigin>();
    if (!origin->is_object())
        return fail(Status::INVALID_ARGUMENT,
                    "attributes.origin: expected an object with job_id, party, output, sha256 and binding, found {}",
                    display_text(json::compact(*origin)));
    for (const auto& [name, value] : origin->members())
        if (std::ranges::find(kMembers, name) == std::end(kMembers))
            return fail(Status::INVALID_ARGUMENT,
                        "attributes.origin: expected job_id, party, output, sha256 and binding, found \"{}\"",
                        display_text(name));
    ArtifactOrigin out;
    C2D_TRY(out.job_id, number_at(*origin, "job_id", UINT64_MAX));
    C2D_TRY(const auto party, number_at(*origin, "party", kPartyMax));
    out.party = unsigned(party);
    out.output = origin->text_at({"output"});
    if (!is_plain_name(out.output))
        return fail(Status::INVALID_ARGUMENT, "attributes.origin.output: expected the name of an output, found {}",
                    display_text(out.output));
    C2D_TRY(out.sha256, digest_at(*origin, "sha256"));
    C2D_TRY(out.binding, digest_at(*origin, "binding"));
    return std::optional(std::move(out));
}

}  // namespace c2d::asset
