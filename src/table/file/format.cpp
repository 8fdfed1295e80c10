#include "table/file/format.hpp"

#include "table/date.hpp"

namespace c2d::table {

Schema table_file_schema(const Schema& schema) {
    Schema out;
    for (const Field& field : schema.fields) {
        Field kept{field.name, field.type, field.role};
        kept.title = field.title;
        kept.description = field.description;
        kept.constraints = field.constraints;
        out.fields.push_back(std::move(kept));
    }
    return out;
}

const char* value_problem(Type type, std::int64_t value) noexcept {
    static const std::int64_t first_day = *days_of(0, 1, 1), end_day = *days_of(9999, 12, 31) + 1;
    constexpr std::int64_t kDay = std::int64_t{86'400} * 1'000'000;
    switch (type) {
        case Type::boolean: return value == 0 || value == 1 ? nullptr : "a truth value that is neither 0 nor 1";
        case Type::date: return value >= first_day && value < end_day ? nullptr : "a date outside the years 0 to 9999";
        case Type::datetime:
            return value >= first_day * kDay && value < end_day * kDay ? nullptr : "a time outside the years 0 to 9999";
        default: return nullptr;
    }
}

}  // namespace c2d::table
