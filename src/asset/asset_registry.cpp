#include "asset/attributes.hpp"
#include "asset/composition.hpp"
#include "asset/free_arguments.hpp"
#include "asset/origin.hpp"
#include "asset/publishing.hpp"
#include "asset/values.hpp"
#include "base/defaults.hpp"
#include "base/fail.hpp"
#include "base/mistaken_text.hpp"
#include "base/try.hpp"
#include "codec/checksum.hpp"
#include "codec/written_json.hpp"

#include <c2d/asset_registry.hpp>

namespace c2d {

using json::Value;

struct AssetRegistry::Impl {
    Impl(Chain c, AssetRegistryOptions o)
        : chain(std::move(c)),
          options(std::move(o)),
          reader(chain, *options.documents, options.accept_legacy_checksum) {}

    Chain chain;
    AssetRegistryOptions options;
    asset::Documents reader;
};

namespace {

Asset describe(const asset::Token& token, bool active) {
    Asset out;
    out.record = token.record;
    out.type = token.ddo.type;
    out.name = token.ddo.name;
    out.children = token.ddo.children;
    for (const auto& service : token.ddo.services)
        out.services.push_back({service.index, service.endpoint, service.op_template});
    out.active = active;
    out.free = asset::free_arguments(token.ddo);
    out.origins = asset::origins_of(token.ddo.services);
    return out;
}

asset::Documents reader_of(const AssetRegistry& registry) {
    return {registry.chain(), registry.documents(), registry.options().accept_legacy_checksum};
}

Result<TokenId> choose_id(std::optional<TokenId> given, const Value* in_file, Random& random) {
    if (given) return *given;
    if (in_file) return parse_token(in_file->text());
    return random_token(random);
}

}  // namespace

Result<TokenId> random_token(Random& random) {
    TokenId id;
    C2D_CHECK(random.fill(id.data));
    return id;
}

Result<AssetRegistry> AssetRegistry::open(Chain chain, AssetRegistryOptions options) {
    if (!options.documents) return fail(Status::INVALID_ARGUMENT, "AssetRegistryOptions.documents must be set");
    use_defaults(options);
    return AssetRegistry(std::make_shared<Impl>(std::move(chain), std::move(options)));
}

Chain& AssetRegistry::chain() const noexcept { return impl_->chain; }
DocumentStore& AssetRegistry::documents() const noexcept { return *impl_->options.documents; }
const AssetRegistryOptions& AssetRegistry::options() const noexcept { return impl_->options; }

// Operators ---------------------------------------------------------------------------------------

namespace {

struct PreparedOperator {
    asset::OpTemplateDocument parsed;
    Bytes32 checksum;
    std::string text;
};

Result<PreparedOperator> prepare_operator(const OperatorDraft& draft, const TokenId& id, const Address& creator,
                                          std::uint64_t now) {
    C2D_TRY(auto metadata, json::parse_written(draft.metadata_json));
    C2D_TRY(auto params, json::parse_written(draft.params_json));
    if (looks_like_path(draft.operation))
        return fail(Status::INVALID_ARGUMENT, "expected the operator's program{}", found_instead(draft.operation));
    if (metadata.text_at({"main", "type"}) != "Operation")
        return fail(Status::INVALID_ARGUMENT, "expected metadata.main.type \"Operation\", found \"{}\"",
                    metadata.text_at({"main", "type"}));
    Value document = Value::object({{"tid", token_text(id)},
                                    {"creator", address_text(creator)},
                                    {"metadata", std::move(metadata)},
                                    {"operation", draft.operation},
                                    {"params", std::move(params)}});
    C2D_TRY(const auto sealed, asset::seal(document, now));
    C2D_TRY(auto parsed, asset::read_op_template(std::move(document)));
    return PreparedOperator{std::move(parsed), sealed.checksum, sealed.text};
}

}  // namespace

Result<TokenId> AssetRegistry::publish_operator(Signer& admin, const OperatorDraft& draft) {
    C2D_TRY(const TokenId id, choose_id(draft.id, nullptr, *impl_->options.random));
    C2D_TRY(const auto creator, impl_->chain.in_name_of(admin, KeyUse::owner));
    C2D_TRY(const auto prepared, prepare_operator(draft, id, creator, impl_->options.clock->now_seconds()));
    C2D_TRY(const auto cid, impl_->options.documents->put(prepared.text));
    C2D_CHECK(impl_->chain.publish_template(admin, id, prepared.parsed.name, prepared.checksum, cid));
    return id;
}

Result<Unit> AssetRegistry::update_operator(Signer& admin, const OperatorDraft& draft) {
    if (!draft.id) return fail(Status::INVALID_ARGUMENT, "an update needs the template's id");
    C2D_TRY(const auto creator, impl_->chain.in_name_of(admin, KeyUse::owner));
    C2D_TRY(const auto prepared, prepare_operator(draft, *draft.id, creator, impl_->options.clock->now_seconds()));
    C2D_TRY(const auto cid, impl_->options.documents->put(prepared.text));
    C2D_CHECK(impl_->chain.update_template(admin, *draft.id, prepared.parsed.name, prepared.checksum, cid));
    return Unit{};
}

Result<OperatorTemplate> AssetRegistry::resolve_operator(const TokenId& tid) const {
    C2D_TRY(const auto found, impl_->reader.op_template(tid));
    return OperatorTemplate{tid, found.record, found.document.operation, json::compact(found.document.params),
                            json::compact(found.document.document)};
}

// Tokens ------------------------------------------------------------------------------------------

Result<TokenId> AssetRegistry::publish(Signer& owner, std::string_view attributes_json, std::optional<TokenId> id) {
    C2D_TRY(auto attributes, json::parse_written(attributes_json));
    if (!attributes.is_object()) return fail(Status::INVALID_ARGUMENT, "expected the attributes to be a JSON object");
    C2D_TRY(const TokenId dt, choose_id(id, attributes.find("id"), *impl_->options.random));
    C2D_TRY(const auto creator, impl_->chain.in_name_of(owner));
    Value document = asset::make_ddo(attributes, dt, creator);
    C2D_CHECK(asset::pin_templates(document, impl_->chain));
    C2D_TRY(const auto sealed, asset::seal(document, impl_->options.clock->now_seconds()));
    C2D_TRY(const auto ddo, asset::read_ddo(document));
    if (const auto problems = asset::attribute_problems(ddo); !problems.empty())
        return fail(Status::INVALID_ARGUMENT, "{}", fmt::join(problems, "; "));

    asset::DocumentCache documents(impl_->reader);
    C2D_TRY(const Verdict verdict, ddo.is_leaf() ? asset::check_leaf(documents, ddo, true)
                                                 : asset::check_composition(documents, ddo, nullptr));
    if (verdict.refused()) return asset::refusal_error(verdict);
    C2D_TRY(const auto cid, impl_->options.documents->put(sealed.text));
    C2D_CHECK(impl_->chain.mint(owner, dt, ddo.is_leaf(), sealed.checksum, cid));
    return dt;
}

Result<asset::GrantTerms> asset::grant_terms_of(const AssetRegistry& registry, const TokenId& dt) {
    C2D_TRY(const auto token, reader_of(registry).token(dt));
    return token.ddo.grant_terms();
}

namespace {

/// Over all compositions of the composer the ledger counts jobs from the first one on.
Result<Unit> make_owners_word(const Chain& chain, const TokenId& dt, const TokenId& cdt, const asset::GrantTerms& terms,
                              GrantLimits& limits) {
    limits.owners_word = true;
    limits.per_composer = terms.per_composer && limits.any();
    if (!limits.per_composer || limits.uses == 0) return Unit{};
    const auto record = chain.token(cdt);
    if (!record && record.status() == Status::NOT_FOUND) return Unit{};  // the contract says so
    if (!record) return record.error();
    C2D_TRY(const auto decision, chain.decision(dt, record->owner));
    limits.uses += decision.used;
    return Unit{};
}

}  // namespace

Result<Unit> AssetRegistry::grant(Signer& owner, const TokenId& dt, const TokenId& cdt, const GrantBounds& bounds) {
    C2D_TRY(const auto terms, asset::grant_terms_of(*this, dt));
    const auto seconds = bounds.seconds.value_or(terms.seconds);
    GrantLimits limits;
    limits.uses = bounds.jobs.value_or(terms.jobs);
    if (seconds != 0) limits.expiry = impl_->options.clock->now_seconds() + seconds;
    C2D_TRY(const auto edition, impl_->chain.edition());
    if (edition >= 2) C2D_CHECK(make_owners_word(impl_->chain, dt, cdt, terms, limits));
    C2D_CHECK(impl_->chain.grant(owner, dt, cdt, limits));
    return Unit{};
}

namespace {

/// The contract says of a composition without its grants only that it refuses: which are missing is added.
Error with_missing_grants(Error refused, const Chain& chain, const asset::Ddo& composition) {
    constexpr std::size_t kNamedMax = 8;
    std::vector<std::string> missing;
    if (refused.status != Status::REFUSED) return refused;
    for (const auto& child : composition.children)
        if (const auto granted = chain.has_grant(child, composition.dt); granted && !*granted)
            missing.push_back(token_text(child));
    if (missing.empty()) return refused;
    const auto named = std::span(missing).first(std::min(missing.size(), kNamedMax));
    refused.message = fmt::format(
        "{}; {} of its {} children lack a grant for {}: {}{}; ask the owner of each for "
        "one first",
        refused.message, missing.size(), composition.children.size(), token_text(composition.dt),
        fmt::join(named, ", "), missing.size() > kNamedMax ? ", …" : "");
    return refused;
}

}  // namespace

Result<Unit> AssetRegistry::activate(Signer& owner, const TokenId& cdt) {
    C2D_TRY(const auto token, impl_->reader.token(cdt));
    const auto done = impl_->chain.start_compose(owner, cdt, token.ddo.children);
    if (!done) return with_missing_grants(done.error(), impl_->chain, token.ddo);
    return Unit{};
}

Result<asset::ReadAsset> asset::read_asset(const AssetRegistry& registry, const TokenId& dt) {
    C2D_TRY(auto token, reader_of(registry).token(dt));
    bool active = token.record.is_leaf;
    if (!active) {
        C2D_TRY(active, registry.chain().is_active(dt));
    }
    return ReadAsset{describe(token, active), std::move(token.ddo.document)};
}

Result<Asset> AssetRegistry::resolve(const TokenId& dt) const {
    C2D_TRY(auto read, asset::read_asset(*this, dt));
    read.asset.document_json = json::compact(read.document);
    return std::move(read.asset);
}

Result<std::vector<Asset>> AssetRegistry::list(std::uint64_t start, std::uint64_t count) const {
    C2D_TRY(const auto records, impl_->chain.tokens(start, count));
    std::vector<Asset> out;
    for (const auto& record : records) {
        // Listed means active. A document that is lost must not hide the others.
        auto token = impl_->reader.token(record.id);
        Asset asset;
        asset.record = record;
        if (token) asset = describe(*token, true);
        if (token) asset.document_json = json::compact(token->ddo.document);
        asset.active = true;
        out.push_back(std::move(asset));
    }
    return out;
}

Result<std::vector<asset::PlannedRun>> asset::plan_runs(const AssetRegistry& registry, const TokenId& algorithm) {
    const Documents reader = reader_of(registry);
    DocumentCache documents(reader);
    C2D_TRY(const auto token, documents.token(algorithm));
    if (!token->ddo.is_algorithm())
        return refusal_error(
            Verdict::refuse(Reason::not_algorithm, token_text(algorithm), "Algorithm", token->ddo.type));
    Composition composition;
    C2D_TRY(const Verdict verdict, check_composition(documents, token->ddo, &composition));
    if (verdict.refused()) return refusal_error(verdict);
    std::vector<PlannedRun> runs;
    for (const auto& leaf : composition.leaves) {
        C2D_TRY(auto arguments, json::canonical_form(leaf.arguments));
        runs.push_back({leaf.token->ddo.dt, leaf.service->endpoint, std::move(arguments)});
    }
    return runs;
}

Result<std::vector<LeafRun>> AssetRegistry::plan(const TokenId& algorithm) const {
    C2D_TRY(const auto planned, asset::plan_runs(*this, algorithm));
    std::vector<LeafRun> runs;
    runs.reserve(planned.size());
    for (const auto& run : planned) runs.push_back({run.dt, run.endpoint, json::compact(run.arguments)});
    return runs;
}

}  // namespace c2d
