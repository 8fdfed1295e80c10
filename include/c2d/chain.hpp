/// The ledger as typed calls: organisations, operator templates, data tokens, tasks and jobs.
///
/// Every write is a signed Ethereum transaction to one of the contracts and returns after its
/// receipt. A refusal by a contract is an `Error` with status `refused`, the contract's name, code,
/// the code's name and the transaction. Safe for concurrent use; writes of one signer are queued.
#pragma once

#include <c2d/chain_node.hpp>
#include <c2d/http.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace c2d {

/// An organisation as it is registered.
struct Enterprise {
    std::string name, description;
};

/// An organisation, and the address that it is registered under.
struct RegisteredEnterprise {
    Address id;
    Enterprise enterprise;
};

/// An operator template as the ledger has it.
struct TemplateRecord {
    std::string name;
    Address publisher;
    Bytes32 checksum;
    /// CID of the document.
    std::string document;
    std::uint64_t block_updated = 0;
};

/// A token as the ledger has it.
struct TokenRecord {
    TokenId id;
    Address owner, minter;
    Bytes32 checksum;
    bool is_leaf = false;
    std::string document;
    std::uint64_t block_updated = 0;
};

/// A task and its jobs.
struct TaskRecord {
    std::uint64_t id = 0;
    Address demander;
    std::string name, description;
    /// 1: open, 2: closed.
    std::uint64_t status = 0;
    std::vector<std::uint64_t> jobs;
};

/// A task without its jobs.
struct TaskSummary {
    std::uint64_t id = 0;
    Address demander;
    std::string name, description;
};

/// An Algorithm submitted to a task.
struct JobRecord {
    std::uint64_t id = 0;
    std::uint64_t task = 0;
    Address solver;
    TokenId cdt;
    std::uint64_t status = 0;
    /// Where it was registered; 0 in the answer of `Chain::job`, which the contract does not tell.
    std::uint64_t block_number = 0;
};

/// Jobs of some blocks in a row, in order.
struct JobPage {
    std::vector<JobRecord> jobs;
    /// The block that the next page begins with; nothing when this was the last.
    std::optional<std::uint64_t> next_block;
};

/// What a composition was made of, and when.
struct Activation {
    /// As the activation named them; empty where neither the contracts keep them nor the node shows
    /// what the transaction asked.
    std::vector<TokenId> children;
    std::uint64_t block_number = 0;
    Bytes32 transaction;
};

/// A permission as it was given, or taken back.
struct GrantRecord {
    TokenId dt, grantee;
    Address owner;
    std::uint64_t block_number = 0;
    Bytes32 transaction;
};

/// Bounds of a grant. Zero: none.
struct GrantLimits {
    /// Last second, in Unix time as the blocks tell it, in which the grant holds.
    std::uint64_t expiry = 0;
    /// Jobs that it is good for; the ledger counts each when it is registered.
    std::uint64_t uses = 0;
    /// `uses` bounds the jobs of the composer's organisation on the token, over all of its compositions. Edition 2, as
    /// is the next.
    bool per_composer = false;
    /// The owner's own word: it alone gives again what was taken back. A program that grants by itself never sets it.
    bool owners_word = false;
    /// Is it bounded at all?
    bool any() const noexcept { return expiry != 0 || uses != 0; }
};

/// A grant as it is now.
struct GrantState {
    /// Given and not revoked. Its time may be over.
    bool given = false;
    GrantLimits limits;
    /// Jobs counted against `limits.uses`.
    std::uint64_t used = 0;
    /// How often it was given without the owner's word; 0 before edition 2.
    std::uint64_t times = 0;
};

/// What the owner of a token decided about an organisation, over all of its addresses and compositions. Edition 2.
struct GrantDecision {
    /// Given without the owner's word.
    std::uint64_t grants = 0;
    /// Block time of the last revocation; 0: none, else only the owner's word gives again.
    std::uint64_t revoked_at = 0;
    /// Jobs, each once for each link of the composition that it ran.
    std::uint64_t used = 0;
    /// Of the last grant that was `per_composer`.
    std::uint64_t expiry = 0, uses = 0;
};

/// How often a job showed results of a kind.
struct Disclosure {
    Bytes32 kind;
    /// At most 2^32.
    std::uint64_t count = 0;
};
/// A kind by its name of at most 32 bytes: the letters, then zeros.
Bytes32 disclosure_kind(std::string_view name);
/// Sums over receipts.
struct DisclosureCount {
    /// To the organisation of the composer; to anybody.
    std::uint64_t of_organisation = 0, total = 0;
};

/// Roles as the ledger numbers them.
enum class LedgerRole : std::uint64_t { administrator = 100, enterprise = 101, provider = 102 };

/// What a key does in an organisation's name (Identity of edition 2): all of it, as its owner key; giving and refusing
/// permissions; requests, answers, receipts, tasks and jobs.
enum class KeyUse : std::uint8_t { owner, grant, work };
/// "owner", "grant" or "work".
const char* key_use_name(KeyUse use) noexcept;

/// A key that acts for an organisation.
struct Delegate {
    KeyUse use = KeyUse::work;
    Address key;
    /// Last second, in Unix time as the blocks tell it.
    std::uint64_t valid_to = 0;
};

/// What happened to the keys or the roles of an address.
struct IdentityChange {
    /// A role was given or taken; the key that speaks for the address, or one of its delegates', changed.
    enum class Kind { role_added, role_removed, owner_changed, delegate_added, delegate_revoked };
    Kind kind = Kind::role_added;
    Address of;
    /// Of a change of roles: the role as the ledger numbers it (`LedgerRole`).
    std::uint64_t role = 0;
    /// Of the others: the key, and a delegate's use and, where it was added, last second.
    KeyUse use = KeyUse::owner;
    Address key;
    std::uint64_t valid_to = 0;
    std::uint64_t block_number = 0;
};
/// The stable lower-case name.
const char* identity_change_name(IdentityChange::Kind kind) noexcept;

/// What a call for another owner key did.
struct OwnerChange {
    Receipt receipt;
    /// An administrator's proposal: another administrator has to the end of that second (Unix time) to call for the
    /// same key. Nothing: the key is changed.
    std::optional<std::uint64_t> proposed_until;
};

/// How a provider's part of a job ended, as the ledger records it.
enum class ReceiptOutcome : std::uint8_t {
    succeeded = 1,
    /// The operator ended badly or passed a limit.
    failed = 2,
    cancelled = 3,
    /// Verification refused it at launch.
    refused = 4,
    /// It could not be carried out: a party was missing, the provider was restarted.
    aborted = 5,
};
/// The stable lower-case name.
const char* receipt_outcome_name(ReceiptOutcome outcome) noexcept;

/// What the ledger knows of a run on one data token. The document behind the digest stays with the
/// owner; see c2d/job_receipt.hpp.
struct PostedReceipt {
    std::uint64_t job = 0;
    TokenId dt;
    Address owner;
    ReceiptOutcome outcome = ReceiptOutcome::aborted;
    Bytes32 digest;
    std::uint64_t block_number = 0;
    std::uint64_t block_time = 0;
};

/// As of which block of an EVM network a decision is made, `Chain::at_read_block`. The blocks of a ledger, served or
/// not, are never replaced: there the last one is read whatever is said here.
enum class ReadBlock : std::uint8_t {
    latest = 0,
    /// The last one that the node says is final: the tag `finalized` of Ethereum's JSON-RPC (execution-apis).
    finalized = 1,
    /// The last one with `RpcOptions::confirmations` blocks on top.
    confirmations = 2,
};

/// How to deal with a JSON-RPC node.
struct RpcOptions {
    /// 0: whatever the node says when it is first asked; a later change is refused in any case.
    std::uint64_t chain_id = 0;
    /// Plain legacy transactions, for networks without EIP-1559.
    bool force_legacy = false;
    /// Fixed price in wei instead of the node's (0 on free networks).
    std::optional<std::uint64_t> gas_price = {};
    /// How long a write waits for its receipt.
    std::chrono::milliseconds receipt_deadline{60'000};
    /// Blocks that must stand on top before a receipt is believed.
    std::uint64_t confirmations = 0;
    /// Logs are read from this block on, at most so many blocks a call.
    std::uint64_t first_block = 0;
    std::uint64_t log_blocks_max = 2'000;
    /// What the node's methods begin with: "platon" for nodes of PlatON and Alaya without eth_….
    std::string methods = "eth";
    /// The prefix of the bech32 addresses that such methods take ("lat", "lax", "atp", "atx" or a
    /// private network's); empty: 0x….
    std::string address_prefix = {};
    /// Blocks count milliseconds. Nothing: on the known chains of PlatON and Alaya only, where
    /// transactions are plain legacy ones, too.
    std::optional<bool> milliseconds = {};
    /// What is decided must be true as of this block, too.
    ReadBlock read_block = ReadBlock::latest;
};

/// What `Chain::open` and `Chain::create` take.
struct ChainOptions {
    /// `ledger:PATH`, `ledger::memory:` (a private ledger that ends with the Chain), or the
    /// `http(s)://…` of an Ethereum JSON-RPC node or a served ledger.
    std::string network_url = {};
    /// Where the contracts stand on an EVM network: a file {"<network>": {"DTFactory": "0x…", …}}
    /// and the network's name in it. A served ledger says it by itself.
    std::string address_file = {};
    std::string network_name = {};
    /// For a ledger file: a folder of this process's own, made if absent, where it keeps the last
    /// head it saw and what it replayed; processes of one user may share it, whoever else writes to
    /// the ledger must not be able to. Empty: nothing is kept, and the ledger is replayed whenever
    /// it is opened and trusted as it is then.
    /// For an EVM network: where processes that write with one key wait for each other, so that no
    /// two use one nonce. Empty: they do not, and who comes second is told so by the node and asks anew.
    std::string trust_dir = {};
    /// Somebody looked at this machine's clock and found it right, though it moved further than time
    /// passed since `trust_dir` was last used, which else is `clock_jumped` for every write.
    bool clock_ok = false;
    RpcOptions rpc = {};
    /// Null: libcurl.
    std::shared_ptr<HttpTransport> http = {};
    /// Replaces `network_url`: any node, for tests and other networks.
    std::shared_ptr<ChainNode> node = {};
    std::shared_ptr<Clock> clock = {};
    std::shared_ptr<Random> random = {};
    std::shared_ptr<Logger> logger = {};
};

/// What deploying the contracts takes.
struct DeployOptions {
    /// Replaces an entry of that name in the address file instead of failing.
    bool replace = false;
    /// Told of each contract as it stands.
    Progress progress = {};
};

/// Contracts that `Chain::deploy` put on a network.
struct Deployment {
    std::uint64_t chain_id = 0;
    /// Who paid, and is the first administrator.
    Address deployer;
    ContractAddresses contracts;
    /// The first block that holds anything of theirs: a good `RpcOptions::first_block`.
    std::uint64_t first_block = 0;
    /// The transactions that created them, in order.
    std::vector<Bytes32> transactions;
};

/// How `Chain::cut` goes about it.
struct CutOptions {
    /// Only say what would be taken out.
    bool dry_run = false;
};

/// Blocks that `Chain::cut` took out of a ledger file, or would.
struct LedgerCut {
    /// Number of the first one, and how many.
    std::uint64_t from = 0, blocks = 0;
    std::uint64_t transactions = 0;
    /// Of the first and the last one, in seconds since the epoch.
    std::uint64_t first_time = 0, last_time = 0;
    /// Where they are kept: a file of the ledger's own form. Empty for a dry run.
    std::string saved;
    /// The last block that stays; what readers are told to accept.
    Head head;
};

/// What `Chain::accept` changed.
struct LedgerAcceptance {
    /// The ledger's head as it is now.
    Head head;
    /// The head seen before, which is given up. Nothing: the ledger holds all that was seen.
    std::optional<Head> given_up;
};

class Chain {
public:
    /// Opens an existing ledger, replaying what is new in it, or connects to a node. Fails with
    /// `not_found` when there is no ledger; `corrupt` when it is none, does not replay, or, with
    /// the name `ledger_rolled_back`, lacks the head that `trust_dir` remembers; `unavailable` when
    /// the node does not answer. A call on a ledger file that was deleted or replaced since fails with
    /// `corrupt` and the name `ledger_replaced`.
    static Result<Chain> open(const ChainOptions& options);
    /// Starts a new ledger with `admin` as its first administrator. Fails with `conflict` when one
    /// stands there.
    static Result<Chain> create(const ChainOptions& options, Signer& admin);
    /// Deploys c2d's own contracts to the EVM network at `options.network_url`, in five transactions of
    /// `deployer`, who becomes their first administrator, and adds them to `options.address_file` under
    /// `options.network_name`, keeping the other networks there. Each receipt is waited for, the code and
    /// what each contract knows of the others is checked. Nothing else may be sent with that key meanwhile.
    ///
    /// Nothing was sent when it fails with `conflict` because the file has such an entry (`network_exists`) or the node
    /// is a served ledger, or with `limit`: the deployer's balance, or what a block holds, is too small. A `conflict`
    /// later says that another transaction of the key came in between; deploy again then.
    static Result<Deployment> deploy(const ChainOptions& options, Signer& deployer, const DeployOptions& how = {});

    /// Takes the blocks from number `from` (at least 1) on out of the ledger file at `options.network_url`,
    /// for its keeper: they are first saved to a file beside it, whose name is answered, and `trust_dir`
    /// forgets them. Everybody else who saw them refuses the ledger (`ledger_rolled_back`) until told to
    /// accept its new head. The transactions in them count no more; who holds them may send them again.
    ///
    /// Nothing is changed when it fails: `not_found` when there is no such block, `limit` for more than 65 536
    /// blocks at once, `conflict` while a program here has the ledger open with this `trust_dir` or while
    /// anybody writes to the file, `corrupt` when what would stay does not replay.
    static Result<LedgerCut> cut(const ChainOptions& options, std::uint64_t from, const CutOptions& how = {});
    /// Lets `options.trust_dir` forget blocks that the ledger's keeper took out: what is there now is believed
    /// from then on. The head comes from the keeper, by a way that does not lead through the file. A ledger
    /// that holds all that was seen is left as it is.
    ///
    /// Nothing is changed when it fails: `corrupt` (`ledger_rolled_back`) unless the ledger holds block
    /// `number` with that hash, or when it is another ledger; `conflict` while a program has it open with this
    /// `trust_dir`.
    static Result<LedgerAcceptance> accept(const ChainOptions& options, std::uint64_t number, const Bytes32& hash);

    /// What it is and where its head stands.
    Result<NetworkInfo> info() const;
    /// Fails with `unavailable`, the name `ledger_ahead` and the seconds to wait as `code` while a ledger's last
    /// block is ahead of this machine's clock: for who must not act on the state before that block.
    Result<Unit> require_current() const;
    /// What never changes: chain id, salt, admin, contracts. No call is made.
    const NetworkInfo& network() const noexcept;
    /// The node behind it: the embedded ledger, a client of a network, or `ChainOptions::node`.
    ChainNode& node() const noexcept;
    /// The same chain as of its head now: whatever is added meanwhile, all reads are of one block.
    /// Writes fail with `unsupported`. The chain itself where its node cannot look back.
    Result<Chain> at_head() const;
    /// The same as of the block that `RpcOptions::read_block` names; nothing where that is the latest one. Fails with
    /// `unsupported` when the node does not tell which blocks are final, with `unavailable` when it does not answer as
    /// of that block, or the contracts were not there yet.
    Result<std::optional<Chain>> at_read_block() const;
    /// Fails with `invalid_argument` when something else stands where the address file says that the
    /// contracts do. Every first write asks it before a fee is paid.
    Result<Unit> check_contracts() const;
    /// Seconds since 1970 of a block.
    Result<std::uint64_t> block_time(std::uint64_t number) const;

    // Administrator.

    /// Makes an address an administrator; registers or renames an organisation; lets it publish.
    Result<Receipt> add_admin(Signer& admin, const Address& id);
    Result<Receipt> register_enterprise(Signer& admin, const Address& id, std::string_view name,
                                        std::string_view description);
    Result<Receipt> update_enterprise(Signer& admin, const Address& id, std::string_view name,
                                      std::string_view description);
    Result<Receipt> add_provider(Signer& admin, const Address& id);
    /// The same with a legal id: an LEI, or COUNTRY:NUMBER, 3 to 64 of A-Z 0-9 : - . /, or empty for none. Addresses
    /// with one legal id are one organisation. Edition 2, as are all calls from here to `start_edition`.
    Result<Receipt> register_enterprise(Signer& admin, const Address& id, std::string_view name,
                                        std::string_view description, std::string_view legal_id);
    Result<Receipt> update_enterprise(Signer& admin, const Address& id, std::string_view name,
                                      std::string_view description, std::string_view legal_id);
    /// Takes a role, never the last administrator's; gives one back whose record is still there.
    Result<Receipt> remove_role(Signer& admin, const Address& id, LedgerRole role);
    Result<Receipt> restore_role(Signer& admin, const Address& id, LedgerRole role);
    /// The ledger's rules are of that edition, the next one, from the block of the receipt on. EVM networks have the
    /// edition of their contracts for ever.
    Result<Receipt> start_edition(Signer& admin, std::uint64_t edition);
    /// The record of an operator template; `AssetRegistry::publish_operator` also stores its document.
    Result<Receipt> publish_template(Signer& admin, const TokenId& id, std::string_view name, const Bytes32& checksum,
                                     std::string_view document);
    Result<Receipt> update_template(Signer& admin, const TokenId& id, std::string_view name, const Bytes32& checksum,
                                    std::string_view document);

    // Owner, composer, solver.

    /// The record of a token; `AssetRegistry::publish` also stores its document and checks its terms.
    Result<Receipt> mint(Signer& owner, const TokenId& id, bool is_leaf, const Bytes32& checksum,
                         std::string_view document);
    /// Limits, and `revoke`, `grant_state` and `close_task`, are ours: `unsupported` on networks with
    /// the original contracts.
    Result<Receipt> grant(Signer& owner, const TokenId& dt, const TokenId& grantee, const GrantLimits& limits = {});
    /// Takes a grant back: no further job is registered on it, and none that waits is started.
    Result<Receipt> revoke(Signer& owner, const TokenId& dt, const TokenId& grantee);
    /// A closed token takes no grants and no jobs until it is opened. Edition 2.
    Result<Receipt> close_token(Signer& owner, const TokenId& dt);
    Result<Receipt> open_token(Signer& owner, const TokenId& dt);
    Result<Receipt> start_compose(Signer& owner, const TokenId& cdt, const std::vector<TokenId>& children);
    /// Returns the number of the new task.
    Result<std::uint64_t> create_task(Signer& demander, std::string_view name, std::string_view description);
    /// No further jobs are taken for the task. Jobs that stand go on.
    Result<Receipt> close_task(Signer& demander, std::uint64_t task);
    /// Returns the number of the new job.
    Result<std::uint64_t> add_job(Signer& solver, const TokenId& cdt, std::uint64_t task);

    /// Records how the job ended on `dt`, which the signer owns; once and for all. `unsupported` on
    /// networks with the original contracts, as are the reads of receipts. What it showed is added up: each kind once,
    /// at most 32; edition 2, unless there is none.
    Result<Receipt> post_receipt(Signer& owner, std::uint64_t job, const TokenId& dt, ReceiptOutcome outcome,
                                 const Bytes32& digest, const std::vector<Disclosure>& disclosed = {});

    // Keys. Edition 2; where it is not, an address is its own key and none can be changed.

    /// Another key speaks for `identity`, and its delegates do no longer: by the owner key at once, by two
    /// administrators within 7 days, or the only one.
    Result<OwnerChange> change_owner(Signer& signer, const Address& identity, const Address& owner);
    /// A key that may do this in the name of `identity` for so many seconds, at most 366 days; a new call replaces
    /// them. Fails with `invalid_argument` for `KeyUse::owner`, which is changed.
    Result<Receipt> add_delegate(Signer& owner, const Address& identity, KeyUse use, const Address& delegate,
                                 std::uint64_t seconds);
    Result<Receipt> revoke_delegate(Signer& owner, const Address& identity, KeyUse use, const Address& delegate);

    // Reads. An unknown id fails with `not_found`.

    /// The record, or the state, of an organisation, a template or a token.
    Result<Enterprise> enterprise(const Address& id) const;
    Result<bool> is_enterprise(const Address& id) const;
    /// All of them as they are called now, in the order in which they came, from the logs. Fails with `limit` beyond
    /// 65,536.
    Result<std::vector<RegisteredEnterprise>> enterprises() const;
    Result<bool> is_provider(const Address& id) const;
    Result<bool> has_role(const Address& id, LedgerRole role) const;
    /// In the order of their arrival, but that the last one fills the gap of one who left. Edition 2.
    Result<std::vector<Address>> admins() const;
    /// Empty where there is none, as before edition 2.
    Result<std::string> legal_id(const Address& id) const;
    /// What the addresses of one organisation have in common: its legal id's Keccak-256, else the address after zeros.
    Result<Bytes32> organisation_of(const Address& id) const;
    /// The key that speaks for an address: itself until changed, and before edition 2.
    Result<Address> identity_owner(const Address& identity) const;
    Result<bool> valid_delegate(const Address& identity, KeyUse use, const Address& delegate) const;
    /// Whether the sender is the owner key of `identity`, or its delegate for that use. Of several answers that must be
    /// of one block, ask `at_head()`.
    Result<bool> acts_for(const Address& sender, const Address& identity, KeyUse use) const;
    /// In whose place the sender stands: the identity that it acts for, else itself; zero when its own went to another
    /// key.
    Result<Address> principal(const Address& sender, KeyUse use) const;
    /// The organisation that the key's tokens, requests, tasks and jobs are of: its `principal`; the key's own address
    /// where it stands for nobody, which networks then refuse.
    Result<Address> in_name_of(const Signer& key, KeyUse use = KeyUse::work) const;
    Result<TemplateRecord> op_template(const TokenId& id) const;
    Result<TokenRecord> token(const TokenId& id) const;
    /// True for an activated composition.
    Result<bool> is_active(const TokenId& cdt) const;
    /// Given, not revoked, and its time not over. A spent grant stands, for the jobs it was spent on.
    Result<bool> has_grant(const TokenId& dt, const TokenId& grantee) const;
    Result<GrantState> grant_state(const TokenId& dt, const TokenId& grantee) const;
    /// Edition 2, as are the next two.
    Result<GrantDecision> decision(const TokenId& dt, const Address& composer) const;
    Result<bool> is_closed(const TokenId& dt) const;
    Result<DisclosureCount> disclosures(const TokenId& dt, const Address& composer, const Bytes32& kind) const;
    /// Of the rules as they are now: a ledger may have gone on since it was opened.
    Result<std::uint64_t> edition() const;
    /// True when every child exists, is usable and is granted to `cdt` (CLinksCheck).
    Result<bool> links_hold(const TokenId& cdt, const std::vector<TokenId>& children) const;
    /// The children that the activation named; empty where the network does not store them.
    Result<std::vector<TokenId>> children(const TokenId& cdt) const;
    /// Every token that `cdt` is composed of, at any depth, each once. Fails with `limit` beyond 4096, which no job
    /// has.
    Result<std::vector<TokenId>> tokens_below(const TokenId& cdt) const;
    Result<std::uint64_t> token_count() const;
    /// Listed tokens [start, start + count), at most 256 a call. The original contracts list them one
    /// by one, which is asked where they have no pages.
    Result<std::vector<TokenRecord>> tokens(std::uint64_t start, std::uint64_t count) const;
    /// A task with all of its jobs: the call grows with them, and fails with `limit` on a ledger when
    /// there are more than 65,000. `task_summary` does not.
    Result<TaskRecord> task(std::uint64_t id) const;
    Result<TaskSummary> task_summary(std::uint64_t id) const;
    /// A job, and how many there are.
    Result<JobRecord> job(std::uint64_t id) const;
    Result<std::uint64_t> job_count() const;
    /// False on networks with the original contracts.
    bool has_receipts() const noexcept;
    /// Fails with `not_found` when none was posted.
    Result<PostedReceipt> job_receipt(std::uint64_t job, const TokenId& dt) const;

    // History, from the logs.

    /// Grants that a token gave or got, in order; `from_block` spares a network those before.
    Result<std::vector<GrantRecord>> grants_of(const TokenId& dt, std::uint64_t from_block = 0) const;
    Result<std::vector<GrantRecord>> grants_to(const TokenId& cdt, std::uint64_t from_block = 0) const;
    /// The same of grants that were taken back; none on networks with the original contracts.
    Result<std::vector<GrantRecord>> revocations_of(const TokenId& dt, std::uint64_t from_block = 0) const;
    Result<std::vector<GrantRecord>> revocations_to(const TokenId& cdt, std::uint64_t from_block = 0) const;
    /// Nothing while it is not active.
    Result<std::optional<Activation>> activation(const TokenId& cdt, std::uint64_t from_block = 0) const;
    /// Jobs of an Algorithm: all of them, or a page from `from_block` on.
    Result<std::vector<JobRecord>> jobs_of(const TokenId& cdt) const;
    Result<JobPage> jobs_page(const TokenId& cdt, std::uint64_t from_block = 0) const;
    /// Keys other than the owner key that act for `identity` now, in the order of their first addition; none before
    /// edition 2.
    Result<std::vector<Delegate>> delegates(const Address& identity) const;
    /// Of the keys of `identity`, to the end of block `to_block`; none before edition 2.
    Result<std::vector<IdentityChange>> key_changes(const Address& identity, std::uint64_t to_block = UINT64_MAX) const;
    /// Of the roles of these addresses. Reads what all addresses got and lost.
    Result<std::vector<IdentityChange>> role_changes(const std::set<Address>& of) const;
    /// As `acts_for` at the end of block `block`.
    Result<bool> acted_for(const Address& sender, const Address& identity, KeyUse use, std::uint64_t block) const;
    /// By block, those of one block in the order of `tokens_below`.
    Result<std::vector<PostedReceipt>> receipts_of(std::uint64_t job) const;
    /// The same, for who knows the tokens below the job's composition.
    Result<std::vector<PostedReceipt>> receipts_of(std::uint64_t job, const std::vector<TokenId>& below) const;

    // Any function of a contract by its name, for what has no call of its own above.

    /// Asks a view. `function` is "TaskMarket.getTaskNum"; `arguments` is a JSON list, and so is the answer, one entry
    /// for each value: numbers of at most 64 bits, true and false, texts, lists, and 0x… for addresses and 32 bytes,
    /// which may be given as `dt:ownership:…` too. A view that reverts fails with `not_found`, an unknown function or
    /// arguments that do not fit it with `invalid_argument`.
    Result<std::string> ask(std::string_view function, std::string_view arguments = "[]") const;
    /// Sends what changes the state, "TaskMarket.closeTask"; refused as the calls above are.
    Result<Receipt> send(Signer& signer, std::string_view function, std::string_view arguments);

    /// Fails with `corrupt` and the name `ledger_rolled_back` unless block `number` is there and
    /// has that hash: a head that was noted earlier, printed by `chain info` or carried by a
    /// receipt.
    Result<Unit> require_block(std::uint64_t number, const Bytes32& hash) const;
    /// Replays the whole ledger; see `ChainNode::verify`.
    Result<Head> verify(const Progress& progress = {}, const CancelToken* cancel = nullptr) const;

private:
    struct Impl;
    explicit Chain(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
    std::shared_ptr<Impl> impl_;
};

}  // namespace c2d
