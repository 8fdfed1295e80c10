#include "artifact/package.hpp"

#include "base/fail.hpp"

#include <algorithm>

namespace c2d::artifact {
namespace {

constexpr std::string_view kMagic = "C2DKEPT1";
constexpr std::size_t kSaltAt = 8, kBindingAt = 24, kFileBytesAt = 56, kSharesBytesAt = 64, kHeadBytes = 72;

void put_number(std::uint64_t number, std::uint8_t* at) {
    for (std::size_t i = 0; i < 8; ++i) at[7 - i] = std::uint8_t(number >> (8 * i));
}

std::uint64_t number_at(BytesView bytes, std::size_t at) {
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < 8; ++i) out = out << 8 | bytes[at + i];
    return out;
}

}  // namespace

SecretBytes encode_package(const Package& package) {
    SecretBytes out(kHeadBytes + package.file.size() + package.shares.size());
    std::uint8_t* const at = out.span().data();
    std::ranges::copy(as_bytes(kMagic), at);
    std::ranges::copy(package.salt.view(), at + kSaltAt);
    std::ranges::copy(package.binding.view(), at + kBindingAt);
    put_number(package.file.size(), at + kFileBytesAt);
    put_number(package.shares.size(), at + kSharesBytesAt);
    std::ranges::copy(package.file, at + kHeadBytes);
    std::ranges::copy(package.shares, at + kHeadBytes + package.file.size());
    return out;
}

Result<Package> decode_package(BytesView bytes) {
    const auto broken = [] { return fail(Status::CORRUPT, "what was sealed is no package of an artifact"); };
    if (bytes.size() < kHeadBytes || as_text(bytes.first(kMagic.size())) != kMagic) return broken();
    const std::uint64_t file = number_at(bytes, kFileBytesAt), shares = number_at(bytes, kSharesBytesAt);
    const BytesView rest = bytes.subspan(kHeadBytes);
    if (file > rest.size() || shares != rest.size() - file) return broken();
    Package out;
    std::ranges::copy(bytes.subspan(kSaltAt, 16), out.salt.data.begin());
    std::ranges::copy(bytes.subspan(kBindingAt, 32), out.binding.data.begin());
    out.file = rest.first(std::size_t(file));
    out.shares = rest.subspan(std::size_t(file));
    return out;
}

}  // namespace c2d::artifact
