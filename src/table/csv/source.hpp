/// The bytes of a file or a text, which can be read again from the start.
#pragma once

#include "base/file.hpp"

#include <c2d/result.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace c2d::table {

class Source {
public:
    /// A regular file. Fails with `not_found`, `io`, or `invalid_argument` for what is none.
    static Result<Source> open(const std::string& path);
    static Source from_text(std::string text, std::string_view name);

    /// As messages call it.
    const std::string& name() const noexcept { return name_; }
    std::uint64_t size() const noexcept { return size_; }
    std::uint64_t position() const noexcept { return position_; }
    /// The next bytes; 0 at the end.
    Result<std::size_t> read(char* out, std::size_t size);
    Result<Unit> rewind();
    /// Fails with `conflict` when the file is not what it was when it was opened.
    Result<Unit> check_unchanged() const;

private:
    /// When the file was changed last, in nanoseconds, and its size.
    struct Stamp {
        std::int64_t seconds = 0, nanoseconds = 0;
        std::uint64_t size = 0;
        bool operator==(const Stamp&) const = default;
    };
    Result<Stamp> stamp() const;

    std::string name_, text_;
    Fd file_;
    Stamp opened_;
    std::uint64_t size_ = 0, position_ = 0;
};

}  // namespace c2d::table
