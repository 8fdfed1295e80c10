#include "chain/evm/served_ledger.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "chain/evm/quantity.hpp"

#include <c2d/chain_server.hpp>

#include <algorithm>
#include <array>

namespace c2d::evm {

namespace {

struct LedgerFailure {
    std::string_view name;
    Status status;
};

constexpr std::array<LedgerFailure, 9> kFailures = {{{"ledger_ahead", Status::UNAVAILABLE},
                                                     {"clock_jumped", Status::UNAVAILABLE},
                                                     {"ledger_replaced", Status::CORRUPT},
                                                     {"ledger_rolled_back", Status::CORRUPT},
                                                     {"ledger_corrupt", Status::CORRUPT},
                                                     // Of a sender for whom no role stands, without a transaction.
                                                     {"no_permission", Status::REFUSED},
                                                     {kSenderRate, Status::UNAVAILABLE},
                                                     {kSenderBytes, Status::UNAVAILABLE},
                                                     {kSenderNotAllowed, Status::REFUSED}}};

}  // namespace

bool is_ledger_failure(std::string_view name) noexcept {
    return std::ranges::any_of(kFailures, [&](const LedgerFailure& f) { return f.name == name; });
}

std::optional<Error> failure_of_served_ledger(const json::Value& error) {
    const json::Value* data = error.find("data");
    if (!data || !data->is_object()) return std::nullopt;
    const auto name = data->text_at({kErrorName});
    for (const auto& failure : kFailures) {
        if (failure.name != name) continue;
        Error out = fail(failure.status, "{}", error.text_at({"message"}));
        out.name = name;
        if (const json::Value* number = data->find(kErrorNumber)) out.code = number->as_uint().value_or(0);
        return out;
    }
    return std::nullopt;
}

Result<std::optional<LedgerAhead>> read_ahead(const json::Value& latest_block) {
    const json::Value* value = latest_block.find(kLedgerAhead);
    if (!value) return std::optional<LedgerAhead>();
    LedgerAhead out;
    C2D_TRY(out.block, quantity_of(value->find("block"), "block that is ahead"));
    C2D_TRY(out.time, quantity_of(value->find("timestamp"), "time of the block that is ahead"));
    C2D_TRY(out.wait, quantity_of(value->find("wait"), "seconds to wait for the ledger"));
    return std::optional<LedgerAhead>(out);
}

}  // namespace c2d::evm
