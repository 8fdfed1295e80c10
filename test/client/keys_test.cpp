/// Whose key may answer for a provider, and whose may ask for a company.
#include "client/bank.hpp"

using namespace c2d;
using support::Bank;
using support::Banks;
using support::must;

namespace {

struct Keys : Banks {
    std::shared_ptr<Bank> bank = std::make_shared<Bank>(*this);
    support::CountingSigner& owner = signer("bank a");

    Keys() { must(chain->add_delegate(owner, owner.address(), KeyUse::work, signer("server").address(), 60)); }
    void check_believed(const std::string& key) {
        CAPTURE(key);
        bank->signer = key;
        CHECK(must(client(bank).results(job)).size() == 2);
        CHECK(must(client(bank).status(job)).size() == 2);
    }
    void check_not_believed(const std::string& key) {
        CAPTURE(key);
        bank->signer = key;
        for (const auto& error : {client(bank).results(job).error(), client(bank).status(job).error()})
            CHECK(error.name == "answer_unproven");
    }
};

/// No provider is there.
class Silence final : public HttpTransport {
public:
    Result<HttpResponse> send(const HttpRequest&) override { return Error(Status::UNAVAILABLE, "nobody"); }
};

}  // namespace

TEST_CASE_FIXTURE(Keys, "an answer is believed by a key for work, and by no other") {
    check_believed("server");
    check_believed("bank a");
    must(chain->add_delegate(owner, owner.address(), KeyUse::grant, signer("treasurer").address(), 60));
    check_not_believed("treasurer");
    check_not_believed("solver");
}

TEST_CASE_FIXTURE(Keys, "an answer by a key that was revoked, or whose time is over, is not believed") {
    must(chain->revoke_delegate(owner, owner.address(), KeyUse::work, signer("server").address()));
    check_not_believed("server");
    must(chain->add_delegate(owner, owner.address(), KeyUse::work, signer("server").address(), 60));
    check_believed("server");
    clock->now += 61;
    check_not_believed("server");
}

TEST_CASE_FIXTURE(Keys, "an answer by a registered key that another replaced is not believed") {
    must(chain->change_owner(owner, owner.address(), signer("cold").address()));
    check_not_believed("bank a");
    check_not_believed("server");
    check_believed("cold");
}

TEST_CASE_FIXTURE(Keys, "a delegate registers jobs of its organisation's compositions, another's does not") {
    const auto cdt = must(chain->job(job)).cdt;
    const auto execute = [&](const std::string& who) {
        ClientOptions with;
        with.http = std::make_shared<Silence>();
        with.clock = clock;
        return must(Client::open(*registry, shared_signer(who), with)).execute(task, cdt).error().message;
    };
    auto& solver = signer("solver");
    must(chain->add_delegate(solver, solver.address(), KeyUse::work, signer("clerk").address(), 60));
    CHECK(execute("clerk").find("does not answer") != std::string::npos);
    CHECK(execute("server").find("only its owner registers jobs") != std::string::npos);
}
