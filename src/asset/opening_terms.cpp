#include "asset/opening_terms.hpp"

#include "asset/values.hpp"
#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/opening_rules.hpp"
#include "base/try.hpp"

#include <algorithm>
#include <cmath>

namespace c2d::asset {
namespace {

using json::Value;

constexpr double kMinimumMax = 1 << 28;
constexpr std::string_view kReveals[] = {"results", "any"};
/// By the number of `ScoresOpened`.
constexpr std::string_view kScores[] = {"none", "points", "probabilities"};

std::string found(const Value& value) { return display_text(json::compact(value)); }

Result<std::size_t> count_of(std::string_view name, const Value& value) {
    const double number = value.is_number() ? value.number() : 0;
    if (!(number >= 1 && number <= kMinimumMax) || number != static_cast<double>(static_cast<std::size_t>(number)))
        return fail(Status::INVALID_ARGUMENT, "{}: expected a whole number from 1 to 2^28, found {}", name,
                    found(value));
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
            C2D_TRY(out.rows, count_of("attributes.minimum.rows", value));
        } else if (name == "positives") {
            C2D_TRY(out.positives, count_of("attributes.minimum.positives", value));
        } else if (name == "negatives") {
            C2D_TRY(out.negatives, count_of("attributes.minimum.negatives", value));
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

/// Names of modes, in the order of their bits.
constexpr std::string_view kModes[] = {"helper", "two_party", "hidden"};

Result<unsigned> modes_of(const Value& value) {
    unsigned out = 0;
    bool good = value.is_array() && !value.items().empty();
    for (std::size_t i = 0; good && i < value.items().size(); ++i) {
        const Value& item = value.items()[i];
        const auto* const mode = item.is_string() ? std::ranges::find(kModes, item.text()) : std::end(kModes);
        good = mode != std::end(kModes);
        if (good) out |= 1u << (mode - std::begin(kModes));
    }
    if (!good)
        return fail(Status::INVALID_ARGUMENT,
                    "attributes.alignment.modes: expected a list of \"helper\", \"two_party\" and \"hidden\", found {}",
                    found(value));
    return out;
}

Result<Unit> read_alignment(const Value& alignment, mpc::AlignmentRules& out) {
    if (!alignment.is_object() || !alignment.find("modes"))
        return fail(
            Status::INVALID_ARGUMENT,
            "attributes.alignment: expected an object with modes, and rows_max, common_min or common_share_min, "
            "found {}",
            found(alignment));
    for (const auto& [name, value] : alignment.members()) {
        if (name == "modes") {
            C2D_TRY(out.modes, modes_of(value));
        } else if (name == "rows_max") {
            C2D_TRY(out.rows_max, count_of("attributes.alignment.rows_max", value));
        } else if (name == "common_min") {
            C2D_TRY(out.common_min, count_of("attributes.alignment.common_min", value));
        } else if (name == "common_share_min") {
            out.common_share_min = value.is_number() ? value.number() : -1;
            if (!(out.common_share_min >= 0 && out.common_share_min <= 1))
                return fail(Status::INVALID_ARGUMENT,
                            "attributes.alignment.common_share_min: expected a number from 0 to 1, found {}",
                            found(value));
        } else {
            return fail(Status::INVALID_ARGUMENT,
                        "attributes.alignment: expected modes, rows_max, common_min or common_share_min, found \"{}\"",
                        display_text(name));
        }
    }
    return Unit{};
}

Result<std::size_t> count_up_to(std::string_view name, const Value& value, std::size_t most) {
    const double number = value.is_number() ? value.number() : -1;
    if (!(number >= 0 && number <= static_cast<double>(most)) || number != std::floor(number))
        return fail(Status::INVALID_ARGUMENT, "{}: expected a whole number from 0 to {}, found {}", name, most,
                    found(value));
    return static_cast<std::size_t>(number);
}

/// What of scores and of the model itself is opened.
Result<Unit> read_score_release(const Value& release, mpc::OpeningRules& out) {
    if (const Value* const scores = release.find("scores")) {
        const auto named = std::ranges::find(kScores, scores->is_string() ? scores->text() : std::string_view());
        if (named == std::end(kScores))
            return fail(Status::INVALID_ARGUMENT,
                        "attributes.release.scores: expected \"none\", \"points\" or \"probabilities\", found {}",
                        found(*scores));
        out.scores = static_cast<mpc::ScoresOpened>(named - std::begin(kScores));
    }
    if (const Value* const rows = release.find("score_rows_max")) {
        C2D_TRY(out.score_rows_max, count_of("attributes.release.score_rows_max", *rows));
    }
    if (const Value* const codes = release.find("reason_codes")) {
        C2D_TRY(out.reason_codes, count_up_to("attributes.release.reason_codes", *codes, mpc::kReasonCodesMax));
    }
    if (const Value* const coefficients = release.find("coefficients")) {
        if (!coefficients->is_bool())
            return fail(Status::INVALID_ARGUMENT, "attributes.release.coefficients: expected true or false, found {}",
                        found(*coefficients));
        out.coefficients = coefficients->boolean();
    }
    return Unit{};
}

Result<Unit> read_release(const Value& release, mpc::OpeningRules& out) {
    if (const Value* const counts = release.find("label_counts")) {
        C2D_TRY(out.label_counts, count_up_to("attributes.release.label_counts", *counts, mpc::kLabelCountsMax));
    }
    C2D_CHECK(read_score_release(release, out));
    const Value* const reveal = release.find("reveal");
    if (!reveal) return Unit{};
    if (!reveal->is_string() || std::ranges::find(kReveals, reveal->text()) == std::end(kReveals))
        return fail(Status::INVALID_ARGUMENT, "attributes.release.reveal: expected \"results\" or \"any\", found {}",
                    found(*reveal));
    out.reveal_any = reveal->text() == "any";
    return Unit{};
}

}  // namespace

Result<mpc::OpeningRules> opening_rules_of(const Value& attributes) {
    mpc::OpeningRules out;
    if (const Value* minimum = attributes.find("minimum")) C2D_CHECK(read_minimum(*minimum, out));
    // A table says how it may be matched with others, or it is not; who has no table keeps nothing from that.
    // A model is no table.
    if (attributes.find("path") && !attributes.find("origin")) out.alignment.modes = 0;
    if (const Value* alignment = attributes.find("alignment")) C2D_CHECK(read_alignment(*alignment, out.alignment));
    const Value* const release = attributes.find("release");
    if (release) C2D_CHECK(read_release(*release, out));
    return out;
}

Result<std::uint64_t> models_max_of(const Value& attributes) {
    if (!attributes.find("path") || attributes.find("origin")) return std::uint64_t(0);
    if (const Value* const given = attributes.find("models_max")) return count_of("attributes.models_max", *given);
    constexpr std::uint64_t kColumnsForEachModel = 4;
    const Value* const fields = attributes.at({"schema", "fields"});
    std::uint64_t columns = 0;
    if (fields && fields->is_array())
        columns = std::uint64_t(std::ranges::count_if(
            fields->items(), [](const Value& field) { return field.text_at({"role"}) == "feature"; }));
    return std::max<std::uint64_t>(1, columns / kColumnsForEachModel);
}

bool guards_openings(const Value& attributes) {
    const auto rules = opening_rules_of(attributes);
    return rules && !rules->reveal_any && (rules->rows > 1 || rules->positives > 1 || rules->negatives > 1);
}

}  // namespace c2d::asset
