/// The HTTP shell of a provider: bounded bodies, connections and time; no CORS.
#pragma once

#include <c2d/http.hpp>

#include <functional>
#include <memory>

namespace c2d::tools {

struct HttpServerOptions {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    std::size_t body_bytes_max = 256 * 1024;
    unsigned connections_max = 1024;
    unsigned connections_per_address_max = 256;
    /// From accepting a connection to the end of its last request.
    unsigned connection_seconds_max = 60;
    unsigned idle_seconds_max = 10;
};

/// Answers requests on threads of its own until it is destroyed. An event loop holds the
/// connections, so that slow clients cost a slot and no thread.
class HttpServer {
public:
    using Handler = std::function<HttpResponse(const HttpRequest&)>;
    static Result<std::unique_ptr<HttpServer>> start(const HttpServerOptions& options, Handler handler);
    /// The port that is listened on.
    virtual std::uint16_t port() const = 0;
    virtual ~HttpServer() = default;
};

}  // namespace c2d::tools
