#include "chain/evm/deploy.hpp"

#include "base/defaults.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "chain/evm/address_file.hpp"
#include "chain/evm/address_text.hpp"
#include "chain/evm/contract_identity.hpp"
#include "chain/evm/json_rpc.hpp"
#include "chain/evm/quantity.hpp"
#include "chain/evm/rpc_node.hpp"
#include "codec/transaction.hpp"
#include "contracts/compiled.hpp"
#include "contracts/interface.hpp"

#include <array>

namespace c2d::evm {

namespace {

using json::Value;

using contracts::Contract;

constexpr std::size_t kCount = kDeployed.size();
using CreationCodes = std::array<Bytes, kCount>;

/// The addresses of five deployments in a row, from `nonce` on, and of what those deploy themselves.
ContractAddresses predict(const Address& deployer, std::uint64_t nonce) {
    ContractAddresses out;
    for (std::size_t i = 0; i < kCount; ++i) out.*kDeployed[i].address = create_address(deployer, nonce + i);
    // A contract's nonces begin at 1 (EIP-161).
    out.job_receipts = create_address(out.task_market, 1);
    out.identity = create_address(out.asset_provider, 1);
    return out;
}

/// Each contract is told at its creation where those stand that it asks, or that may ask it.
std::vector<Address> constructor_arguments(std::size_t contract, const ContractAddresses& at) {
    switch (Contract(contract)) {
        case Contract::role_controller: return {at.asset_provider};
        case Contract::dt_factory: return {at.role_controller, at.task_market};
        case Contract::task_market: return {at.role_controller, at.dt_factory};
        default: return {at.role_controller};
    }
}

Result<CreationCodes> creation_codes(const ContractAddresses& at) {
    CreationCodes out;
    for (std::size_t i = 0; i < kCount; ++i) {
        C2D_TRY(out[i], parse_hex(contracts::compiled_contracts()[i].bytecode));
        for (const auto& address : constructor_arguments(i, at)) {
            const Bytes word = abi::Returns<Address>::encode(address);
            out[i].insert(out[i].end(), word.begin(), word.end());
        }
    }
    return out;
}

/// Saturates: a price times an amount of gas.
std::uint64_t times(std::uint64_t a, std::uint64_t b) {
    std::uint64_t out = 0;
    return __builtin_mul_overflow(a, b, &out) ? UINT64_MAX : out;
}

class Deployer {
public:
    Deployer(const ChainOptions& options, Signer& signer, const DeployOptions& how, std::shared_ptr<ChainNode> node)
        : signer_(signer),
          how_(how),
          node_(std::move(node)),
          addresses_(options.rpc.address_prefix),
          rpc_(options.network_url, options.http, options.logger, options.rpc.methods) {}

    Result<Deployment> run() {
        C2D_CHECK(refuse_served_ledger());
        C2D_TRY(const auto info, node_->info());
        C2D_TRY(first_nonce_, node_->nonce(signer_.address()));
        out_.chain_id = info.chain_id;
        out_.deployer = signer_.address();
        out_.contracts = predict(signer_.address(), first_nonce_);
        C2D_TRY(const auto codes, creation_codes(out_.contracts));
        C2D_CHECK(plan_gas(codes));
        C2D_CHECK(require_balance());
        for (std::size_t i = 0; i < kCount; ++i) C2D_CHECK(create(i, codes[i]));
        C2D_CHECK(check_wiring());
        return out_;
    }

private:
    Result<Unit> refuse_served_ledger() {
        const auto served = rpc_.call("c2d_network", {});
        if (served) return fail(Status::CONFLICT, "this node is a served ledger: its contracts stand already");
        return Unit{};
    }

    /// Asks for every contract before any is sent, so that what cannot work costs nothing.
    Result<Unit> plan_gas(const CreationCodes& codes) {
        C2D_TRY(fees_, node_->gas_terms(signer_.address(), signer_.address(), {}));
        C2D_TRY(const auto latest, rpc_.call("eth_getBlockByNumber", {"latest", false}));
        C2D_TRY(const auto block_limit, saturated_quantity_of(latest.find("gasLimit"), "block gas limit"));
        for (std::size_t i = 0; i < kCount; ++i) {
            const auto asked = rpc_.call(
                "eth_estimateGas",
                {Value::object({{"from", addresses_.write(signer_.address())}, {"data", hex_text(codes[i])}})});
            if (!asked)
                return fail(asked.status(), "the node does not estimate the creation of {}: {}; nothing was deployed",
                            kDeployed[i].name, asked.error().message);
            C2D_TRY(const auto gas, quantity_of(&*asked, "gas estimate"));
            gas_[i] = std::min(gas + gas / 4, block_limit);
            if (gas > block_limit)
                return fail(Status::LIMIT,
                            "creating {} takes {} gas, but a block of this network holds {}; "
                            "nothing was deployed",
                            kDeployed[i].name, gas, block_limit);
        }
        return Unit{};
    }

    Result<Unit> require_balance() {
        std::uint64_t gas = 0;
        for (const auto limit : gas_) gas += limit;
        const std::uint64_t needed = times(gas, fees_.gas_price);
        if (needed == 0) return Unit{};
        C2D_TRY(const auto asked, rpc_.call("eth_getBalance", {addresses_.write(signer_.address()), "latest"}));
        C2D_TRY(const auto balance, saturated_quantity_of(&asked, "balance"));
        if (balance >= needed) return Unit{};
        return fail(Status::LIMIT,
                    "{} has {} wei, but deploying takes up to {} ({} gas at {} wei); nothing was deployed",
                    address_text(signer_.address()), balance, needed, gas, fees_.gas_price);
    }

    Result<Unit> create(std::size_t contract, const Bytes& code) {
        const char* name = kDeployed[contract].name;
        C2D_TRY(const auto next, node_->nonce(signer_.address()));
        // Every address was predicted from the nonces: one transaction in between, and none is
        // right.
        if (next > first_nonce_ + contract) return nonce_moved(contract);
        Transaction transaction;
        transaction.type = fees_.dynamic_fee ? Transaction::Type::dynamic_fee : Transaction::Type::legacy;
        transaction.chain_id = out_.chain_id;
        transaction.nonce = first_nonce_ + contract;
        transaction.gas_price = fees_.gas_price;
        transaction.priority_fee = fees_.priority_fee;
        transaction.gas_limit = gas_[contract];
        transaction.data = code;
        C2D_TRY(const auto signed_transaction, sign_transaction(transaction, signer_));
        const auto receipt = node_->submit(signed_transaction.raw);
        if (!receipt && receipt.status() == Status::CONFLICT) return nonce_moved(contract);
        if (!receipt)
            return fail(receipt.status(), "creating {} ({} of {}): {}", name, contract + 1, kCount,
                        receipt.error().message);
        if (!receipt->succeeded)
            return fail(Status::REFUSED, "creating {} failed in transaction {}; it was given {} gas", name,
                        hex_text(receipt->transaction), gas_[contract]);
        return note(contract, *receipt);
    }

    Result<Unit> note(std::size_t contract, const Receipt& receipt) {
        const char* name = kDeployed[contract].name;
        const Address& at = out_.contracts.*kDeployed[contract].address;
        C2D_TRY(const auto code, rpc_.call("eth_getCode", {addresses_.write(at), "latest"}));
        if (!code.is_string() || code.text().size() <= 2)
            return fail(Status::CORRUPT, "transaction {} created {}, but no code stands at {}",
                        hex_text(receipt.transaction), name, address_text(at));
        if (contract == 0) out_.first_block = receipt.block_number;
        out_.transactions.push_back(receipt.transaction);
        if (how_.progress) how_.progress(contract + 1, kCount, fmt::format("{} at {}", name, address_text(at)));
        return Unit{};
    }

    Error nonce_moved(std::size_t done) const {
        return fail(Status::CONFLICT,
                    "another transaction of {} came in between, so the contracts would not find "
                    "each other. {} "
                    "of {} were created and are of no use; deploy again with a key that nobody "
                    "else uses meanwhile",
                    address_text(signer_.address()), done, kCount);
    }

    Result<Unit> check_wiring() {
        for (const auto& wire : wires()) {
            C2D_TRY(const auto data, node_->call(address_of(out_.contracts, wire.contract), wire.question));
            C2D_TRY(const auto answer, abi::Returns<Address>::decode(data));
            const Address& expected = address_of(out_.contracts, wire.other);
            if (answer != expected)
                return fail(Status::CORRUPT, "{}.{}: expected {}, found {}", name_of(wire.contract), wire.view,
                            address_text(expected), address_text(answer));
        }
        const auto& is_admin = contracts::role_controller::kCheckRole;
        C2D_TRY(const auto data,
                node_->call(out_.contracts.role_controller, is_admin.call(signer_.address(), contracts::kAdmin)));
        C2D_TRY(const bool admin, is_admin.read_answer(data));
        if (!admin) return fail(Status::CORRUPT, "the deployer is no administrator of the new contracts");
        return Unit{};
    }

    Signer& signer_;
    const DeployOptions& how_;
    const std::shared_ptr<ChainNode> node_;
    const AddressText addresses_;
    JsonRpc rpc_;
    std::uint64_t first_nonce_ = 0;
    GasTerms fees_;
    std::array<std::uint64_t, kCount> gas_{};
    Deployment out_;
};

}  // namespace

Result<Deployment> deploy(const ChainOptions& given, Signer& deployer, const DeployOptions& how) {
    ChainOptions options = given;
    options.http = or_default(std::move(options.http), [] { return HttpTransport::curl(); });
    if (options.address_file.empty() || options.network_name.empty())
        return fail(Status::INVALID_ARGUMENT,
                    "address_file and network_name must say where the addresses are to be written");
    C2D_TRY(auto file, AddressFile::open_for(options.address_file, options.network_name, how.replace));
    C2D_TRY(auto node, open_bare_rpc_node(options));
    C2D_TRY(const auto deployment, Deployer(options, deployer, how, std::move(node)).run());
    const auto written = file.write(deployment.contracts);
    if (!written)
        return fail(written.status(),
                    "the contracts stand, RoleController at {} and the others at the addresses of "
                    "the next four "
                    "nonces, but the address file could not be written: {}",
                    address_text(deployment.contracts.role_controller), written.error().message);
    return deployment;
}

}  // namespace c2d::evm
