// One behaviour: every function, every code and every view of the contracts, on the embedded
// ledger, on a served ledger and on an EVM, with equal logs, answers and refusals.

#include "evm/scenario.hpp"
#include "support/temp_dir.hpp"

#include <fmt/format.h>

namespace c2d::evm {

namespace c = contracts;
using abi::Value;
using support::must;
using support::named_address;
using support::named_id;

namespace {

constexpr std::uint64_t kOk = c::kSuccess, kNo = c::kNoPermission;

Value number(std::uint64_t value) { return Value::of(value); }
Value text(std::string_view value) { return Value::text(std::string(value)); }
Value person(std::string_view name) { return Value::of(named_address(name)); }
Value id(std::string_view name) { return Value::of(named_id(name)); }
Value word(std::string_view of) { return Value::of(keccak256(of)); }
const Value kNobody = Value::of(Address{});
const Value kNothing = Value::of(TokenId{});

/// `low` + 2^`bit`: numbers beyond 64 bits, alike in their last digits to small ones.
Value beyond(unsigned bit, std::uint64_t low = 0) {
    Bytes32 out = number(low).word();
    out.data[31 - bit / 8] |= std::uint8_t(1u << bit % 8);
    return Value::uint256(out);
}

Value ids(std::initializer_list<const char*> names) {
    Values list;
    for (const auto* name : names) list.push_back(id(name));
    return Value::list(std::move(list));
}

/// Longer than one word, with letters of one to four bytes.
const std::string kLongText = "Stiftung für Blätter 数据协作 🌱, with a name that fills more than one word";

/// The scenario in the words of its actors: who calls what, and what it comes to.
struct Story : Scenario {
    Story() {
        for (const char* name : {"admin", "deputy", "bank", "solver", "firm", "desk", "stranger"})
            people.push_back(named_address(name));
        people.push_back(Address{});
        for (const char* name : {"rows", "more rows", "model", "score", "suite", "spare", "unknown"})
            tokens.push_back(named_id(name));
        tokens.push_back(TokenId{});
        templates = {named_id("op"), named_id("op 2"), named_id("unknown"), TokenId{}};
    }

    void add_role(std::string_view who, const Value& whom, const Value& role, std::uint64_t code) {
        send(who, c::role_controller::kAddRole, {whom, role}, code);
    }
    void enterprise(std::string_view who, const Value& whom, std::string_view name, std::uint64_t code) {
        send(who, c::asset_provider::kRegisterEnterprise, {whom, text(name), text("about")}, code);
    }
    void update_enterprise(std::string_view who, const Value& whom, std::string_view name, std::uint64_t code) {
        send(who, c::asset_provider::kUpdateEnterprise, {whom, text(name), text("")}, code);
    }
    void provider(std::string_view who, const Value& whom, std::uint64_t code) {
        send(who, c::asset_provider::kAddProvider, {whom}, code);
    }
    void update_provider(std::string_view who, const Value& whom, std::uint64_t code) {
        send(who, c::asset_provider::kUpdateProvider, {whom}, code);
    }
    void publish(std::string_view who, const Value& tid, std::string_view name, std::uint64_t code) {
        send(who, c::op_template::kPublish, {tid, text(name), word("code"), text("QmCode")}, code);
    }
    void update(std::string_view who, const Value& tid, std::string_view name, std::uint64_t code) {
        send(who, c::op_template::kUpdate, {tid, text(name), word("newer"), text("QmNewer")}, code);
    }
    void mint(std::string_view who, const Value& dt, std::string_view owner, bool leaf, std::uint64_t code) {
        send(who, c::dt_factory::kMint, {dt, person(owner), Value::of(leaf), word("document"), text("QmDocument")},
             code);
    }
    void grant(std::string_view who, std::string_view dt, std::string_view grantee, std::uint64_t code) {
        send(who, c::dt_factory::kGrant, {id(dt), id(grantee)}, code);
    }
    void grant_until(std::string_view who, std::string_view dt, std::string_view grantee, const Value& expiry,
                     const Value& uses, std::uint64_t code) {
        send(who, c::dt_factory::kGrantLimited, {id(dt), id(grantee), expiry, uses}, code);
    }
    void revoke(std::string_view who, std::string_view dt, std::string_view grantee, std::uint64_t code) {
        send(who, c::dt_factory::kRevoke, {id(dt), id(grantee)}, code);
    }
    void compose(std::string_view who, std::string_view cdt, std::initializer_list<const char*> children,
                 std::uint64_t code) {
        send(who, c::dt_factory::kStartCompose, {id(cdt), ids(children)}, code);
    }
    void task(std::string_view who, std::string_view name, std::uint64_t code) {
        send(who, c::task_market::kCreateTask, {text(name), text(kLongText)}, code);
    }
    void job(std::string_view who, std::string_view cdt, const Value& task, std::uint64_t code) {
        send(who, c::task_market::kAddJob, {id(cdt), task}, code);
    }
    void close(std::string_view who, const Value& task, std::uint64_t code) {
        send(who, c::task_market::kCloseTask, {task}, code);
    }
    void receipt(std::string_view who, const Value& job, std::string_view dt, const Value& outcome, const Value& digest,
                 std::uint64_t code) {
        send(who, c::job_receipts::kPost, {job, id(dt), outcome, digest}, code);
    }

    void roles();
    void organisations();
    void operators();
    void minting();
    void granting();
    void granting_with_limits();
    void revoking();
    void composing();
    void opening_tasks();
    void jobs_and_their_grants();
    void jobs_below_jobs();
    void closing_tasks();
    void receipts();
    void through_typed_calls();
    void malformed_calls();
};

void Story::roles() {
    add_role("stranger", person("stranger"), number(100), kNo);
    add_role("admin", person("deputy"), number(100), kOk);
    add_role("admin", person("deputy"), number(100), c::kRoleExists);
    add_role("stranger", person("deputy"), number(100), kNo);  // learns nothing of who has it
    // The other roles only through AssetProvider, the zero address not at all, unknown roles to
    // nobody.
    for (const std::uint64_t role : {101, 102, 0, 99, 103}) add_role("admin", person("bank"), number(role), kNo);
    add_role("admin", person("bank"), beyond(64, 100), kNo);
    add_role("admin", kNobody, number(100), kNo);
}

void Story::organisations() {
    enterprise("stranger", person("stranger"), "self", kNo);
    enterprise("admin", person("bank"), "bank", kOk);
    enterprise("admin", person("bank"), "bank", c::kEnterpriseExists);
    enterprise("admin", kNobody, "nobody", c::kEnterpriseExists);
    enterprise("deputy", person("solver"), kLongText, kOk);
    enterprise("admin", person("firm"), "", kOk);
    update_enterprise("bank", person("bank"), "better", kNo);
    update_enterprise("admin", person("stranger"), "x", c::kEnterpriseUnknown);
    update_enterprise("admin", kNobody, "x", c::kEnterpriseUnknown);
    update_enterprise("admin", person("solver"), "solver", kOk);

    provider("bank", person("bank"), kNo);
    for (const char* name : {"bank", "solver", "desk"}) provider("admin", person(name), kOk);
    provider("admin", person("bank"), c::kProviderExists);
    provider("admin", kNobody, c::kProviderExists);
    update_provider("bank", person("bank"), kNo);
    update_provider("admin", person("firm"), c::kProviderUnknown);
    update_provider("admin", kNobody, c::kProviderUnknown);
    update_provider("admin", person("bank"), kOk);
}

void Story::operators() {
    publish("bank", id("op"), "train", kNo);
    publish("admin", kNothing, "zero", c::kTemplateExists);
    publish("admin", id("op"), "train", kOk);
    publish("admin", id("op"), "again", c::kTemplateExists);
    publish("admin", id("op 2"), kLongText, kOk);
    update("bank", id("op"), "train", kNo);
    update("admin", id("unknown"), "x", c::kTemplateUnknown);
    update("admin", kNothing, "x", c::kTemplateUnknown);
    update("deputy", id("op"), "", kOk);
}

void Story::minting() {
    mint("stranger", id("rows"), "stranger", true, kNo);
    mint("desk", id("rows"), "desk", true, kNo);  // a provider, but no enterprise
    mint("firm", id("rows"), "firm", true, kNo);  // an enterprise, but no provider
    mint("firm", id("score"), "firm", false, kNo);
    mint("bank", id("rows"), "solver", true, kNo);  // not in another's name
    mint("bank", kNothing, "bank", true, c::kTokenExists);
    mint("bank", id("rows"), "bank", true, kOk);
    mint("bank", id("rows"), "bank", true, c::kTokenExists);
    mint("solver", id("rows"), "solver", false, c::kTokenExists);
    mint("bank", id("more rows"), "bank", true, kOk);
    mint("solver", id("model"), "solver", true, kOk);
    mint("solver", id("score"), "solver", false, kOk);
    mint("solver", id("suite"), "solver", false, kOk);
    mint("bank", id("spare"), "bank", false, kOk);
}

void Story::granting() {
    grant("firm", "rows", "score", kNo);
    grant("bank", "unknown", "score", c::kTokenUnknown);
    grant("bank", "rows", "unknown", c::kTokenUnknown);
    grant("desk", "rows", "score", kNo);
    grant("solver", "rows", "score", kNo);
    grant("bank", "rows", "more rows", c::kCompositeUnavailable);  // the grantee is a leaf
    grant("bank", "spare", "score", c::kCompositeUnavailable);     // not active itself
    grant("bank", "rows", "score", kOk);
    grant("bank", "rows", "score", c::kGrantedAlready);
    grant("solver", "rows", "score", kNo);  // a stranger learns nothing of the grant
    send("bank", c::dt_factory::kGrant, {kNothing, id("score")}, c::kTokenUnknown);
    send("bank", c::dt_factory::kGrant, {id("rows"), kNothing}, c::kTokenUnknown);
}

void Story::granting_with_limits() {
    const auto none = number(0);
    grant_until("firm", "rows", "suite", none, none, kNo);
    grant_until("bank", "unknown", "suite", none, none, c::kTokenUnknown);
    grant_until("bank", "rows", "unknown", none, none, c::kTokenUnknown);
    grant_until("solver", "rows", "suite", none, none, kNo);
    grant_until("bank", "rows", "score", none, number(3), c::kGrantedAlready);
    grant_until("bank", "rows", "more rows", none, none, c::kCompositeUnavailable);
    grant_until("bank", "rows", "suite", number(1), none, c::kGrantExpired);
    grant_until("bank", "rows", "suite", number(next_time() - 1), none, c::kGrantExpired);
    // The last second in which it holds is this one; in the next it may be given anew.
    grant_until("bank", "rows", "suite", number(next_time()), number(2), kOk);
    grant_until("bank", "rows", "suite", number(next_time() + 2), none, kOk);
    grant_until("bank", "rows", "suite", none, none, c::kGrantedAlready);
    // More than 64 bits hold is as good as no bound.
    grant_until("bank", "more rows", "suite", beyond(200), beyond(64, 1), kOk);
    grant_until("solver", "model", "suite", beyond(64), beyond(255), kOk);
}

void Story::revoking() {
    revoke("firm", "rows", "score", kNo);
    revoke("bank", "unknown", "score", c::kTokenUnknown);
    revoke("solver", "rows", "score", kNo);
    revoke("bank", "more rows", "score", c::kNotGranted);
    revoke("bank", "rows", "unknown", c::kNotGranted);
    revoke("bank", "rows", "score", kOk);
    revoke("bank", "rows", "score", c::kNotGranted);
    revoke("bank", "rows", "suite", kOk);  // its time is over, but it was given
    grant_until("bank", "rows", "score", number(0), number(2), kOk);
    grant("solver", "model", "score", kOk);
}

void Story::composing() {
    compose("stranger", "score", {"rows"}, kNo);
    compose("solver", "unknown", {"rows"}, kNo);
    compose("bank", "rows", {"rows"}, kNo);   // a leaf
    compose("bank", "score", {"rows"}, kNo);  // another's
    compose("solver", "score", {}, kNo);
    compose("solver", "score", {"rows", "more rows"}, kNo);  // not granted
    compose("solver", "score", {"rows", "unknown"}, kNo);
    compose("solver", "score", {"spare"}, kNo);  // not active
    // A child named twice is one link.
    compose("solver", "score", {"rows", "model", "rows"}, kOk);
    compose("solver", "score", {"rows"}, c::kCompositeActive);
    compose("bank", "score", {"rows"}, c::kCompositeActive);
}

void Story::opening_tasks() {
    task("stranger", "t", kNo);
    task("desk", "t", kNo);
    task("bank", "first", kOk);
    task("bank", kLongText, kOk);
    task("firm", "", kOk);
}

void Story::jobs_and_their_grants() {
    const auto first = number(1);
    job("stranger", "score", first, kNo);
    job("desk", "score", first, kNo);
    for (const auto& task : {number(0), number(9), beyond(64, 1)}) job("solver", "score", task, c::kTaskUnavailable);
    for (const char* cdt : {"suite", "rows", "unknown"}) job("solver", cdt, first, c::kJobTokenInactive);
    job("bank", "score", first, c::kJobTokenForeign);

    // Two jobs are what the grant is good for; a refused one uses nothing up.
    job("solver", "score", first, kOk);
    revoke("solver", "model", "score", kOk);
    job("solver", "score", first, c::kNotGranted);
    grant_until("solver", "model", "score", number(next_time() + 1), number(0), kOk);
    job("solver", "score", number(2), kOk);
    // The first link is spent, the second over: the order of the links decides.
    job("solver", "score", first, c::kGrantSpent);
    grant("bank", "rows", "score", kOk);  // a spent grant may be given anew
    job("solver", "score", first, c::kGrantExpired);
    grant("solver", "model", "score", kOk);
    pass(1'000'000);
    job("solver", "score", first, kOk);
}

/// suite = {rows, more rows, score}, score = {rows, model}: every link counts, each once.
void Story::jobs_below_jobs() {
    grant("bank", "rows", "suite", kOk);
    grant_until("solver", "score", "suite", number(next_time() + 40), number(3), kOk);
    compose("solver", "suite", {"rows", "more rows", "score"}, kOk);
    job("solver", "suite", number(2), kOk);
    revoke("bank", "rows", "score", kOk);  // two steps below
    job("solver", "suite", number(2), c::kNotGranted);
    grant_until("bank", "rows", "score", number(0), number(1), kOk);
    job("solver", "suite", number(2), kOk);
    job("solver", "suite", number(2), c::kGrantSpent);
    job("solver", "score", number(2), c::kGrantSpent);
    pass(60);
    job("solver", "suite", number(2), c::kGrantExpired);  // score's own, before what is below it
}

void Story::closing_tasks() {
    close("stranger", number(1), kNo);
    for (const auto& task : {number(0), number(9), beyond(64, 1)}) close("bank", task, c::kTaskUnavailable);
    close("solver", number(1), c::kTaskForeign);
    close("bank", number(1), kOk);
    close("bank", number(1), c::kTaskUnavailable);
    close("solver", number(1), c::kTaskUnavailable);
    job("solver", "score", number(1), c::kTaskUnavailable);
}

void Story::receipts() {
    const auto digest = word("receipt"), none = Value::of(Bytes32{}), good = number(1);
    for (const auto& job : {number(0), number(99), beyond(64, 1)})
        receipt("bank", job, "rows", good, digest, c::kJobUnknown);
    for (const char* dt : {"more rows", "score", "unknown"})  // job 1 is of score
        receipt("bank", number(1), dt, good, digest, c::kTokenNotInJob);
    receipt("solver", number(1), "rows", good, digest, kNo);
    receipt("stranger", number(1), "rows", number(9), none, kNo);
    for (const auto& outcome : {number(0), number(6), beyond(64, 1)})
        receipt("bank", number(1), "rows", outcome, digest, c::kReceiptMalformed);
    receipt("bank", number(1), "rows", good, none, c::kReceiptMalformed);
    receipt("bank", number(1), "rows", number(2), digest, kOk);
    receipt("bank", number(1), "rows", number(3), word("other"), c::kReceiptExists);
    receipt("bank", number(1), "rows", number(0), none, c::kReceiptExists);
    receipt("solver", number(1), "model", number(5), digest, kOk);
    // Job 4 is of suite: what is below score is below suite, and score is part of it itself.
    receipt("solver", number(4), "suite", good, digest, c::kTokenNotInJob);
    receipt("solver", number(4), "model", number(4), digest, kOk);
    receipt("solver", number(4), "score", good, digest, kOk);
    receipt("bank", number(4), "more rows", number(3), digest, kOk);
}

/// The same once more, briefly, as programs call it; what was refused above was asked so already.
void Story::through_typed_calls() {
    const auto cdt = id("typed cdt"), dt = id("typed rows");
    tokens.push_back(named_id("typed cdt"));
    tokens.push_back(named_id("typed rows"));
    people.push_back(named_address("late"));
    namespace t = c::dt_factory;
    typed("admin", c::role_controller::kAddRole, {person("late"), number(100)}, kOk);
    typed("late", c::asset_provider::kRegisterEnterprise, {person("late"), text("l"), text("")}, kOk);
    typed("late", c::asset_provider::kUpdateEnterprise, {person("late"), text("late"), text("é")}, kOk);
    typed("late", c::asset_provider::kAddProvider, {person("late")}, kOk);
    typed("late", c::op_template::kPublish, {id("op 3"), text("o"), word("c"), text("Qm")}, kOk);
    typed("admin", c::op_template::kUpdate, {id("op 3"), text("p"), word("d"), text("Qn")}, kOk);
    typed("late", t::kMint, {dt, person("late"), Value::of(true), word("d"), text("Qm")}, kOk);
    typed("late", t::kMint, {cdt, person("late"), Value::of(false), word("d"), text("Qm")}, kOk);
    typed("late", t::kGrantLimited, {dt, cdt, number(next_time() + 1'000), number(1)}, kOk);
    typed("late", t::kRevoke, {dt, cdt}, kOk);
    typed("late", t::kGrant, {dt, cdt}, kOk);
    typed("late", t::kStartCompose, {cdt, ids({"typed rows"})}, kOk);
    typed("late", c::task_market::kCreateTask, {text("typed"), text("")}, kOk);
    typed("late", c::task_market::kAddJob, {cdt, number(4)}, kOk);
    typed("late", c::task_market::kCloseTask, {number(4)}, kOk);
    typed("late", c::job_receipts::kPost, {number(6), dt, number(1), word("r")}, kOk);
}

/// Calls that no network runs, beside their like that every one does.
void Story::malformed_calls() {
    const auto create = [](const std::string& name) {
        return abi::encode_call(c::task_market::kCreateTask.signature, {text(name), text("")});
    };
    must_not_revert(c::Contract::task_market, create(kLongText));
    const char* not_utf8[] = {"\x80",
                              "\xc1\xbf",
                              "\xc3",
                              "\xe0\x9f\xbf",
                              "\xed\xa0\x80",
                              "\xf0\x8f\xbf\xbf",
                              "\xf4\x90\x80\x80",
                              "\xf5\x80\x80\x80",
                              "\xe2\x82",
                              "a name of thirty letters, and \xff"};
    // An encoder that does not look: the bytes are put in place of as many letters.
    for (const std::string bad : not_utf8) {
        Bytes data = create(std::string(bad.size(), 'x'));
        std::copy(bad.begin(), bad.end(), data.begin() + 4 + 3 * 32);
        must_revert(c::Contract::task_market, std::move(data));
    }
    for (const std::string good : {"\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xef\xbf\xbf",
                                   "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
        must_not_revert(c::Contract::task_market, create(good));

    for (std::size_t place = 0; place < std::size(kContracts); ++place) {
        const auto contract = c::Contract(place);
        must_revert(contract, {});
        must_revert(contract, {1, 2, 3});
        must_revert(contract, {0x12, 0x34, 0x56, 0x78});
    }
    must_revert(c::Contract::dt_factory, abi::encode_call("useGrants(bytes32)", {id("score")}));  // TaskMarket's alone

    Bytes mint = abi::encode_call(c::dt_factory::kMint.signature,
                                  {id("x"), person("bank"), Value::of(true), word("d"), text("Qm")});
    must_not_revert(c::Contract::dt_factory, mint);
    const auto changed = [&](std::size_t at, std::uint8_t value) {
        Bytes out = mint;
        out[at] = value;
        return out;
    };
    must_revert(c::Contract::dt_factory, changed(4 + 32, 1));            // an address of more than 20 bytes
    must_revert(c::Contract::dt_factory, changed(4 + 2 * 32 + 31, 2));   // a bool that is neither
    must_revert(c::Contract::dt_factory, changed(4 + 4 * 32 + 30, 9));   // a text that begins past the end
    must_revert(c::Contract::dt_factory, changed(4 + 5 * 32 + 31, 99));  // and one that reaches past it
    must_revert(c::Contract::dt_factory, Bytes(mint.begin(), mint.end() - 32));
    mint.push_back(0);
    must_not_revert(c::Contract::dt_factory, mint);  // more bytes than needed
}

}  // namespace

TEST_CASE("the contracts behave alike on a ledger, a served ledger and an EVM") {
    Story story;
    story.roles();
    story.organisations();
    story.operators();
    story.minting();
    story.granting();
    story.granting_with_limits();
    story.revoking();
    story.composing();
    story.opening_tasks();
    story.jobs_and_their_grants();
    story.jobs_below_jobs();
    story.closing_tasks();
    story.receipts();
    story.through_typed_calls();
    story.malformed_calls();
    story.compare_histories();
    story.check_coverage();
    CHECK(story.networks.all()[0].chain.verify().ok());
}

namespace {

json::Value artifact(std::string_view contract) {
    const std::string path = fmt::format("{}/src/contracts/artifacts/{}.json", C2D_SOURCE_DIR, contract);
    return must(json::parse(support::read_text(path), {std::size_t(1) << 22, 64}));
}

/// "name(type,type)" of an entry of the ABI, and "type,type" of one of its lists.
std::string types_in(const json::Value& entry, std::string_view list) {
    std::string out;
    for (const auto& parameter : entry.find(list)->items())
        out += (out.empty() ? "" : ",") + parameter.text_at({"type"});
    return out;
}
std::string signature_of(const json::Value& entry) {
    return entry.text_at({"name"}) + "(" + types_in(entry, "inputs") + ")";
}

/// What only contracts ask each other, and `Chain::deploy` after them: no ledger has it.
const std::set<std::string> kWiring = {"assetProvider()", "roleController()", "taskMarket()", "dtFactory()",
                                       "useGrants(bytes32)"};

}  // namespace

TEST_CASE("the compiled contracts offer the interface that the library speaks, and nothing else") {
    std::map<std::string, std::string> expected;
    for (const auto& function : c::all_functions()) expected[title(function)] = function.returns;
    std::map<std::string, std::string> found;
    for (const auto& contract : kContracts) {
        const json::Value compiled = artifact(contract.name);
        for (const auto& entry : compiled.find("abi")->items())
            if (entry.text_at({"type"}) == "function" && !kWiring.contains(signature_of(entry)))
                found[fmt::format("{}.{}", contract.name, signature_of(entry))] = types_in(entry, "outputs");
    }
    CHECK(found.size() == expected.size());
    for (const auto& one : expected) {
        CHECK_MESSAGE(found.contains(one.first), one.first);
        CHECK(found[one.first] == one.second);
    }
    std::set<std::string> written, writable;
    for (const auto& write : all_writes()) written.insert(title(write.function));
    for (const auto& function : c::all_functions())
        if (function.changes_state()) writable.insert(title(function));
    CHECK(written == writable);  // the scenario declares codes for each
}

}  // namespace c2d::evm
