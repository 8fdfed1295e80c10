#include "codec/written_json.hpp"

#include "base/fail.hpp"
#include "base/mistaken_text.hpp"
#include "base/try.hpp"
#include "base/written_text.hpp"

namespace c2d::json {

Result<Value> parse_written(std::string_view text, Limits limits) {
    C2D_TRY(const auto unmarked, without_mark(text));
    auto value = parse(unmarked, limits);
    const auto first = unmarked.substr(0, unmarked.find_first_not_of(" \t\r\n") + 1);
    const bool is_json = first.ends_with('{') || first.ends_with('[');
    if (value || value.status() != Status::INVALID_ARGUMENT || is_json || found_instead(unmarked).empty()) return value;
    return fail(Status::INVALID_ARGUMENT, "expected JSON text{}", found_instead(unmarked));
}

}  // namespace c2d::json
