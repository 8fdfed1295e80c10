#include "base/defaults.hpp"
#include "base/endpoint.hpp"
#include "base/fail.hpp"
#include "base/mistaken_text.hpp"
#include "base/try.hpp"
#include "chain/chain_impl.hpp"
#include "chain/evm/deploy.hpp"
#include "chain/evm/rpc_node.hpp"
#include "chain/ledger/ledger_node.hpp"
#include "chain/ledger/recovery.hpp"
#include "chain/ledger/replay.hpp"
#include "chain/named_calls.hpp"
#include "crypto/hash.hpp"

#include <c2d/chain.hpp>

#include <algorithm>
#include <set>

namespace c2d {

namespace c = contracts;

namespace {

const Bytes32 kCodeSuccess{};

ChainOptions with_defaults(ChainOptions options) {
    use_defaults(options);
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

Result<std::optional<Chain>> Chain::at_read_block() const {
    C2D_TRY(auto node, impl_->node->at_read_block());
    if (!node) return std::optional<Chain>();
    C2D_TRY(auto info, node->info());
    return std::optional(Chain(std::make_shared<Impl>(std::move(node), std::move(info), ChainOptions{})));
}

Result<Unit> Chain::check_contracts() const { return impl_->node->check_contracts(); }

Result<std::uint64_t> Chain::block_time(std::uint64_t number) const {
    C2D_TRY(const auto head, impl_->node->block_head(number));
    if (!head) return fail(Status::NOT_FOUND, "no block {}", number);
    return head->time;
}

// Writes ------------------------------------------------------------------------------------------

Result<Receipt> Chain::add_admin(Signer& admin, const Address& id) {
    return impl_->calls.send(admin, c::role_controller::kAddRole, id, c::kAdmin);
}

Result<Receipt> Chain::register_enterprise(Signer& admin, const Address& id, std::string_view name,
                                           std::string_view description) {
    return impl_->calls.send(admin, c::asset_provider::kRegisterEnterprise, id, name, description);
}

Result<Receipt> Chain::update_enterprise(Signer& admin, const Address& id, std::string_view name,
                                         std::string_view description) {
    return impl_->calls.send(admin, c::asset_provider::kUpdateEnterprise, id, name, description);
}

Result<Receipt> Chain::add_provider(Signer& admin, const Address& id) {
    return impl_->calls.send(admin, c::asset_provider::kAddProvider, id);
}

Result<Receipt> Chain::publish_template(Signer& admin, const TokenId& id, std::string_view name,
                                        const Bytes32& checksum, std::string_view document) {
    return impl_->calls.send(admin, c::op_template::kPublish, id, name, checksum, document);
}

Result<Receipt> Chain::update_template(Signer& admin, const TokenId& id, std::string_view name, const Bytes32& checksum,
                                       std::string_view document) {
    return impl_->calls.send(admin, c::op_template::kUpdate, id, name, checksum, document);
}

Result<Receipt> Chain::mint(Signer& owner, const TokenId& id, bool is_leaf, const Bytes32& checksum,
                            std::string_view document) {
    C2D_TRY(const auto minter, in_name_of(owner));
    return impl_->calls.send(owner, c::dt_factory::kMint, id, minter, is_leaf, checksum, document);
}

Result<Receipt> Chain::grant(Signer& owner, const TokenId& dt, const TokenId& grantee, const GrantLimits& limits) {
    const auto mode = (limits.per_composer ? std::uint64_t(c::dt_factory::kPerComposer) : 0) |
                      (limits.owners_word ? std::uint64_t(c::dt_factory::kOwnersWord) : 0);
    if (!limits.any() && mode == 0) return impl_->calls.send(owner, c::dt_factory::kGrant, dt, grantee);
    C2D_CHECK(impl_->require(&NetworkFeatures::grant_limits));
    const auto units = impl_->network.time_units;
    if (limits.expiry > UINT64_MAX / units)
        return fail(Status::INVALID_ARGUMENT, "expected an end of the grant in seconds since 1970, found {}",
                    limits.expiry);
    const auto expiry = limits.expiry * units;
    if (mode == 0) return impl_->calls.send(owner, c::dt_factory::kGrantLimited, dt, grantee, expiry, limits.uses);
    C2D_CHECK(impl_->require(&NetworkFeatures::edition_2));
    return impl_->calls.send(owner, c::dt_factory::kGrantDecided, dt, grantee, expiry, limits.uses, mode);
}

Result<Receipt> Chain::revoke(Signer& owner, const TokenId& dt, const TokenId& grantee) {
    C2D_CHECK(impl_->require(&NetworkFeatures::revoking));
    return impl_->calls.send(owner, c::dt_factory::kRevoke, dt, grantee);
}

Result<Receipt> Chain::start_compose(Signer& owner, const TokenId& cdt, const std::vector<TokenId>& children) {
    return impl_->calls.send(owner, c::dt_factory::kStartCompose, cdt, children);
}

Result<std::uint64_t> Chain::create_task(Signer& demander, std::string_view name, std::string_view description) {
    C2D_TRY(const auto receipt, impl_->calls.send(demander, c::task_market::kCreateTask, name, description));
    C2D_TRY(const auto added, event_of(receipt, impl_->at().task_market, c::task_market::kTaskAdded));
    const auto& [task, opened_by, name_hash, told, code] = added;
    return task;
}

Result<Receipt> Chain::close_task(Signer& demander, std::uint64_t task) {
    C2D_CHECK(impl_->require(&NetworkFeatures::closing_tasks));
    return impl_->calls.send(demander, c::task_market::kCloseTask, task);
}

Result<std::uint64_t> Chain::add_job(Signer& solver, const TokenId& cdt, std::uint64_t task) {
    C2D_TRY(const auto receipt, impl_->calls.send(solver, c::task_market::kAddJob, cdt, task));
    C2D_TRY(const auto added, event_of(receipt, impl_->at().task_market, c::task_market::kJobAdded));
    const auto& [of_task, job, sent_by, composition, code] = added;
    return job;
}

Result<Receipt> Chain::post_receipt(Signer& owner, std::uint64_t job, const TokenId& dt, ReceiptOutcome outcome,
                                    const Bytes32& digest, const std::vector<Disclosure>& disclosed) {
    C2D_CHECK(impl_->require(&NetworkFeatures::receipts));
    if (disclosed.empty())
        return impl_->calls.send(owner, c::job_receipts::kPost, job, dt, std::uint64_t(outcome), digest);
    C2D_CHECK(impl_->require(&NetworkFeatures::edition_2));
    std::vector<Bytes32> kinds;
    std::vector<std::uint64_t> counts;
    for (const auto& [kind, count] : disclosed) kinds.push_back(kind), counts.push_back(count);
    return impl_->calls.send(owner, c::job_receipts::kPostDisclosed, job, dt, std::uint64_t(outcome), digest, kinds,
                             counts);
}

// Reads -------------------------------------------------------------------------------------------

Result<Enterprise> Chain::enterprise(const Address& id) const {
    C2D_TRY(const auto known, is_enterprise(id));
    if (!known) return fail(Status::NOT_FOUND, "no organisation is registered for {}", address_text(id));
    C2D_TRY(auto told, impl_->calls.view(c::asset_provider::kGetEnterprise, id));
    auto& [name, description] = told;
    return Enterprise{std::move(name), std::move(description)};
}

Result<bool> Chain::is_enterprise(const Address& id) const {
    return impl_->calls.view(c::asset_provider::kIsEnterprise, id);
}

Result<bool> Chain::is_provider(const Address& id) const {
    return impl_->calls.view(c::asset_provider::kIsProvider, id);
}

Result<TemplateRecord> Chain::op_template(const TokenId& id) const {
    C2D_TRY(const auto known, impl_->calls.view(c::op_template::kExists, id));
    if (!known) return fail(Status::NOT_FOUND, "no operator template {}", token_text(id));
    C2D_TRY(auto told, impl_->calls.view(c::op_template::kGet, id));
    auto& [name, publisher, checksum, document, block] = told;
    return TemplateRecord{std::move(name), publisher, checksum, std::move(document), block};
}

Result<TokenRecord> Chain::token(const TokenId& id) const {
    C2D_TRY(const auto known, impl_->calls.view(c::dt_factory::kIsAvailable, id));
    if (!known || id.is_zero()) return fail(Status::NOT_FOUND, "no data token {}", token_text(id));
    C2D_TRY(auto told, impl_->calls.view(c::dt_factory::kRegister, id));
    auto& [owner, minter, checksum, is_leaf, document, block] = told;
    return TokenRecord{id, owner, minter, checksum, is_leaf, std::move(document), block};
}

Result<bool> Chain::is_active(const TokenId& cdt) const { return impl_->calls.view(c::dt_factory::kIsActive, cdt); }

Result<bool> Chain::has_grant(const TokenId& dt, const TokenId& grantee) const {
    return impl_->calls.view(c::dt_factory::kGetPermission, dt, grantee);
}

Result<GrantState> Chain::grant_state(const TokenId& dt, const TokenId& grantee) const {
    C2D_CHECK(impl_->require(&NetworkFeatures::grant_limits));
    const auto units = impl_->network.time_units;
    C2D_TRY(const auto edition, this->edition());
    if (edition >= 2) {
        C2D_TRY(const auto terms, impl_->calls.view(c::dt_factory::kGetGrantTerms, dt, grantee));
        const auto& [given, expiry, uses, used, mode, times] = terms;
        return GrantState{given, {expiry / units, uses, (mode & c::dt_factory::kPerComposer) != 0}, used, times};
    }
    C2D_TRY(const auto told, impl_->calls.view(c::dt_factory::kGetGrant, dt, grantee));
    const auto& [given, expiry, uses, used] = told;
    return GrantState{given, {expiry / units, uses}, used};
}

Result<bool> Chain::links_hold(const TokenId& cdt, const std::vector<TokenId>& children) const {
    return impl_->calls.view(c::dt_factory::kLinksCheck, cdt, children);
}

Result<std::vector<TokenId>> Chain::children(const TokenId& cdt) const {
    if (!impl_->features.stored_children) return std::vector<TokenId>();
    return impl_->calls.view(c::dt_factory::kChildren, cdt);
}

Result<std::uint64_t> Chain::token_count() const { return impl_->calls.view(c::dt_factory::kCount); }

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
Result<std::vector<TokenRecord>> rows_of(const c::dt_factory::Columns& columns) {
    const auto& [ids, owners, minters, checksums, leaves, documents, blocks] = columns;
    const auto count = ids.size();
    for (const auto size :
         {owners.size(), minters.size(), checksums.size(), leaves.size(), documents.size(), blocks.size()})
        if (size != count) return fail(Status::CORRUPT, "the node answered a listing of uneven columns");
    std::vector<TokenRecord> out;
    for (std::size_t i = 0; i < count; ++i)
        out.push_back({ids[i], owners[i], minters[i], checksums[i], leaves[i], documents[i], blocks[i]});
    return out;
}

}  // namespace

Result<std::vector<TokenRecord>> Chain::tokens(std::uint64_t start, std::uint64_t count) const {
    if (impl_->features.token_pages) {
        C2D_TRY(const auto page, impl_->calls.view(c::dt_factory::kPage, start, count));
        return rows_of(page);
    }
    C2D_TRY(const auto total, token_count());
    std::vector<TokenRecord> out;
    const auto first = std::min(start, total);
    const auto end = first + std::min({count, total - first, c::dt_factory::kPageMax});
    for (auto at = first; at < end; ++at) {
        C2D_TRY(const auto id, impl_->calls.view(c::dt_factory::kIds, at));
        C2D_TRY(out.emplace_back(), token(id));
    }
    return out;
}

Result<TaskRecord> Chain::task(std::uint64_t id) const {
    C2D_TRY(auto told, impl_->calls.view(c::task_market::kGetTask, id));
    auto& [demander, name, description, status, jobs] = told;
    if (status == 0 && demander.is_zero()) return fail(Status::NOT_FOUND, "no task {}", id);
    return TaskRecord{id, demander, std::move(name), std::move(description), status, std::move(jobs)};
}

namespace {

/// The transaction that opened a task says its name; the event only the name's hash.
Result<TaskSummary> read_summary(ChainNode& node, std::uint64_t id, const Log& log) {
    C2D_TRY(const auto added, c::task_market::kTaskAdded.decode(log.topics, log.data));
    const auto& [task, demander, name_hash, told, code] = added;
    C2D_TRY(const auto data, node.call_data(log.transaction));
    C2D_TRY(auto call, c::task_market::kCreateTask.read_call(data));
    if (!call) return fail(Status::UNSUPPORTED, "task {} was not opened by a transaction of its own", id);
    auto& [name, description] = *call;
    if (keccak256(as_bytes(name)) != name_hash)
        return fail(Status::CORRUPT, "the transaction that opened task {} names another one", id);
    return TaskSummary{id, demander, std::move(name), std::move(description)};
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
    filter.topics = {c::task_market::kTaskAdded.topic, abi::Uint256(id).big_endian, std::nullopt, kCodeSuccess};
    std::optional<Result<TaskSummary>> found;
    C2D_CHECK(impl_->each_log(filter, [&](const Log& log) -> Result<Unit> {
        if (!found && log.topics.size() == 4) found = read_summary(*impl_->node, id, log);
        return Unit{};
    }));
    if (!found) return fail(Status::NOT_FOUND, "no task {}", id);
    return *std::move(found);
}

Result<JobRecord> Chain::job(std::uint64_t id) const {
    C2D_TRY(const auto told, impl_->calls.view(c::task_market::kGetJob, id));
    const auto& [task, solver, cdt, status] = told;
    if (status == 0 && solver.is_zero()) return fail(Status::NOT_FOUND, "no job {}", id);
    return JobRecord{id, task, solver, cdt, status, 0};
}

Result<std::uint64_t> Chain::job_count() const { return impl_->calls.view(c::task_market::kGetJobNum); }

bool Chain::has_receipts() const noexcept { return impl_->features.receipts; }

Result<PostedReceipt> Chain::job_receipt(std::uint64_t job, const TokenId& dt) const {
    C2D_CHECK(impl_->require(&NetworkFeatures::receipts));
    C2D_TRY(const auto told, impl_->calls.view(c::job_receipts::kGet, job, dt));
    const auto& [owner, number, digest, block, time] = told;
    if (owner.is_zero()) return fail(Status::NOT_FOUND, "job {} has no receipt for {}", job, token_text(dt));
    C2D_TRY(const auto outcome, receipt_outcome(number));
    return PostedReceipt{job, dt, owner, outcome, digest, block, time / impl_->network.time_units};
}

// By name -----------------------------------------------------------------------------------------

Result<std::string> Chain::ask(std::string_view function, std::string_view arguments) const {
    C2D_TRY(const auto call, read_named_call(function, arguments));
    if (call.function.changes_state())
        return fail(Status::INVALID_ARGUMENT, "{} changes the state: it is sent, with a key", function);
    C2D_CHECK(impl_->require(call.function));
    C2D_TRY(const auto data, impl_->calls.ask(call.function, call.data));
    return answer_text(call.function, data);
}

Result<Receipt> Chain::send(Signer& signer, std::string_view function, std::string_view arguments) {
    C2D_TRY(auto call, read_named_call(function, arguments));
    if (!call.function.changes_state())
        return fail(Status::INVALID_ARGUMENT, "{} changes nothing: it is asked, without a key", function);
    C2D_CHECK(impl_->require(call.function));
    return impl_->calls.send_call(signer, call.function, std::move(call.data));
}

// History -----------------------------------------------------------------------------------------

Result<std::vector<RegisteredEnterprise>> Chain::enterprises() const {
    constexpr std::size_t kEnterprisesMax = 65'536;
    LogFilter filter{impl_->at().asset_provider, {}, 0, UINT64_MAX};
    filter.topics = {c::asset_provider::kEnterpriseRegistered.topic, std::nullopt, std::nullopt, kCodeSuccess};
    std::set<Address> known;
    std::vector<RegisteredEnterprise> out;
    C2D_CHECK(impl_->each_log(filter, [&](const Log& log) -> Result<Unit> {
        C2D_TRY(const auto told, c::asset_provider::kEnterpriseRegistered.decode(log.topics, log.data));
        if (!known.insert(std::get<0>(told)).second) return Unit{};
        if (out.size() == kEnterprisesMax)
            return fail(Status::LIMIT, "more than {} organisations are registered", kEnterprisesMax);
        out.push_back({std::get<0>(told), {}});
        return Unit{};
    }));
    for (auto& registered : out) {
        C2D_TRY(registered.enterprise, enterprise(registered.id));
    }
    return out;
}

/// Grants and revocations have the same members in the same places.
template <class Event>
Result<std::vector<GrantRecord>> Chain::Impl::grants(const Event& event, const std::optional<TokenId>& dt,
                                                     const std::optional<TokenId>& grantee,
                                                     std::uint64_t from_block) const {
    LogFilter filter{at().dt_factory, {}, from_block, UINT64_MAX};
    filter.topics = {event.topic, dt, grantee, kCodeSuccess};
    std::vector<GrantRecord> out;
    C2D_CHECK(each_log(filter, [&](const Log& log) -> Result<Unit> {
        C2D_TRY(const auto told, event.decode(log.topics, log.data));
        const auto& [of, owner, to, code] = told;
        out.push_back({of, to, owner, log.block_number, log.transaction});
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
    if (!impl_->features.revoking) return std::vector<GrantRecord>();
    return impl_->grants(c::dt_factory::kDataTokenRevoked, dt, std::nullopt, from_block);
}

Result<std::vector<GrantRecord>> Chain::revocations_to(const TokenId& cdt, std::uint64_t from_block) const {
    if (!impl_->features.revoking) return std::vector<GrantRecord>();
    return impl_->grants(c::dt_factory::kDataTokenRevoked, std::nullopt, cdt, from_block);
}

namespace {

/// The children that an activation's transaction names; none when it is no plain call of ours, or
/// when what it names is not what the event was made of.
std::vector<TokenId> named_children(ChainNode& node, const TokenId& cdt, const Log& log) {
    const auto data = node.call_data(log.transaction);
    if (!data) return {};
    auto call = c::dt_factory::kStartCompose.read_call(*data);
    if (!call || !*call) return {};
    auto& [activated, children] = **call;
    Bytes joined;
    for (const auto& child : children) joined.insert(joined.end(), child.data.begin(), child.data.end());
    if (activated != cdt || keccak256(joined) != log.topics[2]) return {};
    return std::move(children);
}

}  // namespace

Result<std::optional<Activation>> Chain::activation(const TokenId& cdt, std::uint64_t from_block) const {
    LogFilter filter{impl_->at().dt_factory, {}, from_block, UINT64_MAX};
    filter.topics = {c::dt_factory::kCdtMinted.topic, cdt, std::nullopt, std::nullopt};
    std::optional<Log> made;
    C2D_CHECK(impl_->each_log(filter, [&](const Log& log) -> Result<Unit> {
        C2D_TRY(const auto told, c::dt_factory::kCdtMinted.decode(log.topics, log.data));
        if (std::get<2>(told) == c::kSuccess && !made) made = log;
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
        C2D_TRY(const auto told, c::task_market::kJobAdded.decode(log.topics, log.data));
        const auto& [task, job, solver, composition, code] = told;
        // The contracts register every job with status 1, and never change it.
        out.jobs.push_back({job, task.number(), solver, composition, 1, log.block_number});
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
    C2D_CHECK(impl_->require(&NetworkFeatures::receipts));
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
    C2D_CHECK(impl_->require(&NetworkFeatures::receipts));
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
