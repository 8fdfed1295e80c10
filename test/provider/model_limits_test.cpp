/// How many models may score over a table: what a job may yet score counts from its start.
#include "provider/inputs/model_limits.hpp"

#include "provider/state/job_store.hpp"
#include "support/doubles.hpp"
#include "support/temp_dir.hpp"

using namespace c2d;
using namespace c2d::provider;
using mpc::ScoresOpened;
using support::must;
using support::named_id;

namespace {

struct Desk {
    Desk() { must(JobStore::open(file)); }
    /// As each start of the provider does.
    std::shared_ptr<OwnerStore> store() { return must(OwnerStore::open(file)); }

    /// A job that brings no model, over a table that bears so many.
    static JobTerms training(std::uint64_t job_id, std::uint64_t models_max = 1, std::uint32_t attempt = 1) {
        JobTerms out;
        out.job_id = job_id;
        out.algo_dt = named_id("algorithm");
        out.parties = 3;
        out.attempt = attempt;
        out.rules.scores = ScoresOpened::points;
        out.inputs = {{named_id("rows"), "rows.csv", {}, {}, models_max}};
        return out;
    }
    /// What it may open of scores.
    ScoresOpened starts(JobTerms terms) {
        CHECK(must(reserve_models(*store(), terms, files)).accepted());
        return terms.rules.scores;
    }
    void ends(const JobTerms& terms, const std::map<std::string, std::uint64_t>& opened,
              const std::vector<KeptRecordBytes>& kept = {}) {
        must(settle_trained_model(*store(), terms, files, opened, kept));
    }
    std::uint64_t count() { return must(store()->models_with({named_id("rows"), named_id("file")}, {})); }

    support::TempDir place;
    std::filesystem::path file = place / "provider.db";
    std::vector<ReceiptFile> files = {{"rows.csv", 5, named_id("file")}};
};

}  // namespace

TEST_CASE_FIXTURE(Desk, "a job that may score takes a place from its start, and gives it back where it did not") {
    CHECK(starts(training(1)) == ScoresOpened::points);
    CHECK(starts(training(2)) == ScoresOpened::none);
    ends(training(2), {});
    CHECK(count() == 1);
    ends(training(1), {{"auc", 3}});
    CHECK(count() == 0);
    CHECK(starts(training(3)) == ScoresOpened::points);
    ends(training(3), {{"points", 1}});
    CHECK(starts(training(4)) == ScoresOpened::none);
}

TEST_CASE_FIXTURE(Desk, "what it kept counts in the place of the model that was expected") {
    CHECK(starts(training(1)) == ScoresOpened::points);
    std::vector<KeptRecordBytes> kept(1);
    kept[0].binding = named_id("model");
    ends(training(1), {{"probability", 1}}, kept);
    CHECK(count() == 1);
    CHECK(must(store()->models_with({named_id("rows"), {}}, {named_id("model")})) == 1);
}

TEST_CASE_FIXTURE(Desk, "an attempt that ended with the provider counts, whatever the next one opens") {
    CHECK(starts(training(1, 2, 1)) == ScoresOpened::points);
    CHECK(starts(training(1, 2, 2)) == ScoresOpened::points);
    ends(training(1, 2, 2), {});
    CHECK(count() == 1);
}

TEST_CASE_FIXTURE(Desk, "who opens no scores takes no place") {
    JobTerms none = training(1);
    none.rules.scores = ScoresOpened::none;
    CHECK(starts(none) == ScoresOpened::none);
    JobTerms alone = training(2);
    alone.parties = 1;
    starts(alone);
    CHECK(count() == 0);
}
