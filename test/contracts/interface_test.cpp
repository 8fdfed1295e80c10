/// The interface against the published vectors, and what an EVM would revert.
#include "contracts/rig.hpp"
#include "vectors/vector_file.hpp"

using namespace c2d;
using namespace c2d::contracts;

namespace {

const std::vector<Function> kAllFunctions = all_functions();

Address contract_of(const Rig& rig, const std::string& name) {
    for (const auto& contract : kContracts)
        if (name == contract.name) return rig.block.contracts.*contract.address;
    vectors::unknown_shape();
}

bool declares(const std::string& signature) {
    return std::ranges::any_of(kAllFunctions, [&](const Function& f) { return f.signature == signature; });
}

Result<Bytes> call(Rig& rig, const Address& to, const Bytes& data) {
    std::vector<Log> logs;
    return rig.run(named_address("admin"), to, data, logs);
}

}  // namespace

TEST_CASE("the published call data of every function runs, or reverts only for an unknown id") {
    vectors::for_each("abi_calls", [](const vectors::Vector& v) {
        const auto function = vectors::text(v.input, "function");
        CAPTURE(std::string(function));
        CHECK(declares(function));
        Rig rig;
        std::vector<Log> logs;
        const auto answer = rig.run(named_address("admin"), contract_of(rig, vectors::text(v.input, "contract")),
                                    parse_hex(v.expected.text()).value(), logs);
        if (answer) return;
        CHECK(answer.status() == Status::NOT_FOUND);
        const bool unknown_id = answer.error().message.find("no such ") != std::string::npos &&
                                answer.error().message.find("no such function") == std::string::npos;
        CHECK_MESSAGE(unknown_id, answer.error().message);
    });
}

TEST_CASE("each call of the vectors leaves the event that belongs to it") {
    vectors::for_each("abi_calls", [](const vectors::Vector& v) {
        const auto function = vectors::text(v.input, "function");
        const bool writes = std::ranges::any_of(
            kAllFunctions, [&](const Function& f) { return f.signature == function && f.returns.empty(); });
        Rig rig;
        std::vector<Log> logs;
        const auto to = contract_of(rig, vectors::text(v.input, "contract"));
        const auto answer = rig.run(named_address("admin"), to, parse_hex(v.expected.text()).value(), logs);
        CAPTURE(std::string(function));
        CHECK(logs.empty() == !writes);
        if (writes) CHECK(logs.back().address == to);
    });
}

TEST_CASE("events are declared as the published logs have them") {
    vectors::for_each("abi_events", [](const vectors::Vector& v) {
        const auto name = vectors::text(v.input, "event");
        const std::string shown(name);
        CAPTURE(shown);
        const auto found = std::ranges::find_if(kEvents, [&](const auto* e) { return e->signature == name; });
        REQUIRE(found != std::end(kEvents));
        std::vector<bool> indexed;
        for (const auto& flag : vectors::member(v.input, "indexed").items()) indexed.push_back(flag.boolean());
        CHECK((*found)->indexed == indexed);
    });
}

TEST_CASE("views answer the types that the published returns have") {
    vectors::for_each("abi_returns", [](const vectors::Vector& v) {
        const auto function = vectors::text(v.input, "function");
        CAPTURE(std::string(function));
        const auto found =
            std::ranges::find_if(kAllFunctions, [&](const Function& f) { return f.signature == function; });
        REQUIRE(found != kAllFunctions.end());
        std::string list;
        for (const auto& type : vectors::member(v.input, "returns").items())
            list += (list.empty() ? "" : ",") + type.text();
        CHECK(found->returns == list);
    });
}

TEST_CASE("what an EVM would revert changes nothing and says why") {
    Rig rig;
    const Address factory = rig.block.contracts.dt_factory;
    const auto good = abi::encode_call(dt_factory::kMint.signature,
                                       {token("t"), address("o"), Value::of(true), word("d"), text("Qm1")});
    Bytes cut = good;
    cut.resize(good.size() - 40);
    Bytes dirty_bool = good;
    dirty_bool[4 + 2 * 32] = 1;
    Bytes far_offset = good;
    far_offset[4 + 4 * 32] = 0xff;
    const Bytes wrong_selector = {1, 2, 3, 4};
    const std::pair<const char*, Bytes> cases[] = {{"no data", {}},
                                                   {"no whole selector", {0x7f, 0xde, 0x1c}},
                                                   {"unknown function", wrong_selector},
                                                   {"arguments missing", Bytes(good.begin(), good.begin() + 4)},
                                                   {"arguments cut", cut},
                                                   {"padding of a bool", dirty_bool},
                                                   {"offset outside", far_offset}};
    for (const auto& [name, data] : cases) {
        const std::string shown(name);
        CAPTURE(shown);
        const auto before = rig.state.values;
        const auto answer = call(rig, factory, data);
        CHECK(answer.status() == Status::NOT_FOUND);
        CHECK(answer.error().message.starts_with("the call reverts: "));
        CHECK(rig.state.values == before);
    }
    CHECK(call(rig, named_address("no contract"), good).status() == Status::NOT_FOUND);
    CHECK(call(rig, rig.block.contracts.op_template, good).status() == Status::NOT_FOUND);
    CHECK(call(rig, factory, good).ok());
}

TEST_CASE("every code of the interface has a name and a text of its own") {
    std::vector<std::string> names;
    for (const std::uint64_t code :
         {0, 10000, 1001, 2001, 2002, 2003, 2004, 3001, 3002, 4001, 4002, 4003, 4004, 4005, 4006, 5001, 5002, 5003}) {
        names.emplace_back(code_name(code));
        CHECK(names.back() != "unknown_code");
        CHECK(code_text(code).size() > 3);
    }
    std::ranges::sort(names);
    CHECK(std::ranges::adjacent_find(names) == names.end());
    CHECK(code_name(4005) == "granted_already");
    CHECK(code_name(4) == "unknown_code");
}

TEST_CASE("a stored record of another shape is corrupt, not zero") {
    Rig rig;
    rig.state.put("task_count", {0x05});
    const auto view = rig.try_view(rig.block.contracts.task_market, task_market::kGetTaskNum, {});
    CHECK(view.status() == Status::CORRUPT);
}

TEST_CASE("an overlay hides its writes from the state below") {
    Rig::Map below;
    below.put("a", {1});
    Overlay overlay(below);
    overlay.put("a", {2});
    overlay.put("b", {3});
    CHECK(**overlay.get("a") == Bytes{2});
    CHECK(**overlay.get("b") == Bytes{3});
    CHECK(**below.get("a") == Bytes{1});
    CHECK_FALSE(below.get("b")->has_value());
    CHECK(overlay.writes().size() == 2);
}
