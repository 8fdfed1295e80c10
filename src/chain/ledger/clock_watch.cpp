#include "chain/ledger/clock_watch.hpp"

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/try.hpp"

#include <charconv>
#include <sstream>

namespace c2d::ledger {

namespace {

constexpr std::string_view kTitle = "c2d clock 1";
constexpr std::size_t kBytesMax = 1024;
/// The file is replaced no more often, in seconds.
constexpr std::uint64_t kSavePeriod = 60;

std::string text_of(const ClockLook& look) {
    return fmt::format("{}\nboot {}\nuptime {}\nwall {}\n", kTitle, look.up.boot, look.up.seconds, look.wall);
}

/// The rest of the next line when it begins with `name` and a space.
std::optional<std::string> field(std::istringstream& lines, std::string_view name) {
    std::string line;
    if (!std::getline(lines, line) || line.size() <= name.size() || !line.starts_with(name) || line[name.size()] != ' ')
        return std::nullopt;
    return line.substr(name.size() + 1);
}

bool parse_number(const std::optional<std::string>& text, std::uint64_t& out) {
    if (!text) return false;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), out);
    return error == std::errc() && end == text->data() + text->size();
}

/// By how much the wall clock moved further than time passed. Uptimes that cannot be compared say nothing.
std::optional<std::int64_t> jump_between(const std::optional<ClockLook>& last, const ClockLook& now) {
    if (!last || last->up.boot != now.up.boot || now.up.seconds < last->up.seconds) return std::nullopt;
    return std::int64_t(now.wall - last->wall) - std::int64_t(now.up.seconds - last->up.seconds);
}

bool is_jump(const std::optional<std::int64_t>& seconds) { return seconds && *seconds > std::int64_t(kClockJumpMax); }

Error jumped(std::int64_t seconds) {
    Error error = fail(Status::UNAVAILABLE,
                       "this machine's clock moved {} s further than time passed since c2d last looked, and the kernel "
                       "does not say that it is synchronised; nothing is written with such a time. Compare the clock "
                       "with another one: set it, or say once that it is right (--clock_ok, ChainOptions::clock_ok)",
                       seconds);
    error.name = "clock_jumped";
    return error;
}

}  // namespace

Result<std::unique_ptr<ClockWatch>> ClockWatch::open(std::shared_ptr<Clock> clock, std::filesystem::path file,
                                                     bool clock_ok) {
    std::unique_ptr<ClockWatch> out(
        new ClockWatch(std::dynamic_pointer_cast<WatchedClock>(std::move(clock)), std::move(file)));
    const auto now = out->look();
    if (!now) return out;
    out->last_ = out->read();
    if (out->last_) out->saved_ = out->last_->wall;
    // A jump found here is said by the first write.
    if (clock_ok || !is_jump(jump_between(out->last_, *now)))
        C2D_CHECK(out->take(*now, clock_ok || !out->last_ || out->last_->up.boot != now->up.boot));
    return out;
}

std::optional<ClockLook> ClockWatch::look() const {
    const auto up = clock_ ? clock_->uptime() : std::nullopt;
    if (!up) return std::nullopt;
    return ClockLook{clock_->now_seconds(), *up};
}

/// A file that is not of the documented form is as good as none: it tells no time.
std::optional<ClockLook> ClockWatch::read() const {
    if (file_.empty()) return std::nullopt;
    const auto text = read_file(file_, kBytesMax);
    if (!text) return std::nullopt;
    std::istringstream lines(*text);
    std::string title;
    if (!std::getline(lines, title) || title != kTitle) return std::nullopt;
    ClockLook look;
    const auto boot = field(lines, "boot");
    if (!boot || !parse_number(field(lines, "uptime"), look.up.seconds) ||
        !parse_number(field(lines, "wall"), look.wall))
        return std::nullopt;
    look.up.boot = *boot;
    return look;
}

Result<Unit> ClockWatch::take(const ClockLook& look, bool save) {
    last_ = look;
    // Also when the clock was set back: what stands there would be of a time to come.
    const bool due = look.wall >= saved_ + kSavePeriod || look.wall < saved_;
    if (file_.empty() || !(save || due)) return Unit{};
    saved_ = look.wall;
    return write_file_atomic(file_, text_of(look), 0600);
}

Result<Unit> ClockWatch::require_steady() {
    const auto now = look();
    if (!now) return Unit{};
    const std::lock_guard lock(mutex_);
    const auto jump = jump_between(last_, *now);
    if (is_jump(jump) && !clock_->synchronised()) {
        // Somebody may have said to another process that the clock is right.
        const auto newer = jump_between(read(), *now);
        if (!newer || is_jump(newer)) return jumped(*jump);
    }
    // What is not saved is only a look less.
    (void)take(*now, false).ok();
    return Unit{};
}

}  // namespace c2d::ledger
