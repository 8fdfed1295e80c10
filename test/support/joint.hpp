/// The demo's shape in small: two banks and a third party compute together, a solver asks for it.
#pragma once

#include "support/world.hpp"

#include <c2d/job_verifier.hpp>

namespace c2d::support {

/// One leaf of an Algorithm.
struct Piece {
    std::string id, owner;
    /// The finished arguments in the Algorithm.
    std::string arguments;
    /// The service's attributes.
    std::string attributes = "{}";
    std::string op = "train";
    std::string constraint = R"({"party_id":{},"exec_endpoints":{},"lr":{},"outputs":{}})";
};

class Joint : public World {
public:
    explicit Joint(bool accept_legacy_checksum = false) : World(accept_legacy_checksum) {
        for (const char* name : {"bank a", "bank b", "third", "solver"}) organisation(name);
        publish_operator("train", R"({"party_id":{},"exec_endpoints":{},"lr":{},"outputs":{}})",
                         R"({"parties":3,"threshold":1})");
        publish_operator("alone", R"({"lr":{},"outputs":{}})");
    }

    static std::string arguments(unsigned party, std::string_view lr = "0.1",
                                 std::string_view outputs = R"({"0":"./outputs/log.txt"})") {
        return fmt::format(
            R"({{"party_id":{},"exec_endpoints":{{"0":"192.0.2.1:8911","1":"192.0.2.2:8912","2":"192.0.2.3:8913"}},)"
            R"("lr":{},"outputs":{}}})",
            party, lr, outputs);
    }
    static std::vector<Piece> pieces() {
        return {{"rows a", "bank a", arguments(0), R"({"path":"./inputs/a.csv","release":{"log":"full"}})"},
                {"rows b", "bank b", arguments(1), R"({"path":"./inputs/b.csv"})"},
                {"compute", "third", arguments(2)}};
    }
    static Piece alone(std::string id = "single", std::string owner = "bank a",
                       std::string arguments = R"({"lr":1,"outputs":"./outputs/x"})",
                       std::string attributes = R"({"path":"./inputs/x.csv"})") {
        return {std::move(id),         std::move(owner), std::move(arguments),
                std::move(attributes), "alone",          R"({"lr":{},"outputs":{}})"};
    }

    /// Mints leaves and the Algorithm, whatever their documents say, grants, activates, opens a task
    /// and registers a job.
    void build(const std::vector<Piece>& pieces, const std::string& algorithm = "algo") {
        std::vector<std::pair<std::string, std::string>> children;
        for (const auto& piece : pieces) {
            mint_unchecked(piece.owner, piece.id, leaf(piece.op, piece.constraint, piece.attributes), true);
            children.emplace_back(piece.id, piece.arguments);
        }
        mint_unchecked("solver", algorithm, composition("Algorithm", children), false);
        activate("solver", algorithm);
        start(algorithm);
    }
    void build() { build(pieces()); }
    void start(const std::string& algorithm) {
        task = must(chain->create_task(signer("bank a"), "score", "how"));
        job = must(chain->add_job(signer("solver"), named_id(algorithm), task));
    }

    std::uint64_t task = 0, job = 0;
};

/// A verifier in a bank's name, and requests to it.
class Desk : public Joint {
public:
    explicit Desk(bool accept_legacy_checksum = false) : Joint(accept_legacy_checksum) {
        verifier_options.self = signer("bank a").address();
        verifier_options.nonces = NonceStore::memory();
        verifier_options.clock = clock;
    }
    JobVerifier verifier() { return must(JobVerifier::open(*registry, verifier_options)); }

    RequestBody request(Method method, std::string_view dt, std::string_view algorithm, std::uint64_t job_id = 0) {
        RequestBody body;
        body.method = method;
        body.audience = verifier_options.self;
        body.dt = named_id(dt);
        body.algo_dt = named_id(algorithm);
        body.job_id = job_id;
        return body;
    }
    std::string sign(const RequestBody& body, const std::string& who = "solver", std::uint64_t lifetime = 300) {
        return must(signed_body(body, chain->network(), signer(who), random, clock->now, lifetime));
    }
    /// Opens an envelope that must be good.
    Envelope envelope(const RequestBody& body, const std::string& who = "solver") {
        Envelope out;
        CHECK(must(verifier().check_envelope(body.method, sign(body, who), out)).reason == Reason::accepted);
        return out;
    }
    Verdict grant_verdict(std::string_view dt = "rows a", std::string_view cdt = "algo",
                          const std::string& who = "solver") {
        return must(verifier().verify_grant(envelope(request(Method::grantPermission, dt, cdt), who)));
    }
    Verdict job_verdict(std::string_view dt = "rows a", std::string_view cdt = "algo",
                        const std::string& who = "solver") {
        return must(verifier().verify_job(envelope(request(Method::onPremiseCompute, dt, cdt, job), who), &terms));
    }
    Reason grant_reason(std::string_view dt = "rows a", std::string_view cdt = "algo",
                        const std::string& who = "solver") {
        return grant_verdict(dt, cdt, who).reason;
    }
    Reason job_reason(std::string_view dt = "rows a", std::string_view cdt = "algo",
                      const std::string& who = "solver") {
        return job_verdict(dt, cdt, who).reason;
    }

    JobVerifierOptions verifier_options;
    RepeatableRandom random{"desk"};
    JobTerms terms;
};

}  // namespace c2d::support
