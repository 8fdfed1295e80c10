#include "codec/number_text.hpp"
#include "crypto/hash.hpp"

#include <bit>
#include <cmath>
#include <doctest/doctest.h>
#include <limits>

using namespace c2d;

namespace {

struct Sample {
    std::uint64_t bits;
    const char* text;
};

/// 20,000 doubles: all bit patterns, and every second one near the switch between the notations.
template <class Print>
std::string hash_of_many(Print print) {
    std::uint64_t state = 0x9e3779b97f4a7c15;
    std::string lines;
    for (int n = 0; n < 20000;) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        auto number = std::bit_cast<double>(state);
        if (!std::isfinite(number)) continue;
        int exponent = 0;
        if (n % 2 != 0) number = std::ldexp(std::frexp(number, &exponent), n % 160 - 80);
        ++n;
        lines += print(number) + "\n";
    }
    return hex_text(sha256(as_bytes(lines))).substr(2);
}

}  // namespace

TEST_CASE("number_text: the samples of RFC 8785, appendix B") {
    const Sample samples[] = {
        {0x0000000000000000, "0"},
        {0x8000000000000000, "0"},
        {0x0000000000000001, "5e-324"},
        {0x8000000000000001, "-5e-324"},
        {0x7fefffffffffffff, "1.7976931348623157e+308"},
        {0xffefffffffffffff, "-1.7976931348623157e+308"},
        {0x4340000000000000, "9007199254740992"},
        {0xc340000000000000, "-9007199254740992"},
        {0x4430000000000000, "295147905179352830000"},
        {0x44b52d02c7e14af5, "9.999999999999997e+22"},
        {0x44b52d02c7e14af6, "1e+23"},
        {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
        {0x444b1ae4d6e2ef4e, "999999999999999700000"},
        {0x444b1ae4d6e2ef4f, "999999999999999900000"},
        {0x444b1ae4d6e2ef50, "1e+21"},
        {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
        {0x3eb0c6f7a0b5ed8d, "0.000001"},
        {0x41b3de4355555553, "333333333.3333332"},
        {0x41b3de4355555554, "333333333.33333325"},
        {0x41b3de4355555555, "333333333.3333333"},
        {0x41b3de4355555556, "333333333.3333334"},
        {0x41b3de4355555557, "333333333.33333343"},
        {0xbecbf647612f3696, "-0.0000033333333333333333"},
        {0x43143ff3c1cb0959, "1424953923781206.2"},
    };
    for (const auto& sample : samples) CHECK(ecmascript_number_text(std::bit_cast<double>(sample.bits)) == sample.text);
}

// The hashes were made by node 20 (String) and CPython 3 (json.dumps) over the same doubles.
TEST_CASE("number_text: as ECMAScript and Python print 20,000 doubles") {
    CHECK(hash_of_many(ecmascript_number_text) == "a102f445d7f2af36c65a671ab83d193329f34ccfd1f40197efd974271ec013e8");
    CHECK(hash_of_many(python_number_text) == "a972740fd0f30689185ca68d0b1ee04dcff64308dc80c67d60df88381411c3da");
}

TEST_CASE("number_text: Python's json module on what is not a number of JSON") {
    CHECK(python_number_text(std::numeric_limits<double>::infinity()) == "Infinity");
    CHECK(python_number_text(-std::numeric_limits<double>::infinity()) == "-Infinity");
    CHECK(python_number_text(-0.0) == "-0.0");
}
