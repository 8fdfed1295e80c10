/// An Ethereum node of a test's own making: a ledger served over JSON-RPC, with faults on demand.
/// No socket is involved: it stands where a client's HTTP transport would.
#pragma once

#include "codec/json.hpp"
#include "support/ledger.hpp"

#include <c2d/chain_server.hpp>

#include <functional>
#include <map>
#include <mutex>

namespace c2d::test {

class FakeNode final : public HttpTransport {
public:
    FakeNode() : server_(*ledger.chain) {}

    using Answer = Result<HttpResponse>;
    /// May answer in the node's place; nothing: the node answers.
    using Fault = std::function<std::optional<Answer>(const json::Value& question)>;

    Answer send(const HttpRequest& request) override {
        const std::lock_guard lock(mutex_);
        const auto question = support::must(json::parse(request.body, {std::size_t(4) << 20, 64}));
        const auto method = question.text_at({"method"});
        ++asked[method];
        if (const auto fault = faults.find(method); fault != faults.end())
            if (auto answer = fault->second(question)) return *std::move(answer);
        if (down) return Error(Status::UNAVAILABLE, "connection refused");
        return server_.handle(request);
    }
    /// What the node itself would answer, for a fault that changes a part of it.
    json::Value really(const json::Value& question) {
        HttpRequest request{"POST", "/", json::compact(question), {}};
        return support::must(json::parse(server_.handle(request).body, {std::size_t(16) << 20, 64}));
    }
    static Answer say(const json::Value& body) { return HttpResponse{200, "application/json", json::compact(body)}; }
    static Answer result(const json::Value& question, json::Value value) {
        return say(
            json::Value::object({{"jsonrpc", "2.0"}, {"id", *question.find("id")}, {"result", std::move(value)}}));
    }
    static Answer error(const json::Value& question, std::int64_t code, std::string_view message) {
        return say(json::Value::object({{"jsonrpc", "2.0"},
                                        {"id", *question.find("id")},
                                        {"error", json::Value::object({{"code", code}, {"message", message}})}}));
    }

    support::Ledger ledger;
    bool down = false;
    std::map<std::string, Fault> faults;
    std::map<std::string, int> asked;

private:
    ChainServer server_;
    std::recursive_mutex mutex_;
};

}  // namespace c2d::test
