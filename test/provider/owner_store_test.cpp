/// What waits for the owner, and what the owner closed.
#include "provider/owner_store.hpp"
#include "provider/job_store.hpp"
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
