#include "client/receipt_check.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

#include <c2d/job_receipt.hpp>

#include <algorithm>

namespace c2d::client {

namespace {

bool is_of_run(const JobReceipt& receipt, const ReleasedRun& run) {
    return receipt.owner == run.run().owner && std::ranges::find(receipt.data, run.run().dt) != receipt.data.end();
}

Result<Unit> check_files(const JobReceipt& receipt, const ReleasedRun& run) {
    for (const auto& file : run.files()) {
        const auto written = std::ranges::find(receipt.outputs, file.name, &ReceiptFile::name);
        if (written != receipt.outputs.end() && written->bytes == file.bytes && written->sha256 == file.sha256)
            continue;
        Error error = fail(
            Status::CORRUPT, "party {} releases another {} than its receipt says: expected {}, found SHA-256 {}",
            run.run().party, file.name,
            written == receipt.outputs.end() ? "none" : "SHA-256 " + hex_text(written->sha256), hex_text(file.sha256));
        error.source = run.run().endpoint;
        error.name = kResultInvalid;
        return error;
    }
    return Unit{};
}

}  // namespace

Result<Unit> check_receipts(const std::vector<std::string>& documents, std::uint64_t job_id, const Chain& chain,
                            const std::vector<ReleasedRun>& runs) {
    for (const auto& document : documents) {
        C2D_TRY(const auto receipt, read_receipt(document));
        const auto run = std::ranges::find_if(runs, [&](const ReleasedRun& r) { return is_of_run(receipt, r); });
        if (receipt.job_id != job_id || run == runs.end())
            return fail(Status::INVALID_ARGUMENT, "expected receipts of the runs of job {}, found that of job {} by {}",
                        job_id, receipt.job_id, address_text(receipt.owner));
        C2D_CHECK(confirm_receipt(receipt, chain));
        C2D_CHECK(check_files(receipt, *run));
    }
    return Unit{};
}

}  // namespace c2d::client
