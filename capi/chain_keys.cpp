#include <c2d/capi/chain_keys.h>

#include "json_text.hpp"

using c2d::Address;
using c2d::Chain;
using c2d::Receipt;
using c2d::Result;
using c2d::Signer;
using c2d::Unit;
using c2d::capi::give_transaction;
using c2d::capi::guard;
using c2d::capi::json_read;
using c2d::json::list_of;
using c2d::json::Value;

namespace {

Result<c2d::LedgerRole> role_of(int role) {
    switch (role) {
        case C2D_ROLE_ADMINISTRATOR:
        case C2D_ROLE_ENTERPRISE:
        case C2D_ROLE_PROVIDER: return c2d::LedgerRole(role);
        default: return c2d::Error(c2d::Status::INVALID_ARGUMENT, "role: expected a c2d_role, 100 to 102");
    }
}

Result<c2d::KeyUse> use_of(int use) {
    switch (use) {
        case C2D_KEY_USE_OWNER: return c2d::KeyUse::owner;
        case C2D_KEY_USE_GRANT: return c2d::KeyUse::grant;
        case C2D_KEY_USE_WORK: return c2d::KeyUse::work;
        default: return c2d::Error(c2d::Status::INVALID_ARGUMENT, "use: expected a c2d_key_use, 0 to 2");
    }
}

/// A write, and its transaction.
template <class Write>
Result<Unit> send(const c2d_chain* chain, const c2d_key* key, uint8_t* out_transaction, Write write) {
    Chain shared = chain->value;
    return give_transaction(write(shared, *key->signer), out_transaction);
}

Result<Unit> give_answer(const Result<bool>& answer, int* out) {
    if (!answer) return answer.error();
    *out = *answer ? 1 : 0;
    return Unit{};
}

Value delegate_value(const c2d::Delegate& delegate) {
    return Value::object({{"use", c2d::key_use_name(delegate.use)},
                          {"key", c2d::address_text(delegate.key)},
                          {"valid_to", delegate.valid_to}});
}

}  // namespace

c2d_status c2d_chain_start_edition(const c2d_chain* chain, const c2d_key* admin, uint64_t edition,
                                   uint8_t* out_transaction, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(chain, admin);
        Chain shared = chain->value;
        return give_transaction(shared.start_edition(*admin->signer, edition), out_transaction);
    });
}

c2d_status c2d_chain_register_organisation(const c2d_chain* chain, const c2d_key* admin, const char* address,
                                           const char* name, const char* description, const char* legal_id,
                                           uint8_t* out_transaction, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(chain, admin, address, name, description, legal_id);
        C2D_TRY(const Address id, c2d::parse_address(address));
        return send(chain, admin, out_transaction, [&](Chain& value, Signer& signer) {
            return value.register_enterprise(signer, id, name, description, legal_id);
        });
    });
}

c2d_status c2d_chain_update_organisation(const c2d_chain* chain, const c2d_key* admin, const char* address,
                                         const char* name, const char* description, const char* legal_id,
                                         uint8_t* out_transaction, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(chain, admin, address, name, description, legal_id);
        C2D_TRY(const Address id, c2d::parse_address(address));
        return send(chain, admin, out_transaction, [&](Chain& value, Signer& signer) {
            return value.update_enterprise(signer, id, name, description, legal_id);
        });
    });
}

c2d_status c2d_chain_remove_role(const c2d_chain* chain, const c2d_key* admin, const char* address, int role,
                                 uint8_t* out_transaction, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(chain, admin, address);
        C2D_TRY(const Address id, c2d::parse_address(address));
        C2D_TRY(const auto which, role_of(role));
        return send(chain, admin, out_transaction,
                    [&](Chain& value, Signer& signer) { return value.remove_role(signer, id, which); });
    });
}

c2d_status c2d_chain_restore_role(const c2d_chain* chain, const c2d_key* admin, const char* address, int role,
                                  uint8_t* out_transaction, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(chain, admin, address);
        C2D_TRY(const Address id, c2d::parse_address(address));
        C2D_TRY(const auto which, role_of(role));
        return send(chain, admin, out_transaction,
                    [&](Chain& value, Signer& signer) { return value.restore_role(signer, id, which); });
    });
}

c2d_status c2d_chain_change_owner(const c2d_chain* chain, const c2d_key* key, const char* identity, const char* owner,
                                  uint64_t* out_proposed_until, uint8_t* out_transaction, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(chain, key, identity, owner);
        C2D_TRY(const Address id, c2d::parse_address(identity));
        C2D_TRY(const Address new_owner, c2d::parse_address(owner));
        return send(chain, key, out_transaction, [&](Chain& value, Signer& signer) -> Result<Receipt> {
            C2D_TRY(auto changed, value.change_owner(signer, id, new_owner));
            if (out_proposed_until) *out_proposed_until = changed.proposed_until.value_or(0);
            return std::move(changed.receipt);
        });
    });
}

c2d_status c2d_chain_add_delegate(const c2d_chain* chain, const c2d_key* owner, const char* identity, int use,
                                  const char* delegate, uint64_t seconds, uint8_t* out_transaction, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(chain, owner, identity, delegate);
        C2D_TRY(const Address id, c2d::parse_address(identity));
        C2D_TRY(const Address key, c2d::parse_address(delegate));
        C2D_TRY(const auto what, use_of(use));
        return send(chain, owner, out_transaction,
                    [&](Chain& value, Signer& signer) { return value.add_delegate(signer, id, what, key, seconds); });
    });
}

c2d_status c2d_chain_revoke_delegate(const c2d_chain* chain, const c2d_key* owner, const char* identity, int use,
                                     const char* delegate, uint8_t* out_transaction, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(chain, owner, identity, delegate);
        C2D_TRY(const Address id, c2d::parse_address(identity));
        C2D_TRY(const Address key, c2d::parse_address(delegate));
        C2D_TRY(const auto what, use_of(use));
        return send(chain, owner, out_transaction,
                    [&](Chain& value, Signer& signer) { return value.revoke_delegate(signer, id, what, key); });
    });
}

c2d_status c2d_chain_keys(const c2d_chain* chain, const char* identity, char** out, c2d_error** error) {
    return json_read(chain, "chain", out, error, [&](const Chain& value) -> Result<Value> {
        C2D_CAPI_NEED(identity);
        C2D_TRY(const Address id, c2d::parse_address(identity));
        C2D_TRY(const Chain at, value.at_head());
        C2D_TRY(const auto legal_id, at.legal_id(id));
        C2D_TRY(const Address owner, at.identity_owner(id));
        C2D_TRY(const auto delegates, at.delegates(id));
        return Value::object({{"address", c2d::address_text(id)},
                              {"legal_id", legal_id},
                              {"owner", c2d::address_text(owner)},
                              {"delegates", list_of(delegates, delegate_value)}});
    });
}

c2d_status c2d_chain_acts_for(const c2d_chain* chain, const char* sender, const char* identity, int use, int* out,
                              c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(chain, sender, identity, out);
        C2D_TRY(const Address key, c2d::parse_address(sender));
        C2D_TRY(const Address id, c2d::parse_address(identity));
        C2D_TRY(const auto what, use_of(use));
        return give_answer(chain->value.acts_for(key, id, what), out);
    });
}

c2d_status c2d_chain_close_token(const c2d_chain* chain, const c2d_key* owner, const char* dt, uint8_t* out_transaction,
                                 c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(chain, owner, dt);
        C2D_TRY(const c2d::TokenId id, c2d::parse_token(dt));
        return send(chain, owner, out_transaction,
                    [&](Chain& value, Signer& signer) { return value.close_token(signer, id); });
    });
}

c2d_status c2d_chain_open_token(const c2d_chain* chain, const c2d_key* owner, const char* dt, uint8_t* out_transaction,
                                c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(chain, owner, dt);
        C2D_TRY(const c2d::TokenId id, c2d::parse_token(dt));
        return send(chain, owner, out_transaction,
                    [&](Chain& value, Signer& signer) { return value.open_token(signer, id); });
    });
}

c2d_status c2d_chain_is_closed(const c2d_chain* chain, const char* dt, int* out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(chain, dt, out);
        C2D_TRY(const c2d::TokenId id, c2d::parse_token(dt));
        return give_answer(chain->value.is_closed(id), out);
    });
}

c2d_status c2d_chain_decision(const c2d_chain* chain, const char* dt, const char* composer, char** out,
                              c2d_error** error) {
    return json_read(chain, "chain", out, error, [&](const Chain& value) -> Result<Value> {
        C2D_CAPI_NEED(dt, composer);
        C2D_TRY(const c2d::TokenId id, c2d::parse_token(dt));
        C2D_TRY(const Address of, c2d::parse_address(composer));
        C2D_TRY(const auto decision, value.decision(id, of));
        return Value::object({{"grants", decision.grants},
                              {"revoked_at", decision.revoked_at},
                              {"used", decision.used},
                              {"expiry", decision.expiry},
                              {"jobs", decision.uses}});
    });
}

c2d_status c2d_chain_admins(const c2d_chain* chain, char** out, c2d_error** error) {
    return json_read(chain, "chain", out, error, [](const Chain& value) -> Result<Value> {
        C2D_TRY(const auto admins, value.admins());
        return Value(list_of(admins, c2d::address_text));
    });
}

c2d_status c2d_chain_disclosures(const c2d_chain* chain, const char* dt, const char* composer, const char* kind,
                                 char** out, c2d_error** error) {
    return json_read(chain, "chain", out, error, [&](const Chain& value) -> Result<Value> {
        C2D_CAPI_NEED(dt, composer, kind);
        C2D_TRY(const c2d::TokenId id, c2d::parse_token(dt));
        C2D_TRY(const Address of, c2d::parse_address(composer));
        const std::string_view name = kind;
        if (name.empty() || name.size() > c2d::Bytes32().size())
            return c2d::Error(c2d::Status::INVALID_ARGUMENT, "kind: expected a name of 1 to 32 bytes");
        C2D_TRY(const auto shown, value.disclosures(id, of, c2d::disclosure_kind(name)));
        return Value::object({{"organisation", shown.of_organisation}, {"total", shown.total}});
    });
}
