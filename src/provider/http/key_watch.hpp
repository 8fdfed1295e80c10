/// Tells the owner's log when the provider's key acts for its organisation no longer, or soon will not: nothing else
/// would before a receipt is due, and those who ask believe no answer of it.
#pragma once

#include <c2d/provider.hpp>

#include <optional>

namespace c2d::provider {

/// Used by one thread.
class KeyWatch {
public:
    /// Of a key that acts when it begins.
    KeyWatch(const Chain& chain, const ProviderOptions& options) : chain_(chain), options_(options) {}

    /// Asks the ledger once a minute, and once a day how long the key's time is; what cannot be read is asked again
    /// then.
    void look();

private:
    void look_for_end(std::uint64_t now);
    void say(LogLevel level, std::string_view what) const;

    const Chain& chain_;
    const ProviderOptions& options_;
    std::optional<std::uint64_t> looked_, looked_for_end_;
    bool acts_ = true;
};

}  // namespace c2d::provider
