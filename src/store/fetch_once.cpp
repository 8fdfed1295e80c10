#include "store/fetch_once.hpp"

#include "base/call_scope.hpp"
#include "base/fail.hpp"

#include <condition_variable>
#include <map>
#include <mutex>

namespace c2d::store {

namespace {

using SteadyClock = std::chrono::steady_clock;

/// One read under way, and what came of it.
struct Fetch {
    SteadyClock::time_point since = SteadyClock::now();
    std::optional<Result<std::string>> found;
    /// Whoever read gave up for a reason of their own, which says nothing of the document.
    bool given_up = false;
};

struct Failure {
    Error error;
    SteadyClock::time_point until;
};

class FetchOnce final : public DocumentStore {
public:
    FetchOnce(std::shared_ptr<DocumentStore> below, FetchOnceBounds bounds)
        : below_(std::move(below)), bounds_(bounds) {}

    Result<std::string> put(std::string_view document) override {
        auto cid = below_->put(document);
        if (!cid) return cid;
        const std::lock_guard lock(mutex_);
        failures_.erase(*cid);
        return cid;
    }

    Result<std::string> get(std::string_view cid) override {
        const std::string name(cid);
        std::unique_lock lock(mutex_);
        for (;;) {
            if (const auto failed = known_failure(name)) return *failed;
            const auto under_way = fetches_.find(name);
            if (under_way == fetches_.end()) return fetch(lock, name);
            const auto fetch = under_way->second;
            if (SteadyClock::now() - fetch->since > bounds_.join_within)
                return fail(Status::UNAVAILABLE, "the document {} is being looked for; ask again", name);
            // In short turns: a cancellation does not wake the condition.
            while (!fetch->found && !CallScope::over()) done_.wait_for(lock, std::chrono::milliseconds(50));
            if (!fetch->found) return CallScope::error("the document " + name);
            if (*fetch->found || !fetch->given_up) return *fetch->found;
        }
    }

private:
    std::optional<Error> known_failure(const std::string& name) {
        const auto known = failures_.find(name);
        if (known == failures_.end()) return std::nullopt;
        if (SteadyClock::now() < known->second.until) return known->second.error;
        failures_.erase(known);
        return std::nullopt;
    }

    Result<std::string> fetch(std::unique_lock<std::mutex>& lock, const std::string& name) {
        const auto fetch = fetches_[name] = std::make_shared<Fetch>();
        lock.unlock();
        auto found = read(name);
        const bool given_up = CallScope::over();
        lock.lock();
        fetch->found = found;
        fetch->given_up = given_up;
        fetches_.erase(name);
        if (!found && !given_up) remember(name, found.error(), *fetch);
        done_.notify_all();
        return found;
    }

    /// An embedder's store may throw: those who wait for it must not wait for ever.
    Result<std::string> read(const std::string& name) {
        try {
            return below_->get(name);
        } catch (const std::exception& error) {
            return fail(Status::INTERNAL, "the document {}: {}", name, error.what());
        }
    }

    void remember(const std::string& name, const Error& error, const Fetch& fetch) {
        const auto now = SteadyClock::now();
        if (now - fetch.since < bounds_.slow_failure || error.status == Status::CANCELLED) return;
        std::erase_if(failures_, [now](const auto& entry) { return entry.second.until <= now; });
        if (failures_.size() < bounds_.failures_max)
            failures_.insert_or_assign(name, Failure{error, now + bounds_.remember_failure});
    }

    const std::shared_ptr<DocumentStore> below_;
    const FetchOnceBounds bounds_;
    std::mutex mutex_;
    std::condition_variable done_;
    std::map<std::string, std::shared_ptr<Fetch>> fetches_;
    std::map<std::string, Failure> failures_;
};

}  // namespace

std::shared_ptr<DocumentStore> fetch_once(std::shared_ptr<DocumentStore> below, FetchOnceBounds bounds) {
    return std::make_shared<FetchOnce>(std::move(below), bounds);
}

}  // namespace c2d::store
