/// The walk over grants, compositions and jobs: everything once, nothing fatal.
#include "support/joint.hpp"

#include "contracts/interface.hpp"

#include <c2d/tracer.hpp>

#include <utility>

using namespace c2d;
using support::Joint;
using support::must;
using support::named_id;
using Kind = TraceNode::Kind;

namespace {

struct Trail : Joint {
    std::vector<TraceNode> walk(const std::vector<const char*>& roots) {
        std::vector<TokenId> ids;
        for (const auto* root : roots) ids.push_back(named_id(root));
        return must(Tracer(*registry).walk(ids));
    }
    TraceNode walk(const char* root) { return walk(std::vector{root})[0]; }
    /// A composition of Datasets over a free leaf, active.
    void stack(const std::string& id, const std::vector<std::string>& children) {
        std::vector<std::pair<std::string, std::string>> free;
        for (const auto& child : children) free.emplace_back(child, constraint_of(child));
        must(publish("solver", id, composition("Dataset", free)));
        activate("solver", id);
        constraints_[id] = free;
    }
    void rows(const std::string& id, const std::string& owner = "bank a") {
        must(publish(owner, id, leaf("alone", R"({"lr":{},"outputs":{}})")));
    }
    /// The contracts say from now on that no grant stands.
    void deny_grants() {
        const auto zero = abi::Value::of(std::uint64_t(0));
        const auto& function = contracts::dt_factory::kGetGrantTerms;
        node->answer(function, Result<Bytes>(abi::encode(contracts::types_of(function.returns),
                                                         {abi::Value::of(false), zero, zero, zero, zero, zero})));
    }

private:
    std::string constraint_of(const std::string& id) {
        const auto found = constraints_.find(id);
        if (found == constraints_.end()) return R"({"lr":{},"outputs":{}})";
        std::string out;
        for (const auto& [child, constraint] : found->second)
            out += fmt::format(R"({}"{}":{})", out.empty() ? "" : ",", text(child), constraint);
        return "{" + out + "}";
    }
    std::map<std::string, std::vector<std::pair<std::string, std::string>>> constraints_;
};

std::size_t size_of(const TraceNode& node) {
    std::size_t count = 1;
    for (const auto* list : {&node.made_of, &node.granted_to, &node.jobs})
        for (const auto& child : *list) count += size_of(child);
    return count;
}
std::size_t count_kind(const TraceNode& node, Kind kind) {
    std::size_t count = node.kind == kind;
    for (const auto* list : {&node.made_of, &node.granted_to, &node.jobs})
        for (const auto& child : *list) count += count_kind(child, kind);
    return count;
}

}  // namespace

TEST_CASE_FIXTURE(Trail, "a leaf leads to its Algorithm and the job of it") {
    build();
    const auto root = walk("rows a");
    CHECK(root.kind == Kind::token);
    CHECK(root.dt == named_id("rows a"));
    CHECK(root.name == "a leaf");
    CHECK(root.type == "Dataset");
    CHECK(root.owner == "bank a");
    CHECK(root.owner_address == signer("bank a").address());
    CHECK(root.active);
    CHECK(root.problem.empty());
    CHECK(root.made_of.empty());
    CHECK(root.jobs.empty());
    REQUIRE(root.granted_to.size() == 1);
    const auto& algorithm = root.granted_to[0];
    CHECK(algorithm.type == "Algorithm");
    CHECK(algorithm.owner == "solver");
    CHECK(algorithm.made_of.empty());  // the union is shown for roots only
    REQUIRE(algorithm.jobs.size() == 1);
    const auto& found = algorithm.jobs[0];
    CHECK(found.kind == Kind::job);
    CHECK(found.job_id == job);
    CHECK(found.task_id == task);
    CHECK(found.task_name == "score");
    CHECK(found.solver == "solver");
    CHECK(found.demander == "bank a");
    CHECK(found.state == "registered");
}

TEST_CASE_FIXTURE(Trail, "a composed root shows its union with all owners, and its own life") {
    build();
    const auto root = walk("algo");
    REQUIRE(root.made_of.size() == 3);
    CHECK(root.made_of[0].owner == "bank a");
    CHECK(root.made_of[1].owner == "bank b");
    CHECK(root.made_of[2].owner == "third");
    CHECK(root.granted_to.empty());
    CHECK(root.jobs.size() == 1);
    for (const auto& child : root.made_of) CHECK(child.granted_to.empty());
}

TEST_CASE_FIXTURE(Trail, "a union is followed through compositions") {
    rows("one");
    rows("two", "bank b");
    stack("inner", {"one", "two"});
    stack("outer", {"inner"});
    const auto root = walk("outer");
    REQUIRE(root.made_of.size() == 1);
    REQUIRE(root.made_of[0].made_of.size() == 2);
    CHECK(root.made_of[0].made_of[1].owner == "bank b");
}

TEST_CASE_FIXTURE(Trail, "a composition that is not active shows the children of its document") {
    rows("one");
    must(publish("solver", "draft", composition("Dataset", {{"one", R"({"lr":{},"outputs":{}})"}})));
    const auto root = walk("draft");
    CHECK_FALSE(root.active);
    REQUIRE(root.made_of.size() == 1);
    CHECK(root.made_of[0].dt == named_id("one"));
}

TEST_CASE_FIXTURE(Trail, "a walk is linear in the graph, however many paths there are") {
    // Twelve diamonds on top of each other: 4096 paths from the leaf to the top.
    rows("level 0");
    constexpr int kLevels = 12;
    for (int level = 1; level <= kLevels; ++level) {
        const auto below = "level " + std::to_string(level - 1), here = "level " + std::to_string(level);
        if (level % 2 == 0) {
            stack(here, {"left " + std::to_string(level - 1), "right " + std::to_string(level - 1)});
        } else {
            stack("left " + std::to_string(level), {below});
            stack("right " + std::to_string(level), {below});
        }
    }
    const auto up = walk("level 0");
    CHECK(count_kind(up, Kind::token) == 1 + kLevels / 2 * 3);
    CHECK(count_kind(up, Kind::repeated) == kLevels / 2);
    const auto down = walk(("level " + std::to_string(kLevels)).c_str());
    CHECK(size_of(down) < 4 * 3 * kLevels);
    CHECK(count_kind(down, Kind::repeated) == kLevels / 2);
}

TEST_CASE_FIXTURE(Trail, "what was shown before is named again and not followed, also across roots") {
    build();
    const auto trees = walk(std::vector{"rows a", "rows b", "rows a"});
    REQUIRE(trees.size() == 3);
    CHECK(trees[0].granted_to[0].kind == Kind::token);
    CHECK(trees[0].granted_to[0].jobs.size() == 1);
    CHECK(trees[1].kind == Kind::token);
    CHECK(trees[1].granted_to[0].kind == Kind::repeated);
    CHECK(trees[1].granted_to[0].jobs.empty());
    CHECK(trees[1].granted_to[0].name == "a composition");
    CHECK(trees[2].kind == Kind::repeated);
    CHECK(trees[2].granted_to.empty());
}

TEST_CASE_FIXTURE(Trail, "grants that form a circle are shown and end there") {
    rows("one");
    stack("first", {"one"});
    stack("second", {"first"});
    must(chain->grant(signer("solver"), named_id("second"), named_id("first")));
    must(chain->grant(signer("solver"), named_id("first"), named_id("first")));
    const auto root = walk("one");
    const auto& first = root.granted_to.at(0);
    REQUIRE(first.granted_to.size() == 2);
    CHECK(first.granted_to[0].dt == named_id("second"));
    CHECK(first.granted_to[0].granted_to.at(0).kind == Kind::cycle);
    CHECK(first.granted_to[1].kind == Kind::cycle);
    CHECK(count_kind(root, Kind::cycle) == 2);
}

TEST_CASE_FIXTURE(Trail, "documents that contain each other are a circle in the union") {
    const std::string free = "{}";
    mint_unchecked("solver", "snake", composition("Dataset", {{"tail", free}}), false);
    mint_unchecked("solver", "tail", composition("Dataset", {{"snake", free}}), false);
    const auto root = walk("snake");
    REQUIRE(root.made_of.size() == 1);
    CHECK(root.made_of[0].made_of.at(0).kind == Kind::cycle);
}

TEST_CASE_FIXTURE(Trail, "a lost or altered document is shown with its problem, and the walk goes on") {
    build();
    std::filesystem::remove(file_of("rows a"));
    tamper(file_of("algo"), "0.1", "0.9");
    const auto root = walk("rows a");
    CHECK(root.type == "unreadable");
    CHECK_FALSE(root.problem.empty());
    CHECK(root.name.empty());
    CHECK(root.owner == "bank a");
    REQUIRE(root.granted_to.size() == 1);
    CHECK(root.granted_to[0].type == "unreadable");
    CHECK(root.granted_to[0].jobs.size() == 1);
    CHECK(walk("algo").made_of.size() == 3);  // the ledger knows the children
}

TEST_CASE_FIXTURE(Trail, "a child that the ledger does not know is shown as unreadable") {
    mint_unchecked("solver", "hollow", composition("Dataset", {{"never minted", "{}"}}), false);
    const auto root = walk("hollow");
    REQUIRE(root.made_of.size() == 1);
    CHECK(root.made_of[0].type == "unreadable");
    CHECK(root.made_of[0].dt == named_id("never minted"));
}

TEST_CASE_FIXTURE(Trail, "an owner without a record goes by its address") {
    rows("one");
    node->answer(contracts::asset_provider::kIsEnterprise, false);
    CHECK(walk("one").owner == address_text(signer("bank a").address()));
}

TEST_CASE_FIXTURE(Trail, "a root that is not on the ledger fails, as does a ledger that does not answer") {
    CHECK(Tracer(*registry).walk({named_id("nothing")}).status() == Status::NOT_FOUND);
    rows("one");
    CHECK(must(Tracer(*registry).walk({})).empty());
    node->answer(contracts::dt_factory::kRegister, Result<Bytes>(Error(Status::UNAVAILABLE, "gone")));
    CHECK(Tracer(*registry).walk({named_id("one")}).status() == Status::UNAVAILABLE);
}

TEST_CASE_FIXTURE(Trail, "a trace says when: tokens, grants, activations, jobs") {
    rows("one");
    const auto minted = must(chain->token(named_id("one"))).block_updated;
    clock->now += 100;
    must(publish("solver", "sum", composition("Algorithm", {{"one", R"({"lr":1,"outputs":"./outputs/x"})"}})));
    activate("solver", "sum");
    clock->now += 100;
    start("sum");
    const auto head = must(chain->info()).head;
    const auto leaf = walk("one");
    CHECK(leaf.written.block_number == minted);
    CHECK(leaf.written.block_time == clock->now - 200);
    const auto& sum = leaf.granted_to.at(0);
    CHECK(sum.written.block_time == clock->now - 100);
    REQUIRE(sum.grant.has_value());
    CHECK(sum.grant->state == TraceGrant::State::granted);
    CHECK(sum.grant->granted.block_time == clock->now - 100);
    CHECK(sum.jobs.at(0).written.block_number == head.number);
    CHECK(sum.jobs.at(0).written.block_time == clock->now);
    const auto root = walk("sum");
    CHECK(root.activated.block_time == clock->now - 100);
    CHECK(root.activated.block_number > sum.grant->granted.block_number);
    CHECK(root.made_of.at(0).grant->granted.block_number == sum.grant->granted.block_number);
}

TEST_CASE_FIXTURE(Trail, "a trace shows what was revoked, given again, expired and spent") {
    const auto states = [&] {
        const auto grant = *walk("one").granted_to.at(0).grant;
        CHECK(walk("sum").made_of.at(0).grant->state == grant.state);
        return grant;
    };
    rows("one");
    must(publish("solver", "sum", composition("Algorithm", {{"one", R"({"lr":1,"outputs":"./outputs/x"})"}})));
    activate("solver", "sum");
    const auto before = trace_text({walk("one")});
    CHECK(states().state == TraceGrant::State::granted);

    auto& owner = signer("bank a");
    clock->now += 50;
    must(chain->revoke(owner, named_id("one"), named_id("sum")));
    CHECK(states().state == TraceGrant::State::revoked);
    CHECK(states().revoked.block_time == clock->now);
    CHECK(trace_text({walk("one")}) != before);

    must(chain->grant(owner, named_id("one"), named_id("sum"), {clock->now + 100, 1, false, true}));
    auto again = states();
    CHECK(again.state == TraceGrant::State::granted);
    CHECK(again.limits.uses == 1);
    REQUIRE(again.history.size() == 3);
    CHECK(again.history[1].revoked);
    CHECK(again.granted.block_number == again.history[2].when.block_number);
    start("sum");
    CHECK(states().state == TraceGrant::State::spent);
    clock->now += 101;
    CHECK(states().state == TraceGrant::State::expired);
}

TEST_CASE_FIXTURE(Trail, "granted and taken back within one block: the last step counts") {
    rows("one");
    must(publish("solver", "sum", composition("Algorithm", {{"one", R"({"lr":1,"outputs":"./outputs/x"})"}})));
    activate("solver", "sum");
    const auto block = walk("one").granted_to.at(0).grant->granted.block_number;
    // As if the grant had been taken back in its own block.
    const auto& at = chain->network().contracts.dt_factory;
    auto encoded = abi::encode_event(contracts::dt_factory::kDataTokenRevoked,
                                     {abi::Value::of(named_id("one")), abi::Value::of(signer("bank a").address()),
                                      abi::Value::of(named_id("sum")), abi::Value::of(std::uint64_t(0))});
    node->add_log({at, encoded.topics, encoded.data, block, {}, 1});
    deny_grants();
    const auto grant = *walk("one").granted_to.at(0).grant;
    CHECK(grant.state == TraceGrant::State::revoked);
    REQUIRE(grant.history.size() == 2);
    CHECK_FALSE(grant.history[0].revoked);
}

TEST_CASE_FIXTURE(Trail, "whether a grant stands the contracts say; where they cannot be asked, its last event") {
    build(std::vector{alone("one")});
    const auto state = [&] { return walk("one").granted_to.at(0).grant->state; };
    CHECK(state() == TraceGrant::State::granted);
    deny_grants();
    CHECK(state() == TraceGrant::State::revoked);
    node->tell_the_truth();
    must(chain->revoke(signer("bank a"), named_id("one"), named_id("algo")));
    node->answer(contracts::dt_factory::kGetGrantTerms,
                 Result<Bytes>(Error(Status::CORRUPT, "the node's answer is malformed")));
    CHECK(state() == TraceGrant::State::revoked);
}

TEST_CASE_FIXTURE(Trail, "a grant to what is no token is shown, and the walk goes on") {
    build();
    const auto& at = chain->network().contracts.dt_factory;
    const auto encoded =
        abi::encode_event(contracts::dt_factory::kDataTokenGranted,
                          {abi::Value::of(named_id("rows a")), abi::Value::of(signer("bank a").address()),
                           abi::Value::of(TokenId{}), abi::Value::of(std::uint64_t(0))});
    node->add_log({at, encoded.topics, encoded.data, 3, {}, 0});
    const auto root = walk("rows a");
    REQUIRE(root.granted_to.size() == 2);
    CHECK(root.granted_to[0].jobs.size() == 1);
    CHECK(root.granted_to[1].dt.is_zero());
    CHECK(root.granted_to[1].type == "unreadable");
    CHECK(root.granted_to[1].problem.find("no data token") != std::string::npos);
}

TEST_CASE_FIXTURE(Trail, "what cannot be read of one node stands there, and the others are shown") {
    build();
    const auto broken = Result<Bytes>(Error(Status::CORRUPT, "the node's answer is malformed"));
    node->answer(contracts::asset_provider::kGetEnterprise, broken);
    node->answer(contracts::dt_factory::kGetGrantTerms, broken);
    node->answer(contracts::job_receipts::kGet, broken);
    const auto root = walk("rows a");
    CHECK(root.owner == address_text(signer("bank a").address()));
    const auto& shown = root.granted_to.at(0).jobs.at(0);
    CHECK(shown.problem.find("malformed") != std::string::npos);
    CHECK(shown.state == "registered");
    // A corrupt ledger is no matter of one node.
    Error rolled_back(Status::CORRUPT, "lacks a block");
    rolled_back.name = "ledger_rolled_back";
    node->answer(contracts::dt_factory::kGetGrantTerms, Result<Bytes>(rolled_back));
    CHECK(Tracer(*registry).walk({named_id("rows a")}).status() == Status::CORRUPT);
}

TEST_CASE_FIXTURE(Trail, "jobs come page by page, each once, and none costs more because of the others") {
    build(std::vector{alone()});
    const auto calls_of_a_walk = [&] {
        const auto before = node->calls;
        CHECK(walk("algo").jobs.size() == must(chain->job_count()));
        return node->calls - before;
    };
    const auto add = [&](int count) {
        for (int i = 0; i < count; ++i) must(chain->add_job(signer("solver"), named_id("algo"), task));
    };
    // Never asked: it reads as many records as the task has jobs.
    node->answer(contracts::task_market::kGetTask, Result<Bytes>(Error(Status::INTERNAL, "it grows")));
    const auto one = calls_of_a_walk();
    add(10);
    const auto eleven = calls_of_a_walk();
    add(390);
    const auto many = calls_of_a_walk();
    CHECK((eleven - one) / 10 == (many - eleven) / 390);
    CHECK((eleven - one) % 10 == 0);
    // The node itself, not the altered one: pages of its own.
    const auto root = must(Tracer(must(AssetRegistry::open(*chain, registry->options()))).walk({named_id("algo")}))[0];
    REQUIRE(root.jobs.size() == 401);
    for (std::size_t i = 0; i < root.jobs.size(); ++i) CHECK(root.jobs[i].job_id == i + 1);
}

TEST_CASE_FIXTURE(Trail, "a trace is of one block, whatever is written while it walks") {
    build();
    rows("other");
    const auto plain = must(AssetRegistry::open(*chain, registry->options()));
    bool written = false;
    const auto meanwhile = [&](std::uint64_t, std::uint64_t, std::string_view) {
        if (std::exchange(written, true)) return;
        must(chain->add_job(signer("solver"), named_id("algo"), task));
        must(chain->revoke(signer("bank a"), named_id("rows a"), named_id("algo")));
        must(
            chain->post_receipt(signer("bank a"), job, named_id("rows a"), ReceiptOutcome::failed, named_id("digest")));
        must(chain->update_enterprise(signer("admin"), signer("solver").address(), "renamed", ""));
    };
    const auto root = must(Tracer(plain).walk({named_id("rows a")}, meanwhile))[0];
    CHECK(written);
    const auto& algorithm = root.granted_to.at(0);
    CHECK(algorithm.owner == "solver");
    CHECK(algorithm.grant->state == TraceGrant::State::granted);
    REQUIRE(algorithm.jobs.size() == 1);
    CHECK(algorithm.jobs[0].receipts.empty());
    // The next one is of the next block.
    const auto after = must(Tracer(plain).walk({named_id("rows a")}))[0].granted_to.at(0);
    CHECK(after.owner == "renamed");
    CHECK(after.grant->state == TraceGrant::State::revoked);
    REQUIRE(after.jobs.size() == 2);
    CHECK(after.jobs[0].receipts.size() == 1);
}

TEST_CASE_FIXTURE(Trail, "a leaf says what its jobs opened in all") {
    build();
    CHECK(walk("rows a").opened.empty());
    const auto post = [&](std::uint64_t of, std::uint64_t sums) {
        must(chain->post_receipt(signer("bank a"), of, named_id("rows a"), ReceiptOutcome::succeeded,
                                 named_id("digest"), {{disclosure_kind("sum"), sums}, {disclosure_kind("domain"), 1}}));
    };
    post(job, 2);
    post(must(chain->add_job(signer("solver"), named_id("algo"), task)), 3);
    const auto root = walk("rows a");
    CHECK(root.opened == std::map<std::string, std::uint64_t>{{"domain", 2}, {"sum", 5}});
    CHECK(walk("rows b").opened.empty());
    const std::string text = trace_text({root});
    CHECK(text.substr(0, text.find('\n')).ends_with("  opened domain 2, sum 5"));
    CHECK(trace_json({root}).find(R"("opened":{"domain":2,"sum":5})") != std::string::npos);
}

TEST_CASE_FIXTURE(Trail, "a trace asks each question of the ledger once") {
    build();
    std::map<Bytes, int> asked;
    node->on_call = [&](BytesView question) -> std::optional<Result<Bytes>> {
        ++asked[Bytes(question.begin(), question.end())];
        return std::nullopt;
    };
    CHECK(size_of(walk("rows a")) > 2);
    CHECK(asked.size() > 10);
    for (const auto& question : asked) CHECK_MESSAGE(question.second == 1, hex_text(question.first));
}

TEST_CASE_FIXTURE(Trail, "a union is what the activation named, whatever the document says") {
    rows("one");
    rows("two");
    mint_unchecked("solver", "sum", composition("Dataset", {{"one", "{}"}, {"two", "{}"}}), false);
    must(chain->grant(signer("bank a"), named_id("two"), named_id("sum")));
    must(chain->start_compose(signer("solver"), named_id("sum"), {named_id("two")}));
    const auto root = walk("sum");
    REQUIRE(root.made_of.size() == 1);
    CHECK(root.made_of[0].dt == named_id("two"));
}

TEST_CASE_FIXTURE(Trail, "a child that was not granted is marked in the union") {
    rows("one");
    must(publish("solver", "draft", composition("Dataset", {{"one", R"({"lr":{},"outputs":{}})"}})));
    CHECK(walk("draft").made_of.at(0).grant->state == TraceGrant::State::none);
    must(chain->grant(signer("bank a"), named_id("one"), named_id("draft")));
    CHECK(walk("draft").made_of.at(0).grant->state == TraceGrant::State::granted);
}

TEST_CASE_FIXTURE(Trail, "a walk tells of its progress and can be cancelled") {
    build();
    std::vector<std::uint64_t> steps;
    must(Tracer(*registry).walk({named_id("rows a")}, [&](auto done, auto, auto) { steps.push_back(done); }));
    CHECK(steps == std::vector<std::uint64_t>{1, 2});
    CancelToken cancel;
    cancel.cancel();
    CHECK(Tracer(*registry).walk({named_id("rows a")}, {}, &cancel).status() == Status::CANCELLED);
}

TEST_CASE_FIXTURE(Trail, "a chain of grants deeper than 200 is cut and says so") {
    // Grants alone: the rules for documents would stop at 16 levels.
    rows("deep 0");
    for (int level = 1; level <= 210; ++level) {
        const auto below = "deep " + std::to_string(level - 1), here = "deep " + std::to_string(level);
        mint_unchecked("solver", here, composition("Dataset", {{below, "{}"}}), false);
        must(chain->grant(signer(level == 1 ? "bank a" : "solver"), named_id(below), named_id(here)));
        must(chain->start_compose(signer("solver"), named_id(here), {named_id(below)}));
    }
    const auto up = walk("deep 0");
    CHECK(count_kind(up, Kind::truncated) == 1);
    CHECK(count_kind(up, Kind::token) == 200);
    const auto down = walk("deep 210");
    CHECK(count_kind(down, Kind::truncated) == 1);
}
