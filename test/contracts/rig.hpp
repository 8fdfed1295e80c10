/// The native contracts over a map, called by anybody, without a chain around them.
#pragma once

#include "codec/transaction.hpp"
#include "contracts/machine.hpp"
#include "support/doubles.hpp"

#include <algorithm>
#include <map>

namespace c2d::contracts {

using abi::Value;
using Values = std::vector<Value>;
using support::named_address;
using support::named_id;

inline Value number(std::uint64_t value) { return Value::of(value); }
inline Value text(std::string_view value) { return Value::text(std::string(value)); }
inline Value address(std::string_view name) { return Value::of(named_address(name)); }
inline Value token(std::string_view name) { return Value::of(named_id(name)); }
inline Value word(std::string_view of) { return Value::of(keccak256(of)); }
inline Value tokens(std::initializer_list<const char*> names) {
    Values out;
    for (const auto* name : names) out.push_back(token(name));
    return Value::list(std::move(out));
}

/// What a write left behind.
struct Outcome {
    /// The code in the one event of the called contract.
    std::uint64_t code = 0;
    std::vector<Log> logs;
    bool state_changed = false;
};

class Rig {
public:
    Rig() {
        const auto admin = named_address("admin");
        block.number = 7;
        block.time = 1'800'000'000;
        block.contracts = {create_address(admin, 0),
                           create_address(admin, 1),
                           create_address(admin, 2),
                           create_address(admin, 3),
                           create_address(admin, 4),
                           create_address(create_address(admin, 4), 1),
                           create_address(create_address(admin, 1), 1)};
        REQUIRE(initialise(state, admin).ok());
    }

    /// The same as edition 1 had it, from the start.
    void edition_1() {
        state.values.clear();
        block.edition = 1;
        REQUIRE(initialise(state, named_address("admin"), 1).ok());
    }

    /// An organisation that may own tokens: an enterprise and a provider.
    void organisation(std::string_view name) {
        enterprise(name);
        provider(name);
    }
    void enterprise(std::string_view name) {
        REQUIRE(send("admin", block.contracts.asset_provider, asset_provider::kRegisterEnterprise,
                     {address(name), text(name), text("about")})
                    .code == kSuccess);
    }
    void provider(std::string_view name) {
        REQUIRE(send("admin", block.contracts.asset_provider, asset_provider::kAddProvider, {address(name)}).code ==
                kSuccess);
    }

    Result<Bytes> run(const Address& from, const Address& to, BytesView data, std::vector<Log>& logs) {
        Overlay overlay(state);
        auto answer = execute(block, overlay, logs, to, from, data);
        if (answer)
            for (const auto& [key, value] : overlay.writes()) state.values[key] = value;
        return answer;
    }

    /// Whether the contract has no such function under these rules.
    bool reverts(const Address& to, const Function& function, const Values& arguments) {
        std::vector<Log> logs;
        return run(named_address("admin"), to, abi::encode_call(function.signature, arguments), logs).status() ==
               Status::NOT_FOUND;
    }

    Outcome send(std::string_view from, const Address& to, const Function& function, const Values& arguments) {
        Outcome out;
        const auto before = state.values;
        const auto answer = run(named_address(from), to, abi::encode_call(function.signature, arguments), out.logs);
        REQUIRE_MESSAGE(answer.ok(), function.signature);
        CHECK_MESSAGE(answer->empty(), "state-changing functions return nothing");
        out.state_changed = state.values != before;
        unsigned own_events = 0;
        for (std::size_t i = 0; i < out.logs.size(); ++i) {
            CHECK(out.logs[i].index == i);
            if (out.logs[i].address != to) continue;
            ++own_events;
            out.code = code_of(out.logs[i]);
        }
        CHECK_MESSAGE(own_events == 1, "a call leaves exactly one event of the called contract");
        return out;
    }

    Result<Values> try_view(const Address& to, const Function& function, const Values& arguments) {
        std::vector<Log> logs;
        const auto before = state.values;
        const auto answer = run(named_address("anybody"), to, abi::encode_call(function.signature, arguments), logs);
        CHECK(state.values == before);
        CHECK(logs.empty());
        if (!answer) return answer.error();
        return abi::decode(types_of(function.returns), *answer);
    }
    Values view(const Address& to, const Function& function, const Values& arguments) {
        return support::must(try_view(to, function, arguments));
    }
    bool holds(const Address& to, const Function& function, const Values& arguments) {
        return view(to, function, arguments)[0].boolean();
    }

    struct Map final : State {
        Result<std::optional<Bytes>> get(const std::string& key) override {
            const auto found = values.find(key);
            return found == values.end() ? std::optional<Bytes>() : std::optional<Bytes>(found->second);
        }
        void put(const std::string& key, Bytes value) override { values[key] = std::move(value); }
        Result<std::set<std::string>> keys_below(const std::string& prefix, std::size_t count_max) override {
            std::set<std::string> keys;
            for (auto at = values.lower_bound(prefix); at != values.end() && at->first.starts_with(prefix); ++at)
                keys.insert(at->first);
            if (keys.size() > count_max) return Error(Status::LIMIT, "too many keys");
            return keys;
        }
        std::map<std::string, Bytes> values;
    };
    Map state;
    BlockContext block;

private:
    /// The code is the last value of every event, indexed in all of them but CDTMinted.
    static std::uint64_t code_of(const Log& log) {
        const bool composed = log.topics[0] == keccak256(dt_factory::kCdtMinted.signature);
        const BytesView at = composed ? BytesView(log.data).last(32) : log.topics.back().view();
        return Value::uint256(Bytes32::from(at).value()).number();
    }
};

/// Exactly this event, from this contract.
inline void check_event(const Log& log, const Address& contract, const abi::Event& event, const Values& values) {
    const auto expected = abi::encode_event(event, values);
    CHECK(log.address == contract);
    CHECK(log.topics == expected.topics);
    CHECK(log.data == expected.data);
}

/// A call was refused with this code: one event says so and the state is as it was.
inline void check_refused(const Outcome& outcome, std::uint64_t code) {
    CHECK(outcome.code == code);
    CHECK_FALSE(outcome.state_changed);
    CHECK(outcome.logs.size() == 1);
}

}  // namespace c2d::contracts
