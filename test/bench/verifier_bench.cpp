// c2d-bench verifier: how many job verdicts a second, each reading ledger and documents anew.

#include "base/try.hpp"
#include "bench/verifier_world.hpp"

namespace c2d::bench {

namespace {

constexpr int kVerdicts = 300;

}  // namespace

Result<std::vector<Goal>> verifier_bench() {
    C2D_TRY(const auto world, make_verifier_world("ledger::memory:", DocumentStore::memory()));
    C2D_TRY(const auto verifier, world.verifier());
    Envelope envelope;
    envelope.signer = world.owner->address();
    envelope.request.dt = world.dt;
    envelope.request.algo_dt = world.algorithm;
    envelope.request.job_id = world.job_id;
    Result<Verdict> last = Verdict::accept();
    const double spent = seconds([&] {
        for (int i = 0; i < kVerdicts && last && last->accepted(); ++i) last = verifier.verify_job(envelope, nullptr);
    });
    if (!last) return last.error();
    if (last->refused()) return Error(Status::INTERNAL, reason_name(last->reason));
    return std::vector<Goal>{report("job verdicts a second", kVerdicts / spent)};
}

}  // namespace c2d::bench
