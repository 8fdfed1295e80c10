/// The databases behind a run's tokens: asked once a run, each answer a table file without a name.
#pragma once

#include "base/file.hpp"

#include <c2d/provider.hpp>

namespace c2d::provider {

class SourceAnswers {
public:
    /// Asks for every input whose token has a source; answers lie in `folder`, which is the run's. In the owner's
    /// words, as `table::write_source_table`; `cancelled`.
    static Result<SourceAnswers> ask(const ProviderOptions& options, const JobTerms& terms,
                                     const std::filesystem::path& folder, const CancelToken& cancel);

    /// While it lasts answers have names below `folder`/inputs, since what is to be shown in a sandbox needs one. Where
    /// the file system gives none, the sandbox takes a copy.
    class Named {
    public:
        Named(const SourceAnswers& answers, const std::filesystem::path& folder);
        ~Named();
        Named(const Named&) = delete;
        Named& operator=(const Named&) = delete;
        /// The answer for a token that has a source, for reading alone.
        Result<Fd> open(const TokenId& dt) const;

    private:
        const SourceAnswers& answers_;
        std::map<TokenId, std::filesystem::path> names_;
    };

private:
    std::map<TokenId, Fd> files_;
};

}  // namespace c2d::provider
