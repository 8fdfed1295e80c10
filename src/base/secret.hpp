/// Handling of secrets: on pages of their own, cleared in a way the compiler keeps, compared in
/// constant time.
#pragma once

#include <c2d/types.hpp>

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace c2d {

void clear_secret(void* data, std::size_t bytes_count) noexcept;
/// True when equal; the time depends on the lengths only.
bool equal_constant_time(BytesView a, BytesView b) noexcept;

/// Zeroed memory on whole pages that hold nothing else and are left out of core dumps
/// (MADV_DONTDUMP). Throws std::bad_alloc when there is none.
void* allocate_secret(std::size_t bytes_count);
/// Clears it and gives the pages back; `bytes_count` as allocated.
void free_secret(void* data, std::size_t bytes_count) noexcept;

/// A buffer for secrets: not copied by accident, cleared when it goes.
class SecretBytes {
public:
    SecretBytes() = default;
    explicit SecretBytes(std::size_t count) : capacity_(count), size_(count) {
        if (count != 0) data_ = static_cast<std::uint8_t*>(allocate_secret(count));
    }
    /// A copy of what stands elsewhere, where it remains the caller's to clear.
    static SecretBytes copy_of(std::string_view text);
    SecretBytes(SecretBytes&& other) noexcept { swap(other); }
    SecretBytes& operator=(SecretBytes&& other) noexcept {
        SecretBytes old(std::move(other));
        swap(old);
        return *this;
    }
    SecretBytes(const SecretBytes&) = delete;
    SecretBytes& operator=(const SecretBytes&) = delete;
    ~SecretBytes() {
        if (data_ != nullptr) free_secret(data_, capacity_);
    }

    bool empty() const noexcept { return size_ == 0; }
    std::size_t size() const noexcept { return size_; }
    std::span<std::uint8_t> span() noexcept { return {data_, size_}; }
    BytesView view() const noexcept { return {data_, size_}; }
    std::string_view text() const noexcept { return {reinterpret_cast<const char*>(data_), size_}; }
    /// Leaves out what stands behind the first `count` bytes, and clears it.
    void shorten(std::size_t count) noexcept {
        if (count >= size_) return;
        clear_secret(data_ + count, size_ - count);
        size_ = count;
    }

private:
    void swap(SecretBytes& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(capacity_, other.capacity_);
        std::swap(size_, other.size_);
    }

    // Of fixed length: growing would leave an uncleared copy behind.
    std::uint8_t* data_ = nullptr;
    std::size_t capacity_ = 0;
    std::size_t size_ = 0;
};

/// For containers whose memory is cleared whenever they give it back to `Source`, when they grow, too.
template <class T, class Source = std::allocator<T>>
struct ClearingAllocator {
    using value_type = T;

    T* allocate(std::size_t count) { return Source().allocate(count); }
    void deallocate(T* data, std::size_t count) noexcept {
        clear_secret(data, count * sizeof(T));
        Source().deallocate(data, count);
    }
    bool operator==(const ClearingAllocator&) const = default;
};

/// Bytes that grow, for what is secret only as long as a run lasts: on the heap, without pages of
/// their own.
using ClearedBytes = std::vector<std::uint8_t, ClearingAllocator<std::uint8_t>>;

}  // namespace c2d
