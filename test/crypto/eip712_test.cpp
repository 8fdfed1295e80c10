#include "crypto/eip712.hpp"
#include "crypto/hash.hpp"

#include <doctest/doctest.h>

using namespace c2d;

namespace {

Address address_of(std::string_view text) { return parse_address(text).value_or({}); }

Bytes32 filled(std::uint8_t byte) {
    Bytes32 out;
    out.data.fill(byte);
    return out;
}

}  // namespace

// The "Ether Mail" example of EIP-712 itself; its domain has no salt, so it is built by hand.
TEST_CASE("eip712: the standard's own example") {
    using namespace eip712;
    const std::string person = "Person(string name,address wallet)";
    const auto hash_person = [&](std::string_view name, std::string_view wallet) {
        return hash_struct(person, {word(name), word(address_of(wallet))});
    };
    const auto mail = hash_struct(
        "Mail(Person from,Person to,string contents)" + person,
        {hash_person("Cow", "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"),
         hash_person("Bob", "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"), word(std::string_view("Hello, Bob!"))});
    CHECK(hex_text(mail) == "0xc52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e");

    const auto separator =
        hash_struct("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)",
                    {word(std::string_view("Ether Mail")), word(std::string_view("1")), word(std::uint64_t(1)),
                     word(address_of("0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"))});
    CHECK(hex_text(separator) == "0xf2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f");

    Bytes message = {0x19, 0x01};
    message.insert(message.end(), separator.data.begin(), separator.data.end());
    message.insert(message.end(), mail.data.begin(), mail.data.end());
    CHECK(hex_text(keccak256(message)) == "0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2");
}

// Computed with pycryptodome from the text of the standard.
TEST_CASE("eip712: c2d's domain and a request") {
    using namespace eip712;
    Domain domain;
    domain.chain_id = 4294967297;
    domain.verifying_contract = address_of("0xee2DCfAf78091665B597DF80f2a1F534121FDBb2");
    for (std::size_t i = 0; i < 32; ++i) domain.salt.data[i] = std::uint8_t(i);
    CHECK(hex_text(domain.separator()) == "0xb67479ebbad03cd41fbd4fdbe47d9fe8c956c77c46026b3543c4a2464eacb5c9");

    const auto request = hash_struct(
        "Request(string method,address audience,bytes32 dt,bytes32 algoDt,uint256 jobId,"
        "bytes32 bodyHash,bytes32 nonce,uint64 expiry)",
        {word(std::string_view("/grantPermission")), word(address_of("0x0148D6F66D4759aC7CcE98673dC9b75974E6bAe4")),
         filled(0x11), filled(0x22), word(std::uint64_t(7)), keccak256("{}"), filled(0x33),
         word(std::uint64_t(1700000000))});
    CHECK(hex_text(request) == "0x54de441e679aab747500b4021b52b32601bfe626bc33866edc4e469078ab371b");
    CHECK(hex_text(digest(domain, request)) == "0x2bd12e8ddce23d97c1ae06e8ca33ee18c76e6a1c72a091d7a13779704051fe2b");
}
