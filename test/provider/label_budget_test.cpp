/// How many counts of labels a job may still open: over attempts, one of which ended with the provider.
#include "provider/inputs/label_budget.hpp"

#include "provider/state/job_store.hpp"
#include "support/ledger.hpp"
#include "support/temp_dir.hpp"

#include <fmt/format.h>

using namespace c2d;
using namespace c2d::provider;
using support::must;
using support::named_address;
using support::named_id;

namespace {

struct Desk {
    Desk() { must(JobStore::open(file)); }
    /// As each start of the provider does.
    std::shared_ptr<OwnerStore> store() { return must(OwnerStore::open(file)); }

    static JobTerms asking(std::uint64_t job_id, std::uint64_t counts, std::size_t budget = 20) {
        JobTerms out;
        out.job_id = job_id;
        out.solver = named_address("solver");
        out.parties = 3;
        out.rules.label_counts = budget;
        out.args_json = fmt::format("{{\"model_args\":{{\"open_counts\":{}}}}}", counts);
        out.inputs = {{named_id("rows"), "rows.csv", {}, {}, 0}};
        return out;
    }
    bool starts(JobTerms terms) {
        const auto verdict = must(reserve_label_counts(*store(), *ledger, terms, files));
        return verdict.accepted();
    }
    void ends(const JobTerms& terms, std::uint64_t opened) {
        must(settle_label_counts(*store(), terms, {{"label_counts", opened}}));
    }

    support::TempDir place;
    std::filesystem::path file = place / "provider.db";
    support::Ledger ledger;
    std::vector<ReceiptFile> files = {{"rows.csv", 5, named_id("file")}};
};

}  // namespace

TEST_CASE_FIXTURE(Desk,
                  "what an attempt had set aside when its provider ended stays spent, whatever the next one opens") {
    CHECK(starts(asking(1, 10)));
    // Nobody said what that opened; the next attempt opens nothing.
    CHECK(starts(asking(1, 10)));
    ends(asking(1, 10), 0);
    CHECK(starts(asking(2, 10)));
    ends(asking(2, 10), 10);
    CHECK_FALSE(starts(asking(3, 1)));
}

TEST_CASE_FIXTURE(Desk, "what an attempt did not open is there again") {
    for (int attempt = 0; attempt < 3; ++attempt) {
        CHECK(starts(asking(1, 20)));
        ends(asking(1, 20), 0);
    }
    CHECK(starts(asking(2, 20)));
    CHECK_FALSE(starts(asking(3, 1)));
}
