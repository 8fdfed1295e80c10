#include "asset/runtime_terms.hpp"

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"

#include <algorithm>

namespace c2d::asset {
namespace {

using json::Value;

/// More than releases that anybody keeps.
constexpr std::size_t kRuntimesMax = 16, kVersionBytesMax = 64;

Error wrong(std::string_view expected, const Value& found) {
    return fail(Status::INVALID_ARGUMENT, "attributes.runtime: expected {}, found {}", expected,
                display_text(json::compact(found)));
}

bool is_version(const Value& value) {
    const auto is_plain = [](char c) { return c > ' ' && c <= '~'; };
    return value.is_string() && !value.text().empty() && value.text().size() <= kVersionBytesMax &&
           std::ranges::all_of(value.text(), is_plain);
}

Result<AcceptedRuntime> runtime_of(const Value& entry) {
    if (!entry.is_object() || entry.members().empty())
        return wrong("objects with version, library_sha256 or package_sha256", entry);
    AcceptedRuntime out;
    for (const auto& [name, value] : entry.members()) {
        if (name == "version" && is_version(value)) {
            out.version = value.text();
            continue;
        }
        const bool of_library = name == "library_sha256";
        const auto digest = value.is_string() ? parse_bytes32(value.text()) : Result<Bytes32>(wrong("a digest", value));
        if ((!of_library && name != "package_sha256") || !digest)
            return wrong(
                "version, a text of 1 to 64 characters, library_sha256 or package_sha256, each 0x and 64 digits",
                entry);
        (of_library ? out.library_sha256 : out.package_sha256) = *digest;
    }
    return out;
}

}  // namespace

Result<std::vector<AcceptedRuntime>> runtime_terms_of(const Value& attributes) {
    std::vector<AcceptedRuntime> out;
    const Value* const given = attributes.find("runtime");
    if (!given) return out;
    if (!given->is_array() || given->items().empty() || given->items().size() > kRuntimesMax)
        return wrong("a list of 1 to 16 objects", *given);
    for (const auto& entry : given->items()) {
        C2D_TRY(auto runtime, runtime_of(entry));
        out.push_back(std::move(runtime));
    }
    return out;
}

}  // namespace c2d::asset
