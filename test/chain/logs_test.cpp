#include "chain/contract_calls.hpp"
#include "support/ledger.hpp"

using namespace c2d;
using support::Ledger;
using support::must;
using support::named_id;

namespace {

/// Blocks 5…: mint a, mint b, mint x, mint y, grants a→x, b→x, a→y, and one refused grant.
struct Granted : Ledger {
    support::CountingSigner& bank = organisation("bank");
    support::CountingSigner& solver = organisation("solver");
    std::uint64_t first_grant = 0;

    Granted() {
        for (const auto& [owner, id, leaf] : {std::tuple(&bank, "a", true), std::tuple(&bank, "b", true),
                                              std::tuple(&solver, "x", false), std::tuple(&solver, "y", false)})
            must(chain->mint(*owner, named_id(id), leaf, keccak256("d"), "Qm"));
        first_grant = must(chain->grant(bank, named_id("a"), named_id("x"))).block_number;
        must(chain->grant(bank, named_id("b"), named_id("x")));
        must(chain->grant(bank, named_id("a"), named_id("y")));
        CHECK(chain->grant(bank, named_id("a"), named_id("y")).status() == Status::REFUSED);
    }
    LogFilter grants() {
        LogFilter filter;
        filter.address = chain->network().contracts.dt_factory;
        filter.topics[0] = contracts::dt_factory::kDataTokenGranted.topic;
        return filter;
    }
    std::size_t count(const LogFilter& filter) { return must(chain->node().logs(filter)).size(); }
};

}  // namespace

TEST_CASE_FIXTURE(Granted, "logs are found by contract and by each topic, in order") {
    auto filter = grants();
    const auto all = must(chain->node().logs(filter));
    REQUIRE(all.size() == 4);
    for (std::size_t i = 0; i < all.size(); ++i) CHECK(all[i].block_number == first_grant + i);
    CHECK(all[0].transaction == must(chain->node().receipt(all[0].transaction))->transaction);
    filter.topics[1] = named_id("a");
    CHECK(count(filter) == 3);
    filter.topics[2] = named_id("y");
    CHECK(count(filter) == 2);
    filter.topics[3] = Bytes32{};
    CHECK(count(filter) == 1);
    filter.topics[2] = named_id("nobody");
    CHECK(count(filter) == 0);
}

TEST_CASE_FIXTURE(Granted, "logs of another contract are not found") {
    auto filter = grants();
    filter.address = chain->network().contracts.task_market;
    CHECK(count(filter) == 0);
    filter.topics = {};
    CHECK(count(filter) == 0);
    filter.address = chain->network().contracts.asset_provider;
    CHECK(count(filter) == 4);
}

TEST_CASE_FIXTURE(Granted, "a range of blocks holds both its ends, and only them") {
    auto filter = grants();
    filter.from_block = first_grant + 1;
    CHECK(count(filter) == 3);
    filter.to_block = first_grant + 1;
    CHECK(count(filter) == 1);
    filter.from_block = first_grant + 2;
    CHECK(count(filter) == 0);
    filter.from_block = 0;
    filter.to_block = first_grant - 1;
    CHECK(count(filter) == 0);
    filter.from_block = UINT64_MAX;
    filter.to_block = UINT64_MAX;
    CHECK(count(filter) == 0);
    filter.from_block = std::uint64_t(1) << 63;
    CHECK(count(filter) == 0);
}

TEST_CASE_FIXTURE(Granted, "grants are read both ways, refused ones are left out") {
    const auto of = must(chain->grants_of(named_id("a")));
    REQUIRE(of.size() == 2);
    CHECK(of[0].dt == named_id("a"));
    CHECK(of[0].grantee == named_id("x"));
    CHECK(of[0].owner == bank.address());
    CHECK(of[0].block_number == first_grant);
    CHECK_FALSE(of[0].transaction.is_zero());
    CHECK(of[1].grantee == named_id("y"));
    const auto to = must(chain->grants_to(named_id("x")));
    REQUIRE(to.size() == 2);
    CHECK(to[0].dt == named_id("a"));
    CHECK(to[1].dt == named_id("b"));
    CHECK(must(chain->grants_of(named_id("x"))).empty());
}

TEST_CASE_FIXTURE(Granted, "jobs of a composition are found, refused ones are left out") {
    must(chain->start_compose(solver, named_id("x"), {named_id("a"), named_id("b")}));
    const auto task = must(chain->create_task(bank, "t", ""));
    must(chain->add_job(solver, named_id("x"), task));
    CHECK_FALSE(chain->add_job(bank, named_id("x"), task).ok());
    must(chain->add_job(solver, named_id("x"), task));
    const auto jobs = must(chain->jobs_of(named_id("x")));
    REQUIRE(jobs.size() == 2);
    CHECK(jobs[0].id == 1);
    CHECK(jobs[1].id == 2);
    CHECK(jobs[1].task == task);
    CHECK(must(chain->jobs_of(named_id("y"))).empty());
}
