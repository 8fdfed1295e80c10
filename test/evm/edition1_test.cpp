// A network with our contracts of edition 1, as they were compiled then (edition1/): it goes on as it is, and what it
// lacks is `unsupported` and costs nothing.

#include "chain/evm/json_rpc.hpp"
#include "codec/abi_function.hpp"
#include "codec/transaction.hpp"
#include "e2e/wait.hpp"
#include "support/anvil.hpp"
#include "support/doubles.hpp"
#include "support/temp_dir.hpp"

#include <c2d/chain.hpp>

#include <fmt/format.h>

namespace c2d::evm {

namespace {

using json::Value;
using support::must;
using support::named_id;
using support::named_key;

/// The five, made by "admin", whose first five nonces give their addresses; TaskMarket makes the sixth.
struct Network {
    Network() {
        options.network_url = anvil->url();
        options.address_file = folder / "addresses.json";
        options.network_name = "old";
        options.rpc.gas_price = 0;
        options.rpc.force_legacy = true;
        const auto at = [this](std::uint64_t nonce) { return create_address(admin->address(), nonce); };
        const std::vector<Address> arguments[] = {{at(1)}, {at(0)}, {at(0)}, {at(0), at(4)}, {at(0), at(3)}};
        Value entry = Value::object({});
        for (std::size_t i = 0; i < kDeployedContracts; ++i) {
            create(i, arguments[i]);
            entry.set(kContracts[i].name, address_text(at(i)));
        }
        Value file = Value::object({});
        file.set("old", std::move(entry));
        support::write_text(options.address_file, json::compact(file));
    }

    void create(std::size_t contract, const std::vector<Address>& arguments) {
        const auto path = fmt::format("{}/test/evm/edition1/{}.json", C2D_SOURCE_DIR, kContracts[contract].name);
        const auto artifact = must(json::parse(support::read_text(path), {std::size_t(1) << 22, 64}));
        Transaction transaction;
        transaction.chain_id = 31337;
        transaction.nonce = contract;
        transaction.gas_limit = 10'000'000;
        transaction.data = must(parse_hex(artifact.text_at({"bytecode"})));
        for (const auto& argument : arguments) {
            const Bytes word = abi::Returns<Address>::encode(argument);
            transaction.data.insert(transaction.data.end(), word.begin(), word.end());
        }
        const auto raw = must(sign_transaction(transaction, *admin)).raw;
        JsonRpc node(anvil->url(), HttpTransport::curl(), Logger::silent());
        const auto hash = must(node.call("eth_sendRawTransaction", {hex_text(raw)}));
        // The node answers before it has mined a block.
        test::wait_until("the contract",
                         [&] { return !must(node.call("eth_getTransactionReceipt", {hash})).is_null(); });
    }

    support::TempDir folder;
    std::unique_ptr<support::Anvil> anvil = must(support::Anvil::start(
        C2D_SOURCE_DIR, {"--hardfork", "paris", "--gas-price", "0", "--block-base-fee-per-gas", "0"}));
    ChainOptions options;
    std::shared_ptr<PrivateKey> admin = named_key("admin"), owner = named_key("owner");
};

}  // namespace

TEST_CASE_FIXTURE(Network, "a network of edition 1 goes on under its own rules") {
    auto chain = must(Chain::open(options));
    CHECK(chain.network().edition == 1);
    CHECK_FALSE(chain.network().contracts.job_receipts.is_zero());
    CHECK(chain.network().contracts.identity.is_zero());
    must(chain.check_contracts());
    must(chain.register_enterprise(*admin, owner->address(), std::string(300, 'n'), ""));
    must(chain.add_provider(*admin, owner->address()));
    const auto dt = named_id("dt"), cdt = named_id("cdt");
    must(chain.mint(*owner, dt, true, named_id("document"), "Qm"));
    must(chain.mint(*owner, cdt, false, named_id("document"), "Qm"));
    must(chain.grant(*owner, dt, cdt));
    must(chain.revoke(*owner, dt, cdt));
    must(chain.grant(*owner, dt, cdt, {0, 1}));  // no owner's word is asked for
    must(chain.start_compose(*owner, cdt, {dt}));
    const auto task = must(chain.create_task(*owner, "task", ""));
    const auto job = must(chain.add_job(*owner, cdt, task));
    CHECK(chain.add_job(*owner, cdt, task).error().name == "grant_spent");
    must(chain.post_receipt(*owner, job, dt, ReceiptOutcome::succeeded, named_id("receipt")));
    CHECK(must(chain.receipts_of(job)).size() == 1);
}

TEST_CASE_FIXTURE(Network, "what edition 1 lacks is unsupported, and nothing is sent for it") {
    auto chain = must(Chain::open(options));
    const auto nonce = must(chain.node().nonce(admin->address()));
    const auto one = fmt::format(R"(["{}"])", address_text(owner->address()));
    const auto two = fmt::format(R"(["{}", 101])", address_text(owner->address()));
    for (const std::string view : {"RoleController.edition", "RoleController.getAdmins"})
        CHECK(chain.ask(view).status() == Status::UNSUPPORTED);
    for (const std::string view :
         {"Identity.identityOwner", "AssetProvider.getLegalId", "AssetProvider.organisationOf"})
        CHECK(chain.ask(view, one).status() == Status::UNSUPPORTED);
    CHECK(chain.send(*admin, "RoleController.removeRole", two).status() == Status::UNSUPPORTED);
    CHECK(chain.send(*admin, "RoleController.startEdition", "[2]").status() == Status::UNSUPPORTED);
    CHECK(must(chain.node().nonce(admin->address())) == nonce);
}

}  // namespace c2d::evm
