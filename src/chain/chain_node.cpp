// What a node answers that does not know better.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/transaction.hpp"

#include <c2d/chain_node.hpp>

namespace c2d {

Result<std::optional<BlockInfo>> ChainNode::block(std::uint64_t) {
    return fail(Status::UNSUPPORTED, "this node does not show blocks");
}
Result<std::optional<TransactionInfo>> ChainNode::transaction(const Bytes32&) {
    return fail(Status::UNSUPPORTED, "this node does not show transactions");
}
Result<LogPage> ChainNode::log_page(const LogFilter& filter) {
    C2D_TRY(auto all, logs(filter));
    return LogPage{std::move(all), std::nullopt};
}
Result<std::optional<Head>> ChainNode::block_head(std::uint64_t number) {
    C2D_TRY(const auto found, block(number));
    return found ? std::optional<Head>(found->head) : std::nullopt;
}
Result<Bytes> ChainNode::call_data(const Bytes32& hash) {
    C2D_TRY(const auto found, transaction(hash));
    if (!found) return fail(Status::NOT_FOUND, "no transaction {}", hex_text(hash));
    C2D_TRY(auto decoded, decode_transaction(found->raw));
    return std::move(decoded.transaction.data);
}
Result<std::shared_ptr<ChainNode>> ChainNode::at_head() { return std::shared_ptr<ChainNode>(); }
Result<std::shared_ptr<ChainNode>> ChainNode::at_read_block() { return std::shared_ptr<ChainNode>(); }
Result<Unit> ChainNode::check_contracts() { return Unit{}; }
Result<GasTerms> ChainNode::gas_terms(const Address&, const Address&, BytesView) { return GasTerms{}; }

}  // namespace c2d
