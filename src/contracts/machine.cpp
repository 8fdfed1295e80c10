#include "contracts/machine.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "contracts/rules.hpp"

#include <map>

namespace c2d::contracts {

namespace {

struct Entry {
    std::vector<abi::Type> parameters, returns;
    Handler handler;
};
using Table = std::map<std::array<std::uint8_t, 4>, Entry>;

Table make_table(std::initializer_list<std::span<const Rule>> files) {
    Table table;
    for (const auto rules : files)
        for (const auto& rule : rules)
            table.emplace(abi::selector(rule.function.signature),
                          Entry{abi::parse_signature(rule.function.signature).value(), types_of(rule.function.returns),
                                rule.handler});
    return table;
}

const Table* table_of(const BlockContext& block, const Address& to) {
    static const Table roles = make_table({role_controller_rules()});
    static const Table providers = make_table({asset_provider_rules()});
    static const Table templates = make_table({op_template_rules()});
    static const Table tokens = make_table({dt_factory_rules(), grant_rules()});
    static const Table tasks = make_table({task_market_rules()});
    static const Table receipts = make_table({job_receipts_rules()});
    if (to == block.contracts.role_controller) return &roles;
    if (to == block.contracts.asset_provider) return &providers;
    if (to == block.contracts.op_template) return &templates;
    if (to == block.contracts.dt_factory) return &tokens;
    if (to == block.contracts.task_market) return &tasks;
    if (to == block.contracts.job_receipts) return &receipts;
    return nullptr;
}

}  // namespace

Error revert(std::string_view why) { return fail(Status::NOT_FOUND, "the call reverts: {}", why); }

void Frame::emit(const abi::Event& event, const std::vector<abi::Value>& values) {
    auto encoded = abi::encode_event(event, values);
    Log log;
    log.address = self;
    log.topics = std::move(encoded.topics);
    log.data = std::move(encoded.data);
    log.index = std::uint32_t(logs_.size());
    logs_.push_back(std::move(log));
}

Result<Bytes> execute(const BlockContext& block, State& state, std::vector<Log>& logs, const Address& to,
                      const Address& from, BytesView data) {
    const Table* table = table_of(block, to);
    if (!table) return revert("no contract stands at " + address_text(to));
    if (data.size() < 4) return revert("the call data hold no function selector");
    const auto found = table->find({data[0], data[1], data[2], data[3]});
    if (found == table->end()) return revert("the contract has no such function");
    auto arguments = abi::decode(found->second.parameters, data.subspan(4));
    if (!arguments) return revert("malformed arguments: " + arguments.error().message);
    Frame frame(block, state, logs, to, from);
    frame.arguments = std::move(*arguments);
    C2D_TRY(const auto values, found->second.handler(frame));
    return abi::encode(found->second.returns, values);
}

}  // namespace c2d::contracts
