#include "base/kept_region.hpp"

#include <doctest/doctest.h>

using namespace c2d;

namespace {

std::vector<KeptRecordBytes> sample() {
    std::vector<KeptRecordBytes> out;
    out.push_back({"model", {}, ClearedBytes(5, 9)});
    out[0].binding.data[0] = 1;
    out.push_back({"scales", {}, {}});
    return out;
}

}  // namespace

TEST_CASE("records are read as they were written, whatever stands behind them") {
    Bytes region(200, 0xff);
    REQUIRE(write_kept_region(sample(), region));
    const auto read = read_kept_region(region);
    REQUIRE(read);
    REQUIRE(read->size() == 2);
    CHECK((*read)[0].name == "model");
    CHECK((*read)[0].binding.data[0] == 1);
    CHECK((*read)[0].bytes == ClearedBytes(5, 9));
    CHECK((*read)[1].bytes.empty());
    CHECK(read_kept_region(Bytes(10))->empty());
}

TEST_CASE("what does not fit is not written, and what is cut off, doubled or no name is none") {
    Bytes small(kept_region_bytes(sample()) - 1);
    CHECK_FALSE(write_kept_region(sample(), small));
    Bytes region(kept_region_bytes(sample()));
    REQUIRE(write_kept_region(sample(), region));
    for (std::size_t left = 0; left < region.size(); ++left)
        CHECK_FALSE(read_kept_region(BytesView(region).first(left)));
    auto twice = sample();
    twice[1].name = "model";
    Bytes doubled(kept_region_bytes(twice));
    REQUIRE(write_kept_region(twice, doubled));
    CHECK_FALSE(read_kept_region(doubled));
    region[1] = '/';
    CHECK_FALSE(read_kept_region(region));
    Bytes huge(kept_region_bytes(sample()));
    REQUIRE(write_kept_region(sample(), huge));
    huge[1 + 5 + 32 + 7] = 0xff;
    CHECK_FALSE(read_kept_region(huge));
}
