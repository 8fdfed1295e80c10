/// The HTTP shell of a provider: bounded bodies, connections and time; no CORS.
#pragma once

#include <c2d/http.hpp>

#include <functional>
#include <memory>

namespace c2d::tools {

struct HttpServerOptions {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    std::size_t body_bytes_max = std::size_t(256) * 1024;
    unsigned connections_max = 1024;
    unsigned connections_per_address_max = 256;
    /// From accepting a connection to the end of its last request; time that we take for an answer does not count.
    unsigned connection_seconds_max = 60;
    unsigned idle_seconds_max = 10;
};

/// Reads requests and writes answers on event loops until it is destroyed, so that slow clients cost a slot
/// and no thread. Whoever still waits for an answer then gets a 503; what the handler gives later is dropped.
class HttpServer {
public:
    /// Takes the answer; from any thread, once.
    using Answered = std::function<void(HttpResponse)>;
    /// Called on an event loop, which it must not hold up: an answer that takes long is given later, from
    /// another thread. A connection that waits for one costs a slot and no thread.
    using Handler = std::function<void(HttpRequest, Answered)>;
    static Result<std::unique_ptr<HttpServer>> start(const HttpServerOptions& options, Handler handler);
    /// The port that is listened on.
    virtual std::uint16_t port() const = 0;
    virtual ~HttpServer() = default;
};

}  // namespace c2d::tools
