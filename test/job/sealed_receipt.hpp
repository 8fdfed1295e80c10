/// A receipt that is drawn up, and its text with parts replaced.
#pragma once

#include "base/version.hpp"
#include "job/receipt.hpp"
#include "support/joint.hpp"

namespace c2d::test {

struct SealedReceiptCase {
    NetworkInfo network;
    std::shared_ptr<PrivateKey> owner = support::must(PrivateKey::from_bytes(Bytes(32, 7)));
    support::RepeatableRandom random;
    job::ReceiptDraft draft;

    SealedReceiptCase() {
        network.chain_id = 4503599627370495;
        network.contracts.dt_factory = support::named_address("DTFactory");
        network.salt = keccak256("salt");
        draft.job_id = 12;
        draft.party = 1;
        draft.algo_dt = support::named_id("algo");
        draft.solver = support::named_address("solver");
        draft.data = {support::named_id("rows a"), support::named_id("rows b")};
        draft.outcome = ReceiptOutcome::failed;
        draft.code_sha256 = sha256(as_bytes("code"));
        draft.inputs = {{"a.csv", 1 << 20, sha256(as_bytes("a"))}};
        draft.outputs = {{"log.txt", 5, sha256(as_bytes("out"))}};
        draft.details.artifacts = {{"weights", "model", sha256(as_bytes("schema")), 800, sha256(as_bytes("weights")),
                                    sha256(as_bytes("binding"))}};
        draft.details.disclosures = {{"auc", 1}, {"label_counts", 2}};
        draft.details.attempts = 1;
        draft.details.runtime = {"", sha256(as_bytes("library")), sha256(as_bytes("package"))};
        draft.details.input_digests = {{0, draft.data[0], sha256(as_bytes("salt and file"))},
                                       {1, draft.algo_dt, sha256(as_bytes("theirs"))}};
        draft.details.alignments = {{{9000, 8500}, 7650}};
        draft.details.rules = {sha256(as_bytes("rule"))};
        draft.run = json::Value::object({{"outcome", "exited 1"}, {"ended", 1'800'000'000}});
    }
    job::SealedReceipt seal() { return support::must(job::seal_receipt(draft, network, *owner, random)); }
};

/// The document with one member replaced, written anew.
inline std::string with(const std::string& document, std::string_view member, json::Value value) {
    auto body = support::must(json::parse(document));
    REQUIRE(body.find(member));
    body.set(member, std::move(value));
    return json::pretty(body);
}

template <class T>
void check_altered(const Result<T>& read) {
    REQUIRE_FALSE(read.ok());
    CHECK(read.status() == Status::REFUSED);
    CHECK(read.error().name == "receipt_altered");
}

}  // namespace c2d::test
