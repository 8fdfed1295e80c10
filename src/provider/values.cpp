#include "provider/values.hpp"

#include "sandbox/values.hpp"

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
                                {"updated", run.updated},
                                {"attempt", run.attempt},
                                {"attempts_max", run.attempts_max},
                                {"again", run.again}});
}

json::Value to_value(const TrialReport& report) {
    json::Array parties;
    for (unsigned party = 0; party < report.parties.size(); ++party) {
        const TrialEnd& one = report.parties[party];
        json::Object opened;
        for (const auto& [kind, count] : one.disclosures) opened.emplace_back(kind, count);
        parties.push_back(json::Value::object({{"party", party},
                                               {"end", one.end.text()},
                                               {"detail", one.detail},
                                               {"log", sanitise_log(one.report.log)},
                                               {"opened", std::move(opened)},
                                               {"kept", json::list_of(one.kept)},
                                               {"bytes_to_peers", one.bytes_to_peers},
                                               {"sandbox", to_value(one.report)}}));
    }
    return json::Value::object(
        {{"succeeded", report.succeeded()}, {"failed", json::list_of(report.failed)}, {"parties", std::move(parties)}});
}

}  // namespace c2d
