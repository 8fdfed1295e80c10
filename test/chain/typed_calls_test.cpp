/// Chain's typed calls on the ledger, and on nodes that behave badly.
#include "chain/contract_calls.hpp"
#include "support/ledger.hpp"

using namespace c2d;
using support::Ledger;
using support::must;
using support::named_address;
using support::named_id;

namespace {

const Bytes32 kChecksum = keccak256("document");

struct People : Ledger {
    support::CountingSigner& admin = signer("admin");
    support::CountingSigner& bank = organisation("bank");
    support::CountingSigner& solver = organisation("solver");

    void compose() {
        must(chain->mint(bank, named_id("leaf"), true, kChecksum, "Qm1"));
        must(chain->mint(solver, named_id("cdt"), false, kChecksum, "Qm2"));
        must(chain->grant(bank, named_id("leaf"), named_id("cdt")));
        must(chain->start_compose(solver, named_id("cdt"), {named_id("leaf")}));
    }
};

template <class T>
void check_refused(const Result<T>& result, std::string_view contract, std::uint64_t code, std::string_view name) {
    REQUIRE(result.status() == Status::REFUSED);
    CHECK(result.error().source == contract);
    CHECK(result.error().code == code);
    CHECK(result.error().name == name);
    CHECK(result.error().transaction != std::array<std::uint8_t, 32>{});
}

}  // namespace

TEST_CASE_FIXTURE(People, "organisations are registered, renamed and read back") {
    CHECK(must(chain->enterprise(bank.address())).name == "bank");
    CHECK(must(chain->enterprise(bank.address())).description == "about bank");
    must(chain->update_enterprise(admin, bank.address(), "Bank", "big"));
    CHECK(must(chain->enterprise(bank.address())).name == "Bank");
    CHECK(must(chain->is_provider(bank.address())));
    CHECK_FALSE(must(chain->is_provider(named_address("nobody"))));
    CHECK(chain->enterprise(named_address("nobody")).status() == Status::NOT_FOUND);
    must(chain->add_admin(admin, named_address("deputy")));
    must(chain->add_provider(signer("deputy"), named_address("third")));
}

TEST_CASE_FIXTURE(People, "templates are published, updated and read back") {
    must(chain->publish_template(admin, named_id("op"), "mean", kChecksum, "Qm1"));
    auto record = must(chain->op_template(named_id("op")));
    CHECK(record.name == "mean");
    CHECK(record.publisher == admin.address());
    CHECK(record.checksum == kChecksum);
    CHECK(record.document == "Qm1");
    CHECK(record.block_updated == must(chain->info()).head.number);
    must(chain->update_template(admin, named_id("op"), "median", keccak256("new"), "Qm2"));
    record = must(chain->op_template(named_id("op")));
    CHECK(record.checksum == keccak256("new"));
    CHECK(record.document == "Qm2");
    CHECK(chain->op_template(named_id("none")).status() == Status::NOT_FOUND);
}

TEST_CASE_FIXTURE(People, "a receipt is posted once and read back, one by one and by job") {
    compose();
    const auto task = must(chain->create_task(solver, "t", ""));
    const auto job = must(chain->add_job(solver, named_id("cdt"), task));
    CHECK(chain->has_receipts());
    CHECK(must(chain->receipts_of(job)).empty());
    CHECK(chain->job_receipt(job, named_id("leaf")).status() == Status::NOT_FOUND);
    check_refused(chain->post_receipt(solver, job, named_id("leaf"), ReceiptOutcome::succeeded, kChecksum),
                  "JobReceipts", 10000, "no_permission");
    must(chain->post_receipt(bank, job, named_id("leaf"), ReceiptOutcome::failed, kChecksum));
    check_refused(chain->post_receipt(bank, job, named_id("leaf"), ReceiptOutcome::succeeded, kChecksum), "JobReceipts",
                  6003, "receipt_exists");
    const auto receipt = must(chain->job_receipt(job, named_id("leaf")));
    CHECK(receipt.owner == bank.address());
    CHECK(receipt.outcome == ReceiptOutcome::failed);
    CHECK(receipt.digest == kChecksum);
    CHECK(receipt.block_number + 1 == must(chain->info()).head.number);  // the refusal made one, too
    CHECK(receipt.block_time == must(chain->info()).head.time);
    const auto all = must(chain->receipts_of(job));
    REQUIRE(all.size() == 1);
    CHECK(all[0].dt == named_id("leaf"));
    CHECK(must(chain->receipts_of(job + 1)).empty());
}

TEST_CASE_FIXTURE(People, "a token's whole way can be read back") {
    compose();
    const auto leaf = must(chain->token(named_id("leaf")));
    CHECK(leaf.owner == bank.address());
    CHECK(leaf.minter == bank.address());
    CHECK(leaf.is_leaf);
    CHECK(leaf.document == "Qm1");
    CHECK(leaf.checksum == kChecksum);
    CHECK(must(chain->is_active(named_id("cdt"))));
    CHECK_FALSE(must(chain->is_active(named_id("leaf"))));
    CHECK(must(chain->has_grant(named_id("leaf"), named_id("cdt"))));
    CHECK_FALSE(must(chain->has_grant(named_id("cdt"), named_id("leaf"))));
    CHECK(must(chain->links_hold(named_id("cdt"), {named_id("leaf")})));
    CHECK_FALSE(must(chain->links_hold(named_id("cdt"), {named_id("none")})));
    CHECK(must(chain->children(named_id("cdt"))) == std::vector{named_id("leaf")});
    CHECK(must(chain->token_count()) == 2);
    const auto page = must(chain->tokens(0, 10));
    REQUIRE(page.size() == 2);
    CHECK(page[0].id == named_id("leaf"));
    CHECK(page[1].document == "Qm2");
    CHECK(must(chain->tokens(1, 10)).size() == 1);
    CHECK(must(chain->tokens(9, 10)).empty());
    CHECK(chain->token(named_id("none")).status() == Status::NOT_FOUND);
    CHECK(chain->token(TokenId{}).status() == Status::NOT_FOUND);
}

TEST_CASE_FIXTURE(People, "tasks and jobs give their numbers and are read back") {
    compose();
    CHECK(must(chain->create_task(bank, "score", "how")) == 1);
    CHECK(must(chain->create_task(bank, "second", "how")) == 2);
    CHECK(must(chain->add_job(solver, named_id("cdt"), 2)) == 1);
    CHECK(must(chain->add_job(solver, named_id("cdt"), 2)) == 2);
    const auto task = must(chain->task(2));
    CHECK(task.name == "second");
    CHECK(task.demander == bank.address());
    CHECK(task.status == 1);
    CHECK(task.jobs == std::vector<std::uint64_t>{1, 2});
    const auto job = must(chain->job(2));
    CHECK(job.task == 2);
    CHECK(job.solver == solver.address());
    CHECK(job.cdt == named_id("cdt"));
    CHECK(must(chain->job_count()) == 2);
    CHECK(chain->task(3).status() == Status::NOT_FOUND);
    CHECK(chain->job(3).status() == Status::NOT_FOUND);
}

TEST_CASE_FIXTURE(People, "a refusal names contract, code, the code's name and the transaction") {
    compose();
    const auto& nobody = named_address("new");
    check_refused(chain->add_admin(bank, nobody), "RoleController", 10000, "no_permission");
    check_refused(chain->add_admin(admin, admin.address()), "RoleController", 1001, "role_exists");
    check_refused(chain->register_enterprise(admin, bank.address(), "x", ""), "AssetProvider", 2001,
                  "enterprise_exists");
    check_refused(chain->update_enterprise(admin, nobody, "x", ""), "AssetProvider", 2002, "enterprise_unknown");
    check_refused(chain->add_provider(admin, bank.address()), "AssetProvider", 2003, "provider_exists");
    check_refused(chain->update_template(admin, named_id("op"), "x", kChecksum, ""), "OpTemplate", 3002,
                  "template_unknown");
    check_refused(chain->publish_template(bank, named_id("op"), "x", kChecksum, ""), "OpTemplate", 10000,
                  "no_permission");
    check_refused(chain->mint(bank, named_id("cdt"), true, kChecksum, ""), "DTFactory", 4001, "token_exists");
    check_refused(chain->grant(bank, named_id("leaf"), named_id("none")), "DTFactory", 4002, "token_unknown");
    check_refused(chain->start_compose(solver, named_id("cdt"), {named_id("leaf")}), "DTFactory", 4003,
                  "composite_active");
    check_refused(chain->grant(bank, named_id("leaf"), named_id("leaf")), "DTFactory", 4004, "composite_unavailable");
    check_refused(chain->grant(bank, named_id("leaf"), named_id("cdt")), "DTFactory", 4005, "granted_already");
    check_refused(chain->add_job(solver, named_id("cdt"), 1), "TaskMarket", 5001, "task_unavailable");
    must(chain->create_task(bank, "t", ""));
    check_refused(chain->add_job(bank, named_id("leaf"), 1), "TaskMarket", 5002, "token_inactive");
    check_refused(chain->add_job(bank, named_id("cdt"), 1), "TaskMarket", 5003, "token_foreign");
    check_refused(chain->create_task(admin, "t", ""), "TaskMarket", 10000, "no_permission");
    CHECK(chain->verify().ok());
}

TEST_CASE_FIXTURE(People, "the transaction of a refusal stands on the ledger") {
    const auto refused = chain->grant(bank, named_id("none"), named_id("none"));
    REQUIRE_FALSE(refused.ok());
    const auto receipt = must(chain->node().receipt(must(Bytes32::from(refused.error().transaction))));
    REQUIRE(receipt.has_value());
    CHECK(receipt->from == bank.address());
}

TEST_CASE_FIXTURE(People, "one write asks the signer once, reads ask it never") {
    const auto before = bank.signatures.load();
    must(chain->mint(bank, named_id("leaf"), true, kChecksum, "Qm1"));
    CHECK(bank.signatures == before + 1);
    must(chain->token(named_id("leaf")));
    must(chain->grants_of(named_id("leaf")));
    CHECK(bank.signatures == before + 1);
}

TEST_CASE_FIXTURE(People, "any function can be asked and sent by its name") {
    compose();
    CHECK(must(chain->ask("TaskMarket.getTaskNum")) == "[0]");
    const auto sent = must(chain->send(bank, "TaskMarket.createTask", R"(["score","how"])"));
    CHECK(sent.from == bank.address());
    CHECK(must(chain->ask("TaskMarket.getTaskbyId", "[1]")) ==
          "[\"" + address_text(bank.address()) + R"(","score","how",1,[]])");
    CHECK(must(chain->ask("TaskMarket.getTaskbyId", R"(["0x)" + std::string(63, '0') + R"(1"])")).find("score") !=
          std::string::npos);
    CHECK(must(chain->ask("DTFactory.getChildren", "[\"" + token_text(named_id("cdt")) + "\"]")) ==
          "[[\"" + hex_text(named_id("leaf")) + "\"]]");
    CHECK(must(chain->ask("AssetProvider.isProvider", "[\"" + address_text(bank.address()) + "\"]")) == "[true]");
    // The overload is told by the number of arguments.
    const auto pair = "\"" + hex_text(named_id("leaf")) + "\",\"" + hex_text(named_id("cdt")) + "\"";
    check_refused(chain->send(bank, "DTFactory.grantPermission", "[" + pair + "]"), "DTFactory", 4005,
                  "granted_already");
    must(chain->revoke(bank, named_id("leaf"), named_id("cdt")));
    must(chain->send(bank, "DTFactory.grantPermission", "[" + pair + ",0,7,2]"));
    CHECK(must(chain->grant_state(named_id("leaf"), named_id("cdt"))).limits.uses == 7);
    CHECK(chain->ask("DTFactory.getDTOwner", "[\"" + hex_text(named_id("none")) + "\"]").status() == Status::NOT_FOUND);
}

TEST_CASE_FIXTURE(People, "what others wrote reaches nobody's terminal by an answer") {
    must(chain->update_enterprise(signer("admin"), bank.address(), "ba\u202enk", "\u009b31m"));
    const auto answer =
        must(chain->ask("AssetProvider.getEnterprisebyId", "[\"" + address_text(bank.address()) + "\"]"));
    CHECK(answer.find(R"(ba\u202enk)") != std::string::npos);
    CHECK(answer.find(R"(\u009b31m)") != std::string::npos);
}

TEST_CASE_FIXTURE(People, "what fits no function is said before anything is sent") {
    const auto before = must(chain->info()).head.number;
    const auto refuse = [&](std::string_view function, std::string_view arguments, std::string_view words) {
        CAPTURE(std::string(function));
        const auto asked = chain->ask(function, arguments);
        const auto sent = chain->send(bank, function, arguments);
        CHECK(asked.status() == Status::INVALID_ARGUMENT);
        CHECK(sent.status() == Status::INVALID_ARGUMENT);
        CHECK_MESSAGE(sent.error().message.find(words) != std::string::npos, sent.error().message);
    };
    refuse("TaskMarket.nothing", "[]", "no contract has a function TaskMarket.nothing");
    refuse("closeTask", "[1]", "CONTRACT.FUNCTION");
    refuse("TaskMarket.closeTask", "[]", "takes closeTask(uint256), not 0 arguments");
    refuse("TaskMarket.closeTask", "1", "expected a JSON list, found 1");
    refuse("TaskMarket.closeTask", "[true]", "argument 1 of TaskMarket.closeTask: expected a whole number");
    refuse("TaskMarket.closeTask", "[1", "arguments of TaskMarket.closeTask: ");
    refuse("TaskMarket.closeTask", "\"" + std::string(5000, 'x') + "\"", "...[5002 bytes]");
    refuse("TaskMarket.closeTask", "[-1]", "expected a whole number");
    refuse("TaskMarket.createTask", "[1,\"\"]", "expected a text, found 1");
    refuse("AssetProvider.addProvider", "[\"0x12\"]", "expected an address");
    refuse("DTFactory.startComposeDT", "[\"0x12\",[]]", "expected 32 bytes");
    refuse("DTFactory.startComposeDT", "[\"" + hex_text(named_id("cdt")) + "\",1]", "expected a list");
    refuse("DTFactory.mintDataToken",
           "[\"" + hex_text(named_id("cdt")) + "\",\"" + address_text(bank.address()) + "\",0,\"" +
               hex_text(kChecksum) + "\",\"\"]",
           "expected true or false");
    CHECK(chain->ask("TaskMarket.closeTask", "[1]").error().message.find("changes the state") != std::string::npos);
    CHECK(chain->send(bank, "TaskMarket.getTaskNum", "[]").error().message.find("changes nothing") !=
          std::string::npos);
    CHECK(must(chain->info()).head.number == before);
}

// Nodes that behave badly -------------------------------------------------------------------------

namespace {

/// Answers as it is told, and counts what it is asked.
struct ScriptedNode final : ChainNode {
    NetworkInfo network;
    Result<Receipt> receipt_to_give = Receipt{};
    Result<Bytes> answer_to_give = Bytes{};
    int submitted = 0, asked = 0;
    int conflicts = 0;

    ScriptedNode() {
        network.chain_id = 9;
        network.contracts.dt_factory = named_address("DTFactory");
        network.contracts.task_market = named_address("TaskMarket");
    }
    Result<NetworkInfo> info() override { return network; }
    Result<std::uint64_t> nonce(const Address&) override { return std::uint64_t(submitted); }
    Result<Receipt> submit(BytesView) override {
        if (++submitted <= conflicts) return Error(Status::CONFLICT, "nonce");
        return receipt_to_give;
    }
    Result<Bytes> call(const Address&, BytesView) override {
        ++asked;
        return answer_to_give;
    }
    Result<std::vector<Log>> logs(const LogFilter&) override { return std::vector<Log>{}; }
    Result<std::optional<Receipt>> receipt(const Bytes32&) override { return std::optional<Receipt>(); }
    Result<Head> verify(const Progress&, const CancelToken*) override { return Error(Status::UNSUPPORTED, "rpc"); }

    /// A receipt whose CDTMinted events carry these codes.
    void give_codes(std::initializer_list<std::uint64_t> codes, const Address& from) {
        Receipt receipt;
        receipt.succeeded = true;
        for (const auto code : codes) {
            const auto event =
                abi::encode_event(contracts::dt_factory::kCdtMinted,
                                  {abi::Value::of(named_id("cdt")), abi::Value::list({}), abi::Value::of(code)});
            Log log;
            log.address = from;
            log.topics = event.topics;
            log.data = event.data;
            receipt.logs.push_back(log);
        }
        receipt_to_give = receipt;
    }
};

struct Scripted {
    std::shared_ptr<ScriptedNode> node = std::make_shared<ScriptedNode>();
    std::shared_ptr<PrivateKey> key = support::named_key("solver");
    Chain chain = [this] {
        ChainOptions options;
        options.node = node;
        return must(Chain::open(options));
    }();
    Result<Receipt> compose() { return chain.start_compose(*key, named_id("cdt"), {named_id("leaf")}); }
};

}  // namespace

TEST_CASE_FIXTURE(Scripted, "a refusal followed by a success is a refusal (the original's D1)") {
    node->give_codes({10000, 0}, node->network.contracts.dt_factory);
    const auto composed = compose();
    REQUIRE(composed.status() == Status::REFUSED);
    CHECK(composed.error().source == "DTFactory");
    CHECK(composed.error().code == 10000);
}

TEST_CASE_FIXTURE(Scripted, "a success followed by a refusal is a refusal too (the original's D2)") {
    node->give_codes({0, 4003}, node->network.contracts.dt_factory);
    REQUIRE_FALSE(compose().ok());
    CHECK(compose().error().code == 4003);
}

TEST_CASE_FIXTURE(Scripted, "only events of the called contract count") {
    node->give_codes({10000}, named_address("another contract"));
    CHECK(compose().status() == Status::CORRUPT);
    node->give_codes({0}, node->network.contracts.dt_factory);
    CHECK(compose().ok());
    node->give_codes({}, node->network.contracts.dt_factory);
    CHECK(compose().status() == Status::CORRUPT);
}

TEST_CASE_FIXTURE(Scripted, "what the original contracts cannot do is known without asking") {
    const auto dt = named_id("rows"), cdt = named_id("cdt");
    CHECK(chain.revoke(*key, dt, cdt).status() == Status::UNSUPPORTED);
    CHECK(chain.grant(*key, dt, cdt, {0, 1}).status() == Status::UNSUPPORTED);
    CHECK(chain.grant_state(dt, cdt).status() == Status::UNSUPPORTED);
    CHECK(chain.close_task(*key, 1).status() == Status::UNSUPPORTED);
    CHECK(chain.job_receipt(1, dt).status() == Status::UNSUPPORTED);
    CHECK(chain.ask("JobReceipts.getReceipt", "[1,\"" + hex_text(dt) + "\"]").status() == Status::UNSUPPORTED);
    CHECK(must(chain.children(cdt)).empty());
    CHECK(must(chain.revocations_of(dt)).empty());
    CHECK(node->asked == 0);
    CHECK(node->submitted == 0);
}

TEST_CASE("what the network's contracts can do is not asked for before a call") {
    Scripted of_ours;
    of_ours.node->network.contracts.job_receipts = named_address("JobReceipts");
    ChainOptions options;
    options.node = of_ours.node;
    auto chain = must(Chain::open(options));
    CHECK(chain.network().features().revoking);
    CHECK(chain.revoke(*of_ours.key, named_id("rows"), named_id("cdt")).status() == Status::REFUSED);
    CHECK(of_ours.node->submitted == 1);
    CHECK(of_ours.node->asked == 0);
}

TEST_CASE_FIXTURE(Scripted, "a reverted transaction is refused") {
    node->give_codes({0}, node->network.contracts.dt_factory);
    node->receipt_to_give->succeeded = false;
    CHECK(compose().status() == Status::REFUSED);
}

TEST_CASE_FIXTURE(Scripted, "a taken nonce is asked for anew, a bounded number of times") {
    node->give_codes({0}, node->network.contracts.dt_factory);
    node->conflicts = 10;
    CHECK(compose().ok());
    CHECK(node->submitted == 11);
    node->conflicts = 1'000'000;
    CHECK(compose().status() == Status::CONFLICT);
    CHECK(node->submitted < 1000);
    node->receipt_to_give = Error(Status::UNAVAILABLE, "gone");
    node->conflicts = 0;
    node->submitted = 0;
    CHECK(compose().status() == Status::UNAVAILABLE);
    CHECK(node->submitted == 1);
}

TEST_CASE_FIXTURE(Scripted, "a node's malformed answer is corrupt, not a value") {
    CHECK(chain.is_active(named_id("cdt")).status() == Status::CORRUPT);
    node->answer_to_give = Bytes(31, 0);
    CHECK(chain.token_count().status() == Status::CORRUPT);
    node->answer_to_give = Bytes(32, 0xff);
    CHECK(chain.has_grant(named_id("a"), named_id("b")).status() == Status::CORRUPT);
    // One id beside six empty columns.
    const auto types = contracts::types_of(contracts::dt_factory::kPage.returns);
    std::vector<abi::Value> columns(7, abi::Value::list({}));
    columns[0] = abi::Value::list({abi::Value::of(named_id("t"))});
    node->answer_to_give = abi::encode(types, columns);
    CHECK(chain.tokens(0, 1).status() == Status::CORRUPT);
    node->answer_to_give = Error(Status::UNAVAILABLE, "gone");
    CHECK(chain.job_count().status() == Status::UNAVAILABLE);
}
