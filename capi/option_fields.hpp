/// What one field of an option struct sets. Zero and NULL mean the default, which `out` holds.
#pragma once

#include "base/try.hpp"

#include <c2d/result.hpp>

#include <chrono>
#include <concepts>
#include <string>

namespace c2d::capi {

template <std::integral Number, std::integral Given>
void put(Number& out, Given given) {
    static_assert(std::same_as<Number, bool> || sizeof(Number) >= sizeof(Given), "a number that fits C must fit C++");
    if (given != 0) out = Number(given);
}

template <class Text>
requires std::assignable_from<Text&, const char*>
void put(Text& out, const char* given) {
    if (given) out = given;
}

/// In the units of `out`. What nanoseconds cannot hold, no clock can wait for.
template <class Rep, class Period>
Result<Unit> put(std::chrono::duration<Rep, Period>& out, std::uint64_t given, const char* name) {
    using Time = std::chrono::duration<Rep, Period>;
    constexpr auto kMax = std::chrono::duration_cast<Time>(std::chrono::nanoseconds::max());
    if (given > std::uint64_t(kMax.count()))
        return Error(Status::INVALID_ARGUMENT, std::string(name) + ": expected at most 292 years");
    if (given != 0) out = Time(given);
    return Unit{};
}

}  // namespace c2d::capi
