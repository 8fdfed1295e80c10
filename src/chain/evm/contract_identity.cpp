#include "chain/evm/contract_identity.hpp"

#include "base/try.hpp"
#include "chain/evm/address_file.hpp"
#include "contracts/interface.hpp"

#include <fmt/format.h>

namespace c2d::evm {

namespace {

namespace c = contracts;
using c::Contract;

/// A view of each of the five that none of the others has; without arguments, or of zeros.
Bytes question_of(std::size_t contract) {
    switch (Contract(contract)) {
        case Contract::role_controller: return c::role_controller::kCheckRole.call({}, c::kAdmin);
        case Contract::asset_provider: return c::asset_provider::kIsProvider.call({});
        case Contract::op_template: return c::op_template::kCount.call();
        case Contract::dt_factory: return c::dt_factory::kCount.call();
        default: return c::task_market::kGetJobNum.call();
    }
}

template <abi::Text kView>
Wire wire(Contract contract, Contract other, std::uint64_t edition = 1) {
    using View = abi::Function<kView, Address()>;
    return {contract, View::call(), View::signature, other, edition};
}

/// The answer to a view that returns one word; empty when it reverts or answers something else.
Result<Bytes> word_of(ChainNode& node, const Address& at, const Bytes& question) {
    auto answer = node.call(at, question);
    if (!answer && answer.status() == Status::NOT_FOUND) return Bytes{};
    if (!answer) return answer;
    return answer->size() == 32 ? *std::move(answer) : Bytes{};
}

Result<std::string> wrong_wire(ChainNode& node, const ContractAddresses& at) {
    std::string problem;
    const std::uint64_t edition = at.identity.is_zero() ? 1 : 2;
    bool any_tells = false;
    for (const auto& wire : wires()) {
        if (wire.edition > edition) continue;
        // These views are how the addresses were found: they say nothing about the others.
        if (wire.contract == Contract::task_market && wire.other == Contract::job_receipts) continue;
        if (wire.contract == Contract::asset_provider && wire.other == Contract::identity) continue;
        const Address &asked = c::address_of(at, wire.contract), &expected = c::address_of(at, wire.other);
        C2D_TRY(const auto answer, word_of(node, asked, wire.question));
        any_tells = any_tells || !answer.empty();
        const auto found =
            answer.empty() ? Address{} : Address::from(BytesView(answer).subspan(12)).value_or(Address{});
        if (found == expected || !problem.empty()) continue;
        problem = fmt::format(
            "{} at {} works together with {} where {} is expected: the addresses are of different "
            "deployments",
            c::name_of(wire.contract), address_text(asked),
            answer.empty() ? std::string("nobody") : address_text(found), address_text(expected));
    }
    // A served ledger has no such views: its contracts are one.
    return any_tells ? problem : std::string();
}

}  // namespace

const std::vector<Wire>& wires() {
    static const std::vector<Wire> kWires = {
        wire<"assetProvider">(Contract::role_controller, Contract::asset_provider),
        wire<"roleController">(Contract::asset_provider, Contract::role_controller),
        wire<"roleController">(Contract::op_template, Contract::role_controller),
        wire<"roleController">(Contract::dt_factory, Contract::role_controller),
        wire<"taskMarket">(Contract::dt_factory, Contract::task_market),
        wire<"roleController">(Contract::task_market, Contract::role_controller),
        wire<"dtFactory">(Contract::task_market, Contract::dt_factory),
        wire<"jobReceipts">(Contract::task_market, Contract::job_receipts),
        wire<"dtFactory">(Contract::job_receipts, Contract::dt_factory),
        wire<"taskMarket">(Contract::job_receipts, Contract::task_market),
        wire<"roleController">(Contract::job_receipts, Contract::role_controller, 2),
        wire<"identity">(Contract::role_controller, Contract::identity, 2),
        wire<"identity">(Contract::asset_provider, Contract::identity, 2),
        wire<"roleController">(Contract::identity, Contract::role_controller, 2)};
    return kWires;
}

Result<std::string> wrong_contract(ChainNode& node, const ContractAddresses& at) {
    for (std::size_t i = 0; i < kDeployed.size(); ++i) {
        const Address& address = at.*kDeployed[i].address;
        C2D_TRY(const auto answer, word_of(node, address, question_of(i)));
        if (answer.empty())
            return fmt::format("expected the contract {} at {}, but none stands there", kDeployed[i].name,
                               address_text(address));
    }
    // The original contracts do not tell whom they work with.
    return at.job_receipts.is_zero() ? Result<std::string>(std::string()) : wrong_wire(node, at);
}

}  // namespace c2d::evm
