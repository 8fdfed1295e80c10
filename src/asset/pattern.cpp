#include "asset/pattern.hpp"

#include "base/fail.hpp"

#include <re2/re2.h>

namespace c2d::asset {

Pattern::Pattern(std::shared_ptr<const re2::RE2> program)
    : program_(std::move(program)), program_size_(std::size_t(program_->ProgramSize())) {}

Result<Pattern> Pattern::compile(std::string_view expression) {
    if (expression.size() > kPatternBytesMax)
        return fail(Status::INVALID_ARGUMENT, "a pattern may have {} bytes, found {}",
                    kPatternBytesMax, expression.size());
    re2::RE2::Options options;  // UTF-8 is RE2's default
    options.set_log_errors(false);
    options.set_never_capture(true);
    options.set_max_mem(kPatternMemoryMax);
    auto program = std::make_shared<const re2::RE2>(expression, options);
    if (!program->ok())
        return fail(Status::INVALID_ARGUMENT, "no pattern of RE2's: {}", program->error());
    return Pattern(std::move(program));
}

bool Pattern::matches(std::string_view text) const { return re2::RE2::FullMatch(text, *program_); }

}  // namespace c2d::asset
