/// What a producer gave, released once.
#pragma once

#include <c2d/arrow_abi.h>

#include <utility>

namespace c2d::table {

/// Moves `given` out of its place, as the interface demands, and releases it at the end.
template <class Struct>
class OwnedArrow {
public:
    OwnedArrow() = default;
    explicit OwnedArrow(Struct* given) noexcept {
        if (given != nullptr) value_ = std::exchange(*given, Struct{});
    }
    OwnedArrow(OwnedArrow&& other) noexcept : value_(std::exchange(other.value_, Struct{})) {}
    OwnedArrow& operator=(OwnedArrow&& other) noexcept {
        if (this != &other) {
            release();
            value_ = std::exchange(other.value_, Struct{});
        }
        return *this;
    }
    ~OwnedArrow() { release(); }

    /// Is there something that was not released?
    bool alive() const noexcept { return value_.release != nullptr; }
    Struct* get() noexcept { return &value_; }
    const Struct* operator->() const noexcept { return &value_; }
    const Struct& operator*() const noexcept { return value_; }

private:
    void release() noexcept {
        if (value_.release != nullptr) value_.release(&value_);
        value_.release = nullptr;
    }
    Struct value_{};
};

}  // namespace c2d::table
