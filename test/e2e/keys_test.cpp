// Keys that act for an organisation: the provider's, and those of who asks it.

#include "e2e/refusal.hpp"
#include "e2e/wait.hpp"

#include <c2d/client.hpp>
#include <c2d/job_receipt.hpp>

#include <fmt/format.h>

#include <fstream>
#include <future>

namespace c2d::test {

namespace {

using namespace std::chrono_literals;

Key key_of(unsigned number) { return must(PrivateKey::from_hex(fmt::format("{:064x}", number))); }

struct Keys : World {
    const Key server = key_of(71), clerk = key_of(72), cold = key_of(73), treasurer = key_of(74);

    void allow(const Key& owner, KeyUse use, const Key& delegate) {
        must(chain().add_delegate(*owner, owner->address(), use, delegate->address(), 3600));
    }
    void revoke(const Key& owner, const Key& delegate) {
        must(chain().revoke_delegate(*owner, owner->address(), KeyUse::work, delegate->address()));
    }
    void replace(const Key& owner) { must(chain().change_owner(*owner, owner->address(), cold->address())); }
    /// The provider goes on with this key.
    void work_with(const Key& key) {
        end();
        provider_key = key;
        restart();
    }
    HttpResponse owner_asks(Method method, const TokenId& dt, const Key& key) {
        RequestBody body;
        body.method = method;
        body.audience = bank_a->address();
        body.dt = dt;
        if (method == Method::grants) return get("/v1/grants", header(key, body));
        if (method == Method::artifacts) return get("/v1/artifacts", header(key, body));
        return post(method == Method::close ? "/v1/close" : "/v1/open", sign(key, body));
    }
    HttpResponse ask_status(const Deal& deal, const Key& key) {
        return get(fmt::format("/v1/jobs/{}", deal.job), header(key, about(Method::status, deal)));
    }
    HttpResponse ask_cancel(const Deal& deal) {
        return post(fmt::format("/v1/jobs/{}/cancel", deal.job), sign(company, about(Method::cancel, deal)));
    }
    /// How many jobs a key is shown.
    std::size_t listed(const Key& key) {
        RequestBody body;
        body.method = Method::list;
        body.audience = bank_a->address();
        const auto answer = get("/v1/jobs", header(key, body));
        REQUIRE_MESSAGE(answer.status == 200, answer.body);
        return must(json::parse(answer.body)).find("jobs")->items().size();
    }
    JobReceipt receipt_of(const Deal& deal) {
        std::ifstream in(folder / "exec" / fmt::format("job_{}", deal.job) / "receipt.json");
        return must(read_receipt(std::string{std::istreambuf_iterator<char>(in), {}}));
    }
    void check_ended(const Deal& deal) {
        wait_for_state(deal, [](std::string_view state) { return state == "succeeded"; });
        wait_until("a receipt", [&] { return chain().job_receipt(deal.job, deal.dt).ok(); });
        CHECK(must(chain().job_receipt(deal.job, deal.dt)).owner == bank_a->address());
    }
};

}  // namespace

TEST_CASE_FIXTURE(Keys, "a provider whose key is for work alone serves jobs, and requests for grants wait") {
    allow(bank_a, KeyUse::work, server);
    work_with(server);
    CHECK(log->said("works in the name of " + address_text(bank_a->address()), "it gives no grants"));
    Deal deal = offer();
    check_refused(*this, ask(Method::grantPermission, deal), 403, "grant_needs_owner", "a key that grants");
    const auto waiting = owner_asks(Method::grants, deal.dt, server);
    CHECK(waiting.body.find(token_text(deal.cdt)) != std::string::npos);
    CHECK_FALSE(must(chain().has_grant(deal.dt, deal.cdt)));
    must(registry().grant(*bank_a, deal.dt, deal.cdt));
    CHECK(ask(Method::grantPermission, deal).status == 200);
    must(chain().start_compose(*company, deal.cdt, {deal.dt}));
    register_job(deal);
    CHECK(ask(Method::onPremiseCompute, deal).status == 200);
    check_ended(deal);
}

TEST_CASE_FIXTURE(Keys, "a provider goes on where another key of its organisation stopped") {
    const Deal deal = this->deal();
    CHECK(ask(Method::onPremiseCompute, deal).status == 200);
    check_ended(deal);
    allow(bank_a, KeyUse::work, server);
    allow(bank_a, KeyUse::grant, server);
    work_with(server);
    CHECK(state(deal) == "succeeded");
    CHECK(ask(Method::grantPermission, offer()).status == 200);
}

TEST_CASE_FIXTURE(Keys, "a receipt waits while the provider's key does not act for its organisation") {
    allow(bank_a, KeyUse::work, server);
    work_with(server);
    Terms terms;
    terms.operation = "import time\nwhile True: time.sleep(1)\n";
    const Deal deal = this->deal(terms);
    CHECK(ask(Method::onPremiseCompute, deal).status == 200);
    wait_for_state(deal, [](std::string_view state) { return state == "running"; });
    revoke(bank_a, server);
    CHECK(ask_cancel(deal).status == 200);
    wait_until("the receipt to wait", [&] { return log->said("receipts wait", "does not act for"); });
    CHECK_FALSE(chain().job_receipt(deal.job, deal.dt).ok());
    const auto by_server = receipt_of(deal);
    CHECK(by_server.signer == server->address());
    work_with(bank_a);
    wait_until("a receipt", [&] { return chain().job_receipt(deal.job, deal.dt).ok(); });
    CHECK(must(chain().job_receipt(deal.job, deal.dt)).owner == bank_a->address());
    const auto by_owner = receipt_of(deal);
    CHECK(by_owner.signer == bank_a->address());
    CHECK(by_owner.outcome == by_server.outcome);
    CHECK(by_owner.digest != by_server.digest);
    CHECK(confirm_receipt(by_owner, chain()).ok());
    CHECK(log->said("signed by a key that acts for", "signed it anew"));
    work_with(bank_a);
    CHECK(receipt_of(deal).digest == by_owner.digest);
}

TEST_CASE_FIXTURE(Keys, "a receipt stays as a key signed it that acts for the organisation still") {
    allow(bank_a, KeyUse::work, server);
    work_with(server);
    Terms terms;
    terms.operation = "import time\nwhile True: time.sleep(1)\n";
    const Deal deal = this->deal(terms);
    CHECK(ask(Method::onPremiseCompute, deal).status == 200);
    wait_for_state(deal, [](std::string_view state) { return state == "running"; });
    revoke(bank_a, server);
    CHECK(ask_cancel(deal).status == 200);
    wait_until("the receipt to wait", [&] { return log->said("receipts wait", "does not act for"); });
    const auto by_server = receipt_of(deal);
    allow(bank_a, KeyUse::work, server);
    work_with(bank_a);
    wait_until("a receipt", [&] { return chain().job_receipt(deal.job, deal.dt).ok(); });
    CHECK(receipt_of(deal).digest == by_server.digest);
    CHECK(confirm_receipt(by_server, chain()).ok());
}

TEST_CASE_FIXTURE(Keys, "a provider does not start with a key that does not act for its organisation") {
    end();
    provider_key = server;
    organisation = bank_a->address();
    CHECK(open_provider().status() == Status::REFUSED);
    allow(bank_a, KeyUse::grant, server);
    CHECK(open_provider().status() == Status::REFUSED);
    allow(bank_a, KeyUse::work, server);
    CHECK(must(open_provider()).address() == bank_a->address());
    replace(bank_a);
    CHECK(open_provider().status() == Status::REFUSED);
    provider_key = bank_a;
    organisation = {};
    const auto stolen = open_provider();
    CHECK(stolen.status() == Status::REFUSED);
    CHECK(stolen.error().message.find("another key is the owner's") != std::string::npos);
}

TEST_CASE_FIXTURE(Keys, "a provider whose key stands for nobody starts in its own name and is told so") {
    CHECK_FALSE(log->said("no role of a provider", ""));
    allow(bank_a, KeyUse::work, server);
    revoke(bank_a, server);
    work_with(server);
    CHECK(log->said("works in the name of its own key " + address_text(server->address()), "no role of a provider"));
}

TEST_CASE_FIXTURE(Keys, "what its owner alone may ask is asked by the key for it") {
    const Deal deal = offer();
    allow(bank_a, KeyUse::work, server);
    allow(bank_a, KeyUse::grant, treasurer);
    CHECK(owner_asks(Method::grants, deal.dt, server).status == 200);
    CHECK(owner_asks(Method::grants, deal.dt, treasurer).status == 200);
    check_refused(*this, owner_asks(Method::grants, deal.dt, company), 403, "wrong_signer");
    CHECK(owner_asks(Method::artifacts, deal.dt, server).body == R"({"artifacts":[]})");
    for (const auto& key : {treasurer, company})
        check_refused(*this, owner_asks(Method::artifacts, deal.dt, key), 403, "wrong_signer");
    check_refused(*this, owner_asks(Method::close, deal.dt, server), 403, "wrong_signer");
    CHECK(owner_asks(Method::close, deal.dt, treasurer).status == 200);
    revoke(bank_a, server);
    check_refused(*this, owner_asks(Method::grants, deal.dt, server), 403, "wrong_signer");
    replace(bank_a);
    check_refused(*this, owner_asks(Method::open, deal.dt, bank_a), 403, "wrong_signer");
    CHECK(owner_asks(Method::open, deal.dt, cold).status == 200);
}

TEST_CASE_FIXTURE(Keys, "a job is seen by keys that act for its solver, as long as they do") {
    const Deal deal = this->deal();
    allow(company, KeyUse::work, clerk);
    CHECK(post("/onPremiseCompute", sign(clerk, about(Method::onPremiseCompute, deal))).status == 200);
    check_ended(deal);
    CHECK(ask_status(deal, clerk).status == 200);
    CHECK(listed(clerk) == 1);
    revoke(company, clerk);
    check_refused(*this, ask_status(deal, clerk), 403, "not_permitted");
    CHECK(listed(clerk) == 0);
    CHECK(ask_status(deal, company).status == 200);
    replace(company);
    check_refused(*this, ask_status(deal, company), 403, "not_permitted");
    CHECK(listed(company) == 0);
    CHECK(ask_status(deal, cold).status == 200);
}

TEST_CASE_FIXTURE(Keys, "a delegate for work does a company's whole part: mint, compose, run, fetch") {
    allow(company, KeyUse::work, clerk);
    const auto op = add_operator("open('outputs/out.txt', 'w').write('done')\n");
    auto attributes = leaf(op, Terms().constraint);
    attributes.find("services")->items()[0].set("endpoint", fmt::format("127.0.0.1:{}", port()));
    const auto dt = mint(bank_a, attributes);
    auto client = must(Client::open(registry(), clerk, {}));
    const auto cdt = must(client.compose(json::compact(algorithm({{dt, Terms().arguments}}))));
    CHECK(must(chain().token(cdt)).owner == company->address());
    const auto job = must(client.execute(must(client.create_task("score", "")), cdt));
    CHECK(must(chain().job(job)).solver == company->address());
    REQUIRE(must(client.wait(job)).size() == 1);
    const auto files = must(client.results(job));
    REQUIRE(files.size() == 1);
    CHECK(as_text(files[0].content) == "done");
    revoke(company, clerk);
    CHECK(client.results(job).status() == Status::REFUSED);
}

TEST_CASE_FIXTURE(Keys, "a request that waits is refused when its key is revoked, and others go on waiting") {
    allow(company, KeyUse::work, clerk);
    Terms terms;
    terms.operation = "import time\ntime.sleep(600)\n";
    const Deal deal = this->deal(terms);
    CHECK(ask(Method::onPremiseCompute, deal).status == 200);
    wait_for_state(deal, [](std::string_view state) { return state == "running"; });
    const auto wait_as = [&](const Key& key) {
        return std::async(std::launch::async, [this, &deal, key] {
            return get(fmt::format("/v1/jobs/{}?wait=60&state=running", deal.job),
                       header(key, about(Method::status, deal)));
        });
    };
    auto former = wait_as(clerk), other = wait_as(company);
    CHECK(former.wait_for(3s) == std::future_status::timeout);
    revoke(company, clerk);
    REQUIRE(former.wait_for(20s) == std::future_status::ready);
    check_refused(*this, former.get(), 403, "not_permitted", "a key that acts for");
    CHECK(other.wait_for(0s) == std::future_status::timeout);
    CHECK(ask_cancel(deal).status == 200);
    REQUIRE(other.wait_for(30s) == std::future_status::ready);
    CHECK(must(json::parse(other.get().body)).text_at({"state"}) == "cancelled");
}

}  // namespace c2d::test
