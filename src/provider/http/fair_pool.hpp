/// Threads that work for several parties in turn: whoever asks much does not keep others waiting.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace c2d::provider {

struct FairPoolBounds {
    unsigned threads = 1;
    /// Work that waits: of all, and of one party.
    std::size_t waiting_max = 1;
    std::size_t waiting_per_party_max = 1;
    /// Threads that one party may hold at a time.
    unsigned running_per_party_max = 1;
};

/// Thread-safe. Parties are served round robin, the work of one in its order.
class FairPool {
public:
    using Work = std::function<void()>;
    explicit FairPool(const FairPoolBounds& bounds);
    /// As `stop`.
    ~FairPool();

    /// False when there is no room, or the pool has stopped. Where all is full, whoever has most of the work that
    /// waits loses the newest of it, undone, to whoever has less. The work must not throw.
    bool submit(const std::string& party, Work work);
    /// Takes nothing more, waits for what runs; what waits is destroyed undone. Once, from no thread of its own.
    void stop();

private:
    struct Party {
        std::deque<Work> waiting;
        unsigned running = 0;
        /// Stands in `turns_`.
        bool listed = false;
    };

    void run();
    Work drop_from_longest_queue(std::size_t own);
    /// Lists a party that has work and a thread to spare.
    void list(const std::string& name, Party& party);

    const FairPoolBounds bounds_;
    std::mutex mutex_;
    std::condition_variable work_;
    bool stopping_ = false;
    std::size_t waiting_ = 0;
    std::map<std::string, Party> parties_;
    std::deque<std::string> turns_;
    std::vector<std::thread> threads_;
};

}  // namespace c2d::provider
