/// What providers say they speak reaches each of them before a job starts, and the refusal says who speaks what.
#include "client/peer_protocols.hpp"

#include "job/answer.hpp"
#include "job/envelope.hpp"
#include "support/joint.hpp"

#include <c2d/reason.hpp>

using namespace c2d;
using support::Joint;
using support::must;
using support::named_address;

namespace {

/// Answers what it is told to; an empty body is a provider that does not answer.
class Infos final : public HttpTransport {
public:
    explicit Infos(std::vector<std::string> bodies) : bodies_(std::move(bodies)) {}
    Result<HttpResponse> send(const HttpRequest& request) override {
        CHECK(request.method == "GET");
        CHECK(request.authorization.empty());
        targets.push_back(request.target);
        const auto& body = bodies_.at(targets.size() - 1);
        if (body.empty()) return Error{Status::UNAVAILABLE, "nobody answers"};
        return HttpResponse{body == "404" ? 404 : 200, "application/json", body};
    }
    std::vector<std::string> targets;

private:
    std::vector<std::string> bodies_;
};

/// The providers of a joint job, by one key each, who all lie at one endpoint: the second speaks another protocol.
class Market final : public HttpTransport {
public:
    explicit Market(Joint& world) : world_(world) {}
    unsigned posts = 0, infos = 0;
    PeerProtocols told;

    Result<HttpResponse> send(const HttpRequest& request) override {
        if (request.method == "GET") {
            CHECK(request.target.ends_with("/v1/info"));
            return HttpResponse{200, "application/json",
                                ++infos == 2 ? R"({"protocols":["c2d-mpc/1"]})" : R"({"protocols":["c2d-mpc/2"]})"};
        }
        // What was begun before the refusal is taken back.
        if (request.target.ends_with("/cancel")) return HttpResponse{404, "application/json", "{}"};
        ++posts;
        const auto body = must(json::parse(request.body));
        const auto owner = must(parse_address(body.text_at({"audience"})));
        Envelope envelope;
        const job::EnvelopeContext context{world_.chain->network(), owner, world_.clock->now, false};
        REQUIRE(job::open_body(context, method, request.body, envelope).accepted());
        told = envelope.protocols;
        HttpResponse response{409, "application/json", R"({"error":{"code":"peer_version","request_id":"0"}})"};
        for (const char* name : {"bank a", "bank b", "third"})
            if (world_.signer(name).address() == owner)
                response.headers.emplace_back(job::kAnswerHeader,
                                              must(job::sign_answer(envelope.digest, response.status, response.body,
                                                                    world_.chain->network(), world_.signer(name))));
        return response;
    }
    Method method = Method::verify;

private:
    Joint& world_;
};

struct Solver : Joint {
    std::shared_ptr<Market> market = std::make_shared<Market>(*this);
    Client client() {
        ClientOptions with;
        with.http = market;
        with.clock = clock;
        return must(Client::open(*registry, shared_signer("solver"), with));
    }
};

}  // namespace

TEST_CASE("each provider is asked once, and who says nothing that can be read is left out") {
    const auto a = named_address("a"), b = named_address("b"), c = named_address("c"), d = named_address("d"),
               e = named_address("e"), f = named_address("f"), g = named_address("g");
    std::string many = R"({"protocols":["1")";
    for (int i = 0; i < 16; ++i) many += ",\"1\"";
    Infos http({R"({"protocols":["c2d-mpc/3","c2d-mpc/2"],"more":1})", "", R"({"protocols":"c2d-mpc/2"})", "404",
                R"({"protocols":[2]})", R"({"protocols":[]})", many + "]}"});
    const auto found = client::ask_protocols(
        {{a, "h:1"}, {a, "h:1"}, {b, "h:2"}, {c, "h:3"}, {d, "h:4"}, {e, "h:5"}, {f, "h:6"}, {g, "h:7"}}, http);
    CHECK(found == PeerProtocols{{a, {"c2d-mpc/3", "c2d-mpc/2"}}, {f, {}}});
    CHECK(http.targets.size() == 7);
    CHECK(http.targets[0] == "http://h:1/v1/info");
}

TEST_CASE_FIXTURE(Solver, "providers are told what each speaks, and a refusal says it") {
    build();
    for (const auto method : {Method::verify, Method::onPremiseCompute}) {
        market->method = method;
        market->posts = market->infos = 0;
        const auto asked = method == Method::verify ? client().verify(job, support::named_id("algo"))
                                                    : client().start(job, support::named_id("algo"));
        REQUIRE(asked.status() == Status::REFUSED);
        CHECK(asked.error().name == "peer_version");
        CHECK(market->infos == 3);
        CHECK(market->told.size() == 3);
        unsigned older = 0;
        for (const auto& [provider, spoken] : market->told) {
            older += spoken == std::vector<std::string>{"c2d-mpc/1"};
            CHECK(asked.error().message.find(address_text(provider) + " speaks " + spoken[0]) != std::string::npos);
        }
        CHECK(older == 1);
        if (method == Method::verify) CHECK(market->posts == 1);
    }
}

TEST_CASE_FIXTURE(Solver, "a job of one provider asks nobody what it speaks") {
    build({alone("first"), alone("second")});
    CHECK(client().verify(job, support::named_id("algo")).error().name == "peer_version");
    CHECK(market->infos == 0);
    CHECK(market->told.empty());
}
