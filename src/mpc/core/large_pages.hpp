/// Memory for arrays of many megabytes: in pages of 2 MiB where the kernel has them. With pages of
/// 4 KiB most of the time would go into getting them and, where rows are read at random, into
/// finding them.
#pragma once

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <new>

namespace c2d::mpc {

template <class T>
struct LargePages {
    using value_type = T;
    static constexpr std::size_t kPage = std::size_t{2} << 20;

    LargePages() = default;
    template <class U>
    LargePages(const LargePages<U>&) noexcept {}

    T* allocate(std::size_t count) {
        if (count > (SIZE_MAX - kPage) / sizeof(T)) throw std::bad_array_new_length();
        const std::size_t bytes = count * sizeof(T);
        if (bytes < kPage) return static_cast<T*>(::operator new(bytes));
        const std::size_t whole = (bytes + kPage - 1) / kPage * kPage;
        void* out = std::aligned_alloc(kPage, whole);
        if (!out) throw std::bad_alloc();
        // A hint; without it all is as it was, only slower.
        (void)::madvise(out, whole, MADV_HUGEPAGE);
        return static_cast<T*>(out);
    }
    void deallocate(T* memory, std::size_t count) noexcept {
        if (count * sizeof(T) < kPage)
            ::operator delete(memory);
        else
            std::free(memory);
    }
    bool operator==(const LargePages&) const = default;
};

}  // namespace c2d::mpc
