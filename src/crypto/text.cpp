#include "base/fail.hpp"
#include "base/mistaken_text.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"

#include <c2d/types.hpp>

namespace c2d {

namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kTokenPrefix = "dt:ownership:";

std::string bare_hex(BytesView bytes) { return hex_text(bytes).substr(2); }

/// The EIP-55 spelling of 40 lower-case digits: a letter is large where the hash's digit is ≥ 8.
std::string mixed_case(std::string digits) {
    const auto hash = keccak256(digits);
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const unsigned nibble = i % 2 == 0 ? hash.data[i / 2] >> 4 : hash.data[i / 2] & 15u;
        if (digits[i] >= 'a' && nibble >= 8) digits[i] = char(digits[i] - 'a' + 'A');
    }
    return digits;
}

}  // namespace

std::string token_text(const TokenId& id) { return std::string(kTokenPrefix) + bare_hex(id); }

Result<TokenId> parse_token(std::string_view text) {
    const auto bad = [given = text] {
        return fail(Status::INVALID_ARGUMENT, "expected {}<64 lower-case hexadecimal digits>, not all zero{}",
                    kTokenPrefix, given.starts_with(kTokenPrefix) ? "" : found_instead(given));
    };
    if (!text.starts_with(kTokenPrefix)) return bad();
    text.remove_prefix(kTokenPrefix.size());
    // One spelling per id: where ids are keys of a document, two spellings would be two members.
    if (text.size() != 64 || text.find_first_not_of(kHexDigits) != text.npos) return bad();
    C2D_TRY(const TokenId id, parse_bytes32(text));
    if (id.is_zero()) return bad();
    return id;
}

std::string address_text(const Address& address) { return "0x" + mixed_case(bare_hex(address)); }

Result<Address> parse_address(std::string_view text) {
    const auto digits = text.starts_with("0x") ? text.substr(2) : std::string_view{};
    if (digits.size() != 40)
        return fail(Status::INVALID_ARGUMENT, "expected an address, 0x and 40 hexadecimal digits{}",
                    text.size() == 40 ? "" : found_instead(text));
    C2D_TRY(const Bytes bytes, parse_hex(digits));
    C2D_TRY(const Address address, Address::from(bytes));

    const bool has_lower = digits.find_first_of("abcdef") != digits.npos;
    const bool has_upper = digits.find_first_of("ABCDEF") != digits.npos;
    if (has_lower && has_upper && address_text(address) != text)
        return fail(Status::INVALID_ARGUMENT, "the mixed-case checksum of the address does not hold; a digit is wrong");
    return address;
}

}  // namespace c2d
