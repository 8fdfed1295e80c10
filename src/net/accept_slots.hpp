/// Which of those who call us may take how much of our time to prove who they are.
///
/// Anybody can open connections and say nothing. So half of the places are kept for addresses that
/// we know; a caller from elsewhere gets one of the others, and when none is free the one that has
/// been mute there for longest makes room. A caller whose ClientHello is complete is never dropped
/// for a newer one. Pure: no sockets, the time is passed in. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace c2d {

class AcceptSlots {
public:
    using Time = std::chrono::steady_clock::time_point;
    using Id = std::uint64_t;
    enum class Source { known, other };

    struct Limits {
        /// Of each half.
        std::size_t places = 32;
        /// Until the ClientHello is complete, and until the caller is accepted.
        std::chrono::milliseconds mute{5'000}, total{10'000};
    };
    struct Admission {
        /// None: every place that it could take is held by callers who have spoken.
        std::optional<Id> admitted;
        /// Who has to be dropped for it.
        std::optional<Id> dropped;
    };

    AcceptSlots() = default;
    explicit AcceptSlots(const Limits& limits) : limits_(limits) {}

    /// A known source takes a kept place while there is one, and competes for the others then.
    Admission admit(Source source, Time now);
    /// Its ClientHello is complete. Unknown ids change nothing, here and below.
    void note_client_hello(Id id);
    /// It was accepted, dropped, or went by itself.
    void release(Id id);
    /// Those whose time is over; they stay until they are released.
    std::vector<Id> overdue(Time now) const;
    std::size_t size() const { return places_.size(); }

private:
    struct Place {
        Id id = 0;
        bool kept = false, mute = true;
        Time since{};
    };
    std::size_t taken(bool kept) const;
    std::optional<Id> oldest_mute(bool kept) const;

    Limits limits_;
    /// In the order of their arrival.
    std::vector<Place> places_;
    Id last_ = 0;
};

}  // namespace c2d
