#include <c2d/capi/chain.h>

#include "json_text.hpp"
#include "same_options.hpp"

using c2d::Result;
using c2d::Unit;
using c2d::capi::give_json;
using c2d::capi::give_transaction;
using c2d::capi::guard;
using c2d::capi::json_read;
using c2d::json::list_of;
using c2d::json::Value;

namespace {

Result<std::optional<bool>> milliseconds(int block_time) {
    switch (block_time) {
        case C2D_BLOCK_TIME_AS_KNOWN: return std::optional<bool>();
        case C2D_BLOCK_TIME_SECONDS: return std::optional<bool>(false);
        case C2D_BLOCK_TIME_MILLISECONDS: return std::optional<bool>(true);
        default: return c2d::Error(c2d::Status::INVALID_ARGUMENT, "block_time: expected a c2d_block_time, 0 to 2");
    }
}

Result<c2d::ReadBlock> read_block(std::uint64_t given) {
    if (given <= C2D_READ_BLOCK_CONFIRMATIONS) return c2d::ReadBlock(given);
    return c2d::Error(c2d::Status::INVALID_ARGUMENT, "read_block: expected a c2d_read_block, 0 to 2");
}

Result<c2d::RpcOptions> to_cpp(const c2d_rpc_options* given) {
    const c2d_rpc_options defaults = C2D_RPC_OPTIONS_INIT;
    C2D_TRY(const c2d_rpc_options options, c2d::capi::read_options(given, defaults));
    c2d::RpcOptions out;
    C2D_CHECK(c2d::capi::take_rpc_options(options, out));
    if (options.fixed_gas_price) out.gas_price = options.gas_price;
    C2D_TRY(out.milliseconds, milliseconds(options.block_time));
    C2D_TRY(out.read_block, read_block(options.read_block));
    return out;
}

Result<c2d::ChainOptions> to_cpp(const c2d_chain_options* given) {
    const c2d_chain_options defaults = C2D_CHAIN_OPTIONS_INIT;
    C2D_TRY(const c2d_chain_options options, c2d::capi::read_options(given, defaults));
    C2D_CAPI_NEED(options.network_url);
    if (options.reserved != 0)
        return c2d::Error(c2d::Status::INVALID_ARGUMENT, "c2d_chain_options.reserved: expected 0");
    c2d::ChainOptions out;
    C2D_CHECK(c2d::capi::take_chain_options(options, out));
    C2D_TRY(out.rpc, to_cpp(options.rpc));
    c2d::capi::use_environment(options.environment, out);
    return out;
}

/// A write to do with one account.
template <class Write>
c2d_status account_write(const c2d_chain* chain, const c2d_key* admin, const char* address, uint8_t* out_transaction,
                         c2d_error** error, Write write) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(chain);
        C2D_CAPI_NEED(admin);
        C2D_CAPI_NEED(address);
        C2D_TRY(const c2d::Address id, c2d::parse_address(address));
        c2d::Chain shared = chain->value;
        return give_transaction(write(shared, *admin->signer, id), out_transaction);
    });
}

Value contracts_value(const c2d::ContractAddresses& contracts) {
    Value out = Value::object({});
    for (const auto& contract : c2d::kContracts) out.set(contract.name, c2d::address_text(contracts.*contract.address));
    return out;
}

Value deployment_value(const c2d::Deployment& made) {
    return Value::object(
        {{"chain_id", made.chain_id},
         {"deployer", c2d::address_text(made.deployer)},
         {"first_block", made.first_block},
         {"contracts", contracts_value(made.contracts)},
         {"transactions", list_of(made.transactions, [](const c2d::Bytes32& hash) { return c2d::hex_text(hash); })}});
}

Value head_value(const c2d::Head& head) {
    return Value::object({{"number", head.number}, {"hash", c2d::hex_text(head.hash)}, {"time", head.time}});
}

Value cut_value(const c2d::LedgerCut& cut) {
    return Value::object({{"from", cut.from},
                          {"blocks", cut.blocks},
                          {"transactions", cut.transactions},
                          {"first_time", cut.first_time},
                          {"last_time", cut.last_time},
                          {"saved", cut.saved},
                          {"head", head_value(cut.head)}});
}

Value acceptance_value(const c2d::LedgerAcceptance& done) {
    Value out = Value::object({{"head", head_value(done.head)}});
    if (done.given_up) out.set("given_up", head_value(*done.given_up));
    return out;
}

Value network_value(const c2d::NetworkInfo& info) {
    Value out = Value::object({{"kind", info.kind},
                               {"chain_id", info.chain_id},
                               {"salt", c2d::hex_text(info.salt)},
                               {"admin", c2d::address_text(info.admin)},
                               {"edition", info.edition},
                               {"contracts", contracts_value(info.contracts)},
                               {"head", head_value(info.head)}});
    if (info.ahead)
        out.set("ledger_ahead",
                Value::object({{"block", info.ahead->block}, {"time", info.ahead->time}, {"wait", info.ahead->wait}}));
    return out;
}

Value enterprise_value(const c2d::RegisteredEnterprise& registered) {
    const auto& [id, enterprise] = registered;
    return Value::object(
        {{"address", c2d::address_text(id)}, {"name", enterprise.name}, {"description", enterprise.description}});
}

Value token_value(const c2d::TokenRecord& token) {
    return Value::object({{"dt", c2d::token_text(token.id)},
                          {"owner", c2d::address_text(token.owner)},
                          {"minter", c2d::address_text(token.minter)},
                          {"checksum", c2d::hex_text(token.checksum)},
                          {"is_leaf", token.is_leaf},
                          {"cid", token.document},
                          {"block", token.block_updated}});
}

Value grants_value(const std::vector<c2d::GrantRecord>& grants) {
    return list_of(grants, [](const c2d::GrantRecord& grant) {
        return Value::object({{"dt", c2d::token_text(grant.dt)},
                              {"grantee", c2d::token_text(grant.grantee)},
                              {"owner", c2d::address_text(grant.owner)},
                              {"block", grant.block_number},
                              {"transaction", c2d::hex_text(grant.transaction)}});
    });
}

Value task_value(const c2d::TaskRecord& task) {
    return Value::object({{"task_id", task.id},
                          {"demander", c2d::address_text(task.demander)},
                          {"name", task.name},
                          {"description", task.description},
                          {"status", task.status},
                          {"jobs", list_of(task.jobs)}});
}

Value job_value(const c2d::JobRecord& job) {
    return Value::object({{"job_id", job.id},
                          {"task_id", job.task},
                          {"solver", c2d::address_text(job.solver)},
                          {"cdt", c2d::token_text(job.cdt)},
                          {"status", job.status}});
}

}  // namespace

extern "C" {

void c2d_rpc_options_init(c2d_rpc_options* options) {
    if (options) *options = C2D_RPC_OPTIONS_INIT;
}
void c2d_chain_options_init(c2d_chain_options* options) {
    if (options) *options = C2D_CHAIN_OPTIONS_INIT;
}

c2d_status c2d_chain_open(const c2d_chain_options* options, c2d_chain** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(options);
        C2D_CAPI_NEED(out);
        C2D_TRY(const c2d::ChainOptions wanted, to_cpp(options));
        C2D_TRY(c2d::Chain chain, c2d::Chain::open(wanted));
        *out = new c2d_chain{std::move(chain)};
        return Unit{};
    });
}

c2d_status c2d_chain_create(const c2d_chain_options* options, const c2d_key* admin, c2d_chain** out,
                            c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(options);
        C2D_CAPI_NEED(admin);
        C2D_CAPI_NEED(out);
        C2D_TRY(const c2d::ChainOptions wanted, to_cpp(options));
        C2D_TRY(c2d::Chain chain, c2d::Chain::create(wanted, *admin->signer));
        *out = new c2d_chain{std::move(chain)};
        return Unit{};
    });
}

c2d_status c2d_chain_info(const c2d_chain* chain, char** out, c2d_error** error) {
    return json_read(chain, "chain", out, error, [](const c2d::Chain& value) -> Result<Value> {
        C2D_TRY(const c2d::NetworkInfo info, value.info());
        return network_value(info);
    });
}

c2d_status c2d_chain_deploy(const c2d_chain_options* options, const c2d_key* deployer, int replace,
                            c2d_progress_function progress, void* user_data, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(options, deployer, out);
        C2D_TRY(const c2d::ChainOptions wanted, to_cpp(options));
        c2d::capi::ProgressCall call(progress, user_data);
        const auto made = c2d::Chain::deploy(wanted, *deployer->signer, {replace != 0, call.progress()});
        if (!made) return call.finish(made.error());
        return give_json(deployment_value(*made), out);
    });
}
c2d_status c2d_chain_cut(const c2d_chain_options* options, uint64_t from, int dry_run, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(options);
        C2D_CAPI_NEED(out);
        C2D_TRY(const c2d::ChainOptions wanted, to_cpp(options));
        C2D_TRY(const c2d::LedgerCut cut, c2d::Chain::cut(wanted, from, {dry_run != 0}));
        return give_json(cut_value(cut), out);
    });
}

c2d_status c2d_chain_accept(const c2d_chain_options* options, uint64_t number, const uint8_t* hash, char** out,
                            c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(options);
        C2D_CAPI_NEED(hash);
        C2D_CAPI_NEED(out);
        C2D_TRY(const c2d::ChainOptions wanted, to_cpp(options));
        C2D_TRY(const c2d::Bytes32 head, c2d::Bytes32::from({hash, 32}));
        C2D_TRY(const c2d::LedgerAcceptance done, c2d::Chain::accept(wanted, number, head));
        return give_json(acceptance_value(done), out);
    });
}

c2d_status c2d_chain_verify(const c2d_chain* chain, c2d_progress_function progress, void* user_data,
                            c2d_chain_head* out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(chain);
        c2d::capi::ProgressCall call(progress, user_data);
        const auto head = chain->value.verify(call.progress(), call.token());
        if (!head) return call.finish(head.error());
        if (!out) return Unit{};
        out->number = head->number;
        out->time = head->time;
        std::copy(head->hash.data.begin(), head->hash.data.end(), out->hash);
        return Unit{};
    });
}

c2d_status c2d_chain_require_block(const c2d_chain* chain, uint64_t number, const uint8_t* hash, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(chain);
        C2D_CAPI_NEED(hash);
        C2D_TRY(const c2d::Bytes32 expected, c2d::Bytes32::from({hash, 32}));
        return chain->value.require_block(number, expected);
    });
}

c2d_status c2d_chain_add_admin(const c2d_chain* chain, const c2d_key* admin, const char* address,
                               uint8_t* out_transaction, c2d_error** error) {
    return account_write(
        chain, admin, address, out_transaction, error,
        [](c2d::Chain& value, c2d::Signer& signer, const c2d::Address& id) { return value.add_admin(signer, id); });
}

c2d_status c2d_chain_register_enterprise(const c2d_chain* chain, const c2d_key* admin, const char* address,
                                         const char* name, const char* description, uint8_t* out_transaction,
                                         c2d_error** error) {
    return account_write(chain, admin, address, out_transaction, error,
                         [&](c2d::Chain& value, c2d::Signer& signer, const c2d::Address& id) -> Result<c2d::Receipt> {
                             C2D_CAPI_NEED(name);
                             C2D_CAPI_NEED(description);
                             return value.register_enterprise(signer, id, name, description);
                         });
}

c2d_status c2d_chain_update_enterprise(const c2d_chain* chain, const c2d_key* admin, const char* address,
                                       const char* name, const char* description, uint8_t* out_transaction,
                                       c2d_error** error) {
    return account_write(chain, admin, address, out_transaction, error,
                         [&](c2d::Chain& value, c2d::Signer& signer, const c2d::Address& id) -> Result<c2d::Receipt> {
                             C2D_CAPI_NEED(name);
                             C2D_CAPI_NEED(description);
                             return value.update_enterprise(signer, id, name, description);
                         });
}

c2d_status c2d_chain_add_provider(const c2d_chain* chain, const c2d_key* admin, const char* address,
                                  uint8_t* out_transaction, c2d_error** error) {
    return account_write(
        chain, admin, address, out_transaction, error,
        [](c2d::Chain& value, c2d::Signer& signer, const c2d::Address& id) { return value.add_provider(signer, id); });
}

c2d_status c2d_chain_create_task(const c2d_chain* chain, const c2d_key* demander, const char* name,
                                 const char* description, uint64_t* out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(chain);
        C2D_CAPI_NEED(demander);
        C2D_CAPI_NEED(name);
        C2D_CAPI_NEED(description);
        C2D_CAPI_NEED(out);
        c2d::Chain shared = chain->value;
        C2D_TRY(*out, shared.create_task(*demander->signer, name, description));
        return Unit{};
    });
}

c2d_status c2d_chain_add_job(const c2d_chain* chain, const c2d_key* solver, const char* cdt, uint64_t task,
                             uint64_t* out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(chain);
        C2D_CAPI_NEED(solver);
        C2D_CAPI_NEED(cdt);
        C2D_CAPI_NEED(out);
        C2D_TRY(const c2d::TokenId algorithm, c2d::parse_token(cdt));
        c2d::Chain shared = chain->value;
        C2D_TRY(*out, shared.add_job(*solver->signer, algorithm, task));
        return Unit{};
    });
}

c2d_status c2d_chain_close_task(const c2d_chain* chain, const c2d_key* demander, uint64_t task,
                                uint8_t* out_transaction, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(chain);
        C2D_CAPI_NEED(demander);
        c2d::Chain shared = chain->value;
        return give_transaction(shared.close_task(*demander->signer, task), out_transaction);
    });
}

c2d_status c2d_chain_send(const c2d_chain* chain, const c2d_key* key, const char* function, const char* arguments,
                          uint8_t* out_transaction, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(chain, key, function, arguments);
        c2d::Chain shared = chain->value;
        return give_transaction(shared.send(*key->signer, function, arguments), out_transaction);
    });
}

c2d_status c2d_chain_ask(const c2d_chain* chain, const char* function, const char* arguments, char** out,
                         c2d_error** error) {
    return json_read(chain, "chain", out, error, [&](const c2d::Chain& value) -> Result<Value> {
        C2D_CAPI_NEED(function, arguments);
        C2D_TRY(auto answer, value.ask(function, arguments));
        return Value::written(std::move(answer));
    });
}

c2d_status c2d_chain_revoke(const c2d_chain* chain, const c2d_key* owner, const char* dt, const char* cdt,
                            uint8_t* out_transaction, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(chain);
        C2D_CAPI_NEED(owner);
        C2D_CAPI_NEED(dt);
        C2D_CAPI_NEED(cdt);
        C2D_TRY(const c2d::TokenId child, c2d::parse_token(dt));
        C2D_TRY(const c2d::TokenId grantee, c2d::parse_token(cdt));
        c2d::Chain shared = chain->value;
        return give_transaction(shared.revoke(*owner->signer, child, grantee), out_transaction);
    });
}

c2d_status c2d_chain_enterprise(const c2d_chain* chain, const char* address, char** out, c2d_error** error) {
    return json_read(chain, "chain", out, error, [&](const c2d::Chain& value) -> Result<Value> {
        C2D_CAPI_NEED(address);
        C2D_TRY(const c2d::Address id, c2d::parse_address(address));
        C2D_TRY(const c2d::Enterprise enterprise, value.enterprise(id));
        return enterprise_value({id, enterprise});
    });
}

c2d_status c2d_chain_enterprises(const c2d_chain* chain, char** out, c2d_error** error) {
    return json_read(chain, "chain", out, error, [](const c2d::Chain& value) -> Result<Value> {
        C2D_TRY(const auto registered, value.enterprises());
        return Value(list_of(registered, enterprise_value));
    });
}

c2d_status c2d_chain_is_provider(const c2d_chain* chain, const char* address, int* out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(chain);
        C2D_CAPI_NEED(address);
        C2D_CAPI_NEED(out);
        C2D_TRY(const c2d::Address id, c2d::parse_address(address));
        C2D_TRY(const bool answer, chain->value.is_provider(id));
        *out = answer ? 1 : 0;
        return Unit{};
    });
}

c2d_status c2d_chain_token(const c2d_chain* chain, const char* dt, char** out, c2d_error** error) {
    return json_read(chain, "chain", out, error, [&](const c2d::Chain& value) -> Result<Value> {
        C2D_CAPI_NEED(dt);
        C2D_TRY(const c2d::TokenId id, c2d::parse_token(dt));
        C2D_TRY(const c2d::TokenRecord token, value.token(id));
        return token_value(token);
    });
}

c2d_status c2d_chain_token_count(const c2d_chain* chain, uint64_t* out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(chain);
        C2D_CAPI_NEED(out);
        C2D_TRY(*out, chain->value.token_count());
        return Unit{};
    });
}

c2d_status c2d_chain_has_grant(const c2d_chain* chain, const char* dt, const char* cdt, int* out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(chain);
        C2D_CAPI_NEED(dt);
        C2D_CAPI_NEED(cdt);
        C2D_CAPI_NEED(out);
        C2D_TRY(const c2d::TokenId child, c2d::parse_token(dt));
        C2D_TRY(const c2d::TokenId grantee, c2d::parse_token(cdt));
        C2D_TRY(const bool answer, chain->value.has_grant(child, grantee));
        *out = answer ? 1 : 0;
        return Unit{};
    });
}

c2d_status c2d_chain_grant_state(const c2d_chain* chain, const char* dt, const char* cdt, char** out,
                                 c2d_error** error) {
    return json_read(chain, "chain", out, error, [&](const c2d::Chain& value) -> Result<Value> {
        C2D_CAPI_NEED(dt);
        C2D_CAPI_NEED(cdt);
        C2D_TRY(const c2d::TokenId child, c2d::parse_token(dt));
        C2D_TRY(const c2d::TokenId grantee, c2d::parse_token(cdt));
        C2D_TRY(const c2d::GrantState state, value.grant_state(child, grantee));
        return Value::object({{"given", state.given},
                              {"expiry", state.limits.expiry},
                              {"jobs", state.limits.uses},
                              {"jobs_used", state.used},
                              {"per", state.limits.per_composer ? "composer" : "composition"},
                              {"times", state.times}});
    });
}

c2d_status c2d_chain_grants_of(const c2d_chain* chain, const char* dt, char** out, c2d_error** error) {
    return json_read(chain, "chain", out, error, [&](const c2d::Chain& value) -> Result<Value> {
        C2D_CAPI_NEED(dt);
        C2D_TRY(const c2d::TokenId id, c2d::parse_token(dt));
        C2D_TRY(const auto grants, value.grants_of(id));
        return grants_value(grants);
    });
}

c2d_status c2d_chain_grants_to(const c2d_chain* chain, const char* cdt, char** out, c2d_error** error) {
    return json_read(chain, "chain", out, error, [&](const c2d::Chain& value) -> Result<Value> {
        C2D_CAPI_NEED(cdt);
        C2D_TRY(const c2d::TokenId id, c2d::parse_token(cdt));
        C2D_TRY(const auto grants, value.grants_to(id));
        return grants_value(grants);
    });
}

c2d_status c2d_chain_task(const c2d_chain* chain, uint64_t task, char** out, c2d_error** error) {
    return json_read(chain, "chain", out, error, [&](const c2d::Chain& value) -> Result<Value> {
        C2D_TRY(const c2d::TaskRecord record, value.task(task));
        return task_value(record);
    });
}

c2d_status c2d_chain_job(const c2d_chain* chain, uint64_t job, char** out, c2d_error** error) {
    return json_read(chain, "chain", out, error, [&](const c2d::Chain& value) -> Result<Value> {
        C2D_TRY(const c2d::JobRecord record, value.job(job));
        return job_value(record);
    });
}

void c2d_chain_destroy(c2d_chain* chain) { delete chain; }

}  // extern "C"
