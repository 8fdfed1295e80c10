/// Functions of contracts by name, with JSON for their values: what `Chain::ask` and `Chain::send` are made of.
#pragma once

#include "contracts/function.hpp"

#include <string>
#include <string_view>

namespace c2d {

struct NamedCall {
    contracts::Function function;
    /// Selector and arguments.
    Bytes data;
};

/// `name` is "TaskMarket.closeTask", `arguments` a JSON list. Of functions that share a name, the one that takes so
/// many.
Result<NamedCall> read_named_call(std::string_view name, std::string_view arguments);
/// What a function returned, as a JSON list.
Result<std::string> answer_text(const contracts::Function& function, BytesView data);

}  // namespace c2d
