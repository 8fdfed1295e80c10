/// Elements of the ring Z_2^64, and arrays of them.
#pragma once

#include "mpc/core/large_pages.hpp"

#include <c2d/types.hpp>

#include <span>
#include <vector>

namespace c2d::mpc {

using Word = std::uint64_t;
using Words = std::vector<Word, LargePages<Word>>;

/// Ring elements as they cross the wire: little-endian, as this machine holds them.
template <class T, class Allocator>
BytesView view_of(const std::vector<T, Allocator>& values) {
    return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(T)};
}
inline BytesView view_of(std::span<const Word> words) {
    return {reinterpret_cast<const std::uint8_t*>(words.data()), words.size_bytes()};
}
inline std::span<std::uint8_t> span_of(std::span<Word> words) {
    return {reinterpret_cast<std::uint8_t*>(words.data()), words.size_bytes()};
}
template <class T, class Allocator>
std::span<std::uint8_t> span_of(std::vector<T, Allocator>& values) {
    return {reinterpret_cast<std::uint8_t*>(values.data()), values.size() * sizeof(T)};
}

}  // namespace c2d::mpc
