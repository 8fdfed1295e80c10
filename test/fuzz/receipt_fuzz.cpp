// Receipts and members shown by themselves, as anybody may hand them over: any bytes are read or refused; what is read
// of a member is what its commitment is of, and each member of a receipt that is read can be shown.
#include "codec/json.hpp"
#include "fuzz/fuzz.hpp"
#include "job/receipt_digest.hpp"

#include <c2d/job_receipt.hpp>

using namespace c2d;
using fuzz::require;

namespace {

void check_opened(std::string_view text) {
    const auto member = read_opened_member(text);
    if (!member) return;
    const auto document = json::parse(text.substr(text.find('{')), {kOpenedMemberBytesMax, 32});
    require(document.ok(), "what is read is JSON, behind a mark at most");
    const auto value = json::canonical(*document->find("value"));
    require(value && *value == member->value_json, "the value is the document's");
    const auto salt = job::read_receipt_salt(document->text_at({"salt"}));
    require(salt.ok(), "the salt has its length");
    const auto commitment = job::receipt_commitment(*salt, *document->find("value"));
    require(commitment && document->text_at({"commitments", member->name}) == hex_text(*commitment),
            "the commitment is of salt and value");
    const auto digest = job::digest_of_commitments(*document->find("commitments"));
    require(digest && *digest == member->digest, "the digest is of all commitments");
    require(json::parse(member->to_json(), {kOpenedMemberBytesMax + 4096, 33}).ok(), "what is said of it is JSON");
}

void check_receipt(std::string_view text) {
    const auto receipt = read_receipt(text);
    if (!receipt) return;
    require(receipt->version == 2 || receipt->signer == receipt->owner, "version 1 is by the owner's own key alone");
    require(!receipt->data.empty(), "there is something for a ledger to confirm");
    require(receipt->details.has_value() == (receipt->version == 2), "version 2 alone has details");
    const auto shown = open_receipt_member(text, "outcome");
    require(shown.ok() == (receipt->version == 2), "version 2 alone is shown in part");
    if (!shown) return;
    const auto member = read_opened_member(*shown);
    require(member && member->digest == receipt->digest, "a member leads to the digest of the whole");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    check_opened(fuzz::text_of(data, size));
    check_receipt(fuzz::text_of(data, size));
    return 0;
}
