#include "asset/composition.hpp"
#include "asset/opening_terms.hpp"
#include "asset/runtime_terms.hpp"
#include "base/defaults.hpp"
#include "base/fail.hpp"
#include "base/file_name.hpp"
#include "base/opening_rules.hpp"
#include "base/try.hpp"
#include "base/verdict_try.hpp"
#include "chain/chain_reader.hpp"
#include "crypto/hash.hpp"
#include "crypto/personal_message.hpp"
#include "job/composers.hpp"
#include "job/envelope.hpp"
#include "job/grant_decision.hpp"
#include "job/model_tokens.hpp"
#include "job/parties.hpp"
#include "job/run_outputs.hpp"
#include "store/remembering.hpp"

#include <c2d/job_verifier.hpp>
#include <c2d/key.hpp>

#include <algorithm>
#include <mutex>

namespace c2d {

using asset::Composition;
using asset::DocumentCache;
using asset::Leaf;
using TokenPtr = std::shared_ptr<const asset::Token>;

namespace {

/// The checks of one request, over reads of one block.
struct Reading {
    Reading(const AssetRegistry& registry, std::shared_ptr<const JobVerifierOptions> o, const Chain& at,
            DocumentStore& store)
        : held(std::move(o)),
          options(*held),
          chain(at),
          documents(at, store, registry.options().accept_legacy_checksum) {}

    const std::shared_ptr<const JobVerifierOptions> held;
    const JobVerifierOptions& options;
    const Chain& chain;
    asset::Documents documents;

    Result<Verdict> check_requester(const Envelope& envelope) const;
    Result<Verdict> verify_grant(const Envelope& envelope) const;
    Result<Verdict> not_ours(const Envelope& envelope, const Address& owner) const;
    Result<Verdict> check_composer(const Envelope& envelope) const;
    Result<Verdict> check_open(const TokenId& id) const;
    Result<Verdict> check_all_open(const TokenId& algorithm, const Composition& composition) const;
    Result<Verdict> check_grant(const Request& asked, DocumentCache& cache) const;
    Result<Verdict> check_terms(const asset::Token& cdt, DocumentCache& cache) const;
    Result<Verdict> not_ours_for(const Envelope& envelope, Result<Verdict> verdict) const;
    Result<Verdict> check_ours(const TokenId& id, DocumentCache& cache) const;
    Result<Verdict> check_signer(const Envelope& envelope, const Address& expected, std::string_view id,
                                 Reason reason) const;
    Result<Verdict> load_composition(const TokenId& id, DocumentCache& cache, TokenPtr& out) const;
    Result<Verdict> check_links(const asset::Token& algorithm, const Composition& composition) const;
    Result<Verdict> check_job_record(const JobQuery& query, const Envelope* asked) const;
    Result<Verdict> check_job(const JobQuery& query, const Envelope* asked, JobTerms* out) const;
    Result<Address> solver_of(const JobQuery& query) const;
    Result<Verdict> check_attempt(const JobQuery& query, const std::vector<Leaf>& leaves, JobTerms& out) const;
    Result<Verdict> fill_terms(const JobQuery& query, const std::vector<Leaf>& leaves, const job::PartyPlan& plan,
                               JobTerms& out) const;
    job::ComposerRules composer_rules() const { return {options.accepted_composers, options.self}; }
    job::PartyRules party_rules() const { return {options.accepted_parties, options.self, options.allow_collusion}; }
};

}  // namespace

struct JobVerifier::Impl {
    const Chain& chain() const { return registry.chain(); }

    AssetRegistry registry;
    std::mutex mutex = {};
    std::shared_ptr<const JobVerifierOptions> told;

    Impl(AssetRegistry r, JobVerifierOptions o)
        : registry(std::move(r)), told(std::make_shared<const JobVerifierOptions>(std::move(o))) {}
    std::shared_ptr<const JobVerifierOptions> options() {
        const std::lock_guard lock(mutex);
        return told;
    }
    Result<Verdict> finish_envelope(Verdict verdict, const Envelope& envelope);
    /// What `check(reading)` says of the ledger as one block has it: the last one, so that what was taken back counts
    /// at once, and where it accepts, also the one that decisions are read at, so that what was given counts once it is
    /// final.
    template <class Check>
    Result<Verdict> read(const Check& check) {
        const auto asked_by = options();
        // Which documents count is the ledger's word; what they say does not change with it.
        const auto documents = store::remembering(registry.options().documents);
        const auto check_at = [&](const Chain& at) { return check(Reading(registry, asked_by, at, *documents)); };
        auto verdict = at_one_head(chain(), check_at);
        if (!verdict || verdict->refused()) return verdict;
        C2D_TRY(const auto settled, chain().at_read_block());
        return settled ? read_settled(*settled, check_at) : std::move(verdict);
    }
    template <class CheckAt>
    static Result<Verdict> read_settled(const Chain& settled, const CheckAt& check_at) {
        C2D_TRY(const auto as_of, settled.info());
        C2D_TRY(const Chain held, remembering(settled, as_of));
        C2D_TRY(auto verdict, check_at(held));
        if (verdict.accepted()) return verdict;
        return Verdict::refuse(Reason::not_final, verdict.path,
                               fmt::format("{} in block {}", verdict.expected, as_of.head.number), verdict.actual);
    }
    template <class Check>
    Result<Verdict> read_terms(JobTerms* out, const Check& check);
};

Result<JobVerifier> JobVerifier::open(AssetRegistry registry, JobVerifierOptions options) {
    if (!options.nonces) return fail(Status::INVALID_ARGUMENT, "JobVerifierOptions.nonces must be set");
    use_defaults(options);
    return JobVerifier(std::make_shared<Impl>(std::move(registry), std::move(options)));
}

AssetRegistry& JobVerifier::registry() const noexcept { return impl_->registry; }
JobVerifierOptions JobVerifier::options() const { return *impl_->options(); }

void JobVerifier::accept_only(std::vector<std::string> parties, std::vector<std::string> composers) const {
    auto changed = std::make_shared<JobVerifierOptions>(options());
    changed->accepted_parties = std::move(parties);
    changed->accepted_composers = std::move(composers);
    const std::lock_guard lock(impl_->mutex);
    impl_->told = std::move(changed);
}

// The envelope ------------------------------------------------------------------------------------

Result<Verdict> JobVerifier::Impl::finish_envelope(Verdict verdict, const Envelope& envelope) {
    if (verdict.refused() || envelope.legacy) return verdict;
    C2D_TRY(const bool seen, options()->nonces->seen(envelope.signer, envelope.request.nonce));
    if (seen) return Verdict::refuse(Reason::replayed, "nonce", "a fresh nonce", hex_text(envelope.request.nonce));
    return verdict;
}

Result<Verdict> JobVerifier::check_envelope(Method method, std::string_view body, Envelope& out) const {
    const auto options = impl_->options();
    const job::EnvelopeContext context{impl_->chain().network(), options->self, options->clock->now_seconds(),
                                       options->accept_legacy_signatures};
    return impl_->finish_envelope(job::open_body(context, method, body, out), out);
}

Result<Verdict> JobVerifier::check_authorization(Method method, std::string_view header, Envelope& out) const {
    const auto options = impl_->options();
    const job::EnvelopeContext context{impl_->chain().network(), options->self, options->clock->now_seconds(), false};
    return impl_->finish_envelope(job::open_authorization(context, method, header, out), out);
}

// Shared checks -----------------------------------------------------------------------------------

/// A request that does not spell its audience out still binds it: signed for the token's true owner
/// by whoever may ask there, it was only sent to the wrong provider.
Result<Verdict> Reading::not_ours(const Envelope& envelope, const Address& owner) const {
    Request there = envelope.request;
    there.audience = owner;
    const auto signer = recover_signer(request_digest(there, chain.network()), envelope.signature);
    const auto cdt = chain.token(envelope.request.algo_dt);
    bool for_that_owner = false;
    if (signer && cdt) {
        C2D_TRY(for_that_owner, chain.acts_for(*signer, cdt->owner, KeyUse::work));
    }
    return Verdict::refuse(for_that_owner ? Reason::wrong_audience : Reason::dt_not_ours,
                           token_text(envelope.request.dt), address_text(options.self), address_text(owner));
}

/// A verdict `dt_not_ours` becomes `wrong_audience` where the request was meant for the token's owner.
Result<Verdict> Reading::not_ours_for(const Envelope& envelope, Result<Verdict> verdict) const {
    if (!verdict || verdict->reason != Reason::dt_not_ours) return verdict;
    C2D_TRY(const auto record, chain.token(envelope.request.dt));
    return not_ours(envelope, record.owner);
}

/// The ledger knows of closed tokens since edition 2.
Result<Verdict> Reading::check_open(const TokenId& id) const {
    C2D_TRY(const auto edition, chain.edition());
    if (edition < 2) return Verdict::accept();
    C2D_TRY(const bool closed, chain.is_closed(id));
    if (!closed) return Verdict::accept();
    return Verdict::refuse(Reason::token_closed, token_text(id), "an open token", "one that its owner closed");
}

/// Of all that a job uses.
Result<Verdict> Reading::check_all_open(const TokenId& algorithm, const Composition& composition) const {
    C2D_ACCEPT(check_open(algorithm));
    for (const auto& link : composition.links) C2D_ACCEPT(check_open(link.child));
    return Verdict::accept();
}

/// The token exists, is ours, and is usable.
Result<Verdict> Reading::check_ours(const TokenId& id, DocumentCache& cache) const {
    const std::string path = token_text(id);
    const auto record = chain.token(id);
    if (!record && record.status() != Status::NOT_FOUND) return record.error();
    if (!record) return Verdict::refuse(Reason::dt_unknown, path, "a token on the ledger", "none");
    if (record->owner != options.self)
        return Verdict::refuse(Reason::dt_not_ours, path, address_text(options.self), address_text(record->owner));
    C2D_ACCEPT(check_open(id));
    TokenPtr token;
    C2D_ACCEPT(asset::accept_read(cache.token(id), path, token));
    if (!token->record.is_leaf) {
        C2D_TRY(const bool active, chain.is_active(id));
        if (!active) return Verdict::refuse(Reason::cdt_not_active, path, "active", "not active");
    }
    return Verdict::accept();
}

/// The key speaks for `expected`: its address alone does not say so, for another may be its owner key by now.
/// For a request signed in the original's way this is where the signature is checked: its text
/// holds the signer's address, which only the ledger tells.
Result<Verdict> Reading::check_signer(const Envelope& envelope, const Address& expected, std::string_view id,
                                      Reason reason) const {
    auto signer = envelope.signer;
    if (envelope.legacy) {
        const auto digest = personal_message_digest(address_text(expected) + std::string(id));
        const auto recovered = recover_signer(digest, envelope.signature);
        if (!recovered)
            return Verdict::refuse(Reason::signature_invalid, "signature", address_text(expected), "another");
        signer = *recovered;
        reason = Reason::signature_invalid;
    }
    C2D_TRY(const bool speaks, chain.acts_for(signer, expected, KeyUse::work));
    if (speaks) return Verdict::accept();
    return Verdict::refuse(reason, "signature", "a key that acts for " + address_text(expected), address_text(signer));
}

Result<Verdict> Reading::load_composition(const TokenId& id, DocumentCache& cache, TokenPtr& out) const {
    const std::string path = token_text(id);
    TokenPtr token;
    auto read = asset::accept_read(cache.token(id), path, token);
    if (read && read->reason == Reason::dt_unknown) read->reason = Reason::cdt_unknown;
    C2D_ACCEPT(std::move(read));
    if (token->record.is_leaf) return Verdict::refuse(Reason::cdt_not_composed, path, "a composition", "a leaf");
    out = std::move(token);
    return Verdict::accept();
}

/// The ledger holds what the documents say: children as activated, every grant on the way.
Result<Verdict> Reading::check_links(const asset::Token& algorithm, const Composition& composition) const {
    const auto check_children = [&](const asset::Token& cdt) -> Result<Verdict> {
        const std::string path = token_text(cdt.ddo.dt);
        C2D_TRY(const bool active, chain.is_active(cdt.ddo.dt));
        if (!active) return Verdict::refuse(Reason::cdt_not_active, path, "active", "not active");
        C2D_TRY(auto stored, chain.children(cdt.ddo.dt));
        auto named = cdt.ddo.children;
        std::ranges::sort(stored);
        std::ranges::sort(named);
        // A network of the original contracts stores none: there the links check below must do.
        if (!stored.empty() && stored != named)
            return Verdict::refuse(Reason::links_broken, path, "the children of the document",
                                   fmt::format("{} children on the ledger", stored.size()));
        return Verdict::accept();
    };
    C2D_ACCEPT(check_children(algorithm));
    for (const auto& cdt : composition.inner) C2D_ACCEPT(check_children(*cdt));
    for (const auto& link : composition.links) {
        C2D_TRY(const bool granted, chain.has_grant(link.child, link.parent));
        if (!granted)
            return Verdict::refuse(Reason::grant_missing, token_text(link.child),
                                   "a grant to " + token_text(link.parent), "none");
    }
    C2D_TRY(const bool hold, chain.links_hold(algorithm.ddo.dt, algorithm.ddo.children));
    if (!hold) return Verdict::refuse(Reason::links_broken, token_text(algorithm.ddo.dt), "usable children", "none");
    return Verdict::accept();
}

// Grant -------------------------------------------------------------------------------------------

/// The composition's owner, on the ledger, signed.
Result<Verdict> Reading::check_composer(const Envelope& envelope) const {
    const auto path = token_text(envelope.request.algo_dt);
    const auto record = chain.token(envelope.request.algo_dt);
    if (!record && record.status() != Status::NOT_FOUND) return record.error();
    if (!record) return Verdict::refuse(Reason::cdt_unknown, path, "a token on the ledger", "none");
    if (record->is_leaf) return Verdict::refuse(Reason::cdt_not_composed, path, "a composition", "a leaf");
    return check_signer(envelope, record->owner, path, Reason::wrong_signer);
}

Result<Verdict> Reading::check_grant(const Request& asked, DocumentCache& cache) const {
    TokenPtr token;
    C2D_ACCEPT(asset::accept_read(cache.token(asked.dt), token_text(asked.dt), token));
    const auto terms = token->ddo.grant_terms();
    if (!terms)
        return Verdict::refuse(Reason::document_invalid, token_text(asked.dt),
                               "attributes.grant of the documented form", terms.error().message);
    job::GrantAnswer unused;
    return job::decide_grant(chain, {asked.dt, asked.algo_dt, *terms, options.clock->now_seconds()}, unused);
}

Result<Verdict> Reading::check_requester(const Envelope& envelope) const {
    // What is not known yet may stand in a block that is ahead of its time.
    C2D_CHECK(chain.require_current());
    const Request& asked = envelope.request;
    const auto record = chain.token(asked.dt);
    if (!record && record.status() != Status::NOT_FOUND) return record.error();
    if (!record) return Verdict::refuse(Reason::dt_unknown, token_text(asked.dt), "a token on the ledger", "none");
    if (options.self != record->owner) return not_ours(envelope, record->owner);
    if (asked.method == Method::grantPermission) return check_composer(envelope);
    return check_job_record({asked.job_id, asked.dt, asked.algo_dt, envelope.signer}, &envelope);
}

/// The terms on every level, and the parties of an Algorithm.
Result<Verdict> Reading::check_terms(const asset::Token& cdt, DocumentCache& cache) const {
    Composition composition;
    C2D_ACCEPT(asset::check_composition(cache, cdt.ddo, &composition));
    C2D_ACCEPT(job::check_origins(composition.leaves, chain));
    if (!cdt.ddo.is_algorithm()) return Verdict::accept();
    job::PartyPlan plan;
    return job::plan_parties(chain, composition.leaves, party_rules(), plan);
}

Result<Verdict> Reading::verify_grant(const Envelope& envelope) const {
    C2D_CHECK(chain.require_current());
    DocumentCache cache(documents);
    C2D_ACCEPT(not_ours_for(envelope, check_ours(envelope.request.dt, cache)));
    TokenPtr cdt;
    C2D_ACCEPT(load_composition(envelope.request.algo_dt, cache, cdt));
    C2D_ACCEPT(check_signer(envelope, cdt->record.owner, token_text(envelope.request.algo_dt), Reason::wrong_signer));
    if (std::ranges::find(cdt->ddo.children, envelope.request.dt) == cdt->ddo.children.end())
        return Verdict::refuse(Reason::workflow_mismatch, token_text(envelope.request.algo_dt) + "/child_dts",
                               token_text(envelope.request.dt), "absent");
    C2D_ACCEPT(job::check_role(chain, cdt->record.owner, token_text(envelope.request.algo_dt)));
    C2D_ACCEPT(job::check_accepted(chain, composer_rules(), envelope.request.algo_dt, cdt->record.owner));
    C2D_ACCEPT(check_terms(*cdt, cache));
    // Last: what waits for the owner keeps the terms.
    return check_grant(envelope.request, cache);
}

// Job ---------------------------------------------------------------------------------------------

/// `asked`: the request, where there is one whose signature may still have to be checked.
Result<Verdict> Reading::check_job_record(const JobQuery& query, const Envelope* asked) const {
    if (query.job_id == 0 && asked && asked->request.method == Method::verify) return check_composer(*asked);
    const auto record = chain.job(query.job_id);
    const std::string path = fmt::format("job {}", query.job_id);
    if (!record && record.status() != Status::NOT_FOUND) return record.error();
    if (!record) return Verdict::refuse(Reason::job_unknown, path, "a job on the ledger", "none");
    if (record->cdt != query.algo_dt)
        return Verdict::refuse(Reason::job_wrong_cdt, path, token_text(record->cdt), token_text(query.algo_dt));
    if (asked) return check_signer(*asked, record->solver, std::to_string(query.job_id), Reason::job_wrong_solver);
    if (record->solver != query.solver)
        return Verdict::refuse(Reason::job_wrong_solver, path, address_text(record->solver),
                               address_text(query.solver));
    return Verdict::accept();
}

namespace {

/// The file name that the chosen service shows its data under, or a refusal.
Verdict input_name(const Leaf& leaf, std::string& name) {
    const auto* path = leaf.service->attributes.find("path");
    if (!path) return Verdict::accept();
    const auto plain = path->is_string() ? plain_name(path->text(), "inputs") : std::nullopt;
    if (!plain)
        return Verdict::refuse(Reason::document_invalid, leaf.path + "/attributes/path", "./inputs/NAME",
                               json::compact(*path));
    name = *plain;
    return Verdict::accept();
}

/// The plan's parties. What others' documents say wrong of their files their own providers refuse.
std::vector<Party> with_tables(const std::vector<Leaf>& leaves, const job::PartyPlan& plan) {
    std::vector<Party> parties = plan.parties;
    for (const auto& leaf : leaves) {
        const auto number = plan.protocol.is_joint() ? job::party_of(leaf, plan.protocol) : std::nullopt;
        const auto party = std::ranges::find_if(parties, [&](const Party& one) { return one.number == number; });
        if (party == parties.end() || !leaf.service->attributes.find("path")) continue;
        const auto& dt = leaf.token->ddo.dt;
        if (std::ranges::find(party->tables, dt) == party->tables.end()) party->tables.push_back(dt);
    }
    return parties;
}

int release_rank(const std::string& release) { return release == "full" ? 2 : release == "tail" ? 1 : 0; }

/// Also seeds the first time: the strictest of all inputs wins.
void restrict_release(const Leaf& leaf, bool first, std::string& release) {
    const auto given = leaf.service->attributes.text_at({"release", "log"});
    if (first || release_rank(given) < release_rank(release)) release = release_rank(given) == 0 ? "none" : given;
}

/// Does this data set's owner let the solver know how the operator ended?
bool releases_exit(const Leaf& leaf) {
    const auto* release = leaf.service->attributes.find("release");
    const auto* exit = release ? release->find("exit") : nullptr;
    return exit && exit->is_bool() && exit->boolean();
}

/// Which c2d this data set's owner accepts.
Verdict add_runtimes(const Leaf& leaf, std::vector<std::vector<AcceptedRuntime>>& out) {
    auto given = asset::runtime_terms_of(leaf.service->attributes);
    if (!given)
        return Verdict::refuse(Reason::document_invalid, leaf.path + "/attributes", "runtime", given.error().message);
    if (!given->empty()) out.push_back(*std::move(given));
    return Verdict::accept();
}

/// The strictest of all inputs'. A party without data keeps nothing from others by itself.
Verdict restrict_openings(const Leaf& leaf, mpc::OpeningRules& rules) {
    const auto given = asset::opening_rules_of(leaf.service->attributes);
    if (!given)
        return Verdict::refuse(Reason::document_invalid, leaf.path + "/attributes", "minimum and release.reveal",
                               given.error().message);
    mpc::OpeningRules asked = *given;
    // No data, none that could be opened whole.
    if (!leaf.service->attributes.find("path")) {
        asked.reveal_any = true;
        asked.label_counts = mpc::kLabelCountsMax;
        asked.scores = mpc::ScoresOpened::probabilities;
        asked.reason_codes = mpc::kReasonCodesMax;
        asked.coefficients = true;
    }
    rules = mpc::strictest(rules, asked);
    return Verdict::accept();
}

}  // namespace

/// Only its owner registers jobs of an Algorithm.
Result<Address> Reading::solver_of(const JobQuery& query) const {
    if (query.job_id == 0) {
        C2D_TRY(const auto algorithm, chain.token(query.algo_dt));
        return algorithm.owner;
    }
    C2D_TRY(const auto record, chain.job(query.job_id));
    return record.solver;
}

/// Every leaf counts, whoever owns it: all providers allow the same.
Result<Verdict> Reading::check_attempt(const JobQuery& query, const std::vector<Leaf>& leaves, JobTerms& out) const {
    out.attempt = query.attempt;
    out.attempts_max = kAttemptsMax;
    for (const auto& leaf : leaves) {
        const auto given = asset::attempts_of(leaf.service->attributes);
        if (!given)
            return Verdict::refuse(Reason::document_invalid, leaf.path + "/attributes/attempts",
                                   fmt::format("1 to {}", kAttemptsMax), given.error().message);
        out.attempts_max = std::min(out.attempts_max, *given);
    }
    if (query.attempt <= out.attempts_max) return Verdict::accept();
    return Verdict::refuse(Reason::attempt_refused, "attempt", fmt::format("at most {}", out.attempts_max),
                           std::to_string(query.attempt));
}

Result<Verdict> Reading::fill_terms(const JobQuery& query, const std::vector<Leaf>& leaves, const job::PartyPlan& plan,
                                    JobTerms& out) const {
    const auto own = std::ranges::find_if(leaves, [&](const Leaf& leaf) { return leaf.token->ddo.dt == query.dt; });
    if (own == leaves.end())
        return Verdict::refuse(Reason::workflow_mismatch, token_text(query.algo_dt), token_text(query.dt),
                               "not among its leaves");
    out.job_id = query.job_id;
    out.algo_dt = query.algo_dt;
    C2D_TRY(out.solver, solver_of(query));
    C2D_ACCEPT(check_attempt(query, leaves, out));
    out.op_template = *own->service->op_template;
    out.operation = own->op_template->document.operation;
    out.template_checksum = own->op_template->record.checksum;
    out.parties = plan.protocol.parties;
    // Leaves that run alone are told apart by their place in the composition.
    out.party =
        plan.protocol.is_joint() ? *job::party_of(*own, plan.protocol) : unsigned(std::distance(leaves.begin(), own));
    out.all_parties = with_tables(leaves, plan);
    out.collusion_overridden = plan.collusion_overridden;
    C2D_TRY(out.args_json, json::canonical(own->arguments));
    out.args_hash = plan.protocol.is_joint() ? plan.args_hash : keccak256(out.args_json);
    C2D_ACCEPT(job::output_names(*own, plan.protocol.is_joint(), out.party, out.output_names));
    out.kept_names = job::kept_names(*own);
    C2D_ACCEPT(job::results_to(*own, out.results_to));
    if (const auto& declared = own->op_template->document.outputs)
        for (const auto& [name, output] : *declared)
            if (output.bytes_max != 0) out.output_bytes_max[name] = output.bytes_max;

    C2D_ACCEPT(job::check_same_model(leaves, plan, out.models));
    C2D_ACCEPT(job::check_origins(leaves, chain));
    // Children of one owner that name the same party run as one sandbox with all their inputs.
    for (const auto& leaf : leaves) {
        const bool same_run = plan.protocol.is_joint() ? leaf.token->record.owner == options.self &&
                                                             job::party_of(leaf, plan.protocol) == out.party
                                                       : &leaf == &*own;
        if (!same_run) continue;
        JobInput input{leaf.token->ddo.dt, {}, leaf.token->record.checksum};
        C2D_ACCEPT(input_name(leaf, input.name));
        C2D_ACCEPT(job::read_origin(leaf, input.origin));
        C2D_ACCEPT(job::read_models_max(leaf, input.models_max));
        if (const auto* schema = leaf.service->attributes.find("schema")) input.schema = json::compact(*schema);
        for (const auto& other : out.inputs)
            if (!input.name.empty() && other.name == input.name)
                return Verdict::refuse(Reason::document_invalid, leaf.path + "/attributes/path", "names that differ",
                                       input.name);
        if (out.inputs.empty()) {
            out.rules.reveal_any = true;
            out.rules.label_counts = mpc::kLabelCountsMax;
            out.rules.scores = mpc::ScoresOpened::probabilities;
            out.rules.reason_codes = mpc::kReasonCodesMax;
            out.rules.coefficients = true;
        }
        C2D_ACCEPT(restrict_openings(leaf, out.rules));
        C2D_ACCEPT(add_runtimes(leaf, out.accepted_runtimes));
        restrict_release(leaf, out.inputs.empty(), out.release_log);
        out.release_exit = releases_exit(leaf) && (out.inputs.empty() || out.release_exit);
        out.inputs.push_back(std::move(input));
    }
    return Verdict::accept();
}

Result<Verdict> Reading::check_job(const JobQuery& query, const Envelope* asked, JobTerms* out) const {
    C2D_CHECK(chain.require_current());
    DocumentCache cache(documents);
    C2D_ACCEPT(check_ours(query.dt, cache));
    C2D_ACCEPT(check_job_record(query, asked));
    TokenPtr algorithm;
    C2D_ACCEPT(load_composition(query.algo_dt, cache, algorithm));
    // Only its owner registers jobs of it.
    C2D_ACCEPT(job::check_role(chain, algorithm->record.owner, token_text(query.algo_dt)));
    if (!algorithm->ddo.is_algorithm())
        return Verdict::refuse(Reason::not_algorithm, token_text(query.algo_dt), "Algorithm", algorithm->ddo.type);
    Composition composition;
    C2D_ACCEPT(asset::check_composition(cache, algorithm->ddo, &composition));
    C2D_ACCEPT(check_all_open(query.algo_dt, composition));
    C2D_ACCEPT(check_links(*algorithm, composition));
    C2D_ACCEPT(job::check_composers(chain, composer_rules(), *algorithm, composition));
    job::PartyPlan plan;
    C2D_ACCEPT(job::plan_parties(chain, composition.leaves, party_rules(), plan));
    JobTerms terms;
    C2D_ACCEPT(fill_terms(query, composition.leaves, plan, terms));
    terms.algo_checksum = algorithm->record.checksum;
    for (const auto& link : composition.links) terms.grants.push_back({link.child, link.parent});
    if (out) *out = std::move(terms);
    return Verdict::accept();
}

// What a verifier is asked ------------------------------------------------------------------------

Result<Verdict> JobVerifier::check_requester(const Envelope& envelope) const {
    return impl_->read([&](const Reading& ledger) { return ledger.check_requester(envelope); });
}

Result<Verdict> JobVerifier::verify_grant(const Envelope& envelope) const {
    return impl_->read([&](const Reading& ledger) { return ledger.verify_grant(envelope); });
}

/// `check(reading, terms)` at one block; `out` is filled by the reading that counts, and only where it accepts.
template <class Check>
Result<Verdict> JobVerifier::Impl::read_terms(JobTerms* out, const Check& check) {
    JobTerms terms;
    auto verdict = read([&](const Reading& ledger) {
        terms = {};
        return check(ledger, terms);
    });
    if (out && verdict && !verdict->refused()) *out = std::move(terms);
    return verdict;
}

Result<Verdict> JobVerifier::verify_job(const Envelope& envelope, JobTerms* out) const {
    const Request& asked = envelope.request;
    const JobQuery query{asked.job_id, asked.dt, asked.algo_dt, envelope.signer, envelope.attempt};
    return impl_->read_terms(out, [&](const Reading& ledger, JobTerms& terms) {
        return ledger.not_ours_for(envelope, ledger.check_job(query, &envelope, out ? &terms : nullptr));
    });
}

Result<Verdict> JobVerifier::verify_job(const JobQuery& query, JobTerms* out) const {
    return impl_->read_terms(out, [&](const Reading& ledger, JobTerms& terms) {
        return ledger.check_job(query, nullptr, out ? &terms : nullptr);
    });
}

}  // namespace c2d
