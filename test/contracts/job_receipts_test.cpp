#include "contracts/rig.hpp"

using namespace c2d;
using namespace c2d::contracts;
namespace f = contracts::job_receipts;

namespace {

/// A job of "cdt", which is composed of the bank's "leaf" and of "inner", made of the broker's "deep".
struct Receipts : Rig {
    const Address at = block.contracts.job_receipts;

    Receipts() {
        for (const char* name : {"bank", "broker", "solver"}) organisation(name);
        const Address factory = block.contracts.dt_factory;
        for (const auto& [owner, id, leaf] :
             {std::tuple("bank", "leaf", true), std::tuple("broker", "deep", true), std::tuple("bank", "other", true),
              std::tuple("broker", "inner", false), std::tuple("solver", "cdt", false)})
            send(owner, factory, dt_factory::kMint,
                 {token(id), address(owner), Value::of(leaf), word("document"), text("Qm1")});
        send("broker", factory, dt_factory::kGrant, {token("deep"), token("inner")});
        send("broker", factory, dt_factory::kStartCompose, {token("inner"), tokens({"deep"})});
        send("broker", factory, dt_factory::kGrant, {token("inner"), token("cdt")});
        send("bank", factory, dt_factory::kGrant, {token("leaf"), token("cdt")});
        send("solver", factory, dt_factory::kStartCompose, {token("cdt"), tokens({"leaf", "inner"})});
        send("solver", block.contracts.task_market, task_market::kCreateTask, {text("t"), text("")});
        REQUIRE(send("solver", block.contracts.task_market, task_market::kAddJob, {token("cdt"), number(1)}).code ==
                kSuccess);
    }
    Outcome post(std::string_view from, std::uint64_t job, std::string_view dt, std::uint64_t outcome = 1,
                 const char* digest = "receipt") {
        return send(from, at, f::kPost,
                    {number(job), token(dt), number(outcome), *digest ? word(digest) : Value::of(Bytes32{})});
    }
    Values get(std::uint64_t job, std::string_view dt) { return view(at, f::kGet, {number(job), token(dt)}); }
};

const Values kNone = {Value::of(Address{}), number(0), Value::of(Bytes32{}), number(0), number(0)};

}  // namespace

TEST_CASE_FIXTURE(Receipts, "the owner of a token in the job posts once, at any depth") {
    CHECK(get(1, "leaf") == kNone);
    const auto outcome = post("bank", 1, "leaf", 2);
    REQUIRE(outcome.logs.size() == 1);
    check_event(outcome.logs[0], at, f::kReceiptPosted,
                {number(1), token("leaf"), address("bank"), number(2), word("receipt"), number(kSuccess)});
    const Values stored = {address("bank"), number(2), word("receipt"), number(block.number), number(block.time)};
    CHECK(get(1, "leaf") == stored);
    check_refused(post("bank", 1, "leaf", 1, "another"), kReceiptExists);
    CHECK(get(1, "leaf") == stored);
    CHECK(post("broker", 1, "deep").code == kSuccess);
    CHECK(post("broker", 1, "inner", 5).code == kSuccess);
}

TEST_CASE_FIXTURE(Receipts, "others, other tokens and other jobs are refused") {
    check_refused(post("bank", 2, "leaf"), kJobUnknown);
    check_refused(post("bank", 0, "leaf"), kJobUnknown);
    check_refused(post("bank", 1, "other"), kTokenNotInJob);
    check_refused(post("solver", 1, "cdt"), kTokenNotInJob);
    check_refused(post("bank", 1, "nowhere"), kTokenNotInJob);
    check_refused(post("solver", 1, "leaf"), kNoPermission);
    check_refused(post("broker", 1, "leaf"), kNoPermission);
    CHECK(get(1, "leaf") == kNone);
    const auto far =
        send("bank", at, f::kPost,
             {Value::uint256(keccak256(std::string_view("far"))), token("leaf"), number(1), word("receipt")});
    check_refused(far, kJobUnknown);
}

TEST_CASE_FIXTURE(Receipts, "an outcome lies in 1 to 5 and a digest is not zero") {
    check_refused(post("bank", 1, "leaf", 0), kReceiptMalformed);
    check_refused(post("bank", 1, "leaf", 6), kReceiptMalformed);
    check_refused(post("bank", 1, "leaf", 1, ""), kReceiptMalformed);
    // A number that is 1 in its low 64 bits only.
    Bytes32 wide;
    wide.data[0] = wide.data[31] = 1;
    check_refused(send("bank", at, f::kPost, {number(1), token("leaf"), Value::uint256(wide), word("receipt")}),
                  kReceiptMalformed);
    CHECK(post("bank", 1, "leaf", 5).code == kSuccess);
}

TEST_CASE_FIXTURE(Receipts, "TaskMarket says where receipts stand, DTFactory what is below") {
    CHECK(view(block.contracts.task_market, task_market::kJobReceipts, {})[0] == Value::of(at));
    const auto below = [&](const char* cdt, const char* dt) {
        return holds(block.contracts.dt_factory, dt_factory::kIsBelow, {token(cdt), token(dt)});
    };
    CHECK(below("cdt", "leaf"));
    CHECK(below("cdt", "inner"));
    CHECK(below("cdt", "deep"));
    CHECK(below("inner", "deep"));
    CHECK_FALSE(below("inner", "leaf"));
    CHECK_FALSE(below("cdt", "cdt"));
    CHECK_FALSE(below("leaf", "leaf"));
    CHECK_FALSE(below("nowhere", "leaf"));
}

namespace {

struct Disclosed : Receipts {
    Outcome show(std::string_view dt, const Values& kinds, const Values& counts, std::string_view from = "bank",
                 std::uint64_t job = 1) {
        return send(from, at, f::kPostDisclosed,
                    {number(job), token(dt), number(1), word("receipt"), Value::list(kinds), Value::list(counts)});
    }
    Values shown(std::string_view composer, std::string_view kind, std::string_view dt = "leaf") {
        return view(at, f::kGetDisclosures, {token(dt), address(composer), word(kind)});
    }
    void legal(std::string_view name, std::string_view id) {
        REQUIRE(send("admin", block.contracts.asset_provider, asset_provider::kUpdateOrganisation,
                     {address(name), text(name), text(""), text(id)})
                    .code == kSuccess);
    }
    std::uint64_t next_job() {
        REQUIRE(send("solver", block.contracts.task_market, task_market::kAddJob, {token("cdt"), number(1)}).code ==
                kSuccess);
        return view(block.contracts.task_market, task_market::kGetJobNum, {})[0].number();
    }
};

}  // namespace

TEST_CASE_FIXTURE(Disclosed, "what a receipt shows is added up, of the solver's organisation and over all") {
    const auto outcome = show("leaf", {word("labels"), word("means")}, {number(7), number(1ull << 32)});
    REQUIRE(outcome.logs.size() == 1);
    check_event(outcome.logs[0], at, f::kReceiptPosted,
                {number(1), token("leaf"), address("bank"), number(1), word("receipt"), number(kSuccess)});
    CHECK(get(1, "leaf")[0] == address("bank"));
    CHECK(shown("solver", "labels") == Values{number(7), number(7)});
    CHECK(shown("bank", "labels") == Values{number(0), number(7)});
    CHECK(shown("solver", "labels", "deep") == Values{number(0), number(0)});
    // A legal id that comes later loses nothing, and joins its addresses.
    legal("solver", "DE:HRB1");
    CHECK(shown("solver", "labels") == Values{number(7), number(7)});
    REQUIRE(show("leaf", {word("labels")}, {number(3)}, "bank", next_job()).code == kSuccess);
    legal("broker", "DE:HRB1");
    CHECK(shown("broker", "labels") == Values{number(10), number(10)});
    legal("solver", "");
    CHECK(shown("solver", "labels") == Values{number(10), number(10)});
}

TEST_CASE_FIXTURE(Disclosed, "disclosures that are none are malformed, after all other checks") {
    const Values kinds = {word("labels"), word("labels")}, counts = {number(1), number(1)};
    check_refused(show("leaf", kinds, counts, "bank", 2), kJobUnknown);
    check_refused(show("other", kinds, counts), kTokenNotInJob);
    check_refused(show("leaf", kinds, counts, "broker"), kNoPermission);
    check_refused(show("leaf", kinds, counts), kReceiptMalformed);
    check_refused(show("leaf", {word("labels")}, {}), kReceiptMalformed);
    check_refused(show("leaf", {}, {number(1)}), kReceiptMalformed);
    check_refused(show("leaf", {Value::of(Bytes32{})}, {number(1)}), kReceiptMalformed);
    check_refused(show("leaf", {word("labels")}, {number((1ull << 32) + 1)}), kReceiptMalformed);
    Values many, ones;
    for (int i = 0; i < 33; ++i) many.push_back(word(std::to_string(i))), ones.push_back(number(1));
    check_refused(show("leaf", many, ones), kReceiptMalformed);
    many.pop_back(), ones.pop_back();
    CHECK(show("leaf", many, ones).code == kSuccess);
    check_refused(show("leaf", kinds, counts), kReceiptExists);
    CHECK(show("deep", {}, {}, "broker").code == kSuccess);
    block.edition = 1;
    CHECK(reverts(at, f::kPostDisclosed,
                  {number(1), token("inner"), number(1), word("r"), Value::list({}), Value::list({})}));
    CHECK(reverts(at, f::kGetDisclosures, {token("leaf"), address("solver"), word("labels")}));
}
