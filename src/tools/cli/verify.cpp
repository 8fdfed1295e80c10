// dt-cli verify: what a provider would decide, with the reasons that only the owner sees.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "tools/cli/command.hpp"

#include <c2d/job_verifier.hpp>

namespace c2d::cli {

namespace {

using json::Value;

/// A request as its signer would send it; the signature itself is not in question here.
Result<Envelope> envelope_of(const Session& session, const Chain& chain) {
    Envelope envelope;
    Request& request = envelope.request;
    request.method = session.flags.job_id == 0 ? Method::grantPermission : Method::onPremiseCompute;
    C2D_TRY(request.dt, parse_token(session.flags.dt));
    C2D_TRY(request.algo_dt, parse_token(session.flags.cdt));
    request.job_id = session.flags.job_id;
    if (!session.flags.signer.empty()) {
        C2D_TRY(envelope.signer, parse_address(session.flags.signer));
        return envelope;
    }
    // By default the one who should ask: the solver of the job, or the owner of the composition.
    if (const auto job = chain.job(request.job_id); request.job_id != 0 && job)
        envelope.signer = job->solver;
    else if (const auto record = chain.token(request.algo_dt))
        envelope.signer = record->owner;
    return envelope;
}

Result<int> verify(Session& session) {
    C2D_TRY(auto registry, session.registry());
    C2D_TRY(const auto envelope, envelope_of(session, registry.chain()));
    C2D_TRY(const auto record, registry.chain().token(envelope.request.dt));
    JobVerifierOptions options;
    options.self = record.owner;
    options.nonces = NonceStore::memory();
    C2D_TRY(const auto verifier, JobVerifier::open(registry, options));
    C2D_TRY(const auto verdict,
            session.flags.job_id == 0 ? verifier.verify_grant(envelope) : verifier.verify_job(envelope, nullptr));
    Value body = Value::object({{"verdict", verdict.accepted() ? "accepted" : "refused"},
                                {"code", reason_name(verdict.reason)},
                                {"meaning", reason_text(verdict.reason)}});
    if (session.flags.explain && verdict.refused()) {
        body.set("path", verdict.path);
        body.set("expected", verdict.expected);
        body.set("actual", verdict.actual);
    }
    session.output.answer(body);
    return verdict.accepted() ? 0 : 1;
}

}  // namespace

void add_verify(CLI::App& app, Flags& flags, Action& action) {
    auto* command = add_command(app, "verify", "decide as the owner's provider would", action, verify);
    command->add_flag("--explain", flags.explain, "say where, what was expected and what was found");
    command->add_option("--dt", flags.dt, "the data token asked for")->required();
    command->add_option("--cdt", flags.cdt, "the composition that asks")->required();
    command->add_option("--job_id", flags.job_id, "a registered job (default: decide on the grant)")
        ->check(whole_number());
    command->add_option("--signer", flags.signer, "who asks (default: whoever should)");
}

}  // namespace c2d::cli
