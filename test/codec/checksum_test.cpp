#include "codec/checksum.hpp"
#include "crypto/hash.hpp"

#include <doctest/doctest.h>

using namespace c2d;

namespace {

json::Value read(std::string_view text) {
    auto value = json::parse(text);
    REQUIRE(value.ok());
    return *std::move(value);
}

}  // namespace

TEST_CASE("checksum: both schemes leave out `proof`, and only on top") {
    const auto with = read(R"({"b":{"proof":1},"proof":{"checksum":"x"},"a":1})");
    const auto without = read(R"({"a":1,"b":{"proof":1}})");
    REQUIRE(checksum_jcs(with).ok());
    CHECK(*checksum_jcs(with) == *checksum_jcs(without));
    CHECK(*checksum_jcs(with) == sha3_256(as_bytes(R"({"a":1,"b":{"proof":1}})")));
    CHECK(checksum_legacy(with) == checksum_legacy(without));
    CHECK(*checksum_jcs(read(R"({"a":1,"b":{}})")) != *checksum_jcs(without));
    CHECK(checksum_legacy(read(R"({"a":1,"b":{}})")) != checksum_legacy(without));
}

TEST_CASE("checksum: jcs tells programs apart that the legacy scheme cannot") {
    const auto honest = read(R"json({"operation":"if x:\n  y()\nz()"})json");
    const auto evil = read(R"json({"operation":"if x:\n  y()\n  z()"})json");
    CHECK(checksum_legacy(honest) == checksum_legacy(evil));
    CHECK(*checksum_jcs(honest) != *checksum_jcs(evil));
}

TEST_CASE("checksum: jcs refuses what has no canonical form, legacy keeps the digits") {
    const auto big = read(R"({"x":9007199254740993})");
    CHECK(checksum_jcs(big).status() == Status::INVALID_ARGUMENT);
    CHECK(legacy_canonical(big) == R"({"x":9007199254740993})");
}

TEST_CASE("checksum: legacy keys are sorted with their spaces") {
    CHECK(legacy_canonical(read(R"({"aa":2,"a b":1})")) == R"({"ab":1,"aa":2})");
    CHECK(legacy_canonical(read(R"({"x":9999999e305,"y":1e-400})")) == R"({"x":Infinity,"y":0.0})");
}

TEST_CASE("checksum: the stored text is sorted everywhere and not escaped") {
    CHECK(legacy_stored_text(read("{\"l\":[[{\"b\":1.50,\"a\":\"é x\x7f\"}]],\"a b\":1e-7}")) ==
          "{\"a b\":1e-07,\"l\":[[{\"a\":\"é x\x7f\",\"b\":1.5}]]}");
}
