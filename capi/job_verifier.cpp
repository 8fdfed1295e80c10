#include <c2d/capi/job_verifier.h>
#include <c2d/job_verifier.hpp>

#include "base/display_text.hpp"
#include "job/values.hpp"
#include "json_text.hpp"
#include "same_options.hpp"

#include <deque>

using c2d::Error;
using c2d::Result;
using c2d::Status;
using c2d::Unit;
using c2d::capi::give_json;
using c2d::capi::guard;

struct c2d_nonce_store {
    std::shared_ptr<c2d::NonceStore> value;
};
struct c2d_verdict {
    c2d::Verdict value;
};
struct c2d_envelope {
    c2d::Envelope value;
    /// What the getters view.
    std::string signer, dt, algo_dt;
};
struct c2d_job_verifier {
    c2d::JobVerifier value;
};

namespace {

/// A nonce store of the caller's.
class FunctionNonces final : public c2d::NonceStore {
public:
    FunctionNonces(c2d_nonce_seen_function see, c2d_nonce_remember_function note, void* data)
        : user(data), seen_(see), remember_(note) {}

    Result<bool> seen(const c2d::Address& signer, const c2d::Bytes32& nonce) override {
        return answer(seen_(c2d::address_text(signer).c_str(), nonce.data.data(), user.get()));
    }
    Result<bool> remember(const c2d::Address& signer, const c2d::Bytes32& nonce, std::uint64_t expiry_seconds,
                          std::uint64_t now_seconds) override {
        return answer(
            remember_(c2d::address_text(signer).c_str(), nonce.data.data(), expiry_seconds, now_seconds, user.get()));
    }

    c2d::capi::UserData user;

private:
    /// Anything but 0 and 1 is a failure: a request must not pass because a store misbehaves.
    static Result<bool> answer(int code) {
        if (code == 0 || code == 1) return code == 1;
        const bool known = code <= -C2D_ERROR_INVALID_ARGUMENT && code >= -C2D_ERROR_INTERNAL;
        return Error(known ? static_cast<Status>(-code) : Status::INTERNAL,
                     "the nonce store failed with " + std::to_string(code));
    }

    c2d_nonce_seen_function seen_;
    c2d_nonce_remember_function remember_;
};

Result<c2d::Method> to_cpp(c2d_method method) {
    if (!c2d_method_name(method)) return Error(Status::INVALID_ARGUMENT, "there is no such method");
    return static_cast<c2d::Method>(method);
}

Result<c2d::JobVerifierOptions> to_cpp(const c2d_job_verifier_options* given) {
    C2D_TRY(const c2d_job_verifier_options options, c2d::capi::read_options(given));
    C2D_CAPI_NEED(options.self, options.nonces);
    c2d::JobVerifierOptions out;
    C2D_TRY(out.self, c2d::parse_address(options.self));
    out.nonces = options.nonces->value;
    c2d::capi::use_environment(options.environment, out);
    C2D_TRY(out.accepted_parties,
            c2d::capi::read_texts(options.accepted_parties, options.accepted_parties_count, "accepted_parties"));
    C2D_TRY(out.accepted_composers,
            c2d::capi::read_texts(options.accepted_composers, options.accepted_composers_count, "accepted_composers"));
    C2D_CHECK(c2d::capi::take_job_verifier_options(options, out));
    return out;
}

std::unique_ptr<c2d_envelope> make_envelope(c2d::Envelope&& envelope) {
    const auto token = [](const c2d::TokenId& id) { return id.is_zero() ? "" : c2d::token_text(id); };
    auto out = std::make_unique<c2d_envelope>();
    // An envelope in the original's form does not say who signed.
    if (!envelope.signer.is_zero()) out->signer = c2d::address_text(envelope.signer);
    out->dt = token(envelope.request.dt);
    out->algo_dt = token(envelope.request.algo_dt);
    out->value = std::move(envelope);
    return out;
}

Result<Unit> give(Result<c2d::Verdict>&& verdict, c2d_verdict** out) {
    if (!verdict) return std::move(verdict).error();
    *out = new c2d_verdict{*std::move(verdict)};
    return Unit{};
}

/// Both outputs or none.
Result<Unit> give(Result<c2d::Verdict>&& verdict, c2d::Envelope&& envelope, c2d_envelope** out_envelope,
                  c2d_verdict** out_verdict) {
    if (!verdict) return std::move(verdict).error();
    std::unique_ptr<c2d_envelope> owned;
    if (verdict->accepted()) owned = make_envelope(std::move(envelope));
    *out_verdict = new c2d_verdict{*std::move(verdict)};
    *out_envelope = owned.release();
    return Unit{};
}

/// A text of others, which C takes to end at a zero byte: one that holds such a byte shows it, as "\x00", so that it is
/// not taken for the shorter one.
std::string whole_text(const std::string& text) {
    constexpr std::size_t kShownBytesMax = 10;  // "\U0010ffff"
    if (text.find('\0') == std::string::npos) return text;
    return c2d::display_text(text, text.size() * kShownBytesMax);
}

/// The struct that a caller sees, and what it points to.
struct OwnedTerms : c2d_job_terms {
    explicit OwnedTerms(c2d::JobTerms&& terms) : c2d_job_terms{}, value(std::move(terms)) {
        show_lists();
        struct_size = sizeof(c2d_job_terms);
        job_id = value.job_id;
        algo_dt = keep(c2d::token_text(value.algo_dt));
        algo_checksum = keep(c2d::hex_text(value.algo_checksum));
        solver = keep(c2d::address_text(value.solver));
        op_template = keep(c2d::token_text(value.op_template));
        template_checksum = keep(c2d::hex_text(value.template_checksum));
        operation = value.operation.c_str();
        operation_size = value.operation.size();
        args_json = value.args_json.c_str();
        args_hash = keep(c2d::hex_text(value.args_hash));
        release_log = value.release_log.c_str();
        parties = value.parties;
        party = value.party;
        release_exit = value.release_exit;
        attempt = value.attempt;
        attempts_max = value.attempts_max;
        collusion_overridden = value.collusion_overridden;
    }

private:
    const char* keep(std::string text) { return texts.emplace_back(std::move(text)).c_str(); }

    void show_lists() {
        for (const auto& one : value.all_parties)
            shown_parties.push_back({one.number, 0, keep(c2d::address_text(one.owner)),
                                     keep(whole_text(one.organisation)), keep(whole_text(one.endpoint))});
        for (const auto& input : value.inputs)
            shown_inputs.push_back({keep(c2d::token_text(input.dt)), keep(whole_text(input.name)),
                                    keep(c2d::hex_text(input.document_checksum))});
        for (const auto& grant : value.grants)
            shown_grants.push_back({keep(c2d::token_text(grant.dt)), keep(c2d::token_text(grant.grantee))});
        for (const auto& name : value.output_names) shown_outputs.push_back(keep(whole_text(name)));
        all_parties = shown_parties.data();
        all_parties_count = shown_parties.size();
        inputs = shown_inputs.data();
        inputs_count = shown_inputs.size();
        grants = shown_grants.data();
        grants_count = shown_grants.size();
        outputs = shown_outputs.data();
        outputs_count = shown_outputs.size();
    }

    const c2d::JobTerms value;
    /// Texts that the terms have otherwise; growing moves none.
    std::deque<std::string> texts;
    std::vector<c2d_job_party> shown_parties;
    std::vector<c2d_job_input> shown_inputs;
    std::vector<c2d_job_grant> shown_grants;
    std::vector<const char*> shown_outputs;
};

/// Remembers the nonce; a request in the original's form has none.
Result<c2d::Verdict> admit(const c2d_job_verifier& verifier, const c2d::Envelope& envelope) {
    if (envelope.legacy) return c2d::Verdict::accept();
    const c2d::Request& request = envelope.request;
    const c2d::JobVerifierOptions options = verifier.value.options();
    C2D_TRY(const bool fresh,
            options.nonces->remember(envelope.signer, request.nonce, request.expiry, options.clock->now_seconds()));
    if (fresh) return c2d::Verdict::accept();
    return c2d::Verdict::refuse(c2d::Reason::replayed, "nonce", "a fresh nonce", c2d::hex_text(request.nonce));
}

/// What the method asks to be decided beyond the envelope.
Result<c2d::Verdict> decide(const c2d::JobVerifier& verifier, const c2d::Envelope& envelope) {
    switch (envelope.request.method) {
        case c2d::Method::grantPermission: return verifier.verify_grant(envelope);
        case c2d::Method::onPremiseCompute:
        case c2d::Method::verify: return verifier.verify_job(envelope, nullptr);
        default: return c2d::Verdict::accept();
    }
}

Result<c2d::Verdict> verify(const c2d_job_verifier& verifier, c2d::Method method, std::string_view body) {
    c2d::Envelope envelope;
    C2D_TRY(const c2d::Verdict checked, verifier.value.check_envelope(method, body, envelope));
    if (checked.refused()) return checked;
    C2D_TRY(const c2d::Verdict decided, decide(verifier.value, envelope));
    if (decided.refused()) return decided;
    return admit(verifier, envelope);
}

}  // namespace

extern "C" {

// ---------------------------------------------------------------- nonces

c2d_status c2d_nonce_store_memory(c2d_nonce_store** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(out);
        *out = new c2d_nonce_store{c2d::NonceStore::memory()};
        return Unit{};
    });
}

c2d_status c2d_nonce_store_from_functions(c2d_nonce_seen_function seen, c2d_nonce_remember_function remember,
                                          void* user_data, c2d_destroy_function destroy, c2d_nonce_store** out,
                                          c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(seen, remember, out);
        auto store = std::make_shared<FunctionNonces>(seen, remember, user_data);
        *out = new c2d_nonce_store{store};
        store->user.adopt(destroy);
        return Unit{};
    });
}

void c2d_nonce_store_destroy(c2d_nonce_store* store) { delete store; }

// ---------------------------------------------------------------- answers

int c2d_verdict_accepted(const c2d_verdict* verdict) { return verdict && verdict->value.accepted() ? 1 : 0; }
const char* c2d_verdict_reason(const c2d_verdict* verdict) {
    return verdict ? c2d::reason_name(verdict->value.reason) : "";
}
const char* c2d_verdict_text(const c2d_verdict* verdict) {
    return verdict ? c2d::reason_text(verdict->value.reason) : "";
}
int c2d_verdict_http_status(const c2d_verdict* verdict) {
    return verdict ? c2d::reason_http_status(verdict->value.reason) : 0;
}
const char* c2d_verdict_path(const c2d_verdict* verdict) { return verdict ? verdict->value.path.c_str() : ""; }
const char* c2d_verdict_expected(const c2d_verdict* verdict) { return verdict ? verdict->value.expected.c_str() : ""; }
const char* c2d_verdict_actual(const c2d_verdict* verdict) { return verdict ? verdict->value.actual.c_str() : ""; }
void c2d_verdict_destroy(c2d_verdict* verdict) { delete verdict; }

c2d_method c2d_envelope_method(const c2d_envelope* envelope) {
    return envelope ? static_cast<c2d_method>(envelope->value.request.method) : C2D_METHOD_GRANT_PERMISSION;
}
const char* c2d_envelope_signer(const c2d_envelope* envelope) { return envelope ? envelope->signer.c_str() : ""; }
const char* c2d_envelope_dt(const c2d_envelope* envelope) { return envelope ? envelope->dt.c_str() : ""; }
const char* c2d_envelope_algo_dt(const c2d_envelope* envelope) { return envelope ? envelope->algo_dt.c_str() : ""; }
uint64_t c2d_envelope_job_id(const c2d_envelope* envelope) { return envelope ? envelope->value.request.job_id : 0; }
const char* c2d_envelope_store_path(const c2d_envelope* envelope) {
    return envelope ? envelope->value.store_path.c_str() : "";
}
void c2d_envelope_destroy(c2d_envelope* envelope) { delete envelope; }

// ---------------------------------------------------------------- the verifier

void c2d_job_verifier_options_init(c2d_job_verifier_options* options) {
    if (options) *options = C2D_JOB_VERIFIER_OPTIONS_INIT;
}

c2d_status c2d_job_verifier_open(const c2d_asset_registry* registry, const c2d_job_verifier_options* options,
                                 c2d_job_verifier** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(registry, options, out);
        C2D_TRY(c2d::JobVerifierOptions wanted, to_cpp(options));
        C2D_TRY(c2d::JobVerifier verifier, c2d::JobVerifier::open(registry->value, std::move(wanted)));
        *out = new c2d_job_verifier{std::move(verifier)};
        return Unit{};
    });
}

c2d_status c2d_job_verifier_verify(const c2d_job_verifier* verifier, c2d_method method, const char* body,
                                   size_t body_size, c2d_verdict** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(verifier, body, out);
        C2D_TRY(const c2d::Method asked, to_cpp(method));
        return give(verify(*verifier, asked, {body, body_size}), out);
    });
}

c2d_status c2d_job_verifier_check_body(const c2d_job_verifier* verifier, c2d_method method, const char* body,
                                       size_t body_size, c2d_envelope** out_envelope, c2d_verdict** out_verdict,
                                       c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(verifier, body, out_envelope, out_verdict);
        C2D_TRY(const c2d::Method asked, to_cpp(method));
        c2d::Envelope envelope;
        auto verdict = verifier->value.check_envelope(asked, {body, body_size}, envelope);
        return give(std::move(verdict), std::move(envelope), out_envelope, out_verdict);
    });
}

c2d_status c2d_job_verifier_check_authorization(const c2d_job_verifier* verifier, c2d_method method, const char* header,
                                                c2d_envelope** out_envelope, c2d_verdict** out_verdict,
                                                c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(verifier, header, out_envelope, out_verdict);
        C2D_TRY(const c2d::Method asked, to_cpp(method));
        c2d::Envelope envelope;
        auto verdict = verifier->value.check_authorization(asked, header, envelope);
        return give(std::move(verdict), std::move(envelope), out_envelope, out_verdict);
    });
}

c2d_status c2d_job_verifier_verify_grant(const c2d_job_verifier* verifier, const c2d_envelope* envelope,
                                         c2d_verdict** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(verifier, envelope, out);
        return give(verifier->value.verify_grant(envelope->value), out);
    });
}

c2d_status c2d_job_verifier_verify_job(const c2d_job_verifier* verifier, const c2d_envelope* envelope, char** out_terms,
                                       c2d_verdict** out_verdict, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(verifier, envelope, out_verdict);
        c2d::JobTerms terms;
        C2D_TRY(c2d::Verdict verdict, verifier->value.verify_job(envelope->value, out_terms ? &terms : nullptr));
        const bool given = out_terms && verdict.accepted();
        auto owned = std::make_unique<c2d_verdict>(c2d_verdict{std::move(verdict)});
        if (out_terms) *out_terms = nullptr;
        if (given) C2D_CHECK(give_json(to_value(terms), out_terms));
        *out_verdict = owned.release();
        return Unit{};
    });
}

c2d_status c2d_job_verifier_verify_job_terms(const c2d_job_verifier* verifier, const c2d_envelope* envelope,
                                             c2d_job_terms** out_terms, c2d_verdict** out_verdict, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(verifier, envelope, out_terms, out_verdict);
        c2d::JobTerms terms;
        C2D_TRY(c2d::Verdict verdict, verifier->value.verify_job(envelope->value, &terms));
        std::unique_ptr<OwnedTerms> owned;
        if (verdict.accepted()) owned = std::make_unique<OwnedTerms>(std::move(terms));
        *out_verdict = new c2d_verdict{std::move(verdict)};
        *out_terms = owned.release();
        return Unit{};
    });
}

void c2d_job_terms_destroy(c2d_job_terms* terms) { delete static_cast<OwnedTerms*>(terms); }

c2d_status c2d_job_verifier_admit(const c2d_job_verifier* verifier, const c2d_envelope* envelope, c2d_verdict** out,
                                  c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(verifier, envelope, out);
        return give(admit(*verifier, envelope->value), out);
    });
}

void c2d_job_verifier_destroy(c2d_job_verifier* verifier) { delete verifier; }

}  // extern "C"
