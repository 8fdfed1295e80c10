// What the compiler must get right: cases in which one was seen to get it wrong.
//
// A function that searches a range through copies of iterators was taken by g++ 12.3 to 14.2 for one
// that reads no memory (interprocedural mod/ref analysis after its parameters were taken apart), so
// that the stores which filled the range were dropped. The build turns that analysis off
// (src/cmake/C2dModules.cmake); without that, the first case fails there from -O2 on.

#include <doctest/doctest.h>

namespace {

struct Iterator {
    const unsigned char* at;
};
struct Range {
    const unsigned char* data;
    unsigned long size;
};

// As the standard library searches, four elements a turn; simpler loops are compiled rightly.
inline Iterator find_set(Iterator first, Iterator last) {
    for (long turns = (last.at - first.at) >> 2; turns > 0; --turns) {
        if (*first.at) return first;
        ++first.at;
        if (*first.at) return first;
        ++first.at;
        if (*first.at) return first;
        ++first.at;
        if (*first.at) return first;
        ++first.at;
    }
    switch (last.at - first.at) {  // NOLINT(bugprone-branch-clone): as the C++ library has it
        case 3:
            if (*first.at) return first;
            ++first.at;
            [[fallthrough]];
        case 2:
            if (*first.at) return first;
            ++first.at;
            [[fallthrough]];
        case 1:
            if (*first.at) return first;
            ++first.at;
            [[fallthrough]];
        default: return last;
    }
}

[[gnu::noinline]] bool is_zero(Range range) {
    const Iterator last{range.data + range.size};
    return find_set(Iterator{range.data}, last).at == last.at;
}

struct Word {
    unsigned char data[32];
};
struct Holder {
    Word word_{};
    bool set_ = true;
    Word word() const {
        if (!set_) __builtin_abort();
        return word_;
    }
    [[gnu::noinline]] bool fits_64_bits() const;
};
bool Holder::fits_64_bits() const { return is_zero(Range{word().data, 24}); }

}  // namespace

TEST_CASE("a copy that is only read by a function elsewhere is stored before the call") {
    Holder holder;
    holder.word_.data[31] = 5;
    CHECK(holder.fits_64_bits());
    holder.word_.data[3] = 1;
    CHECK_FALSE(holder.fits_64_bits());
}
