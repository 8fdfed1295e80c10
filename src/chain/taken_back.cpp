#include "chain/taken_back.hpp"

#include "base/try.hpp"
#include "contracts/interface.hpp"

namespace c2d {

namespace events = contracts::dt_factory;

namespace {

template <class Visit>
Result<Unit> each_log(const Chain& chain, LogFilter filter, Visit visit) {
    for (;;) {
        C2D_TRY(const auto page, chain.node().log_page(filter));
        for (const auto& log : page.logs) C2D_CHECK(visit(log));
        if (!page.next_block) return Unit{};
        filter.from_block = *page.next_block;
    }
}

/// Events of DTFactory that succeeded, whatever they name.
LogFilter filter_of(const Chain& chain, const abi::Event& event, std::uint64_t from_block, std::size_t code_at) {
    LogFilter filter{chain.network().contracts.dt_factory, {}, from_block, UINT64_MAX};
    filter.topics[0] = event.topic;
    filter.topics[code_at] = Bytes32{};
    return filter;
}

}  // namespace

Result<std::vector<TakenBack>> taken_back_since(const Chain& chain, std::uint64_t from_block) {
    std::vector<TakenBack> out;
    if (!chain.network().features().revoking) return out;
    C2D_CHECK(each_log(chain, filter_of(chain, events::kDataTokenRevoked, from_block, 3),
                       [&](const Log& log) -> Result<Unit> {
                           C2D_TRY(const auto told, events::kDataTokenRevoked.decode(log.topics, log.data));
                           const auto& [dt, owner, grantee, code] = told;
                           out.push_back({dt, grantee, log.block_number});
                           return Unit{};
                       }));
    C2D_CHECK(
        each_log(chain, filter_of(chain, events::kDataTokenClosed, from_block, 2), [&](const Log& log) -> Result<Unit> {
            C2D_TRY(const auto told, events::kDataTokenClosed.decode(log.topics, log.data));
            const auto& [dt, owner, code] = told;
            out.push_back({dt, std::nullopt, log.block_number});
            return Unit{};
        }));
    return out;
}

Result<std::uint64_t> decisions_kept_from(const Chain& chain) {
    C2D_TRY(const auto edition, chain.edition());
    if (edition < 2) return UINT64_MAX;
    // Contracts of an EVM network stay as they were deployed.
    std::uint64_t from = 0;
    if (chain.network().salt.is_zero()) return from;
    const auto& started = contracts::role_controller::kEditionStarted;
    LogFilter filter{chain.network().contracts.role_controller, {started.topic, Bytes32{}}, 0, UINT64_MAX};
    C2D_CHECK(each_log(chain, filter, [&](const Log& log) -> Result<Unit> {
        C2D_TRY(const auto told, started.decode(log.topics, log.data));
        if (std::get<0>(told).number() == 2) from = log.block_number;
        return Unit{};
    }));
    return from;
}

}  // namespace c2d
