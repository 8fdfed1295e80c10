#include "chain/ledger/replay.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "chain/ledger/execution.hpp"
#include "crypto/hash.hpp"

namespace c2d::ledger {

namespace {

Result<StoredBlock> stored_block(LedgerFile& file, std::uint64_t number) {
    auto block = file.block(number);
    if (!block && block.status() == Status::UNSUPPORTED)
        return fail(Status::UNSUPPORTED, "block {}: {}", number, block.error().message);
    if (!block && block.status() != Status::CORRUPT) return block.error();
    if (!block) return corrupt_block(number, "header", block.error().message);
    if (!*block) return corrupt_block(number, "number", "the block is missing");
    return **std::move(block);
}

Result<Unit> check_content(const StoredBlock& block, const Header& header) {
    const auto number = block.head.number;
    if (block_hash(block.header) != block.head.hash)
        return corrupt_block(number, "hash", "differs from the header's hash");
    if (header.transactions_hash != keccak256(block.transactions))
        return corrupt_block(number, "transactions", "differ from the header's hash");
    if (header.receipts_hash != keccak256(block.receipts))
        return corrupt_block(number, "receipts", "differ from the header's hash");
    return Unit{};
}

Result<Unit> check_links(const StoredBlock& block, const Header& header, const std::optional<Head>& parent) {
    const auto number = block.head.number;
    if (encode_header(header) != block.header) return corrupt_block(number, "header", "is not canonical");
    if (header.number != number) return corrupt_block(number, "header.number", "differs from its place");
    if (header.parent != (parent ? parent->hash : Bytes32{}))
        return corrupt_block(number, "header.parent", "is not the previous block");
    if (parent && header.time < parent->time)
        return corrupt_block(number, "header.time", "is before the previous block");
    return Unit{};
}

}  // namespace

Error corrupt_block(std::uint64_t block, std::string_view field, std::string_view what) {
    auto error = fail(Status::CORRUPT, "block {}, field {}: {}", block, field, what);
    error.name = "ledger_corrupt";
    return error;
}

Error rolled_back(std::uint64_t number, const Bytes32& hash, std::string_view found) {
    auto error = fail(
        Status::CORRUPT,
        "the ledger lacks block {} with hash {}, which was seen before: {}; do not use it, and ask "
        "its keeper who put back or rewrote the file. If blocks were taken out on purpose, accept the head that the "
        "keeper tells you: dt-cli chain accept (docs/recovery.md)",
        number, hex_text(hash), found);
    error.name = "ledger_rolled_back";
    return error;
}

std::optional<LedgerAhead> ahead_of(const Head& block, std::uint64_t now) {
    if (block.time <= kClockSkewMax || block.time - kClockSkewMax <= now) return std::nullopt;
    return LedgerAhead{block.number, block.time, block.time - kClockSkewMax - now};
}

Error ledger_ahead(const LedgerAhead& ahead) {
    auto error = fail(Status::UNAVAILABLE,
                      "block {} of the ledger bears a time {} s ahead of this machine's clock: that of its writer was "
                      "wrong, or this one is. Compare this clock with another one and set it if it is wrong; else wait "
                      "{} s, or ask the ledger's keeper to take the block out (dt-cli chain cut, docs/recovery.md)",
                      ahead.block, ahead.wait + kClockSkewMax, ahead.wait);
    error.name = "ledger_ahead";
    error.code = ahead.wait;
    return error;
}

Result<Unit> require_block(LedgerFile& file, std::uint64_t number, const Bytes32& hash) {
    C2D_TRY(const auto last, file.last());
    if (last.number < number) return rolled_back(number, hash, fmt::format("it ends with block {}", last.number));
    C2D_TRY(const auto block, stored_block(file, number));
    const auto found = block_hash(block.header);
    if (found != hash) return rolled_back(number, hash, "its block has hash " + hex_text(found));
    return Unit{};
}

Result<StoredBlock> read_block(LedgerFile& file, std::uint64_t number, const Bytes32& hash) {
    C2D_TRY(auto block, stored_block(file, number));
    if (block.head.hash != hash) return corrupt_block(number, "hash", "is not the one that was replayed");
    C2D_TRY(const auto header, decode_header(block.header));
    C2D_CHECK(check_content(block, header));
    return block;
}

Result<std::optional<LedgerAhead>> Replay::step(LedgerFile& file, StateStore& view, std::uint64_t now) const {
    const auto& parent = view.head();
    C2D_TRY(const auto block, stored_block(file, parent ? parent->number + 1 : 0));
    C2D_TRY(const auto header, decode_header(block.header));
    C2D_CHECK(check_content(block, header));
    C2D_CHECK(check_links(block, header, parent));
    if (auto ahead = ahead_of(block.head, now)) return ahead;
    C2D_TRY(auto taken, parent ? replay_block(block, header, view) : replay_first(block, header, view));
    if (header.writes_hash != writes_hash(taken.writes))
        return corrupt_block(block.head.number, "header.writes", "are not those of the rules");
    view.take(taken);
    return std::optional<LedgerAhead>();
}

Result<AppliedBlock> Replay::replay_first(const StoredBlock& block, const Header& header, StateStore& view) const {
    C2D_TRY(const auto genesis, decode_genesis(block.transactions));
    if (genesis.time != block.head.time) return corrupt_block(0, "header.time", "differs from the genesis");
    if (genesis.edition != header.edition) return corrupt_block(0, "header.version", "differs from the genesis");
    if (genesis != genesis_) return corrupt_block(0, "transactions", "are not the genesis that was opened");
    if (block.receipts != encode_receipts({})) return corrupt_block(0, "receipts", "must be empty");
    contracts::Overlay overlay(view);
    C2D_CHECK(apply_genesis(overlay, genesis));
    return AppliedBlock{block.head, overlay.release(), {}, {}};
}

Result<AppliedBlock> Replay::replay_block(const StoredBlock& block, const Header& header, StateStore& view) const {
    const auto number = block.head.number;
    auto raws = decode_transactions(block.transactions);
    if (!raws) return corrupt_block(number, "transactions", raws.error().message);
    if (raws->empty()) return corrupt_block(number, "transactions", "are none");
    if (raws->size() > kBlockTransactionsMax)
        return corrupt_block(number, "transactions",
                             fmt::format("are {}, more than {}", raws->size(), kBlockTransactionsMax));
    contracts::Overlay overlay(view);
    AppliedBlock taken{block.head, {}, {}, {}};
    C2D_TRY(const auto before, contracts::edition_of(view));
    if (header.edition != before && header.edition != before + 1)
        return corrupt_block(number, "header.version",
                             fmt::format("is {} after a block of edition {}", header.edition, before));
    contracts::BlockContext context{number, header.time, contracts_, header.edition, header.edition != before};
    for (const auto& raw : *raws) {
        const auto transaction = decode_transaction(raw);
        if (!transaction) return corrupt_block(number, "transactions", transaction.error().message);
        auto logs = apply_transaction(overlay, context, genesis_.chain_id, *transaction);
        if (!logs) return corrupt_block(number, "transactions", logs.error().message);
        if (std::exchange(context.opens_edition, false)) {
            C2D_TRY(const auto opened, contracts::edition_of(overlay));
            if (opened != header.edition)
                return corrupt_block(number, "header.version", "is raised by a block that does not start that edition");
        }
        taken.transactions.push_back(transaction->hash);
        taken.receipts.push_back(*std::move(logs));
    }
    if (encode_receipts(taken.receipts) != block.receipts)
        return corrupt_block(number, "receipts", "are not those of the rules");
    taken.writes = overlay.release();
    return taken;
}

}  // namespace c2d::ledger
