#include "provider/inputs/open_inputs.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "provider/inputs/data_paths.hpp"
#include "provider/inputs/model_inputs.hpp"
#include "provider/state/job_folder.hpp"

#include <algorithm>

namespace c2d::provider {

namespace {

/// Has somebody removed the file, or renamed another over it, since it was opened?
bool is_unlinked(const OpenInput& input) {
    std::error_code error;
    const auto path = std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", input.data.get()), error);
    return !error && path.native().ends_with(" (deleted)");
}

Result<Bytes32> salt_of(const ProviderOptions& options, OwnerStore& owner, const TokenId& dt) {
    Bytes32 fresh;
    C2D_CHECK(options.random->fill(fresh.data));
    return owner.input_salt(dt, fresh);
}

}  // namespace

Result<std::vector<OpenInput>> open_inputs(const ProviderOptions& options, JobStore& store, OwnerStore& owner,
                                           const JobTerms& terms, const SourceAnswers::Named* answers) {
    std::vector<OpenInput> inputs;
    for (const auto& input : terms.inputs) {
        if (input.name.empty()) continue;
        const bool asked = !input.origin && options.sources.contains(input.dt);
        if (asked && !answers) continue;
        C2D_TRY(auto data, input.origin ? open_model_file(options, input)
                           : asked      ? answers->open(input.dt)
                                        : open_data(options, store, input.dt));
        C2D_TRY(const auto salt, salt_of(options, owner, input.dt));
        Sha256 salted;
        salted.update(salt);
        C2D_TRY(const auto print, print_of(data.get(), &salted));
        inputs.push_back({input.dt, std::move(data), {input.name, print.bytes, print.sha256}, salted.finish()});
    }
    return inputs;
}

std::vector<ReceiptFile> prints_of(const std::vector<OpenInput>& inputs) {
    std::vector<ReceiptFile> out;
    out.reserve(inputs.size());
    for (const auto& input : inputs) out.push_back(input.print);
    return out;
}

InputDigests digests_of(unsigned party, const std::vector<OpenInput>& inputs) {
    InputDigests out;
    out.reserve(inputs.size());
    for (const auto& input : inputs) out.push_back({party, input.dt, input.salted});
    return out;
}

Result<Unit> check_published(PublishedTables& published, const JobTerms& terms, const std::vector<OpenInput>& inputs,
                             const CancelToken& cancel) {
    std::string problems;
    for (const auto& open : inputs) {
        const auto input = std::ranges::find(terms.inputs, open.dt, &JobInput::dt);
        auto stated = published.check(*input, open.data.get(), open.print.sha256, &cancel);
        if (!stated && stated.status() != Status::INVALID_ARGUMENT) return stated;
        if (!stated) problems += (problems.empty() ? "" : "; ") + stated.error().message;
    }
    return problems.empty() ? Result<Unit>(Unit{}) : fail(Status::INVALID_ARGUMENT, "{}", problems);
}

Result<std::unique_ptr<SandboxRun>> start_on_inputs(const Sandbox& sandbox, SandboxJob& job,
                                                    std::vector<OpenInput>& inputs,
                                                    const std::function<Result<std::vector<OpenInput>>()>& open,
                                                    const std::function<void()>& opened) {
    constexpr int kTriesMax = 5;
    for (int tries = 1;; ++tries) {
        if (tries > 1) {
            C2D_TRY(auto again, open());
            if (job.engine && digests_of(0, again) != digests_of(0, inputs)) {
                Error error =
                    fail(Status::CONFLICT, "a data file was replaced after the peers were told of its digest");
                error.name = run_end_kind_name(RunEndKind::data_changed);
                return error;
            }
            inputs = std::move(again);
        }
        opened();
        job.inputs.clear();
        for (const auto& input : inputs) job.inputs.push_back({input.print.name, {}, input.data.get()});
        auto started = sandbox.start(job);
        if (started || tries == kTriesMax || !std::ranges::any_of(inputs, is_unlinked)) return started;
    }
}

Result<std::string> changed_input(const std::vector<OpenInput>& inputs) {
    for (const auto& input : inputs) {
        C2D_TRY(const auto print, print_of(input.data.get()));
        if (print != FilePrint{input.print.bytes, input.print.sha256}) return input.print.name;
    }
    return std::string();
}

}  // namespace c2d::provider
