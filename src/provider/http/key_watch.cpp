#include "provider/http/key_watch.hpp"

#include "asset/publishing.hpp"

#include <fmt/format.h>

namespace c2d::provider {

namespace {

constexpr std::uint64_t kSecondsADay = 86'400;
constexpr std::uint64_t kLookSeconds = 60, kWarnSeconds = 14 * kSecondsADay;

/// After that time, and where the clock was set back.
bool is_due(const std::optional<std::uint64_t>& last, std::uint64_t now, std::uint64_t period) {
    return !last || now < *last || now - *last >= period;
}

}  // namespace

void KeyWatch::look() {
    const auto now = options_.clock->now_seconds();
    if (!is_due(looked_, now, kLookSeconds)) return;
    looked_ = now;
    const auto acts = chain_.acts_for(options_.signer->address(), options_.organisation, KeyUse::work);
    if (!acts) return;
    if (acts_ && !*acts)
        say(LogLevel::error,
            "no longer: nobody believes its answers, and receipts wait; start with one that does, dt-cli "
            "system keys shows which");
    if (!acts_ && *acts) say(LogLevel::info, "again");
    acts_ = *acts;
    if (acts_ && is_due(looked_for_end_, now, kSecondsADay)) look_for_end(now);
}

void KeyWatch::look_for_end(std::uint64_t now) {
    looked_for_end_ = now;
    const auto delegates = chain_.delegates(options_.organisation);
    if (!delegates) return;
    for (const auto& delegate : *delegates) {
        const bool ours = delegate.use == KeyUse::work && delegate.key == options_.signer->address();
        if (ours && delegate.valid_to <= now + kWarnSeconds)
            say(LogLevel::warn, fmt::format("until {} and not beyond: dt-cli system add_delegate gives it more time",
                                            asset::utc_text(delegate.valid_to)));
    }
}

void KeyWatch::say(LogLevel level, std::string_view what) const {
    options_.logger->log(level, fmt::format("the key {} acts for {} {}", address_text(options_.signer->address()),
                                            address_text(options_.organisation), what));
}

}  // namespace c2d::provider
