/// What eth_getLogs asks for, and what it finds.
#pragma once

#include "codec/json.hpp"

#include <c2d/chain_node.hpp>

#include <array>
#include <vector>

namespace c2d::rpc {

/// A number, or a tag; `latest` and its kin are the head.
Result<std::uint64_t> block_tag(const json::Value* value, std::uint64_t head);

/// Nothing given matches anything; several values match each of them.
struct LogQuery {
    std::vector<Address> addresses;
    std::array<std::vector<Bytes32>, 4> topics;
    std::uint64_t from_block = 0, to_block = 0;

    bool wants(const Log& log) const;
};
Result<LogQuery> read_log_query(const json::Value* value, std::uint64_t head);

/// The logs of the contracts that the query wants, contract by contract.
Result<std::vector<Log>> find_logs(ChainNode& node, const ContractAddresses& contracts, const LogQuery& query);

}  // namespace c2d::rpc
