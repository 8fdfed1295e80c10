#include "chain/evm/contract_identity.hpp"

#include "base/try.hpp"
#include "chain/evm/address_file.hpp"
#include "codec/abi.hpp"
#include "contracts/interface.hpp"

#include <fmt/format.h>

namespace c2d::evm {

namespace {

/// A view of each of the five that none of the others has; without arguments, or of zeros.
Bytes question_of(std::size_t contract) {
    namespace c = contracts;
    switch (contract) {
        case 0:
            return abi::encode_call(c::role_controller::kCheckRole.signature,
                                    {abi::Value::of(Address{}), abi::Value::of(std::uint64_t(c::kAdmin))});
        case 1: return abi::encode_call(c::asset_provider::kIsProvider.signature, {abi::Value::of(Address{})});
        case 2: return abi::encode_call(c::op_template::kCount.signature, {});
        case 3: return abi::encode_call(c::dt_factory::kCount.signature, {});
        default: return abi::encode_call(c::task_market::kGetJobNum.signature, {});
    }
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
    bool any_tells = false;
    for (const auto& wire : wires(at)) {
        // That view is how the address was found: it says nothing about the others.
        if (wire.expected == at.job_receipts) continue;
        C2D_TRY(const auto answer, word_of(node, wire.at, abi::encode_call(wire.view, {})));
        any_tells = any_tells || !answer.empty();
        const auto found =
            answer.empty() ? Address{} : Address::from(BytesView(answer).subspan(12)).value_or(Address{});
        if (found == wire.expected || !problem.empty()) continue;
        problem = fmt::format(
            "{} at {} works together with {} where {} is expected: the addresses are of different "
            "deployments",
            wire.contract, address_text(wire.at), answer.empty() ? std::string("nobody") : address_text(found),
            address_text(wire.expected));
    }
    // A served ledger has no such views: its contracts are one.
    return any_tells ? problem : std::string();
}

}  // namespace

std::vector<Wire> wires(const ContractAddresses& at) {
    return {{"RoleController", at.role_controller, "assetProvider()", at.asset_provider},
            {"AssetProvider", at.asset_provider, "roleController()", at.role_controller},
            {"OpTemplate", at.op_template, "roleController()", at.role_controller},
            {"DTFactory", at.dt_factory, "roleController()", at.role_controller},
            {"DTFactory", at.dt_factory, "taskMarket()", at.task_market},
            {"TaskMarket", at.task_market, "roleController()", at.role_controller},
            {"TaskMarket", at.task_market, "dtFactory()", at.dt_factory},
            {"TaskMarket", at.task_market, "jobReceipts()", at.job_receipts},
            {"JobReceipts", at.job_receipts, "dtFactory()", at.dt_factory},
            {"JobReceipts", at.job_receipts, "taskMarket()", at.task_market}};
}

Result<std::string> wrong_contract(ChainNode& node, const ContractAddresses& at) {
    for (std::size_t i = 0; i < std::size(kContracts); ++i) {
        const Address& address = at.*kContracts[i].address;
        C2D_TRY(const auto answer, word_of(node, address, question_of(i)));
        if (answer.empty())
            return fmt::format("expected the contract {} at {}, but none stands there", kContracts[i].name,
                               address_text(address));
    }
    // The original contracts do not tell whom they work with.
    return at.job_receipts.is_zero() ? Result<std::string>(std::string()) : wrong_wire(node, at);
}

}  // namespace c2d::evm
