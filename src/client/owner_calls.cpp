#include "client/owner_calls.hpp"

#include "artifact/values.hpp"
#include "asset/origin.hpp"
#include "base/call_scope.hpp"
#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/written_json.hpp"

#include <c2d/job_receipt.hpp>
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

/// That nothing waits for a key that speaks for nobody is no news: whoever has the right one would take it for that.
Result<Unit> require_standing(const AssetRegistry& registry, const Address& owner) {
    for (const auto role : {LedgerRole::provider, LedgerRole::enterprise}) {
        C2D_TRY(const bool has, registry.chain().has_role(owner, role));
        if (has) return Unit{};
    }
    return fail(Status::REFUSED,
                "expected a key that acts for an organisation, found {}, for which no role stands: dt-cli system keys "
                "shows which keys act for one",
                address_text(owner));
}

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
    if (endpoints.empty() && out.unanswered.empty()) C2D_CHECK(require_standing(registry, owner));
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

Result<OwnProvider> own_provider(const AssetRegistry& registry, const Address& owner,
                                 const std::optional<TokenId>& dt) {
    if (dt) {
        C2D_CHECK(require_ours(registry, owner, *dt));
        C2D_TRY(auto endpoint, endpoint_of(registry, *dt));
        return OwnProvider{owner, *dt, std::move(endpoint)};
    }
    std::vector<UnansweredProvider> unreadable;
    C2D_TRY(const auto endpoints, own_endpoints(registry, owner, unreadable));
    if (endpoints.size() == 1) return OwnProvider{owner, endpoints.begin()->second, endpoints.begin()->first};
    std::string found = endpoints.empty() ? "none" : "";
    for (const auto& [endpoint, token] : endpoints)
        found += fmt::format("{}{} ({})", found.empty() ? "" : ", ", display_text(endpoint), token_text(token));
    return fail(
        Status::INVALID_ARGUMENT,
        "expected one provider that all tokens of {} name, found {}; name a token of the provider that is meant",
        address_text(owner), found);
}

// Artifacts ---------------------------------------------------------------------------------------

namespace {

/// More than a provider names.
constexpr std::size_t kArtifactsMax = 4096;

/// Endpoints where parts of the job ran that are ours, with one token of each.
Result<std::map<std::string, TokenId>> endpoints_of_job(const AssetRegistry& registry, const Address& owner,
                                                        std::uint64_t job_id) {
    C2D_TRY(const auto job, registry.chain().job(job_id));
    C2D_TRY(const auto leaves, registry.plan(job.cdt));
    std::map<std::string, TokenId> out;
    for (const auto& leaf : leaves) {
        C2D_TRY(const auto record, registry.chain().token(leaf.dt));
        if (record.owner == owner && !leaf.endpoint.empty()) out.emplace(leaf.endpoint, leaf.dt);
    }
    if (!out.empty()) return out;
    return fail(Status::NOT_FOUND, "job {} has no part of ours ({})", job_id, address_text(owner));
}

Result<HeldArtifact> read_held(const Value& row, std::uint64_t job_id) {
    HeldArtifact out;
    C2D_TRY(out.artifact, artifact::artifact_from(row));
    if (out.artifact.job_id != job_id)
        return fail(Status::CORRUPT, "expected artifacts of job {}, found one of job {}", job_id, out.artifact.job_id);
    const Value* const origin = row.find("origin");
    if (!origin) return out;
    C2D_TRY(out.origin, asset::read_origin_value(*origin));
    return out;
}

Result<Unit> ask_artifacts(const ProviderCall& call, const std::string& endpoint, const RequestBody& body,
                           std::vector<HeldArtifact>& out) {
    C2D_TRY(const auto response, call.get({endpoint, "/v1/artifacts", {}}, body));
    C2D_TRY(const auto answer, read_json_answer(endpoint, response));
    const Value* const rows = answer.find("artifacts");
    if (!rows || !rows->is_array() || rows->items().size() > kArtifactsMax)
        return fail(Status::CORRUPT, "{} gave no list of at most {} artifacts", display_text(endpoint), kArtifactsMax);
    for (const auto& row : rows->items()) {
        C2D_TRY(out.emplace_back(), read_held(row, body.job_id));
    }
    return Unit{};
}

}  // namespace

Result<std::vector<HeldArtifact>> artifacts_of(const AssetRegistry& registry, const ProviderCall& call,
                                               const Address& owner, std::uint64_t job_id) {
    C2D_TRY(const auto endpoints, endpoints_of_job(registry, owner, job_id));
    std::vector<HeldArtifact> out;
    for (const auto& [endpoint, dt] : endpoints) {
        auto body = about(Method::artifacts, owner, dt);
        body.job_id = job_id;
        C2D_CHECK(ask_artifacts(call, endpoint, body, out));
    }
    return out;
}

Result<ArtifactOrigin> origin_of(const AssetRegistry& registry, const std::vector<HeldArtifact>& held,
                                 const Address& owner, std::string_view output, std::optional<unsigned> party) {
    const HeldArtifact* found = nullptr;
    for (const auto& one : held) {
        const Artifact& artifact = one.artifact;
        if (artifact.name != output || artifact.destroyed || (party && artifact.party != *party)) continue;
        if (found && found->artifact.party != artifact.party)
            return fail(Status::CONFLICT, "the job left \"{}\" with us as party {} and as party {}: say which",
                        display_text(output), found->artifact.party, artifact.party);
        found = &one;
    }
    if (!found) return fail(Status::NOT_FOUND, "the job left no \"{}\" with our provider", display_text(output));
    if (!found->origin)
        return fail(Status::NOT_FOUND,
                    "the run that left \"{}\" has no receipt yet: dt-cli job status tells when it is posted",
                    display_text(output));
    C2D_CHECK(confirm_origin(*found->origin, owner, registry.chain()));
    return *found->origin;
}

namespace {

Result<Unit> confirm_own_origins(const AssetRegistry& registry, const Value& attributes, const Address& owner) {
    const Value* const services = attributes.find("services");
    if (!services || !services->is_array()) return Unit{};
    for (const auto& service : services->items()) {
        const Value* const given = service.find("attributes");
        const auto origin = given ? asset::origin_of(*given) : Result<std::optional<ArtifactOrigin>>(std::nullopt);
        if (origin && *origin) C2D_CHECK(confirm_origin(**origin, owner, registry.chain()));
    }
    return Unit{};
}

Result<Unit> confirm_childrens_origins(const AssetRegistry& registry, const Value& attributes) {
    const Value* const children = attributes.find("child_dts");
    if (!children || !children->is_array()) return Unit{};
    for (const auto& child : children->items()) {
        const auto dt = parse_token(child.text());
        if (!dt) continue;
        C2D_TRY(const auto asset, registry.resolve(*dt));
        for (const auto& origin : asset.origins)
            C2D_CHECK(confirm_origin(origin, asset.record.owner, registry.chain()));
    }
    return Unit{};
}

}  // namespace

Result<Unit> confirm_origins(const AssetRegistry& registry, std::string_view attributes_json, const Address& owner) {
    const auto attributes = json::parse_written(attributes_json);
    if (!attributes) return Unit{};
    C2D_CHECK(confirm_own_origins(registry, *attributes, owner));
    return confirm_childrens_origins(registry, *attributes);
}

Result<Unit> renew_grant(const AssetRegistry& registry, const ProviderCall& call, const Address& owner,
                         const TokenId& dt, const TokenId& cdt) {
    C2D_CHECK(require_ours(registry, owner, dt));
    C2D_TRY(const auto endpoint, endpoint_of(registry, dt));
    auto body = about(Method::renew, owner, dt);
    body.algo_dt = cdt;
    C2D_TRY(const auto response, call.post({endpoint, "/v1/renew", {}}, body));
    C2D_CHECK(read_json_answer(endpoint, response));
    return Unit{};
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
