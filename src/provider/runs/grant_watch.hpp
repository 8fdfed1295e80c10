/// Ends runs under way whose data are taken back: the ledger is asked about all of them every two seconds, in one query
/// however many grants they rest on, whoever gave them. Each party's provider sees the same block and ends its own.
#pragma once

#include "provider/state/owner_store.hpp"

#include <c2d/job_verifier.hpp>

#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <thread>

namespace c2d::provider {

/// Why a job's data may not be used any more, for the owner; empty while they may. A ledger that does not answer at
/// this moment has taken nothing back, and must not cost a run that ended well.
std::string taken_back(const Chain& chain, OwnerStore& owner, const JobTerms& terms);

/// Thread-safe.
class GrantWatch {
public:
    /// A run that is watched for as long as this lives.
    class Watched {
    public:
        Watched(const Watched&) = delete;
        Watched& operator=(const Watched&) = delete;
        ~Watched();

    private:
        friend class GrantWatch;
        explicit Watched(GrantWatch& watch) : watch_(watch) {}
        GrantWatch& watch_;
        const JobTerms* terms_ = nullptr;
        std::uint64_t verified_at_ = 0;
        std::function<void()> end_;
    };

    GrantWatch(const Chain& chain, std::shared_ptr<OwnerStore> owner, std::shared_ptr<Logger> logger);
    ~GrantWatch();

    void start();
    /// `verified_at`: a block at or before the one that the terms were verified at. `end` is called on the watch's
    /// thread, perhaps more than once, and must not block.
    std::unique_ptr<Watched> watch(const JobTerms& terms, std::uint64_t verified_at, std::function<void()> end);
    /// Looks now.
    void wake();

private:
    void work();
    /// With the lock, which is let go of while the ledger is asked.
    void look(std::unique_lock<std::mutex>& lock);
    void end_where(const std::function<std::string(const Watched&)>& why);

    const Chain& chain_;
    const std::shared_ptr<OwnerStore> owner_;
    const std::shared_ptr<Logger> logger_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::list<Watched*> watched_;
    std::uint64_t next_block_ = 0;
    CancelToken ending_;
    bool stopping_ = false, asked_ = false, failing_ = false;
    std::thread thread_;
};

}  // namespace c2d::provider
