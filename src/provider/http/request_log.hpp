/// What the owner's log gets to hear of requests: bounded, however many come and whatever they hold.
#pragma once

#include <c2d/environment.hpp>
#include <c2d/reason.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>

namespace c2d::provider {

/// Whose line it is: each kind has a bound of its own, so that none drowns the other.
enum class Requester { unknown, concerned };

/// Thread-safe.
class RequestLog {
public:
    using Moment = std::chrono::steady_clock::time_point;
    explicit RequestLog(std::shared_ptr<Logger> logger) : logger_(std::move(logger)) {}
    /// Says what was counted and not said yet.
    ~RequestLog();

    /// A refusal before any signature held: counted, and nothing of the request is written.
    void count(Reason reason, Moment now = std::chrono::steady_clock::now());
    /// A line about a request whose signature held; counted instead when there are too many.
    void line(Requester whose, LogLevel level, std::string_view text, Moment now = std::chrono::steady_clock::now());
    /// Says what was counted, once in a while. To be called now and then.
    void write_summary_if_due(Moment now = std::chrono::steady_clock::now());

private:
    /// Lines that may be written now (a token bucket).
    struct Allowance {
        double lines;
        Moment since{};
        bool take(Moment now);
    };

    void write_summary(Moment now);

    const std::shared_ptr<Logger> logger_;
    std::mutex mutex_;
    std::map<Reason, std::uint64_t> counts_;
    std::uint64_t left_out_ = 0;
    Moment said_{};
    std::map<Requester, Allowance> allowances_;
};

}  // namespace c2d::provider
