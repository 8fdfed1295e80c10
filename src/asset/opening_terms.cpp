#include "asset/opening_terms.hpp"

#include "asset/values.hpp"
#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"

#include <algorithm>

namespace c2d::asset {
namespace {

using json::Value;

constexpr double kMinimumMax = 1 << 28;
constexpr std::string_view kReveals[] = {"results", "any"};

std::string found(const Value& value) { return display_text(json::compact(value)); }

Result<std::size_t> count_of(std::string_view name, const Value& value) {
    const double number = value.is_number() ? value.number() : 0;
    if (!(number >= 1 && number <= kMinimumMax) || number != static_cast<double>(static_cast<std::size_t>(number)))
        return fail(Status::INVALID_ARGUMENT, "attributes.minimum.{}: expected a whole number from 1 to 2^28, found {}",
                    name, found(value));
    return static_cast<std::size_t>(number);
}

Result<Unit> read_minimum(const Value& minimum, mpc::OpeningRules& out) {
    if (!minimum.is_object())
        return fail(
            Status::INVALID_ARGUMENT,
            "attributes.minimum: expected an object with rows, positives, negatives or weight_share_max, found {}",
            found(minimum));
    for (const auto& [name, value] : minimum.members()) {
        if (name == "rows") {
            C2D_TRY(out.rows, count_of(name, value));
        } else if (name == "positives") {
            C2D_TRY(out.positives, count_of(name, value));
        } else if (name == "negatives") {
            C2D_TRY(out.negatives, count_of(name, value));
        } else if (name == "weight_share_max") {
            out.weight_share_max = value.is_number() ? value.number() : 0;
            if (!(out.weight_share_max > 0 && out.weight_share_max <= 1))
                return fail(Status::INVALID_ARGUMENT,
                            "attributes.minimum.weight_share_max: expected a number in (0, 1], found {}", found(value));
        } else {
            return fail(Status::INVALID_ARGUMENT,
                        "attributes.minimum: expected rows, positives, negatives or weight_share_max, found \"{}\"",
                        display_text(name));
        }
    }
    // Of many rows that are asked for none may stand for all of them in a sum with weights.
    if (!minimum.find("weight_share_max")) out.weight_share_max = 1.0 / static_cast<double>(out.rows);
    return Unit{};
}

}  // namespace

Result<mpc::OpeningRules> opening_rules_of(const Value& attributes) {
    mpc::OpeningRules out;
    if (const Value* minimum = attributes.find("minimum")) C2D_CHECK(read_minimum(*minimum, out));
    const Value* const release = attributes.find("release");
    const Value* const reveal = release ? release->find("reveal") : nullptr;
    if (!reveal) return out;
    if (!reveal->is_string() || std::ranges::find(kReveals, reveal->text()) == std::end(kReveals))
        return fail(Status::INVALID_ARGUMENT, "attributes.release.reveal: expected \"results\" or \"any\", found {}",
                    found(*reveal));
    out.reveal_any = reveal->text() == "any";
    return out;
}

bool guards_openings(const Value& attributes) {
    const auto rules = opening_rules_of(attributes);
    return rules && !rules->reveal_any && (rules->rows > 1 || rules->positives > 1 || rules->negatives > 1);
}

}  // namespace c2d::asset
