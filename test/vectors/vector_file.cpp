#include "vectors/vector_file.hpp"

#include "base/file.hpp"

#include <charconv>
#include <cstdlib>
#include <doctest/doctest.h>
#include <stdexcept>

namespace c2d::vectors {

namespace {

constexpr std::size_t kFileBytesMax = std::size_t(256) << 20;

json::Value load(const std::string& name) {
    const auto path = directory() / (name + ".json");
    const auto content = read_file(path, kFileBytesMax);
    REQUIRE_MESSAGE(content.ok(), path.string());
    const auto file = json::parse(*content, {kFileBytesMax, 64});
    REQUIRE_MESSAGE(file.ok(), path.string());
    return *file;
}

}  // namespace

std::filesystem::path directory() {
    const char* const set = std::getenv("C2D_VECTORS");
    if (set != nullptr && *set != '\0') return set;
    return std::filesystem::path(C2D_SOURCE_DIR) / "test" / "vectors";
}

void for_each(const std::string& name, const std::function<void(const Vector&)>& run) {
    const auto file = load(name);
    CHECK(text(file, "category") == name);
    const auto& vectors = member(file, "vectors");
    REQUIRE(vectors.is_array());
    REQUIRE_MESSAGE(!vectors.items().empty(), "no vectors in " << name);
    for (const auto& vector : vectors.items()) {
        const auto id = text(vector, "id");
        CAPTURE(id);
        run({vector.text_at({"name"}), member(vector, "input"), member(vector, "expected")});
    }
    MESSAGE(name << ": " << vectors.items().size() << " vectors");
}

const json::Value& member(const json::Value& object, std::string_view key) {
    const auto* const found = object.find(key);
    REQUIRE_MESSAGE(found != nullptr, "no member " << std::string(key));
    return *found;
}

std::string text(const json::Value& object, std::string_view key) {
    const auto& value = member(object, key);
    REQUIRE(value.is_string());
    return value.text();
}

Bytes bytes(const json::Value& object, std::string_view key) {
    auto parsed = parse_hex(text(object, key));
    REQUIRE(parsed.ok());
    return *parsed;
}

Bytes32 bytes32(const json::Value& object, std::string_view key) {
    const auto parsed = Bytes32::from(bytes(object, key));
    REQUIRE(parsed.ok());
    return *parsed;
}

std::uint64_t number(const json::Value& object, std::string_view key) {
    const auto& value = member(object, key);
    if (value.is_string()) {
        const auto words = uint256(value.text());
        std::uint64_t out = 0;
        for (std::size_t i = 0; i < 32; ++i) {
            if (i < 24) REQUIRE(words.data[i] == 0);
            out = out << 8 | words.data[i];
        }
        return out;
    }
    const auto whole = value.as_uint();
    REQUIRE(whole.has_value());
    return *whole;
}

Address address(const json::Value& object, std::string_view key) {
    const auto parsed = parse_address(text(object, key));
    REQUIRE(parsed.ok());
    return *parsed;
}

bool is_reject(const json::Value& expected) {
    const auto* const reject = expected.find("reject");
    if (reject == nullptr) return false;
    if (expected.members().size() != 1 || !reject->is_bool() || !reject->boolean()) unknown_shape();
    return true;
}

void unknown_shape() { throw std::runtime_error("a vector of a shape that this test does not know"); }

Bytes32 uint256(const std::string& decimal) {
    REQUIRE(!decimal.empty());
    Bytes32 out;
    for (const char digit : decimal) {
        REQUIRE((digit >= '0' && digit <= '9'));
        unsigned carry = unsigned(digit - '0');
        for (std::size_t i = 32; i-- > 0;) {
            carry += out.data[i] * 10u;
            out.data[i] = std::uint8_t(carry);
            carry >>= 8;
        }
        REQUIRE(carry == 0);
    }
    return out;
}

}  // namespace c2d::vectors
