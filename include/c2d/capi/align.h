/** @file
 * Alignment: which rows of two banks' tables are the same customer; see c2d/align.hpp and docs/alignment.md.
 *
 * C2D_ERROR_DOMAIN comes to all parties alike; c2d_error_name is input_unusable (its owner's message says why, the
 * others hear only whose input it is) or common_below_minimum. */
#ifndef C2D_CAPI_ALIGN_H
#define C2D_CAPI_ALIGN_H

#include <c2d/capi/mpc.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The ids of one table's rows: one column, or several that must all agree. For one thread at a time. */
typedef struct c2d_mpc_ids c2d_mpc_ids;
/** Without a column. */
C2D_API c2d_status c2d_mpc_ids_create(c2d_mpc_ids** out, c2d_error** error);
/** Copies one more column: value i of `rows` is bytes[offsets[i] … offsets[i + 1]), so that there are rows + 1
 * offsets, which ascend and end within bytes_size. C2D_ERROR_INVALID_ARGUMENT: they do not, or other columns have
 * another number of rows. bytes may be NULL if bytes_size is 0. */
C2D_API c2d_status c2d_mpc_ids_add_column(c2d_mpc_ids* ids, const uint8_t* bytes, size_t bytes_size,
                                          const uint64_t* offsets, size_t rows, c2d_error** error);
C2D_API void c2d_mpc_ids_destroy(c2d_mpc_ids* ids);

/** How rows are matched. */
typedef enum c2d_mpc_align_mode C2D_ENUM {
    C2D_MPC_ALIGN_HELPER = 0,    /**< party 2 compares tags under a key that it lacks */
    C2D_MPC_ALIGN_TWO_PARTY = 1, /**< without a third party */
    C2D_MPC_ALIGN_HIDDEN = 2     /**< nobody learns which rows are common: c2d_mpc_session_join alone */
} c2d_mpc_align_mode;

/** mode, the rule (nfkc to digits_only), job and schemas must be the same at all parties; of the bounds the strictest
 * counts. */
typedef struct c2d_mpc_align_options {
    size_t struct_size;
    c2d_mpc_align_mode mode;
    int first_of_duplicates; /**< 1: of rows with one id the first counts; 0: such an input is not usable */
    int nfkc;                /**< 1: Unicode's compatibility form */
    int fold_case;           /**< 1: case makes no difference */
    int keep_space;          /**< 0: white space of ASCII at both ends goes */
    int digits_only;         /**< 1: what is no digit 0 to 9 goes */
    uint64_t rows_max;       /**< distinct ids that another table may have; 0: 10,000,000 */
    uint64_t common_min;     /**< below so many common rows all end alike and learn only that; 0: 1 */
    double common_share_min; /**< the same as a share of the other table's rows, 0 to 1 */
    const char* job;         /**< what the tags are bound to, for example the job's id; NULL: nothing */
    const uint8_t* schema_a; /**< 32 bytes, the digest of party 0's schema; NULL: zeros */
    const uint8_t* schema_b; /**< the same of party 1 */
} c2d_mpc_align_options;
#define C2D_MPC_ALIGN_OPTIONS_INIT \
    { sizeof(c2d_mpc_align_options), C2D_MPC_ALIGN_HELPER, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }
/** Sets what the macro sets; NULL does nothing. */
C2D_API void c2d_mpc_align_options_init(c2d_mpc_align_options* options);

/** What was found. */
typedef struct c2d_mpc_alignment c2d_mpc_alignment;
/** How many rows are in both tables; 0 for NULL. */
C2D_API size_t c2d_mpc_alignment_common(const c2d_mpc_alignment* alignment);
/** At parties 0 and 1: as many row numbers of the own table; entry i is the same customer at both. NULL at party 2. */
C2D_API const uint32_t* c2d_mpc_alignment_rows(const c2d_mpc_alignment* alignment);
/** Distinct ids in the table of party 0 or 1; 0 for others. */
C2D_API uint64_t c2d_mpc_alignment_table_rows(const c2d_mpc_alignment* alignment, unsigned party);
/** Of a join: the tensor in the place of the index-th that was given, of c2d_mpc_alignment_common rows. The caller's,
 * to destroy by c2d_mpc_tensor_destroy. C2D_ERROR_INVALID_ARGUMENT: there is none at this index. */
C2D_API c2d_status c2d_mpc_alignment_column(const c2d_mpc_alignment* alignment, size_t index, c2d_mpc_tensor** out,
                                            c2d_error** error);
C2D_API void c2d_mpc_alignment_destroy(c2d_mpc_alignment* alignment);

/** Joins the tables of parties 0 and 1, who pass ids (party 2: NULL), and nobody learns which rows are common. columns
 * are tensors of inputs of both, row i of a bank's that of its i-th id; the same at all parties. mode is not read. What
 * comes out are c2d_mpc_alignment_column, in the order of columns; c2d_mpc_alignment_rows is NULL. C2D_ERROR_REFUSED:
 * something was opened of these inputs before; of what is joined only the joined columns may be opened. options may be
 * NULL. */
C2D_API c2d_status c2d_mpc_session_join(c2d_mpc_session* session, const c2d_mpc_ids* ids,
                                        const c2d_mpc_tensor* const* columns, size_t columns_count,
                                        const c2d_mpc_align_options* options, c2d_mpc_alignment** out,
                                        c2d_error** error);

/** Matches the rows of parties 0 and 1, who pass ids; party 2 passes NULL. All three call it. options may be NULL. */
C2D_API c2d_status c2d_mpc_session_align(c2d_mpc_session* session, const c2d_mpc_ids* ids,
                                         const c2d_mpc_align_options* options, c2d_mpc_alignment** out,
                                         c2d_error** error);

/** Two processes that link this library, parties 0 and 1, as c2d_mpc_session_connect has three. */
typedef struct c2d_mpc_pair_options {
    size_t struct_size;
    unsigned party;        /**< which of the two calls */
    unsigned port_a;       /**< where party 0 is reached */
    unsigned port_b;       /**< where party 1 is reached */
    unsigned reserved;     /**< 0 */
    const char* host_a;    /**< NULL: 127.0.0.1 */
    const char* host_b;    /**< NULL: 127.0.0.1 */
    const char* address_a; /**< of the key that party 0 must prove */
    const char* address_b; /**< of the key that party 1 must prove */
    uint64_t run;          /**< a number that no two alignments share, the same at both */
    uint64_t deadline_ms;  /**< for connecting; 0: 60 s */
} c2d_mpc_pair_options;
#define C2D_MPC_PAIR_OPTIONS_INIT \
    { sizeof(c2d_mpc_pair_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }
/** Sets what the macro sets; NULL does nothing. */
C2D_API void c2d_mpc_pair_options_init(c2d_mpc_pair_options* options);

/** Connects to the other, aligns without a third party (options.mode must say so) and parts again. `key` proves the
 * own address. C2D_ERROR_PEER: c2d_error_name may be peer_missing or peer_disagrees. */
C2D_API c2d_status c2d_mpc_align_pair(const c2d_key* key, const c2d_mpc_pair_options* pair, const c2d_mpc_ids* ids,
                                      const c2d_mpc_align_options* options, c2d_mpc_alignment** out, c2d_error** error);

#ifdef __cplusplus
}
#endif

#endif
