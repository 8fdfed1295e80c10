/// What an owner asks of its own providers, of which some may not answer.
#include "client/owner_calls.hpp"
#include "job/answer.hpp"
#include "job/envelope.hpp"
#include "job/values.hpp"
#include "support/joint.hpp"

#include <set>

using namespace c2d;
using support::Joint;
using support::must;
using support::named_address;
using support::named_id;

namespace {

/// The providers of bank a, by where they answer; the others are down.
class Providers final : public HttpTransport {
public:
    explicit Providers(Joint& world) : world_(world) {}
    std::map<std::string, std::vector<WaitingGrant>> waiting;
    std::string signer = "bank a";

    Result<HttpResponse> send(const HttpRequest& request) override {
        const auto there = std::ranges::find_if(
            waiting, [&](const auto& each) { return request.target == "http://" + each.first + "/v1/grants"; });
        if (there == waiting.end()) return Error{Status::UNAVAILABLE, "nobody answers"};
        Envelope envelope;
        const job::EnvelopeContext context{world_->network(), named_address("bank a"), world_.clock->now, false};
        REQUIRE(job::open_authorization(context, Method::grants, request.authorization, envelope).accepted());
        HttpResponse response{200, "application/json",
                              json::compact(json::Value::object({{"grants", json::list_of(there->second)}}))};
        response.headers.emplace_back(job::kAnswerHeader,
                                      must(job::sign_answer(envelope.digest, response.status, response.body,
                                                            world_->network(), world_.signer(signer))));
        return response;
    }

private:
    Joint& world_;
};

/// Bank a has a token at each of three endpoints.
struct Owner : Joint {
    Owner() {
        for (const char* at : {"one", "two", "three"})
            mint_unchecked("bank a", at, leaf("alone", R"({"lr":{},"outputs":{}})"), true, [&](json::Value& ddo) {
                ddo.find("services")->items()[0].set("endpoint", std::string(at) + ".example:80");
            });
    }
    WaitingGrant request(std::string_view dt, std::string_view cdt) {
        return {named_id(dt), named_id(cdt), named_address("solver"), clock->now};
    }
    Client client(const std::string& key) {
        ClientOptions with;
        with.http = providers;
        with.clock = clock;
        return must(Client::open(*registry, shared_signer(key), with));
    }
    Result<WaitingGrants> ask(std::optional<TokenId> dt = std::nullopt) { return client("bank a").waiting_grants(dt); }
    void allow(const std::string& key, KeyUse use) {
        must(chain->add_delegate(signer("bank a"), named_address("bank a"), use, signer(key).address(), 60));
    }

    std::shared_ptr<Providers> providers = std::make_shared<Providers>(*this);
};

std::set<std::string> endpoints(const WaitingGrants& waiting) {
    std::set<std::string> out;
    for (const auto& silent : waiting.unanswered) out.insert(silent.endpoint);
    return out;
}

}  // namespace

TEST_CASE_FIXTURE(Owner, "what waits is gathered from the endpoints of all our tokens, each request once") {
    for (const char* at : {"one", "two", "three"})
        providers->waiting[std::string(at) + ".example:80"] = {request("one", "x")};
    providers->waiting["two.example:80"].push_back(request("two", "x"));
    const auto found = must(ask());
    CHECK(found.unanswered.empty());
    CHECK(found.grants.size() == 2);
}

TEST_CASE_FIXTURE(Owner, "a provider that does not answer is named beside what the others say") {
    providers->waiting["two.example:80"] = {request("two", "x")};
    const auto found = must(ask());
    REQUIRE(found.grants.size() == 1);
    CHECK(found.grants[0].dt == named_id("two"));
    CHECK(endpoints(found) == std::set<std::string>{"one.example:80", "three.example:80"});
    for (const auto& silent : found.unanswered) {
        CHECK(silent.error.status == Status::UNAVAILABLE);
        CHECK(silent.endpoint.starts_with(silent.dt == named_id("one") ? "one" : "three"));
    }
}

TEST_CASE_FIXTURE(Owner, "somebody else's answer is none") {
    providers->waiting["two.example:80"] = {request("two", "x")};
    providers->signer = "bank b";
    const auto found = must(ask());
    CHECK(found.grants.empty());
    CHECK(found.unanswered.size() == 3);
    CHECK(std::ranges::count(found.unanswered, std::string("answer_unproven"),
                             [](const UnansweredProvider& silent) { return silent.error.name; }) == 1);
}

TEST_CASE_FIXTURE(Owner, "a document that cannot be read hides an endpoint, which is said") {
    for (const char* at : {"one", "two", "three"}) providers->waiting[std::string(at) + ".example:80"];
    std::filesystem::remove(file_of("two"));
    const auto found = must(ask());
    REQUIRE(found.unanswered.size() == 1);
    CHECK(found.unanswered[0].dt == named_id("two"));
    CHECK(found.unanswered[0].endpoint.empty());
}

TEST_CASE_FIXTURE(Owner, "the provider of a token that is named must answer") {
    providers->waiting["two.example:80"] = {request("two", "x")};
    CHECK(must(ask(named_id("two"))).grants.size() == 1);
    CHECK(ask(named_id("one")).status() == Status::UNAVAILABLE);
}

TEST_CASE_FIXTURE(Owner, "who may only grant sees what waits, and gives anew what stands") {
    allow("treasurer", KeyUse::grant);
    allow("clerk", KeyUse::work);
    providers->waiting["two.example:80"] = {request("two", "x")};
    for (const char* key : {"treasurer", "clerk"}) {
        CAPTURE(key);
        CHECK(must(client(key).waiting_grants(named_id("two"))).grants.size() == 1);
        CHECK(must(client(key).waiting_grants({})).grants.size() == 1);
    }
    // As far as the provider, which is down.
    CHECK(client("treasurer").renew_grant(named_id("one"), named_id("x")).status() == Status::UNAVAILABLE);
    CHECK(client("clerk").renew_grant(named_id("one"), named_id("x")).error().name == "wrong_signer");
}

TEST_CASE_FIXTURE(Owner, "a key that speaks for nobody is told so, and not that nothing waits") {
    const auto nobody = client("outsider").waiting_grants({});
    CHECK(nobody.status() == Status::REFUSED);
    CHECK(nobody.error().message.find(address_text(signer("outsider").address())) != std::string::npos);
    allow("clerk", KeyUse::work);
    must(chain->revoke_delegate(signer("bank a"), named_address("bank a"), KeyUse::work, signer("clerk").address()));
    CHECK(client("clerk").waiting_grants({}).status() == Status::REFUSED);
    CHECK(must(client("bank b").waiting_grants({})).grants.empty());
}
