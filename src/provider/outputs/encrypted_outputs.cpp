#include "provider/outputs/encrypted_outputs.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "provider/state/job_folder.hpp"

#include <c2d/age.hpp>

#include <algorithm>

namespace c2d::provider {

namespace fs = std::filesystem;

namespace {

/// A name that no output has.
constexpr const char* kUnfinished = "outputs.encrypting";

Result<Unit> encrypt_in_place(const fs::path& folder, const JobTerms& terms, Random& random, OutputFile& output) {
    const auto plain = folder / "outputs" / output.name, unfinished = folder / kUnfinished;
    std::error_code error;
    fs::remove(unfinished, error);
    C2D_CHECK(age_encrypt_file(plain, terms.results_to, unfinished, random));
    C2D_TRY(const Fd file, open_data_file(unfinished));
    C2D_TRY(const auto print, print_of(file.get()));
    fs::rename(unfinished, plain, error);
    if (error) return fail(Status::IO, "cannot put {} in its place: {}", plain.string(), error.message());
    output.bytes = print.bytes;
    output.sha256 = print.sha256;
    return Unit{};
}

}  // namespace

Result<Unit> encrypt_outputs(const JobRun& run, const JobTerms& terms, Random& random, Report& report) {
    for (auto& output : report.outputs) {
        const bool released = std::ranges::find(terms.output_names, output.name) != terms.output_names.end();
        if (released) C2D_CHECK(encrypt_in_place(run.folder, terms, random, output));
    }
    return Unit{};
}

}  // namespace c2d::provider
