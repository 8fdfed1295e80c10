#include "job/envelope.hpp"

#include "codec/base64url.hpp"
#include "crypto/hash.hpp"

#include <c2d/key.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace c2d::job {

namespace {

using json::Value;

constexpr std::size_t kStorePathBytesMax = 4096;
/// Each may stand before a value, of which the JSON reader makes an object, for whoever sends a body. More than a
/// store_path of commas beside all members.
constexpr std::size_t kSeparatorsMax = 8192;

std::size_t separators_in(std::string_view body) {
    return std::size_t(std::ranges::count_if(body, [](char c) { return c == ',' || c == '[' || c == '{'; }));
}

Verdict malformed(std::string_view path, std::string_view expected, std::string_view actual = "") {
    return Verdict::refuse(Reason::malformed, std::string(path), std::string(expected), std::string(actual));
}

/// Reads members of one JSON object and remembers the first that is wrong.
class Reader {
public:
    explicit Reader(const Value& object) : object_(object) {}

    bool has(std::string_view key) const { return object_.find(key) != nullptr; }

    TokenId token(std::string_view key, bool required) {
        const Value* value = get(key, required);
        if (!value) return {};
        const auto id = value->is_string() ? parse_token(value->text()) : Result<TokenId>(Error());
        if (!id) wrong(key, "dt:ownership:<64 hex>");
        return id.value_or(TokenId{});
    }
    Bytes32 bytes32(std::string_view key, bool required) {
        const Value* value = get(key, required);
        if (!value) return {};
        const auto bytes = value->is_string() ? parse_bytes32(value->text()) : Result<Bytes32>(Error());
        if (!bytes) wrong(key, "64 hexadecimal digits");
        return bytes.value_or(Bytes32{});
    }
    std::optional<Address> address(std::string_view key, bool required) {
        const Value* value = get(key, required);
        if (!value) return std::nullopt;
        const auto address = value->is_string() ? parse_address(value->text()) : Result<Address>(Error());
        if (!address) {
            wrong(key, "an address");
            return std::nullopt;
        }
        return *address;
    }
    std::uint64_t number(std::string_view key, bool required) {
        const Value* value = get(key, required);
        if (!value) return 0;
        const auto number = value->as_uint();
        if (!number || *number > (1ull << 53) - 1) wrong(key, "a whole number");
        return number.value_or(0);
    }
    Bytes blob(std::string_view key) {
        const Value* value = get(key, true);
        if (!value) return {};
        auto bytes = value->is_string() ? parse_hex(value->text()) : Result<Bytes>(Error());
        if (!bytes) wrong(key, "hexadecimal digits");
        return bytes.value_or(Bytes{});
    }
    std::string text(std::string_view key, std::size_t bytes_max) {
        const Value* value = get(key, true);
        if (!value) return {};
        if (!value->is_string() || value->text().empty() || value->text().size() > bytes_max) wrong(key, "a text");
        return value->text();
    }
    PeerProtocols protocols(std::string_view key) {
        const Value* value = get(key, false);
        PeerProtocols out;
        if (!value) return out;
        bool well_formed = value->is_object() && value->members().size() <= kPeersMax;
        for (const auto& [provider, spoken] : value->members()) {
            const auto address = parse_address(provider);
            well_formed = well_formed && address && spoken.is_array() && spoken.items().size() <= kPeerProtocolsMax &&
                          std::ranges::all_of(spoken.items(), is_protocol);
            if (!well_formed) break;
            for (const auto& protocol : spoken.items()) out[*address].push_back(protocol.text());
        }
        if (!well_formed)
            wrong(key, fmt::format("an object of at most {} addresses, each with at most {} names of protocols",
                                   kPeersMax, kPeerProtocolsMax));
        return out;
    }
    std::uint32_t attempt(std::string_view key) {
        const Value* value = get(key, false);
        if (!value) return 1;
        const auto number = value->as_uint();
        if (!number || *number == 0 || *number > kAttemptsMax)
            wrong(key, fmt::format("a whole number from 1 to {}", kAttemptsMax));
        return std::uint32_t(number.value_or(1));
    }
    const Verdict& verdict() const { return verdict_; }

private:
    static bool is_protocol(const Value& value) {
        return value.is_string() && !value.text().empty() && value.text().size() <= kProtocolBytesMax;
    }

    const Value* get(std::string_view key, bool required) {
        const Value* value = object_.find(key);
        if (!value && required) wrong(key, "present");
        return value;
    }
    void wrong(std::string_view key, std::string_view expected) {
        const Value* value = object_.find(key);
        if (verdict_.accepted()) verdict_ = malformed(key, expected, value ? json::compact(*value) : "absent");
    }

    const Value& object_;
    Verdict verdict_;
};

Verdict check_expiry(std::uint64_t expiry, std::uint64_t now) {
    if (expiry + kRequestSkewSeconds < now)
        return Verdict::refuse(Reason::request_expired, "expiry", fmt::format("at least {}", now),
                               fmt::format("{}", expiry));
    if (expiry > now + kRequestExpirySecondsMax + kRequestSkewSeconds)
        return Verdict::refuse(Reason::request_expired, "expiry",
                               fmt::format("at most {} s ahead", kRequestExpirySecondsMax),
                               fmt::format("{} s ahead", expiry - now));
    return Verdict::accept();
}

/// Audience, expiry, signature of what was read; fills the envelope.
Verdict finish(const EnvelopeContext& context, const Request& request, std::optional<Address> audience,
               std::optional<Address> claimed, const Bytes& signature, Envelope& out) {
    if (audience && *audience != context.self)
        return Verdict::refuse(Reason::wrong_audience, "audience", address_text(context.self), address_text(*audience));
    if (auto verdict = check_expiry(request.expiry, context.now); verdict.refused()) return verdict;
    const auto digest = request_digest(request, context.network);
    const auto signer = recover_signer(digest, signature);
    if (!signer) return Verdict::refuse(Reason::signature_invalid, "signature", "a signature", signer.error().message);
    if (claimed && *claimed != *signer)
        return Verdict::refuse(Reason::signature_invalid, "signature", address_text(*claimed), address_text(*signer));
    out.request = request;
    out.signer = *signer;
    out.signature = signature;
    out.digest = digest;
    return Verdict::accept();
}

bool needs_algorithm(Method method) {
    return method == Method::grantPermission || method == Method::onPremiseCompute || method == Method::verify ||
           method == Method::renew;
}
bool needs_job(Method method) {
    return method == Method::onPremiseCompute || method == Method::verify || method == Method::cancel;
}

/// The original's form: no nonce, no expiry; who signed is only known with the ledger's help.
Verdict open_legacy(Reader& reader, const Request& request, Envelope& out) {
    out.request = request;
    out.legacy = true;
    out.signature = reader.blob("signature");
    return reader.verdict();
}

}  // namespace

Verdict open_body(const EnvelopeContext& context, Method method, std::string_view body, Envelope& out) {
    if (body.size() > kRequestBytesMax)
        return Verdict::refuse(Reason::body_too_large, "", fmt::format("at most {} bytes", kRequestBytesMax),
                               fmt::format("{}", body.size()));
    if (const auto count = separators_in(body); count > kSeparatorsMax)
        return malformed("", fmt::format("at most {} of , [ and {{", kSeparatorsMax), fmt::format("{}", count));
    auto parsed = json::parse(body);
    if (!parsed) return malformed("", "one JSON object", parsed.error().message);
    if (!parsed->is_object()) return malformed("", "one JSON object", json::compact(*parsed).substr(0, 80));

    Reader reader(*parsed);
    Request request;
    request.method = method;
    request.audience = context.self;
    request.dt = reader.token("dt", true);
    request.algo_dt = reader.token("algo_dt", needs_algorithm(method));
    request.job_id = reader.number("job_id", needs_job(method));
    if (method == Method::insertDtStore) out.store_path = reader.text("store_path", kStorePathBytesMax);
    const bool legacy = !reader.has("nonce") && !reader.has("expiry") && reader.has("signature");
    if (legacy && context.accept_legacy_signatures &&
        (method == Method::grantPermission || method == Method::onPremiseCompute))
        return open_legacy(reader, request, out);

    const auto audience = reader.address("audience", false);
    const auto claimed = reader.address("signer", false);
    request.nonce = reader.bytes32("nonce", true);
    request.expiry = reader.number("expiry", true);
    const Bytes signature = reader.blob("signature");
    if (method == Method::onPremiseCompute || method == Method::verify) {
        out.protocols = reader.protocols("protocols");
        out.attempt = reader.attempt("attempt");
    }
    if (reader.verdict().refused()) return reader.verdict();

    parsed->erase("signature");
    const auto canonical = json::canonical(*parsed);
    if (!canonical) return malformed("", "numbers within RFC 8785", canonical.error().message);
    request.body_hash = keccak256(*canonical);
    return finish(context, request, audience, claimed, signature, out);
}

Verdict open_authorization(const EnvelopeContext& context, Method method, std::string_view header, Envelope& out) {
    constexpr std::string_view kScheme = "C2D ";
    constexpr std::size_t kHeaderBytesMax = 4096;
    if (!header.starts_with(kScheme) || header.size() > kHeaderBytesMax)
        return malformed("Authorization", "C2D <base64url of the request's JSON>");
    const auto bytes = base64url_decode(header.substr(kScheme.size()));
    if (!bytes) return malformed("Authorization", "base64url", bytes.error().message);
    const auto parsed = json::parse(as_text(*bytes));
    if (!parsed || !parsed->is_object()) return malformed("Authorization", "one JSON object");

    Reader reader(*parsed);
    if (parsed->text_at({"method"}) != method_name(method))
        return malformed("method", method_name(method), parsed->text_at({"method"}));
    Request request;
    request.method = method;
    request.audience = context.self;
    request.dt = reader.bytes32("dt", true);
    request.algo_dt = reader.bytes32("algoDt", true);
    request.job_id = reader.number("jobId", true);
    request.body_hash = reader.bytes32("bodyHash", true);
    request.nonce = reader.bytes32("nonce", true);
    request.expiry = reader.number("expiry", true);
    const auto audience = reader.address("audience", true);
    const auto claimed = reader.address("signer", false);
    const Bytes signature = reader.blob("signature");
    if (reader.verdict().refused()) return reader.verdict();
    if (request.body_hash != keccak256(std::string_view()))
        return malformed("bodyHash", hex_text(keccak256(std::string_view())), hex_text(request.body_hash));
    return finish(context, request, audience, claimed, signature, out);
}

}  // namespace c2d::job
