#include "ids/joined_ids.hpp"

#include "support/must.hpp"

#include <set>

using namespace c2d;
using mpc::IdColumn;
using mpc::IdRule;
using mpc::IdValues;

namespace {

IdValues values_of(std::initializer_list<std::string_view> all) {
    IdValues out;
    for (const std::string_view value : all) out.add(value);
    return out;
}

std::string joined(JoinedIds& ids, std::size_t row) {
    Bytes out;
    CHECK(ids.append(row, out) == IdProblem::none);
    return std::string(as_text(out));
}

std::string refusal(const std::vector<IdColumn>& columns) {
    auto ids = JoinedIds::open(columns, {});
    return ids.ok() ? "" : ids.error().message;
}

}  // namespace

TEST_CASE("columns are joined by length") {
    const IdValues first = values_of({"ab", "a", "abc"}), second = values_of({"c", "bc", "\x01"});
    JoinedIds ids = support::must(JoinedIds::open(std::vector{first.view(), second.view()}, {}));
    CHECK(ids.rows() == 3);
    CHECK(ids.columns() == 2);
    std::set<std::string> all;
    for (std::size_t row = 0; row < 3; ++row) all.insert(joined(ids, row));
    CHECK(all.size() == 3);
    CHECK(joined(ids, 0) == std::string("\x02\0\0\0ab\x01\0\0\0c", 11));
}

TEST_CASE("a problem names its column") {
    const IdValues first = values_of({"a", "b"}), second = values_of({"c", " "});
    JoinedIds ids = support::must(JoinedIds::open(std::vector{first.view(), second.view()}, {}));
    Bytes out;
    CHECK(ids.append(0, out) == IdProblem::none);
    CHECK(ids.append(1, out) == IdProblem::empty);
    CHECK(ids.bad_column() == 1);
}

TEST_CASE("rows that are alike only after normalising") {
    const IdValues column = values_of({"A1", "a1", "A1"});
    JoinedIds ids = support::must(JoinedIds::open(std::vector{column.view()}, {.fold_case = true}));
    CHECK(joined(ids, 0) == joined(ids, 1));
    CHECK_FALSE(ids.same_raw(0, 1));
    CHECK(ids.same_raw(0, 2));
}

TEST_CASE("columns that do not fit are refused") {
    const IdValues two = values_of({"a", "b"}), three = values_of({"a", "b", "c"});
    CHECK(refusal({two.view()}) == "");
    CHECK(refusal({}) == "ids need 1 to 16 columns, found 0");
    CHECK(refusal(std::vector<IdColumn>(17, two.view())) == "ids need 1 to 16 columns, found 17");
    CHECK(refusal({two.view(), three.view()}) == "id column 1 has 3 rows, expected 2 as in column 0");
    const std::vector<std::uint64_t> falling = {0, 2, 1}, beyond = {0, 1, 3};
    CHECK(refusal({{two.bytes, falling}}) == "id column 0: the offsets must ascend and end within its 2 bytes");
    CHECK(refusal({{two.bytes, beyond}}) == "id column 0: the offsets must ascend and end within its 2 bytes");
}
