#include "asset/effort.hpp"

#include "base/try.hpp"

namespace c2d::asset {

namespace {

/// To parse an expression and to write its program, beside the program's size.
constexpr std::uint64_t kCompileSteps = 50'000;
/// Compiled expressions hold up to `kPatternMemoryMax` each, so few are kept.
constexpr std::size_t kPatternsKept = 64;

}  // namespace

bool Effort::spend(std::uint64_t steps) noexcept {
    if (steps > left_) spent_ = true;
    if (!spent_) left_ -= steps;
    return !spent_;
}

Result<Pattern> Effort::pattern(const std::string& expression) {
    if (const auto kept = patterns_.find(expression); kept != patterns_.end()) return kept->second;
    spend(kCompileSteps);
    C2D_TRY(auto compiled, Pattern::compile(expression));
    spend(compiled.program_size() * 64);
    if (patterns_.size() == kPatternsKept) patterns_.clear();
    patterns_.emplace(expression, compiled);
    return compiled;
}

}  // namespace c2d::asset
