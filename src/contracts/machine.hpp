/// Runs one call of one contract natively: decodes the ABI, applies the rules, emits the logs.
#pragma once

#include "contracts/interface.hpp"
#include "contracts/state.hpp"

namespace c2d::contracts {

/// The latest edition of the rules that this program knows.
inline constexpr std::uint64_t kEditionMax = 2;

/// What a contract may know of the block it runs in.
struct BlockContext {
    std::uint64_t number = 0;
    std::uint64_t time = 0;
    ContractAddresses contracts;
    /// Of the rules: what a handler does differently since, it asks of this.
    std::uint64_t edition = kEditionMax;
    /// The call is the first one of the first block of its edition: only startEdition may be.
    bool opens_edition = false;
};

/// One call in progress: who calls whom, with what, over which state.
class Frame {
public:
    Frame(const BlockContext& in_block, State& over, std::vector<Log>& into, Address to, Address from)
        : block(in_block), state(over), self(to), caller(from), logs_(into) {}

    const BlockContext& block;
    State& state;
    const Address self;
    const Address caller;

    /// Rules that came with edition 2 hold.
    bool edition_2() const noexcept { return block.edition >= 2; }
    template <abi::Text kName, class... Parameters>
    void emit(const abi::EventOf<kName, Parameters...>& event,
              abi::Given<typename abi::Parameter<Parameters>::Type>... values) {
        append(event.encode(values...));
    }
    /// A call from this contract to another one: the caller is this contract.
    Frame inner(const Address& to) const { return Frame(block, state, logs_, to, self); }

private:
    void append(abi::EncodedEvent event);

    std::vector<Log>& logs_;
};

/// A call that would revert on an EVM: unknown contract or function, malformed data, unknown id in
/// a view that reverts. Nothing of it stays.
Error revert(std::string_view why);

/// Runs `data` on contract `to`. Returns the ABI-encoded answer and appends logs. An error means
/// that the call reverted (`not_found`) or that the state could not be read; then the caller must
/// drop the overlay.
Result<Bytes> execute(const BlockContext& block, State& state, std::vector<Log>& logs, const Address& to,
                      const Address& from, BytesView data);

/// Every function that a contract here has.
std::vector<Function> all_functions();
/// The edition of the rules that brought a function.
std::uint64_t brought_by(const Function& function);

/// What deploying the contracts of an edition does to the state: the deployer becomes the first admin.
Result<Unit> initialise(State& state, const Address& deployer, std::uint64_t edition = kEditionMax);
/// The edition of the rules that a block after this state follows, unless it opens the next.
Result<std::uint64_t> edition_of(State& state);
/// Whether the call is RoleController.startEdition.
bool starts_edition(const ContractAddresses& contracts, const Address& to, BytesView data);
/// Whether any role stands for who sends: its own, or one of the organisation that it acts for in anything. Under
/// edition 1 nobody asks.
Result<bool> has_standing(const BlockContext& block, State& state, const Address& sender);

}  // namespace c2d::contracts
