#include "base/engine_start.hpp"

#include "base/fail.hpp"

#include <charconv>

namespace c2d {
namespace {

constexpr unsigned kPartiesMax = 3;
constexpr std::string_view kFirstLine = "c2d-engine 1\n";

/// The number in the next line, which is `name`, a blank and the number.
template <class Number>
bool take(std::string_view& text, std::string_view name, Number& out) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.size() == text.size() || !line.starts_with(name) || line.substr(name.size(), 1) != " ") return false;
    const std::string_view value = line.substr(name.size() + 1);
    text.remove_prefix(line.size() + 1);
    const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), out);
    return code == std::errc() && end == value.data() + value.size();
}

}  // namespace

std::string engine_start_text(const EngineStart& start) {
    const mpc::OpeningRules& rules = start.rules;
    return fmt::format("{}party {}\nrows {}\npositives {}\nnegatives {}\nweight_share_max {}\nreveal_any {}\n",
                       kFirstLine, start.party, rules.rows, rules.positives, rules.negatives, rules.weight_share_max,
                       rules.reveal_any ? 1 : 0);
}

Result<EngineStart> engine_start_from(std::string_view text) {
    EngineStart out;
    unsigned any = 0;
    const bool known = text.starts_with(kFirstLine);
    if (known) text.remove_prefix(kFirstLine.size());
    const bool good = known && take(text, "party", out.party) && take(text, "rows", out.rules.rows) &&
                      take(text, "positives", out.rules.positives) && take(text, "negatives", out.rules.negatives) &&
                      take(text, "weight_share_max", out.rules.weight_share_max) && take(text, "reveal_any", any) &&
                      text.empty() && out.party < kPartiesMax && any <= 1;
    if (!good) return fail(Status::INVALID_ARGUMENT, "expected what an engine is started with, found something else");
    out.rules.reveal_any = any == 1;
    return out;
}

}  // namespace c2d
