#include "chain/ledger/log_query.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"

namespace c2d::ledger {

namespace {

constexpr std::size_t kLogsMax = 100'000;

Result<Unit> add_block(StateStore& view, std::uint64_t number, std::vector<BlockRef>& out) {
    C2D_TRY(const auto block, view.block(number));
    if (!block) return fail(Status::CORRUPT, "the index of what was replayed names block {}, which is absent", number);
    out.emplace_back(number, block->hash);
    return Unit{};
}

Result<std::vector<BlockRef>> blocks_at(StateStore& view, IndexKey key, std::uint64_t from, std::uint64_t to,
                                        std::size_t count_max = SIZE_MAX) {
    std::vector<BlockRef> out;
    C2D_TRY(const auto numbers, view.find(key, from, to, count_max));
    for (const auto number : numbers) C2D_CHECK(add_block(view, number, out));
    return out;
}

bool matches(const Log& log, const LogFilter& filter) {
    if (log.address != filter.address) return false;
    for (std::size_t t = 0; t < filter.topics.size(); ++t)
        if (filter.topics[t] && (t >= log.topics.size() || log.topics[t] != *filter.topics[t])) return false;
    return true;
}

}  // namespace

Result<std::vector<BlockRef>> blocks_of(StateStore& view, const Bytes32& transaction) {
    return blocks_at(view, index_key(transaction), 0, UINT64_MAX);
}

/// By the most selective topic; without any, block by block.
Result<std::vector<BlockRef>> blocks_of(StateStore& view, const LogFilter& filter, std::size_t count_max) {
    for (std::size_t t = filter.topics.size(); t-- > 0;)
        if (filter.topics[t] && is_indexed(t, *filter.topics[t]))
            return blocks_at(view, index_key(filter.address, t, *filter.topics[t]), filter.from_block, filter.to_block,
                             count_max);
    std::vector<BlockRef> out;
    const auto last = std::min(filter.to_block, view.head()->number);
    for (auto number = filter.from_block; number <= last && out.size() < count_max; ++number)
        C2D_CHECK(add_block(view, number, out));
    return out;
}

Result<std::vector<Log>> read_logs(LedgerFile& file, const std::vector<BlockRef>& blocks, const LogFilter& filter) {
    std::vector<Log> out;
    for (const auto& [number, hash] : blocks) {
        if (number == 0) continue;  // the genesis has no logs
        C2D_TRY(const auto block, read_block(file, number, hash));
        C2D_TRY(auto receipts, decode_receipts(block.receipts));
        C2D_TRY(const auto raws, decode_transactions(block.transactions));
        for (std::size_t position = 0; position < std::min(receipts.size(), raws.size()); ++position) {
            for (auto& log : receipts[position]) {
                if (!matches(log, filter)) continue;
                if (out.size() == kLogsMax)
                    return fail(Status::LIMIT, "more than {} logs match; ask for fewer blocks at a time", kLogsMax);
                log.block_number = number;
                log.transaction = keccak256(raws[position]);
                out.push_back(std::move(log));
            }
        }
    }
    return out;
}

Result<LogPage> read_page(LedgerFile& file, const std::vector<BlockRef>& blocks, const LogFilter& filter) {
    C2D_TRY(auto logs, read_logs(file, blocks, filter));
    LogPage page{std::move(logs), std::nullopt};
    if (blocks.size() == kPageBlocks) page.next_block = blocks.back().first + 1;
    return page;
}

}  // namespace c2d::ledger
