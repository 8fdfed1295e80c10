#include "query/column_kinds.hpp"

#include "base/fail.hpp"

namespace c2d::query {

using store::ReadOnlyQuery;
using table::Type;

void ColumnKinds::see(ReadOnlyQuery::Kind kind, std::uint64_t row) {
    const auto first = [row](std::uint64_t& seen) {
        if (seen == 0) seen = row;
    };
    switch (kind) {
        case ReadOnlyQuery::Kind::integer: return first(integer_);
        case ReadOnlyQuery::Kind::number: return first(number_);
        case ReadOnlyQuery::Kind::text: return first(text_);
        case ReadOnlyQuery::Kind::bytes: return first(bytes_);
        case ReadOnlyQuery::Kind::missing: return;
    }
}

Type ColumnKinds::declared_type() const {
    if (declares("BOOL")) return Type::boolean;
    if (declares("DATETIME") || declares("TIMESTAMP")) return Type::datetime;
    if (declares("DATE")) return Type::date;
    if (declares("INT")) return Type::integer;
    for (const char* const word : {"REAL", "FLOA", "DOUB", "NUMERIC", "DECIMAL"})
        if (declares(word)) return Type::number;
    return Type::string;
}

Result<Type> ColumnKinds::type() const {
    const Type declared = declared_type();
    const std::uint64_t numeric = integer_ != 0 ? integer_ : number_;
    if (bytes_ != 0) return fail(Status::INVALID_ARGUMENT, "row {} holds bytes (BLOB), which no table has", bytes_);
    if (text_ != 0 && numeric != 0)
        return fail(Status::INVALID_ARGUMENT,
                    "row {} holds a text, row {} a number; make one type of them, as with CAST(… AS TEXT)", text_,
                    numeric);
    if (text_ != 0) return declared == Type::date || declared == Type::datetime ? declared : Type::string;
    if (number_ != 0) return Type::number;
    if (integer_ == 0) return declared;
    return declared == Type::boolean || declared == Type::number ? declared : Type::integer;
}

}  // namespace c2d::query
