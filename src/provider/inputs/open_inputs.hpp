/// The data files of one run: opened before its operator starts, and looked at again when that has ended.
#pragma once

#include "base/file.hpp"
#include "provider/inputs/input_digests.hpp"
#include "provider/inputs/published_tables.hpp"
#include "provider/inputs/source_answers.hpp"
#include "provider/state/job_store.hpp"
#include "provider/state/owner_store.hpp"

#include <c2d/provider.hpp>
#include <c2d/sandbox.hpp>

#include <functional>

namespace c2d::provider {

/// A data file that a run reads: the operator is shown this very file, not a copy.
struct OpenInput {
    TokenId dt;
    Fd data;
    ReceiptFile print;
    /// SHA-256 of the token's salt and the file.
    Bytes32 salted;
};

/// Opens the data of the run and notes what they are. Without `answers`, those that come out of a database are left
/// out.
Result<std::vector<OpenInput>> open_inputs(const ProviderOptions& options, JobStore& store, OwnerStore& owner,
                                           const JobTerms& terms, const SourceAnswers::Named* answers);
/// What the receipt says of them, and what the peers of `party` are told.
std::vector<ReceiptFile> prints_of(const std::vector<OpenInput>& inputs);
InputDigests digests_of(unsigned party, const std::vector<OpenInput>& inputs);
/// Fails with `invalid_argument` and all that is wrong, for the owner, where tables are not what their documents state.
Result<Unit> check_published(PublishedTables& published, const JobTerms& terms, const std::vector<OpenInput>& inputs,
                             const CancelToken& cancel);
/// Starts the operator on what was opened. A file that was replaced since can no longer be shown, since a mount needs a
/// name: then the one that replaced it is opened by `open`; where the peers were told of its digest, only another copy
/// of the same will do. `opened` is called before each start, when `inputs` are what the operator will see.
Result<std::unique_ptr<SandboxRun>> start_on_inputs(const Sandbox& sandbox, SandboxJob& job,
                                                    std::vector<OpenInput>& inputs,
                                                    const std::function<Result<std::vector<OpenInput>>()>& open,
                                                    const std::function<void()>& opened);
/// The name of an input that is not what it was before the operator started; empty when all are. A file
/// that was replaced by another does not count: the operator went on with the old one.
Result<std::string> changed_input(const std::vector<OpenInput>& inputs);

}  // namespace c2d::provider
