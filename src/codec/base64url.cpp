#include "codec/base64url.hpp"

#include "base/fail.hpp"

namespace c2d {

namespace {
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
}

std::string base64url_encode(BytesView bytes) {
    std::string out;
    unsigned buffer = 0;
    int bits = 0;
    for (const auto byte : bytes) {
        buffer = (buffer << 8 | byte) & 0xffff;
        for (bits += 8; bits >= 6; bits -= 6) out.push_back(kAlphabet[buffer >> (bits - 6) & 63]);
    }
    if (bits > 0) out.push_back(kAlphabet[buffer << (6 - bits) & 63]);
    return out;
}

Result<Bytes> base64url_decode(std::string_view text) {
    Bytes out;
    unsigned buffer = 0;
    int bits = 0;
    for (const char c : text) {
        const auto value = kAlphabet.find(c);
        if (value == std::string_view::npos)
            return fail(Status::INVALID_ARGUMENT, "expected base64url without padding");
        buffer = (buffer << 6 | unsigned(value)) & 0xffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out.push_back(std::uint8_t(buffer >> bits));
        }
    }
    if (bits >= 6 || (buffer & ((1u << bits) - 1)) != 0)
        return fail(Status::INVALID_ARGUMENT, "the base64url text is cut off");
    return out;
}

}  // namespace c2d
