#include "chain/rpc/log_query.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "chain/evm/quantity.hpp"

#include <algorithm>

namespace c2d::rpc {

using json::Value;

namespace {

/// Alternatives for one topic or for the address of a filter.
constexpr std::size_t kAlternativesMax = 100;

/// A value, a list of values, or nothing.
template <class T>
Result<std::vector<T>> one_or_several(const Value* value, std::string_view what,
                                      Result<T> (*read)(const Value*, std::string_view)) {
    std::vector<T> out;
    if (!value || value->is_null()) return out;
    if (!value->is_array()) {
        C2D_TRY(out.emplace_back(), read(value, what));
        return out;
    }
    if (value->items().size() > kAlternativesMax)
        return fail(Status::LIMIT, "expected at most {} values in place of one {}", kAlternativesMax, what);
    for (const auto& item : value->items()) {
        C2D_TRY(out.emplace_back(), read(&item, what));
    }
    return out;
}

}  // namespace

/// A number, or a tag; `latest` and its kin are the head.
Result<std::uint64_t> block_tag(const Value* value, std::uint64_t head) {
    if (!value || value->is_null()) return head;
    const auto& text = value->text();
    if (text == "latest" || text == "pending" || text == "safe" || text == "finalized") return head;
    if (text == "earliest") return std::uint64_t(0);
    return evm::quantity_of(value, "block");
}

bool LogQuery::wants(const Log& log) const {
    for (std::size_t t = 0; t < topics.size(); ++t)
        if (!topics[t].empty() &&
            (t >= log.topics.size() || std::ranges::find(topics[t], log.topics[t]) == topics[t].end()))
            return false;
    return true;
}

Result<LogQuery> read_log_query(const Value* value, std::uint64_t head) {
    if (!value || !value->is_object()) return fail(Status::INVALID_ARGUMENT, "expected a filter object");
    if (value->find("blockHash"))
        return fail(Status::INVALID_ARGUMENT, "blockHash is not known here; give fromBlock and toBlock");
    LogQuery query;
    C2D_TRY(query.addresses, one_or_several(value->find("address"), "filter address", evm::address_of));
    C2D_TRY(query.from_block, block_tag(value->find("fromBlock"), head));
    C2D_TRY(query.to_block, block_tag(value->find("toBlock"), head));
    const Value* topics = value->find("topics");
    for (std::size_t t = 0; topics && t < topics->items().size(); ++t) {
        if (t >= query.topics.size()) return fail(Status::INVALID_ARGUMENT, "expected at most 4 topics");
        C2D_TRY(query.topics[t], one_or_several(&topics->items()[t], "topic", evm::hash_of));
    }
    return query;
}

/// The node knows one value a topic: what has several is left open there and sorted out here.
Result<std::vector<Log>> find_logs(ChainNode& node, const ContractAddresses& contracts, const LogQuery& query) {
    std::vector<Log> out;
    for (const auto& contract : kContracts) {
        const Address& address = contracts.*contract.address;
        if (!query.addresses.empty() && std::ranges::find(query.addresses, address) == query.addresses.end()) continue;
        LogFilter filter{address, {}, query.from_block, query.to_block};
        for (std::size_t t = 0; t < query.topics.size(); ++t)
            if (query.topics[t].size() == 1) filter.topics[t] = query.topics[t][0];
        C2D_TRY(auto found, node.logs(filter));
        std::ranges::copy_if(found, std::back_inserter(out), [&](const Log& log) { return query.wants(log); });
    }
    return out;
}

}  // namespace c2d::rpc
