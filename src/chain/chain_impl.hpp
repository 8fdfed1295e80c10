/// What a Chain holds: its node, what is known of the network, and the way to call.
#pragma once

#include "base/fail.hpp"
#include "base/try.hpp"
#include "chain/contract_calls.hpp"
#include "contracts/machine.hpp"

#include <c2d/chain.hpp>

namespace c2d {

struct Chain::Impl {
    std::shared_ptr<ChainNode> node;
    NetworkInfo network;
    NetworkFeatures features;
    ContractCalls calls;

    Impl(std::shared_ptr<ChainNode> n, NetworkInfo info, const ChainOptions& options)
        : node(std::move(n)),
          network(std::move(info)),
          features(network.features()),
          // A ledger's own processes are told of a taken nonce in no time.
          calls(*node, network, network.kind == "rpc" ? options.trust_dir : std::string(),
                2 * options.rpc.receipt_deadline) {}

    const ContractAddresses& at() const { return network.contracts; }

    /// Every log of the filter, in order, page by page.
    template <class Visit>
    Result<Unit> each_log(LogFilter filter, Visit visit) const {
        for (;;) {
            C2D_TRY(const auto page, node->log_page(filter));
            for (const auto& log : page.logs) C2D_CHECK(visit(log));
            if (!page.next_block) return Unit{};
            filter.from_block = *page.next_block;
        }
    }

    template <class Event>
    Result<std::vector<GrantRecord>> grants(const Event& event, const std::optional<TokenId>& dt,
                                            const std::optional<TokenId>& grantee, std::uint64_t from_block) const;

    /// The edition of the rules now: a ledger goes on to the next while it is open, and never back.
    Result<std::uint64_t> edition() const {
        if (features.edition_2 || network.salt.is_zero()) return network.edition;
        C2D_TRY(const auto now, node->info());
        return now.edition;
    }

    Result<Unit> require(const contracts::Function& function) const {
        if (contracts::brought_by(function) >= 2) return require(&NetworkFeatures::edition_2);
        if (function.contract == contracts::Contract::job_receipts) return require(&NetworkFeatures::receipts);
        return Unit{};
    }
    Result<Unit> require(bool NetworkFeatures::*feature) const {
        if (features.*feature) return Unit{};
        if (feature == &NetworkFeatures::edition_2) return require_edition_2();
        if (feature == &NetworkFeatures::receipts)
            return fail(Status::UNSUPPORTED, "this network has the original contracts: they keep no receipts of jobs");
        return fail(Status::UNSUPPORTED,
                    "this network has the original contracts: grants have no limits, cannot be revoked, and tasks "
                    "cannot be closed");
    }

private:
    Result<Unit> require_edition_2() const {
        C2D_TRY(const auto now, edition());
        if (now >= 2) return Unit{};
        return fail(Status::UNSUPPORTED, "this takes rules of edition 2, found edition {}: {}", now,
                    network.salt.is_zero()
                        ? "a network has those of its contracts for ever; deploy anew (docs/contracts.md)"
                        : "an administrator of the ledger starts it with dt-cli chain upgrade");
    }
};

}  // namespace c2d
