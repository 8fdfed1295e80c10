/// The one way in which what a caller leaves out of an option struct gets its shipped default.
#pragma once

#include <c2d/environment.hpp>

#include <utility>

namespace c2d {

/// The system's clock and randomness and a silent log, as far as `options` has places for them that are empty.
template <class Options>
void use_defaults(Options& options) {
    if constexpr (requires { options.clock; })
        if (!options.clock) options.clock = Clock::system();
    if constexpr (requires { options.random; })
        if (!options.random) options.random = Random::system();
    if constexpr (requires { options.logger; })
        if (!options.logger) options.logger = Logger::silent();
}

/// `given`, or what `make_default()` makes where there is none.
template <class Pointer, class MakeDefault>
Pointer or_default(Pointer given, MakeDefault make_default) {
    return given ? std::move(given) : make_default();
}

}  // namespace c2d
