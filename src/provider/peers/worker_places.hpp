/// Who may run: as many runs at a time as there are workers, in the order of their jobs' numbers.
///
/// A joint run needs a place at every party. So it holds one on trial until all have theirs, and gives it back to
/// whoever comes before it: the numbers are the ledger's, hence the same everywhere, and the lowest job that seeks
/// places gets all of them in the end, whatever the order in which requests came in at each provider (wait-die of
/// Rosenkrantz, Stearns and Lewis, 1978, with the job's number for the time stamp). One that holds a place on trial for
/// long while others wait lets them go first for a moment, now and then for long: its peers may be busy for hours, or
/// only say so. A run that needs no other party seeks a place that is held on trial for long, too.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>

namespace c2d::provider {

class WorkerPlaces {
public:
    using Time = std::chrono::steady_clock::time_point;
    /// Job and party.
    using Run = std::pair<std::uint64_t, unsigned>;
    /// How long a place is held on trial while others wait, and how long they go first then: so that the times of
    /// holding overlap at five providers whose clocks differ.
    static constexpr std::chrono::milliseconds kTrial{5'000}, kPause{1'000}, kPauseMax{120'000};

    explicit WorkerPlaces(unsigned workers) : workers_(workers) {}

    /// After every so many long trials a run lets all others go first for as many each. So whoever's peers are there
    /// has its turn behind several whose peers keep them waiting.
    static constexpr unsigned kAllFirstEvery = 4;

    /// One run that seeks a place, or has one, until it goes. Of one thread at a time.
    class Seeker {
    public:
        /// `joint`: it needs places elsewhere, too.
        Seeker(WorkerPlaces& places, Run run, bool joint = true);
        ~Seeker();
        Seeker(const Seeker&) = delete;
        Seeker& operator=(const Seeker&) = delete;

        /// Takes a place on trial if there is one that nobody before us waits for; true while we have it.
        bool try_take(Time now);
        /// Whether somebody should have our place who has none.
        bool is_wanted(Time now) const;
        /// Gives the place back that is held on trial.
        void give_back(Time now);
        /// Keeps the place until we go.
        void keep();

    private:
        WorkerPlaces& places_;
        const Run run_;
    };

    /// Whether a run that needs no other party would have a place at once.
    bool is_free(Time now) const;
    /// Whether such a run would be lent one that is held on trial for long: by seeking it.
    bool is_lent(Time now) const;

private:
    enum class Stage { seeking, trial, kept };
    struct State {
        Stage stage = Stage::seeking;
        /// Of a trial: when it began; of one who seeks: until when others go first.
        Time since{};
        bool joint = true;
        /// Long trials in a row that came to nothing.
        unsigned trials = 0;

        bool is_long_trial(Time now) const { return stage == Stage::trial && now - since >= kTrial; }
    };
    std::size_t taken() const;
    std::size_t others() const;
    /// Who seek a place now, up to `before` (and not it).
    std::size_t seeking_before(const Run& before, Time now) const;

    const unsigned workers_;
    mutable std::mutex mutex_;
    std::map<Run, State> runs_;
};

}  // namespace c2d::provider
