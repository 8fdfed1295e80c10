/// The world that the library does not own: time, chance, log, keys, cancellation.
///
/// Every class takes these through its options; nothing is global, so one process may hold many
/// tenants and tests may replace any of them. A null pointer in options means the documented
/// default. Implementations must be callable from several threads at once.
#pragma once

#include <c2d/result.hpp>
#include <c2d/types.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string_view>

namespace c2d {

/// Seconds since the Unix epoch. Default: the system's real-time clock.
class Clock {
public:
    virtual ~Clock() = default;
    /// Now; it jumps where the clock is set.
    virtual std::uint64_t now_seconds() = 0;
    static std::shared_ptr<Clock> system();
};

/// A source of secret-grade randomness. Default: the operating system's.
class Random {
public:
    virtual ~Random() = default;
    /// Fills the whole span, or fails with `io` and leaves it unspecified.
    virtual Result<Unit> fill(std::span<std::uint8_t> out) = 0;
    static std::shared_ptr<Random> system();
};

/// How much a line matters.
enum class LogLevel { debug, info, warn, error };

/// Where the library says what it does. Default: silent. Secrets never reach it.
class Logger {
public:
    virtual ~Logger() = default;
    /// Takes one line, without a line end.
    virtual void log(LogLevel level, std::string_view line) = 0;
    /// Drops everything.
    static std::shared_ptr<Logger> silent();
    /// One line per message on standard error, `level` and above.
    static std::shared_ptr<Logger> standard_error(LogLevel level);
};

/// Something that can sign for one address: a key in memory, a keystore or a bank's HSM.
class Signer {
public:
    virtual ~Signer() = default;
    /// The address that its signatures recover to; it never changes.
    virtual Address address() const = 0;
    /// Signs a 32-byte digest: recoverable, low s (EIP-2), v 0 or 1.
    virtual Result<Signature> sign_digest(const Bytes32& digest) = 0;
};

/// Lets another thread end a long call, which then fails with `cancelled`. Thread-safe.
class CancelToken {
public:
    /// Asks for the end, and says whether somebody did.
    void cancel() noexcept { flag_.store(true, std::memory_order_relaxed); }
    bool cancelled() const noexcept { return flag_.load(std::memory_order_relaxed); }

private:
    std::atomic<bool> flag_{false};
};

/// Reports progress of a long call: how much of how much (0 = unknown), and a line for people.
/// Called on the thread that runs the call.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total, std::string_view line)>;

}  // namespace c2d
