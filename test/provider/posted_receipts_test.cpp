/// Receipts that the ledger lost go back to `pending`; others are left alone.
#include "provider/outputs/posted_receipts.hpp"

#include "job/receipt.hpp"
#include "support/database.hpp"
#include "support/ledger.hpp"
#include "support/temp_dir.hpp"

using namespace c2d;
using namespace c2d::provider;
using support::must;
using support::named_id;
using support::TempDir;

namespace {

/// A job of company C on a token of the bank, whose receipt was posted.
struct PostedOffice {
    PostedOffice() {
        support::Ledger ledger((folder / "ledger").string());
        options = ledger.options;
        bank = ledger.shared_signer("bank"), company = ledger.shared_signer("company");
        ledger.organisation("bank"), ledger.organisation("company");
        must(ledger->mint(*bank, named_id("rows"), true, keccak256("d"), "Qm"));
        for (const char* cdt : {"algo", "another"}) {
            must(ledger->mint(*company, named_id(cdt), false, keccak256(cdt), "Qm"));
            must(ledger->grant(*bank, named_id("rows"), named_id(cdt)));
            must(ledger->start_compose(*company, named_id(cdt), {named_id("rows")}));
        }
        must(ledger->create_task(*company, "t", "d"));
        before_job = must(ledger->info()).head.number;
        job = must(ledger->add_job(*company, named_id("algo"), 1));
        admit();
        seal(*ledger);
        post(*ledger);
    }
    void admit() {
        JobTerms terms;
        terms.job_id = job;
        terms.algo_dt = named_id("algo");
        terms.solver = company->address();
        terms.inputs.push_back({named_id("rows"), ""});
        Envelope envelope;
        envelope.signer = company->address();
        envelope.request.dt = named_id("rows");
        envelope.request.expiry = 1'800'000'300;
        must(store->admit(envelope, terms, 1'800'000'000, {}));
    }
    void seal(const Chain& chain) {
        job::ReceiptDraft draft;
        draft.job_id = job;
        draft.algo_dt = named_id("algo");
        draft.solver = company->address();
        draft.data = {named_id("rows")};
        draft.outcome = ReceiptOutcome::succeeded;
        support::RepeatableRandom random("receipt");
        auto sealed = must(job::seal_receipt(draft, chain.network(), *bank, random));
        receipt = {job, 0, draft.outcome, sealed.digest, sealed.document, Posting::pending};
        must(store->add_receipt(receipt));
    }
    void post(Chain& chain) {
        const auto done = must(chain.post_receipt(*bank, job, named_id("rows"), receipt.outcome, receipt.digest));
        must(store->set_posted(receipt, {chain.network().chain_id, done.block_number, done.block_hash}));
        posted_in = done.block_number;
    }
    /// Looks again, and says how many wait to be posted.
    std::size_t recheck() {
        const auto chain = must(Chain::open(options));
        must(recheck_posted_receipts(chain, *store, *logger));
        return must(store->pending_receipts(64)).size();
    }
    std::size_t posted() { return must(store->posted_receipts(nullptr, 64)).size(); }

    TempDir folder;
    ChainOptions options;
    std::shared_ptr<Logger> logger = Logger::silent();
    std::shared_ptr<Signer> bank, company;
    std::shared_ptr<JobStore> store = must(JobStore::open(folder / "state.db"));
    std::uint64_t before_job = 0, job = 0, posted_in = 0;
    StoredReceipt receipt;
};

}  // namespace

TEST_CASE_FIXTURE(PostedOffice, "receipts that stand on the ledger stay posted") {
    CHECK(recheck() == 0);
    CHECK(posted() == 1);
    // Blocks after the mark may go.
    must(must(Chain::open(options)).create_task(*company, "u", "d"));
    must(Chain::cut(options, posted_in + 1));
    CHECK(recheck() == 0);
    CHECK(posted() == 1);
}

TEST_CASE_FIXTURE(PostedOffice, "a receipt whose block was cut is pending, and can be posted again") {
    must(Chain::cut(options, posted_in));
    CHECK(recheck() == 1);
    CHECK(posted() == 0);
    auto chain = must(Chain::open(options));
    post(chain);
    CHECK(recheck() == 0);
    CHECK(posted() == 1);
    SUBCASE("also once more") {
        must(Chain::cut(options, posted_in));
        CHECK(recheck() == 1);
    }
}

TEST_CASE_FIXTURE(PostedOffice, "a number that stands for another job by now gets no receipt of ours") {
    must(Chain::cut(options, before_job + 1));
    CHECK(must(must(Chain::open(options)).add_job(*company, named_id("another"), 1)) == job);
    CHECK(recheck() == 0);
    CHECK(posted() == 0);
}

TEST_CASE_FIXTURE(PostedOffice, "a receipt whose job was cut, too, waits for the job") {
    const auto admission = must(store->admissions(job, 0)).at(0);
    const auto standing = [&] { return is_on_ledger(must(Chain::open(options)), admission); };
    CHECK(must(standing()));
    must(Chain::cut(options, before_job + 1));
    CHECK(standing().status() == Status::NOT_FOUND);
    CHECK(recheck() == 1);
    auto chain = must(Chain::open(options));
    SUBCASE("registered again") {
        CHECK(must(chain.add_job(*company, named_id("algo"), 1)) == job);
        CHECK(must(standing()));
    }
    SUBCASE("its number has another job") {
        CHECK(must(chain.add_job(*company, named_id("another"), 1)) == job);
        CHECK(!must(standing()));
    }
}

TEST_CASE_FIXTURE(PostedOffice, "receipts of another ledger are none of this one's") {
    auto other = options;
    other.network_url = "ledger:" + (folder / "another").string();
    other.random = std::make_shared<support::RepeatableRandom>("another ledger");
    must(Chain::create(other, *bank));
    options = other;
    CHECK(recheck() == 0);
    CHECK(posted() == 1);
}

TEST_CASE_FIXTURE(PostedOffice, "a state file without a mark is looked through once") {
    must(Chain::cut(options, posted_in));
    must(must(Chain::open(options)).create_task(*company, "u", "d"));
    support::execute(folder / "state.db", "DELETE FROM ledger_mark");
    CHECK(recheck() == 1);
    CHECK(must(store->ledger_mark()).has_value());
}

TEST_CASE_FIXTURE(PostedOffice, "a ledger that does not answer changes nothing") {
    auto chain = must(Chain::open(options));
    std::filesystem::remove(folder / "ledger");
    CHECK(recheck_posted_receipts(chain, *store, *logger).error().name == "ledger_replaced");
    CHECK(posted() == 1);
}
