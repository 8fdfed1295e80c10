#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"

#include <c2d/environment.hpp>
#include <c2d/reason.hpp>
#include <c2d/watched_clock.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <iterator>
#include <sys/random.h>
#include <sys/timex.h>

namespace c2d {

namespace {

/// What c2d/reason_codes.h says of each reason, in the order of `Reason`.
struct ReasonRow {
    const char* name;
    int http_status;
    const char* text;
};
constexpr ReasonRow kReasons[] = {
#define C2D_X(name, http, text) {#name, http, text},
    C2D_REASON_LIST(C2D_X)
#undef C2D_X
};
/// Of a number that is no reason.
constexpr ReasonRow kNoReason = {"internal", 503, ""};

const ReasonRow& row_of(Reason reason) noexcept {
    const auto index = std::size_t(reason);
    return index < std::size(kReasons) ? kReasons[index] : kNoReason;
}

}  // namespace

const char* status_name(Status status) noexcept {
    switch (status) {
#define C2D_X(NAME, number, text, meaning) \
    case Status::NAME: return text;
        C2D_STATUS_LIST(C2D_X)
#undef C2D_X
    }
    return "internal";
}

const char* reason_name(Reason reason) noexcept { return row_of(reason).name; }
const char* reason_text(Reason reason) noexcept { return row_of(reason).text; }
int reason_http_status(Reason reason) noexcept { return row_of(reason).http_status; }

std::optional<Reason> parse_reason(std::string_view name) noexcept {
    const auto* const found = std::ranges::find(kReasons, name, &ReasonRow::name);
    if (found == std::end(kReasons)) return std::nullopt;
    return Reason(found - std::begin(kReasons));
}

namespace {

/// Room for the sentence around several values.
constexpr std::size_t kErrorBytesMax = 2000;

}  // namespace

// NOLINTNEXTLINE(performance-unnecessary-value-param): a part of the interface
Error::Error(Status s, std::string text) : status(s), message(display_text(text, kErrorBytesMax)) {}

void abort_for_value_of(const Error& error) noexcept {
    std::fprintf(stderr, "c2d: the value of a failed call was used, which had failed with %s: %s\n",
                 status_name(error.status), error.message.c_str());
    std::abort();
}

std::string errno_text(int error_number) {
    char buffer[128] = {};
    return strerror_r(error_number, buffer, sizeof buffer);
}

namespace {

class SystemClock final : public WatchedClock {
public:
    std::uint64_t now_seconds() override { return std::uint64_t(std::time(nullptr)); }
    std::optional<Uptime> uptime() override {
        static const std::string kBoot = boot_id();
        timespec up{};
        if (kBoot.empty() || clock_gettime(CLOCK_BOOTTIME, &up) != 0) return std::nullopt;
        return Uptime{kBoot, std::uint64_t(up.tv_sec)};
    }
    bool synchronised() override {
        timex state{};
        const int answer = adjtimex(&state);
        return answer >= 0 && answer != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
    }

private:
    static std::string boot_id() {
        const auto text = read_file("/proc/sys/kernel/random/boot_id", 64);
        return text ? text->substr(0, text->find('\n')) : std::string();
    }
};

class SystemRandom final : public Random {
public:
    Result<Unit> fill(std::span<std::uint8_t> out) override {
        std::size_t done = 0;
        while (done < out.size()) {
            const auto got = getrandom(out.data() + done, out.size() - done, 0);
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) return fail(Status::IO, "getrandom failed: {}", errno_text(errno));
            done += std::size_t(got);
        }
        return Unit{};
    }
};

class SilentLogger final : public Logger {
public:
    void log(LogLevel, std::string_view) override {}
};

class StandardErrorLogger final : public Logger {
public:
    explicit StandardErrorLogger(LogLevel level) : level_(level) {}
    void log(LogLevel level, std::string_view line) override {
        if (level < level_) return;
        static constexpr const char* kNames[] = {"debug", "info", "warn", "error"};
        char when[32] = {};
        const std::time_t now = std::time(nullptr);
        std::tm parts{};
        gmtime_r(&now, &parts);
        std::strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &parts);
        // One write per line, so that lines of several threads do not mix; and one line per message,
        // should a value from outside have come here as it was.
        const auto text = fmt::format("{} {} {}\n", when, kNames[int(level)], display_line(line));
        std::fwrite(text.data(), 1, text.size(), stderr);
    }

private:
    LogLevel level_;
};

}  // namespace

std::shared_ptr<Clock> Clock::system() { return std::make_shared<SystemClock>(); }
std::shared_ptr<Random> Random::system() { return std::make_shared<SystemRandom>(); }
std::shared_ptr<Logger> Logger::silent() { return std::make_shared<SilentLogger>(); }
std::shared_ptr<Logger> Logger::standard_error(LogLevel level) { return std::make_shared<StandardErrorLogger>(level); }

}  // namespace c2d
