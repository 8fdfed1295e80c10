/// One walk over a chain that stays at one block.
#pragma once

#include <c2d/tracer.hpp>

#include <map>
#include <set>
#include <unordered_map>

namespace c2d::trace {

/// What the walk asks again and again, asked once: organisations, tokens, tasks, times of blocks.
/// Fails only for what is no one node's fault: a node that does not answer, a ledger that is corrupt.
class Facts {
public:
    explicit Facts(const AssetRegistry& registry) : registry_(registry), chain_(registry.chain()) {}

    struct Token {
        /// What can be said of it without following it.
        TraceNode node;
        bool composed = false;
        /// The ledger has no such token, or does not tell of it.
        bool lost = false;
        /// As its document names them.
        std::vector<TokenId> children;
    };
    Result<const Token*> token(const TokenId& id);
    Result<std::string> organisation(const Address& id);
    /// A task that cannot be read has no name, and the reason as its description.
    struct Task {
        TaskSummary summary;
        std::string problem;
    };
    Result<const Task*> task(std::uint64_t id);
    Result<TraceTime> time(std::uint64_t block);
    /// Everybody that was asked for, with names.
    const std::map<Address, std::string>& organisations() const noexcept { return organisations_; }
    /// What became of their roles, for `key_changes`.
    Result<Unit> read_roles();
    /// Of keys and roles, in order.
    Result<std::vector<IdentityChange>> key_changes(const Address& id) const;

private:
    Result<Token> read_token(const TokenId& id);
    Result<Unit> read_opened(TraceNode& node);
    Result<Unit> read_origins(const Asset& asset, TraceNode& node) const;

    const AssetRegistry& registry_;
    const Chain& chain_;
    std::map<Address, std::string> organisations_;
    std::vector<IdentityChange> roles_;
    std::map<TokenId, Token> tokens_;
    /// Whether the ledger adds up what was opened, once somebody asked.
    std::optional<bool> counts_openings_;
    std::unordered_map<std::uint64_t, Task> tasks_;
    std::unordered_map<std::uint64_t, std::uint64_t> times_;
};

/// The organisations that were asked for and whose keys or roles changed since they were registered.
Result<std::vector<TraceNode>> changed_organisations(Facts& facts);

/// A failure that tells of one node, and is shown there; any other ends the walk.
bool is_of_one_node(const Error& error);

/// What happened to the grants of one token to others, or of others to one composition.
class Grants {
public:
    Grants(Facts& facts, const Chain& chain, std::uint64_t now) : facts_(facts), chain_(chain), now_(now) {}

    using Pair = std::pair<TokenId, TokenId>;  ///< token, grantee
    /// Both lists in order of blocks.
    void add(const std::vector<GrantRecord>& given, const std::vector<GrantRecord>& revoked);
    /// Each once, in the order of their first grants.
    const std::vector<Pair>& pairs() const noexcept { return pairs_; }
    /// Where the grant of a pair stands; `none` for a pair that has none.
    Result<TraceGrant> state(const Pair& pair) const;

private:
    struct Step {
        bool revoked;
        std::uint64_t block;
    };
    Result<Unit> add_bounds(const Pair& pair, TraceGrant& grant) const;

    Facts& facts_;
    const Chain& chain_;
    const std::uint64_t now_;
    std::vector<Pair> pairs_;
    std::map<Pair, std::vector<Step>> steps_;
};

}  // namespace c2d::trace
