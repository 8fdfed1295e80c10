/// What waits for the owner, and what the owner closed.
#include "provider/state/owner_store.hpp"
#include "provider/state/job_store.hpp"
#include "support/doubles.hpp"
#include "support/temp_dir.hpp"

using namespace c2d;
using provider::OwnerStore;
using support::must;
using support::named_address;
using support::named_id;

namespace {

struct Desk {
    Desk() { must(provider::JobStore::open(file)); }
    std::shared_ptr<OwnerStore> open() { return must(OwnerStore::open(file)); }
    static WaitingGrant request(const std::string& cdt, const std::string& composer, std::uint64_t since) {
        return {named_id("rows"), named_id(cdt), named_address(composer), since};
    }

    support::TempDir place;
    std::filesystem::path file = place / "provider.db";
};

}  // namespace

TEST_CASE_FIXTURE(Desk, "a request waits once, over restarts, until it is removed") {
    must(open()->add_waiting(request("one", "solver", 5)));
    must(open()->add_waiting(request("one", "solver", 9)));
    must(open()->add_waiting(request("two", "solver", 3)));
    auto waiting = must(open()->waiting());
    REQUIRE(waiting.size() == 2);
    CHECK(waiting[0].cdt == named_id("two"));
    CHECK(waiting[1].cdt == named_id("one"));
    CHECK(waiting[1].composer == named_address("solver"));
    CHECK(waiting[1].since == 5);
    must(open()->remove_waiting(named_id("rows"), named_id("two")));
    waiting = must(open()->waiting());
    REQUIRE(waiting.size() == 1);
    CHECK(waiting[0].cdt == named_id("one"));
}

TEST_CASE_FIXTURE(Desk, "beyond the bound whoever has most requests loses the oldest") {
    const auto store = open();
    must(store->add_waiting(request("honest", "honest", 0)));
    for (std::size_t i = 1; i <= OwnerStore::kWaitingMax; ++i)
        must(store->add_waiting(request("flood " + std::to_string(i), "flood", i)));
    const auto waiting = must(store->waiting());
    CHECK(waiting.size() == OwnerStore::kWaitingMax);
    CHECK(waiting[0].cdt == named_id("honest"));
    CHECK(waiting[1].cdt == named_id("flood 2"));
}

TEST_CASE_FIXTURE(Desk, "a token stays closed until it is opened") {
    const auto rows = named_id("rows");
    CHECK_FALSE(must(open()->is_closed(rows)));
    CHECK(must(open()->set_closed(rows, true)));
    CHECK_FALSE(must(open()->set_closed(rows, true)));
    CHECK(must(open()->is_closed(rows)));
    CHECK(must(provider::check_open(*open(), rows)).reason == Reason::token_closed);
    CHECK_FALSE(must(open()->is_closed(named_id("others"))));
    CHECK(must(open()->set_closed(rows, false)));
    CHECK(must(provider::check_open(*open(), rows)).accepted());
}

TEST_CASE_FIXTURE(Desk, "a token has one salt, over restarts") {
    const auto first = must(open()->input_salt(named_id("rows"), named_id("fresh")));
    CHECK(first == named_id("fresh"));
    CHECK(must(open()->input_salt(named_id("rows"), named_id("fresher"))) == first);
    CHECK(must(open()->input_salt(named_id("others"), named_id("fresher"))) == named_id("fresher"));
}

TEST_CASE_FIXTURE(Desk, "a peer's input stays the same under a grant, over restarts, until it is given anew") {
    const OwnerStore::GivenGrant grant{named_id("rows"), named_id("algorithm"), 1};
    const auto theirs = [](const char* table, const char* others = "o1") {
        return std::vector<OwnerStore::PeerInput>{{named_id("others"), named_id(others)},
                                                  {named_id("table"), named_id(table)}};
    };
    const auto note = [&](const OwnerStore::GivenGrant& under, const std::vector<OwnerStore::PeerInput>& inputs,
                          std::uint64_t job) { return must(open()->note_peer_inputs(under, inputs, job, 0)); };
    CHECK_FALSE(note(grant, theirs("d1"), 1));
    CHECK_FALSE(note(grant, theirs("d1"), 2));
    CHECK(note(grant, theirs("d2"), 3) == named_id("table"));
    CHECK(note(grant, theirs("d1", "o2"), 3) == named_id("others"));
    // Nothing of a job that was refused stands.
    CHECK_FALSE(note(grant, theirs("d1"), 4));
    // Under another grant, or this one given anew on the ledger, others are right.
    CHECK_FALSE(note({grant.dt, named_id("another"), 1}, theirs("d2"), 5));
    CHECK_FALSE(note({grant.dt, grant.grantee, 2}, theirs("d3"), 6));
    CHECK(note({grant.dt, grant.grantee, 2}, theirs("d1"), 7) == named_id("table"));
    must(open()->renew_peer_inputs(grant.dt, grant.grantee));
    CHECK_FALSE(note(grant, theirs("d2"), 8));
    CHECK(note({grant.dt, named_id("another"), 1}, theirs("d1"), 9) == named_id("table"));
}

TEST_CASE_FIXTURE(Desk, "a run of which nothing was learned binds no later one") {
    const OwnerStore::GivenGrant grant{named_id("rows"), named_id("algorithm"), 1};
    const auto note = [&](const char* digest, std::uint64_t job, unsigned party) {
        return must(open()->note_peer_inputs(grant, {{named_id("table"), named_id(digest)}}, job, party));
    };
    CHECK_FALSE(note("d1", 1, 0));
    CHECK_FALSE(note("d1", 1, 1));
    must(open()->forget_peer_inputs(1, 0));
    CHECK(note("d2", 2, 0).has_value());
    must(open()->forget_peer_inputs(1, 1));
    CHECK_FALSE(note("d2", 2, 0).has_value());
}

TEST_CASE_FIXTURE(Desk, "models over a table are counted once each, over restarts, and no more than its owner allows") {
    const OwnerStore::ScoredTable table{named_id("rows"), named_id("file")};
    const auto one = named_id("one"), two = named_id("two"), three = named_id("three");
    CHECK(must(open()->add_models(table, 1, {one}, 2)));
    CHECK(must(open()->add_models(table, 2, {one}, 1)));
    CHECK(must(open()->add_models(table, 3, {two, one}, 2)));
    CHECK_FALSE(must(open()->add_models(table, 4, {three}, 2)));
    CHECK(must(open()->models_with(table, {})) == 2);
    CHECK(must(open()->models_with(table, {three})) == 3);
    CHECK(must(open()->models_with(table, {one})) == 2);
    CHECK(must(open()->models_with({named_id("others"), named_id("another file")}, {one})) == 1);
}

TEST_CASE_FIXTURE(Desk,
                  "another token over the same file, and another file behind the same token, begin where they stood") {
    const auto one = named_id("one"), two = named_id("two");
    CHECK(must(open()->add_models({named_id("rows"), named_id("file")}, 1, {one}, 1)));
    CHECK_FALSE(must(open()->add_models({named_id("later token"), named_id("file")}, 2, {two}, 1)));
    CHECK_FALSE(must(open()->add_models({named_id("rows"), named_id("later file")}, 2, {two}, 1)));
    // A file that is not known is nobody's.
    CHECK(must(open()->add_models({named_id("third"), {}}, 3, {two}, 1)));
    CHECK(must(open()->add_models({named_id("fourth"), {}}, 3, {one}, 1)));
}

TEST_CASE_FIXTURE(Desk, "a model that was expected to score, and did not, leaves its place") {
    const OwnerStore::ScoredTable table{named_id("rows"), named_id("file")};
    CHECK(must(open()->add_models(table, 1, {named_id("one")}, 1)));
    CHECK_FALSE(must(open()->add_models(table, 2, {named_id("two")}, 1)));
    must(open()->remove_model(2, named_id("one")));
    CHECK_FALSE(must(open()->add_models(table, 2, {named_id("two")}, 1)));
    must(open()->remove_model(1, named_id("one")));
    CHECK(must(open()->add_models(table, 2, {named_id("two")}, 1)));
}

TEST_CASE_FIXTURE(Desk, "counts of labels are used up over jobs, tokens of the same file and restarts") {
    const OwnerStore::ScoredTable table{named_id("rows"), named_id("file")},
        renamed{named_id("more"), named_id("file")}, other{named_id("other"), named_id("another file")},
        unknown{named_id("rows"), {}};
    CHECK(must(open()->label_counts_used(table)) == 0);
    CHECK(must(open()->reserve_label_counts(table, 1, 0, 60, 100, 0)));
    // What a run may yet open is not there for another.
    CHECK(must(open()->label_counts_used(renamed)) == 60);
    CHECK(must(open()->label_counts_used(unknown)) == 60);
    CHECK(must(open()->label_counts_used(other)) == 0);
    CHECK_FALSE(must(open()->reserve_label_counts(renamed, 2, 0, 41, 100, 0)));
    must(open()->settle_label_counts(1, 0, 30));
    CHECK(must(open()->label_counts_used(table)) == 30);
    must(open()->settle_label_counts(1, 0, 30));  // once
    CHECK(must(open()->label_counts_used(table)) == 30);
    CHECK(must(open()->reserve_label_counts(renamed, 2, 0, 41, 100, 0)));
    // The first token is known to stand for the same file.
    CHECK(must(open()->label_counts_used(unknown)) == 71);
    must(open()->settle_label_counts(2, 0, 0));
    // A second attempt of the first job adds to it, and what the ledger tells counts where it is more.
    CHECK(must(open()->reserve_label_counts(table, 1, 0, 20, 100, 0)));
    must(open()->settle_label_counts(1, 0, 20));
    CHECK(must(open()->label_counts_used(table)) == 50);
    // An attempt that ended with the provider counts with all that it had reserved, whatever the next one opens.
    CHECK(must(open()->reserve_label_counts(renamed, 5, 0, 10, 100, 0)));
    must(open()->spend_reserved_label_counts(5, 0));
    CHECK(must(open()->reserve_label_counts(renamed, 5, 0, 10, 100, 0)));
    must(open()->settle_label_counts(5, 0, 0));
    CHECK(must(open()->label_counts_used(table)) == 60);
    CHECK_FALSE(must(open()->reserve_label_counts(table, 3, 0, 11, 100, 90)));
    CHECK(must(open()->reserve_label_counts(table, 3, 0, 10, 100, 90)));
    CHECK_FALSE(must(open()->reserve_label_counts(table, 4, 0, 1, 10, 90)));
}
