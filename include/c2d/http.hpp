/// HTTP as values: what a provider answers to, and how a client asks.
#pragma once

#include <c2d/environment.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace c2d {

/// Header fields of an answer beyond which none is taken.
inline constexpr std::size_t kHttpHeaderFieldsMax = 64;

/// A request as a value: one that a client sends, or one that a provider answers.
struct HttpRequest {
    /// "GET" or "POST".
    std::string method = "GET";
    /// A client's request: the whole URL. A provider's: the path, or the URL, with its query.
    std::string target = {};
    std::string body = {};
    /// The value of the `Authorization` header, or empty.
    std::string authorization = {};
    /// Of `body`; sent with POST alone.
    std::string content_type = "application/json";
    /// The value of the `Range` header (RFC 9110, 14.2), for example "bytes=0-1023", or empty; GET only.
    std::string range = {};
    /// Who asks, as a server sees it: the address without its port. Empty: unknown. A client's request has none.
    std::string client = {};
};

/// An answer of any status.
struct HttpResponse {
    int status = 0;
    std::string content_type = "application/json";
    std::string body = {};
    /// Further header fields, name and value, in their order.
    std::vector<std::pair<std::string, std::string>> headers = {};

    /// The value of the first field of that name, whatever the case of its letters; empty if absent.
    std::string_view header(std::string_view name) const noexcept;
};

/// Asks over HTTP. Thread-safe. Fails with `unavailable`, `timeout`, `limit` or `cancelled`; an
/// answer of any status is a value.
class HttpTransport {
public:
    virtual ~HttpTransport() = default;
    /// Sends a request whose target is a URL.
    virtual Result<HttpResponse> send(const HttpRequest& request) = 0;

    /// Bounds of one request.
    struct Options {
        std::chrono::milliseconds connect_timeout{5'000};
        std::chrono::milliseconds timeout{120'000};
        /// Of the body; the header may have 64 fields and 32 KiB.
        std::size_t answer_bytes_max = std::size_t(4) << 20;
    };
    /// libcurl; http and https only, no redirects, no proxies from the environment.
    static std::shared_ptr<HttpTransport> curl(Options options);
    /// The same within the default bounds.
    static std::shared_ptr<HttpTransport> curl() { return curl(Options{}); }
};

}  // namespace c2d
