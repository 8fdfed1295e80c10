#include "provider/http/request_log.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace c2d::provider {

namespace {

constexpr std::chrono::seconds kSummaryPeriod{5};
constexpr double kLinesAtOnce = 100, kLinesPerSecond = 10;

}  // namespace

bool RequestLog::Allowance::take(Moment now) {
    const std::chrono::duration<double> passed = now - since;
    since = now;
    lines = std::min(kLinesAtOnce, lines + passed.count() * kLinesPerSecond);
    if (lines < 1) return false;
    lines -= 1;
    return true;
}

RequestLog::~RequestLog() {
    const std::lock_guard lock(mutex_);
    write_summary({});
}

void RequestLog::count(Reason reason, Moment now) {
    const std::lock_guard lock(mutex_);
    // A quiet time ends with the first of them: the period begins here.
    if (counts_.empty() && left_out_ == 0) said_ = now;
    ++counts_[reason];
}

void RequestLog::line(Requester whose, LogLevel level, std::string_view text, Moment now) {
    const std::lock_guard lock(mutex_);
    auto& allowance = allowances_.try_emplace(whose, Allowance{kLinesAtOnce, now}).first->second;
    if (allowance.take(now)) return logger_->log(level, text);
    if (counts_.empty() && left_out_ == 0) said_ = now;
    ++left_out_;
}

void RequestLog::write_summary_if_due(Moment now) {
    const std::lock_guard lock(mutex_);
    if (now - said_ >= kSummaryPeriod) write_summary(now);
}

void RequestLog::write_summary(Moment now) {
    said_ = now;
    std::string list;
    for (const auto& [reason, count] : counts_)
        list += fmt::format("{}{} {}", list.empty() ? "" : ", ", count, reason_name(reason));
    if (!list.empty()) logger_->log(LogLevel::warn, "requests refused before a signature held: " + list);
    if (left_out_ > 0)
        logger_->log(LogLevel::warn, fmt::format("{} lines about signed requests left out: more than {} a second came",
                                                 left_out_, kLinesPerSecond));
    counts_.clear();
    left_out_ = 0;
}

}  // namespace c2d::provider
