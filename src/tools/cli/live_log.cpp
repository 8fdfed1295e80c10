#include "tools/cli/live_log.hpp"

#include <c2d/sandbox.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace c2d::cli {

std::string labelled_line(unsigned party, std::string_view line) {
    return fmt::format("party {} | {}\n", party, sanitise_log(line));
}

LiveLog::LiveLog(std::size_t parties, std::uint64_t bytes_max, Show show)
    : bytes_max_(bytes_max), show_(std::move(show)), parties_(parties), thread_([this] { show_waiting(); }) {}

void LiveLog::take(unsigned party, std::string_view bytes) {
    const std::lock_guard lock(mutex_);
    Party& own = parties_[party];
    while (!bytes.empty()) {
        const auto end = std::min(bytes.find('\n'), bytes.size());
        const auto part = bytes.substr(0, std::min(end, kLiveLineMax - own.line.size()));
        own.line += part;
        own.cut = own.cut || part.size() < end;
        if (end == bytes.size()) return;
        end_line(party);
        bytes.remove_prefix(end + 1);
    }
}

/// Lines that nobody could wait for are counted, as is what goes past a party's bound.
void LiveLog::end_line(unsigned party) {
    Party& own = parties_[party];
    if (own.cut) own.line += "...";
    auto text = labelled_line(party, own.line);
    const bool fits = own.shown_bytes + own.line.size() < bytes_max_ && waiting_bytes_ + text.size() <= kLiveWaitingMax;
    if (fits) {
        own.shown_bytes += own.line.size() + 1;
        waiting_bytes_ += text.size();
        waiting_.push_back(std::move(text));
        changed_.notify_all();
    }
    if (!fits || own.cut) ++own.left_out;
    own.line.clear();
    own.cut = false;
}

void LiveLog::show_waiting() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        const auto text = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        show_(text);
        lock.lock();
        waiting_bytes_ -= text.size();
    }
}

void LiveLog::finish() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        for (unsigned party = 0; party < parties_.size(); ++party)
            if (!parties_[party].line.empty()) end_line(party);
        ending_ = true;
        changed_.notify_all();
    }
    thread_.join();
}

}  // namespace c2d::cli
