#include "base/defaults.hpp"
#include "base/endpoint.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/cid.hpp"
#include "codec/json.hpp"
#include "crypto/hash.hpp"

#include <c2d/document_store.hpp>

#include <algorithm>

namespace c2d {

namespace {

constexpr std::size_t kDocumentBytesMax = std::size_t(4) << 20;
constexpr std::string_view kContentType = "multipart/form-data; boundary=";

/// "/dns/localhost/tcp/5001/http" and the like as a URL; an http(s) URL as it is.
Result<std::string> url_without_check(std::string_view written) {
    std::string endpoint = normal_endpoint(written);
    constexpr std::string_view kApi = "/api/v0";  // pages of IPFS show it as a part of the address
    if (is_http_endpoint(endpoint)) {
        if (endpoint.ends_with(kApi)) endpoint.resize(endpoint.size() - kApi.size());
        return endpoint;
    }
    std::vector<std::string> parts;
    for (std::size_t at = 1; at <= endpoint.size();) {
        const auto end = std::min(endpoint.find('/', at), endpoint.size());
        parts.push_back(endpoint.substr(at, end - at));
        at = end + 1;
    }
    static constexpr std::string_view kHosts[] = {"ip4", "ip6", "dns", "dns4", "dns6"};
    const bool known = endpoint.starts_with('/') && (parts.size() == 4 || parts.size() == 5) &&
                       std::ranges::find(kHosts, parts[0]) != std::end(kHosts) && parts[2] == "tcp" &&
                       (parts.size() == 4 || parts[4] == "http" || parts[4] == "https");
    if (!known)
        return fail(Status::INVALID_ARGUMENT,
                    "expected an IPFS endpoint as http(s)://HOST:PORT or /dns|ip4|ip6/HOST/tcp/PORT[/http|/https], "
                    "found \"{}\"; documents in a folder: DocumentStore::directory",
                    without_credentials(written));
    const std::string scheme = parts.size() == 5 ? parts[4] : "http";
    const std::string host = parts[0] == "ip6" ? "[" + parts[1] + "]" : parts[1];
    return scheme + "://" + host + ":" + parts[3];
}

Result<std::string> url_of(std::string_view written) {
    C2D_TRY(auto url, url_without_check(written));
    const auto port = port_of(url);
    if (!port.empty() && !is_port(port))
        return fail(Status::INVALID_ARGUMENT, "expected an IPFS endpoint with a port of 1 to 65535, found \"{}\"",
                    port);
    return url;
}

/// Absent in the document by construction: it holds the document's own hash.
std::string boundary_of(std::string_view document) { return "c2d-" + hex_text(keccak256(document)).substr(2); }

std::string form_of(std::string_view document, const std::string& boundary) {
    std::string body = "--" + boundary +
                       "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"document.json\"\r\n"
                       "Content-Type: application/octet-stream\r\n\r\n";
    body += document;
    return body + "\r\n--" + boundary + "--\r\n";
}

class IpfsStore final : public DocumentStore {
public:
    IpfsStore(std::string url, const IpfsOptions& options) : url_(std::move(url)), options_(options) {}

    Result<std::string> put(std::string_view document) override {
        if (document.size() > kDocumentBytesMax)
            return fail(Status::LIMIT, "expected a document of at most {} bytes, found {}", kDocumentBytesMax,
                        document.size());
        const std::string boundary = boundary_of(document);
        HttpRequest request = ask("add?pin=true&cid-version=0&quieter=true");
        request.body = form_of(document, boundary);
        request.content_type = std::string(kContentType) + boundary;
        C2D_TRY(const auto response, options_.http->send(request));
        if (response.status != 200) return refused("add", response);
        // One line a file; the last one is ours.
        std::string_view lines = response.body;
        while (lines.ends_with('\n')) lines.remove_suffix(1);
        const auto last = lines.rfind('\n');
        const auto answer = json::parse(last == std::string_view::npos ? lines : lines.substr(last + 1));
        const auto stored = parse_cid(answer ? answer->text_at({"Hash"}) : std::string());
        const Cid expected = cid_v0(as_bytes(document));
        if (!stored || !(*stored == expected))
            return fail(Status::CORRUPT, "expected {} to store the document as {}, it answered \"{}\"", url_,
                        cid_text(expected), response.body.substr(0, 200));
        return cid_text(expected);
    }

    Result<std::string> get(std::string_view text) override {
        C2D_TRY(const Cid cid, parse_cid(text));
        const auto name = cid_text(cid);
        // Without `timeout` a node looks for an unknown document for ever.
        C2D_TRY(auto response,
                options_.http->send(ask(fmt::format("cat?arg={}&timeout={}ms", name, options_.find_within.count()))));
        if (response.status >= 500)
            return fail(Status::NOT_FOUND, "{} does not find the document {} within {} ms: {}", url_, name,
                        options_.find_within.count(), message_of(response));
        if (response.status != 200) return refused("cat", response);
        if (response.body.size() > kDocumentBytesMax)
            return fail(Status::LIMIT, "the document {} is larger than {} bytes", name, kDocumentBytesMax);
        if (!cid_matches(cid, as_bytes(response.body)))
            return fail(Status::CORRUPT, "{} answered bytes that do not match {}", url_, name);
        return std::move(response.body);
    }

private:
    /// The API takes nothing but POST.
    HttpRequest ask(const std::string& call) const {
        HttpRequest request{"POST", url_ + "/api/v0/" + call, {}, options_.authorization};
        return request;
    }
    static std::string message_of(const HttpResponse& response) {
        const auto answer = json::parse(response.body);
        const auto message = answer ? answer->text_at({"Message"}) : std::string();
        return message.empty() ? fmt::format("status {}", response.status) : message;
    }
    Error refused(std::string_view call, const HttpResponse& response) const {
        const auto status = response.status >= 500 ? Status::UNAVAILABLE : Status::REFUSED;
        return fail(status, "the IPFS node at {} refused \"{}\" with status {}: {}", url_, call, response.status,
                    message_of(response));
    }

    const std::string url_;
    const IpfsOptions options_;
};

}  // namespace

Result<std::shared_ptr<DocumentStore>> DocumentStore::ipfs(IpfsOptions options) {
    C2D_TRY(auto url, url_of(options.endpoint));
    const HttpTransport::Options transport{std::chrono::seconds(5), options.find_within + std::chrono::seconds(10),
                                           kDocumentBytesMax + 4096};
    options.http = or_default(std::move(options.http), [&] { return HttpTransport::curl(transport); });
    return std::shared_ptr<DocumentStore>(std::make_shared<IpfsStore>(std::move(url), options));
}

}  // namespace c2d
