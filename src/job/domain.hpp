/// The EIP-712 domain of requests and peer bindings on one network.
#pragma once

#include "crypto/eip712.hpp"

#include <c2d/chain_node.hpp>

namespace c2d {

eip712::Domain request_domain(const NetworkInfo& network);

}  // namespace c2d
