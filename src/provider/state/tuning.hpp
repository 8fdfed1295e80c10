/// The options of a provider that may change while it runs (`Provider::reconfigure`). Thread-safe.
#pragma once

#include <c2d/provider.hpp>

#include <mutex>

namespace c2d::provider {

/// As they stand at one moment.
struct Tuned {
    std::size_t queue_max = 0, queue_share = 0;
    std::chrono::seconds waiting{0}, attempt_wait{0};
    std::uint64_t disk_bytes_min = 0;
    SandboxLimits limits;

    static Tuned of(const ProviderOptions& options) {
        return {options.queue_max,    options.queue_share,    options.waiting,
                options.attempt_wait, options.disk_bytes_min, options.limits};
    }
};

class Tuning {
public:
    explicit Tuning(const ProviderOptions& options) : tuned_(Tuned::of(options)) {}
    Tuned now() const {
        const std::lock_guard lock(mutex_);
        return tuned_;
    }
    void set(const Tuned& tuned) {
        const std::lock_guard lock(mutex_);
        tuned_ = tuned;
    }

private:
    mutable std::mutex mutex_;
    Tuned tuned_;
};

}  // namespace c2d::provider
