/// The contracts as they are deployed: compiled from the .sol files beside this one, in artifacts/,
/// and carried inside the library.
#pragma once

#include <span>
#include <string_view>

namespace c2d::contracts {

struct CompiledContract {
    std::string_view name;
    /// Creation code in hexadecimal, with 0x; the constructor's arguments follow it.
    std::string_view bytecode;
};

/// The five that are deployed, in the order of their deployment.
std::span<const CompiledContract> compiled_contracts();

}  // namespace c2d::contracts
