/// Receipts: what is sealed is read back, and no altered byte passes.
#include "job/sealed_receipt.hpp"

using namespace c2d;
using namespace c2d::test;
using support::Joint;
using support::must;
using support::named_address;
using support::named_id;

TEST_CASE_FIXTURE(SealedReceiptCase, "a sealed receipt says what was drawn up, in any layout of its text") {
    const auto sealed = seal();
    const auto read = must(read_receipt(sealed.document));
    CHECK(read.digest == sealed.digest);
    CHECK(read.chain_id == network.chain_id);
    CHECK(read.job_id == 12);
    CHECK(read.party == 1);
    CHECK(read.algo_dt == draft.algo_dt);
    CHECK(read.solver == draft.solver);
    CHECK(read.version == 2);
    CHECK(read.owner == owner->address());
    CHECK(read.signer == owner->address());
    CHECK(read.data == draft.data);
    CHECK(read.outcome == ReceiptOutcome::failed);
    CHECK(read.code_sha256 == draft.code_sha256);
    REQUIRE(read.inputs.size() == 1);
    CHECK(read.inputs[0].name == "a.csv");
    CHECK(read.inputs[0].bytes == 1 << 20);
    CHECK(read.inputs[0].sha256 == draft.inputs[0].sha256);
    REQUIRE(read.outputs.size() == 1);
    CHECK(read.outputs[0].name == "log.txt");
    REQUIRE(read.details);
    REQUIRE(read.details->artifacts.size() == 1);
    CHECK(read.details->artifacts[0].name == "weights");
    CHECK(read.details->artifacts[0].kind == "model");
    CHECK(read.details->artifacts[0].schema_sha256 == draft.details.artifacts[0].schema_sha256);
    CHECK(read.details->artifacts[0].bytes == 800);
    CHECK(read.details->artifacts[0].sha256 == draft.details.artifacts[0].sha256);
    CHECK(read.details->artifacts[0].binding == draft.details.artifacts[0].binding);
    CHECK(read.details->disclosures == draft.details.disclosures);
    CHECK(read.details->attempts == 1);
    CHECK(read.details->runtime.version == kVersionText);
    CHECK(read.details->runtime.library_sha256 == draft.details.runtime.library_sha256);
    CHECK(read.details->runtime.package_sha256 == draft.details.runtime.package_sha256);
    CHECK(read.details->input_digests == draft.details.input_digests);
    REQUIRE(read.details->alignments.size() == 1);
    CHECK(read.details->alignments[0].rows[1] == 8500);
    CHECK(read.details->alignments[0].common == 7650);
    CHECK(read.details->rules == draft.details.rules);
    const auto compact = json::compact(must(json::parse(sealed.document)));
    CHECK(must(read_receipt(compact)).digest == sealed.digest);
    CHECK(must(read_receipt(must(json::canonical(must(json::parse(compact)))))).digest == sealed.digest);
}

TEST_CASE("a receipt of version 1 is read as it was signed, and says no more than it does") {
    const auto document = support::read_text(C2D_SOURCE_DIR "/test/job/data/receipt_version_1.json");
    const auto read = must(read_receipt(document));
    CHECK(read.version == 1);
    CHECK(hex_text(read.digest) == "0xc447b3e0027e08517b11fdf54012f2df2a729b992ed18500458a3005ac9107ae");
    CHECK(read.signer == read.owner);
    CHECK(read.outcome == ReceiptOutcome::succeeded);
    CHECK_FALSE(read.details);
    CHECK(read.to_json().find("attempts") == std::string::npos);
    check_altered(read_receipt(with(document, "party", 1)));
    // Called another version, it lacks what that one has.
    CHECK(read_receipt(with(document, "version", 2)).status() == Status::INVALID_ARGUMENT);
}

TEST_CASE_FIXTURE(SealedReceiptCase, "a receipt of version 2 is none of version 1") {
    auto document = must(json::parse(seal().document));
    document.set("version", 1);
    check_altered(read_receipt(json::pretty(document)));
}

TEST_CASE_FIXTURE(SealedReceiptCase, "a receipt that another key signed for the owner is not the owner's") {
    const auto other = must(PrivateKey::from_bytes(Bytes(32, 8)));
    check_altered(read_receipt(with(seal().document, "signer", address_text(other->address()))));
    // Signed by the signer that it names, who is another than its owner: whether it might, the ledger tells.
    const auto text = support::read_text(C2D_SOURCE_DIR "/test/fuzz/corpus/receipt/another_signer");
    const auto foreign = must(read_receipt(text));
    CHECK(foreign.signer != foreign.owner);
    CHECK(read_receipt(support::read_text(C2D_SOURCE_DIR "/test/fuzz/corpus/receipt/version_2")).ok());
}

TEST_CASE_FIXTURE(SealedReceiptCase, "a salt belongs to each member, and to nothing else") {
    const auto document = seal().document;
    const auto check_none = [](const json::Value& changed) {
        CHECK(read_receipt(json::pretty(changed)).status() == Status::INVALID_ARGUMENT);
    };
    auto other = must(json::parse(document));
    other.find("salts")->set("outcome", "0x" + std::string(32, '0'));
    check_altered(read_receipt(json::pretty(other)));
    other.find("salts")->set("outcome", "0x00");
    check_none(other);
    auto missing = must(json::parse(document));
    missing.find("salts")->erase("outcome");
    check_none(missing);
    auto more = must(json::parse(document));
    more.find("salts")->set("nothing", "0x" + std::string(32, '0'));
    check_none(more);
    auto none = must(json::parse(document));
    none.erase("salts");
    check_none(none);
}

TEST_CASE_FIXTURE(SealedReceiptCase, "two receipts of one run have digests that cannot be guessed from it") {
    CHECK(seal().digest != seal().digest);
}

TEST_CASE_FIXTURE(SealedReceiptCase, "every member is signed") {
    const auto document = seal().document;
    check_altered(read_receipt(with(document, "job_id", 13)));
    check_altered(read_receipt(with(document, "party", 0)));
    check_altered(read_receipt(with(document, "outcome", "succeeded")));
    check_altered(read_receipt(with(document, "algo_dt", token_text(named_id("other")))));
    check_altered(read_receipt(with(document, "solver", address_text(named_address("other")))));
    check_altered(read_receipt(with(document, "owner", address_text(named_address("other")))));
    check_altered(read_receipt(with(document, "code_sha256", hex_text(keccak256("other")))));
    check_altered(read_receipt(with(document, "data", json::Array{token_text(named_id("rows a"))})));
    check_altered(read_receipt(with(document, "inputs", json::Array{})));
    check_altered(read_receipt(with(document, "outputs", json::Array{})));
    check_altered(read_receipt(with(document, "artifacts", json::Array{})));
    check_altered(read_receipt(with(document, "disclosures", json::Object{})));
    check_altered(read_receipt(with(document, "attempts", 2)));
    auto runtime_of = must(json::parse(document));
    runtime_of.find("runtime")->set("version", "0.2.0");
    check_altered(read_receipt(json::pretty(runtime_of)));
    check_altered(read_receipt(with(document, "run", "exited 0")));
    auto network_of = must(json::parse(document));
    network_of.find("network")->set("chain_id", "1");
    check_altered(read_receipt(json::pretty(network_of)));
    // So is every member that this version does not know.
    auto more = must(json::parse(document));
    more.set("note", "added");
    more.find("salts")->set("note", "0x" + std::string(32, '0'));
    check_altered(read_receipt(json::pretty(more)));
}

TEST_CASE_FIXTURE(SealedReceiptCase, "any flipped bit is found") {
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

TEST_CASE_FIXTURE(SealedReceiptCase, "what is no receipt is said to be none, and where") {
    const auto document = seal().document;
    const auto says = [](const Result<JobReceipt>& read, std::string_view words) {
        REQUIRE_FALSE(read.ok());
        CHECK(read.status() == Status::INVALID_ARGUMENT);
        CHECK_MESSAGE(read.error().message.find(words) != std::string::npos, read.error().message);
    };
    says(read_receipt("{}"), "\"version\"");
    says(read_receipt(with(document, "version", 3)), "\"version\"");
    says(read_receipt(with(document, "version", 0)), "\"version\"");
    says(read_receipt(with(document, "signer", "")), "\"signer\"");
    says(read_receipt(with(document, "artifacts", json::Object())), "\"artifacts\"");
    says(read_receipt(with(document, "disclosures", json::Array{})), "\"disclosures\"");
    says(read_receipt(with(document, "attempts", "1")), "\"attempts\"");
    says(read_receipt(with(document, "runtime", json::Object())), "\"version\"");
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

TEST_CASE_FIXTURE(SealedReceiptCase, "a receipt over no data is not sealed: no ledger could deny it") {
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
