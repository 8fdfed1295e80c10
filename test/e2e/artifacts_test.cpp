// Outputs that a template declares as kept: sealed at the bank before the run counts, never released, named in the
// receipt.

#include "artifact/store.hpp"
#include "base/fail_point.hpp"
#include "e2e/refusal.hpp"
#include "e2e/wait.hpp"

#include <c2d/artifact.hpp>
#include <c2d/job_receipt.hpp>

#include <fmt/format.h>

#include <cstring>
#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

namespace c2d::test {

namespace {

namespace fs = std::filesystem;

constexpr const char* kKeeps =
    "open('outputs/out.txt', 'w').write('42')\nopen('outputs/model', 'w').write('the canary of the model')\n";
constexpr const char* kDeclared = R"({"model":{"kind":"kept","bytes_max":64},"out.txt":{"kind":"released"}})";

Terms keeping(const char* operation = kKeeps) {
    Terms terms;
    terms.operation = operation;
    terms.declared = kDeclared;
    return terms;
}

bool ended(std::string_view state) { return state == "succeeded" || state == "failed" || state == "cancelled"; }

void run_to_end(World& world, const Deal& deal) {
    REQUIRE(world.ask(Method::onPremiseCompute, deal).status == 200);
    world.wait_for_state(deal, ended);
}

fs::path folder_of(const World& world, const Deal& deal) {
    return world.folder / "exec" / fmt::format("job_{}", deal.job);
}

ArtifactStore artifacts_of(const World& world) {
    return must(ArtifactStore::open(artifact_folder(world.folder / "exec", world.bank_a->address())));
}

JobReceipt receipt_of(const World& world, const Deal& deal) {
    return must(read_receipt(support::read_text(folder_of(world, deal) / "receipt.json")));
}

/// Files below a folder that hold the text.
std::size_t files_with(const fs::path& folder, std::string_view text) {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file() && support::read_text(entry.path()).find(text) != std::string::npos) ++count;
    return count;
}

}  // namespace

TEST_CASE("a kept output is sealed, named in the receipt and given to nobody") {
    World world;
    const Deal deal = world.deal(keeping());
    run_to_end(world, deal);
    REQUIRE(world.state(deal) == "succeeded");
    const auto all = must(artifacts_of(world).list());
    REQUIRE(all.size() == 1);
    CHECK(all[0].job_id == deal.job);
    CHECK(all[0].name == "model");
    CHECK(all[0].kind == "file");
    CHECK(all[0].algo_dt == deal.cdt);
    const auto package = must(artifacts_of(world).impl().open(all[0].sha256));
    CHECK(as_text(must(artifact::decode_package(package.view())).file) == "the canary of the model");

    const auto receipt = receipt_of(world, deal);
    REQUIRE(receipt.details);
    REQUIRE(receipt.details->artifacts.size() == 1);
    CHECK(receipt.details->artifacts[0].sha256 == all[0].sha256);
    CHECK(receipt.details->artifacts[0].bytes == all[0].bytes);
    REQUIRE(receipt.outputs.size() == 1);
    CHECK(receipt.outputs[0].name == "out.txt");

    const auto at = fmt::format("/v1/jobs/{}/result", deal.job);
    const auto manifest = world.get(at, world.header(world.company, world.about(Method::result, deal)));
    CHECK(manifest.body.find("out.txt") != std::string::npos);
    CHECK(manifest.body.find("model") == std::string::npos);
    check_body(world.get(at + "/model", world.header(world.company, world.about(Method::result, deal))), 404,
               "not_found");
    world.end();
    CHECK(files_with(world.folder / "exec", "canary of the model") == 1);  // the operator's own text, in `code`
    CHECK(fs::exists(folder_of(world, deal) / "outputs/out.txt"));
    CHECK_FALSE(fs::exists(folder_of(world, deal) / "outputs/model"));
}

TEST_CASE("the owner alone is told what runs left, with what a token says of it") {
    World world;
    const Deal deal = world.deal(keeping());
    run_to_end(world, deal);
    const auto asked = [&](const Key& key, std::uint64_t job) {
        auto body = world.about(Method::artifacts, deal);
        body.job_id = job;
        return world.get("/v1/artifacts", world.header(key, body));
    };
    check_refused(world, asked(world.company, deal.job), 403, "wrong_signer");
    check_refused(world, asked(world.outsider, 0), 403, "wrong_signer");
    const auto all = must(json::parse(asked(world.bank_a, 0).body));
    REQUIRE(all.find("artifacts")->items().size() == 1);
    CHECK_FALSE(all.find("artifacts")->items()[0].find("origin"));
    CHECK(asked(world.bank_a, deal.job + 1).body == R"({"artifacts":[]})");
    const auto of_job = must(json::parse(asked(world.bank_a, deal.job).body));
    const auto* origin = of_job.find("artifacts")->items()[0].find("origin");
    REQUIRE(origin);
    const auto read = must(read_origin(json::compact(*origin)));
    CHECK(read.output == "model");
    CHECK(read.dt == deal.dt);
    CHECK(within(std::chrono::seconds(20),
                 [&] { return confirm_origin(read, world.bank_a->address(), world.chain()).ok(); }));
    CHECK(confirm_origin(read, world.company->address(), world.chain()).error().name == "origin_invalid");
    // What was destroyed is no origin any more.
    const auto artifact = must(artifacts_of(world).list())[0];
    must(artifacts_of(world).destroy(artifact.sha256, *world.bank_a));
    const auto gone = must(json::parse(asked(world.bank_a, deal.job).body));
    CHECK(gone.find("artifacts")->items()[0].find("destroyed"));
    CHECK_FALSE(gone.find("artifacts")->items()[0].find("origin"));
}

TEST_CASE("a template that declares its outputs releases what it declares, and nothing else") {
    World world;
    const auto refused = [&world](const char* name) {
        Terms terms = keeping();
        terms.arguments = fmt::format(R"({{"rows":10,"strict":true,"inputs":{{"0":"a.csv","limit":5}},
                                           "outputs":{{"0":"./outputs/{}"}}}})",
                                      name);
        const Deal deal = world.deal(terms);
        check_body(world.ask(Method::onPremiseCompute, deal), 403, "argument_refused");
    };
    refused("model");
    refused("other.txt");
}

TEST_CASE("an output that is larger than its template declares fails the run, and nothing is kept") {
    World world;
    const Deal deal = world.deal(keeping("open('outputs/model', 'w').write('m' * 65)\n"));
    run_to_end(world, deal);
    CHECK(world.state(deal) == "failed");
    CHECK(receipt_of(world, deal).details->artifacts.empty());
    CHECK(must(artifacts_of(world).list()).empty());
    CHECK_FALSE(fs::exists(folder_of(world, deal) / "outputs/model"));
}

TEST_CASE("a run that failed keeps nothing") {
    World world;
    const Deal deal = world.deal(keeping("open('outputs/model', 'w').write('m')\nraise SystemExit(3)\n"));
    run_to_end(world, deal);
    CHECK(world.state(deal) == "failed");
    CHECK_FALSE(fs::exists(artifact_folder(world.folder / "exec", world.bank_a->address())));
}

TEST_CASE("where nothing can be sealed the run does not succeed") {
    World world;
    // A folder of that name which cannot become the artifacts' own.
    support::write_text(artifact_folder(world.folder / "exec", world.bank_a->address()), "in the way");
    const Deal deal = world.deal(keeping());
    run_to_end(world, deal);
    CHECK(world.state(deal) == "failed");
    const auto document = must(json::parse(support::read_text(folder_of(world, deal) / "receipt.json")));
    CHECK(document.text_at({"run", "outcome"}) == "outputs_not_kept");
    CHECK_FALSE(fs::exists(folder_of(world, deal) / "outputs/model"));
}

namespace {

const char* wanted_point = nullptr;
void end_here(const char* name) {
    if (std::strcmp(name, wanted_point) == 0) ::_exit(42);
}

/// A provider in a process of its own that ends at the point, while it keeps the outputs of this job. The ledger is the
/// file.
void killed_at(const char* point, const std::function<void()>& work) {
    const pid_t child = ::fork();
    if (child == 0) {
        wanted_point = point;
        fail_point_hook = end_here;
        work();
        ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 42);
}

}  // namespace

TEST_CASE("a provider that is killed while it keeps an output has a run that succeeded with it, or neither") {
    World::Options options;
    options.ledger_in_file = true;
    World world(options);
    for (const char* point :
         {"artifact_key_made", "artifact_wrapped", "artifact_sealed", "outputs_kept", "receipt_signed"})
        for (int i = 0; i < 3; ++i) {
            INFO(point << ", " << i);
            const Deal deal = world.deal(keeping());
            world.end();
            killed_at(point, [&] {
                world.start_again();
                (void)world.ask(Method::onPremiseCompute, deal);
                world.wait_for_state(deal, ended);
            });
            world.start_again();
            world.wait_for_state(deal, ended);
            const bool succeeded = world.state(deal) == "succeeded";
            CHECK(succeeded == (std::strcmp(point, "receipt_signed") == 0));
            const auto found = artifacts_of(world).find(deal.job, 0, "model");
            CHECK(found.ok() == succeeded);
            if (found) CHECK(artifacts_of(world).check(found->sha256).ok());
            CHECK_FALSE(fs::exists(folder_of(world, deal) / "outputs/model"));
        }
}

}  // namespace c2d::test
