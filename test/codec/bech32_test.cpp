#include "codec/bech32.hpp"

#include <doctest/doctest.h>

using namespace c2d;

TEST_CASE("bech32: refused spellings") {
    const std::string good = "lat15t2w6p56y3auh0kqxl72mkxr5vzmfeqfakqftm";
    REQUIRE(parse_bech32_address("lat", good).ok());
    auto mixed = good;
    mixed[5] = char(std::toupper(mixed[5]));
    auto mixed_prefix = good;
    mixed_prefix[0] = 'L';
    for (const auto& bad : {mixed, mixed_prefix, good.substr(0, good.size() - 1), good + "q", std::string("lat1"),
                            std::string("lat"), std::string(), std::string("1"), std::string("lat1qqqqq"),
                            std::string(5000, 'q'), good + " ", "lat" + good.substr(4), std::string("lat15t2w\xff")})
        CHECK_MESSAGE(parse_bech32_address("lat", bad).status() == Status::INVALID_ARGUMENT, bad);
    CHECK(!parse_bech32_address("lax", good).ok());
    CHECK(!parse_bech32_address("", good).ok());
}

// The code finds every error of up to four characters; here each single one.
TEST_CASE("bech32: every single wrong character is noticed") {
    Address address;
    for (std::size_t i = 0; i < 20; ++i) address.data[i] = std::uint8_t(i * 13);
    const auto text = bech32_address("atp", address);
    CHECK(parse_bech32_address("atp", text).value_or({}) == address);
    for (std::size_t i = 4; i < text.size(); ++i)
        for (const char c : std::string("qpzry9x8gf2tvdw0s3jn54khce6mua7l1b")) {
            auto wrong = text;
            wrong[i] = c;
            CHECK(parse_bech32_address("atp", wrong).ok() == (wrong == text));
        }
}
