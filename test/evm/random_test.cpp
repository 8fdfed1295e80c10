// One behaviour once more: calls that nobody thought of, in sequences, must leave equal receipts and equal answers of
// all views on three networks, and a second process that replays the ledger must come to the same answers.
// C2D_FULL=1 runs 100,000 calls.

#include "evm/scenario.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <random>

namespace c2d::evm {

namespace c = contracts;
using abi::Value;
using support::must;
using support::named_address;
using support::named_id;

namespace {

constexpr std::size_t kSequence = 200;
/// Pairs of function and code that the calls must come to, or they try too little.
constexpr std::size_t kPairsSeen = 70, kPairsSeenByAll = 104;
std::size_t sequences() { return std::getenv("C2D_FULL") ? 500 : 6; }

/// Administrators, organisations, keys that may come to act for them, and one that never may do anything.
const std::vector<std::string> kSenders = {"admin", "deputy", "bank",  "solver", "twin",    "firm",
                                           "desk",  "key 1",  "key 2", "key 3",  "outsider"};
const std::vector<std::string> kTokens = {"rows", "model", "spare", "score", "suite", "twin's", "unknown"};
/// How often calls are by and about them: those who have something more than the others.
const std::vector<std::string> kSendersDrawn = {"admin",  "admin",  "deputy", "bank",    "bank", "bank",
                                                "solver", "solver", "solver", "twin",    "firm", "desk",
                                                "key 1",  "key 2",  "key 3",  "outsider"};
const std::vector<std::string> kTokensDrawn = {"rows",  "rows",  "rows",  "model",  "spare",  "score",
                                               "score", "suite", "suite", "twin's", "unknown"};
const std::vector<std::string> kTemplates = {"op", "op 2"};

Subjects subjects() {
    Subjects out;
    for (const auto& name : kSenders) out.people.push_back(named_address(name));
    out.people.push_back(Address{});
    for (const char* name : {"admin", "deputy", "bank", "solver", "twin"})
        out.identities.push_back(named_address(name));
    for (const char* name : {"bank", "solver", "twin"}) out.composers.push_back(named_address(name));
    for (const auto& name : kTokens) out.tokens.push_back(named_id(name));
    out.tokens.push_back(TokenId{});
    for (const auto& name : kTemplates) out.templates.push_back(named_id(name));
    out.kinds = {keccak256("labels")};
    return out;
}

/// Arguments as people and attackers might give them, from small pools, so that many calls find what others left.
class Draw {
public:
    explicit Draw(std::uint64_t seed) : bits_(seed) {}

    std::size_t below(std::size_t count) { return std::size_t(bits_() % count); }
    bool once_in(std::size_t count) { return below(count) == 0; }
    template <class T>
    const T& of(const std::vector<T>& list) {
        return list[below(list.size())];
    }

    Values arguments(const c::Function& function, std::uint64_t now) {
        Values out;
        const auto types = must(abi::parse_signature(function.signature));
        // Delegates' types, kinds and digests are words like ids.
        const bool keys = function.contract == c::Contract::identity;
        for (const auto& type : types) out.push_back(type.array ? list(type, now) : value(type, keys, now));
        return out;
    }

private:
    Value list(const abi::Type& type, std::uint64_t now) {
        Values out(1 + below(3));
        for (auto& each : out) each = value({type.kind, type.bits}, false, now);
        return Value::list(once_in(12) ? Values() : std::move(out));
    }
    Value value(const abi::Type& type, bool keys, std::uint64_t now) {
        switch (type.kind) {
            case abi::Kind::address: return Value::of(once_in(12) ? Address{} : named_address(of(kSenders)));
            case abi::Kind::boolean: return Value::of(once_in(2));
            case abi::Kind::string: return Value::text(text());
            case abi::Kind::bytes32: return keys ? delegate_type() : word();
            default: return number(now);
        }
    }
    Value word() {
        if (once_in(20)) return Value::of(Bytes32{});
        if (once_in(12)) return Value::of(keccak256("labels"));
        return Value::of(once_in(12) ? named_id(of(kTemplates)) : named_id(of(kTokens)));
    }
    Value delegate_type() {
        static const std::vector<std::string> kTypes = {"grant", "work", "grant", "work", "", "other"};
        return Value::of(c::identity::delegate_type(of(kTypes)));
    }
    std::string text() {
        static const std::vector<std::string> kTexts = {"",     "name",  "AZ:09-./", "DE:1", "é",
                                                        "DE 1", "QmDoc", "AZ:09-./", "ABC",  "数据协作"};
        if (once_in(25)) return std::string(of(std::vector<std::size_t>{64, 65, 256, 257, 4096, 4097}), 'A');
        return of(kTexts);
    }
    Value number(std::uint64_t now) {
        static const std::vector<std::uint64_t> kNumbers = {0, 0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 100, 101, 102, 86'400};
        if (once_in(4)) return Value::of(now + below(5) * 50'000);
        if (once_in(20)) return Value::of(of(std::vector<std::uint64_t>{31'622'400, 31'622'401, UINT64_MAX}));
        if (!once_in(20)) return Value::of(of(kNumbers));
        Bytes32 huge;
        huge.data[below(24)] = std::uint8_t(1 + below(255));
        huge.data[31] = std::uint8_t(below(4));
        return Value::uint256(huge);
    }

    std::mt19937_64 bits_;
};

struct Story : Scenario {
    Story() { static_cast<Subjects&>(*this) = subjects(); }

    /// What sequences need to come anywhere; the number of calls.
    std::size_t begin() {
        std::size_t calls = 0;
        const auto call = [&](std::string_view who, const c::Function& function, const Values& arguments) {
            CHECK(send_any(who, function, abi::encode_call(function.signature, arguments)));
            ++calls;
        };
        const auto text = [](const char* value) { return Value::text(value); };
        const auto person = [](const char* name) { return Value::of(named_address(name)); };
        const auto id = [](const char* name) { return Value::of(named_id(name)); };
        call("admin", c::role_controller::kAddRole, {person("deputy"), Value::of(std::uint64_t(100))});
        for (const char* name : {"bank", "solver", "twin"}) {
            const auto legal = text(std::string_view(name) == "bank" ? "" : "AZ:09-./");
            call("admin", c::asset_provider::kRegisterOrganisation, {person(name), text(name), text(""), legal});
            call("admin", c::asset_provider::kAddProvider, {person(name)});
        }
        call("admin", c::asset_provider::kRegisterEnterprise, {person("firm"), text("firm"), text("")});
        call("admin", c::asset_provider::kAddProvider, {person("desk")});
        const auto mint = [&](const char* owner, const char* token, bool leaf) {
            call(owner, c::dt_factory::kMint,
                 {id(token), person(owner), Value::of(leaf), id("document"), text("QmDoc")});
        };
        mint("bank", "rows", true);
        mint("solver", "model", true);
        for (const char* cdt : {"score", "suite"}) mint("solver", cdt, false);
        mint("twin", "twin's", false);
        call("bank", c::task_market::kCreateTask, {text("task"), text("")});
        const auto lend = [&](const char* owner, std::string_view type, const char* key) {
            call(owner, c::identity::kAddDelegate,
                 {person(owner), Value::of(c::identity::delegate_type(type)), person(key),
                  Value::of(std::uint64_t(31'622'400))});
        };
        lend("bank", c::identity::kGrantType, "key 1");
        lend("solver", c::identity::kWorkType, "key 2");
        return calls;
    }

    void any_call(Draw& draw, const std::vector<c::Function>& functions) {
        if (draw.once_in(20)) pass(draw.of(std::vector<std::uint64_t>{1, 60, 50'000, 604'800, 40'000'000}));
        const auto& function = draw.of(functions);
        const std::string who = draw.of(kSenders);
        Bytes data = abi::encode_call(function.signature, draw.arguments(function, next_time()));
        if (draw.once_in(60)) data.resize(data.size() - 32);  // a call that ends too early
        if (draw.once_in(60)) data[0] ^= 0xff;                // and one of no function
        send_any(who, function, std::move(data));
    }
};

/// Functions by how often they are called: what leads to jobs and receipts more often than what is refused anyway.
std::vector<c::Function> weighted() {
    namespace d = c::dt_factory;
    std::vector<c::Function> out;
    for (const auto& f : c::all_functions()) {
        if (!f.changes_state()) continue;
        const bool often = f == c::Function(d::kGrant) || f == c::Function(d::kGrantDecided) ||
                           f == c::Function(d::kStartCompose) || f == c::Function(c::task_market::kAddJob) ||
                           f == c::Function(c::identity::kAddDelegate) || f == c::Function(c::identity::kChangeOwner) ||
                           f == c::Function(c::job_receipts::kPost);
        out.insert(out.end(), often ? 4 : 1, f);
    }
    return out;
}

/// One text of everything that the views of a ledger say.
std::string state_of(const Network& network, const Subjects& about) {
    std::vector<View> calls;
    for (const auto& [read, view] : views_about(about, network.chain.network().contracts)) calls.push_back(view);
    std::string all;
    for (const auto& answer : network.answers(calls)) all += answer + "\n";
    return hex_text(keccak256(all));
}

/// What this program prints, started once more for its other test alone.
std::string replayed_elsewhere(const std::string& ledger, std::uint64_t now) {
    const auto program = std::filesystem::read_symlink("/proc/self/exe").string();
    const auto command = fmt::format("C2D_REPLAY='{}' C2D_REPLAY_NOW={} '{}' --no-skip --test-case='a second process*'",
                                     ledger, now, program);
    FILE* pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe);
    std::string said;
    char part[256];
    while (std::fgets(part, sizeof part, pipe)) said += part;
    CHECK_MESSAGE(::pclose(pipe) == 0, said);
    const auto at = said.find("state 0x");
    REQUIRE_MESSAGE(at != std::string::npos, said);
    return said.substr(at + 6, 66);
}

}  // namespace

TEST_CASE("random calls leave the same on a ledger, a served ledger and an EVM, and in a second process") {
    Story story;
    const auto functions = weighted();
    std::size_t calls = 0;
    for (std::size_t sequence = 0; sequence < sequences(); ++sequence) {
        INFO("sequence ", sequence);
        if (sequence > 0) story.networks.restart();
        Draw draw(sequence);
        const auto end = calls + kSequence;
        calls += story.begin();
        for (; calls < end; ++calls) story.any_call(draw, functions);
        story.compare_views();
        story.compare_logs();
        const auto& options = story.networks.ledger_options();
        CHECK(replayed_elsewhere(options.network_url, story.networks.now()) ==
              state_of(story.networks.all()[0], story));
    }
    fmt::print("{} random calls in {} sequences\n", calls, sequences());
    CHECK(story.pairs_seen() >= (sequences() < 100 ? kPairsSeen : kPairsSeenByAll));
}

// Run by the other test, in a process of its own.
TEST_CASE("a second process replays a ledger" * doctest::skip()) {
    const char* ledger = std::getenv("C2D_REPLAY");
    const char* now = std::getenv("C2D_REPLAY_NOW");
    REQUIRE(ledger);
    REQUIRE(now);
    const auto clock = std::make_shared<support::FakeClock>();
    clock->now = std::strtoull(now, nullptr, 10);
    support::TempDir trust;
    ChainOptions options;
    options.network_url = ledger;
    options.trust_dir = trust.path.string();
    options.clock = clock;
    auto chain = must(Chain::open(options));
    must(chain.verify());
    fmt::print("state {}\n", state_of({"replayed", chain, ""}, subjects()));
}

}  // namespace c2d::evm
