// Chain::deploy: what it does on a network, and how it fails.

#include "chain/evm/address_file.hpp"
#include "chain/evm/json_rpc.hpp"
#include "codec/transaction.hpp"
#include "support/anvil.hpp"
#include "support/doubles.hpp"
#include "support/temp_dir.hpp"
#include "tools/http_server.hpp"

#include <c2d/chain_server.hpp>

#include <fmt/format.h>

namespace c2d::evm {

namespace {

using support::must;
using support::named_key;
using Arguments = std::vector<std::string>;

/// Gas costs something here, as on most networks; `rich` has plenty, everybody else nothing.
struct Place {
    explicit Place(const Arguments& arguments = {}) : anvil(must(support::Anvil::start(C2D_SOURCE_DIR, arguments))) {
        options.network_url = anvil->url();
        options.address_file = folder / "addresses.json";
        options.network_name = "place";
        ask("anvil_setBalance", {address_text(rich->address()), "0xde0b6b3a7640000"});
    }
    json::Value ask(std::string_view method, json::Array parameters) {
        return must(JsonRpc(anvil->url(), HttpTransport::curl(), Logger::silent()).call(method, std::move(parameters)));
    }
    std::string transactions_of(const Signer& who) {
        return ask("eth_getTransactionCount", {address_text(who.address()), "latest"}).text();
    }
    std::string file() const { return support::read_text(options.address_file); }

    support::TempDir folder;
    std::unique_ptr<support::Anvil> anvil;
    ChainOptions options;
    std::shared_ptr<PrivateKey> rich = named_key("rich");
};

/// Before its third signature, somebody else uses the same key.
class SharedKey final : public Signer {
public:
    SharedKey(std::shared_ptr<PrivateKey> key, std::function<void()> meanwhile)
        : key_(std::move(key)), meanwhile_(std::move(meanwhile)) {}
    Address address() const override { return key_->address(); }
    Result<Signature> sign_digest(const Bytes32& digest) override {
        if (++signatures_ == 3) meanwhile_();
        return key_->sign_digest(digest);
    }

private:
    const std::shared_ptr<PrivateKey> key_;
    const std::function<void()> meanwhile_;
    int signatures_ = 0;
};

}  // namespace

TEST_CASE_FIXTURE(Place, "contracts are deployed once, used, and their file keeps its other networks") {
    support::write_text(options.address_file, R"({"other": {"note": "stays"}})");
    std::vector<std::string> said;
    DeployOptions how;
    how.progress = [&](std::uint64_t, std::uint64_t, std::string_view line) { said.emplace_back(line); };
    const auto made = must(Chain::deploy(options, *rich, how));
    CHECK(made.deployer == rich->address());
    CHECK(made.contracts.role_controller == create_address(rich->address(), 0));
    CHECK(made.contracts.job_receipts == create_address(made.contracts.task_market, 1));
    CHECK(made.contracts.identity == create_address(made.contracts.asset_provider, 1));
    CHECK(made.first_block == 1);
    CHECK(made.transactions.size() == 5);
    CHECK(said.size() == 5);
    CHECK(file().find(R"("note": "stays")") != std::string::npos);

    auto chain = must(Chain::open(options));
    CHECK(chain.network().contracts == made.contracts);
    CHECK(chain.network().edition == 2);
    CHECK(chain.has_receipts());
    must(chain.register_enterprise(*rich, rich->address(), "org", ""));
    CHECK(must(chain.is_enterprise(rich->address())));

    const auto before = file();
    const auto again = Chain::deploy(options, *rich);
    REQUIRE(again.status() == Status::CONFLICT);
    CHECK(again.error().name == "network_exists");
    CHECK(transactions_of(*rich) == "0x6");
    CHECK(file() == before);
    how.replace = true;
    const auto replaced = must(Chain::deploy(options, *rich, how));
    CHECK(replaced.contracts.role_controller == create_address(rich->address(), 6));
    CHECK(must(Chain::open(options)).network().contracts == replaced.contracts);
}

TEST_CASE_FIXTURE(Place, "a wrong address is found before a fee is paid for it") {
    const auto made = must(Chain::deploy(options, *rich));
    const auto refuse = [&](const ContractAddresses& wrong, std::string_view words) {
        auto file = json::Value::object({});
        auto entry = json::Value::object({});
        for (const auto& contract : kContracts) entry.set(contract.name, address_text(wrong.*contract.address));
        file.set("place", entry);
        support::write_text(options.address_file, json::compact(file));
        auto chain = must(Chain::open(options));
        const auto before = transactions_of(*rich);
        const auto refused = chain.register_enterprise(*rich, rich->address(), "org", "");
        REQUIRE(refused.status() == Status::INVALID_ARGUMENT);
        CHECK_MESSAGE(refused.error().message.find(words) != std::string::npos, refused.error().message);
        CHECK(chain.check_contracts().status() == Status::INVALID_ARGUMENT);
        CHECK(transactions_of(*rich) == before);
    };
    auto swapped = made.contracts;
    std::swap(swapped.asset_provider, swapped.op_template);
    refuse(swapped, "expected the contract AssetProvider at");
    auto empty = made.contracts;
    empty.asset_provider = rich->address();
    refuse(empty, "expected the contract AssetProvider at");
    // The right contracts, of two deployments.
    DeployOptions again;
    again.replace = true;
    auto mixed = must(Chain::deploy(options, *rich, again)).contracts;
    mixed.asset_provider = made.contracts.asset_provider;
    refuse(mixed, "of different deployments");
}

TEST_CASE_FIXTURE(Place, "who cannot pay sends nothing") {
    const auto poor = named_key("poor");
    const auto refused = Chain::deploy(options, *poor);
    REQUIRE(refused.status() == Status::LIMIT);
    CHECK(refused.error().message.find("has 0 wei, but deploying takes up to") != std::string::npos);
    CHECK(transactions_of(*poor) == "0x0");
    CHECK_FALSE(std::filesystem::exists(options.address_file));
}

TEST_CASE("a network whose blocks are too small is named before anything is sent") {
    Place place({"--gas-limit", "1500000"});
    const auto refused = Chain::deploy(place.options, *place.rich);
    REQUIRE_FALSE(refused.ok());
    CHECK_MESSAGE(refused.error().message.find("nothing was deployed") != std::string::npos, refused.error().message);
    CHECK(place.transactions_of(*place.rich) == "0x0");
}

TEST_CASE_FIXTURE(Place, "a transaction in between is noticed, since the contracts would not find each other") {
    SharedKey shared(rich, [this] {
        Transaction transfer;
        transfer.chain_id = 31337;
        transfer.nonce = 2;
        transfer.gas_price = 5'000'000'000;
        transfer.gas_limit = 21'000;
        transfer.to = rich->address();
        ask("eth_sendRawTransaction", {hex_text(must(sign_transaction(transfer, *rich)).raw)});
    });
    const auto refused = Chain::deploy(options, shared);
    REQUIRE(refused.status() == Status::CONFLICT);
    CHECK(refused.error().message.find("came in between") != std::string::npos);
    CHECK(refused.error().message.find("2 of 5 were created") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(options.address_file));
}

TEST_CASE_FIXTURE(Place, "an address file that cannot be meant is refused before anything is sent") {
    options.address_file = folder / "absent" / "addresses.json";
    CHECK(Chain::deploy(options, *rich).status() == Status::NOT_FOUND);
    support::write_text(folder / "list.json", "[]");
    options.address_file = folder / "list.json";
    CHECK(Chain::deploy(options, *rich).status() == Status::INVALID_ARGUMENT);
    CHECK(transactions_of(*rich) == "0x0");
}

TEST_CASE("ledgers have their contracts already") {
    support::TempDir folder;
    ChainOptions options;
    options.network_url = "ledger::memory:";
    options.address_file = folder / "addresses.json";
    options.network_name = "ledger";
    const auto key = named_key("admin");
    CHECK(Chain::deploy(options, *key).status() == Status::UNSUPPORTED);

    ChainServer server(must(Chain::create(options, *key)));
    const auto http = must(tools::HttpServer::start(
        {}, [&server](const HttpRequest& request, const auto& answered) { answered(server.handle(request)); }));
    options.network_url = fmt::format("http://127.0.0.1:{}", http->port());
    const auto refused = Chain::deploy(options, *key);
    REQUIRE(refused.status() == Status::CONFLICT);
    CHECK(refused.error().message.find("served ledger") != std::string::npos);
    options.network_name.clear();
    CHECK(Chain::deploy(options, *key).status() == Status::INVALID_ARGUMENT);
}

}  // namespace c2d::evm
