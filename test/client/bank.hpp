/// A provider as a transport: honest by itself, and spoilt by a test at the moment that the test
/// chooses.
#pragma once

#include "crypto/hash.hpp"
#include "job/answer.hpp"
#include "job/envelope.hpp"
#include "provider/outputs/results.hpp"
#include "support/joint.hpp"

#include <c2d/client.hpp>

#include <functional>
#include <set>

namespace c2d::support {

/// Two data sets of one owner, each alone with its operator; both may release "x".
struct Banks : Joint {
    Banks() { build({alone("first"), alone("second")}); }
    Client client(std::shared_ptr<HttpTransport> http, std::uint64_t result_bytes_max = 1 << 20) {
        ClientOptions with;
        with.http = std::move(http);
        with.clock = clock;
        with.result_bytes_max = result_bytes_max;
        return must(Client::open(*registry, shared_signer("solver"), with));
    }
};

class Bank final : public HttpTransport {
public:
    explicit Bank(Banks& world) : world_(world) {}

    /// What it releases of each run, by name.
    std::map<std::string, std::string> files{{"x", "the result\n"}};
    /// Changes the manifest, then an answer before and after it is signed.
    std::function<void(json::Value&)> manifest = [](json::Value&) {};
    std::function<void(HttpResponse&)> before_signing = [](HttpResponse&) {};
    std::function<void(HttpResponse&)> after_signing = [](HttpResponse&) {};
    /// Instead of an answer about a token.
    std::function<std::optional<Error>(const TokenId&)> silent = [](const TokenId&) { return std::nullopt; };
    /// Whose runs it knows nothing of before it is asked to start them, and whether that answer is lost.
    std::set<TokenId> unstarted;
    std::function<bool(const TokenId&)> lost = [](const TokenId&) { return false; };
    std::vector<TokenId> started;
    std::string signer = "bank a";
    unsigned requests = 0;
    std::vector<std::string> targets;

    Result<HttpResponse> send(const HttpRequest& request) override {
        ++requests;
        targets.push_back(request.target);
        Envelope envelope;
        const job::EnvelopeContext context{world_->network(), named_address("bank a"), world_.clock->now, false};
        const auto method = method_of(request);
        const bool has_body = method == Method::cancel || method == Method::onPremiseCompute;
        CHECK((has_body ? job::open_body(context, method, request.body, envelope)
                        : job::open_authorization(context, method, request.authorization, envelope))
                  .accepted());
        const TokenId& dt = envelope.request.dt;
        if (auto error = silent(dt)) return *std::move(error);
        if (method == Method::onPremiseCompute) {
            started.push_back(dt);
            unstarted.erase(dt);
            if (lost(dt)) return Error(Status::UNAVAILABLE, "the connection ended");
        }
        auto response = unstarted.contains(dt) ? not_found() : answer(request, method);
        before_signing(response);
        response.headers.emplace_back(job::kAnswerHeader,
                                      must(job::sign_answer(envelope.digest, response.status, response.body,
                                                            world_->network(), world_.signer(signer))));
        after_signing(response);
        return response;
    }

private:
    static Method method_of(const HttpRequest& request) {
        if (request.target.ends_with("/cancel")) return Method::cancel;
        if (request.target.ends_with("/onPremiseCompute")) return Method::onPremiseCompute;
        return request.target.find("/result") == std::string::npos ? Method::status : Method::result;
    }
    static HttpResponse not_found() { return {404, "application/json", R"({"error":{"code":"not_found"}})"}; }
    HttpResponse answer(const HttpRequest& request, Method method) const {
        if (method == Method::status || method == Method::onPremiseCompute)
            return {200, "application/json",
                    json::compact(about({{"party", 0}, {"state", "running"}, {"outcome", ""}}))};
        if (method == Method::cancel) return not_found();
        const auto name = request.target.substr(request.target.rfind('/') + 1);
        if (name == "result") return {200, "application/json", json::compact(listed())};
        const auto range = provider::parse_byte_range(request.range);
        if (!range || !files.contains(name)) return not_found();
        return {206, "application/octet-stream",
                files.at(name).substr(std::size_t(range->first), std::size_t(range->last - range->first + 1))};
    }
    /// What it says of the world's job.
    json::Value about(std::initializer_list<json::Member> members) const {
        auto body = json::Value::object(members);
        body.set("job_id", world_.job);
        body.set("algo_dt", token_text(must(world_->job(world_.job)).cdt));
        return body;
    }
    json::Value listed() const {
        json::Array list;
        for (const auto& [name, content] : files)
            list.push_back(json::Value::object({{"name", name},
                                                {"bytes", std::uint64_t(content.size())},
                                                {"sha256", hex_text(sha256(as_bytes(content)))}}));
        auto body = about({{"state", "succeeded"}});
        body.set("files", std::move(list));
        manifest(body);
        return body;
    }

    Banks& world_;
};

}  // namespace c2d::support
