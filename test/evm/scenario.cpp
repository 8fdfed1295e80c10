#include "evm/scenario.hpp"

#include "codec/transaction.hpp"
#include "crypto/hash.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace c2d::evm {

namespace c = contracts;
using abi::Value;
using support::must;

const std::vector<Read>& all_reads() {
    namespace t = c::dt_factory;
    static const std::vector<Read> kReads = [] {
        const c::Function reverting[] = {c::asset_provider::kGetEnterprise,
                                         c::op_template::kBlockUpdated,
                                         c::op_template::kGet,
                                         c::op_template::kIds,
                                         t::kOwner,
                                         t::kBlockUpdated,
                                         t::kRegister,
                                         t::kIds};
        std::vector<Read> out;
        for (const auto& function : c::all_functions())
            if (!function.changes_state())
                out.push_back({function, std::ranges::find(reverting, function) != std::end(reverting)});
        return out;
    }();
    return kReads;
}

namespace {

constexpr std::uint64_t kFarIndex = 1'000'000;
/// How JSON-RPC numbers a call that reverts.
constexpr std::uint64_t kServedRevert = 3;

/// None, which is the owner key's, and those that there are.
std::vector<Bytes32> delegate_types() {
    return {Bytes32{}, c::identity::delegate_type(c::identity::kGrantType),
            c::identity::delegate_type(c::identity::kWorkType)};
}

/// 2^200: more than any 64-bit number.
Value huge() {
    Bytes32 word;
    word.data[6] = 1;
    return Value::uint256(word);
}

Value ids(std::initializer_list<TokenId> list) {
    Values values;
    for (const auto& id : list) values.push_back(Value::of(id));
    return Value::list(std::move(values));
}

/// The code in the last event of the called contract: its last value, indexed in all but CDTMinted.
std::uint64_t code_of(const Receipt& receipt, const Address& contract) {
    const auto own = std::find_if(receipt.logs.rbegin(), receipt.logs.rend(),
                                  [&](const Log& log) { return log.address == contract; });
    REQUIRE(own != receipt.logs.rend());
    const bool composed = own->topics[0] == keccak256(c::dt_factory::kCdtMinted.signature);
    const BytesView at = composed ? BytesView(own->data).last(32) : own->topics.back().view();
    return Value::uint256(Bytes32::from(at).value()).number();
}

/// Everything that a log says, as one text.
std::string text_of(const Log& log, bool with_transaction) {
    std::string out = fmt::format("block {} log {} of {}: ", log.block_number, log.index, hex_text(log.address));
    for (const auto& topic : log.topics) out += hex_text(topic) + " ";
    return out + hex_text(log.data) + (with_transaction ? hex_text(log.transaction) : "");
}

std::string text_of(const Receipt& r) {
    std::string out = fmt::format("{} from {} to {}: {} in block {} at {}", hex_text(r.transaction), hex_text(r.from),
                                  hex_text(r.to), r.succeeded, r.block_number, r.block_time);
    for (const auto& log : r.logs) out += "\n" + text_of(log, true);
    return out;
}

}  // namespace

Typed Scenario::typed_call(const c::Function& function) const {
    const auto found = std::ranges::find(writes_, function, &Write::function);
    return found == writes_.end() ? nullptr : found->typed;
}

// Steps -------------------------------------------------------------------------------------------

void Scenario::begin_step() {
    time_before_ = networks.now();
    networks.pass(1 + std::exchange(passed_, 0));
    ++steps_;
}

/// What a function is known by here: overloads differ in their types.
std::string title(const c::Function& function) {
    return fmt::format("{}.{}", c::name_of(function.contract), function.signature);
}

void Scenario::hit(const c::Function& function, std::uint64_t code) { hits_[title(function)].insert(code); }

template <class T>
void Scenario::same(const std::vector<T>& values, std::string_view what) {
    for (std::size_t i = 1; i < values.size(); ++i) {
        ++comparisons_;
        CHECK_MESSAGE(values[i] == values[0],
                      fmt::format("{}\n  {} says {}\n  {} says {}", what, networks.all()[0].name, values[0],
                                  networks.all()[i].name, values[i]));
    }
}

Bytes Scenario::sign(std::string_view who, const c::Function& function, Bytes data) {
    auto& signer = Networks::key(who);
    Transaction transaction;
    transaction.chain_id = networks.chain_id();
    transaction.to = c::address_of(networks.contracts(), function.contract);
    transaction.data = std::move(data);
    transaction.gas_limit = 10'000'000;
    transaction.nonce = must(networks.all()[0].chain.node().nonce(signer.address()));
    return must(sign_transaction(transaction, signer)).raw;
}

void Scenario::send(std::string_view who, const c::Function& function, const Values& arguments, std::uint64_t code) {
    INFO(std::string(who), ": ", std::string(function.signature), " -> ", code, " (step ", steps_ + 1, ")");
    begin_step();
    std::uint64_t found = 0;
    const auto receipts = submit(sign(who, function, abi::encode_call(function.signature, arguments)), function, found);
    CHECK(found == code);
    hit(function, code);
    compare_receipts(receipts);
    compare_views();
    if (!receipts.empty() && code != 0 && typed_call(function)) typed(who, function, arguments, code);
}

bool Scenario::send_any(std::string_view who, const c::Function& function, Bytes data) {
    const auto call = fmt::format("{}: {} {} (step {})", who, function.signature, hex_text(data), steps_ + 1);
    INFO(call);
    begin_step();
    std::uint64_t code = 0;
    const auto receipts = submit(sign(who, function, std::move(data)), function, code);
    if (receipts.empty()) return false;
    hit(function, code);
    compare_receipts(receipts);
    return true;
}

std::vector<Receipt> Scenario::submit(const Bytes& raw, const c::Function& function, std::uint64_t& code) {
    std::vector<Receipt> receipts;
    for (auto& network : networks.all()) {
        INFO(network.name);
        auto receipt = network.chain.node().submit(raw);
        if (!receipt && receipts.empty()) {
            code = refused_without_block(raw, function, receipt.error());
            return {};
        }
        receipts.push_back(must(std::move(receipt)));
        CHECK(receipts.back().succeeded);
    }
    code = code_of(receipts[0], c::address_of(networks.contracts(), function.contract));
    return receipts;
}

/// Whether anybody with a role stands behind a sender, as a network's views say.
bool Scenario::stands(Network& network, const Address& sender) {
    const auto asked = [&](const Address& at, const auto& view, const auto&... arguments) {
        return must(view.read_answer(must(network.chain.node().call(at, view.call(arguments...)))));
    };
    const auto& at = networks.contracts();
    for (const auto& type : delegate_types()) {
        const Address principal = asked(at.identity, c::identity::kPrincipal, sender, type);
        for (const auto role : {c::kAdmin, c::kEnterprise, c::kProvider})
            if (asked(at.role_controller, c::role_controller::kCheckRole, principal, role)) return true;
    }
    return false;
}

/// What the ledgers make no block of: it reverts on the EVM, or nobody with a role stands behind the sender, which the
/// ledgers say first. Gives the EVM's code, 0 where it reverts.
std::uint64_t Scenario::refused_without_block(const Bytes& raw, const c::Function& function, const Error& refused) {
    ++without_block_;
    const auto served = networks.all()[1].chain.node().submit(raw);
    REQUIRE_FALSE(served.ok());
    CHECK(served.status() == Status::REFUSED);
    const bool reverts = refused.status == Status::NOT_FOUND;
    CHECK(served.error().code == (reverts ? kServedRevert : c::kNoPermission));
    CHECK((reverts || (refused.status == Status::REFUSED && refused.code == c::kNoPermission)));
    std::uint64_t code = 0;
    networks.undone_on_evm([&](Network& evm) {
        const auto receipt = must(evm.chain.node().submit(raw));
        CHECK(stands(evm, receipt.from) == reverts);
        if (receipt.succeeded) code = code_of(receipt, c::address_of(networks.contracts(), function.contract));
        CHECK(receipt.succeeded == (code != c::kSuccess));
        CHECK((!reverts || !receipt.succeeded));
    });
    networks.back_to(time_before_);
    return code;
}

void Scenario::typed(std::string_view who, const c::Function& function, const Values& arguments, std::uint64_t code) {
    INFO(std::string(who), ": typed ", std::string(function.signature), " -> ", code, " (step ", steps_ + 1, ")");
    std::vector<std::string> outcomes;
    for (auto& network : networks.all()) {
        INFO(network.name);
        if (outcomes.empty()) begin_step();
        const auto outcome = typed_call(function)(network.chain, Networks::key(who), arguments);
        if (!outcome) {  // on no network: nothing was sent
            --steps_;
            networks.back_to(time_before_);
            return;
        }
        CHECK(outcome->code == code);
        outcomes.push_back(outcome->text);
    }
    ++typed_steps_;
    hit(function, code);
    same(outcomes, "what the typed call came to");
    compare_heads();
    // What is refused once more was found to change nothing before.
    if (code == c::kSuccess) compare_views();
}

void Scenario::compare_receipts(const std::vector<Receipt>& receipts) {
    std::vector<std::string> texts;
    for (const auto& receipt : receipts) texts.push_back(text_of(receipt));
    same(texts, "the receipt");
}

void Scenario::compare_heads() {
    std::vector<std::string> heads;
    for (auto& network : networks.all()) {
        const auto head = must(network.chain.info()).head;
        heads.push_back(fmt::format("block {} at {}", head.number, head.time));
    }
    same(heads, "the head");
}

// Views -------------------------------------------------------------------------------------------

namespace {

/// One list of arguments for each call of a view that is worth asking.
class Questions {
public:
    explicit Questions(const Subjects& subjects) : s_(subjects) {}

    std::vector<Values> of(const Read& read) const {
        const auto& f = read.function.signature;
        namespace r = c::role_controller;
        namespace d = c::dt_factory;
        if (f == r::kCheckPermission.signature) return people_and({199, 200, 201, 202, 203, 204, 205, 206, 207});
        if (f == r::kCheckRole.signature) return people_and({99, 100, 101, 102, 103});
        if (f == c::asset_provider::kGetIssuerNames.signature) return {{everybody()}, {Value::list({})}};
        if (f == d::kLinksCheck.signature) return links();
        if (f == d::kPage.signature) return pages();
        if (f == c::job_receipts::kGet.signature) return receipts();
        if (f == c::job_receipts::kGetDisclosures.signature) return disclosures();
        if (f == d::kGetDecision.signature) return product(s_.tokens, s_.composers);
        if (f == c::identity::kPrincipal.signature) return product(s_.people, delegate_types());
        if (f == c::identity::kActsFor.signature) return acting();
        if (f == c::identity::kValidDelegate.signature) return delegates();
        if (f == c::task_market::kGetTask.signature) return numbers(s_.tasks_max);
        if (f == c::task_market::kGetJob.signature) return numbers(s_.jobs_max);
        if (f.ends_with("(uint256)")) return numbers(s_.tokens.size());
        if (f.ends_with("(address)")) return each(s_.people);
        if (f.ends_with("(bytes32)"))
            return each(read.function.contract == c::Contract::op_template ? s_.templates : s_.tokens);
        if (f.ends_with("(bytes32,bytes32)")) return product(s_.tokens, s_.tokens);
        return {{}};
    }

private:
    template <class T>
    static std::vector<Values> each(const std::vector<T>& subjects) {
        std::vector<Values> out;
        for (const auto& subject : subjects) out.push_back({Value::of(subject)});
        return out;
    }
    template <class A, class B>
    static std::vector<Values> product(const std::vector<A>& first, const std::vector<B>& second) {
        std::vector<Values> out;
        for (const auto& a : first)
            for (const auto& b : second) out.push_back({Value::of(a), Value::of(b)});
        return out;
    }
    std::vector<Values> acting() const {
        std::vector<Values> out;
        for (const auto& pair : product(s_.people, s_.identities))
            for (const auto& type : delegate_types()) out.push_back({pair[0], pair[1], Value::of(type)});
        return out;
    }
    std::vector<Values> delegates() const {
        auto out = acting();  // sender, identity, type: to identity, type, sender
        for (auto& list : out) std::rotate(list.begin(), list.begin() + 1, list.end());
        return out;
    }
    std::vector<Values> disclosures() const {
        std::vector<Values> out;
        for (const auto& pair : product(s_.tokens, s_.composers))
            for (const auto& kind : s_.kinds) out.push_back({pair[0], pair[1], Value::of(kind)});
        return out;
    }
    std::vector<Values> people_and(std::initializer_list<std::uint64_t> codes) const {
        std::vector<Values> out;
        for (const auto& id : s_.people) {
            for (const auto code : codes) out.push_back({Value::of(id), Value::of(code)});
            out.push_back({Value::of(id), huge()});
        }
        return out;
    }
    Value everybody() const {
        Values list;
        for (const auto& id : s_.people) list.push_back(Value::of(id));
        return Value::list(std::move(list));
    }
    /// Every token with none, with each, and with two of the others as its children.
    std::vector<Values> links() const {
        std::vector<Values> out;
        for (std::size_t i = 0; i < s_.tokens.size(); ++i) {
            const TokenId& id = s_.tokens[i];
            const TokenId& next = s_.tokens[(i + 1) % s_.tokens.size()];
            out.push_back({Value::of(id), ids({})});
            for (const auto& child : s_.tokens) {
                out.push_back({Value::of(id), ids({child})});
                out.push_back({Value::of(id), ids({child, next})});
            }
        }
        return out;
    }
    static std::vector<Values> pages() {
        std::vector<Values> out;
        for (const std::uint64_t start : {0, 1, 3, 100})
            for (const std::uint64_t count : {0, 1, 2, 256, 257}) out.push_back({Value::of(start), Value::of(count)});
        out.push_back({huge(), Value::of(std::uint64_t(1))});
        out.push_back({Value::of(std::uint64_t(1)), huge()});
        return out;
    }
    static std::vector<Values> numbers(std::uint64_t max) {
        std::vector<Values> out{{huge()}, {Value::of(kFarIndex)}};
        for (std::uint64_t i = 0; i <= max; ++i) out.push_back({Value::of(i)});
        return out;
    }
    std::vector<Values> receipts() const {
        std::vector<Values> out;
        for (const auto& id : s_.tokens) {
            out.push_back({huge(), Value::of(id)});
            for (std::uint64_t job = 0; job <= s_.jobs_max; ++job) out.push_back({Value::of(job), Value::of(id)});
        }
        return out;
    }

    const Subjects& s_;
};

}  // namespace

std::vector<std::pair<const Read*, View>> views_about(const Subjects& subjects, const ContractAddresses& contracts) {
    const Questions questions(subjects);
    std::vector<std::pair<const Read*, View>> out;
    for (const auto& read : all_reads())
        for (const auto& arguments : questions.of(read))
            out.push_back({&read,
                           {c::address_of(contracts, read.function.contract),
                            abi::encode_call(read.function.signature, arguments)}});
    return out;
}

void Scenario::compare_views() {
    const auto asked = views_about(*this, networks.contracts());
    std::vector<View> calls;
    for (const auto& [read, view] : asked) calls.push_back(view);
    std::vector<std::vector<std::string>> answers;
    for (const auto& network : networks.all()) answers.push_back(network.answers(calls));
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const bool reverted = answers[0][i] == "reverts";
        auto& [answered_count, reverted_count] = read_hits_[asked[i].first];
        ++(reverted ? reverted_count : answered_count);
        for (std::size_t n = 1; n < answers.size(); ++n) {
            ++comparisons_;
            if (answers[n][i] == answers[0][i]) continue;
            FAIL_CHECK(asked[i].first->function.signature
                       << " " << hex_text(calls[i].data) << "\n  " << networks.all()[0].name << " says "
                       << answers[0][i] << "\n  " << networks.all()[n].name << " says " << answers[n][i]);
        }
    }
}

void Scenario::probe(c::Contract contract, Bytes data, bool reverts) {
    ++probes_;
    INFO(c::name_of(contract), " ", hex_text(data));
    for (const auto& network : networks.all()) {
        INFO(network.name);
        ++comparisons_;
        const auto answer = network.answers({{c::address_of(networks.contracts(), contract), data}});
        CHECK((answer[0] == "reverts") == reverts);
    }
}

// The end -----------------------------------------------------------------------------------------

void Scenario::compare_logs() {
    for (const auto& contract : kContracts) {
        std::vector<std::string> histories;
        for (auto& network : networks.all()) {
            // From block 6 on: before stand deployments here, refused calls there.
            std::string history;
            for (const auto& log :
                 must(network.chain.node().logs({networks.contracts().*contract.address, {}, 6, UINT64_MAX})))
                history += text_of(log, false) + "\n";
            histories.push_back(std::move(history));
        }
        same(histories, std::string("the history of ") + contract.name);
    }
}

std::size_t Scenario::pairs_seen() const {
    std::size_t pairs = 0;
    for (const auto& [function, codes] : hits_) pairs += codes.size();
    fmt::print("{} pairs of function and code in {} steps, {} without a block on the ledgers; {} comparisons\n", pairs,
               steps_, without_block_, comparisons_);
    return pairs;
}

void Scenario::compare_histories() {
    compare_logs();
    for (const auto& id : tokens) {
        std::vector<std::string> typed;
        for (auto& network : networks.all()) {
            std::string text;
            for (const auto& g : must(network.chain.grants_of(id))) text += hex_text(g.grantee) + hex_text(g.owner);
            for (const auto& g : must(network.chain.grants_to(id))) text += hex_text(g.dt) + hex_text(g.owner);
            for (const auto& j : must(network.chain.jobs_of(id))) text += fmt::format(" {}:{}", j.id, j.task);
            typed.push_back(std::move(text));
        }
        same(typed, "the typed history of a token");
    }
    for (std::uint64_t job = 1; job <= jobs_max; ++job) {
        std::vector<std::string> typed;
        for (auto& network : networks.all()) {
            std::string text;
            for (const auto& r : must(network.chain.receipts_of(job)))
                text += fmt::format("{} {} {} {}\n", hex_text(r.dt), hex_text(r.owner), int(r.outcome), r.block_number);
            typed.push_back(std::move(text));
        }
        same(typed, "the typed receipts of a job");
    }
}

void Scenario::check_coverage() {
    std::size_t pairs = 0;
    for (const auto& write : writes_) {
        const auto name = title(write.function);
        CHECK_MESSAGE(hits_[name] == write.codes,
                      fmt::format("{} answered with {}, declared are {}", name, fmt::join(hits_[name], " "),
                                  fmt::join(write.codes, " ")));
        pairs += write.codes.size();
    }
    std::size_t reverting = 0;
    for (const auto& read : all_reads()) {
        const auto [answered, reverted] = read_hits_[&read];
        CHECK_MESSAGE(answered > 0, read.function.signature);
        CHECK_MESSAGE((reverted > 0) == read.reverts, read.function.signature);
        reverting += read.reverts;
    }
    fmt::print(
        "{} functions: {} that change state with {} function-code pairs, {} views of which {} "
        "revert\n"
        "{} steps on {} networks, {} of them through typed calls, {} without a block on the ledgers, {} malformed "
        "calls; {} comparisons\n",
        writes_.size() + all_reads().size(), writes_.size(), pairs, all_reads().size(), reverting, steps_,
        networks.all().size(), typed_steps_, without_block_, probes_, comparisons_);
}

}  // namespace c2d::evm
