#include "provider/values.hpp"

namespace c2d {

json::Value to_value(const ProviderRun& run) {
    return json::Value::object({{"job_id", run.job_id},
                                {"party", run.party},
                                {"algo_dt", token_text(run.algo_dt)},
                                {"solver", address_text(run.solver)},
                                {"state", run.state},
                                {"outcome", run.outcome},
                                {"detail", run.detail},
                                {"folder", run.folder.string()},
                                {"outputs", json::list_of(run.outputs)},
                                {"created", run.created},
                                {"updated", run.updated}});
}

}  // namespace c2d
