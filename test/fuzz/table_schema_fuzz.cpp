#include "fuzz/fuzz.hpp"

#include <c2d/table.hpp>

using namespace c2d;
using namespace c2d::table;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto schema = parse_schema(fuzz::text_of(data, size));
    if (!schema.ok()) {
        require(schema.status() == Status::INVALID_ARGUMENT || schema.status() == Status::LIMIT,
                "what is no schema is refused");
        return 0;
    }
    require(!schema->fields.empty() && schema->fields.size() <= kColumnsMax, "a schema has a bounded number of fields");
    const auto again = parse_schema(schema_json(*schema));
    require(again.ok() && *again == *schema, "what is written reads back as the same");
    require(schema_digest(*again) == schema_digest(*schema), "and has the same digest");
    return 0;
}
