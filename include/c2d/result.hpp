/// How calls answer: `Result<T>` holds a value or an `Error`.
///
/// A `Result` fails when the answer could not be had, or when a write was refused by a contract.
/// Outcomes that are answers in themselves (`Verdict`, `Report`) are values, not errors.
#pragma once

#include <c2d/status_codes.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace c2d {

/// What went wrong, in classes by what the caller can do. Same numbers as the C ABI.
enum class Status : int {
#define C2D_X(NAME, number, text, meaning) NAME = number,
    C2D_STATUS_LIST(C2D_X)
#undef C2D_X
};

/// The lower-case name of a status, for example "invalid_argument". Never null.
const char* status_name(Status status) noexcept;

/// A failure: class, sentence, and, for refusals, who refused and why.
struct Error {
    Status status = Status::INTERNAL;
    /// Expected, found, and what to do; one line of UTF-8 without a trailing full stop. What others
    /// wrote is quoted with its controls and marks of direction as numbers, and cut.
    std::string message;
    /// The refusing contract ("DTFactory"), a sandbox layer, or empty.
    std::string source;
    /// The contract's code (for example 4005), or 0.
    std::uint64_t code = 0;
    /// The stable name of the refusal or reason ("granted_already"), or empty.
    std::string name;
    /// Hash of the transaction that carries the refusal, all zero when there is none.
    std::array<std::uint8_t, 32> transaction{};

    Error() = default;
    /// Makes one line of at most 2000 bytes of `text`.
    Error(Status s, std::string text);
};

/// Marks a call that returns nothing but may fail.
struct Unit {};

/// The end of a program that uses the value of a failed `Result`: prints `error` on standard error and aborts.
[[noreturn]] void abort_for_value_of(const Error& error) noexcept;

/// A value or an `Error`. Using the value of a failed result is a bug of the caller: its error is printed on
/// standard error, and the program aborts.
template <class T = Unit>
class [[nodiscard]] Result {
public:
    /// What it holds when it holds no `Error`.
    using value_type = T;

    Result(T value) : data_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : data_(std::in_place_index<1>, std::move(error)) {}

    /// Is there a value? Else there is an error.
    bool ok() const noexcept { return data_.index() == 0; }
    explicit operator bool() const noexcept { return ok(); }

    /// The value; without one the program aborts.
    T& value() & { return *checked(); }
    const T& value() const& { return *checked(); }
    T&& value() && { return std::move(*checked()); }
    T& operator*() & { return *checked(); }
    const T& operator*() const& { return *checked(); }
    T&& operator*() && { return std::move(*checked()); }
    T* operator->() { return checked(); }
    const T* operator->() const { return checked(); }
    /// The value, or another in its place.
    T value_or(T other) const& { return ok() ? *checked() : std::move(other); }

    /// The failure; of a value it throws std::bad_variant_access.
    const Error& error() const& { return std::get<1>(data_); }
    Error&& error() && { return std::get<1>(std::move(data_)); }
    /// The failure's class; OK for a value.
    Status status() const noexcept { return ok() ? Status::OK : std::get<1>(data_).status; }

private:
    T* checked() {
        if (!ok()) abort_for_value_of(*std::get_if<1>(&data_));
        return std::get_if<0>(&data_);
    }
    const T* checked() const {
        if (!ok()) abort_for_value_of(*std::get_if<1>(&data_));
        return std::get_if<0>(&data_);
    }
    std::variant<T, Error> data_;
};

}  // namespace c2d
