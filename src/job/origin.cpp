#include "asset/origin.hpp"

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/written_json.hpp"
#include "job/values.hpp"

#include <c2d/job_receipt.hpp>
#include <c2d/reason.hpp>

#include <algorithm>

namespace c2d {

using json::Value;

namespace {

Error invalid(const ArtifactOrigin& origin, std::string_view expected, std::string_view found) {
    Error error = fail(Status::REFUSED, "origin of \"{}\", job {} party {}: expected {}, found {}", origin.output,
                       origin.job_id, origin.party, expected, found);
    error.name = reason_name(Reason::origin_invalid);
    return error;
}

/// What the ledger has under the origin's data token is the receipt that was opened, by the token's owner, of a run
/// that succeeded.
Result<Unit> confirm_posted(const ArtifactOrigin& origin, const OpenedMember& opened, const Address& owner,
                            const Chain& chain) {
    const auto posted = chain.job_receipt(origin.job_id, origin.dt);
    if (posted.status() == Status::NOT_FOUND || posted.status() == Status::UNSUPPORTED)
        return invalid(origin, "a receipt on the ledger for " + token_text(origin.dt), posted.error().message);
    if (!posted) return posted.error();
    if (posted->digest != opened.digest)
        return invalid(origin, "the receipt " + hex_text(posted->digest) + " that the ledger has",
                       hex_text(opened.digest));
    if (posted->owner != owner)
        return invalid(origin, "a receipt by " + address_text(owner), "one by " + address_text(posted->owner));
    if (posted->outcome != ReceiptOutcome::succeeded)
        return invalid(origin, "a run that succeeded", receipt_outcome_name(posted->outcome));
    return Unit{};
}

bool names(const Value& artifact, const ArtifactOrigin& origin) {
    return artifact.text_at({"name"}) == origin.output && artifact.text_at({"sha256"}) == hex_text(origin.sha256) &&
           artifact.text_at({"binding"}) == hex_text(origin.binding);
}

}  // namespace

Result<Unit> confirm_origin(const ArtifactOrigin& origin, const Address& owner, const Chain& chain) {
    const auto opened = read_opened_member(origin.receipt_json);
    if (!opened) return invalid(origin, "an opened member of a receipt", opened.error().message);
    if (opened->job_id != origin.job_id || opened->name != "artifacts")
        return invalid(origin, fmt::format("the member artifacts of a receipt of job {}", origin.job_id),
                       fmt::format("{} of job {}", display_text(opened->name), opened->job_id));
    C2D_CHECK(confirm_posted(origin, *opened, owner, chain));
    C2D_TRY(const auto artifacts, json::parse(opened->value_json, {kOpenedMemberBytesMax, 32}));
    if (artifacts.is_array() &&
        std::ranges::any_of(artifacts.items(), [&](const Value& one) { return names(one, origin); }))
        return Unit{};
    return invalid(origin,
                   fmt::format("an artifact with the digest {} and the binding {} in the receipt",
                               hex_text(origin.sha256), hex_text(origin.binding)),
                   display_text(opened->value_json));
}

Result<ArtifactOrigin> read_origin(std::string_view origin_json) {
    C2D_TRY(const auto value, json::parse_written(origin_json, {kOpenedMemberBytesMax, 64}));
    return asset::read_origin_value(value);
}

}  // namespace c2d
