/// One token and compositions of it on any network, without documents: what grants are decided by.
#pragma once

#include "job/grant_decision.hpp"
#include "support/doubles.hpp"
#include "support/reason_text.hpp"

#include <functional>
#include <map>

namespace c2d::support {

/// The administrator "admin" registers a bank, whose token "rows" it is, and two companies, "solver" and "firm".
class Market {
public:
    Market(Chain& on, std::function<std::uint64_t()> now) : chain(on), now_(std::move(now)) {
        for (const char* who : {"bank", "solver", "firm"}) {
            must(chain.register_enterprise(key("admin"), key(who).address(), who, "about"));
            must(chain.add_provider(key("admin"), key(who).address()));
        }
        must(chain.mint(key("bank"), named_id("rows"), true, named_id("sum"), "QmRows"));
    }

    static PrivateKey& key(const std::string& name) {
        static std::map<std::string, std::shared_ptr<PrivateKey>> keys;
        auto& known = keys[name];
        if (!known) known = named_key(name);
        return *known;
    }
    void compose(const char* cdt, const char* who) {
        must(chain.mint(key(who), named_id(cdt), false, named_id("sum"), "QmModel"));
    }
    /// As a provider does: gives what it may.
    Reason ask(const char* cdt, const asset::GrantTerms& terms) {
        job::GrantAnswer answer;
        const auto verdict = must(job::decide_grant(chain, {named_id("rows"), named_id(cdt), terms, now_()}, answer));
        if (!verdict.accepted()) return verdict.reason;
        if (!answer.stands) must(chain.grant(key("bank"), named_id("rows"), named_id(cdt), answer.limits));
        return Reason::accepted;
    }
    void take_back(const char* cdt) { must(chain.revoke(key("bank"), named_id("rows"), named_id(cdt))); }

    Chain& chain;

private:
    std::function<std::uint64_t()> now_;
};

}  // namespace c2d::support
