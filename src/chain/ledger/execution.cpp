#include "chain/ledger/execution.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "contracts/records.hpp"

namespace c2d::ledger {

namespace {

std::string nonce_key(const Address& account) { return contracts::key("nonce/", account); }

/// Whatever it called would have been refused; without this, anybody's keys could fill the ledger.
Error no_standing(const Address& sender) {
    auto error = fail(Status::REFUSED,
                      "no role stands for {} or for an organisation that it acts for: an administrator registers it "
                      "(dt-cli system org), or an organisation adds it as its key",
                      address_text(sender));
    error.code = contracts::kNoPermission;
    error.name = contracts::code_name(contracts::kNoPermission);
    return error;
}

}  // namespace

Result<std::uint64_t> next_nonce(contracts::State& state, const Address& account) {
    return contracts::get_number(state, nonce_key(account));
}

Result<Unit> apply_genesis(contracts::State& state, const Genesis& genesis) {
    contracts::put_number(state, nonce_key(genesis.admin), kAdminFirstNonce);
    return contracts::initialise(state, genesis.admin, genesis.edition);
}

Result<std::vector<Log>> apply_transaction(contracts::State& state, const contracts::BlockContext& block,
                                           std::uint64_t chain_id, const SignedTransaction& signed_transaction) {
    const Transaction& t = signed_transaction.transaction;
    if (t.chain_id != chain_id)
        return fail(Status::INVALID_ARGUMENT, "expected a transaction for chain {}, found chain {}", chain_id,
                    t.chain_id);
    if (!t.to || !t.value.is_zero())
        return fail(Status::INVALID_ARGUMENT,
                    "expected a call of a contract without value; this ledger knows no others");
    C2D_TRY(const auto expected, next_nonce(state, signed_transaction.sender));
    if (t.nonce != expected)
        return fail(Status::CONFLICT, "expected nonce {} of {}, found {}", expected,
                    address_text(signed_transaction.sender), t.nonce);
    C2D_TRY(const bool standing, contracts::has_standing(block, state, signed_transaction.sender));
    if (!standing) return no_standing(signed_transaction.sender);
    std::vector<Log> logs;
    C2D_CHECK(contracts::execute(block, state, logs, *t.to, signed_transaction.sender, t.data));
    contracts::put_number(state, nonce_key(signed_transaction.sender), t.nonce + 1);
    return logs;
}

}  // namespace c2d::ledger
