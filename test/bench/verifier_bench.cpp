// c2d-bench verifier: how many job verdicts a second, each reading ledger and documents anew, beside the
// signatures that the same processor checks.

#include "base/try.hpp"
#include "bench/verifier_world.hpp"
#include "crypto/hash.hpp"

namespace c2d::bench {

namespace {

constexpr int kVerdicts = 300;

Result<double> verdicts_a_second(const JobVerifier& verifier, const Envelope& envelope) {
    Result<Verdict> last = Verdict::accept();
    const double spent = seconds([&] {
        for (int i = 0; i < kVerdicts && last && last->accepted(); ++i) last = verifier.verify_job(envelope, nullptr);
    });
    if (!last) return last.error();
    if (last->refused()) return Error(Status::INTERNAL, reason_name(last->reason));
    return kVerdicts / spent;
}

/// What a request costs at least: its signer, recovered from its signature.
Result<double> recoveries_a_second(PrivateKey& key) {
    const Bytes32 digest = keccak256("a request");
    C2D_TRY(const auto signature, key.sign_digest(digest));
    Result<Address> last = Address{};
    const double spent = seconds([&] {
        for (int i = 0; i < kVerdicts && last; ++i) last = recover_signer(digest, signature);
    });
    if (!last) return last.error();
    return kVerdicts / spent;
}

}  // namespace

Result<std::vector<Goal>> verifier_bench() {
    C2D_TRY(const auto world, make_verifier_world("ledger::memory:", DocumentStore::memory()));
    C2D_TRY(const auto verifier, world.verifier());
    Envelope envelope;
    envelope.signer = world.owner->address();
    envelope.request.dt = world.dt;
    envelope.request.algo_dt = world.algorithm;
    envelope.request.job_id = world.job_id;
    C2D_TRY(const auto rates, in_turns({[&] { return verdicts_a_second(verifier, envelope); },
                                        [&] { return recoveries_a_second(*world.owner); }},
                                       {.turns = 7, .repeats = 3, .warm_up = 1}));
    return std::vector<Goal>{report("job verdicts a second", rates[0]),
                             report("limit: signers recovered a second", rates[1]),
                             report("verdicts / signers recovered", ratio(rates[0], rates[1]))};
}

}  // namespace c2d::bench
