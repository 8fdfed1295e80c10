/// The native rules, one handler per contract function. Each file beside this one holds the rules
/// of one contract; what they decide is written in docs/contracts.md.
#pragma once

#include "base/try.hpp"
#include "contracts/machine.hpp"

#include <span>

namespace c2d::contracts {

/// Reads the arguments, changes the state, emits; gives the encoded answer.
using Handler = Result<Bytes> (*)(Frame&, BytesView arguments);

struct Rule {
    Function function;
    Handler handler;
};

/// `run(frame, arguments…)` with the types of the function, and its answer.
template <auto kFunction, auto kRun>
Result<Bytes> answer(Frame& frame, BytesView data) {
    auto arguments = kFunction.read_arguments(data);
    if (!arguments) return revert("malformed arguments: " + arguments.error().message);
    C2D_TRY(const auto answered, std::apply([&](const auto&... each) { return kRun(frame, each...); }, *arguments));
    return kFunction.answer(answered);
}
template <auto kFunction, auto kRun>
inline constexpr Rule kRule{kFunction, answer<kFunction, kRun>};

std::span<const Rule> role_controller_rules();
std::span<const Rule> asset_provider_rules();
std::span<const Rule> op_template_rules();
std::span<const Rule> dt_factory_rules();
/// DTFactory's as well.
std::span<const Rule> grant_rules();
std::span<const Rule> task_market_rules();
std::span<const Rule> job_receipts_rules();

// What the contracts ask of each other.
Result<bool> has_permission(State& state, const Address& id, std::uint64_t permission);
Result<bool> has_role(State& state, const Address& id, std::uint64_t role);
/// RoleController.addRole as called by `frame`'s contract.
Result<Unit> add_role(Frame frame, const Address& id, std::uint64_t role);
Result<bool> is_enterprise(State& state, const Address& id);
Result<bool> is_provider(State& state, const Address& id);
Result<bool> is_active_composite(State& state, const TokenId& id);
/// Counts a job of `cdt` on every grant below it; a code, and nothing is counted, when one of them
/// does not stand or is spent.
Result<std::uint64_t> use_grants(Frame& frame, const TokenId& cdt);
/// True when `cdt` is composed of `dt`, directly or through other compositions.
Result<bool> is_below(State& state, const TokenId& cdt, const TokenId& dt);
/// The composition that a job runs; empty when there is no such job.
Result<std::optional<TokenId>> job_composition(State& state, const Uint256& job);
/// Zero when the token is unknown.
Result<Address> token_owner(State& state, const TokenId& id);

}  // namespace c2d::contracts
