/// Puts c2d's own contracts on an EVM network; what `Chain::deploy` does.
#pragma once

#include <c2d/chain.hpp>

namespace c2d::evm {

/// `options` with clock, logger and the like filled in.
Result<Deployment> deploy(const ChainOptions& options, Signer& deployer, const DeployOptions& how);

}  // namespace c2d::evm
