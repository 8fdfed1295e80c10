/// Requests that wait for a run to change: one thread for all of them.
#pragma once

#include <c2d/types.hpp>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace c2d::provider {

/// Thread-safe.
class LongPolls {
public:
    using Moment = std::chrono::steady_clock::time_point;
    /// Checks what is waited for. Answers, and returns true, when it has changed or this is the last check.
    using Check = std::function<bool(bool last)>;
    /// A key, and the organisation that it asks for.
    using Asker = std::pair<Address, Address>;

    static constexpr std::size_t kMax = 512;
    static constexpr std::size_t kPerSignerMax = 200;

    /// `tick` is called about once a second, from the thread.
    explicit LongPolls(std::function<void()> tick);
    ~LongPolls();

    /// Checks at once and at every change from now on. False: too many wait, `check` was not called.
    bool add(const Asker& asker, Moment until, Check check);
    /// Who waits, each once.
    std::set<Asker> askers() const;
    /// Checks what `asker` waits for, for the last time.
    void end(const Asker& asker);
    /// Something that is waited for may have changed.
    void changed();
    /// Checks each for the last time, and takes nothing more.
    void stop();

private:
    struct Poll {
        Asker asker;
        Moment until;
        Check check;
        const Address& signer() const { return asker.first; }
    };

    void run();
    /// Whose time it is; the others stay.
    std::vector<Poll> take_due(Moment now);

    const std::function<void()> tick_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    bool changed_ = false;
    std::size_t held_ = 0;
    std::map<Address, std::size_t> per_signer_;
    std::vector<Poll> polls_;
    std::thread thread_;
};

}  // namespace c2d::provider
