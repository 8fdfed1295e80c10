/// The list of a run's released files: what is taken of it, on its own.
#include "client/result_manifest.hpp"
#include "client/provider_call.hpp"
#include "support/doubles.hpp"

using namespace c2d;
using client::read_manifest;
using support::must;

namespace {

json::Value manifest(const std::vector<std::pair<std::string, std::uint64_t>>& files) {
    json::Array list;
    for (const auto& [name, bytes] : files)
        list.push_back(json::Value::object({{"name", name}, {"bytes", bytes}, {"sha256", hex_text(Bytes32())}}));
    auto body = json::Value::object({});
    body.set("files", std::move(list));
    return body;
}

}  // namespace

TEST_CASE("names that are allowed and plain, each once") {
    const std::vector<std::string> allowed = {"a", "b", "../c"};
    CHECK(must(read_manifest(manifest({{"b", 1}, {"a", 2}}), allowed, 3)).size() == 2);
    for (const auto& name : {"../c", "c", "A"}) {
        INFO(name);
        CHECK(read_manifest(manifest({{name, 1}}), allowed, 3).error().name == client::kResultInvalid);
    }
    CHECK(read_manifest(manifest({{"a", 1}, {"a", 1}}), allowed, 3).status() == Status::CORRUPT);
}

TEST_CASE("all files together stay within the bound") {
    CHECK(must(read_manifest(manifest({{"a", 600}, {"b", 400}}), {"a", "b"}, 1000)).size() == 2);
    CHECK(read_manifest(manifest({{"a", 600}, {"b", 401}}), {"a", "b"}, 1000).status() == Status::LIMIT);
    CHECK(read_manifest(manifest({{"a", 1}, {"b", ~std::uint64_t(0)}}), {"a", "b"}, 1000).status() == Status::LIMIT);
}

TEST_CASE("providers are asked at their endpoint, however its scheme and end are written") {
    const auto url = [](const char* endpoint) { return client::url_of({endpoint, "/healthz", {}}); };
    CHECK(url("127.0.0.1:8080") == "http://127.0.0.1:8080/healthz");
    CHECK(url("127.0.0.1:8080/") == "http://127.0.0.1:8080/healthz");
    CHECK(url("HTTPS://Bank.example//") == "https://Bank.example/healthz");
    CHECK(url("https://bank.example/c2d/") == "https://bank.example/c2d/healthz");
}
