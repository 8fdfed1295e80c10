#include "base/opening_rules.hpp"

#include "base/fail.hpp"

#include <algorithm>
#include <charconv>

namespace c2d::mpc {
namespace {

constexpr std::size_t kMinimumMax = std::size_t{1} << 28;

/// The next word of `text` as a number that it is all of.
template <class Number>
bool take(std::string_view& text, Number& out) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), out);
    return code == std::errc() && end == word.data() + word.size();
}

}  // namespace

Result<Unit> check_rules(const OpeningRules& rules) {
    if (!(rules.weight_share_max > 0 && rules.weight_share_max <= 1))
        return fail(Status::INVALID_ARGUMENT, "weight_share_max must lie in (0, 1], found {}", rules.weight_share_max);
    const AlignmentRules& alignment = rules.alignment;
    if (alignment.modes > 7 || alignment.rows_max > kMinimumMax || alignment.common_min > kMinimumMax ||
        !(alignment.common_share_min >= 0 && alignment.common_share_min <= 1))
        return fail(Status::INVALID_ARGUMENT, "of alignments: modes up to 7, numbers up to {} and a share in [0, 1]",
                    kMinimumMax);
    if (rules.score_rows_max > kMinimumMax)
        return fail(Status::INVALID_ARGUMENT, "score_rows_max is at most {}, found {}", kMinimumMax,
                    rules.score_rows_max);
    if (std::max({rules.rows, rules.positives, rules.negatives}) > kMinimumMax)
        return fail(Status::INVALID_ARGUMENT, "a minimum of rows is at most {}", kMinimumMax);
    if (rules.label_counts > kLabelCountsMax)
        return fail(Status::INVALID_ARGUMENT, "label_counts is at most {}, found {}", kLabelCountsMax,
                    rules.label_counts);
    if (rules.reason_codes > kReasonCodesMax)
        return fail(Status::INVALID_ARGUMENT, "reason_codes is at most {}, found {}", kReasonCodesMax,
                    rules.reason_codes);
    return Unit{};
}

std::string rules_text(const OpeningRules& rules) {
    const AlignmentRules& alignment = rules.alignment;
    return fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {} {}", rules.rows, rules.positives, rules.negatives,
                       rules.weight_share_max, rules.reveal_any ? 1 : 0, alignment.modes, alignment.rows_max,
                       alignment.common_min, alignment.common_share_min, rules.label_counts,
                       static_cast<int>(rules.scores), rules.score_rows_max, rules.reason_codes,
                       rules.coefficients ? 1 : 0);
}

std::optional<OpeningRules> rules_from(std::string_view text) {
    OpeningRules out;
    int any = 0, scores = 0, coefficients = 0;
    const bool good = take(text, out.rows) && take(text, out.positives) && take(text, out.negatives) &&
                      take(text, out.weight_share_max) && take(text, any) && take(text, out.alignment.modes) &&
                      take(text, out.alignment.rows_max) && take(text, out.alignment.common_min) &&
                      take(text, out.alignment.common_share_min) && take(text, out.label_counts) &&
                      take(text, scores) && take(text, out.score_rows_max) && take(text, out.reason_codes) &&
                      take(text, coefficients) && text.empty();
    constexpr int kScoresMax = static_cast<int>(ScoresOpened::probabilities);
    const auto is_bit = [](int number) { return number == 0 || number == 1; };
    if (!good || !is_bit(any) || !is_bit(coefficients) || scores < 0 || scores > kScoresMax || !check_rules(out))
        return {};
    out.reveal_any = any == 1;
    out.coefficients = coefficients == 1;
    out.scores = static_cast<ScoresOpened>(scores);
    return out;
}

AlignmentRules strictest(const AlignmentRules& a, const AlignmentRules& b) {
    return {a.modes & b.modes, std::min(a.rows_max, b.rows_max), std::max(a.common_min, b.common_min),
            std::max(a.common_share_min, b.common_share_min)};
}

OpeningRules strictest(const OpeningRules& a, const OpeningRules& b) {
    return {std::max(a.rows, b.rows),
            std::max(a.positives, b.positives),
            std::max(a.negatives, b.negatives),
            std::min(a.weight_share_max, b.weight_share_max),
            a.reveal_any && b.reveal_any,
            strictest(a.alignment, b.alignment),
            std::min(a.label_counts, b.label_counts),
            std::min(a.scores, b.scores),
            std::min(a.score_rows_max, b.score_rows_max),
            std::min(a.reason_codes, b.reason_codes),
            a.coefficients && b.coefficients};
}

}  // namespace c2d::mpc
