/// May a job run on our data? Each answer that the verifier has, and their order.
#include "support/joint.hpp"

using namespace c2d;
using support::Desk;
using support::must;
using support::named_id;

namespace {

struct Job : Desk {
    Job() { build(); }
    Reason reason_with(const contracts::Function& function, bool answer, std::string_view algorithm = "algo") {
        node->answer(function, answer);
        const auto reason = job_reason("rows a", algorithm);
        node->tell_the_truth();
        return reason;
    }
    /// A job of "outer", an Algorithm over "inner", which composes the leaves.
    void start_nested() {
        const auto free = Joint::pieces()[0].constraint;
        must(publish("solver", "inner",
                     composition("Dataset", {{"rows a", free}, {"rows b", free}, {"compute", free}})));
        activate("solver", "inner");
        const auto keyed = fmt::format(R"({{"{}":{},"{}":{},"{}":{}}})", text("rows a"), Joint::arguments(0),
                                       text("rows b"), Joint::arguments(1), text("compute"), Joint::arguments(2));
        must(publish("solver", "outer", composition("Algorithm", {{"inner", keyed}})));
        activate("solver", "outer");
        start("outer");
    }
};

}  // namespace

TEST_CASE_FIXTURE(Job, "a registered job of an active Algorithm is accepted, with all that is needed to run it") {
    CHECK(job_reason() == Reason::accepted);
    CHECK(terms.job_id == job);
    CHECK(terms.algo_dt == named_id("algo"));
    CHECK(terms.solver == signer("solver").address());
    CHECK(terms.op_template == named_id("train"));
    CHECK(terms.operation == "print(1)");
    CHECK(terms.template_checksum == must(chain->op_template(named_id("train"))).checksum);
    CHECK(terms.parties == 3);
    CHECK(terms.party == 0);
    CHECK(support::json_of(terms.args_json).find("lr")->digits() == "0.1");
    CHECK(terms.inputs.size() == 1);
    CHECK_FALSE(terms.collusion_overridden);
}

TEST_CASE_FIXTURE(Job, "the same checks hold when it is asked twice: nothing is remembered") {
    CHECK(job_reason() == Reason::accepted);
    CHECK(job_reason() == Reason::accepted);
    std::filesystem::remove(file_of("algo"));
    CHECK(job_reason() == Reason::document_unavailable);
}

TEST_CASE_FIXTURE(Job, "what was given counts once it is final, what was taken back at once") {
    Envelope envelope;
    envelope.request.dt = named_id("rows a");
    envelope.request.algo_dt = named_id("algo");
    envelope.signer = signer("solver").address();
    node->settled = must(chain->node().at_head());
    CHECK(job_reason() == Reason::accepted);
    start("algo");
    envelope.request.job_id = job;
    const auto early = must(verifier().verify_job(envelope, &terms));
    CHECK(early.reason == Reason::not_final);
    CHECK(early.path == fmt::format("job {}", job));
    CHECK(early.expected.find(fmt::format("in block {}", must(node->settled->info()).head.number)) !=
          std::string::npos);
    CHECK(must(verifier().check_requester(envelope)).reason == Reason::not_final);
    CHECK(terms.job_id != job);  // of a job that is not decided nothing is told
    node->settled = must(chain->node().at_head());
    CHECK(job_reason() == Reason::accepted);
    CHECK(terms.job_id == job);
    must(chain->revoke(signer("bank a"), named_id("rows a"), named_id("algo")));
    CHECK(job_reason() == Reason::grant_missing);
}

TEST_CASE_FIXTURE(Job, "nothing is decided while the ledger's last block is ahead of the clock") {
    Envelope envelope;
    envelope.request.dt = named_id("rows a");
    envelope.request.algo_dt = named_id("algo");
    envelope.request.job_id = job;
    envelope.signer = signer("solver").address();
    clock->now = must(chain->info()).head.time - 120;
    CHECK(must(verifier().verify_job(envelope, nullptr)).accepted());
    clock->now -= 7;
    for (const auto& verdict : {verifier().verify_job(envelope, nullptr), verifier().verify_grant(envelope)}) {
        CHECK(verdict.status() == Status::UNAVAILABLE);
        CHECK(verdict.error().name == "ledger_ahead");
        CHECK(verdict.error().code == 7);
    }
}

TEST_CASE_FIXTURE(Job, "the token must be on the ledger, ours and readable") {
    CHECK(job_reason("nothing") == Reason::dt_unknown);
    CHECK(job_reason("rows b", "algo", "bank b") == Reason::dt_not_ours);
    std::filesystem::remove(file_of("rows a"));
    CHECK(job_reason() == Reason::document_unavailable);
}

TEST_CASE_FIXTURE(Job, "the job must be registered, for this Algorithm, by this solver") {
    const auto registered = job;
    job = 99;
    CHECK(job_reason() == Reason::job_unknown);
    job = registered;
    CHECK(job_reason("rows a", "rows b") == Reason::job_wrong_cdt);
    CHECK(job_reason("rows a", "nothing") == Reason::job_wrong_cdt);
    CHECK(job_reason("rows a", "algo", "bank b") == Reason::job_wrong_solver);
    CHECK(job_reason("rows a", "algo", "bank a") == Reason::job_wrong_solver);
}

TEST_CASE_FIXTURE(Job, "a job needs an Algorithm") {
    must(publish("solver", "data", composition("Dataset", {{"rows a", Joint::arguments(0)}})));
    activate("solver", "data");
    start("data");
    CHECK(job_reason("rows a", "data") == Reason::not_algorithm);
}

TEST_CASE_FIXTURE(Job, "the document of the Algorithm must be there and the ledger's") {
    const auto file = file_of("algo");
    const auto good = support::read_text(file);
    tamper(file, "0.1", "0.9");
    CHECK(job_reason() == Reason::document_mismatch);
    support::write_text(file, good);
    CHECK(job_reason() == Reason::accepted);
}

TEST_CASE_FIXTURE(Job, "a token that is not among the Algorithm's leaves is not run") {
    must(publish("bank a", "other", leaf("alone", R"({"lr":{},"outputs":{}})")));
    CHECK(job_reason("other") == Reason::workflow_mismatch);
}

TEST_CASE_FIXTURE(Job, "every grant must stand, the Algorithm be active, the links hold") {
    CHECK(reason_with(contracts::dt_factory::kGetPermission, false) == Reason::grant_missing);
    CHECK(reason_with(contracts::dt_factory::kIsActive, false) == Reason::cdt_not_active);
    CHECK(reason_with(contracts::dt_factory::kLinksCheck, false) == Reason::links_broken);
    CHECK(job_reason() == Reason::accepted);
}

TEST_CASE_FIXTURE(Job,
                  "children that the activation named and the document does not, or the other way, "
                  "break the links") {
    const auto children = [](std::initializer_list<const char*> names) {
        std::vector<abi::Value> ids;
        for (const auto* name : names) ids.push_back(abi::Value::of(named_id(name)));
        return Result<Bytes>(abi::encode(contracts::types_of("bytes32[]"), {abi::Value::list(ids)}));
    };
    const auto reason = [&](std::initializer_list<const char*> names) {
        node->answer(contracts::dt_factory::kChildren, children(names));
        return job_reason();
    };
    CHECK(reason({"compute", "rows b", "rows a"}) == Reason::accepted);  // in any order
    CHECK(reason({"rows a", "rows b"}) == Reason::links_broken);
    CHECK(reason({"rows a", "rows b", "compute", "other"}) == Reason::links_broken);
    CHECK(reason({"rows a", "rows b", "other"}) == Reason::links_broken);
    CHECK(reason({"rows a", "rows a", "rows b"}) == Reason::links_broken);
}

TEST_CASE_FIXTURE(Job, "an Algorithm activated without one of its children is refused") {
    auto attributes = composition(
        "Algorithm",
        {{"rows a", Joint::arguments(0)}, {"rows b", Joint::arguments(1)}, {"compute", Joint::arguments(2)}});
    must(publish("solver", "cunning", attributes));
    must(chain->grant(signer("bank a"), named_id("rows a"), named_id("cunning")));
    must(chain->start_compose(signer("solver"), named_id("cunning"), {named_id("rows a")}));
    start("cunning");
    CHECK(job_reason("rows a", "cunning") == Reason::links_broken);
}

TEST_CASE_FIXTURE(Job, "grants inside a composition of compositions count as well") {
    start_nested();
    CHECK(job_reason("rows a", "outer") == Reason::accepted);
    CHECK(terms.party == 0);
    CHECK(reason_with(contracts::dt_factory::kGetPermission, false, "outer") == Reason::grant_missing);
}

TEST_CASE_FIXTURE(Job, "a verdict is of one block: grants that never stood together do not make a job") {
    start_nested();
    must(chain->revoke(signer("bank b"), named_id("rows b"), named_id("inner")));
    CHECK(job_reason("rows a", "outer") == Reason::grant_missing);

    // Between the questions for the two grants the first is taken back, and then the second one given.
    const auto first = contracts::dt_factory::kGetPermission.call(named_id("rows a"), named_id("inner"));
    const auto second = contracts::dt_factory::kGetPermission.call(named_id("rows b"), named_id("inner"));
    int first_asked = 0;
    bool moved = false;
    node->on_call = [&](BytesView question) -> std::optional<Result<Bytes>> {
        first_asked += std::ranges::equal(question, first);
        if (moved || !std::ranges::equal(question, second)) return std::nullopt;
        moved = true;
        must(chain->revoke(signer("bank a"), named_id("rows a"), named_id("inner")));
        must(chain->grant(signer("bank b"), named_id("rows b"), named_id("inner"), {.owners_word = true}));
        return std::nullopt;
    };
    CHECK(job_reason("rows a", "outer") == Reason::grant_missing);
    CHECK(moved);
    CHECK(first_asked == 2);
}

TEST_CASE_FIXTURE(Job, "terms are those of the verdict: a block that is read again and refuses leaves none") {
    std::vector<Bytes> asked;
    node->on_call = [&](BytesView question) -> std::optional<Result<Bytes>> {
        asked.emplace_back(question.begin(), question.end());
        return std::nullopt;
    };
    CHECK(job_reason() == Reason::accepted);
    const auto last = asked.back();
    bool moved = false;
    node->on_call = [&](BytesView question) -> std::optional<Result<Bytes>> {
        if (std::ranges::equal(question, last) && !std::exchange(moved, true))
            must(chain->revoke(signer("bank a"), named_id("rows a"), named_id("algo")));
        return std::nullopt;
    };
    terms = {};
    CHECK(job_reason() == Reason::grant_missing);
    CHECK(moved);
    CHECK(terms.job_id == 0);
}

TEST_CASE_FIXTURE(Job, "a document is fetched once though the ledger moves during the check") {
    documents->reads = 0;
    CHECK(job_reason() == Reason::accepted);
    const std::size_t quiet = documents->reads;
    bool moved = false;
    node->on_call = [&](BytesView) -> std::optional<Result<Bytes>> {
        if (!std::exchange(moved, true))
            must(chain->mint(signer("bank a"), named_id("unrelated"), true, keccak256("document"), "Qm1"));
        return std::nullopt;
    };
    documents->reads = 0;
    CHECK(job_reason() == Reason::accepted);
    CHECK(moved);
    CHECK(quiet > 0);
    CHECK(documents->reads == quiet);
}

TEST_CASE_FIXTURE(Job, "a verification asks each question of the ledger once") {
    std::map<Bytes, int> asked;
    node->on_call = [&](BytesView question) -> std::optional<Result<Bytes>> {
        ++asked[Bytes(question.begin(), question.end())];
        return std::nullopt;
    };
    CHECK(job_reason() == Reason::accepted);
    CHECK(asked.size() > 20);
    for (const auto& question : asked) CHECK_MESSAGE(question.second == 1, hex_text(question.first));
    asked.clear();
    CHECK(job_reason("rows b") == Reason::dt_not_ours);
    for (const auto& question : asked) CHECK_MESSAGE(question.second == 1, hex_text(question.first));
}

TEST_CASE_FIXTURE(Desk, "a grant that ended or was taken back refuses the job at its launch") {
    auto list = Joint::pieces();
    list[0].attributes = R"({"path":"./inputs/rows.csv","grant":{"seconds":600,"jobs":1}})";
    build(list);
    CHECK(job_reason() == Reason::accepted);  // its one job is this one
    clock->now += 600;
    CHECK(job_reason() == Reason::accepted);
    clock->now += 1;
    CHECK(job_reason() == Reason::grant_missing);
    must(registry->grant(signer("bank a"), named_id("rows a"), named_id("algo")));
    CHECK(job_reason() == Reason::accepted);
    must(chain->revoke(signer("bank a"), named_id("rows a"), named_id("algo")));
    CHECK(job_reason() == Reason::grant_missing);
}

TEST_CASE_FIXTURE(Job, "code that was swapped after the grant is refused at the job") {
    must(registry->update_operator(signer("admin"),
                                   draft("train", R"({"party_id":{},"exec_endpoints":{},"lr":{},"outputs":{}})",
                                         R"({"parties":3,"threshold":1})", "print(1) ")));
    CHECK(job_reason() == Reason::template_changed);
}

TEST_CASE_FIXTURE(Job, "operator code whose bytes were changed is refused at the job") {
    tamper(operator_file_of("train"), "print(1)", "print(7)");
    CHECK(job_reason() == Reason::template_mismatch);
}

TEST_CASE_FIXTURE(Job, "the terms are held to the arguments once more at the job") {
    // An Algorithm minted past the registry, with arguments that the leaf does not allow.
    mint_unchecked("solver", "forged",
                   composition("Algorithm", {{"rows a", R"({"party_id":0,"lr":0.1,"outputs":{"0":"./outputs/x"}})"}}),
                   false);
    must(chain->grant(signer("bank a"), named_id("rows a"), named_id("forged")));
    must(chain->start_compose(signer("solver"), named_id("forged"), {named_id("rows a")}));
    start("forged");
    CHECK(job_reason("rows a", "forged") == Reason::argument_missing);
}

TEST_CASE_FIXTURE(Job, "token, then job, then Algorithm, then terms, then links, then parties") {
    verifier_options.accepted_parties = {"nobody"};
    CHECK(job_reason() == Reason::party_not_accepted);
    CHECK(reason_with(contracts::dt_factory::kLinksCheck, false) == Reason::links_broken);
    tamper(operator_file_of("train"), "print(1)", "print(7)");
    CHECK(reason_with(contracts::dt_factory::kLinksCheck, false) == Reason::template_mismatch);
    tamper(file_of("algo"), "0.1", "0.9");
    CHECK(job_reason() == Reason::document_mismatch);
    CHECK(job_reason("rows a", "algo", "bank b") == Reason::job_wrong_solver);
    job = 99;
    CHECK(job_reason() == Reason::job_unknown);
    CHECK(job_reason("nothing") == Reason::dt_unknown);
}

TEST_CASE_FIXTURE(Job, "a refusal tells the owner where, what was expected and what was found") {
    const auto verdict = job_verdict("rows a", "rows b");
    CHECK(verdict.path == "job " + std::to_string(job));
    CHECK(verdict.expected == text("algo"));
    CHECK(verdict.actual == text("rows b"));
}

TEST_CASE_FIXTURE(Job, "a ledger that does not answer gives no verdict") {
    const auto asked = envelope(request(Method::onPremiseCompute, "rows a", "algo", job));
    const contracts::Function asked_of[] = {contracts::dt_factory::kRegister, contracts::task_market::kGetJob,
                                            contracts::dt_factory::kIsActive, contracts::dt_factory::kGetPermission,
                                            contracts::asset_provider::kIsEnterprise};
    for (const auto& function : asked_of) {
        CAPTURE(std::string(function.signature));
        node->answer(function, Result<Bytes>(Error(Status::UNAVAILABLE, "gone")));
        CHECK(verifier().verify_job(asked, nullptr).status() == Status::UNAVAILABLE);
        node->tell_the_truth();
    }
    CHECK(must(verifier().verify_job(asked, nullptr)).accepted());
}

TEST_CASE_FIXTURE(Desk, "a job over nested compositions reads each document and asks for each grant once") {
    const std::string done = R"({"lr":1,"outputs":[]})";
    must(publish("bank a", "alone a", leaf("alone", R"({"lr":{},"outputs":[]})")));
    const auto below = mint_diamond("solver", 8, "alone a", done);
    for (int level = 1; level <= 8; ++level)
        for (const char* side : {"left ", "right "}) activate("solver", side + std::to_string(level));
    must(publish("solver", "algo", composition("Algorithm", {{"left 8", below}, {"right 8", below}})));
    activate("solver", "algo");
    start("algo");
    const auto asked = envelope(request(Method::onPremiseCompute, "alone a", "algo", job));
    const auto bank = verifier();
    documents->reads = 0;
    node->calls = 0;
    JobTerms accepted;
    CHECK(must(bank.verify_job(asked, &accepted)).reason == Reason::accepted);
    CHECK(documents->reads == 19);
    // 2 at the top, 4 between each two levels, 2 to the leaf.
    CHECK(accepted.grants.size() == 32);
    // Each of 19 documents has a record, all but the operator's are open, each of 17 compositions has a state and
    // children, each of 32 links a grant; the job, its owner and the like are a few more.
    CHECK(node->calls < 140);
}
