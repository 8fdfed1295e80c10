/// What a requester signs, byte by byte.
#include "codec/base64url.hpp"
#include "codec/json.hpp"
#include "job/vector_network.hpp"
#include "support/doubles.hpp"

#include <c2d/request.hpp>

#include <algorithm>

using namespace c2d;
using support::filled;
using support::must;
using support::named_key;
using support::vector_network;

namespace {

Request request() {
    return {Method::onPremiseCompute, filled<Address>(0x33), filled<Bytes32>(0x44), filled<Bytes32>(0x55), 7,
            filled<Bytes32>(0x66),    filled<Bytes32>(0x77), 1'800'000'300};
}

}  // namespace

TEST_CASE("the digest is that of EIP-712") {
    // Calculated with an implementation of Keccak and EIP-712 in Python that shares nothing with
    // ours.
    CHECK(hex_text(request_digest(request(), vector_network())) ==
          "0x221d3b57a438fe63973e3452f1e383561fb941bad94cd31f5bd55badd6fd3d2a");
}

TEST_CASE("every member of a request and of its network counts") {
    std::vector<Bytes32> digests = {request_digest(request(), vector_network())};
    const auto add = [&](auto change) {
        auto r = request();
        auto n = vector_network();
        change(r, n);
        digests.push_back(request_digest(r, n));
    };
    add([](auto& r, auto&) { r.method = Method::verify; });
    add([](auto& r, auto&) { r.audience.data[0] ^= 1; });
    add([](auto& r, auto&) { r.dt.data[0] ^= 1; });
    add([](auto& r, auto&) { r.algo_dt.data[0] ^= 1; });
    add([](auto& r, auto&) { r.job_id += 1; });
    add([](auto& r, auto&) { r.body_hash.data[0] ^= 1; });
    add([](auto& r, auto&) { r.nonce.data[0] ^= 1; });
    add([](auto& r, auto&) { r.expiry += 1; });
    add([](auto&, auto& n) { n.chain_id += 1; });
    add([](auto&, auto& n) { n.salt.data[0] ^= 1; });
    add([](auto&, auto& n) { n.contracts.dt_factory.data[0] ^= 1; });
    std::ranges::sort(digests);
    CHECK(std::ranges::adjacent_find(digests) == digests.end());
}

TEST_CASE("a signed body holds the original's members and ours, and nothing that was not asked") {
    support::RepeatableRandom random;
    const auto solver = named_key("solver");
    RequestBody body;
    body.method = Method::grantPermission;
    body.audience = filled<Address>(0x33);
    body.dt = filled<Bytes32>(0x44);
    body.algo_dt = filled<Bytes32>(0x55);
    const auto first = must(json::parse(must(signed_body(body, vector_network(), *solver, random, 1000, 300))));
    CHECK(first.text_at({"dt"}) == token_text(body.dt));
    CHECK(first.text_at({"algo_dt"}) == token_text(body.algo_dt));
    CHECK(first.text_at({"audience"}) == address_text(body.audience));
    CHECK(first.text_at({"signer"}) == address_text(solver->address()));
    CHECK(first.find("expiry")->as_uint() == 1300);
    CHECK(first.find("job_id") == nullptr);
    CHECK(first.find("store_path") == nullptr);
    const auto second = must(json::parse(must(signed_body(body, vector_network(), *solver, random, 1000, 300))));
    CHECK(first.text_at({"nonce"}) != second.text_at({"nonce"}));
    CHECK(first.text_at({"signature"}) != second.text_at({"signature"}));
}

TEST_CASE("a signature can be checked from the documented form alone") {
    support::RepeatableRandom random;
    RequestBody body;
    body.audience = filled<Address>(0x33);
    body.dt = filled<Bytes32>(0x44);
    body.algo_dt = filled<Bytes32>(0x55);
    body.job_id = 7;
    auto json = must(json::parse(must(signed_body(body, vector_network(), *named_key("solver"), random, 1000))));
    const auto signature = must(parse_hex(json.text_at({"signature"})));
    const auto nonce = must(parse_bytes32(json.text_at({"nonce"})));
    json.erase("signature");
    const Request said{body.method, body.audience, body.dt, body.algo_dt, 7, keccak256(must(json::canonical(json))),
                       nonce,       1300};
    CHECK(must(recover_signer(request_digest(said, vector_network()), signature)) == named_key("solver")->address());
}

TEST_CASE("every method has the name of its route") {
    const std::pair<Method, const char*> table[] = {{Method::grantPermission, "grantPermission"},
                                                    {Method::onPremiseCompute, "onPremiseCompute"},
                                                    {Method::insertDtStore, "insertDtStore"},
                                                    {Method::verify, "verify"},
                                                    {Method::status, "status"},
                                                    {Method::log, "log"},
                                                    {Method::result, "result"},
                                                    {Method::cancel, "cancel"},
                                                    {Method::list, "list"},
                                                    {Method::grants, "grants"},
                                                    {Method::close, "close"},
                                                    {Method::open, "open"},
                                                    {Method::artifacts, "artifacts"},
                                                    {Method::renew, "renew"}};
    for (const auto& [method, name] : table) CHECK(std::string(method_name(method)) == name);
}
