#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/written_json.hpp"
#include "job/receipt.hpp"
#include "job/receipt_digest.hpp"

#include <algorithm>

namespace c2d {

using json::Value;

namespace {

constexpr unsigned kVersion = 2;

Error malformed(std::string_view member, std::string_view expected) {
    return fail(Status::INVALID_ARGUMENT, "this is no opened member of a receipt: expected {} at \"{}\"", expected,
                member);
}

Error refused(std::string name, std::string message) {
    Error error = fail(Status::REFUSED, "{}", message);
    error.name = std::move(name);
    return error;
}

std::string names_of(const Value& commitments) {
    std::string names;
    for (const auto& [name, commitment] : commitments.members())
        names += (names.empty() ? "" : " ") + display_text(name);
    return names;
}

/// Texts of 0x and 64 lower-case digits, so that there is one text of each.
bool are_commitments(const Value& object) {
    return object.is_object() && object.members().size() <= job::kReceiptMembersMax &&
           std::ranges::all_of(object.members(), [](const json::Member& member) {
               const auto bytes = parse_bytes32(member.second.text());
               return bytes && hex_text(*bytes) == member.second.text();
           });
}

}  // namespace

Result<std::string> open_receipt_member(std::string_view receipt, std::string_view member) {
    C2D_TRY(const auto read, job::read_receipt_document(receipt));
    if (read.receipt.version < kVersion)
        return fail(Status::UNSUPPORTED,
                    "a receipt of version {} can only be shown as a whole; from version {} on one "
                    "member can be shown by itself",
                    read.receipt.version, kVersion);
    C2D_TRY(auto commitments, job::receipt_commitments(read.document));
    if (!commitments.find(member))
        return fail(Status::NOT_FOUND, "the receipt has no member \"{}\"; expected one of {}", display_text(member),
                    names_of(commitments));
    const Value opened = Value::object({{"version", kVersion},
                                        {"job_id", read.receipt.job_id},
                                        {"member", member},
                                        {"value", *read.document.find(member)},
                                        {"salt", read.document.text_at({job::kReceiptSalts, member})},
                                        {"commitments", std::move(commitments)}});
    return json::pretty(opened) + "\n";
}

Result<OpenedMember> read_opened_member(std::string_view document) {
    C2D_TRY(const auto opened, json::parse_written(document, {kOpenedMemberBytesMax, 32}));
    const Value *version = opened.find("version"), *job_id = opened.find("job_id"), *value = opened.find("value"),
                *commitments = opened.find("commitments");
    if (!version || version->as_uint() != kVersion) return malformed("version", fmt::format("{}", kVersion));
    if (!job_id || !job_id->as_uint()) return malformed("job_id", "a whole number");
    if (!commitments || !are_commitments(*commitments))
        return malformed("commitments", fmt::format("an object of at most {} digests, 0x and 64 lower-case digits each",
                                                    job::kReceiptMembersMax));
    OpenedMember out{*job_id->as_uint(), opened.text_at({"member"}), {}, {}};
    if (!commitments->find(out.name)) return malformed("member", "the name of one that there is a commitment for");
    if (!value) return malformed("value", "the member's value");
    const auto salt = job::read_receipt_salt(opened.text_at({"salt"}));
    if (!salt) return malformed("salt", "16 bytes, 0x and 32 lower-case digits");
    // Nothing else may stand in a document that is shown as proven.
    if (opened.members().size() != 6) return malformed("", "six members and no others");
    C2D_TRY(out.value_json, json::canonical(*value));
    C2D_TRY(const auto commitment, job::receipt_commitment(*salt, *value));
    if (commitments->text_at({out.name}) != hex_text(commitment))
        return refused("receipt_altered",
                       fmt::format("\"{}\" or its salt was altered: expected the commitment {}, found {}",
                                   display_text(out.name), commitments->text_at({out.name}), hex_text(commitment)));
    C2D_TRY(out.digest, job::digest_of_commitments(*commitments));
    return out;
}

namespace {

/// What the ledger itself says of a member; nothing for one that it does not know.
std::optional<Value> known_to_ledger(std::string_view member, const JobRecord& record, const PostedReceipt& posted) {
    if (member == "job_id") return record.id;
    if (member == "algo_dt") return token_text(record.cdt);
    if (member == "solver") return address_text(record.solver);
    if (member == "owner") return address_text(posted.owner);
    if (member == "outcome") return receipt_outcome_name(posted.outcome);
    return std::nullopt;
}

/// Whether an opened value is what the ledger says of the same receipt.
bool fits(const OpenedMember& member, const Value& value, const JobRecord& record, const PostedReceipt& posted) {
    if (member.name == "data")
        return std::ranges::any_of(value.items(), [&](const Value& dt) { return dt.text() == token_text(posted.dt); });
    const auto known = known_to_ledger(member.name, record, posted);
    return !known || json::equal(*known, value);
}

/// Those of `posted` in whose block the key that signed the receipt acted for the owner.
Result<std::vector<PostedReceipt>> signed_in_time(const Value& signer, std::vector<PostedReceipt> posted,
                                                  const Chain& chain) {
    C2D_TRY(const auto key, parse_address(signer.text()));
    std::vector<PostedReceipt> out;
    for (auto& receipt : posted) {
        C2D_TRY(const bool acted, chain.acted_for(key, receipt.owner, KeyUse::work, receipt.block_number));
        if (acted) out.push_back(std::move(receipt));
    }
    if (!out.empty()) return out;
    return refused("receipt_signer",
                   fmt::format("the key {} did not act for the receipt's owner {} in block {}, where it was posted",
                               address_text(key), address_text(posted[0].owner), posted[0].block_number));
}

}  // namespace

Result<std::vector<PostedReceipt>> confirm_opened_member(const OpenedMember& member, const Chain& chain) {
    const auto record = chain.job(member.job_id);
    if (!record && record.status() == Status::NOT_FOUND) return refused("receipt_not_posted", record.error().message);
    if (!record) return record.error();
    C2D_TRY(auto posted, chain.receipts_of(member.job_id));
    std::erase_if(posted, [&](const PostedReceipt& receipt) { return receipt.digest != member.digest; });
    if (posted.empty())
        return refused("receipt_not_posted",
                       fmt::format("expected a receipt of job {} with the digest {} on the ledger, "
                                   "found none",
                                   member.job_id, hex_text(member.digest)));
    C2D_TRY(const auto value, json::parse(member.value_json, {kOpenedMemberBytesMax, 32}));
    std::erase_if(posted, [&](const PostedReceipt& receipt) { return !fits(member, value, *record, receipt); });
    if (posted.empty())
        return refused("receipt_differs",
                       fmt::format("the ledger says another \"{}\" of job {} than the receipt, which says {}",
                                   display_text(member.name), member.job_id, display_text(member.value_json)));
    return member.name == "signer" ? signed_in_time(value, std::move(posted), chain) : std::move(posted);
}

}  // namespace c2d
