#include <c2d/types.hpp>

#include <doctest/doctest.h>

using namespace c2d;

TEST_CASE("text: hexadecimal digits in either case, with or without 0x") {
    CHECK(hex_text(Bytes{0x00, 0xab, 0x7f}) == "0x00ab7f");
    CHECK(hex_text({}) == "0x");
    CHECK(parse_hex("0x00AB7f").value_or({}) == Bytes{0x00, 0xab, 0x7f});
    CHECK(parse_hex("00ab7F").value_or({}) == Bytes{0x00, 0xab, 0x7f});
    CHECK(parse_hex("").value_or({1}).empty());
    CHECK(parse_hex("0x").value_or({1}).empty());
}

TEST_CASE("text: refused hexadecimal") {
    for (const auto* const bad : {"0", "0x0", "0xg0", "0x0g", " 00", "00 ", "0X00", "0x0x00", "é"})
        CHECK(parse_hex(bad).status() == Status::INVALID_ARGUMENT);
    CHECK(!parse_hex(std::string_view("00\0\0", 4)).ok());
    CHECK(!parse_bytes32("0x00").ok());
    CHECK(!parse_bytes32(std::string(66, '0')).ok());
    CHECK(parse_bytes32(std::string(64, '0')).ok());
}

TEST_CASE("text: token ids have one spelling") {
    const std::string digits = "b647ee58e67c3f803749295309ff32d667e0d4c8ecf2152f96654d55fcf23eef";
    const auto id = parse_token("dt:ownership:" + digits);
    REQUIRE(id.ok());
    CHECK(token_text(*id) == "dt:ownership:" + digits);

    auto upper = digits;
    upper[0] = 'B';
    for (const auto& bad : {digits, "0x" + digits, "dt:ownership:0x" + digits.substr(2), "dt:ownership:" + upper,
                            "dt:ownership:" + digits + "0", "dt:ownership:" + digits.substr(1),
                            "DT:ownership:" + digits, " dt:ownership:" + digits, "dt:ownership:" + std::string(64, '0'),
                            std::string("dt:ownership:"), std::string()})
        CHECK(parse_token(bad).status() == Status::INVALID_ARGUMENT);
}

TEST_CASE("text: addresses want 0x, 40 digits, and a checksum that holds if cases are mixed") {
    const std::string right = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";  // from EIP-55
    const auto address = parse_address(right);
    REQUIRE(address.ok());
    CHECK(address_text(*address) == right);
    CHECK(parse_address("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed").ok());
    CHECK(parse_address("0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED").ok());
    CHECK(!parse_address("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD").ok());
    CHECK(!parse_address("5aaeb6053f3e94c9b9a09f33669435e7ef1beaed").ok());
    CHECK(!parse_address("0X5aaeb6053f3e94c9b9a09f33669435e7ef1beaed").ok());
    CHECK(!parse_address("").ok());
}

TEST_CASE("text: one kind of id for another is named, and never quoted") {
    const std::string digits(64, 'e');
    CHECK(parse_token(digits).error().message.ends_with("as a private key or a hash has them"));
    CHECK(parse_token("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed").error().message.ends_with(", found an address"));
    CHECK(parse_address("dt:ownership:" + digits).error().message.ends_with(", found the id of a token or operator"));
    CHECK(parse_address(digits).error().message.find(digits) == std::string::npos);
}
