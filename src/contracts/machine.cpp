#include "contracts/machine.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "contracts/rules.hpp"

#include <algorithm>
#include <map>

namespace c2d::contracts {

namespace {

/// Every rule file.
const std::vector<std::span<const Rule>>& all_rules() {
    static const std::vector<std::span<const Rule>> kFiles = {
        role_controller_rules(), asset_provider_rules(), op_template_rules(),  dt_factory_rules(), grant_rules(),
        decision_rules(),        task_market_rules(),    job_receipts_rules(), identity_rules(),
    };
    return kFiles;
}

using Table = std::map<abi::Selector, const Rule*>;

std::array<Table, std::size(kContracts)> make_tables() {
    std::array<Table, std::size(kContracts)> tables;
    for (const auto rules : all_rules())
        for (const auto& rule : rules)
            tables[std::size_t(rule.function.contract)].emplace(abi::selector(rule.function.signature), &rule);
    return tables;
}

const Table* table_of(const BlockContext& block, const Address& to) {
    static const auto kTables = make_tables();
    for (std::size_t i = 0; i < kTables.size(); ++i)
        if (to == block.contracts.*kContracts[i].address) return &kTables[i];
    return nullptr;
}

}  // namespace

bool starts_edition(const ContractAddresses& contracts, const Address& to, BytesView data) {
    static const auto kSelector = abi::selector(role_controller::kStartEdition.signature);
    return to == contracts.role_controller && data.size() >= kSelector.size() &&
           std::equal(kSelector.begin(), kSelector.end(), data.begin());
}

Error revert(std::string_view why) { return fail(Status::NOT_FOUND, "the call reverts: {}", why); }

std::vector<Function> all_functions() {
    std::vector<Function> out;
    for (const auto rules : all_rules())
        for (const auto& rule : rules) out.push_back(rule.function);
    return out;
}

std::uint64_t brought_by(const Function& function) {
    for (const auto rules : all_rules())
        for (const auto& rule : rules)
            if (rule.function == function) return rule.edition;
    return kEditionMax;
}

void Frame::append(abi::EncodedEvent event) {
    Log log;
    log.address = self;
    log.topics = std::move(event.topics);
    log.data = std::move(event.data);
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
    const Rule& rule = *found->second;
    if (rule.edition > block.edition)
        return revert(fmt::format("this ledger's rules are of edition {}: dt-cli chain upgrade", block.edition));
    Frame frame(block, state, logs, to, from);
    return rule.handler(frame, data.subspan(4));
}

}  // namespace c2d::contracts
