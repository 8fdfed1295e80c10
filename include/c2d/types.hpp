/// The plain values that every part of c2d speaks of: bytes, hashes, addresses and token ids.
#pragma once

#include <c2d/result.hpp>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace c2d {

/// Owned bytes, and a view of somebody's.
using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;

/// Views text as bytes; valid as long as the text is.
inline BytesView as_bytes(std::string_view text) noexcept {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
/// Views bytes as text; valid as long as the bytes are.
inline std::string_view as_text(BytesView bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Exactly N bytes, zero by default; ordered and equal by content.
template <std::size_t N>
struct FixedBytes {
    std::array<std::uint8_t, N> data{};

    /// The N bytes, and whether all are zero.
    static constexpr std::size_t size() noexcept { return N; }
    BytesView view() const noexcept { return data; }
    operator BytesView() const noexcept { return data; }
    bool is_zero() const noexcept { return *this == FixedBytes{}; }
    auto operator<=>(const FixedBytes&) const = default;

    /// Copies exactly N bytes; any other length fails with `invalid_argument`.
    static Result<FixedBytes> from(BytesView bytes) {
        if (bytes.size() != N)
            return Error(Status::INVALID_ARGUMENT,
                         "expected " + std::to_string(N) + " bytes, found " + std::to_string(bytes.size()));
        FixedBytes out;
        for (std::size_t i = 0; i < N; ++i) out.data[i] = bytes[i];
        return out;
    }
};

/// A hash, a digest or a nonce.
using Bytes32 = FixedBytes<32>;
/// A 20-byte account or contract address.
using Address = FixedBytes<20>;
/// The 32 bytes of a data token or operator template id; see `token_text`.
using TokenId = Bytes32;
/// r, s and v (0 or 1): a recoverable secp256k1 signature, s in the lower half.
using Signature = FixedBytes<65>;

/// "0x" and lower-case hexadecimal digits.
std::string hex_text(BytesView bytes);
/// Reads hexadecimal digits with or without "0x", in either case.
Result<Bytes> parse_hex(std::string_view text);
/// Reads exactly 32 bytes of hexadecimal digits.
Result<Bytes32> parse_bytes32(std::string_view text);

/// `dt:ownership:` and 64 lower-case hexadecimal digits.
std::string token_text(const TokenId& id);
/// Reads `dt:ownership:<64 hex>`; anything else, and the zero id, fails with `invalid_argument`.
Result<TokenId> parse_token(std::string_view text);

/// The EIP-55 mixed-case spelling of an address.
std::string address_text(const Address& address);
/// Reads 0x and 40 digits: all lower, all upper, or mixed case with a correct EIP-55 checksum.
Result<Address> parse_address(std::string_view text);

}  // namespace c2d
