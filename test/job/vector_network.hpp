/// The network and the fillings of the vectors of signed requests and answers.
#pragma once

#include <c2d/chain.hpp>

namespace c2d::support {

/// Every byte the same.
template <class T>
T filled(std::uint8_t byte) {
    T out;
    out.data.fill(byte);
    return out;
}

inline NetworkInfo vector_network() {
    NetworkInfo out;
    out.chain_id = 0x123456789;
    out.contracts.dt_factory = filled<Address>(0x11);
    out.salt = filled<Bytes32>(0x22);
    return out;
}

}  // namespace c2d::support
