// What comes before any signature counts (bodies, headers, routes), and /insertDtStore.

#include "base/version.hpp"
#include "contracts/machine.hpp"
#include "e2e/raw_http.hpp"
#include "e2e/refusal.hpp"
#include "provider/http/info.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sys/stat.h>

namespace c2d::test {

namespace {

namespace fs = std::filesystem;

HttpResponse as_response(const RawAnswer& raw) {
    const bool json = raw.headers.find("Content-Type: application/json") != std::string::npos;
    return {raw.status, json ? "application/json" : "", raw.body};
}

std::string post_text(std::string_view target, std::string_view headers, std::string_view body) {
    return fmt::format("POST {} HTTP/1.1\r\nHost: p\r\nConnection: close\r\n{}\r\n{}", target, headers, body);
}

/// `body` in chunks of 64 KiB.
std::string chunked(std::string_view body) {
    std::string out;
    while (!body.empty()) {
        const auto part = body.substr(0, 65536);
        out += fmt::format("{:x}\r\n{}\r\n", part.size(), part);
        body.remove_prefix(part.size());
    }
    return out + "0\r\n\r\n";
}

void write(const fs::path& file, std::string_view text) { std::ofstream(file) << text; }

}  // namespace

TEST_CASE("bodies that are no request") {
    World world;
    const Deal deal = world.deal();
    const auto good = world.sign(world.company, world.about(Method::verify, deal));
    const auto twice = [&good](std::string_view member) {
        return std::string("{") + std::string(member) + "," + good.substr(1);
    };
    const auto with = [&good](std::string_view member, json::Value value) {
        auto body = must(json::parse(good));
        body.set(member, std::move(value));
        return json::compact(body);
    };
    const struct {
        std::string name;
        std::string body;
        int status;
        const char* code;
    } kRows[] = {
        {"nothing", "", 400, "malformed"},
        {"no JSON", "dt=1&algo_dt=2", 400, "malformed"},
        {"half a request", good.substr(0, good.size() / 2), 400, "malformed"},
        {"a request and more", good + "x", 400, "malformed"},
        {"a list", "[" + good + "]", 400, "malformed"},
        {"a number", "7", 400, "malformed"},
        {"a comment", "/* */" + good, 400, "malformed"},
        {"a byte order mark", "\xef\xbb\xbf" + good, 400, "malformed"},
        {"broken UTF-8", twice("\"note\":\"\xc3\x28\""), 400, "malformed"},
        {"a surrogate alone", twice(R"("note":"\ud800")"), 400, "malformed"},
        {"a NUL byte", std::string("\0", 1) + good, 400, "malformed"},
        {"a key twice", twice(R"("dt":"dt:ownership:00")"), 400, "malformed"},
        {"a key twice, once escaped", twice(R"("\u0064t":"x")"), 400, "malformed"},
        {"NaN", twice("\"note\":NaN"), 400, "malformed"},
        {"a number beyond RFC 8785", twice("\"note\":9007199254740993"), 400, "malformed"},
        {"the expiry as text", with("expiry", "1"), 400, "malformed"},
        {"a negative expiry", with("expiry", -1), 400, "malformed"},
        {"a fraction of a job", with("job_id", 1.5), 400, "malformed"},
        {"a short dt", with("dt", "dt:ownership:00"), 400, "malformed"},
        {"no dt", with("dt", nullptr), 400, "malformed"},
        {"a short nonce", with("nonce", "0x00"), 400, "malformed"},
        {"nested 65 deep", std::string(65, '[') + std::string(65, ']'), 400, "malformed"},
        {"200,000 [", std::string(200'000, '['), 400, "malformed"},
        {"3 million [", std::string(3'000'000, '['), 413, "body_too_large"},
        {"a byte too much", std::string(Provider::kBodyBytesMax + 1, ' '), 413, "body_too_large"},
        {"all that is allowed, of spaces", std::string(Provider::kBodyBytesMax, ' '), 400, "malformed"},
        {"10 MB", std::string(10'000'000, 'x'), 413, "body_too_large"},
    };
    for (const auto& row : kRows)
        for (const std::string target :
             {"/grantPermission", "/onPremiseCompute", "/insertDtStore", "/v1/verify", "/v1/jobs/1/cancel"}) {
            INFO(row.name << " at " << target);
            check_refused(world, world.post(target, row.body), row.status, row.code);
        }
    CHECK(world.post("/v1/verify", good).status == 200);
}

TEST_CASE("bodies that no length announces") {
    World world;
    for (const std::size_t bytes : {10'000'000u, unsigned(Provider::kBodyBytesMax + 1)}) {
        const auto raw = ask_raw(world.port(), post_text("/grantPermission", "Transfer-Encoding: chunked\r\n",
                                                         chunked(std::string(bytes, 'x'))));
        check_refused(world, as_response(raw), 413, "body_too_large");
    }
    const Deal deal = world.deal();
    const auto good = world.sign(world.company, world.about(Method::verify, deal));
    CHECK(ask_raw(world.port(), post_text("/v1/verify", "Transfer-Encoding: chunked\r\n", chunked(good))).status ==
          200);
}

TEST_CASE("headers beyond the bound") {
    World world;
    const auto get = [&](const std::string& header) {
        return ask_raw(world.port(),
                       fmt::format("GET /v1/jobs HTTP/1.1\r\nHost: p\r\nConnection: close\r\n{}\r\n\r\n", header));
    };
    CHECK(get("Authorization: C2D " + std::string(100'000, 'A')).status == 431);
    CHECK(get("X-Long: " + std::string(100'000, 'A')).status == 431);
    std::string many;
    for (int i = 0; i < 5000; ++i) many += fmt::format("X-{}: {}\r\n", i, i);
    CHECK(get(many + "X-End: 1").status == 431);
    check_refused(world, as_response(get("Authorization: C2D " + std::string(5000, 'A'))), 400, "malformed");
    CHECK(world.get("/healthz").status == 200);
}

TEST_CASE("GETs without a good Authorization") {
    World world;
    Deal deal = world.deal();
    const auto good = world.header(world.company, world.about(Method::status, deal));
    const auto target = fmt::format("/v1/jobs/{}", deal.job);
    for (const auto& header : {std::string(), std::string("Bearer token"), std::string("C2D"), std::string("C2D !!"),
                               std::string("C2D e30"), good + "=", good.substr(0, good.size() - 8)}) {
        INFO("Authorization: " << header);
        check_refused(world, world.get(target, header), 400, "malformed");
    }
    INFO("signed for another method");
    check_refused(world, world.get(target + "/log", good), 400, "malformed", "method");
    INFO("signed for another job");
    check_refused(world, world.get("/v1/jobs/77", good), 400, "malformed", "jobId");
    INFO("for a job that was never admitted");
    check_refused(world, world.get(target, world.header(world.company, world.about(Method::status, deal))), 404,
                  "not_found", "an admitted job");
}

TEST_CASE("other methods and routes") {
    World world;
    const std::string kRows[] = {
        "GET /",
        "GET /grantPermission",
        "GET /onPremiseCompute",
        "GET /v1/verify",
        "POST /healthz",
        "POST /v1/jobs",
        "PUT /grantPermission",
        "DELETE /v1/jobs/1",
        "GET /v1",
        "GET /v1/jobs/",
        "GET /v1/jobs/x",
        "GET /v1/jobs/1/",
        "GET /v1/jobs/1/code",
        "POST /v1/jobs/1",
        "GET /v1/jobs/1/../2",
        "GET /v1/jobs/99999999999999999999",
        "GET /v1/jobs/-1",
        "POST /v1/jobs/1/cancel/",
        "POST /grantPermission/",
        "POST //grantPermission",
        "PATCH /x",
        "GET /healthz/",
        "GET /%2e%2e/etc/passwd",
        "GET /../../etc/passwd",
    };
    for (const auto& line : kRows) {
        INFO(line);
        const auto raw = ask_raw(world.port(), fmt::format("{} HTTP/1.1\r\nHost: p\r\nContent-Length: 0\r\n"
                                                           "Connection: close\r\n\r\n",
                                                           line));
        check_body(as_response(raw), 404, "not_found");
    }
    const auto health = ask_raw(world.port(),
                                "GET /healthz HTTP/1.1\r\nHost: p\r\nOrigin: http://evil\r\n"
                                "Connection: close\r\n\r\n");
    CHECK(health.status == 200);
    CHECK(health.body == R"({"status":"ok"})");
    CHECK(health.headers.find("Access-Control") == std::string::npos);
}

static_assert(provider::kEditionLast == contracts::kEditionMax);

TEST_CASE("what is said of the edition goes on with the ledger's") {
    World::Options options;
    options.edition_1 = true;
    World world(options);
    const auto says = [&](unsigned edition) {
        return world.get("/v1/info").body.find(fmt::format(R"("head":{}}})", edition)) != std::string::npos;
    };
    CHECK(says(1));
    must(world.chain().start_edition(*world.admin, 2));
    CHECK(within(std::chrono::seconds(20), [&] { return says(2); }));
}

TEST_CASE("anybody is told what the provider can, and nothing of who it is") {
    World world;
    world.deal();
    const auto info = world.get("/v1/info");
    CHECK(info.status == 200);
    CHECK(info.body ==
          fmt::format(R"({{"version":"{}","editions":{{"known":[1,2],"head":2}},"protocols":["c2d-mpc/3"]}})",
                      kVersionText));
    // Nobody waits for the ledger.
    world.node->down = true;
    CHECK(world.get("/v1/info").body == info.body);
    world.node->down = false;
    for (const auto& line : {"POST /v1/info", "GET /v1/info/", "GET /v1/info/x"})
        check_body(as_response(ask_raw(world.port(), fmt::format("{} HTTP/1.1\r\nHost: p\r\nContent-Length: 0\r\n"
                                                                 "Connection: close\r\n\r\n",
                                                                 line))),
                   404, "not_found");
}

TEST_CASE("insertDtStore: by the owner, for its own token, a file within the allowed folders") {
    World world;
    const Deal deal = world.deal();
    const auto data = world.folder / "data";
    fs::create_directories(data / "deep");
    fs::create_directories(world.folder / "data_not");
    fs::create_directories(world.folder / "secret");
    for (const auto* name : {"data/rows.csv", "data/deep/rows.csv", "data_not/rows.csv", "secret/rows.csv", "rows.csv"})
        write(world.folder / name, "1,2\n");
    fs::create_symlink(world.folder / "secret/rows.csv", data / "link.csv");
    fs::create_symlink(data / "rows.csv", data / "inner_link.csv");
    fs::create_directory_symlink(world.folder / "secret", data / "linked");
    REQUIRE(::mkfifo((data / "fifo").c_str(), 0600) == 0);

    const auto insert = [&](const Key& key, const TokenId& dt, const fs::path& path) {
        RequestBody body;
        body.method = Method::insertDtStore;
        body.audience = world.bank_a->address();
        body.dt = dt;
        body.store_path = path;
        return world.post("/insertDtStore", world.sign(key, body));
    };
    const struct {
        std::string name;
        fs::path path;
    } kRefused[] = {
        {"outside", world.folder / "rows.csv"},
        {"beside, with the folder's name in front", world.folder / "data_not/rows.csv"},
        {"outside by dots", data / "../rows.csv"},
        {"outside by dots, deeper", data / "deep/../../secret/rows.csv"},
        {"a link to outside", data / "link.csv"},
        {"a link to inside", data / "inner_link.csv"},
        {"through a linked folder", data / "linked/rows.csv"},
        {"the folder itself", data},
        {"a folder below", data / "deep"},
        {"a pipe", data / "fifo"},
        {"absent", data / "absent.csv"},
        {"the system's", "/etc/passwd"},
        {"a device", "/dev/zero"},
    };
    for (const auto& row : kRefused) {
        INFO(row.name);
        check_refused(world, insert(world.bank_a, deal.dt, row.path), 403, "path_not_allowed", row.path);
    }
    const auto rows = data / "rows.csv";
    for (const auto& key : {world.company, world.bank_b, world.bank_a2, world.outsider})
        check_refused(world, insert(key, deal.dt, rows), 403, "wrong_signer", address_text(key->address()));
    const auto unknown = must(random_token(*Random::system()));
    check_refused(world, insert(world.bank_a, unknown, rows), 404, "dt_unknown", token_text(unknown));
    check_refused(world, insert(world.bank_a, deal.cdt, rows), 404, "dt_not_ours", token_text(deal.cdt));

    CHECK(insert(world.bank_a, deal.dt, rows).status == 200);
    CHECK(insert(world.bank_a, deal.dt, data / "deep/rows.csv").status == 200);
    CHECK(insert(world.bank_a, deal.dt, data / "deep/../rows.csv").status == 200);
}

}  // namespace c2d::test
