/// Runs one call of one contract natively: decodes the ABI, applies the rules, emits the logs.
#pragma once

#include "contracts/interface.hpp"
#include "contracts/state.hpp"

namespace c2d::contracts {

/// What a contract may know of the block it runs in.
struct BlockContext {
    std::uint64_t number = 0;
    std::uint64_t time = 0;
    ContractAddresses contracts;
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

/// What deploying the contracts does to the state: the deployer becomes the first admin.
Result<Unit> initialise(State& state, const Address& deployer);

}  // namespace c2d::contracts
