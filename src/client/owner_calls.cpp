#include "client/owner_calls.hpp"

#include "base/call_scope.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"

#include <c2d/reason.hpp>

#include <map>
#include <set>

namespace c2d::client {

using json::Value;

namespace {

constexpr std::uint64_t kTokensAtOnce = 256;
/// More than a provider lets wait.
constexpr std::size_t kWaitingMax = 4096;

RequestBody about(Method method, const Address& owner, const TokenId& dt) {
    RequestBody body;
    body.method = method;
    body.audience = owner;
    body.dt = dt;
    return body;
}

/// Empty where the document names none.
Result<std::string> named_endpoint(const AssetRegistry& registry, const TokenId& dt) {
    C2D_TRY(const auto asset, registry.resolve(dt));
    for (const auto& service : asset.services)
        if (!service.endpoint.empty()) return service.endpoint;
    return std::string();
}

Result<std::string> endpoint_of(const AssetRegistry& registry, const TokenId& dt) {
    C2D_TRY(auto endpoint, named_endpoint(registry, dt));
    if (!endpoint.empty()) return endpoint;
    return fail(Status::NOT_FOUND, "the document of {} names no endpoint to ask", token_text(dt));
}

/// Said here: the provider of another's token would take the request for one to somebody else.
Result<Unit> require_ours(const AssetRegistry& registry, const Address& owner, const TokenId& dt) {
    C2D_TRY(const auto record, registry.chain().token(dt));
    if (record.owner == owner) return Unit{};
    Error error = fail(Status::REFUSED, "{} belongs to {}: only its owner says what becomes of it, not {}",
                       token_text(dt), address_text(record.owner), address_text(owner));
    error.name = reason_name(Reason::wrong_signer);
    return error;
}

/// Every endpoint that our listed tokens name, with one of these. A document that cannot be read may name another one.
Result<std::map<std::string, TokenId>> own_endpoints(const AssetRegistry& registry, const Address& owner,
                                                     std::vector<UnansweredProvider>& unanswered) {
    std::map<std::string, TokenId> out;
    for (std::uint64_t start = 0;; start += kTokensAtOnce) {
        C2D_TRY(const auto page, registry.chain().tokens(start, kTokensAtOnce));
        for (const auto& record : page) {
            if (record.owner != owner) continue;
            const auto endpoint = named_endpoint(registry, record.id);
            if (!endpoint)
                unanswered.push_back({record.id, {}, endpoint.error()});
            else if (!endpoint->empty())
                out.emplace(*endpoint, record.id);
        }
        if (page.size() < kTokensAtOnce) return out;
    }
}

Result<WaitingGrant> read_waiting(const Value& row) {
    WaitingGrant out;
    C2D_TRY(out.dt, parse_token(row.text_at({"dt"})));
    C2D_TRY(out.cdt, parse_token(row.text_at({"cdt"})));
    C2D_TRY(out.composer, parse_address(row.text_at({"composer"})));
    const Value* since = row.find("since");
    out.since = since ? since->as_uint().value_or(0) : 0;
    return out;
}

Result<std::vector<WaitingGrant>> ask(const ProviderCall& call, const std::string& endpoint, const RequestBody& body) {
    C2D_TRY(const auto response, call.get({endpoint, "/v1/grants", {}}, body));
    C2D_TRY(const auto answer, read_json_answer(endpoint, response));
    const Value* rows = answer.find("grants");
    if (!rows || !rows->is_array() || rows->items().size() > kWaitingMax)
        return fail(Status::CORRUPT, "{} gave no list of at most {} requests for grants", endpoint, kWaitingMax);
    std::vector<WaitingGrant> out;
    for (const auto& row : rows->items()) {
        C2D_TRY(out.emplace_back(), read_waiting(row));
    }
    return out;
}

}  // namespace

namespace {

/// At one endpoint, which must answer.
Result<WaitingGrants> waiting_for(const AssetRegistry& registry, const ProviderCall& call, const Address& owner,
                                  const TokenId& dt) {
    C2D_CHECK(require_ours(registry, owner, dt));
    C2D_TRY(const auto endpoint, endpoint_of(registry, dt));
    WaitingGrants out;
    C2D_TRY(out.grants, ask(call, endpoint, about(Method::grants, owner, dt)));
    return out;
}

}  // namespace

Result<WaitingGrants> waiting_grants(const AssetRegistry& registry, const ProviderCall& call, const Address& owner,
                                     const std::optional<TokenId>& dt) {
    if (dt) return waiting_for(registry, call, owner, *dt);
    WaitingGrants out;
    C2D_TRY(const auto endpoints, own_endpoints(registry, owner, out.unanswered));
    // One provider may have several endpoints.
    std::set<std::pair<TokenId, TokenId>> seen;
    for (const auto& [endpoint, token] : endpoints) {
        const auto there = ask(call, endpoint, about(Method::grants, owner, token));
        if (CallScope::over()) return CallScope::error("asking what waits for our word");
        if (!there) {
            out.unanswered.push_back({token, endpoint, there.error()});
            continue;
        }
        for (const auto& request : *there)
            if (seen.emplace(request.dt, request.cdt).second) out.grants.push_back(request);
    }
    return out;
}

Result<Unit> set_closed(const AssetRegistry& registry, const ProviderCall& call, const Address& owner,
                        const TokenId& dt, bool closed) {
    C2D_CHECK(require_ours(registry, owner, dt));
    C2D_TRY(const auto endpoint, endpoint_of(registry, dt));
    const auto body = about(closed ? Method::close : Method::open, owner, dt);
    C2D_TRY(const auto response, call.post({endpoint, closed ? "/v1/close" : "/v1/open", {}}, body));
    C2D_CHECK(read_json_answer(endpoint, response));
    return Unit{};
}

}  // namespace c2d::client
