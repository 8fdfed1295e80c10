#include "base/try.hpp"
#include "chain/rpc/failure.hpp"
#include "chain/rpc/heads.hpp"
#include "chain/rpc/methods.hpp"
#include "chain/rpc/sender_limits.hpp"

#include <c2d/chain_server.hpp>

#include <fmt/format.h>

namespace c2d {

using json::Value;

namespace {

constexpr std::size_t kBatchMax = 100;
constexpr std::size_t kAnswerBytesMax = std::size_t(8) << 20;

Value answer(Value id, const char* member, Value content) {
    Value out = Value::object({{"jsonrpc", "2.0"}, {"id", std::move(id)}});
    out.set(member, std::move(content));
    return out;
}
Value error_answer(rpc::Code code, std::string message) {
    return answer(Value(), "error", rpc::error_value(code, std::move(message)));
}

Value answer_one(const rpc::Served& served, const Value& request) {
    const Value* given = request.find("id");
    const Value id = given ? *given : Value();
    const Value* name = request.find("method");
    const Value* parameters = request.find("params");
    if (!name || !name->is_string() || (parameters && !parameters->is_array()))
        return answer(id, "error", rpc::error_value(rpc::kInvalidRequest, "expected a JSON-RPC 2.0 request object"));
    const auto handler = rpc::method(name->text());
    if (!handler)
        return answer(id, "error", rpc::error_value(rpc::kNoMethod, "the method " + name->text() + " does not exist"));
    auto result = handler(served, parameters ? parameters->items() : json::Array{});
    if (!result) return answer(id, "error", rpc::error_value(result.error()));
    return answer(id, "result", *std::move(result));
}

Value answer_all(const rpc::Served& served, const HttpRequest& request) {
    if (request.body.size() > ChainServer::kBodyBytesMax) return error_answer(rpc::kLimit, "the request is too large");
    const auto parsed = json::parse(request.body);
    if (!parsed) return error_answer(rpc::kParse, parsed.error().message);
    if (!parsed->is_array()) return answer_one(served, *parsed);
    if (parsed->items().empty() || parsed->items().size() > kBatchMax)
        return error_answer(rpc::kInvalidRequest, fmt::format("expected a batch of 1 to {}", kBatchMax));
    json::Array answers;
    for (const auto& item : parsed->items()) answers.push_back(answer_one(served, item));
    return answers;
}

}  // namespace

struct ChainServer::Heads : rpc::Heads {};
struct ChainServer::Limits : rpc::SenderLimits {
    using rpc::SenderLimits::SenderLimits;
};

ChainServer::ChainServer(Chain chain)
    : chain_(std::make_shared<Chain>(std::move(chain))), heads_(std::make_shared<Heads>()) {}

Result<ChainServer> ChainServer::open(Chain chain, const ChainServerOptions& options) {
    ChainServer server(std::move(chain));
    if (options.rate == 0 && options.bytes_per_day == 0 && options.allow.empty()) return server;
    server.limits_ = std::make_shared<Limits>(options);
    C2D_CHECK(server.limits_->count_today(*server.chain_));
    return server;
}

HttpResponse ChainServer::handle(const HttpRequest& request) {
    if (request.method == "GET" && request.target == "/healthz") return {200, "application/json", R"({"status":"ok"})"};
    if (request.method != "POST") return {405, "application/json", R"({"error":"POST JSON-RPC 2.0"})"};
    const rpc::Served served{*chain_, [this](std::uint64_t number) { return heads_->at(*chain_, number); },
                             limits_.get()};
    std::string body = json::compact(answer_all(served, request));
    if (body.size() > kAnswerBytesMax)
        body = json::compact(error_answer(rpc::kLimit, "the answer is too large; ask for less"));
    return {200, "application/json", std::move(body)};
}

}  // namespace c2d
