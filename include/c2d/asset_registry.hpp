/// Publishing, composing, granting and resolving data tokens and operator templates.
///
/// A token is a record on the ledger and a JSON document (DDO) in the store; every read checks the
/// bytes against the CID and the document against the checksum on the ledger. Thread-safe.
#pragma once

#include <c2d/artifact.hpp>
#include <c2d/chain.hpp>
#include <c2d/document_store.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace c2d {

/// What `AssetRegistry::open` takes. `documents` is required.
struct AssetRegistryOptions {
    std::shared_ptr<DocumentStore> documents = {};
    std::shared_ptr<Clock> clock = {};
    std::shared_ptr<Random> random = {};
    std::shared_ptr<Logger> logger = {};
    /// Accept the original SDK's checksum for DDOs (never for operator code): it is blind to spaces.
    bool accept_legacy_checksum = false;
};

/// An operator template to publish.
struct OperatorDraft {
    /// The `metadata` member, one JSON object; `main.type` must be "Operation".
    std::string metadata_json = {};
    /// The program text.
    std::string operation = {};
    /// The parameters: a JSON object.
    std::string params_json = {};
    /// Empty: a random id.
    std::optional<TokenId> id = {};
};

/// A template read back and checked.
struct OperatorTemplate {
    TokenId id;
    TemplateRecord record;
    std::string operation;
    std::string params_json;
    std::string document_json;
};

/// What a service of a token offers.
struct ServiceOffer {
    std::string index;
    /// host:port of the provider, or empty.
    std::string endpoint;
    /// The operator template of a leaf's service.
    std::optional<TokenId> op_template;
};

/// An argument that a token's terms leave free: who composes or runs chooses it without a bound.
struct FreeArgument {
    /// The service's index.
    std::string service;
    /// Where, as "model_args/lr"; empty: all of them. Of a composition the child's id comes first.
    std::string argument;
    /// The terms there, as JSON: `{}`, or a `$schema` that bounds nothing. All three texts are fit for a
    /// terminal, and cut.
    std::string allows;
};
/// More places of one token are not listed.
inline constexpr std::size_t kFreeArgumentsMax = 256;

/// A token read back and checked.
struct Asset {
    TokenRecord record;
    /// Dataset, Computa, Model or Algorithm.
    std::string type;
    std::string name;
    std::vector<TokenId> children;
    std::vector<ServiceOffer> services;
    /// A leaf, or an activated composition.
    bool active = false;
    std::string document_json;
    /// What its terms leave free, the first `kFreeArgumentsMax` of them. Empty for an Algorithm.
    std::vector<FreeArgument> free;
    /// The artifacts that its services stand for, as the document says; `confirm_origin` asks the ledger.
    std::vector<ArtifactOrigin> origins = {};
};

/// One leaf that an Algorithm would run, with the arguments it would get.
struct LeafRun {
    TokenId dt;
    std::string endpoint;
    std::string args_json;
};

/// What an owner says in a grant instead of what the token's document says. 0: no bound.
struct GrantBounds {
    /// How long from now.
    std::optional<std::uint64_t> seconds = {};
    std::optional<std::uint64_t> jobs = {};
};

class AssetRegistry {
public:
    /// `documents` is required.
    static Result<AssetRegistry> open(Chain chain, AssetRegistryOptions options);

    /// Publishes reviewed code in an administrator's name; returns its id.
    Result<TokenId> publish_operator(Signer& admin, const OperatorDraft& draft);
    /// Replaces a template; terms that pinned the old code are then refused as `template_changed`.
    Result<Unit> update_operator(Signer& admin, const OperatorDraft& draft);

    /// Publishes a token from its attributes (`metadata`, `services`, `child_dts`, optional `id`):
    /// a leaf without children, else a composition. Checks the terms first; writes the checksum of
    /// each template into the document. Fails with `refused` and a reason's name when terms do not
    /// hold, and with `invalid_argument` and every problem in one message when services have
    /// `attributes` that no job could use; then nothing is written.
    Result<TokenId> publish(Signer& owner, std::string_view attributes_json, std::optional<TokenId> id = std::nullopt);
    /// Lets `cdt` use `dt`: the owner's own word, also where it took a grant back and where a provider would not grant
    /// by itself. Bounds that are not given are those of the token's services, `attributes.grant` = {"seconds",
    /// "jobs"}.
    Result<Unit> grant(Signer& owner, const TokenId& dt, const TokenId& cdt, const GrantBounds& bounds = {});
    /// Activates a composition with the children of its document.
    Result<Unit> activate(Signer& owner, const TokenId& cdt);

    /// Reads back and checks. Fails with `not_found`, or `corrupt` when the document is not what the
    /// ledger says.
    Result<Asset> resolve(const TokenId& dt) const;
    Result<OperatorTemplate> resolve_operator(const TokenId& tid) const;
    /// Listed tokens from `start`, at most `count` (256 a call); a token whose document cannot be
    /// read is there with an empty `type` and `name`.
    Result<std::vector<Asset>> list(std::uint64_t start, std::uint64_t count) const;
    /// The leaves below an Algorithm with the arguments that its terms fix.
    Result<std::vector<LeafRun>> plan(const TokenId& algorithm) const;

    /// What it was opened with.
    Chain& chain() const noexcept;
    DocumentStore& documents() const noexcept;
    const AssetRegistryOptions& options() const noexcept;

private:
    struct Impl;
    explicit AssetRegistry(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
    std::shared_ptr<Impl> impl_;
};

/// A random token id.
Result<TokenId> random_token(Random& random);

}  // namespace c2d
