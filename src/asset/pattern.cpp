#include "asset/pattern.hpp"

#include "base/fail.hpp"

#include <re2/re2.h>
#include <re2/stringpiece.h>

#include <algorithm>

namespace c2d::asset {

namespace {
/// RE2 before 2023 has a class of its own, later ones take Abseil's, which need not be the standard's.
re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }
}  // namespace

Pattern::Pattern(std::shared_ptr<const re2::RE2> program)
    : program_(std::move(program)), program_size_(std::size_t(program_->ProgramSize())) {}

Result<Pattern> Pattern::compile(std::string_view expression) {
    if (expression.size() > kPatternBytesMax)
        return fail(Status::INVALID_ARGUMENT, "a pattern may have {} bytes, found {}", kPatternBytesMax,
                    expression.size());
    re2::RE2::Options options;  // UTF-8 is RE2's default
    options.set_log_errors(false);
    options.set_never_capture(true);
    options.set_max_mem(kPatternMemoryMax);
    auto program = std::make_shared<const re2::RE2>(piece(expression), options);
    if (!program->ok()) return fail(Status::INVALID_ARGUMENT, "no pattern of RE2's: {}", program->error());
    return Pattern(std::move(program));
}

bool Pattern::matches(std::string_view text) const { return re2::RE2::FullMatch(piece(text), *program_); }

namespace {

/// Steps over what stands for itself or for one character; false: the next character is an operator or plain.
bool skip_quoted(std::string_view& rest) {
    if (rest.starts_with("\\Q")) {
        const auto end = rest.find("\\E");
        rest.remove_prefix(end == rest.npos ? rest.size() : end + 2);
        return true;
    }
    if (rest.starts_with("\\")) {
        const bool named = rest.size() > 2 && std::string_view("pPx").find(rest[1]) != rest.npos && rest[2] == '{';
        const auto end = named ? rest.find('}') : 1;
        rest.remove_prefix(std::min(rest.size(), end == rest.npos ? rest.size() : end + 1));
        return true;
    }
    if (!rest.starts_with('[')) return false;
    rest.remove_prefix(rest.starts_with("[^") ? 2 : 1);
    for (bool first = true; !rest.empty() && (first || rest[0] != ']'); first = false) {
        const auto end = rest.starts_with("[:") ? rest.find(":]") : rest.npos;
        if (end != rest.npos)
            rest.remove_prefix(end + 2);
        else if (rest[0] != '\\' || !skip_quoted(rest))
            rest.remove_prefix(1);
    }
    rest.remove_prefix(std::min<std::size_t>(rest.size(), 1));
    return true;
}

}  // namespace

bool bounds_length(std::string_view expression) {
    for (auto rest = expression; !rest.empty();) {
        if (skip_quoted(rest)) continue;
        if (rest[0] == '*' || rest[0] == '+') return false;
        if (rest[0] == '{') {
            const auto end = std::min(rest.find_first_not_of("0123456789", 1), rest.size());
            if (end > 1 && rest.substr(end).starts_with(",}")) return false;
        }
        rest.remove_prefix(1);
    }
    return true;
}

}  // namespace c2d::asset
