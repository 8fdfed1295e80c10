#include "base/secret.hpp"
#include "support/emulated.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string>

using namespace c2d;

namespace {

/// The flags of the mapping that holds `address`, as /proc/self/smaps names them.
std::string mapping_flags(const void* address) {
    std::ifstream maps("/proc/self/smaps");
    bool inside = false;
    for (std::string line; std::getline(maps, line);) {
        unsigned long first = 0, last = 0;
        if (std::sscanf(line.c_str(), "%lx-%lx ", &first, &last) == 2)
            inside = first <= std::uintptr_t(address) && std::uintptr_t(address) < last;
        if (inside && line.starts_with("VmFlags:")) return line + " ";
    }
    return {};
}

/// Looks at what is given back.
struct Watched {
    static inline int given_back, uncleared;
    std::uint8_t* allocate(std::size_t count) { return std::allocator<std::uint8_t>().allocate(count); }
    void deallocate(std::uint8_t* data, std::size_t count) noexcept {
        ++given_back;
        uncleared += std::any_of(data, data + count, [](auto byte) { return byte != 0; });
        std::allocator<std::uint8_t>().deallocate(data, count);
    }
};

}  // namespace

TEST_CASE("secrets: on pages that stay out of core dumps" * doctest::skip(support::emulated())) {
    SecretBytes secret(40);
    CHECK(std::ranges::all_of(secret.view(), [](auto byte) { return byte == 0; }));
    CHECK(mapping_flags(secret.view().data()).find(" dd ") != std::string::npos);
    const int ordinary = 0;
    CHECK(mapping_flags(&ordinary).find(" dd ") == std::string::npos);
}

TEST_CASE("secrets: moved, shortened, never copied") {
    auto secret = SecretBytes::copy_of("correct horse\n");
    CHECK(secret.text() == "correct horse\n");
    const auto* const place = secret.view().data();
    secret.shorten(7);
    CHECK(secret.text() == "correct");
    CHECK(std::all_of(place + 7, place + 14, [](auto byte) { return byte == 0; }));
    secret.shorten(100);
    CHECK(secret.size() == 7);
    SecretBytes other = std::move(secret);
    CHECK(secret.empty());
    CHECK(other.view().data() == place);
    other = SecretBytes();
    CHECK(other.empty());
    CHECK(SecretBytes::copy_of("").empty());
    static_assert(!std::is_copy_constructible_v<SecretBytes>);
}

TEST_CASE("secrets: what a container gives back is cleared, when it grows, too") {
    std::vector<std::uint8_t, ClearingAllocator<std::uint8_t, Watched>> bytes;
    Watched::given_back = Watched::uncleared = 0;
    for (int i = 0; i < 1000; ++i) bytes.push_back(0x5a);
    CHECK(Watched::given_back > 0);
    bytes = {};
    bytes.shrink_to_fit();
    CHECK(Watched::uncleared == 0);
}
