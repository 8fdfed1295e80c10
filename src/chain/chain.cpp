#include "base/endpoint.hpp"
#include "base/fail.hpp"
#include "base/mistaken_text.hpp"
#include "base/try.hpp"
#include "chain/contract_calls.hpp"
#include "chain/evm/deploy.hpp"
#include "chain/evm/rpc_node.hpp"
#include "chain/ledger/ledger_node.hpp"
#include "chain/ledger/recovery.hpp"
#include "chain/ledger/replay.hpp"
#include "crypto/hash.hpp"

#include <c2d/chain.hpp>

#include <algorithm>
#include <set>

namespace c2d {

namespace c = contracts;
using abi::Value;

namespace {

constexpr std::string_view kLedgerScheme = "ledger:";
const Bytes32 kCodeSuccess{};

ChainOptions with_defaults(ChainOptions options) {
    if (!options.clock) options.clock = Clock::system();
    if (!options.random) options.random = Random::system();
    if (!options.logger) options.logger = Logger::silent();
    options.network_url = normal_endpoint(options.network_url);
    return options;
}

Result<ledger::LedgerOptions> ledger_options(const ChainOptions& options) {
    const std::string_view url = options.network_url;
    if (!url.starts_with(kLedgerScheme) || url.size() == kLedgerScheme.size())
        return fail(Status::UNSUPPORTED,
                    "expected a network_url of the form ledger:PATH or http(s)://…, found \"{}\"{}",
                    without_credentials(url),
                    looks_like_path(url) ? "; a ledger in this file is ledger:" + std::string(url) : "");
    return ledger::LedgerOptions{std::string(url.substr(kLedgerScheme.size())),
                                 options.trust_dir,
                                 options.clock,
                                 options.random,
                                 options.logger,
                                 options.clock_ok};
}

Value value(std::string_view text) { return Value::text(std::string(text)); }
Value value(const Bytes32& bytes) { return Value::of(bytes); }
Value value(const Address& address) { return Value::of(address); }

Value id_list(const std::vector<TokenId>& ids) {
    std::vector<Value> values;
    for (const auto& id : ids) values.push_back(Value::of(id));
    return Value::list(std::move(values));
}

/// The contract takes no other numbers.
Result<ReceiptOutcome> receipt_outcome(std::uint64_t number) {
    if (number >= 1 && number <= c::job_receipts::kOutcomeMax) return ReceiptOutcome(number);
    return fail(Status::CORRUPT, "expected the outcome of a receipt in 1 to {}, found {}", c::job_receipts::kOutcomeMax,
                number);
}

}  // namespace

const char* receipt_outcome_name(ReceiptOutcome outcome) noexcept {
    switch (outcome) {
        case ReceiptOutcome::succeeded: return "succeeded";
        case ReceiptOutcome::failed: return "failed";
        case ReceiptOutcome::cancelled: return "cancelled";
        case ReceiptOutcome::refused: return "refused";
        case ReceiptOutcome::aborted: return "aborted";
    }
    return "aborted";
}

struct Chain::Impl {
    std::shared_ptr<ChainNode> node;
    NetworkInfo network;
    ContractCalls calls;

    Impl(std::shared_ptr<ChainNode> n, NetworkInfo info, const ChainOptions& options)
        : node(std::move(n)),
          network(std::move(info)),
          // A ledger's own processes are told of a taken nonce in no time.
          calls(*node, network.chain_id, network.kind == "rpc" ? options.trust_dir : std::string(),
                2 * options.rpc.receipt_deadline) {}

    const ContractAddresses& at() const { return network.contracts; }

    /// Every log of the filter, in order, page by page.
    template <class Visit>
    Result<Unit> each_log(LogFilter filter, Visit visit) const {
        for (;;) {
            C2D_TRY(const auto page, node->log_page(filter));
            for (const auto& log : page.logs) C2D_CHECK(visit(log));
            if (!page.next_block) return Unit{};
            filter.from_block = *page.next_block;
        }
    }

    Result<std::vector<GrantRecord>> grants(const abi::Event& event, const std::optional<TokenId>& dt,
                                            const std::optional<TokenId>& grantee, std::uint64_t from_block) const;

    Result<Unit> require_receipts() const {
        if (!at().job_receipts.is_zero()) return Unit{};
        return fail(Status::UNSUPPORTED, "this network has the original contracts: they keep no receipts of jobs");
    }
};

Result<Chain> Chain::open(const ChainOptions& given) {
    const ChainOptions options = with_defaults(given);
    std::shared_ptr<ChainNode> node = options.node;
    if (!node && is_http_endpoint(options.network_url)) {
        C2D_TRY(node, evm::open_rpc_node(options));
    }
    if (!node) {
        C2D_TRY(const auto ledger, ledger_options(options));
        C2D_TRY(node, ledger::open_ledger(ledger));
    }
    C2D_TRY(auto info, node->info());
    return Chain(std::make_shared<Impl>(std::move(node), std::move(info), options));
}

Result<Chain> Chain::create(const ChainOptions& given, Signer& admin) {
    const ChainOptions options = with_defaults(given);
    C2D_TRY(const auto ledger, ledger_options(options));
    C2D_TRY(auto node, ledger::create_ledger(ledger, admin));
    C2D_TRY(auto info, node->info());
    return Chain(std::make_shared<Impl>(std::move(node), std::move(info), options));
}

Result<LedgerCut> Chain::cut(const ChainOptions& given, std::uint64_t from, const CutOptions& how) {
    C2D_TRY(const auto options, ledger_options(with_defaults(given)));
    return ledger::cut_ledger(options, from, how);
}

Result<LedgerAcceptance> Chain::accept(const ChainOptions& given, std::uint64_t number, const Bytes32& hash) {
    C2D_TRY(const auto options, ledger_options(with_defaults(given)));
    return ledger::accept_ledger(options, number, hash);
}

Result<Deployment> Chain::deploy(const ChainOptions& given, Signer& deployer, const DeployOptions& how) {
    const ChainOptions options = with_defaults(given);
    if (!is_http_endpoint(options.network_url))
        return fail(Status::UNSUPPORTED,
                    "contracts are deployed to an EVM network, http(s)://…; \"{}\" is none. A ledger has them "
                    "from its start (dt-cli chain init)",
                    options.network_url);
    return evm::deploy(options, deployer, how);
}

Result<NetworkInfo> Chain::info() const { return impl_->node->info(); }
Result<Unit> Chain::require_current() const {
    // An EVM network tells its time by itself; only ledgers, and served ones, have a salt.
    if (impl_->network.salt.is_zero()) return Unit{};
    C2D_TRY(const auto now, info());
    if (now.ahead) return ledger::ledger_ahead(*now.ahead);
    return Unit{};
}
const NetworkInfo& Chain::network() const noexcept { return impl_->network; }
ChainNode& Chain::node() const noexcept { return *impl_->node; }

Result<Chain> Chain::at_head() const {
    C2D_TRY(auto node, impl_->node->at_head());
    if (!node) return *this;
    C2D_TRY(auto info, node->info());
    return Chain(std::make_shared<Impl>(std::move(node), std::move(info), ChainOptions{}));
}

Result<Unit> Chain::check_contracts() const { return impl_->node->check_contracts(); }

Result<std::uint64_t> Chain::block_time(std::uint64_t number) const {
    C2D_TRY(const auto head, impl_->node->block_head(number));
    if (!head) return fail(Status::NOT_FOUND, "no block {}", number);
    return head->time;
}

// Writes ------------------------------------------------------------------------------------------

Result<Receipt> Chain::add_admin(Signer& admin, const Address& id) {
    return impl_->calls.send(admin, {"RoleController", impl_->at().role_controller}, c::role_controller::kAddRole,
                             {value(id), Value::of(std::uint64_t(c::kAdmin))});
}

Result<Receipt> Chain::register_enterprise(Signer& admin, const Address& id, std::string_view name,
                                           std::string_view description) {
    return impl_->calls.send(admin, {"AssetProvider", impl_->at().asset_provider},
                             c::asset_provider::kRegisterEnterprise, {value(id), value(name), value(description)});
}

Result<Receipt> Chain::update_enterprise(Signer& admin, const Address& id, std::string_view name,
                                         std::string_view description) {
    return impl_->calls.send(admin, {"AssetProvider", impl_->at().asset_provider}, c::asset_provider::kUpdateEnterprise,
                             {value(id), value(name), value(description)});
}

Result<Receipt> Chain::add_provider(Signer& admin, const Address& id) {
    return impl_->calls.send(admin, {"AssetProvider", impl_->at().asset_provider}, c::asset_provider::kAddProvider,
                             {value(id)});
}

Result<Receipt> Chain::publish_template(Signer& admin, const TokenId& id, std::string_view name,
                                        const Bytes32& checksum, std::string_view document) {
    return impl_->calls.send(admin, {"OpTemplate", impl_->at().op_template}, c::op_template::kPublish,
                             {value(id), value(name), value(checksum), value(document)});
}

Result<Receipt> Chain::update_template(Signer& admin, const TokenId& id, std::string_view name, const Bytes32& checksum,
                                       std::string_view document) {
    return impl_->calls.send(admin, {"OpTemplate", impl_->at().op_template}, c::op_template::kUpdate,
                             {value(id), value(name), value(checksum), value(document)});
}

Result<Receipt> Chain::mint(Signer& owner, const TokenId& id, bool is_leaf, const Bytes32& checksum,
                            std::string_view document) {
    return impl_->calls.send(owner, {"DTFactory", impl_->at().dt_factory}, c::dt_factory::kMint,
                             {value(id), value(owner.address()), Value::of(is_leaf), value(checksum), value(document)});
}

Result<Receipt> Chain::grant(Signer& owner, const TokenId& dt, const TokenId& grantee, const GrantLimits& limits) {
    if (limits.any()) {
        C2D_CHECK(grant_state(dt, grantee));  // `unsupported` where the contracts know no limits
        const auto units = impl_->network.time_units;
        if (limits.expiry > UINT64_MAX / units)
            return fail(Status::INVALID_ARGUMENT, "expected an end of the grant in seconds since 1970, found {}",
                        limits.expiry);
        return impl_->calls.send(owner, {"DTFactory", impl_->at().dt_factory}, c::dt_factory::kGrantLimited,
                                 {value(dt), value(grantee), Value::of(limits.expiry * units), Value::of(limits.uses)});
    }
    return impl_->calls.send(owner, {"DTFactory", impl_->at().dt_factory}, c::dt_factory::kGrant,
                             {value(dt), value(grantee)});
}

Result<Receipt> Chain::revoke(Signer& owner, const TokenId& dt, const TokenId& grantee) {
    C2D_CHECK(grant_state(dt, grantee));
    return impl_->calls.send(owner, {"DTFactory", impl_->at().dt_factory}, c::dt_factory::kRevoke,
                             {value(dt), value(grantee)});
}

Result<Receipt> Chain::start_compose(Signer& owner, const TokenId& cdt, const std::vector<TokenId>& children) {
    return impl_->calls.send(owner, {"DTFactory", impl_->at().dt_factory}, c::dt_factory::kStartCompose,
                             {value(cdt), id_list(children)});
}

Result<std::uint64_t> Chain::create_task(Signer& demander, std::string_view name, std::string_view description) {
    C2D_TRY(const auto receipt, impl_->calls.send(demander, {"TaskMarket", impl_->at().task_market},
                                                  c::task_market::kCreateTask, {value(name), value(description)}));
    C2D_TRY(const auto event, event_of(receipt, impl_->at().task_market, c::task_market::kTaskAdded));
    return event[0].number();
}

Result<Receipt> Chain::close_task(Signer& demander, std::uint64_t task) {
    C2D_CHECK(grant_state({}, {}));  // one set of contracts: who counts grants closes tasks
    return impl_->calls.send(demander, {"TaskMarket", impl_->at().task_market}, c::task_market::kCloseTask,
                             {Value::of(task)});
}

Result<std::uint64_t> Chain::add_job(Signer& solver, const TokenId& cdt, std::uint64_t task) {
    C2D_TRY(const auto receipt, impl_->calls.send(solver, {"TaskMarket", impl_->at().task_market},
                                                  c::task_market::kAddJob, {value(cdt), Value::of(task)}));
    C2D_TRY(const auto event, event_of(receipt, impl_->at().task_market, c::task_market::kJobAdded));
    return event[1].number();
}

Result<Receipt> Chain::post_receipt(Signer& owner, std::uint64_t job, const TokenId& dt, ReceiptOutcome outcome,
                                    const Bytes32& digest) {
    C2D_CHECK(impl_->require_receipts());
    return impl_->calls.send(owner, {"JobReceipts", impl_->at().job_receipts}, c::job_receipts::kPost,
                             {Value::of(job), value(dt), Value::of(std::uint64_t(outcome)), value(digest)});
}

// Reads -------------------------------------------------------------------------------------------

Result<Enterprise> Chain::enterprise(const Address& id) const {
    C2D_TRY(const auto known, is_enterprise(id));
    if (!known) return fail(Status::NOT_FOUND, "no organisation is registered for {}", address_text(id));
    C2D_TRY(const auto v,
            impl_->calls.view(impl_->at().asset_provider, c::asset_provider::kGetEnterprise, {value(id)}));
    return Enterprise{v[0].text(), v[1].text()};
}

Result<bool> Chain::is_enterprise(const Address& id) const {
    return impl_->calls.view_bool(impl_->at().asset_provider, c::asset_provider::kIsEnterprise, {value(id)});
}

Result<bool> Chain::is_provider(const Address& id) const {
    return impl_->calls.view_bool(impl_->at().asset_provider, c::asset_provider::kIsProvider, {value(id)});
}

Result<TemplateRecord> Chain::op_template(const TokenId& id) const {
    C2D_TRY(const auto known, impl_->calls.view_bool(impl_->at().op_template, c::op_template::kExists, {value(id)}));
    if (!known) return fail(Status::NOT_FOUND, "no operator template {}", token_text(id));
    C2D_TRY(const auto v, impl_->calls.view(impl_->at().op_template, c::op_template::kGet, {value(id)}));
    return TemplateRecord{v[0].text(), v[1].address(), v[2].word(), v[3].text(), v[4].number()};
}

Result<TokenRecord> Chain::token(const TokenId& id) const {
    C2D_TRY(const auto known, impl_->calls.view_bool(impl_->at().dt_factory, c::dt_factory::kIsAvailable, {value(id)}));
    if (!known || id.is_zero()) return fail(Status::NOT_FOUND, "no data token {}", token_text(id));
    C2D_TRY(const auto v, impl_->calls.view(impl_->at().dt_factory, c::dt_factory::kRegister, {value(id)}));
    return TokenRecord{id, v[0].address(), v[1].address(), v[2].word(), v[3].boolean(), v[4].text(), v[5].number()};
}

Result<bool> Chain::is_active(const TokenId& cdt) const {
    return impl_->calls.view_bool(impl_->at().dt_factory, c::dt_factory::kIsActive, {value(cdt)});
}

Result<bool> Chain::has_grant(const TokenId& dt, const TokenId& grantee) const {
    return impl_->calls.view_bool(impl_->at().dt_factory, c::dt_factory::kGetPermission, {value(dt), value(grantee)});
}

Result<GrantState> Chain::grant_state(const TokenId& dt, const TokenId& grantee) const {
    const auto v = impl_->calls.view(impl_->at().dt_factory, c::dt_factory::kGetGrant, {value(dt), value(grantee)});
    if (!v && v.status() == Status::NOT_FOUND)
        return fail(Status::UNSUPPORTED,
                    "this network has the original contracts: grants have no "
                    "limits, cannot be revoked, and tasks cannot be closed");
    if (!v) return v.error();
    const auto expiry = v->at(1).number() / impl_->network.time_units;
    return GrantState{v->at(0).boolean(), {expiry, v->at(2).number()}, v->at(3).number()};
}

Result<bool> Chain::links_hold(const TokenId& cdt, const std::vector<TokenId>& children) const {
    return impl_->calls.view_bool(impl_->at().dt_factory, c::dt_factory::kLinksCheck, {value(cdt), id_list(children)});
}

Result<std::vector<TokenId>> Chain::children(const TokenId& cdt) const {
    const auto v = impl_->calls.view(impl_->at().dt_factory, c::dt_factory::kChildren, {value(cdt)});
    std::vector<TokenId> ids;
    if (!v && v.status() == Status::NOT_FOUND) return ids;  // the original contracts store none
    if (!v) return v.error();
    for (const auto& id : v->at(0).list()) ids.push_back(id.word());
    return ids;
}

Result<std::uint64_t> Chain::token_count() const {
    C2D_TRY(const auto v, impl_->calls.view(impl_->at().dt_factory, c::dt_factory::kCount, {}));
    return v[0].number();
}

Result<std::vector<TokenId>> Chain::tokens_below(const TokenId& cdt) const {
    constexpr std::size_t kMax = 4096;  // as the rules take an Algorithm (src/asset/composition.hpp)
    std::vector<TokenId> below;
    std::set<TokenId> seen = {cdt};
    std::vector<TokenId> compositions = {cdt};
    for (std::size_t at = 0; at < compositions.size(); ++at) {
        const TokenId parent = compositions[at];
        C2D_TRY(const auto list, children(parent));
        for (const auto& child : list) {
            if (!seen.insert(child).second) continue;
            if (below.size() == kMax)
                return fail(Status::LIMIT,
                            "{} is composed of more than {} tokens, which no job can have; its receipts "
                            "are read one by one, each of a token (Chain::job_receipt)",
                            token_text(cdt), kMax);
            below.push_back(child);
            compositions.push_back(child);
        }
    }
    return below;
}

namespace {

/// The columns of getDTPage as rows.
Result<std::vector<TokenRecord>> rows_of(const std::vector<Value>& v) {
    std::vector<TokenRecord> out;
    for (std::size_t i = 0; i < v[0].list().size(); ++i) {
        for (const auto& column : v)
            if (column.list().size() != v[0].list().size())
                return fail(Status::CORRUPT, "the node answered a listing of uneven columns");
        out.push_back({v[0].list()[i].word(), v[1].list()[i].address(), v[2].list()[i].address(), v[3].list()[i].word(),
                       v[4].list()[i].boolean(), v[5].list()[i].text(), v[6].list()[i].number()});
    }
    return out;
}

}  // namespace

Result<std::vector<TokenRecord>> Chain::tokens(std::uint64_t start, std::uint64_t count) const {
    const auto page =
        impl_->calls.view(impl_->at().dt_factory, c::dt_factory::kPage, {Value::of(start), Value::of(count)});
    if (page) return rows_of(*page);
    if (page.status() != Status::NOT_FOUND || has_receipts()) return page.error();
    // The original contracts: one by one.
    C2D_TRY(const auto total, token_count());
    std::vector<TokenRecord> out;
    const auto first = std::min(start, total);
    const auto end = first + std::min({count, total - first, c::dt_factory::kPageMax});
    for (auto at = first; at < end; ++at) {
        C2D_TRY(const auto id, impl_->calls.view(impl_->at().dt_factory, c::dt_factory::kIds, {Value::of(at)}));
        C2D_TRY(out.emplace_back(), token(id[0].word()));
    }
    return out;
}

Result<TaskRecord> Chain::task(std::uint64_t id) const {
    C2D_TRY(const auto v, impl_->calls.view(impl_->at().task_market, c::task_market::kGetTask, {Value::of(id)}));
    if (v[3].number() == 0 && v[0].address().is_zero()) return fail(Status::NOT_FOUND, "no task {}", id);
    TaskRecord task{id, v[0].address(), v[1].text(), v[2].text(), v[3].number(), {}};
    for (const auto& job : v[4].list()) task.jobs.push_back(job.number());
    return task;
}

namespace {

/// The transaction that opened a task says its name; the event only the name's hash.
Result<TaskSummary> read_summary(ChainNode& node, std::uint64_t id, const Log& log) {
    C2D_TRY(const auto event, abi::decode_event(c::task_market::kTaskAdded, log.topics, log.data));
    C2D_TRY(const auto data, node.call_data(log.transaction));
    const std::string_view signature = c::task_market::kCreateTask.signature;
    const auto selector = abi::selector(signature);
    if (data.size() < 4 || !std::equal(selector.begin(), selector.end(), data.begin()))
        return fail(Status::UNSUPPORTED, "task {} was not opened by a transaction of its own", id);
    C2D_TRY(const auto parameters, abi::parse_signature(signature));
    C2D_TRY(const auto arguments, abi::decode(parameters, BytesView(data).subspan(4)));
    if (keccak256(as_bytes(arguments[0].text())) != log.topics[2])
        return fail(Status::CORRUPT, "the transaction that opened task {} names another one", id);
    return TaskSummary{id, event[1].address(), arguments[0].text(), arguments[1].text()};
}

}  // namespace

Result<TaskSummary> Chain::task_summary(std::uint64_t id) const {
    // A network has no index that leads to the transaction: there the record comes first.
    const bool indexed = impl_->network.kind == "ledger";
    if (!indexed) {
        auto record = task(id);
        if (record) return TaskSummary{id, record->demander, std::move(record->name), std::move(record->description)};
        if (record.status() == Status::NOT_FOUND) return record.error();
    }
    LogFilter filter{impl_->at().task_market, {}, 0, UINT64_MAX};
    filter.topics = {c::task_market::kTaskAdded.topic, Value::of(id).word(), std::nullopt, kCodeSuccess};
    std::optional<Result<TaskSummary>> found;
    C2D_CHECK(impl_->each_log(filter, [&](const Log& log) -> Result<Unit> {
        if (!found && log.topics.size() == 4) found = read_summary(*impl_->node, id, log);
        return Unit{};
    }));
    if (!found) return fail(Status::NOT_FOUND, "no task {}", id);
    return *std::move(found);
}

Result<JobRecord> Chain::job(std::uint64_t id) const {
    C2D_TRY(const auto v, impl_->calls.view(impl_->at().task_market, c::task_market::kGetJob, {Value::of(id)}));
    if (v[3].number() == 0 && v[1].address().is_zero()) return fail(Status::NOT_FOUND, "no job {}", id);
    return JobRecord{id, v[0].number(), v[1].address(), v[2].word(), v[3].number(), 0};
}

Result<std::uint64_t> Chain::job_count() const {
    C2D_TRY(const auto v, impl_->calls.view(impl_->at().task_market, c::task_market::kGetJobNum, {}));
    return v[0].number();
}

bool Chain::has_receipts() const noexcept { return impl_->require_receipts().ok(); }

Result<PostedReceipt> Chain::job_receipt(std::uint64_t job, const TokenId& dt) const {
    C2D_CHECK(impl_->require_receipts());
    C2D_TRY(const auto v,
            impl_->calls.view(impl_->at().job_receipts, c::job_receipts::kGet, {Value::of(job), value(dt)}));
    if (v[0].address().is_zero()) return fail(Status::NOT_FOUND, "job {} has no receipt for {}", job, token_text(dt));
    C2D_TRY(const auto outcome, receipt_outcome(v[1].number()));
    return PostedReceipt{
        job, dt, v[0].address(), outcome, v[2].word(), v[3].number(), v[4].number() / impl_->network.time_units};
}

// History -----------------------------------------------------------------------------------------

/// Grants and revocations have the same members in the same places.
Result<std::vector<GrantRecord>> Chain::Impl::grants(const abi::Event& event, const std::optional<TokenId>& dt,
                                                     const std::optional<TokenId>& grantee,
                                                     std::uint64_t from_block) const {
    LogFilter filter{at().dt_factory, {}, from_block, UINT64_MAX};
    filter.topics = {event.topic, dt, grantee, kCodeSuccess};
    std::vector<GrantRecord> out;
    C2D_CHECK(each_log(filter, [&](const Log& log) -> Result<Unit> {
        C2D_TRY(const auto v, abi::decode_event(event, log.topics, log.data));
        out.push_back({v[0].word(), v[2].word(), v[1].address(), log.block_number, log.transaction});
        return Unit{};
    }));
    return out;
}

Result<std::vector<GrantRecord>> Chain::grants_of(const TokenId& dt, std::uint64_t from_block) const {
    return impl_->grants(c::dt_factory::kDataTokenGranted, dt, std::nullopt, from_block);
}

Result<std::vector<GrantRecord>> Chain::grants_to(const TokenId& cdt, std::uint64_t from_block) const {
    return impl_->grants(c::dt_factory::kDataTokenGranted, std::nullopt, cdt, from_block);
}

Result<std::vector<GrantRecord>> Chain::revocations_of(const TokenId& dt, std::uint64_t from_block) const {
    if (!has_receipts()) return std::vector<GrantRecord>();
    return impl_->grants(c::dt_factory::kDataTokenRevoked, dt, std::nullopt, from_block);
}

Result<std::vector<GrantRecord>> Chain::revocations_to(const TokenId& cdt, std::uint64_t from_block) const {
    if (!has_receipts()) return std::vector<GrantRecord>();
    return impl_->grants(c::dt_factory::kDataTokenRevoked, std::nullopt, cdt, from_block);
}

namespace {

/// The children that an activation's transaction names; none when it is no plain call of ours, or
/// when what it names is not what the event was made of.
std::vector<TokenId> named_children(ChainNode& node, const TokenId& cdt, const Log& log) {
    const std::string_view signature = c::dt_factory::kStartCompose.signature;
    const auto selector = abi::selector(signature);
    const auto parameters = abi::parse_signature(signature);
    const auto data = node.call_data(log.transaction);
    std::vector<TokenId> children;
    if (!parameters || !data || data->size() < 4 || !std::equal(selector.begin(), selector.end(), data->begin()))
        return children;
    const auto arguments = abi::decode(*parameters, BytesView(*data).subspan(4));
    if (!arguments || arguments->at(0).word() != cdt) return children;
    Bytes joined;
    for (const auto& child : arguments->at(1).list()) {
        children.push_back(child.word());
        joined.insert(joined.end(), children.back().data.begin(), children.back().data.end());
    }
    if (keccak256(joined) != log.topics[2]) children.clear();
    return children;
}

}  // namespace

Result<std::optional<Activation>> Chain::activation(const TokenId& cdt, std::uint64_t from_block) const {
    LogFilter filter{impl_->at().dt_factory, {}, from_block, UINT64_MAX};
    filter.topics = {c::dt_factory::kCdtMinted.topic, cdt, std::nullopt, std::nullopt};
    std::optional<Log> made;
    C2D_CHECK(impl_->each_log(filter, [&](const Log& log) -> Result<Unit> {
        C2D_TRY(const auto v, abi::decode_event(c::dt_factory::kCdtMinted, log.topics, log.data));
        if (v[2].number() == c::kSuccess && !made) made = log;
        return Unit{};
    }));
    if (!made) return std::optional<Activation>();
    Activation out{{}, made->block_number, made->transaction};
    C2D_TRY(out.children, children(cdt));
    if (out.children.empty()) out.children = named_children(*impl_->node, cdt, *made);
    return std::optional<Activation>(std::move(out));
}

Result<JobPage> Chain::jobs_page(const TokenId& cdt, std::uint64_t from_block) const {
    LogFilter filter{impl_->at().task_market, {}, from_block, UINT64_MAX};
    filter.topics = {c::task_market::kJobAdded.topic, std::nullopt, cdt, kCodeSuccess};
    C2D_TRY(const auto page, impl_->node->log_page(filter));
    JobPage out{{}, page.next_block};
    for (const auto& log : page.logs) {
        C2D_TRY(const auto v, abi::decode_event(c::task_market::kJobAdded, log.topics, log.data));
        // The contracts register every job with status 1, and never change it.
        out.jobs.push_back({v[1].number(), v[0].number(), v[2].address(), v[3].word(), 1, log.block_number});
    }
    return out;
}

Result<std::vector<JobRecord>> Chain::jobs_of(const TokenId& cdt) const {
    std::vector<JobRecord> jobs;
    for (std::optional<std::uint64_t> from = 0; from;) {
        C2D_TRY(auto page, jobs_page(cdt, *from));
        std::ranges::move(page.jobs, std::back_inserter(jobs));
        from = page.next_block;
    }
    return jobs;
}

Result<std::vector<PostedReceipt>> Chain::receipts_of(std::uint64_t job, const std::vector<TokenId>& below) const {
    C2D_CHECK(impl_->require_receipts());
    std::vector<PostedReceipt> receipts;
    for (const auto& dt : below) {
        auto receipt = job_receipt(job, dt);
        if (!receipt && receipt.status() == Status::NOT_FOUND) continue;
        C2D_TRY(receipts.emplace_back(), std::move(receipt));
    }
    std::ranges::stable_sort(receipts, {}, &PostedReceipt::block_number);
    return receipts;
}

Result<std::vector<PostedReceipt>> Chain::receipts_of(std::uint64_t id) const {
    C2D_CHECK(impl_->require_receipts());
    const auto record = job(id);
    if (!record && record.status() == Status::NOT_FOUND) return std::vector<PostedReceipt>();
    if (!record) return record.error();
    C2D_TRY(const auto below, tokens_below(record->cdt));
    return receipts_of(id, below);
}

Result<Unit> Chain::require_block(std::uint64_t number, const Bytes32& hash) const {
    C2D_TRY(const auto block, impl_->node->block(number));
    if (block && block->head.hash == hash) return Unit{};
    return ledger::rolled_back(number, hash,
                               block ? "its block has hash " + hex_text(block->head.hash) : "it ends before");
}

Result<Head> Chain::verify(const Progress& progress, const CancelToken* cancel) const {
    return impl_->node->verify(progress, cancel);
}

}  // namespace c2d
