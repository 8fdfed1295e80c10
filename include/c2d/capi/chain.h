/** @file
 * The ledger: organisations, data tokens, tasks and jobs.
 *
 * Every write is a signed transaction; it returns after the receipt. A refusal by a contract is
 * C2D_ERROR_REFUSED with the contract as source, its code, the code's name and the transaction. A
 * const chain may be shared between threads; writes of one key are queued.
 *
 * Tokens are text, "dt:ownership:<64 hex>"; addresses are 0x and 40 digits. `out_transaction` takes
 * 32 bytes and may be NULL. Texts put out end with c2d_string_destroy; JSON is one object or array. */
#ifndef C2D_CAPI_CHAIN_H
#define C2D_CAPI_CHAIN_H

#include <c2d/capi/key.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A ledger, or a network with the same contracts. */
typedef struct c2d_chain c2d_chain;

/** What blocks of a network count as time. */
typedef enum c2d_block_time C2D_ENUM {
    C2D_BLOCK_TIME_AS_KNOWN = 0, /**< milliseconds on the known chains of PlatON and Alaya, else seconds */
    C2D_BLOCK_TIME_SECONDS = 1,
    C2D_BLOCK_TIME_MILLISECONDS = 2
} c2d_block_time;

/** As of which block of an EVM network decisions are made (c2d_job_verifier and c2d_provider); of a ledger, served or
 * not, it is always the last one. */
typedef enum c2d_read_block C2D_ENUM {
    C2D_READ_BLOCK_LATEST = 0,
    C2D_READ_BLOCK_FINALIZED = 1,    /**< the last one that the node says is final (tag "finalized") */
    C2D_READ_BLOCK_CONFIRMATIONS = 2 /**< the last one with `confirmations` blocks on top */
} c2d_read_block;

/** How to deal with an Ethereum node. */
typedef struct c2d_rpc_options {
    size_t struct_size;
    uint64_t chain_id;            /**< the chain to insist on; 0: whatever the node says when it is first asked */
    uint64_t gas_price;           /**< in wei, where `fixed_gas_price` is 1; 0 on free networks */
    uint64_t confirmations;       /**< blocks that must stand on top before a receipt is believed */
    uint64_t first_block;         /**< where logs begin */
    uint64_t log_blocks_max;      /**< blocks asked for in one call; 0: 2000 */
    uint64_t receipt_deadline_ms; /**< how long a write waits for its receipt; 0: 60000 */
    const char* methods;          /**< what the node's methods begin with; NULL: "eth" */
    const char* address_prefix;   /**< of bech32 addresses that such methods take; NULL: 0x… */
    int fixed_gas_price;          /**< 1: `gas_price` instead of the node's */
    int force_legacy;             /**< 1: plain legacy transactions, for networks without EIP-1559 */
    int block_time;               /**< a c2d_block_time */
    uint64_t read_block;          /**< a c2d_read_block; this wide, so that it lies behind what was padding */
} c2d_rpc_options;
#define C2D_RPC_OPTIONS_INIT \
    { sizeof(c2d_rpc_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }
/** Sets what the macro sets; NULL does nothing. */
C2D_API void c2d_rpc_options_init(c2d_rpc_options* options);

/** What c2d_chain_open, c2d_chain_create and c2d_chain_deploy take. */
typedef struct c2d_chain_options {
    size_t struct_size;
    const char* network_url;            /**< "ledger:PATH"; "ledger::memory:" for a private one that ends
                                         * with the last handle; or http(s)://… of an Ethereum node or
                                         * a served ledger; required */
    const c2d_environment* environment; /**< NULL: the default world */
    const char* address_file;           /**< where the contracts stand on an EVM network, */
    const char* network_name;           /**< and the network's name in that file */
    const char* trust_dir;              /**< a folder of this process's own for the last head it saw of a
                                         * ledger file and what it replayed, and where processes that write
                                         * to an EVM network with one key wait for each other; NULL: neither */
    const c2d_rpc_options* rpc;         /**< NULL: as C2D_RPC_OPTIONS_INIT has it */
    int clock_ok;                       /**< 1: somebody looked at this machine's clock and found it right, though it
                                         * moved further than time passed since `trust_dir` was last used, which else
                                         * is "clock_jumped" for every write to a ledger file */
    int reserved;                       /**< must be 0 */
} c2d_chain_options;
#define C2D_CHAIN_OPTIONS_INIT \
    { sizeof(c2d_chain_options), 0, 0, 0, 0, 0, 0, 0, 0 }
/** Sets what the macro sets; NULL does nothing. */
C2D_API void c2d_chain_options_init(c2d_chain_options* options);

/** Opens an existing ledger, replaying what is new in it, or connects to a node. C2D_ERROR_NOT_FOUND:
 * there is no ledger; C2D_ERROR_CORRUPT: it is none, does not replay, or, with the name
 * "ledger_rolled_back", lacks the head that `trust_dir` remembers; C2D_ERROR_UNAVAILABLE: the node
 * does not answer. A call on a ledger file that was deleted or replaced since is C2D_ERROR_CORRUPT with the
 * name "ledger_replaced"; writes to one whose last block is ahead of this machine's clock are
 * C2D_ERROR_UNAVAILABLE with the name "ledger_ahead" and the seconds to wait as code. */
C2D_API c2d_status c2d_chain_open(const c2d_chain_options* options, c2d_chain** out, c2d_error** error);
/** Starts a new ledger with `admin` as its first administrator. C2D_ERROR_CONFLICT: one is there. */
C2D_API c2d_status c2d_chain_create(const c2d_chain_options* options, const c2d_key* admin, c2d_chain** out,
                                    c2d_error** error);
/** Puts c2d's own contracts on the EVM network at `network_url`, in five transactions of `deployer`, who
 * becomes their first administrator, and adds them to `address_file` under `network_name`; `replace` 1:
 * also where such an entry stands. Nothing else may be sent with that key meanwhile. `progress` is told of
 * each contract and may be NULL. {"chain_id","deployer","first_block","contracts":{…},"transactions":[…]}.
 * C2D_ERROR_CONFLICT: the file has such an entry ("network_exists"), or another transaction of the key came
 * in between; C2D_ERROR_LIMIT: the balance, or what a block holds, is too small. */
C2D_API c2d_status c2d_chain_deploy(const c2d_chain_options* options, const c2d_key* deployer, int replace,
                                    c2d_progress_function progress, void* user_data, char** out, c2d_error** error);
/** Takes the blocks from number `from` on out of the ledger file at `network_url`, for its keeper: they are first
 * saved beside it, and `trust_dir` forgets them; `dry_run` 1: only says what would be taken out. Everybody else who
 * saw them refuses the ledger ("ledger_rolled_back") until it is told to accept the new head.
 * {"from","blocks","transactions","first_time","last_time","saved","head":{"number","hash","time"}}, `saved` empty for
 * a dry run. Nothing is changed otherwise. C2D_ERROR_NOT_FOUND: no such block; C2D_ERROR_LIMIT: more than 65536 blocks;
 * C2D_ERROR_CONFLICT: a program here has it open with this `trust_dir`, or somebody writes to it. */
C2D_API c2d_status c2d_chain_cut(const c2d_chain_options* options, uint64_t from, int dry_run, char** out,
                                 c2d_error** error);
/** Lets `trust_dir` forget blocks that the ledger's keeper took out, whose head, number and hash of 32 bytes, comes
 * from the keeper. {"head":{"number","hash","time"}}, with "given_up" of the same form when something was. Nothing
 * is changed otherwise. C2D_ERROR_CORRUPT ("ledger_rolled_back"): the ledger does not hold that block;
 * C2D_ERROR_CONFLICT: a program has it open with this `trust_dir`. */
C2D_API c2d_status c2d_chain_accept(const c2d_chain_options* options, uint64_t number, const uint8_t* hash, char** out,
                                    c2d_error** error);
/** {"kind","chain_id","salt","admin","edition","contracts":{…},"head":{"number","hash","time"}}; `edition` of the
 * rules: 0 for the original contracts, 1 or 2; and, while a ledger's last block is ahead of this machine's clock,
 * "ledger_ahead":{"block","time","wait"} in seconds: answers are of the blocks before it. */
C2D_API c2d_status c2d_chain_info(const c2d_chain* chain, char** out, c2d_error** error);

/** The last block, once everything before it was checked. */
typedef struct c2d_chain_head {
    uint64_t number;
    uint64_t time; /**< seconds since the epoch */
    uint8_t hash[32];
} c2d_chain_head;
/** Replays the whole ledger and checks every link. `progress` counts blocks and may be NULL; `out` may
 * be NULL. C2D_ERROR_CORRUPT names the first block that does not hold; C2D_ERROR_UNSUPPORTED: the
 * network is no ledger. */
C2D_API c2d_status c2d_chain_verify(const c2d_chain* chain, c2d_progress_function progress, void* user_data,
                                    c2d_chain_head* out, c2d_error** error);

/** C2D_ERROR_CORRUPT, with the name "ledger_rolled_back", unless block `number` is there and has the
 * hash of 32 bytes: a head that was noted earlier. */
C2D_API c2d_status c2d_chain_require_block(const c2d_chain* chain, uint64_t number, const uint8_t* hash,
                                           c2d_error** error);

/* -- administrator -- */

/** Makes an address an administrator. */
C2D_API c2d_status c2d_chain_add_admin(const c2d_chain* chain, const c2d_key* admin, const char* address,
                                       uint8_t* out_transaction, c2d_error** error);
/** Registers an organisation under its address. */
C2D_API c2d_status c2d_chain_register_enterprise(const c2d_chain* chain, const c2d_key* admin, const char* address,
                                                 const char* name, const char* description, uint8_t* out_transaction,
                                                 c2d_error** error);
/** Replaces name and description of a registered organisation. */
C2D_API c2d_status c2d_chain_update_enterprise(const c2d_chain* chain, const c2d_key* admin, const char* address,
                                               const char* name, const char* description, uint8_t* out_transaction,
                                               c2d_error** error);
/** Lets a registered organisation publish data tokens. */
C2D_API c2d_status c2d_chain_add_provider(const c2d_chain* chain, const c2d_key* admin, const char* address,
                                          uint8_t* out_transaction, c2d_error** error);

/* -- demander and solver -- */

/** Opens a task; *out is its number. */
C2D_API c2d_status c2d_chain_create_task(const c2d_chain* chain, const c2d_key* demander, const char* name,
                                         const char* description, uint64_t* out, c2d_error** error);
/** Submits an Algorithm to a task; *out is the number of the new job. */
C2D_API c2d_status c2d_chain_add_job(const c2d_chain* chain, const c2d_key* solver, const char* cdt, uint64_t task,
                                     uint64_t* out, c2d_error** error);

/** No further jobs for a task of ours. C2D_ERROR_UNSUPPORTED where the network has the original
 * contracts; so with the next two. */
C2D_API c2d_status c2d_chain_close_task(const c2d_chain* chain, const c2d_key* demander, uint64_t task,
                                        uint8_t* out_transaction, c2d_error** error);
/** Takes the grant of `dt` to `cdt` back. */
C2D_API c2d_status c2d_chain_revoke(const c2d_chain* chain, const c2d_key* owner, const char* dt, const char* cdt,
                                    uint8_t* out_transaction, c2d_error** error);

/** Sends what changes the state by the name of its contract and function, "TaskMarket.closeTask", with a JSON list of
 * arguments: for what has no call of its own here. Arguments are what `c2d_chain_ask` answers. */
C2D_API c2d_status c2d_chain_send(const c2d_chain* chain, const c2d_key* key, const char* function,
                                  const char* arguments, uint8_t* out_transaction, c2d_error** error);

/* -- reads; an unknown id is C2D_ERROR_NOT_FOUND -- */

/** Asks any view by the name of its contract and function, "TaskMarket.getTaskNum": for what has no call of its own
 * here. `arguments` and *out are JSON lists: whole numbers, true and false, texts, lists, and "0x…" for addresses and
 * 32 bytes, which may be given as a token's text too. C2D_ERROR_NOT_FOUND when the view reverts,
 * C2D_ERROR_INVALID_ARGUMENT for an unknown function, or arguments that do not fit it. */
C2D_API c2d_status c2d_chain_ask(const c2d_chain* chain, const char* function, const char* arguments, char** out,
                                 c2d_error** error);
/** {"address","name","description"}. */
C2D_API c2d_status c2d_chain_enterprise(const c2d_chain* chain, const char* address, char** out, c2d_error** error);
/** [{"address","name","description"}…]: all organisations as they are called now, in the order in which they came, from
 * the logs. C2D_ERROR_LIMIT beyond 65536. */
C2D_API c2d_status c2d_chain_enterprises(const c2d_chain* chain, char** out, c2d_error** error);
/** *out is 1 or 0: may this address publish data tokens? */
C2D_API c2d_status c2d_chain_is_provider(const c2d_chain* chain, const char* address, int* out, c2d_error** error);
/** What the ledger itself says of a token: {"dt","owner","minter","checksum","is_leaf","cid","block"}.
 * The document comes from c2d_asset_registry_resolve. */
C2D_API c2d_status c2d_chain_token(const c2d_chain* chain, const char* dt, char** out, c2d_error** error);
/** Tokens on the public list: leaves, and compositions once they are active. */
C2D_API c2d_status c2d_chain_token_count(const c2d_chain* chain, uint64_t* out, c2d_error** error);
/** *out is 1 or 0: may `cdt` use `dt`? */
C2D_API c2d_status c2d_chain_has_grant(const c2d_chain* chain, const char* dt, const char* cdt, int* out,
                                       c2d_error** error);
/** {"given","expiry","jobs","jobs_used","per","times"}: expiry in Unix seconds; 0 is no bound. "per": "composer" where
 * `jobs` bounds what the composer's organisation runs over all of its compositions, else "composition"; "times": how
 * often it was given without the owner's word (0 before edition 2). */
C2D_API c2d_status c2d_chain_grant_state(const c2d_chain* chain, const char* dt, const char* cdt, char** out,
                                         c2d_error** error);
/** [{"dt","grantee","owner","block","transaction"}…]: permissions that `dt` gave. */
C2D_API c2d_status c2d_chain_grants_of(const c2d_chain* chain, const char* dt, char** out, c2d_error** error);
/** The same for those that `cdt` received. */
C2D_API c2d_status c2d_chain_grants_to(const c2d_chain* chain, const char* cdt, char** out, c2d_error** error);
/** {"task_id","demander","name","description","status","jobs":[…]}. */
C2D_API c2d_status c2d_chain_task(const c2d_chain* chain, uint64_t task, char** out, c2d_error** error);
/** {"job_id","task_id","solver","cdt","status"}. */
C2D_API c2d_status c2d_chain_job(const c2d_chain* chain, uint64_t job, char** out, c2d_error** error);

/** Ends the handle; NULL does nothing. The ledger closes with the last object that stands on it. */
C2D_API void c2d_chain_destroy(c2d_chain* chain);

#ifdef __cplusplus
}
#endif

#endif
