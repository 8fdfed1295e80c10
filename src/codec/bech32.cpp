#include "codec/bech32.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

#include <algorithm>

namespace c2d {

namespace {

constexpr std::string_view kAlphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::size_t kTextMax = 90;
constexpr std::size_t kChecksumCount = 6;

/// BIP-173: the checksum is a BCH code over GF(32).
std::uint32_t polymod(BytesView values) {
    constexpr std::array<std::uint32_t, 5> kGenerator = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
    std::uint32_t check = 1;
    for (const auto value : values) {
        const auto top = check >> 25;
        check = (check & 0x1ffffff) << 5 ^ value;
        for (std::size_t i = 0; i < kGenerator.size(); ++i)
            if ((top >> i & 1) != 0) check ^= kGenerator[i];
    }
    return check;
}

/// The prefix as the checksum covers it: high bits, zero, low bits.
Bytes expand(std::string_view prefix) {
    Bytes out;
    for (const char c : prefix) out.push_back(std::uint8_t(c) >> 5);
    out.push_back(0);
    for (const char c : prefix) out.push_back(std::uint8_t(c) & 31);
    return out;
}

/// Regroups bits; bits left over are filled with zeros, or must be zero and fewer than a group.
Result<Bytes> regroup(BytesView in, unsigned from, unsigned to, bool fill) {
    Bytes out;
    unsigned buffer = 0, bits = 0;
    for (const auto value : in) {
        buffer = (buffer << from | value) & 0xfff;
        for (bits += from; bits >= to; bits -= to)
            out.push_back(std::uint8_t(buffer >> (bits - to) & ((1u << to) - 1)));
    }
    const auto rest = std::uint8_t(buffer << (to - bits) & ((1u << to) - 1));
    if (fill && bits > 0) out.push_back(rest);
    if (!fill && (bits >= from || rest != 0))
        return Error(Status::INVALID_ARGUMENT, "the bech32 text has stray bits at its end");
    return out;
}

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

/// The lower-case form of a text that is not in mixed case.
Result<std::string> lower_case(std::string_view text) {
    const bool upper = std::any_of(text.begin(), text.end(), is_upper);
    if (upper && std::any_of(text.begin(), text.end(), is_lower))
        return Error(Status::INVALID_ARGUMENT, "the bech32 text mixes upper and lower case");
    std::string out(text);
    for (char& c : out)
        if (is_upper(c)) c = char(c - 'A' + 'a');
    return out;
}

}  // namespace

std::string bech32_encode(std::string_view prefix, BytesView bytes) {
    // Filled up with zeros, so this cannot fail.
    const Bytes groups = regroup(bytes, 8, 5, true).value_or({});
    Bytes covered = expand(prefix);
    covered.insert(covered.end(), groups.begin(), groups.end());
    covered.resize(covered.size() + kChecksumCount);
    const auto check = polymod(covered) ^ 1;

    std::string out = std::string(prefix) + '1';
    for (const auto group : groups) out += kAlphabet[group];
    for (unsigned shift = 30; shift > 0; shift -= 5) out += kAlphabet[check >> (shift - 5) & 31];
    return out;
}

Result<Bytes> bech32_decode(std::string_view prefix, std::string_view text) {
    if (text.size() > kTextMax)
        return fail(Status::INVALID_ARGUMENT, "a bech32 text has at most {} characters", kTextMax);
    C2D_TRY(const std::string lower, lower_case(text));
    const auto separator = lower.rfind('1');
    if (separator == lower.npos || lower.substr(0, separator) != prefix)
        return fail(Status::INVALID_ARGUMENT, "expected a bech32 text beginning with {}1", prefix);

    Bytes values;
    for (const char c : lower.substr(separator + 1)) {
        const auto value = kAlphabet.find(c);
        if (value == kAlphabet.npos) return Error(Status::INVALID_ARGUMENT, "the bech32 text has a stray character");
        values.push_back(std::uint8_t(value));
    }
    Bytes covered = expand(prefix);
    covered.insert(covered.end(), values.begin(), values.end());
    if (values.size() < kChecksumCount || polymod(covered) != 1)
        return Error(Status::INVALID_ARGUMENT, "the checksum of the bech32 text does not hold; a character is wrong");
    values.resize(values.size() - kChecksumCount);
    return regroup(values, 5, 8, false);
}

std::string bech32_address(std::string_view prefix, const Address& address) { return bech32_encode(prefix, address); }

Result<Address> parse_bech32_address(std::string_view prefix, std::string_view text) {
    C2D_TRY(const Bytes bytes, bech32_decode(prefix, text));
    return Address::from(bytes);
}

}  // namespace c2d
