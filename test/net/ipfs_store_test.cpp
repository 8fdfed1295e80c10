/// Documents on an IPFS node: what is asked of it, and that no answer of it is believed unchecked.
#include "support/doubles.hpp"

#include <c2d/document_store.hpp>

#include <map>

using namespace c2d;
using support::must;

namespace {

/// Keeps what is added, as the API of kubo and js-ipfs answers.
struct Node final : HttpTransport {
    std::vector<HttpRequest> asked;
    std::map<std::string, std::string> held;
    std::optional<HttpResponse> lie;

    Result<HttpResponse> send(const HttpRequest& request) override {
        asked.push_back(request);
        if (lie) return *lie;
        const auto call = request.target.substr(request.target.find("/api/v0/") + 8);
        if (call.starts_with("add?")) {
            const auto start = request.body.find("\r\n\r\n") + 4;
            const auto document = request.body.substr(start, request.body.rfind("\r\n--") - start);
            const auto id = must(DocumentStore::memory()->put(document));
            held[id] = document;
            return HttpResponse{200, "application/json",
                                "{\"Name\":\"document.json\",\"Hash\":\"" + id + "\",\"Size\":\"" +
                                    std::to_string(document.size() + 8) + "\"}\n"};
        }
        const auto id = call.substr(8, call.find('&') - 8);
        if (held.contains(id)) return HttpResponse{200, "application/octet-stream", held[id]};
        return HttpResponse{500, "application/json",
                            R"({"Message":"context deadline exceeded","Code":0,"Type":"error"})"};
    }
};

struct Store {
    std::shared_ptr<Node> node = std::make_shared<Node>();
    std::shared_ptr<DocumentStore> store = must(DocumentStore::ipfs({"http://127.0.0.1:5001/", node}));
};

}  // namespace

TEST_CASE_FIXTURE(Store, "a document comes back under the id that IPFS computes") {
    for (const std::string& document : {std::string("{\"a\":1}"), std::string(), std::string(600'000, 'x'),
                                        std::string("binary \0 and \r\n--boundary", 24)}) {
        const auto id = must(store->put(document));
        CHECK(id == must(DocumentStore::memory()->put(document)));
        CHECK(must(store->get(id)) == document);
    }
    for (const auto& request : node->asked) {
        CHECK(request.method == "POST");
        CHECK(request.target.starts_with("http://127.0.0.1:5001/api/v0/"));
    }
    CHECK(node->asked[0].content_type.starts_with("multipart/form-data; boundary="));
    CHECK(node->asked[1].target.find("timeout=") != std::string::npos);
}

TEST_CASE_FIXTURE(Store, "what is not there is not found, in bounded time") {
    const auto id = must(DocumentStore::memory()->put("elsewhere"));
    const auto missing = store->get(id);
    REQUIRE(missing.status() == Status::NOT_FOUND);
    CHECK(missing.error().message.find("context deadline exceeded") != std::string::npos);
    CHECK(store->get("../../etc/passwd").status() == Status::INVALID_ARGUMENT);
    CHECK(node->asked.size() == 1);
}

TEST_CASE_FIXTURE(Store, "a node that lies is found out") {
    const auto id = must(store->put("true"));
    node->held[id] = "false";
    CHECK(store->get(id).status() == Status::CORRUPT);
    for (const char* body : {"", "{}", "{\"Hash\":\"nonsense\"}", "<html>",
                             "{\"Hash\":\"QmbWqxBEKC3P8tqsKc98xmWNzrzDtRLMiMPL8wBuTGsMnR\"}"}) {
        INFO(body);
        node->lie = HttpResponse{200, "application/json", body};
        CHECK(store->put("true").status() == Status::CORRUPT);
    }
    node->lie = HttpResponse{200, "application/octet-stream", std::string((std::size_t(4) << 20) + 1, 'x')};
    CHECK(store->get(id).status() == Status::LIMIT);
    node->lie = HttpResponse{403, "text/plain", "403 - Forbidden"};
    CHECK(store->put("true").status() == Status::REFUSED);
    CHECK(store->get(id).status() == Status::REFUSED);
    CHECK(store->put(std::string((std::size_t(4) << 20) + 1, 'x')).status() == Status::LIMIT);
}

TEST_CASE("endpoints as URLs and as multiaddrs") {
    const std::pair<const char*, const char*> good[] = {
        {"http://ipfs.example:5001", "http://ipfs.example:5001/api"},
        {"https://ipfs.example/", "https://ipfs.example/api"},
        {"HTTPS://ipfs.example//", "https://ipfs.example/api"},
        {"http://ipfs.example:5001/api/v0/", "http://ipfs.example:5001/api/v0/add"},
        {"/dns/localhost/tcp/5001/http/", "http://localhost:5001/api"},
        {"/dns/localhost/tcp/5001/http", "http://localhost:5001/api"},
        {"/ip4/127.0.0.1/tcp/5001", "http://127.0.0.1:5001/api"},
        {"/ip6/::1/tcp/5001/https", "https://[::1]:5001/api"}};
    for (const auto& [endpoint, url] : good) {
        const auto node = std::make_shared<Node>();
        must(must(DocumentStore::ipfs({endpoint, node}))->put("x"));
        CHECK_MESSAGE(node->asked[0].target.starts_with(url), node->asked[0].target);
    }
    for (const char* bad :
         {"", "localhost:5001", "/dns/localhost", "/dns/localhost/udp/5001", "/unix/sock/tcp/1",
          "/ip4/127.0.0.1/tcp/5001/ws", "ftp://x", "/ip4/127.0.0.1/tcp/5001/http/more", "http://localhost:99999",
          "http://[::1]:0", "/dns/localhost/tcp/65536", "/ip4/127.0.0.1/tcp/x/http"})
        CHECK_MESSAGE(DocumentStore::ipfs({bad, nullptr}).status() == Status::INVALID_ARGUMENT, bad);
}
