// dt-cli job receipt: how a job ended, from the ledger, from a provider's document or one member of it, or from both.

#include "base/beneath.hpp"
#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/try.hpp"
#include "base/written_text.hpp"
#include "crypto/hash.hpp"
#include "job/values.hpp"
#include "tools/cli/command.hpp"

#include <c2d/job_receipt.hpp>

#include <array>
#include <unistd.h>

namespace c2d::cli {

namespace {

using json::Value;
namespace fs = std::filesystem;

Result<Bytes32> sha256_of(const PlainFile& file) {
    Sha256 hash;
    std::array<std::uint8_t, 65536> part;
    for (ssize_t got; (got = ::read(file.fd.get(), part.data(), part.size())) != 0;) {
        if (got < 0) return fail(Status::IO, "cannot read a file of the job folder: {}", errno_text(errno));
        hash.update(BytesView(part).first(std::size_t(got)));
    }
    return hash.finish();
}

Error differs(const std::string& path, const Bytes32& expected, const std::string& found) {
    Error error = fail(Status::REFUSED, "{} is not what the run used or wrote: expected SHA-256 {}, found {}",
                       display_text(path), hex_text(expected), found);
    error.name = "receipt_differs";
    return error;
}

/// The code and the outputs in a job folder are those of the receipt; how many files were compared.
Result<std::size_t> check_folder(const JobReceipt& receipt, const fs::path& path) {
    std::vector<std::pair<std::string, Bytes32>> expected;
    if (!receipt.code_sha256.is_zero()) expected.emplace_back("code", receipt.code_sha256);
    for (const auto& file : receipt.outputs) expected.emplace_back("outputs/" + file.name, file.sha256);
    C2D_TRY(const Fd folder, open_folder(path));
    for (const auto& [name, sha256] : expected) {
        // Signed by the owner, but a name all the same that comes from a file we were handed.
        const auto file = open_plain_file_beneath(folder.get(), name);
        if (!file) return differs(name, sha256, "no such plain file in this folder");
        C2D_TRY(const auto found, sha256_of(*file));
        if (found != sha256) return differs(name, sha256, hex_text(found));
    }
    return expected.size();
}

/// "auc 5, sum 1".
std::string counts_text(const std::map<std::string, std::uint64_t>& counts) {
    std::string out;
    for (const auto& [kind, count] : counts)
        out += fmt::format("{}{} {}", out.empty() ? "" : ", ", display_text(kind), count);
    return out;
}

struct Receipt {
    static constexpr About about{"receipt", "how a job ended, and whether a receipt is true",
                                 "dt-cli job receipt --file receipt.json --folder job --job_id 1"};
    std::uint64_t job_id = 0;
    std::string file, folder, member, out, opened;

    void declare(Args& args) {
        auto* of_job = args.number("--job_id", job_id, "ask the ledger");
        auto* of_file = args.optional("--file", file, "a provider's receipt.json to check (offline)");
        args.optional("--folder", folder, "compare code and outputs in this job folder with --file")->needs(of_file);
        args.optional("--member", member, "show this member of --file by itself, with its salt")->needs(of_file);
        args.optional("--out", out, "the file to write --member to (default: show it)")->needs("--member");
        auto* of_opened = args.optional("--check", opened, "a member that was shown by itself, to check");
        of_opened->excludes(of_file);
        args.require_one({of_job, of_file, of_opened}, "--job_id, --file or --check");
    }
    Result<int> run(Session& session) {
        if (!opened.empty()) return check_opened(session);
        if (!member.empty()) return open_member(session);
        return file.empty() ? list_posted(session) : check_document(session);
    }
    Result<int> check_document(const Session& session) const;
    Result<int> open_member(const Session& session) const;
    Result<int> check_opened(const Session& session) const;
    Result<int> list_posted(const Session& session) const;
};

/// Checks a document, with the ledger only where --job_id asks for it.
Result<int> Receipt::check_document(const Session& session) const {
    C2D_TRY(const auto text, read_written_file(file, kReceiptBytesMax));
    C2D_TRY(const auto receipt, read_receipt(text));
    Value body = to_value(receipt);
    std::string people = fmt::format("job {}  party {}  {}\nsigned by {}: yes\n", receipt.job_id, receipt.party,
                                     receipt_outcome_name(receipt.outcome), address_text(receipt.signer));
    if (receipt.signer != receipt.owner)
        people += fmt::format("in the name of {}: {}\n", address_text(receipt.owner),
                              job_id == 0 ? "the ledger tells, with --job_id" : "as the ledger has it");
    if (receipt.details && !receipt.details->disclosures.empty())
        people += fmt::format("opened: {}\n", counts_text(receipt.details->disclosures));
    body.set("signature", "valid");
    if (!folder.empty()) {
        C2D_TRY(const auto compared, check_folder(receipt, folder));
        body.set("files_compared", std::uint64_t(compared));
        people += fmt::format("files of {} as the receipt says: {}\n", folder, compared);
    }
    if (job_id != 0) {
        if (job_id != receipt.job_id)
            return fail(Status::INVALID_ARGUMENT, "expected the receipt of job {}, found that of job {}", job_id,
                        receipt.job_id);
        C2D_TRY(const auto registry, session.registry());
        C2D_CHECK(confirm_receipt(receipt, registry.chain()));
        body.set("ledger", "holds it");
        people += fmt::format("on the ledger for {} data tokens: yes\n", receipt.data.size());
    }
    session.output.answer(body, people + "digest " + hex_text(receipt.digest) + "\n");
    return 0;
}

/// Makes a document of one member of the file.
Result<int> Receipt::open_member(const Session& session) const {
    C2D_TRY(const auto text, read_written_file(file, kReceiptBytesMax));
    C2D_TRY(const auto shown, open_receipt_member(text, member));
    C2D_TRY(const auto read, read_opened_member(shown));
    if (out.empty()) {
        C2D_TRY(const auto body, json::parse(shown, {kOpenedMemberBytesMax, 32}));
        session.output.answer(body, shown);
        return 0;
    }
    if (std::error_code ignored; fs::exists(fs::symlink_status(out, ignored)))
        return fail(Status::CONFLICT, "{} is there already; name another file for --out", out);
    C2D_CHECK(write_file_atomic(out, shown, 0600));
    session.output.answer(Value::object(
        {{"job_id", read.job_id}, {"member", read.name}, {"digest", hex_text(read.digest)}, {"path", out}}));
    return 0;
}

/// Checks one member, with the ledger where --job_id asks for it.
Result<int> Receipt::check_opened(const Session& session) const {
    C2D_TRY(const auto text, read_written_file(opened, kOpenedMemberBytesMax));
    C2D_TRY(const auto read, read_opened_member(text));
    Value body = to_value(read);
    std::string people = fmt::format("job {}  {}: {}\nof the receipt with the digest {}: yes\n", read.job_id,
                                     display_text(read.name), display_line(read.value_json), hex_text(read.digest));
    if (job_id == 0) {
        session.output.answer(body, people + "on the ledger: not asked; name the job with --job_id\n");
        return 0;
    }
    if (job_id != read.job_id)
        return fail(Status::INVALID_ARGUMENT, "expected a member of a receipt of job {}, found one of job {}", job_id,
                    read.job_id);
    C2D_TRY(const auto registry, session.registry());
    C2D_TRY(const auto posted, confirm_opened_member(read, registry.chain()));
    body.set("posted", json::list_of(posted));
    for (const auto& receipt : posted)
        people += fmt::format("on the ledger, posted by {} for {} as {}\n", address_text(receipt.owner),
                              token_text(receipt.dt), receipt_outcome_name(receipt.outcome));
    session.output.answer(body, people);
    return 0;
}

/// What the ledger holds of a job.
Result<int> Receipt::list_posted(const Session& session) const {
    C2D_TRY(const auto registry, session.registry());
    const Chain& chain = registry.chain();
    C2D_CHECK(chain.job(job_id));
    C2D_TRY(const auto receipts, chain.receipts_of(job_id));
    json::Array rows;
    std::string text;
    for (const auto& receipt : receipts) {
        rows.push_back(to_value(receipt));
        text += fmt::format("{}  {}  {}  {}  block {}\n", token_text(receipt.dt), address_text(receipt.owner),
                            receipt_outcome_name(receipt.outcome), hex_text(receipt.digest), receipt.block_number);
    }
    session.output.answer(Value::object({{"job_id", job_id}, {"receipts", std::move(rows)}}),
                          text.empty() ? "no receipts\n" : text);
    return 0;
}

}  // namespace

void add_job_receipt(const Group& job) { job.add<Receipt>(); }

}  // namespace c2d::cli
