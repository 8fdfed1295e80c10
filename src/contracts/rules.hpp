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
    /// The one that brought the function; before it the call reverts.
    std::uint64_t edition = 1;
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
/// What came with edition 2.
template <auto kFunction, auto kRun>
inline constexpr Rule kRule2{kFunction, answer<kFunction, kRun>, 2};

std::span<const Rule> role_controller_rules();
std::span<const Rule> asset_provider_rules();
std::span<const Rule> op_template_rules();
std::span<const Rule> dt_factory_rules();
/// DTFactory's as well.
std::span<const Rule> grant_rules();
std::span<const Rule> decision_rules();
std::span<const Rule> task_market_rules();
std::span<const Rule> job_receipts_rules();
std::span<const Rule> identity_rules();

/// In whose place the caller of `frame` stands: the organisation that it acts for in what takes a key of that type
/// (empty: the owner key), else itself; zero when it stands for nobody. Under edition 1 it is always the caller.
Result<Address> principal(Frame& frame, std::string_view type);
/// What a key is used for (identity::delegate_type); the owner key does all, and what an administrator does, alone.
inline constexpr std::string_view kOwnerKey = "", kGrantKey = identity::kGrantType, kWorkKey = identity::kWorkType;

/// From edition 2 on texts have a bound; descriptions and the places of documents the same one.
inline bool is_too_long(const Frame& frame, std::string_view name, std::string_view description) {
    return frame.edition_2() && (name.size() > kNameMax || description.size() > kDescriptionMax);
}

// What the contracts ask of each other.
Result<bool> has_permission(State& state, const Address& id, std::uint64_t permission);
Result<bool> has_role(State& state, const Address& id, std::uint64_t role);
/// Now or ever.
Result<bool> had_role(State& state, const Address& id);
/// In order of arrival; the last one fills the gap of one who left. From edition 2 on.
Result<std::vector<Address>> admins(State& state);
/// Whether the key acts, or ever acted, for another identity.
Result<bool> acts_for_another(State& state, const Address& key);
/// RoleController.addRole as called by `frame`'s contract.
Result<Unit> add_role(Frame frame, const Address& id, std::uint64_t role);
Result<bool> is_enterprise(State& state, const Address& id);
Result<bool> is_provider(State& state, const Address& id);
/// Empty where there is none.
Result<std::string> legal_id(State& state, const Address& id);
/// What an organisation is known by, its common name last: the address, and, where it has one, its legal id's
/// Keccak-256.
Result<std::vector<Bytes32>> organisation_names(State& state, const Address& id);
Result<bool> is_active_composite(State& state, const TokenId& id);
/// Counts a job of `cdt` on every grant below it; a code, and nothing is counted, when one of them
/// does not stand or is spent.
Result<std::uint64_t> use_grants(Frame& frame, const TokenId& cdt);
/// True when `cdt` is composed of `dt`, directly or through other compositions.
Result<bool> is_below(State& state, const TokenId& cdt, const TokenId& dt);
/// What a job runs, and for whom.
struct JobOf {
    TokenId composition;
    Address solver;
};
/// Empty when there is no such job.
Result<std::optional<JobOf>> job_of(State& state, const Uint256& job);
/// Zero when the token is unknown.
Result<Address> token_owner(State& state, const TokenId& id);

}  // namespace c2d::contracts
