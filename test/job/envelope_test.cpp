/// What is said before a signature holds, and in which order.
#include "codec/base64url.hpp"
#include "crypto/personal_message.hpp"
#include "support/joint.hpp"

using namespace c2d;
using support::Desk;
using support::json_of;
using support::must;
using support::named_id;

namespace {

struct Door : Desk {
    Door() {
        build();
        before = node->calls;
    }
    RequestBody good() { return request(Method::onPremiseCompute, "rows a", "algo", job); }

    Reason open(const std::string& body, Method method = Method::onPremiseCompute) {
        Envelope out;
        return must(verifier().check_envelope(method, body, out)).reason;
    }
    /// A body with members changed before it is signed.
    template <class Change>
    std::string changed(Change change, const std::string& who = "solver", Method method = Method::onPremiseCompute) {
        auto body = json_of(sign(good()));
        body.erase("signature");
        change(body);
        return resign(body, who, method);
    }
    std::string resign(json::Value body, const std::string& who, Method method) {
        Request r;
        r.method = method;
        r.audience = verifier_options.self;
        if (const auto* audience = body.find("audience"))
            r.audience = parse_address(audience->text()).value_or(r.audience);
        r.dt = parse_token(body.text_at({"dt"})).value_or({});
        r.algo_dt = parse_token(body.text_at({"algo_dt"})).value_or({});
        if (const auto* id = body.find("job_id")) r.job_id = id->as_uint().value_or(0);
        r.nonce = parse_bytes32(body.text_at({"nonce"})).value_or({});
        if (const auto* expiry = body.find("expiry")) r.expiry = expiry->as_uint().value_or(0);
        r.body_hash = keccak256(json::canonical(body).value_or(""));
        body.set("signature", hex_text(must(signer(who).sign_digest(request_digest(r, chain->network())))));
        return json::compact(body);
    }
    static std::string spoilt(std::string body, std::string_view key, json::Value value) {
        auto json = json_of(body);
        json.set(key, std::move(value));
        return json::compact(json);
    }
    std::uint64_t before = 0;
};

}  // namespace

TEST_CASE_FIXTURE(Door, "a good body is taken, and says who asked for what") {
    Envelope out;
    CHECK(must(verifier().check_envelope(Method::onPremiseCompute, sign(good()), out)).accepted());
    CHECK(out.signer == signer("solver").address());
    CHECK(out.request.dt == named_id("rows a"));
    CHECK(out.request.algo_dt == named_id("algo"));
    CHECK(out.request.job_id == job);
    CHECK(out.request.audience == verifier_options.self);
    CHECK(out.request.expiry == clock->now + 300);
    CHECK_FALSE(out.legacy);
    CHECK(out.signature.size() == 65);
}

TEST_CASE_FIXTURE(Door, "nothing is asked of the ledger before the signature holds") {
    open(sign(good()));
    open("{}");
    open(spoilt(sign(good()), "signature", "0x00"));
    CHECK(node->calls == before);
}

TEST_CASE_FIXTURE(Door, "a body past 256 KiB is not read") {
    auto body = sign(good());
    body += std::string(kRequestBytesMax - body.size(), ' ');
    CHECK(open(body) == Reason::accepted);
    CHECK(open(body + " ") == Reason::body_too_large);
    CHECK(open(std::string(kRequestBytesMax + 1, '[')) == Reason::body_too_large);
}

TEST_CASE_FIXTURE(Door, "a body of more values than any request has is not read, whoever signed it") {
    const auto with_values = [this](std::size_t count) {
        return changed([count](json::Value& body) { body.set("note", json::Array(count, json::Value(0))); });
    };
    CHECK(open(with_values(8000)) == Reason::accepted);
    CHECK(open(with_values(8192)) == Reason::malformed);
}

TEST_CASE_FIXTURE(Door, "a body of another form is malformed") {
    for (const char* body : {"", "{", "[]", "null", "\"text\"", "{}", R"({"dt":1,"dt":1})", "{\"a\":\"\xff\"}"}) {
        CAPTURE(std::string(body));
        CHECK(open(body) == Reason::malformed);
    }
    CHECK(open(std::string(2000, '[')) == Reason::malformed);
    for (const char* key : {"dt", "algo_dt", "job_id", "nonce", "expiry", "signature"}) {
        const std::string shown = key;
        CAPTURE(shown);
        auto body = json_of(sign(good()));
        body.erase(key);
        CHECK(open(json::compact(body)) == Reason::malformed);
        for (const json::Value& value : {json::Value(), json::Value(true), json::Value("x"), json::Value(-1),
                                         json::Value(1.5), json::Value::array()}) {
            CAPTURE(json::compact(value));
            CHECK(open(spoilt(sign(good()), key, value)) == Reason::malformed);
        }
    }
    CHECK(open(spoilt(sign(good()), "audience", "bank a")) == Reason::malformed);
    CHECK(open(spoilt(sign(good()), "signer", 5)) == Reason::malformed);
    CHECK(open(spoilt(sign(good()), "job_id", std::uint64_t(1) << 53)) == Reason::malformed);
    CHECK(open(changed([](auto& body) { body.set("extra", json::Value::number_literal("9007199254740993")); })) ==
          Reason::malformed);
}

TEST_CASE_FIXTURE(Door, "each method asks for its own members") {
    auto body = changed([](auto& b) { b.erase("job_id"); }, "solver", Method::grantPermission);
    CHECK(open(body, Method::grantPermission) == Reason::accepted);
    body = changed([](auto& b) { b.erase("algo_dt"); }, "solver", Method::cancel);
    CHECK(open(body, Method::cancel) == Reason::accepted);
    CHECK(open(changed([](auto& b) { b.erase("algo_dt"); }, "solver", Method::verify), Method::verify) ==
          Reason::malformed);
    const auto store = [&](const char* path) {
        return changed(
            [&](auto& b) { b.erase("algo_dt"), b.erase("job_id"), b.erase("signer"), b.set("store_path", path); },
            "bank a", Method::insertDtStore);
    };
    CHECK(open(store("rows.csv"), Method::insertDtStore) == Reason::accepted);
    CHECK(open(store(""), Method::insertDtStore) == Reason::malformed);
    CHECK(open(store(std::string(4097, 'x').c_str()), Method::insertDtStore) == Reason::malformed);
}

TEST_CASE_FIXTURE(Door, "a body for another audience is told so when it names that audience") {
    auto elsewhere = good();
    elsewhere.audience = signer("bank b").address();
    CHECK(open(sign(elsewhere)) == Reason::wrong_audience);
    CHECK(open(changed([](auto& b) { b.erase("audience"); })) == Reason::accepted);
    // Signed for another, who is not named: the signature speaks for somebody else.
    auto silent = json_of(sign(elsewhere));
    silent.erase("audience");
    CHECK(open(json::compact(silent)) == Reason::signature_invalid);
}

TEST_CASE_FIXTURE(Door, "requests live 15 minutes, and clocks may differ by a minute") {
    const auto expiring = [&](std::int64_t in) {
        return changed([&](auto& b) { b.set("expiry", std::uint64_t(std::int64_t(clock->now.load()) + in)); });
    };
    CHECK(open(expiring(0)) == Reason::accepted);
    CHECK(open(expiring(-60)) == Reason::accepted);
    CHECK(open(expiring(-61)) == Reason::request_expired);
    CHECK(open(expiring(15 * 60)) == Reason::accepted);
    CHECK(open(expiring(15 * 60 + 60)) == Reason::accepted);
    CHECK(open(expiring(15 * 60 + 61)) == Reason::request_expired);
    CHECK(open(changed([](auto& b) { b.set("expiry", 0); })) == Reason::request_expired);
    CHECK(open(changed([](auto& b) { b.set("expiry", (std::uint64_t(1) << 53) - 1); })) == Reason::request_expired);
    const auto body = sign(good());
    clock->now += 361;
    CHECK(open(body) == Reason::request_expired);
}

TEST_CASE_FIXTURE(Door, "a signature holds for exactly what was signed") {
    const auto body = sign(good());
    for (const auto& [key, value] : {std::pair<const char*, json::Value>{"dt", text("rows b")},
                                     {"algo_dt", text("other")},
                                     {"job_id", job + 1},
                                     {"nonce", hex_text(keccak256("another"))},
                                     {"expiry", clock->now + 301},
                                     {"extra", 1}}) {
        const std::string shown = key;
        CAPTURE(shown);
        CHECK(open(spoilt(body, key, value)) == Reason::signature_invalid);
    }
    CHECK(open(body, Method::verify) == Reason::signature_invalid);
    CHECK(open(spoilt(body, "signer", address_text(signer("bank a").address()))) == Reason::signature_invalid);
    for (const char* signature : {"0x", "0x00", "0xff"})
        CHECK(open(spoilt(body, "signature", signature)) == Reason::signature_invalid);
}

TEST_CASE_FIXTURE(Door, "a signature with s in the upper half is no signature") {
    auto body = json_of(sign(good()));
    auto bytes = must(parse_hex(body.text_at({"signature"})));
    // n − s, with the recovery bit turned: the same point, the other form.
    const auto n = must(parse_hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"));
    int borrow = 0;
    for (int i = 31; i >= 0; --i) {
        const int digit = int(n[std::size_t(i)]) - int(bytes[std::size_t(32 + i)]) - borrow;
        bytes[std::size_t(32 + i)] = std::uint8_t(digit & 0xff);
        borrow = digit < 0;
    }
    bytes[64] ^= 1;
    CHECK(open(spoilt(json::compact(body), "signature", hex_text(bytes))) == Reason::signature_invalid);
}

TEST_CASE_FIXTURE(Door, "a signature for another network does not hold here") {
    auto network = chain->network();
    const auto signed_for = [&](const NetworkInfo& info) {
        return must(signed_body(good(), info, signer("solver"), random, clock->now));
    };
    CHECK(open(signed_for(network)) == Reason::accepted);
    network.chain_id += 1;
    CHECK(open(signed_for(network)) == Reason::signature_invalid);
    network = chain->network();
    network.salt.data[0] ^= 1;
    CHECK(open(signed_for(network)) == Reason::signature_invalid);
    network = chain->network();
    network.contracts.dt_factory.data[0] ^= 1;
    CHECK(open(signed_for(network)) == Reason::signature_invalid);
}

TEST_CASE_FIXTURE(Door, "without the member signer the signature alone says who asks") {
    Envelope out;
    const auto body = changed([](auto& b) { b.erase("signer"); }, "bank b");
    CHECK(must(verifier().check_envelope(Method::onPremiseCompute, body, out)).accepted());
    CHECK(out.signer == signer("bank b").address());
}

TEST_CASE_FIXTURE(Door, "a nonce counts once for its signer") {
    const auto body = sign(good());
    CHECK(open(body) == Reason::accepted);
    CHECK(open(body) == Reason::accepted);  // nothing was admitted yet
    const auto nonce = must(parse_bytes32(json_of(body).text_at({"nonce"})));
    REQUIRE(must(verifier_options.nonces->remember(signer("solver").address(), nonce, clock->now + 300, clock->now)));
    CHECK(open(body) == Reason::replayed);
    CHECK(open(changed([&](auto& b) { b.set("nonce", hex_text(nonce)), b.erase("signer"); }, "bank b")) ==
          Reason::accepted);
    CHECK(open(sign(good())) == Reason::accepted);
}

TEST_CASE_FIXTURE(Door,
                  "size comes before JSON, JSON before audience, audience before expiry, then "
                  "signature, then nonce") {
    auto elsewhere = good();
    elsewhere.audience = signer("bank b").address();
    auto body = sign(elsewhere);
    clock->now += 100'000;
    CHECK(open(spoilt(body, "signature", "0x00") + std::string(kRequestBytesMax, ' ')) == Reason::body_too_large);
    CHECK(open(spoilt(spoilt(body, "signature", "0x00"), "dt", 1)) == Reason::malformed);
    CHECK(open(spoilt(body, "signature", "0x00")) == Reason::wrong_audience);
    CHECK(open(spoilt(sign(good(), "solver", 100'000), "signature", "0x00")) == Reason::request_expired);
    const auto seen = sign(good());
    const auto nonce = must(parse_bytes32(json_of(seen).text_at({"nonce"})));
    must(verifier_options.nonces->remember(signer("solver").address(), nonce, clock->now + 300, clock->now));
    CHECK(open(spoilt(seen, "signature", "0x00")) == Reason::signature_invalid);
}

TEST_CASE_FIXTURE(Door, "a refusal before the signature tells what was expected") {
    Envelope out;
    const auto verdict = must(verifier().check_envelope(Method::onPremiseCompute, "{}", out));
    CHECK(verdict.path == "dt");
    CHECK(verdict.actual == "absent");
}

// Authorization headers ---------------------------------------------------------------------------

namespace {

struct Header : Door {
    std::string make(Method method = Method::status) {
        auto body = good();
        body.method = method;
        return must(authorization(body, chain->network(), signer("solver"), random, clock->now));
    }
    Reason open(const std::string& header, Method method = Method::status) {
        Envelope out;
        return must(verifier().check_authorization(method, header, out)).reason;
    }
    static std::string with(const std::string& header, std::string_view key, json::Value value) {
        auto json = json_of(as_text(must(base64url_decode(std::string_view(header).substr(4)))));
        json.set(key, std::move(value));
        return "C2D " + base64url_encode(as_bytes(json::compact(json)));
    }
};

}  // namespace

TEST_CASE_FIXTURE(Header, "a header carries the same struct as a body") {
    Envelope out;
    CHECK(must(verifier().check_authorization(Method::status, make(), out)).accepted());
    CHECK(out.signer == signer("solver").address());
    CHECK(out.request.job_id == job);
    CHECK(open(make(Method::log), Method::log) == Reason::accepted);
}

TEST_CASE_FIXTURE(Header, "a header of another form is malformed") {
    const auto good_header = make();
    for (const std::string& header : {std::string(), std::string("Bearer x"), std::string("C2D"),
                                      std::string("C2D !!!"), "C2D " + base64url_encode(as_bytes("[]")),
                                      "c2d " + good_header.substr(4), good_header + std::string(5000, 'A')}) {
        CAPTURE(std::string(header));
        CHECK(open(header) == Reason::malformed);
    }
    for (const char* key :
         {"dt", "algoDt", "jobId", "bodyHash", "nonce", "expiry", "audience", "signature", "method"}) {
        const std::string shown = key;
        CAPTURE(shown);
        CHECK(open(with(good_header, key, json::Value())) == Reason::malformed);
    }
    CHECK(open(make(Method::log)) == Reason::malformed);  // for another route
    CHECK(open(with(good_header, "bodyHash", hex_text(keccak256("a body")))) == Reason::malformed);
}

TEST_CASE_FIXTURE(Header, "a header is held to audience, expiry, signature and nonce") {
    const auto header = make();
    CHECK(open(with(header, "audience", address_text(signer("bank b").address()))) == Reason::wrong_audience);
    CHECK(open(with(header, "jobId", job + 1)) == Reason::signature_invalid);
    CHECK(open(with(header, "signer", address_text(signer("bank b").address()))) == Reason::signature_invalid);
    CHECK(open(with(header, "expiry", clock->now + 5000)) == Reason::request_expired);
    Envelope out;
    REQUIRE(must(verifier().check_authorization(Method::status, header, out)).accepted());
    must(verifier_options.nonces->remember(out.signer, out.request.nonce, out.request.expiry, clock->now));
    CHECK(open(header) == Reason::replayed);
}

// The original's signatures -----------------------------------------------------------------------

namespace {

struct Legacy : Door {
    /// The original's body: signature over address + id, and nothing that makes it once only.
    std::string body(Method method, const std::string& who, const std::string& claims) {
        const auto id = method == Method::grantPermission ? text("algo") : std::to_string(job);
        const auto digest = personal_message_digest(address_text(signer(claims).address()) + id);
        json::Value out = json::Value::object({{"dt", text("rows a")},
                                               {"algo_dt", text("algo")},
                                               {"signature", hex_text(must(signer(who).sign_digest(digest)))}});
        if (method == Method::onPremiseCompute) out.set("job_id", job);
        return json::compact(out);
    }
    Reason ask(Method method, const std::string& body) {
        Envelope out;
        const auto opened = must(verifier().check_envelope(method, body, out));
        if (opened.refused()) return opened.reason;
        CHECK(out.legacy);
        return (method == Method::grantPermission ? must(verifier().verify_grant(out))
                                                  : must(verifier().verify_job(out, nullptr)))
            .reason;
    }
};

}  // namespace

TEST_CASE_FIXTURE(Legacy, "the original's signatures are malformed unless configured") {
    for (const auto method : {Method::grantPermission, Method::onPremiseCompute})
        CHECK(ask(method, body(method, "solver", "solver")) == Reason::malformed);
}

TEST_CASE_FIXTURE(Legacy, "when configured, they hold for the owner or solver that the ledger names") {
    verifier_options.accept_legacy_signatures = true;
    for (const auto method : {Method::grantPermission, Method::onPremiseCompute}) {
        CHECK(ask(method, body(method, "solver", "solver")) == Reason::accepted);
        CHECK(ask(method, body(method, "bank b", "bank b")) == Reason::signature_invalid);
        CHECK(ask(method, body(method, "bank b", "solver")) == Reason::signature_invalid);
        CHECK(ask(method, body(method, "solver", "bank b")) == Reason::signature_invalid);
    }
}

TEST_CASE_FIXTURE(Legacy, "they never open routes that the original did not have, nor replace a nonce that is there") {
    verifier_options.accept_legacy_signatures = true;
    CHECK(open(body(Method::onPremiseCompute, "solver", "solver"), Method::verify) == Reason::malformed);
    CHECK(open(body(Method::onPremiseCompute, "solver", "solver"), Method::cancel) == Reason::malformed);
    auto mixed = json_of(sign(good()));
    mixed.erase("expiry");
    CHECK(open(json::compact(mixed)) == Reason::malformed);
}

TEST_CASE_FIXTURE(Door, "what the requester says of the peers' protocols is read and signed") {
    auto body = good();
    body.protocols = {{signer("bank b").address(), {"c2d-mpc/3", "c2d-mpc/2"}}, {signer("third").address(), {}}};
    Envelope out;
    CHECK(must(verifier().check_envelope(Method::onPremiseCompute, sign(body), out)).accepted());
    CHECK(out.protocols[signer("bank b").address()] == std::vector<std::string>{"c2d-mpc/3", "c2d-mpc/2"});
    CHECK(out.request.body_hash != keccak256(""));
    CHECK(open(spoilt(sign(body), "protocols", json::Object())) == Reason::signature_invalid);
}

TEST_CASE_FIXTURE(Door, "protocols that are none, or too many") {
    const auto opened = [&](json::Value protocols, Method method = Method::verify) {
        return open(changed([&](json::Value& body) { body.set("protocols", protocols); }, "solver", method), method);
    };
    const auto bank = address_text(signer("bank b").address());
    const auto of_bank = [&](json::Value spoken) { return json::Value::object({{bank, std::move(spoken)}}); };
    CHECK(opened(json::Object()) == Reason::accepted);
    CHECK(opened(of_bank(json::Array(kPeerProtocolsMax, "x"))) == Reason::accepted);
    CHECK(opened(of_bank(json::Array(kPeerProtocolsMax + 1, "x"))) == Reason::malformed);
    CHECK(opened(of_bank(json::Array{std::string(kProtocolBytesMax, 'x')})) == Reason::accepted);
    CHECK(opened(of_bank(json::Array{std::string(kProtocolBytesMax + 1, 'x')})) == Reason::malformed);
    CHECK(opened(of_bank(json::Array{""})) == Reason::malformed);
    CHECK(opened(of_bank(json::Array{2})) == Reason::malformed);
    CHECK(opened(of_bank("c2d-mpc/2")) == Reason::malformed);
    CHECK(opened(json::Value::object({{"bank b", json::Array{}}})) == Reason::malformed);
    CHECK(opened("c2d-mpc/2") == Reason::malformed);
    json::Value many;
    for (std::size_t i = 0; i <= kPeersMax; ++i)
        many.set(address_text(support::named_address(fmt::format("p{}", i))), json::Array{"c2d-mpc/2"});
    CHECK(opened(many) == Reason::malformed);
    // Of no concern to other requests.
    CHECK(opened("c2d-mpc/2", Method::grantPermission) == Reason::accepted);
}
