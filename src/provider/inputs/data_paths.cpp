#include "provider/inputs/data_paths.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "provider/inputs/model_inputs.hpp"
#include "provider/state/job_folder.hpp"

#include <algorithm>

namespace c2d::provider {

namespace fs = std::filesystem;

fs::path configured_path(const fs::path& written) {
    const auto file = fs::absolute(written);
    std::error_code error;
    const auto resolved = fs::canonical(file, error);
    if (!error) return resolved;
    // Of a link that leads nowhere what it names is told, not the link.
    if (const auto target = fs::read_symlink(file, error); !error) return fs::absolute(file.parent_path() / target);
    const auto folder = fs::canonical(file.parent_path(), error);
    return error ? file : folder / file.filename();
}

Result<std::optional<fs::path>> data_path(const ProviderOptions& options, JobStore& store, const TokenId& dt) {
    const auto configured = options.assets.find(dt);
    if (configured != options.assets.end()) return std::optional(configured_path(configured->second));
    C2D_TRY(const auto registered, store.path_of(dt));
    if (!registered) return std::optional<fs::path>();
    return std::optional<fs::path>(*registered);
}

Result<Fd> open_data(const ProviderOptions& options, JobStore& store, const TokenId& dt) {
    C2D_TRY(const auto path, data_path(options, store, dt));
    if (path) return open_data_file(*path);
    return fail(Status::NOT_FOUND, "no data file is known for {}: set assets_path, or register one", token_text(dt));
}

Result<Verdict> check_data(const ProviderOptions& options, JobStore& store, const JobTerms& terms) {
    for (const auto& input : terms.inputs) {
        if (input.origin) {
            if (const auto there = check_model(options, input); !there)
                return Verdict::refuse(Reason::data_unavailable, token_text(input.dt), "the artifact that it names",
                                       there.error().message);
            continue;
        }
        if (input.name.empty()) continue;
        if (const auto source = options.sources.find(input.dt); source != options.sources.end()) {
            const auto there = table::check_source_access(source->second, table::SourceCheck::files);
            if (!there)
                return Verdict::refuse(Reason::data_unavailable, token_text(input.dt), "a source that can be asked",
                                       there.error().message);
            continue;
        }
        const auto data = open_data(options, store, input.dt);
        if (!data)
            return Verdict::refuse(Reason::data_unavailable, token_text(input.dt), "a data file that can be opened",
                                   data.error().message);
    }
    return Verdict::accept();
}

void warn_of_missing_data(const ProviderOptions& options, JobStore& store) {
    for (const auto& [dt, path] : options.assets)
        if (const auto data = open_data(options, store, dt); !data)
            options.logger->log(LogLevel::warn, fmt::format("the data of {} cannot be opened, jobs on them are refused "
                                                            "as data_unavailable: {}",
                                                            token_text(dt), data.error().message));
    for (const auto& [dt, source] : options.sources)
        if (const auto asked = table::check_source_access(source, table::SourceCheck::database); !asked)
            options.logger->log(LogLevel::warn, fmt::format("the source of {} cannot be asked, jobs on it fail: {}",
                                                            token_text(dt), asked.error().message));
}

std::optional<fs::path> registrable_path(const ProviderOptions& options, const fs::path& path) {
    std::error_code error;
    if (fs::is_symlink(fs::symlink_status(path, error))) return std::nullopt;
    const auto wanted = fs::canonical(path, error);
    if (error || !fs::is_regular_file(wanted, error)) return std::nullopt;
    const bool allowed = std::ranges::any_of(options.registrable, [&wanted](const fs::path& entry) {
        std::error_code ignored;
        const auto root = fs::canonical(entry, ignored);
        if (ignored) return false;
        if (wanted == root) return true;
        const auto [end, unused] = std::mismatch(root.begin(), root.end(), wanted.begin(), wanted.end());
        return fs::is_directory(root, ignored) && end == root.end();
    });
    return allowed ? std::optional<fs::path>(wanted) : std::nullopt;
}

}  // namespace c2d::provider
