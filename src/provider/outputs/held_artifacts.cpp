#include "provider/outputs/held_artifacts.hpp"

#include "artifact/values.hpp"
#include "base/try.hpp"
#include "job/values.hpp"
#include "provider/outputs/kept_outputs.hpp"

#include <algorithm>

namespace c2d::provider {

namespace fs = std::filesystem;
using json::Value;

namespace {

bool is_of(const ReceiptArtifact& named, const Artifact& artifact) {
    return named.name == artifact.name && named.sha256 == artifact.sha256 && named.binding == artifact.binding;
}

/// Nothing while the run has no receipt that names it.
Result<std::optional<ArtifactOrigin>> origin_of(JobStore& store, const Artifact& artifact) {
    std::optional<ArtifactOrigin> out;
    C2D_TRY(const auto document, store.receipt_document(artifact.job_id, artifact.party));
    if (document.empty()) return out;
    const auto receipt = read_receipt(document);
    if (!receipt || !receipt->details || receipt->algo_dt != artifact.algo_dt) return out;
    const auto& named = receipt->details->artifacts;
    if (std::ranges::none_of(named, [&](const ReceiptArtifact& one) { return is_of(one, artifact); })) return out;
    out.emplace(ArtifactOrigin{
        artifact.job_id, artifact.party, artifact.name, artifact.sha256, artifact.binding, receipt->data[0], {}});
    C2D_TRY(out->receipt_json, open_receipt_member(document, "artifacts"));
    return out;
}

}  // namespace

Result<Value> held_artifacts(const ProviderOptions& options, JobStore& store, std::uint64_t job_id) {
    json::Array out;
    std::error_code ignored;
    if (!fs::is_directory(artifact_folder(options.exec_dirpath, options.organisation), ignored)) return Value(out);
    C2D_TRY(const auto artifacts, open_artifacts(options));
    C2D_TRY(auto all, artifacts.list());
    if (job_id != 0) std::erase_if(all, [job_id](const Artifact& one) { return one.job_id != job_id; });
    const auto listed = std::min(all.size(), kArtifactsListedMax);
    for (auto one = all.end() - std::ptrdiff_t(listed); one != all.end(); ++one) {
        Value row = to_value(*one);
        if (job_id != 0 && !one->destroyed) {
            C2D_TRY(const auto origin, origin_of(store, *one));
            if (origin) row.set("origin", to_value(*origin));
        }
        out.push_back(std::move(row));
    }
    return Value(std::move(out));
}

}  // namespace c2d::provider
