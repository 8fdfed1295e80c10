#include "provider/inputs/source_answers.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "query/unnamed_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace c2d::provider {

namespace fs = std::filesystem;

Result<SourceAnswers> SourceAnswers::ask(const ProviderOptions& options, const JobTerms& terms, const fs::path& folder,
                                         const CancelToken& cancel) {
    SourceAnswers out;
    for (const auto& input : terms.inputs) {
        const auto source = options.sources.find(input.dt);
        if (input.name.empty() || input.origin || source == options.sources.end()) continue;
        C2D_TRY(auto file, query::unnamed_file(folder));
        options.logger->log(LogLevel::info, fmt::format("job {} party {}: asking the source of {}", terms.job_id,
                                                        terms.party, token_text(input.dt)));
        const auto rows = table::write_source_table(source->second, file.get(), &cancel);
        if (!rows) return fail(rows.status(), "the source of {}: {}", token_text(input.dt), rows.error().message);
        options.logger->log(LogLevel::info, fmt::format("job {} party {}: the source of {} gave {} rows", terms.job_id,
                                                        terms.party, token_text(input.dt), *rows));
        out.files_[input.dt] = std::move(file);
    }
    return out;
}

SourceAnswers::Named::Named(const SourceAnswers& answers, const fs::path& folder) : answers_(answers) {
    for (const auto& [dt, file] : answers.files_) {
        auto name = folder / "inputs" / fmt::format("answer-{}", names_.size());
        if (::linkat(AT_FDCWD, query::path_of(file.get()).c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0)
            names_[dt] = std::move(name);
    }
}

SourceAnswers::Named::~Named() {
    for (const auto& [dt, name] : names_) ::unlink(name.c_str());
}

Result<Fd> SourceAnswers::Named::open(const TokenId& dt) const {
    const auto name = names_.find(dt);
    const std::string path =
        name != names_.end() ? name->second.string() : query::path_of(answers_.files_.at(dt).get());
    Fd out(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!out) return fail(Status::IO, "cannot open the answer of a query: {}", errno_text(errno));
    return out;
}

}  // namespace c2d::provider
