/// A ledger with named people on it: keys, organisations, a clock that stands still.
#pragma once

#include "support/doubles.hpp"

#include <c2d/chain.hpp>

#include <map>
#include <memory>
#include <string>

namespace c2d::support {

class Ledger {
public:
    explicit Ledger(const std::string& path = ":memory:") {
        options.network_url = "ledger:" + path;
        options.clock = clock;
        options.random = std::make_shared<RepeatableRandom>("ledger");
        chain.emplace(must(Chain::create(options, signer("admin"))));
    }

    CountingSigner& signer(const std::string& name) {
        auto& signer = signers_[name];
        if (!signer) signer = std::make_shared<CountingSigner>(named_key(name));
        return *signer;
    }
    std::shared_ptr<Signer> shared_signer(const std::string& name) {
        signer(name);
        return signers_[name];
    }
    /// Registers an enterprise that is also a provider, as `system org` does.
    CountingSigner& organisation(const std::string& name) { return organisation(name, name); }
    CountingSigner& organisation(const std::string& key, const std::string& name) {
        auto& out = signer(key);
        must(chain->register_enterprise(signer("admin"), out.address(), name, "about " + name));
        must(chain->add_provider(signer("admin"), out.address()));
        return out;
    }
    Chain& operator*() { return *chain; }
    Chain* operator->() { return &*chain; }

    std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
    ChainOptions options;
    std::optional<Chain> chain;

private:
    std::map<std::string, std::shared_ptr<CountingSigner>> signers_;
};

}  // namespace c2d::support
