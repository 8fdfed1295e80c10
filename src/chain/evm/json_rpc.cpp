#include "chain/evm/json_rpc.hpp"

#include "base/call_scope.hpp"
#include "base/fail.hpp"
#include "base/transient.hpp"
#include "base/try.hpp"
#include "chain/evm/served_ledger.hpp"

#include <chrono>
#include <thread>

namespace c2d::evm {

namespace {

constexpr int kTries = 3;
constexpr std::chrono::milliseconds kFirstPause{100};
constexpr json::Limits kAnswerLimits{std::size_t(16) << 20, 64};

Error node_error(const json::Value& error) {
    if (auto served = failure_of_served_ledger(error)) return *std::move(served);
    const json::Value* code = error.find("code");
    Error out = fail(Status::REFUSED, "{}", error.text_at({"message"}));
    if (code && code->as_int()) out.code = std::uint64_t(*code->as_int());
    if (const json::Value* data = error.find("data"); data && data->is_string()) out.name = data->text();
    return out;
}

}  // namespace

bool is_outage(const Error& error) { return is_transient(error) && !is_ledger_failure(error.name); }

Result<json::Value> JsonRpc::call(std::string_view method, json::Array parameters) {
    return ask(name_of(method), std::move(parameters), kTries);
}
Result<json::Value> JsonRpc::call_once(std::string_view method, json::Array parameters) {
    return ask(name_of(method), std::move(parameters), 1);
}

std::string JsonRpc::name_of(std::string_view method) const {
    constexpr std::string_view kEth = "eth_";
    if (!method.starts_with(kEth)) return std::string(method);
    return methods_ + "_" + std::string(method.substr(kEth.size()));
}

Result<json::Value> JsonRpc::ask(std::string_view method, json::Array parameters, int tries_max) {
    const auto id = next_id_++;
    const std::string body = json::compact(
        json::Value::object({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(parameters)}}));
    auto pause = kFirstPause;
    for (int tries = 1;; ++tries, pause *= 4) {
        auto answer = ask_once(body, id);
        if (answer || tries == tries_max || !is_outage(answer.error()) || CallScope::over()) {
            if (!answer && answer.status() != Status::REFUSED) {
                Error error = fail(answer.status(), "{} at {}: {}", method, url_, answer.error().message);
                error.name = answer.error().name;
                error.code = answer.error().code;
                return error;
            }
            return answer;
        }
        logger_->log(LogLevel::debug, fmt::format("{}: {}; asking again", method, answer.error().message));
        CallScope::pause(CallScope::time_left(pause));
    }
}

Result<json::Value> JsonRpc::ask_once(const std::string& body, std::uint64_t id) {
    C2D_TRY(const auto response, http_->send({"POST", url_, body, {}}));
    auto answer = json::parse(response.body, kAnswerLimits);
    if (!answer || !answer->is_object())
        return fail(response.status >= 500 ? Status::UNAVAILABLE : Status::CORRUPT,
                    "status {} without a JSON-RPC answer", response.status);
    if (const json::Value* error = answer->find("error"); error && !error->is_null()) return node_error(*error);
    const json::Value* answered = answer->find("id");
    const json::Value* result = answer->find("result");
    if (!answered || answered->as_uint() != id || !result)
        return fail(Status::CORRUPT, "the answer has another id than the request");
    return *result;
}

}  // namespace c2d::evm
