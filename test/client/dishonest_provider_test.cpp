/// A provider that answers as it should not: the solver believes nothing of it, and no file
/// appears.
#include "client/bank.hpp"
#include "job/receipt.hpp"

#include <algorithm>
#include <regex>

using namespace c2d;
using support::Bank;
using support::Banks;
using support::must;

namespace {

namespace fs = std::filesystem;

struct Attack : Banks {
    std::shared_ptr<Bank> bank = std::make_shared<Bank>(*this);
    support::TempDir place;

    Attack() { fs::create_directories(place / "deep/out"); }
    fs::path out() const { return place / "deep/out"; }
    std::vector<std::string> found() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::recursive_directory_iterator(place.path))
            if (!entry.is_directory()) names.push_back(fs::relative(entry.path(), place.path).string());
        std::ranges::sort(names);
        return names;
    }
    /// Both ways to take a result fail so, and nothing was written anywhere.
    Error check_not_taken(Status status, const char* name) {
        auto asking = client(bank);
        const auto read = asking.results(job);
        REQUIRE_FALSE(read.ok());
        CHECK_MESSAGE(read.status() == status, read.error().message);
        CHECK(read.error().name == name);
        const auto saved = asking.save_results(job, out());
        REQUIRE_FALSE(saved.ok());
        CHECK_MESSAGE(saved.status() == status, saved.error().message);
        CHECK(saved.error().name == name);
        CHECK(found().empty());
        return saved.error();
    }
};

json::Value& first_file(json::Value& body) { return body.find("files")->items()[0]; }

}  // namespace

TEST_CASE_FIXTURE(Attack, "what all the attacks differ from is taken, in memory and as files of two parties") {
    bank->files["x"] = std::string(3'000'000, '7') + "end";
    const auto files = must(client(bank, 4 << 20).results(job));
    REQUIRE(files.size() == 2);
    CHECK(files[0].name == "x");
    CHECK(as_text(files[1].content) == bank->files["x"]);
    const auto saved = must(client(bank, 4 << 20).save_results(job, out()));
    CHECK(found() == std::vector<std::string>{"deep/out/party_0/x", "deep/out/party_1/x"});
    CHECK(saved[1].path == out() / "party_1/x");
    CHECK(saved[1].bytes == 3'000'003);
    CHECK(hex_text(saved[1].sha256) == hex_text(sha256(as_bytes(bank->files["x"]))));
    CHECK(support::read_text(saved[0].path) == bank->files["x"]);
    CHECK((fs::status(saved[0].path).permissions() & fs::perms::all) == fs::perms(0600));
}

TEST_CASE_FIXTURE(Attack, "results that are encrypted to our key are written as what was encrypted, or not at all") {
    support::RepeatableRandom random;
    SaveOptions how;
    how.identity = must(AgeIdentity::generate(random));
    const std::string content(2'500'000, 's');
    const auto encrypted = must(age_encrypt(as_bytes(content), how.identity->recipient(), random));
    bank->files["x"] = as_text(encrypted);
    const auto saved = must(client(bank, 8 << 20).save_results(job, out(), how));
    REQUIRE(saved.size() == 2);
    CHECK(saved[0].bytes == content.size());
    CHECK(saved[0].sha256 == sha256(as_bytes(content)));
    CHECK(support::read_text(saved[0].path) == content);
    const auto refused = [&](std::string_view name) {
        const auto other = place / std::string("other");
        const auto done = client(bank, 8 << 20).save_results(job, other, how);
        REQUIRE_FALSE(done.ok());
        CHECK(done.error().name == name);
        CHECK(fs::is_empty(other / "party_0"));
        CHECK(fs::is_empty(other / "party_1"));
    };
    bank->files["x"].back() ^= 1;
    refused("");
    bank->files["x"] = content;
    refused("");
    bank->files["x"] = as_text(encrypted);
    how.identity = must(AgeIdentity::generate(random));
    refused("age_other_identity");
}

TEST_CASE_FIXTURE(Attack, "an empty file is one, and a run may release nothing") {
    bank->files["x"] = "";
    CHECK(must(client(bank).results(job))[1].content.empty());
    CHECK(must(client(bank).save_results(job, out())).size() == 2);
    bank->files.clear();
    CHECK(must(client(bank).results(job)).empty());
}

TEST_CASE_FIXTURE(Attack, "names that the verified arguments do not spell") {
    for (const std::string name : {"../../x", "../x", "/tmp/c2d-traversal", "a/b", "./x", "x/", "..", ".", "", "y", "X",
                                   "x ", ".x", "x\n", "party_0", "\xe2\x80\xaex", "outputs/x", "C:\\x"}) {
        INFO(name);
        bank->manifest = [&](json::Value& body) { first_file(body).set("name", name); };
        check_not_taken(Status::CORRUPT, "result_invalid");
    }
    bank->manifest = [](json::Value& body) { first_file(body).set("name", std::string("x\0y", 3)); };
    check_not_taken(Status::CORRUPT, "result_invalid");
    bank->manifest = [](json::Value& body) { body.find("files")->push_back(json::Value(first_file(body))); };
    CHECK(check_not_taken(Status::CORRUPT, "result_invalid").message.find("twice") != std::string::npos);
}

TEST_CASE_FIXTURE(Attack, "answers about another job than the ledger's") {
    const std::function<void(json::Value&)> kOthers[] = {
        [](json::Value& body) { body.set("job_id", 2); },
        [](json::Value& body) { body.erase("job_id"); },
        [](json::Value& body) { body.set("algo_dt", token_text(support::named_id("first"))); },
        [](json::Value& body) { body.erase("algo_dt"); },
        [](json::Value& body) { body = json::Array{}; },
    };
    for (const auto& other : kOthers) {
        bank->manifest = other;
        check_not_taken(Status::NOT_FOUND, "another_job");
    }
    bank->before_signing = [](HttpResponse& response) {
        response.body = R"({"job_id":1,"party":0,"state":"succeeded"})";
    };
    CHECK(client(bank).status(job).error().name == "another_job");
    CHECK(client(bank).wait(job).error().name == "another_job");
}

TEST_CASE_FIXTURE(Attack,
                  "a state that is none goes into no address, and one that goes back and forth is told in pauses") {
    unsigned asked = 0;
    bank->before_signing = [&](HttpResponse& response) {
        const std::string_view states[] = {"run ning&x=/../y", "queued", "waiting"};
        auto body = must(json::parse(response.body));
        body.set("state", asked < 6 ? states[asked % 3] : "succeeded");
        ++asked;
        response.body = json::compact(body);
    };
    unsigned told = 0;
    must(client(bank).wait(job, [&](std::uint64_t, std::uint64_t, std::string_view) { ++told; }));
    CHECK(told > 2);
    for (const auto& target : bank->targets) CHECK(target.find("/../") == std::string::npos);
}

TEST_CASE_FIXTURE(Attack, "a provider that has no room for questions is waited for, signed or not") {
    unsigned asked = 0;
    bool is_signed = true;
    // The first questions, some of those that wait, and the last ones.
    bank->before_signing = [&](HttpResponse& response) {
        if (++asked <= 2 || asked % 3 == 1)
            response = {429, "application/json", R"({"error":{"code":"busy"}})"};
        else
            response.body =
                std::regex_replace(response.body, std::regex("running"), asked <= 6 ? "running" : "succeeded");
    };
    bank->after_signing = [&](HttpResponse& response) {
        if (response.status == 429 && !is_signed) response.headers.clear();
    };
    for (const bool with_signature : {true, false}) {
        is_signed = with_signature;
        asked = 0;
        const auto parts = must(client(bank).wait(job));
        CHECK(std::ranges::all_of(parts, &JobPart::ended));
    }
    // Anything else that it says ends the wait.
    bank->before_signing = [](HttpResponse& response) {
        response = {409, "application/json", R"({"error":{"code":"state_conflict"}})"};
    };
    CHECK(client(bank).wait(job).error().name == "state_conflict");
}

TEST_CASE_FIXTURE(Attack, "names are cleaned before they are shown") {
    bank->manifest = [](json::Value& body) { first_file(body).set("name", "\x1b[2Jx\r\n" + std::string(5000, 'y')); };
    const auto message = check_not_taken(Status::CORRUPT, "result_invalid").message;
    CHECK(message.find('\x1b') == std::string::npos);
    CHECK(message.find('\n') == std::string::npos);
    CHECK(message.size() < 1000);
}

TEST_CASE_FIXTURE(Attack, "manifests that are none") {
    const std::function<void(json::Value&)> kSpoilt[] = {
        [](json::Value& body) { body.erase("files"); },
        [](json::Value& body) { body.set("files", "x"); },
        [](json::Value& body) { body.find("files")->push_back(7); },
        [](json::Value& body) { first_file(body).erase("sha256"); },
        [](json::Value& body) { first_file(body).set("sha256", "0x12"); },
        [](json::Value& body) { first_file(body).erase("bytes"); },
        [](json::Value& body) { first_file(body).set("bytes", -1); },
        [](json::Value& body) { first_file(body).set("bytes", "11"); },
    };
    for (const auto& spoilt : kSpoilt) {
        bank->manifest = spoilt;
        check_not_taken(Status::CORRUPT, "result_invalid");
    }
    bank->manifest = [](json::Value& body) { first_file(body).set("bytes", std::uint64_t(1) << 52); };
    check_not_taken(Status::LIMIT, "result_invalid");
}

TEST_CASE_FIXTURE(Attack, "bytes that are not those of the manifest") {
    const auto check = [&](const std::function<void(HttpResponse&)>& spoil) {
        bank->before_signing = [&](HttpResponse& response) {
            if (response.status == 206) spoil(response);
        };
        check_not_taken(Status::CORRUPT, "result_invalid");
    };
    check([](HttpResponse& response) { response.body[0] = 'T'; });
    check([](HttpResponse& response) { response.body.pop_back(); });
    check([](HttpResponse& response) { response.body.clear(); });
    check([](HttpResponse& response) { response.body += "more"; });
    check([](HttpResponse& response) { response.body.resize(std::size_t(2) << 20, 'x'); });
    check([](HttpResponse& response) { response = {200, "application/json", "{}"}; });
    check([](HttpResponse& response) { response.status = 200; });
}

TEST_CASE_FIXTURE(Attack, "a piece of another size is the last one that is asked for") {
    bank->files["x"] = std::string(3'000'000, 'x');
    for (const std::ptrdiff_t more : {-1, 1}) {
        bank->before_signing = [more](HttpResponse& response) {
            if (response.status == 206) response.body.resize(response.body.size() + std::size_t(more));
        };
        bank->requests = 0;
        CHECK(client(bank, 8 << 20).results(job).error().name == "result_invalid");
        CHECK(bank->requests == 3);  // two manifests and a piece
    }
}

TEST_CASE_FIXTURE(Attack, "of several files the last is wrong: none is left") {
    bank->before_signing = [last = 0](HttpResponse& response) mutable {
        if (response.status == 206 && ++last % 2 == 0) response.body[0] = 'T';
    };
    check_not_taken(Status::CORRUPT, "result_invalid");
}

TEST_CASE_FIXTURE(Attack, "answers that the provider did not sign") {
    const auto check = [&](const std::function<void(HttpResponse&)>& spoil) {
        bank->after_signing = spoil;
        const auto message = check_not_taken(Status::CORRUPT, "answer_unproven").message;
        CHECK(message.find("did not prove to be the provider") != std::string::npos);
        CHECK(client(bank).status(job).error().name == "answer_unproven");
    };
    check([](HttpResponse& response) { response.headers.clear(); });
    check([](HttpResponse& response) { response.headers[0].second.clear(); });
    check([](HttpResponse& response) { response.headers[0].second = "AAAA"; });
    check([](HttpResponse& response) { response.headers[0].second += "A"; });
    check([](HttpResponse& response) { response.body += " "; });
    check([](HttpResponse& response) { response.status = 201; });
    bank->signer = "solver";
    check([](HttpResponse&) {});
    bank->signer = "bank b";
    check([](HttpResponse&) {});
    bank->signer = "bank a";
    // The true answer to another request of the same kind.
    check([kept = std::optional<HttpResponse>()](HttpResponse& response) mutable {
        if (kept) return void(response = *kept);
        kept = response;
        response.headers.clear();
    });
}

TEST_CASE_FIXTURE(Attack, "only the pieces are not signed") {
    bank->after_signing = [](HttpResponse& response) {
        if (response.status == 206) response.headers.clear();
    };
    check_not_taken(Status::CORRUPT, "answer_unproven");
}

TEST_CASE_FIXTURE(Attack, "a refusal counts when the provider signed it, and is a claim when it did not") {
    const auto refuse = [&](const char* code, int status) {
        bank->before_signing = [=](HttpResponse& response) {
            response = {status, "application/json",
                        json::compact(json::Value::object({{"error", json::Value::object({{"code", code}})}}))};
        };
    };
    refuse("not_found", 404);
    CHECK(check_not_taken(Status::REFUSED, "not_found").source == "127.0.0.1:80");
    refuse("result_too_large", 413);
    check_not_taken(Status::REFUSED, "result_too_large");

    bank->after_signing = [](HttpResponse& response) { response.headers.clear(); };
    refuse("not_\x1b[31mfound", 404);
    const auto message = check_not_taken(Status::CORRUPT, "answer_unproven").message;
    CHECK(message.find(R"(claimed "not_\x1b[31mfound")") != std::string::npos);
    CHECK(message.find('\x1b') == std::string::npos);
    // Somebody who is too busy to sign is asked again, as if nobody had answered.
    refuse("busy", 429);
    CHECK(check_not_taken(Status::UNAVAILABLE, "answer_unproven").message.find("\"busy\"") != std::string::npos);
    refuse("ledger_unavailable", 503);
    check_not_taken(Status::UNAVAILABLE, "answer_unproven");
}

TEST_CASE_FIXTURE(Attack, "an unproven refusal is not the end of a run that was to be cancelled") {
    // Never admitted there, says the provider: nothing was to be cancelled.
    CHECK(client(bank).cancel(job).status() == Status::CONFLICT);
    bank->after_signing = [](HttpResponse& response) { response.headers.clear(); };
    CHECK(client(bank).cancel(job).error().name == "answer_unproven");
}

// Attempts ----------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(Attack, "a provider that has another attempt ended again and again is not asked for ever") {
    CancelToken enough;
    json::Value attempt = 1;
    SUBCASE("always the first") {}
    SUBCASE("none") { attempt = 0; }
    SUBCASE("not a number") { attempt = "two"; }
    SUBCASE("as many as there may be") { attempt = std::uint64_t(1) << 40; }
    bank->before_signing = [&](HttpResponse& response) {
        if (bank->started.size() > 20) enough.cancel();
        auto body = must(json::parse(response.body));
        body.set("state", "failed");
        body.set("attempt", json::Value(attempt));
        body.set("attempts_max", std::uint64_t(1) << 40);
        body.set("again", true);
        response.body = json::compact(body);
    };
    const auto waited = client(bank).wait_with_attempts(job, {}, &enough);
    if (attempt.is_number() && *attempt.as_uint() > kAttemptsMax) {
        CHECK(waited.ok());
        CHECK(bank->started.empty());
        return;
    }
    REQUIRE_FALSE(waited.ok());
    CHECK_MESSAGE(waited.status() == Status::CORRUPT, waited.error().message);
    CHECK(waited.error().message.find("took attempt") != std::string::npos);
    CHECK(bank->started.size() == 2);
}

TEST_CASE_FIXTURE(Attack, "what a call did not start it does not cancel, when a provider has another attempt") {
    const auto cdt = must(chain->job(job)).cdt;
    unsigned accepted = 0;
    SUBCASE("the first provider has") {}
    SUBCASE("the second provider has") { accepted = 1; }
    bank->before_signing = [&](HttpResponse& response) {
        if (bank->targets.back().ends_with("/onPremiseCompute") && bank->started.size() > accepted)
            response = {409, "application/json", R"({"error":{"code":"state_conflict"}})"};
    };
    CHECK(client(bank).start(job, cdt).error().name == "state_conflict");
    const auto cancelled =
        std::ranges::count_if(bank->targets, [](const std::string& target) { return target.ends_with("/cancel"); });
    CHECK(cancelled == accepted);
}

// Receipts ----------------------------------------------------------------------------------------

namespace {

/// The bank's receipt of its first run, as it would hand it over.
struct Handed : Attack {
    job::ReceiptDraft draft;
    std::vector<ReceiptFile>& outputs = draft.outputs;
    support::RepeatableRandom salts;

    Handed() {
        draft.job_id = job;
        draft.algo_dt = support::named_id("algo");
        draft.solver = signer("solver").address();
        draft.data = {support::named_id("first")};
        draft.outcome = ReceiptOutcome::succeeded;
        outputs = {{"x", 11, sha256(as_bytes("the result\n"))}};
    }
    std::string sealed(bool posted = true) {
        const auto receipt = must(job::seal_receipt(draft, chain->network(), signer("bank a"), salts));
        if (posted)
            must(chain->post_receipt(signer("bank a"), draft.job_id, draft.data[0], draft.outcome, receipt.digest));
        return receipt.document;
    }
    Result<std::vector<SavedFile>> save(const std::string& receipt) {
        SaveOptions with;
        with.receipts = {receipt};
        return client(bank).save_results(job, out(), with);
    }
    void check_refused(const std::string& receipt, Status status, std::string_view name) {
        const auto saved = save(receipt);
        REQUIRE_FALSE(saved.ok());
        CHECK_MESSAGE(saved.status() == status, saved.error().message);
        CHECK(saved.error().name == name);
        CHECK(found().empty());
    }
};

}  // namespace

TEST_CASE_FIXTURE(Handed, "files are taken that a receipt on the ledger names, with no other digest") {
    const auto receipt = sealed();
    bank->files["x"] = "THE RESULT\n";
    check_refused(receipt, Status::CORRUPT, "result_invalid");
    bank->files["x"] += "more";
    check_refused(receipt, Status::CORRUPT, "result_invalid");
    bank->files["x"] = "the result\n";
    CHECK(must(save(receipt)).size() == 2);
}

TEST_CASE_FIXTURE(Handed, "a file that the receipt does not name is not taken") {
    outputs[0].name = "y";
    check_refused(sealed(), Status::CORRUPT, "result_invalid");
}

TEST_CASE_FIXTURE(Handed, "a receipt that the ledger does not hold proves nothing") {
    const auto receipt = sealed(false);
    check_refused(receipt, Status::REFUSED, "receipt_not_posted");
    (void)sealed();
    check_refused(receipt, Status::REFUSED, "receipt_differs");
    check_refused("{}", Status::INVALID_ARGUMENT, "");
}

TEST_CASE_FIXTURE(Handed, "a receipt of another job or of other data is of none of the runs") {
    draft.job_id = must(chain->add_job(signer("solver"), support::named_id("algo"), task));
    check_refused(sealed(), Status::INVALID_ARGUMENT, "");
    draft.job_id = job;
    draft.data = {support::named_id("third")};
    check_refused(sealed(false), Status::INVALID_ARGUMENT, "");
}

// Files -------------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(Attack, "a file that is there stays, unless it may be replaced") {
    fs::create_directories(out() / "party_1");
    support::write_text(out() / "party_1/x", "mine");
    bank->requests = 0;
    const auto refused = client(bank).save_results(job, out());
    CHECK(refused.status() == Status::CONFLICT);
    CHECK(bank->requests == 2);  // the manifests: nothing was fetched
    CHECK(support::read_text(out() / "party_1/x") == "mine");
    CHECK(found() == std::vector<std::string>{"deep/out/party_1/x"});
    must(client(bank).save_results(job, out(), {true}));
    CHECK(support::read_text(out() / "party_1/x") == "the result\n");
    CHECK(found() == std::vector<std::string>{"deep/out/party_0/x", "deep/out/party_1/x"});
}

TEST_CASE_FIXTURE(Attack, "a link at a name or a folder is not followed") {
    support::write_text(place / "precious", "mine");
    fs::create_directories(out() / "party_0");
    for (const char* target : {"nowhere", "precious"}) {
        fs::remove(out() / "party_0/x");
        fs::create_symlink(place / target, out() / "party_0/x");
        bank->requests = 0;
        CHECK(client(bank).save_results(job, out()).status() == Status::CONFLICT);
        CHECK(bank->requests == 2);  // the manifests: nothing was fetched
    }
    must(client(bank).save_results(job, out(), {true}));
    CHECK(support::read_text(place / "precious") == "mine");
    CHECK_FALSE(fs::is_symlink(out() / "party_0/x"));

    fs::remove_all(out());
    fs::create_directories(out());
    fs::create_directories(place / "elsewhere");
    fs::create_directory_symlink(place / "elsewhere", out() / "party_0");
    for (const bool replace : {false, true})
        CHECK(client(bank).save_results(job, out(), {replace}).status() == Status::IO);
    CHECK(fs::is_empty(place / "elsewhere"));
}
