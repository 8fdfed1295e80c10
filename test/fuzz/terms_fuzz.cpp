// Terms that others wrote: "[constraint, arguments]" as JSON. Whatever they are, the check ends
// within its effort, and what it accepts holds.
#include "fuzz/fuzz.hpp"

#include "asset/schema.hpp"
#include "asset/terms.hpp"

using namespace c2d;
using fuzz::require;

namespace {

constexpr std::uint64_t kSteps = std::uint64_t(1) << 22;

/// A pattern of letters and digits alone means itself.
void check_literal(const json::Value& expression, const json::Value& text) {
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    if (!expression.is_string() || !text.is_string()) return;
    for (const char c : expression.text())
        if (!plain(c)) return;
    asset::Effort effort(kSteps);
    const auto pattern = effort.pattern(expression.text());
    if (pattern)
        require(pattern->matches(text.text()) == (expression.text() == text.text()),
                "a pattern without operators fits its own text alone");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto parsed = json::parse(fuzz::text_of(data, size));
    if (!parsed || parsed->items().size() != 2) return 0;
    const auto &outer = parsed->items()[0], &inner = parsed->items()[1];
    asset::Effort effort(kSteps);
    const auto verdict = asset::narrows(outer, inner, "", effort);
    require(!verdict.refused() || !verdict.expected.empty(), "a refusal says what was expected");
    if (effort.is_spent()) {
        require(verdict.refused(), "what was not checked to its end is not accepted");
        return 0;
    }
    asset::Effort again(kSteps);
    require(asset::narrows(outer, inner, "", again).reason == verdict.reason, "a verdict stands");
    if (asset::is_schema(outer))
        if (const auto* expression = outer.find("$schema")->find("pattern")) check_literal(*expression, inner);
    return 0;
}
