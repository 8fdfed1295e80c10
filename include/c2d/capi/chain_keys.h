/** @file
 * The ledger under edition 2 of its rules: roles, legal ids, which key speaks for whom, and what owners decided.
 *
 * As c2d/capi/chain.h. Where the rules are of an earlier edition, writes and what has no answer there are
 * C2D_ERROR_UNSUPPORTED; an address is then its own key. */
#ifndef C2D_CAPI_CHAIN_KEYS_H
#define C2D_CAPI_CHAIN_KEYS_H

#include <c2d/capi/chain.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Roles as the ledger numbers them. */
typedef enum c2d_role C2D_ENUM {
    C2D_ROLE_ADMINISTRATOR = 100,
    C2D_ROLE_ENTERPRISE = 101,
    C2D_ROLE_PROVIDER = 102
} c2d_role;

/** What a key does in an organisation's name. */
typedef enum c2d_key_use C2D_ENUM {
    C2D_KEY_USE_OWNER = 0, /**< everything */
    C2D_KEY_USE_GRANT = 1, /**< giving and refusing permissions, closing and opening tokens */
    C2D_KEY_USE_WORK = 2   /**< requests, answers, receipts, tasks and jobs */
} c2d_key_use;

/* -- administrator -- */

/** The ledger's rules are of the next edition, `edition`, from the block of this transaction on. */
C2D_API c2d_status c2d_chain_start_edition(const c2d_chain* chain, const c2d_key* admin, uint64_t edition,
                                           uint8_t* out_transaction, c2d_error** error);
/** Registers an organisation with a legal id: an LEI or COUNTRY:NUMBER, 3 to 64 of A-Z 0-9 : - . /, or "" for none.
 * Addresses with one legal id are one organisation. */
C2D_API c2d_status c2d_chain_register_organisation(const c2d_chain* chain, const c2d_key* admin, const char* address,
                                                   const char* name, const char* description, const char* legal_id,
                                                   uint8_t* out_transaction, c2d_error** error);
/** Replaces name, description and legal id of a registered organisation. */
C2D_API c2d_status c2d_chain_update_organisation(const c2d_chain* chain, const c2d_key* admin, const char* address,
                                                 const char* name, const char* description, const char* legal_id,
                                                 uint8_t* out_transaction, c2d_error** error);
/** Takes a c2d_role; never the last administrator's ("last_admin"). */
C2D_API c2d_status c2d_chain_remove_role(const c2d_chain* chain, const c2d_key* admin, const char* address, int role,
                                         uint8_t* out_transaction, c2d_error** error);
/** Gives a role back that was taken. */
C2D_API c2d_status c2d_chain_restore_role(const c2d_chain* chain, const c2d_key* admin, const char* address, int role,
                                          uint8_t* out_transaction, c2d_error** error);

/** ["0x…",…]: the administrators in the order of their arrival, but that the last one fills the gap of one who left. */
C2D_API c2d_status c2d_chain_admins(const c2d_chain* chain, char** out, c2d_error** error);

/* -- keys -- */

/** Another key, `owner`, speaks for `identity`, and its delegates do no longer: by its owner key at once; by two
 * administrators within 7 days, or the only one. *out_proposed_until (may be NULL) is 0 when it is changed, else the
 * last second (Unix time) in which another administrator may call for the same key. */
C2D_API c2d_status c2d_chain_change_owner(const c2d_chain* chain, const c2d_key* key, const char* identity,
                                          const char* owner, uint64_t* out_proposed_until, uint8_t* out_transaction,
                                          c2d_error** error);
/** `delegate` may do a c2d_key_use, grant or work, in the name of `identity` for so many seconds, at most 366 days. */
C2D_API c2d_status c2d_chain_add_delegate(const c2d_chain* chain, const c2d_key* owner, const char* identity, int use,
                                          const char* delegate, uint64_t seconds, uint8_t* out_transaction,
                                          c2d_error** error);
/** It may no longer. */
C2D_API c2d_status c2d_chain_revoke_delegate(const c2d_chain* chain, const c2d_key* owner, const char* identity,
                                             int use, const char* delegate, uint8_t* out_transaction,
                                             c2d_error** error);
/** {"address","legal_id","owner","delegates":[{"use","key","valid_to"}…]}: which keys speak for an address. */
C2D_API c2d_status c2d_chain_keys(const c2d_chain* chain, const char* identity, char** out, c2d_error** error);
/** *out is 1 or 0: is `sender` the owner key of `identity`, or its delegate for that c2d_key_use? */
C2D_API c2d_status c2d_chain_acts_for(const c2d_chain* chain, const char* sender, const char* identity, int use,
                                      int* out, c2d_error** error);

/* -- owner -- */

/** A closed token takes no grants and no jobs until it is opened. */
C2D_API c2d_status c2d_chain_close_token(const c2d_chain* chain, const c2d_key* owner, const char* dt,
                                         uint8_t* out_transaction, c2d_error** error);
/** It takes them again. */
C2D_API c2d_status c2d_chain_open_token(const c2d_chain* chain, const c2d_key* owner, const char* dt,
                                        uint8_t* out_transaction, c2d_error** error);
/** *out is 1 or 0. */
C2D_API c2d_status c2d_chain_is_closed(const c2d_chain* chain, const char* dt, int* out, c2d_error** error);
/** {"grants","revoked_at","used","expiry","jobs"}: what the owner of `dt` decided about the organisation of `composer`:
 * grants without the owner's word, Unix time of the last revocation (0: none), jobs that used it, and end and number of
 * jobs of the last grant that counts them over all compositions. */
C2D_API c2d_status c2d_chain_decision(const c2d_chain* chain, const char* dt, const char* composer, char** out,
                                      c2d_error** error);

/** {"organisation","total"}: how often jobs showed results of `kind` of `dt`, to the organisation of `composer` and to
 * anybody, as their receipts say. `kind`: a name of 1 to 32 bytes. */
C2D_API c2d_status c2d_chain_disclosures(const c2d_chain* chain, const char* dt, const char* composer, const char* kind,
                                         char** out, c2d_error** error);

#ifdef __cplusplus
}
#endif

#endif
