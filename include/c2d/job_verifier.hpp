/// Decides whether a request may be served: the rules that a bank relies on.
///
/// A verifier trusts neither the requester nor its own earlier answers: each call reads the ledger
/// and the documents anew. The answer is a `Verdict`; a failed `Result` means that it could not be
/// decided. The order of checks is fixed: size, JSON, audience, expiry, signature, nonce; only then
/// ledger and documents. Thread-safe.
#pragma once

#include <c2d/artifact.hpp>
#include <c2d/asset_registry.hpp>
#include <c2d/job_receipt.hpp>
#include <c2d/nonce_store.hpp>
#include <c2d/opening_rules.hpp>
#include <c2d/reason.hpp>
#include <c2d/request.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace c2d {

/// Larger bodies are refused unread.
inline constexpr std::size_t kRequestBytesMax = std::size_t(256) * 1024;

/// What `JobVerifier::open` takes. `self` and `nonces` are required.
struct JobVerifierOptions {
    /// The owner in whose name requests are answered: the audience.
    Address self = {};
    std::shared_ptr<NonceStore> nonces = {};
    std::shared_ptr<Clock> clock = {};
    std::shared_ptr<Logger> logger = {};
    /// Organisation names or addresses this owner computes with; empty: any registered one.
    std::vector<std::string> accepted_parties = {};
    /// Organisations whose compositions may use this owner's tokens, by address or legal id; empty: any registered one.
    std::vector<std::string> accepted_composers = {};
    /// Lets one organisation control more parties than the protocol bears. The verdict is then
    /// accepted with `JobTerms::collusion_overridden`. For demonstrations only.
    bool allow_collusion = false;
    /// Also take the original's replayable signatures over address + id.
    bool accept_legacy_signatures = false;
};

/// What a request said, once its signature holds.
struct Envelope {
    Request request;
    Address signer;
    Bytes signature;
    /// What the signature is over, which an answer names; zero before the signature holds, and if `legacy`.
    Bytes32 digest;
    /// insertDtStore only.
    std::string store_path;
    /// verify and onPremiseCompute only, as the requester says: a hint, which proves nothing.
    PeerProtocols protocols;
    /// verify and onPremiseCompute only: which attempt at the job is asked for.
    std::uint32_t attempt = 1;
    /// Signed in the original's way: `signer` is then only known after the ledger is asked.
    bool legacy = false;
};

/// What is asked about one data set of a job, once it is known who asks.
struct JobQuery {
    std::uint64_t job_id = 0;
    TokenId dt = {}, algo_dt = {};
    Address solver = {};
    std::uint32_t attempt = 1;
};

/// One party of a joint computation.
struct Party {
    unsigned number = 0;
    Address owner;
    std::string organisation;
    /// host:port from the verified arguments.
    std::string endpoint;
    /// Its tokens behind which there is a file or an artifact: what it says of its inputs is of these.
    std::vector<TokenId> tables = {};
};

/// One data set that the operator gets to see.
struct JobInput {
    TokenId dt;
    /// The file name below inputs/, from the service's `attributes.path`; empty: no file.
    std::string name;
    /// The ledger's checksum of the token's document, and so of the terms.
    Bytes32 document_checksum;
    /// A model token's: its artifact is used, and no data file.
    std::optional<ArtifactOrigin> origin = {};
    /// A table's: how many different models may score over it in all (`attributes.models_max`); 0: it is none.
    std::uint64_t models_max = 0;
    /// What its document says that the table is made of (`attributes.schema`), as JSON; empty: nothing.
    std::string schema = {};
};

/// A grant that the job rests on: `dt` to the composition `grantee`.
struct JobGrant {
    TokenId dt, grantee;
};

/// Everything a provider needs to run its side of an accepted job.
struct JobTerms {
    std::uint64_t job_id = 0;
    TokenId algo_dt;
    /// The ledger's checksum of the Algorithm's document.
    Bytes32 algo_checksum;
    Address solver;
    /// Which attempt at the job this is, and how many the terms allow: the smallest `attributes.attempts` of all
    /// leaves.
    std::uint32_t attempt = 1, attempts_max = 1;
    /// Every grant below the Algorithm.
    std::vector<JobGrant> grants;
    TokenId op_template;
    std::string operation;
    Bytes32 template_checksum;
    /// The verified arguments of our party, RFC 8785 text.
    std::string args_json;
    /// Keccak-256 of the RFC 8785 arguments without the party: equal for all parties.
    Bytes32 args_hash;
    /// 1 party: no peer channel.
    unsigned parties = 1;
    /// Our number among the parties; for an operator that runs alone, the leaf's place in the
    /// composition, so that each has a run of its own.
    unsigned party = 0;
    std::vector<Party> all_parties;
    /// Our data sets that this party uses: they run in one sandbox.
    std::vector<JobInput> inputs;
    /// File names below outputs/ that may be released.
    std::vector<std::string> output_names;
    /// File names below outputs/ that stay with the party, sealed (`metadata.main.outputs` of the template).
    std::vector<std::string> kept_names;
    /// To whom released outputs are encrypted, `age1…`, as the verified arguments say (`results_to`); empty: to nobody.
    std::string results_to = {};
    /// What the template says of the size of an output; no entry: nothing.
    std::map<std::string, std::uint64_t> output_bytes_max;
    /// "none", "tail" or "full", the strictest of the inputs' `attributes.release.log`.
    std::string release_log = "none";
    /// The solver may know how the operator ended, beyond that it did so well or badly: true when
    /// every input's `attributes.release.exit` is.
    bool release_exit = false;
    /// What a joint computation may open: the strictest of the inputs' `attributes.minimum` and `release.reveal`.
    mpc::OpeningRules rules = {};
    /// The bindings of the models that any party of the job uses, each once.
    std::vector<Bytes32> models = {};
    bool collusion_overridden = false;
    /// Which c2d every party must show its operator: one list for each of our inputs whose `attributes.runtime` says
    /// so.
    std::vector<std::vector<AcceptedRuntime>> accepted_runtimes = {};
};

class JobVerifier {
public:
    /// `nonces` is required.
    static Result<JobVerifier> open(AssetRegistry registry, JobVerifierOptions options);

    /// Checks a signed JSON body as far as its signature and nonce. Accepted: `out` is filled.
    Result<Verdict> check_envelope(Method method, std::string_view body, Envelope& out) const;
    /// The same for an `Authorization` header of a GET.
    Result<Verdict> check_authorization(Method method, std::string_view header, Envelope& out) const;

    /// Does the request concern its signer: is `dt` ours, and is it the owner of the composition (a grant) or
    /// the solver of the job (anything else)? Reads the ledger and no document.
    Result<Verdict> check_requester(const Envelope& envelope) const;
    /// May `dt` be granted to `algo_dt`, whose owner must be the signer? Refused as `grant_needs_owner` when all
    /// holds but the owner alone may give this grant.
    Result<Verdict> verify_grant(const Envelope& envelope) const;
    /// May the job run on `dt`? Accepted: `out` (may be null) is filled. Job 0 is one that is not registered yet: what
    /// would be asked of one that the signer registered now.
    Result<Verdict> verify_job(const Envelope& envelope, JobTerms* out) const;
    /// The same, anew, for a request whose signature was checked before.
    Result<Verdict> verify_job(const JobQuery& query, JobTerms* out) const;

    /// Whom this owner computes with and for from now on, as `JobVerifierOptions` says; questions under way are
    /// answered by what was before.
    void accept_only(std::vector<std::string> parties, std::vector<std::string> composers) const;

    /// What it stands on, and what it was opened with or told since.
    AssetRegistry& registry() const noexcept;
    JobVerifierOptions options() const;

private:
    struct Impl;
    explicit JobVerifier(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
    std::shared_ptr<Impl> impl_;
};

}  // namespace c2d
