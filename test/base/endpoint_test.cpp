#include "base/endpoint.hpp"

#include <doctest/doctest.h>

using namespace c2d;

TEST_CASE("endpoints: people write schemes large and slashes at the end") {
    struct Case {
        const char* written;
        const char* normal;
    };
    for (const auto& [written, normal] : {
             Case{"http://node:8545", "http://node:8545"},
             Case{"HTTP://node:8545/", "http://node:8545"},
             Case{" Https://Node:8545/v3/Key// \r\n", "https://Node:8545/v3/Key"},
             Case{"127.0.0.1:8911/", "127.0.0.1:8911"},
             Case{"LOCALHOST:8911", "LOCALHOST:8911"},
             Case{"/dns/localhost/tcp/5001/http/", "/dns/localhost/tcp/5001/http"},
             Case{"Ledger:Bank.db", "ledger:Bank.db"},
             // A path of a file stays as it is.
             Case{"LEDGER:/var/lib/Bank/", "ledger:/var/lib/Bank/"},
             Case{"Dir:./documents/", "dir:./documents/"},
             Case{"", ""},
             Case{"///", ""},
             Case{"http://", "http://"},
             Case{"httpx://node/", "httpx://node"},
         }) {
        CHECK(normal_endpoint(written) == normal);
        CHECK(normal_endpoint(normal) == normal);
    }
    CHECK(is_http_endpoint("https://node"));
    CHECK(!is_http_endpoint("ledger:http://"));
}

TEST_CASE("what is shown of a URL has no user and no password") {
    CHECK(without_credentials("http://user:pass@node:8545/v3?x=a@b") == "http://…@node:8545/v3?x=a@b");
    CHECK(without_credentials("https://key@node") == "https://…@node");
    CHECK(without_credentials("http://a@b@node") == "http://…@node");
    for (const char* plain : {"http://node:8545/a@b", "http://node?user@x", "ledger:user@host", "", "http://"})
        CHECK(without_credentials(plain) == plain);
}

TEST_CASE("the port of a URL, and whether it is one") {
    CHECK(port_of("http://node:8545/v3:x") == "8545");
    CHECK(port_of("https://user:pass@node/x:1") == "");
    CHECK(port_of("http://user:pass@node:99999") == "99999");
    CHECK(port_of("http://[::1]:5001/api") == "5001");
    CHECK(port_of("http://[::1]") == "");
    for (const char* good : {"1", "80", "65535"}) CHECK(is_port(good));
    for (const char* bad : {"", "0", "65536", "99999", "-1", "80x", " 80", "0x50"}) CHECK_FALSE(is_port(bad));
}
