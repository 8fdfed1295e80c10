#include "base/secret.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace c2d {

namespace {

std::size_t whole_pages(std::size_t bytes_count) {
    static const auto page = std::size_t(::sysconf(_SC_PAGESIZE));
    return (bytes_count + page - 1) / page * page;
}

}  // namespace

void clear_secret(void* data, std::size_t bytes_count) noexcept { explicit_bzero(data, bytes_count); }

bool equal_constant_time(BytesView a, BytesView b) noexcept {
    if (a.size() != b.size()) return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) difference |= unsigned(a[i] ^ b[i]);
    return difference == 0;
}

void* allocate_secret(std::size_t bytes_count) {
    const auto length = whole_pages(std::max<std::size_t>(bytes_count, 1));
    void* const data = ::mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED) throw std::bad_alloc();
    // Refused only by kernels that write no such dumps.
    (void)::madvise(data, length, MADV_DONTDUMP);
    return data;
}

void free_secret(void* data, std::size_t bytes_count) noexcept {
    clear_secret(data, bytes_count);
    ::munmap(data, whole_pages(std::max<std::size_t>(bytes_count, 1)));
}

SecretBytes SecretBytes::copy_of(std::string_view text) {
    SecretBytes out(text.size());
    if (!text.empty()) std::memcpy(out.data_, text.data(), text.size());
    return out;
}

}  // namespace c2d
