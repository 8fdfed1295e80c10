/// The golden vectors: how a file is found and read, and how its fields are.
///
/// Whatever is missing or of a shape that the tests do not know fails the test: a vector that is
/// not run would otherwise look like one that holds.
#pragma once

#include "codec/json.hpp"

#include <filesystem>
#include <functional>
#include <string>

namespace c2d::vectors {

/// `$C2D_VECTORS`, by default the copy beside these tests.
std::filesystem::path directory();

struct Vector {
    /// What the vector is about; empty where the file does not say.
    std::string name;
    json::Value input;
    json::Value expected;
};

/// Calls `run` for each vector of `NAME.json`; the file must be there, be of that category and
/// hold at least one vector.
void for_each(const std::string& name, const std::function<void(const Vector&)>& run);

/// The member `key`, which must be there.
const json::Value& member(const json::Value& object, std::string_view key);
/// A string member's text.
std::string text(const json::Value& object, std::string_view key);
/// A string member of 0x and hexadecimal digits.
Bytes bytes(const json::Value& object, std::string_view key);
Bytes32 bytes32(const json::Value& object, std::string_view key);
/// A number, or a decimal string, of at most 64 bits.
std::uint64_t number(const json::Value& object, std::string_view key);
Address address(const json::Value& object, std::string_view key);

/// True for {"reject": true}; any other use of `reject` is an unknown shape.
bool is_reject(const json::Value& expected);
/// Fails the running test: the file asks something that nobody here answers.
[[noreturn]] void unknown_shape();

/// The 32 big-endian bytes of a decimal number.
Bytes32 uint256(const std::string& decimal);

}  // namespace c2d::vectors
