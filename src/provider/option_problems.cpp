#include "provider/option_problems.hpp"

#include "base/display_text.hpp"
#include "provider/inputs/data_paths.hpp"
#include "provider/peers/peer_policy.hpp"
#include "provider/state/job_folder.hpp"
#include "provider/state/solver_turns.hpp"
#include "sandbox/job_check.hpp"

#include <fmt/format.h>

namespace c2d::provider {

namespace {

constexpr unsigned kWorkersMax = 64;

/// What would end every run before its operator starts.
Result<Unit> check_runs(const ProviderOptions& options) {
    SandboxJob job;
    job.code = "pass";
    job.runtime = options.runtime;
    job.environment = options.environment;
    job.limits = options.limits;
    return sandbox::check_job(job);
}

/// As the ledger takes them.
bool is_legal_id(std::string_view text) {
    constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-./";
    return text.size() >= 3 && text.size() <= 64 && text.find_first_not_of(kLetters) == text.npos;
}

}  // namespace

std::vector<std::string> option_problems(const ProviderOptions& options) {
    std::vector<std::string> problems;
    if (!options.signer) problems.emplace_back("ProviderOptions.signer must be set");
    if (options.workers == 0 || options.workers > kWorkersMax)
        problems.push_back(fmt::format("expected 1 to {} workers, found {}", kWorkersMax, options.workers));
    for (const auto& [solver, weight] : options.queue_weights)
        if (weight == 0 || weight > kSolverWeightMax)
            problems.push_back(fmt::format("queue_weights of {}: expected 1 to {}, found {}", address_text(solver),
                                           kSolverWeightMax, weight));
    for (const auto& composer : options.accepted_composers)
        if (!parse_address(composer) && !is_legal_id(composer))
            problems.push_back(
                fmt::format("accepted_composers: expected an organisation's address or legal id, found \"{}\"",
                            display_text(composer)));
    for (auto& problem : policy_problems(options.peers)) problems.push_back(std::move(problem));
    if (const auto runs = check_runs(options); !runs) problems.push_back(runs.error().message);
    for (const auto& [dt, path] : options.assets) {
        const auto data = options.logger ? Result<Fd>(Fd()) : open_data_file(configured_path(path));
        if (!data)
            problems.push_back(fmt::format("the data of {}: {}", token_text(dt), display_text(data.error().message)));
    }
    for (const auto& [dt, source] : options.sources) {
        if (options.assets.contains(dt))
            problems.push_back(fmt::format("{} has both a file and a source", token_text(dt)));
        const auto asked =
            options.logger ? Result<Unit>(Unit{}) : table::check_source_access(source, table::SourceCheck::database);
        if (!asked)
            problems.push_back(
                fmt::format("the source of {}: {}", token_text(dt), display_text(asked.error().message)));
    }
    return problems;
}

}  // namespace c2d::provider
