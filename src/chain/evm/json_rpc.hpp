/// A JSON-RPC 2.0 client over HTTP, with bounded retries of what may be asked twice.
#pragma once

#include "codec/json.hpp"

#include <c2d/http.hpp>

#include <atomic>
#include <memory>
#include <string>

namespace c2d::evm {

/// The node may answer the same question later. A ledger that is ahead stays so for longer than anybody asks.
bool is_outage(const Error& error);

/// Thread-safe.
class JsonRpc {
public:
    /// `methods`: what stands in the place of "eth" in the names of methods.
    JsonRpc(std::string url, std::shared_ptr<HttpTransport> http, std::shared_ptr<Logger> logger,
            std::string methods = "eth")
        : url_(std::move(url)), http_(std::move(http)), logger_(std::move(logger)), methods_(std::move(methods)) {}

    /// The `result`. A JSON-RPC error fails with `refused`, its code in `Error::code` and its text
    /// in `Error::message`; no answer with `unavailable` or `timeout`; nonsense with `corrupt`.
    /// Calls are asked again a few times when no answer came: all that are made so are idempotent.
    Result<json::Value> call(std::string_view method, json::Array parameters);
    /// The same, asked once: for who must know whether an earlier try may have arrived.
    Result<json::Value> call_once(std::string_view method, json::Array parameters);

private:
    /// The node's name of an eth_… method.
    std::string name_of(std::string_view method) const;
    Result<json::Value> ask(std::string_view method, json::Array parameters, int tries);
    Result<json::Value> ask_once(const std::string& body, std::uint64_t id);

    const std::string url_;
    const std::shared_ptr<HttpTransport> http_;
    const std::shared_ptr<Logger> logger_;
    const std::string methods_;
    std::atomic<std::uint64_t> next_id_{1};
};

}  // namespace c2d::evm
