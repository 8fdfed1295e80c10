/// One member of a receipt is shown without the others, and no altered byte of it passes.
#include "job/receipt_digest.hpp"
#include "job/sealed_receipt.hpp"

using namespace c2d;
using namespace c2d::test;
using support::Joint;
using support::must;
using support::named_id;

namespace {

void check_says(const Result<OpenedMember>& read, std::string_view words) {
    REQUIRE_FALSE(read.ok());
    CHECK(read.status() == Status::INVALID_ARGUMENT);
    CHECK_MESSAGE(read.error().message.find(words) != std::string::npos, read.error().message);
}

}  // namespace

TEST_CASE("commitments and digest are those of docs/formats.md") {
    // The numbers are of test/e2e/receipts.py, which shares nothing with the library.
    const auto document = must(json::parse(R"({"version":2,"outcome":"succeeded","disclosures":{"label_counts":2},
        "salts":{"version":"0x00000000000000000000000000000000","outcome":"0x11111111111111111111111111111111",
                 "disclosures":"0x000102030405060708090a0b0c0d0e0f"},"signature":"0x00"})"));
    const auto commitments = must(job::receipt_commitments(document));
    const auto page = support::read_text(C2D_SOURCE_DIR "/docs/formats.md");
    for (const auto& [name, expected] :
         {std::pair("version", "0x864b6b862527ba01720b3791bfa54003114084ccbf6d0ffd76c5447091c88762"),
          std::pair("outcome", "0x4311ffd7584efbb7b70cf9ac5d2ec6249bf51f92b7e21d57f3d55984080273b7"),
          std::pair("disclosures", "0xf191f7631bec1830d41196aec33c9066ceec20930b1ef25f8445081242fe763b")}) {
        CHECK(commitments.text_at({name}) == expected);
        CHECK(page.find(expected) != std::string::npos);
    }
    CHECK(commitments.members().size() == 3);
    const auto digest = hex_text(must(job::receipt_digest(document, 2)));
    CHECK(digest == "0x10f8ff879917827b48494a6d5755b0a5d012ccc0dfab8d163e2ee8804b8e30d5");
    CHECK(page.find(digest) != std::string::npos);
}

TEST_CASE_FIXTURE(SealedReceiptCase, "each member can be shown by itself, and leads to the digest of the whole") {
    const auto sealed = seal();
    const auto document = must(json::parse(sealed.document));
    std::size_t opened = 0;
    for (const auto& entry : document.members()) {
        const auto& name = entry.first;
        if (name == "salts" || name == "signature") continue;
        CAPTURE(name);
        const auto text = must(open_receipt_member(sealed.document, name));
        const auto member = must(read_opened_member(text));
        CHECK(member.job_id == 12);
        CHECK(member.name == name);
        CHECK(member.value_json == must(json::canonical(entry.second)));
        CHECK(member.digest == sealed.digest);
        ++opened;
    }
    CHECK(opened == document.members().size() - 2);
}

TEST_CASE_FIXTURE(SealedReceiptCase, "what is opened tells neither value nor salt of any other member") {
    const auto sealed = seal();
    const auto document = must(json::parse(sealed.document));
    const auto text = must(open_receipt_member(sealed.document, "outcome"));
    CHECK(text.find("\"failed\"") != std::string::npos);
    CHECK(text.find("a.csv") == std::string::npos);
    CHECK(text.find(address_text(draft.solver)) == std::string::npos);
    CHECK(text.find("exited 1") == std::string::npos);
    CHECK(text.find("signature") == std::string::npos);
    for (const auto& [name, salt] : document.find("salts")->members())
        CHECK((text.find(salt.text()) != std::string::npos) == (name == "outcome"));
}

TEST_CASE_FIXTURE(SealedReceiptCase, "members of equal value have commitments that differ") {
    draft.inputs = draft.outputs;
    const auto commitments = must(job::receipt_commitments(must(json::parse(seal().document))));
    CHECK(commitments.text_at({"inputs"}) != commitments.text_at({"outputs"}));
}

TEST_CASE_FIXTURE(SealedReceiptCase, "an opened member that was altered is found") {
    const auto text = must(open_receipt_member(seal().document, "outcome"));
    check_altered(read_opened_member(with(text, "value", "succeeded")));
    check_altered(read_opened_member(with(text, "salt", "0x" + std::string(32, '0'))));
    check_altered(read_opened_member(with(text, "member", "party")));
    auto other = must(json::parse(text));
    other.find("commitments")->set("party", hex_text(keccak256("another")));
    CHECK(must(read_opened_member(json::pretty(other))).digest != must(read_opened_member(text)).digest);
    other.find("commitments")->set("outcome", hex_text(keccak256("another")));
    check_altered(read_opened_member(json::pretty(other)));
}

TEST_CASE_FIXTURE(SealedReceiptCase, "what is no opened member is said to be none, and where") {
    const auto text = must(open_receipt_member(seal().document, "outcome"));
    check_says(read_opened_member("{}"), "\"version\"");
    check_says(read_opened_member(with(text, "version", 1)), "\"version\"");
    check_says(read_opened_member(with(text, "job_id", "12")), "\"job_id\"");
    check_says(read_opened_member(with(text, "member", "salts")), "\"member\"");
    check_says(read_opened_member(with(text, "salt", "0x00")), "\"salt\"");
    check_says(read_opened_member(with(text, "salt", "0x" + std::string(32, 'A'))), "\"salt\"");
    check_says(read_opened_member(with(text, "commitments", json::Array{})), "\"commitments\"");
    auto more = must(json::parse(text));
    more.set("note", "unproven");
    check_says(read_opened_member(json::pretty(more)), "no others");
    auto upper = must(json::parse(text));
    upper.find("commitments")->set("party", "0x" + std::string(64, 'A'));
    check_says(read_opened_member(json::pretty(upper)), "\"commitments\"");
    for (unsigned i = 0; i <= job::kReceiptMembersMax; ++i)
        more.find("commitments")->set(fmt::format("m{}", i), hex_text(keccak256("more")));
    more.erase("note");
    check_says(read_opened_member(json::pretty(more)), "\"commitments\"");
    CHECK_FALSE(read_opened_member(std::string(kOpenedMemberBytesMax + 1, ' ')).ok());
}

TEST_CASE_FIXTURE(SealedReceiptCase, "only receipts that their owner signed are opened, from version 2 on") {
    const auto sealed = seal();
    CHECK(open_receipt_member(sealed.document, "salts").status() == Status::NOT_FOUND);
    CHECK(open_receipt_member(sealed.document, "signature").status() == Status::NOT_FOUND);
    CHECK(open_receipt_member(sealed.document, "nothing").error().message.find("outcome") != std::string::npos);
    check_altered(open_receipt_member(with(sealed.document, "outcome", "succeeded"), "outcome"));
    const auto before = support::read_text(C2D_SOURCE_DIR "/test/job/data/receipt_version_1.json");
    CHECK(open_receipt_member(before, "outcome").status() == Status::UNSUPPORTED);
}

TEST_CASE_FIXTURE(Joint, "the ledger confirms an opened member of a receipt that it holds") {
    build({alone()});
    job::ReceiptDraft draft;
    draft.job_id = job;
    draft.algo_dt = named_id("algo");
    draft.solver = signer("solver").address();
    draft.data = {named_id("single")};
    draft.outcome = ReceiptOutcome::succeeded;
    support::RepeatableRandom salts;
    const auto seal = [&] { return must(job::seal_receipt(draft, chain->network(), signer("bank a"), salts)); };
    const auto open = [](const job::SealedReceipt& sealed, std::string_view member) {
        return must(read_opened_member(must(open_receipt_member(sealed.document, member))));
    };
    const auto sealed = seal();
    CHECK(confirm_opened_member(open(sealed, "attempts"), *chain).error().name == "receipt_not_posted");
    must(chain->post_receipt(signer("bank a"), job, named_id("single"), draft.outcome, sealed.digest));
    for (const auto* member : {"attempts", "job_id", "algo_dt", "solver", "owner", "outcome", "data"}) {
        CAPTURE(std::string(member));
        const auto posted = must(confirm_opened_member(open(sealed, member), *chain));
        REQUIRE(posted.size() == 1);
        CHECK(posted[0].owner == signer("bank a").address());
        CHECK(posted[0].dt == named_id("single"));
    }
    CHECK(confirm_opened_member(open(seal(), "attempts"), *chain).error().name == "receipt_not_posted");
    auto elsewhere = open(sealed, "attempts");
    elsewhere.job_id = 99;
    CHECK(confirm_opened_member(elsewhere, *chain).error().name == "receipt_not_posted");
}

TEST_CASE_FIXTURE(Joint, "an opened member that the ledger knows otherwise is refused") {
    build({alone()});
    job::ReceiptDraft draft;
    draft.job_id = job + 1;
    draft.algo_dt = named_id("another");
    draft.solver = signer("bank a").address();
    draft.data = {named_id("another")};
    draft.outcome = ReceiptOutcome::succeeded;
    support::RepeatableRandom salts;
    // Its owner signs what was not so, and posts that.
    const auto sealed = must(job::seal_receipt(draft, chain->network(), signer("solver"), salts));
    must(chain->post_receipt(signer("bank a"), job, named_id("single"), ReceiptOutcome::failed, sealed.digest));
    for (const auto* member : {"job_id", "algo_dt", "solver", "owner", "outcome", "data"}) {
        CAPTURE(std::string(member));
        auto opened = must(read_opened_member(must(open_receipt_member(sealed.document, member))));
        opened.job_id = job;
        CHECK(confirm_opened_member(opened, *chain).error().name == "receipt_differs");
    }
}
