/** @file
 * Receipts: how a job ended, as the ledger records it and as a provider's document says.
 *
 * A provider draws up one signed document per run and posts its digest to the ledger, once for each
 * data token. Whoever is handed the document checks it here: without a ledger that its owner signed
 * exactly this text, with one that the ledger holds the same digest. */
#ifndef C2D_CAPI_JOB_RECEIPT_H
#define C2D_CAPI_JOB_RECEIPT_H

#include <c2d/capi/chain.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How a run ended. */
typedef enum c2d_receipt_outcome C2D_ENUM {
    C2D_RECEIPT_SUCCEEDED = 1,
    C2D_RECEIPT_FAILED = 2, /**< the operator ended badly or passed a limit */
    C2D_RECEIPT_CANCELLED = 3,
    C2D_RECEIPT_REFUSED = 4, /**< verification refused it at launch */
    C2D_RECEIPT_ABORTED = 5  /**< it could not be carried out */
} c2d_receipt_outcome;

/** Records how `job` ended on `dt`, which `owner` owns; once and for all. `digest` are 32 bytes.
 * Providers do this by themselves. C2D_ERROR_UNSUPPORTED where the network has the original
 * contracts; so with the others that ask the ledger. */
C2D_API c2d_status c2d_chain_post_receipt(const c2d_chain* chain, const c2d_key* owner, uint64_t job, const char* dt,
                                          c2d_receipt_outcome outcome, const uint8_t* digest, uint8_t* out_transaction,
                                          c2d_error** error);
/** [{"dt","owner","outcome","digest","block","time"}…] in the order of posting. */
C2D_API c2d_status c2d_chain_receipts_of(const c2d_chain* chain, uint64_t job, char** out, c2d_error** error);
/** Checks a document without a ledger; *out says what it holds:
 * {"version","chain_id","job_id","party","algo_dt","solver","owner","signer","data","outcome","code_sha256",
 * "inputs","outputs","digest"}, and from version 2 on "artifacts", "disclosures", "attempts" and "runtime"
 * (docs/formats.md). C2D_ERROR_INVALID_ARGUMENT: it is no receipt; C2D_ERROR_REFUSED with the name
 * `receipt_altered`: its owner did not sign this text. */
C2D_API c2d_status c2d_receipt_read(const char* document, char** out, c2d_error** error);
/** One member of a checked document as a document of its own, with its salt and the commitments of all: others
 * can check it without the rest. C2D_ERROR_UNSUPPORTED: it is of version 1; C2D_ERROR_NOT_FOUND: it has no such
 * member; else as c2d_receipt_read. */
C2D_API c2d_status c2d_receipt_open_member(const char* document, const char* member, char** out, c2d_error** error);
/** Checks such a document without a ledger, which shows of which digest it is and no more: {"job_id","member",
 * "value","digest"}. C2D_ERROR_INVALID_ARGUMENT: it is none; C2D_ERROR_REFUSED with the name `receipt_altered`:
 * value or salt were changed. */
C2D_API c2d_status c2d_receipt_read_member(const char* opened, char** out, c2d_error** error);
/** The same check, and that the ledger holds the digest: what was posted under it, as c2d_chain_receipts_of, at
 * least one entry. Who posted it vouches for the value. C2D_ERROR_REFUSED with the name `receipt_not_posted`, or
 * with `receipt_differs` where the ledger itself says another value. */
C2D_API c2d_status c2d_receipt_confirm_member(const char* opened, const c2d_chain* chain, char** out,
                                              c2d_error** error);
/** The same check, that composition and solver are those of the ledger's job, and that the ledger holds
 * its digest for each of its data tokens.
 * C2D_ERROR_REFUSED with the name `receipt_not_posted` or `receipt_differs` otherwise. */
C2D_API c2d_status c2d_receipt_confirm(const char* document, const c2d_chain* chain, c2d_error** error);

/** Whether a model token's origin is true: `origin` is `attributes.origin` of its document (docs/formats.md), `owner`
 * the token's. C2D_ERROR_INVALID_ARGUMENT: it is none; C2D_ERROR_REFUSED with the name `origin_invalid`: no receipt
 * that `owner` posted, of a run that succeeded, names this artifact. */
C2D_API c2d_status c2d_origin_confirm(const char* origin, const char* owner, const c2d_chain* chain, c2d_error** error);

#ifdef __cplusplus
}
#endif

#endif
