/// Runs calls on all networks at once and compares everything that can be seen afterwards.
#pragma once

#include "contracts/machine.hpp"
#include "evm/networks.hpp"

#include <map>
#include <optional>
#include <set>
#include <span>

namespace c2d::evm {

using Values = std::vector<abi::Value>;

/// "TaskMarket.closeTask(uint256)".
std::string title(const contracts::Function& function);

/// What a typed call came to: a code, or the number that it gave.
struct Outcome {
    std::uint64_t code = 0;
    std::string text;
};
/// How `Chain` says a call; nothing where it cannot say it with these arguments.
using Typed = std::optional<Outcome> (*)(Chain&, Signer&, const Values&);

/// A function that changes state, every code that it can answer with, and its typed call; null where `Chain` has none.
struct Write {
    contracts::Function function;
    std::set<std::uint64_t> codes;
    Typed typed = nullptr;
};

/// A view; whether there are arguments for which it reverts. Every view of the interface is one.
struct Read {
    contracts::Function function;
    bool reverts = false;
};
const std::vector<Read>& all_reads();

/// What views are asked about.
struct Subjects {
    std::vector<Address> people;
    /// Of these: whose keys change, and whose compositions are decided about.
    std::vector<Address> identities, composers;
    std::vector<TokenId> tokens, templates;
    std::vector<Bytes32> kinds;
    std::uint64_t tasks_max = 10, jobs_max = 18;
};
/// Every view, with every argument that is worth asking.
std::vector<std::pair<const Read*, View>> views_about(const Subjects& subjects, const ContractAddresses& contracts);

/// What the views are asked about is compared after each step.
class Scenario : public Subjects {
public:
    /// `writes`, which it does not copy: what `typed` can do, and what `check_coverage` asks for.
    explicit Scenario(std::span<const Write> writes = {}) : writes_(writes) {}

    /// `who` sends one transaction, the same bytes to every network, and is answered with `code`. A
    /// refusal is asked for once more through the typed calls of `Chain`, where they can express
    /// it. Where `who` stands for nobody with a role the ledgers take nothing, and `code` is the EVM's.
    void send(std::string_view who, const contracts::Function& function, const Values& arguments, std::uint64_t code);
    /// The same call through `Chain` alone.
    void typed(std::string_view who, const contracts::Function& function, const Values& arguments, std::uint64_t code);
    /// A call, sent by nobody, that every network must let revert, or none.
    void must_revert(contracts::Contract contract, Bytes data) { probe(contract, std::move(data), true); }
    void must_not_revert(contracts::Contract contract, Bytes data) { probe(contract, std::move(data), false); }

    /// The same bytes to every network, whatever it comes to: all must leave the same. False where there is no block
    /// of it: it reverts, or whoever sent it stands for nobody with a role.
    bool send_any(std::string_view who, const contracts::Function& function, Bytes data);

    /// Block time of the next step.
    std::uint64_t next_time() const { return networks.now() + 1; }
    void pass(std::uint64_t seconds) { passed_ += seconds; }
    void compare_views();
    /// The logs of all contracts since the deployment.
    void compare_logs();
    /// How many pairs of function and code there were.
    std::size_t pairs_seen() const;
    /// Whole histories, after the last step.
    void compare_histories();
    /// Prints the counts; fails where something that was declared was never seen.
    void check_coverage();

    Networks networks;

private:
    Typed typed_call(const contracts::Function& function) const;
    void begin_step();
    Bytes sign(std::string_view who, const contracts::Function& function, Bytes data);
    bool stands(Network& network, const Address& sender);
    /// The receipts of all; nothing where the ledgers make no block of it.
    std::vector<Receipt> submit(const Bytes& raw, const contracts::Function& function, std::uint64_t& code);
    std::uint64_t refused_without_block(const Bytes& raw, const contracts::Function& function, const Error& refused);
    void compare_receipts(const std::vector<Receipt>& receipts);
    void compare_heads();
    void probe(contracts::Contract contract, Bytes data, bool reverts);
    void hit(const contracts::Function& function, std::uint64_t code);
    template <class T>
    void same(const std::vector<T>& values, std::string_view what);

    std::span<const Write> writes_;
    std::uint64_t passed_ = 0, time_before_ = 0;
    std::size_t steps_ = 0, typed_steps_ = 0, comparisons_ = 0, probes_ = 0, without_block_ = 0;
    std::map<std::string, std::set<std::uint64_t>> hits_;
    std::map<const Read*, std::pair<std::size_t, std::size_t>> read_hits_;  // answered, reverted
};

}  // namespace c2d::evm
