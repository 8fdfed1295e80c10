#include "chain/taken_back.hpp"

#include "base/try.hpp"
#include "contracts/interface.hpp"

namespace c2d {

namespace events = contracts::dt_factory;

Result<std::vector<TakenBack>> taken_back_since(const Chain& chain, std::uint64_t from_block) {
    std::vector<TakenBack> out;
    const auto& network = chain.network();
    if (!network.features().revoking) return out;
    LogFilter filter{network.contracts.dt_factory, {}, from_block, UINT64_MAX};
    filter.topics = {events::kDataTokenRevoked.topic, std::nullopt, std::nullopt, Bytes32{}};
    for (;;) {
        C2D_TRY(const auto page, chain.node().log_page(filter));
        for (const auto& log : page.logs) {
            C2D_TRY(const auto told, events::kDataTokenRevoked.decode(log.topics, log.data));
            const auto& [dt, owner, grantee, code] = told;
            out.push_back({dt, grantee, log.block_number});
        }
        if (!page.next_block) return out;
        filter.from_block = *page.next_block;
    }
}

}  // namespace c2d
