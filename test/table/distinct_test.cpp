#include "table/profile/distinct.hpp"
#include "table/value_hash.hpp"

#include <c2d/table.hpp>

#include <doctest/doctest.h>

using namespace c2d::table;

TEST_CASE("distinct: exact up to 10,000, within 7 % beyond, and it says which") {
    DistinctBudget budget;
    for (const std::uint64_t count : {0, 1, 100, 10000, 10001, 100000, 1000000}) {
        Distinct distinct(budget);
        for (int pass = 0; pass < 2; ++pass)
            for (std::uint64_t i = 0; i < count; ++i) distinct.add(hash_of(i));
        CHECK(distinct.exact() == (count <= kDistinctExactMax));
        if (distinct.exact())
            CHECK(distinct.count() == count);
        else
            CHECK(double(distinct.count()) == doctest::Approx(double(count)).epsilon(0.07));
    }
}

TEST_CASE("distinct: without budget it estimates early") {
    DistinctBudget budget{1024};
    Distinct distinct(budget);
    for (std::uint64_t i = 0; i < 5000; ++i) distinct.add(hash_of(i));
    CHECK_FALSE(distinct.exact());
    CHECK(double(distinct.count()) == doctest::Approx(5000).epsilon(0.07));
    CHECK(budget.left == 1024);
}
