/// Receipts: what is sealed is read back, and no altered byte passes.
#include "job/receipt.hpp"

#include "support/joint.hpp"

using namespace c2d;
using support::Joint;
using support::must;
using support::named_address;
using support::named_id;

namespace {

struct Sealed {
    NetworkInfo network;
    std::shared_ptr<PrivateKey> owner = must(PrivateKey::from_bytes(Bytes(32, 7)));
    support::RepeatableRandom random;
    job::ReceiptDraft draft;

    Sealed() {
        network.chain_id = 4503599627370495;
        network.contracts.dt_factory = named_address("DTFactory");
        network.salt = keccak256("salt");
        draft.job_id = 12;
        draft.party = 1;
        draft.algo_dt = named_id("algo");
        draft.solver = named_address("solver");
        draft.data = {named_id("rows a"), named_id("rows b")};
        draft.outcome = ReceiptOutcome::failed;
        draft.code_sha256 = sha256(as_bytes("code"));
        draft.inputs = {{"a.csv", 1 << 20, sha256(as_bytes("a"))}};
        draft.outputs = {{"log.txt", 5, sha256(as_bytes("out"))}};
        draft.run = json::Value::object({{"outcome", "exited 1"}, {"ended", 1'800'000'000}});
    }
    job::SealedReceipt seal() { return must(job::seal_receipt(draft, network, *owner, random)); }
};

void check_altered(const Result<JobReceipt>& read) {
    REQUIRE_FALSE(read.ok());
    CHECK(read.status() == Status::REFUSED);
    CHECK(read.error().name == "receipt_altered");
}

/// The document with one member replaced, written anew.
std::string with(const std::string& document, std::string_view member, json::Value value) {
    auto body = must(json::parse(document));
    REQUIRE(body.find(member));
    body.set(member, std::move(value));
    return json::pretty(body);
}

}  // namespace

TEST_CASE_FIXTURE(Sealed, "a sealed receipt says what was drawn up, in any layout of its text") {
    const auto sealed = seal();
    const auto read = must(read_receipt(sealed.document));
    CHECK(read.digest == sealed.digest);
    CHECK(read.chain_id == network.chain_id);
    CHECK(read.job_id == 12);
    CHECK(read.party == 1);
    CHECK(read.algo_dt == draft.algo_dt);
    CHECK(read.solver == draft.solver);
    CHECK(read.owner == owner->address());
    CHECK(read.data == draft.data);
    CHECK(read.outcome == ReceiptOutcome::failed);
    CHECK(read.code_sha256 == draft.code_sha256);
    REQUIRE(read.inputs.size() == 1);
    CHECK(read.inputs[0].name == "a.csv");
    CHECK(read.inputs[0].bytes == 1 << 20);
    CHECK(read.inputs[0].sha256 == draft.inputs[0].sha256);
    REQUIRE(read.outputs.size() == 1);
    CHECK(read.outputs[0].name == "log.txt");
    const auto compact = json::compact(must(json::parse(sealed.document)));
    CHECK(must(read_receipt(compact)).digest == sealed.digest);
    CHECK(must(read_receipt(must(json::canonical(must(json::parse(compact)))))).digest == sealed.digest);
}

TEST_CASE_FIXTURE(Sealed, "two receipts of one run have digests that cannot be guessed from it") {
    CHECK(seal().digest != seal().digest);
}

TEST_CASE_FIXTURE(Sealed, "every member is signed") {
    const auto document = seal().document;
    check_altered(read_receipt(with(document, "job_id", 13)));
    check_altered(read_receipt(with(document, "party", 0)));
    check_altered(read_receipt(with(document, "outcome", "succeeded")));
    check_altered(read_receipt(with(document, "algo_dt", token_text(named_id("other")))));
    check_altered(read_receipt(with(document, "solver", address_text(named_address("other")))));
    check_altered(read_receipt(with(document, "owner", address_text(named_address("other")))));
    check_altered(read_receipt(with(document, "code_sha256", hex_text(keccak256("other")))));
    check_altered(read_receipt(with(document, "salt", hex_text(keccak256("other")))));
    check_altered(read_receipt(with(document, "data", json::Array{token_text(named_id("rows a"))})));
    check_altered(read_receipt(with(document, "inputs", json::Array{})));
    check_altered(read_receipt(with(document, "outputs", json::Array{})));
    check_altered(read_receipt(with(document, "run", "exited 0")));
    auto network_of = must(json::parse(document));
    network_of.find("network")->set("chain_id", "1");
    check_altered(read_receipt(json::pretty(network_of)));
    // So is every member that this version does not know.
    auto more = must(json::parse(document));
    more.set("note", "added");
    check_altered(read_receipt(json::pretty(more)));
}

TEST_CASE_FIXTURE(Sealed, "any flipped bit is found") {
    const auto document = seal().document;
    for (std::size_t at = 0; at < document.size(); at += 7) {
        std::string bad = document;
        bad[at] = char(bad[at] ^ (1 << (at % 7)));
        const auto read = read_receipt(bad);
        // White space between tokens is not part of what is signed.
        if (read.ok()) CHECK(read->digest == must(read_receipt(document)).digest);
        if (read.ok()) CHECK((document[at] == ' ' || document[at] == '\n'));
    }
}

TEST_CASE_FIXTURE(Sealed, "what is no receipt is said to be none, and where") {
    const auto document = seal().document;
    const auto says = [](const Result<JobReceipt>& read, std::string_view words) {
        REQUIRE_FALSE(read.ok());
        CHECK(read.status() == Status::INVALID_ARGUMENT);
        CHECK_MESSAGE(read.error().message.find(words) != std::string::npos, read.error().message);
    };
    says(read_receipt("{}"), "\"version\"");
    says(read_receipt(with(document, "version", 2)), "\"version\"");
    says(read_receipt(with(document, "outcome", "perhaps")), "\"outcome\"");
    says(read_receipt(with(document, "job_id", "12")), "\"job_id\"");
    says(read_receipt(with(document, "data", json::Value())), "\"data\"");
    says(read_receipt(with(document, "data", json::Array{})), "\"data\"");
    says(read_receipt(with(document, "signature", "0x00")), "\"signature\"");
    says(read_receipt(with(document, "network", json::Value())), "\"network");
    CHECK_FALSE(read_receipt("[]").ok());
    CHECK_FALSE(read_receipt("").ok());
    CHECK_FALSE(read_receipt(std::string(kReceiptBytesMax + 1, ' ')).ok());
}

TEST_CASE_FIXTURE(Sealed, "a receipt over no data is not sealed: no ledger could deny it") {
    draft.data.clear();
    CHECK(job::seal_receipt(draft, network, *owner, random).status() == Status::INVALID_ARGUMENT);
}

TEST_CASE_FIXTURE(Joint, "the ledger confirms exactly the receipt that was posted") {
    build({alone()});
    job::ReceiptDraft draft;
    draft.job_id = job;
    draft.algo_dt = named_id("algo");
    draft.solver = signer("solver").address();
    draft.data = {named_id("single")};
    draft.outcome = ReceiptOutcome::succeeded;
    support::RepeatableRandom salts;
    const auto seal = [&] { return must(job::seal_receipt(draft, chain->network(), signer("bank a"), salts)); };
    const auto sealed = seal();
    const auto receipt = must(read_receipt(sealed.document));
    CHECK(confirm_receipt(receipt, *chain).error().name == "receipt_not_posted");
    must(chain->post_receipt(signer("bank a"), job, named_id("single"), draft.outcome, sealed.digest));
    CHECK(confirm_receipt(receipt, *chain).ok());
    CHECK(confirm_receipt(must(read_receipt(seal().document)), *chain).error().name == "receipt_differs");
    const auto check_changed = [&](auto change, std::string_view name) {
        auto other = receipt;
        change(other);
        const auto confirmed = confirm_receipt(other, *chain);
        REQUIRE(confirmed.status() == Status::REFUSED);
        CHECK(confirmed.error().name == name);
    };
    check_changed([](auto& r) { ++r.chain_id; }, "receipt_differs");
    check_changed([](auto& r) { r.algo_dt = named_id("another"); }, "receipt_differs");
    check_changed([&](auto& r) { r.solver = signer("bank a").address(); }, "receipt_differs");
    check_changed([](auto& r) { r.job_id = 99; }, "receipt_not_posted");
}
