// dt-cli verify: what a provider would decide, with the reasons that only the owner sees.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "tools/cli/command.hpp"

#include <c2d/job_verifier.hpp>

namespace c2d::cli {

namespace {

using json::Value;

struct Verify {
    static constexpr About about{"verify", "decide as the owner's provider would",
                                 "dt-cli verify --dt $DT --cdt $CDT --job_id 1 --explain"};
    bool explain = false;
    std::string dt, cdt, signer;
    std::uint64_t job_id = 0;

    void declare(Args& args) {
        args.flag("--explain", explain, "say where, what was expected and what was found");
        args.required("--dt", dt, "the data token asked for");
        args.required("--cdt", cdt, "the composition that asks");
        args.number("--job_id", job_id, "a registered job (default: decide on the grant)");
        args.optional("--signer", signer, "who asks (default: whoever should)");
    }
    Result<int> run(Session& session);
    Result<Envelope> envelope_for(const Chain& chain) const;
};

/// A request as its signer would send it; the signature itself is not in question here.
Result<Envelope> Verify::envelope_for(const Chain& chain) const {
    Envelope envelope;
    Request& request = envelope.request;
    request.method = job_id == 0 ? Method::grantPermission : Method::onPremiseCompute;
    C2D_TRY(request.dt, parse_token(dt));
    C2D_TRY(request.algo_dt, parse_token(cdt));
    request.job_id = job_id;
    if (!signer.empty()) {
        C2D_TRY(envelope.signer, parse_address(signer));
        return envelope;
    }
    // By default the one who should ask: the solver of the job, or the owner of the composition.
    if (const auto job = chain.job(request.job_id); request.job_id != 0 && job)
        envelope.signer = job->solver;
    else if (const auto record = chain.token(request.algo_dt))
        envelope.signer = record->owner;
    return envelope;
}

Result<int> Verify::run(Session& session) {
    C2D_TRY(auto registry, session.registry());
    C2D_TRY(const auto envelope, envelope_for(registry.chain()));
    C2D_TRY(const auto record, registry.chain().token(envelope.request.dt));
    JobVerifierOptions options;
    options.self = record.owner;
    options.nonces = NonceStore::memory();
    C2D_TRY(const auto verifier, JobVerifier::open(registry, options));
    C2D_TRY(const auto verdict, job_id == 0 ? verifier.verify_grant(envelope) : verifier.verify_job(envelope, nullptr));
    Value body = Value::object({{"verdict", verdict.accepted() ? "accepted" : "refused"},
                                {"code", reason_name(verdict.reason)},
                                {"meaning", reason_text(verdict.reason)}});
    if (explain && verdict.refused()) {
        body.set("path", verdict.path);
        body.set("expected", verdict.expected);
        body.set("actual", verdict.actual);
    }
    session.output.answer(body);
    return verdict.accepted() ? 0 : 1;
}

}  // namespace

void add_verify(const Group& program) { program.add<Verify>(); }

}  // namespace c2d::cli
