/// A client below HTTP: sends what a well-behaved library would not.
#pragma once

#include "base/file.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace c2d::test {

class RawConnection {
public:
    /// Connects to 127.0.0.1 from `local`, another loopback address.
    explicit RawConnection(std::uint16_t port, const char* local = "127.0.0.1");

    /// Sends everything; false when the other side has closed.
    bool send(std::string_view bytes);
    /// Says that nothing more will be sent; answers are still read.
    void finish();
    /// Whatever comes until the other side closes or `patience` is over.
    std::string read_all(std::chrono::milliseconds patience = std::chrono::seconds(10));
    /// Reads until `mark` has come; false when the other side closes or `patience` is over before.
    bool read_until(std::string_view mark, std::chrono::milliseconds patience);
    /// True once the other side has closed, waiting at most `patience`; bytes that come are dropped.
    bool closed_within(std::chrono::milliseconds patience);

private:
    Fd fd_;
};

struct RawAnswer {
    /// 0: no HTTP answer came.
    int status = 0;
    std::string headers, body;
};
RawAnswer raw_answer(std::string_view text);
/// Sends one request on a connection of its own.
RawAnswer ask_raw(std::uint16_t port, std::string_view request, const char* local = "127.0.0.1");

}  // namespace c2d::test
