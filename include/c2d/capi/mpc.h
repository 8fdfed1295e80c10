/** @file
 * Computing on numbers that no single party sees; see c2d/mpc.hpp and docs/mpc/overview.md for what it means.
 *
 * Three parties run the same program: every call on a session below is made by all three, in the
 * same order, with the same public arguments. A session and its tensors are for one thread at a
 * time. C2D_ERROR_PEER: a party vanished. C2D_ERROR_DOMAIN: a value is out of range, at all parties
 * alike. After any failure but C2D_ERROR_INVALID_ARGUMENT a session is spent. */
#ifndef C2D_CAPI_MPC_H
#define C2D_CAPI_MPC_H

#include <c2d/capi/key.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How many compute together. */
#define C2D_MPC_PARTIES 3

/* -- plain matrices of doubles, row by row -- */

/** A matrix of doubles that belongs to the caller; NULL has no rows. */
typedef struct c2d_mpc_matrix c2d_mpc_matrix;
/** Copies rows * cols numbers. */
C2D_API c2d_status c2d_mpc_matrix_create(size_t rows, size_t cols, const double* data, c2d_mpc_matrix** out,
                                         c2d_error** error);
/** Reads comma-separated numbers; a first line with a field that is no number is a header. Reads at
 * most bytes_max bytes (0: 4 GiB). C2D_ERROR_INVALID_ARGUMENT names the offending line. */
C2D_API c2d_status c2d_mpc_matrix_read_csv(const char* path, uint64_t bytes_max, c2d_mpc_matrix** out,
                                           c2d_error** error);
C2D_API size_t c2d_mpc_matrix_rows(const c2d_mpc_matrix* matrix);
C2D_API size_t c2d_mpc_matrix_cols(const c2d_mpc_matrix* matrix);
C2D_API const double* c2d_mpc_matrix_data(const c2d_mpc_matrix* matrix);
C2D_API void c2d_mpc_matrix_destroy(c2d_mpc_matrix* matrix);

/* -- sessions -- */

/** One party's end of a computation; for one thread at a time. */
typedef struct c2d_mpc_session c2d_mpc_session;
/** A shared matrix: its shape is public, its content is not. Keeps its session. */
typedef struct c2d_mpc_tensor c2d_mpc_tensor;

/** How values are shared. */
typedef enum c2d_mpc_backend C2D_ENUM {
    /** Replicated secret sharing. */
    C2D_MPC_REP3 = 0,
    /** The oracle for tests: INPUTS TRAVEL IN THE CLEAR. */
    C2D_MPC_CLEAR = 1
} c2d_mpc_backend;

/** What the owner of a party's data asks of everything that is opened: docs/mpc/openings.md. Parties tell each
 * other when a session opens, and the strictest counts. */
typedef struct c2d_mpc_opening_rules {
    size_t struct_size;
    uint64_t rows;           /**< that a result is made of, at least; 0: 1 */
    uint64_t positives;      /**< labels of 1 among them; 0: 1 */
    uint64_t negatives;      /**< labels of 0; 0: 1 */
    double weight_share_max; /**< of one row in a sum with weights, 0: 1 */
    int reveal_any;          /**< 1: c2d_mpc_session_reveal opens anything, where all three parties say so */
    uint64_t label_counts;   /**< of labels that this party puts in: counts in bins that may be opened; 0: none */
    int scores;              /**< of c2d_mpc_session_score: 0 nothing, 1 points, 2 probabilities too; likewise */
    int reserved;            /**< 0 */
    uint64_t score_rows_max; /**< of how many rows, in all that a session opens; 0: 2^28 */
    uint64_t reason_codes;   /**< of a row, at most 10, likewise of as many rows; 0: none */
    uint64_t coefficients;   /**< not 0: a model that was kept may be opened itself; likewise */
} c2d_mpc_opening_rules;
#define C2D_MPC_OPENING_RULES_INIT \
    { sizeof(c2d_mpc_opening_rules), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }
/** Sets what the macro sets; NULL does nothing. */
C2D_API void c2d_mpc_opening_rules_init(c2d_mpc_opening_rules* rules);

/** What the keys with one peer depend on beside fresh randomness. */
typedef struct c2d_mpc_peer_keys {
    unsigned party;
    unsigned reserved; /**< 0 */
    /** 32 bytes that both know from elsewhere, such as a hash of the job and of their connection; NULL: zeros. A peer
     * that was told otherwise is refused with C2D_ERROR_PEER before any share. */
    const uint8_t* session_binding;
    /** A secret agreed on beforehand; NULL with size 0: none. Who records the connection, and learns its keys later,
     * still knows none of the session's. */
    const uint8_t* pre_shared;
    size_t pre_shared_size; /**< at most 4096 */
} c2d_mpc_peer_keys;

/** What a session takes beside its link. */
typedef struct c2d_mpc_session_options {
    size_t struct_size;
    const c2d_mpc_opening_rules* rules; /**< of the own party; NULL: the weakest, with which results alone are opened */
    const c2d_mpc_peer_keys* peers;     /**< each party once */
    size_t peers_count;
    const char* kept; /**< folder of what c2d_mpc_session_keep keeps, NOT sealed; NULL: nothing is kept */
    /** Folder of this party's checkpoints of this computation alone, NOT sealed: all parties have one, or none. NULL:
     * none */
    const char* checkpoints;
    uint64_t
        checkpoint_ms; /**< how far apart they are written, at least; of the parties the shortest counts; 0: 60000 */
    unsigned attempt;  /**< which attempt at the computation this is, the same at all parties; 0: 1 */
    unsigned reserved; /**< 0 */
} c2d_mpc_session_options;
#define C2D_MPC_SESSION_OPTIONS_INIT \
    { sizeof(c2d_mpc_session_options), 0, 0, 0, 0, 0, 0, 0, 0 }
/** Sets what the macro sets; NULL does nothing. */
C2D_API void c2d_mpc_session_options_init(c2d_mpc_session_options* options);

/** Over descriptor C2D_PEER_FD as party C2D_PARTY, both from the environment. */
C2D_API c2d_status c2d_mpc_session_from_environment(c2d_mpc_backend backend, c2d_mpc_session** out, c2d_error** error);
/** Over a stream socket that a frame relay serves; it stays the caller's. */
C2D_API c2d_status c2d_mpc_session_open_fd(int fd, unsigned party, c2d_mpc_backend backend, c2d_mpc_session** out,
                                           c2d_error** error);
/** The same with rules of the own party; NULL: the weakest, with which nothing but results is opened. */
C2D_API c2d_status c2d_mpc_session_open_fd_with_rules(int fd, unsigned party, c2d_mpc_backend backend,
                                                      const c2d_mpc_opening_rules* rules, c2d_mpc_session** out,
                                                      c2d_error** error);
/** The same with options; NULL: the defaults. */
C2D_API c2d_status c2d_mpc_session_open_fd_with_options(int fd, unsigned party, c2d_mpc_backend backend,
                                                        const c2d_mpc_session_options* options, c2d_mpc_session** out,
                                                        c2d_error** error);
/** Over TLS to two other processes that link this library, without provider or sandbox. hosts, ports
 * and addresses (of the keys that they must prove) are those of parties 0, 1 and 2, the same at all
 * three, and so must be program, arguments and run, a number that no two computations share; whoever
 * has others is refused before any share. `key` proves the own address. deadline_ms: for connecting,
 * 0: 60 s. C2D_ERROR_PEER: c2d_error_name is peer_missing or peer_disagrees. */
C2D_API c2d_status c2d_mpc_session_connect(unsigned party, const c2d_key* key, const char* const* hosts,
                                           const unsigned* ports, const char* const* addresses, const char* program,
                                           const char* arguments, uint64_t run, uint64_t deadline_ms,
                                           c2d_mpc_session** out, c2d_error** error);
/** The same with rules of the own party; NULL: the weakest, with which nothing but results is opened. */
C2D_API c2d_status c2d_mpc_session_connect_with_rules(unsigned party, const c2d_key* key, const char* const* hosts,
                                                      const unsigned* ports, const char* const* addresses,
                                                      const char* program, const char* arguments, uint64_t run,
                                                      uint64_t deadline_ms, const c2d_mpc_opening_rules* rules,
                                                      c2d_mpc_session** out, c2d_error** error);
/** The same with options; NULL: the defaults. */
C2D_API c2d_status c2d_mpc_session_connect_with_options(unsigned party, const c2d_key* key, const char* const* hosts,
                                                        const unsigned* ports, const char* const* addresses,
                                                        const char* program, const char* arguments, uint64_t run,
                                                        uint64_t deadline_ms, const c2d_mpc_session_options* options,
                                                        c2d_mpc_session** out, c2d_error** error);
C2D_API void c2d_mpc_session_destroy(c2d_mpc_session* session);
C2D_API unsigned c2d_mpc_session_party(const c2d_mpc_session* session);

/** What a session has moved so far. */
typedef struct c2d_mpc_stats {
    uint64_t bytes_sent[C2D_MPC_PARTIES];     /**< by receiver */
    uint64_t bytes_received[C2D_MPC_PARTIES]; /**< by sender */
    uint64_t rounds;                          /**< length of this party's chain of messages */
} c2d_mpc_stats;
/** Fills *out; a NULL does nothing. */
C2D_API void c2d_mpc_session_stats(const c2d_mpc_session* session, c2d_mpc_stats* out);

/** What was opened so far, a JSON object of counts by kind: "sum", "count", "model", "statistics", "auc", "kept",
 * "points", "probability", "reason_codes", "coefficients", "any", and the bits that all learn, "domain", "minimum" and
 * "refusal". */
C2D_API c2d_status c2d_mpc_session_disclosures(const c2d_mpc_session* session, char** out, c2d_error** error);

/** Tells this party's provider, and nobody else, the 32-byte digest of a preprocessing rule that its columns are
 * prepared with (c2d_preprocessing_rule_digest), which then stands in the run's receipt. Does nothing in a program that
 * no provider started. */
C2D_API c2d_status c2d_mpc_session_note_rule(c2d_mpc_session* session, const uint8_t* digest, c2d_error** error);

/** Tells both others something public (at most 1 MiB; data may be NULL if size is 0). Fills out[0] to
 * out[2] with the three announcements by party. */
C2D_API c2d_status c2d_mpc_session_exchange(c2d_mpc_session* session, const uint8_t* data, size_t size, c2d_bytes** out,
                                            c2d_error** error);

/** Shares a matrix of party `owner`, which alone passes data; the others pass NULL. Values beyond
 * magnitude_max (0: 64) are C2D_ERROR_DOMAIN. */
C2D_API c2d_status c2d_mpc_session_input(c2d_mpc_session* session, unsigned owner, const c2d_mpc_matrix* data,
                                         double magnitude_max, c2d_mpc_tensor** out, c2d_error** error);
/** Shares a column of labels 0 and 1. */
C2D_API c2d_status c2d_mpc_session_input_labels(c2d_mpc_session* session, unsigned owner, const c2d_mpc_matrix* data,
                                                c2d_mpc_tensor** out, c2d_error** error);
/** A matrix that everybody knows. */
C2D_API c2d_status c2d_mpc_session_constant(c2d_mpc_session* session, const c2d_mpc_matrix* data, c2d_mpc_tensor** out,
                                            c2d_error** error);

/** Element by element; nothing is sent. */
C2D_API c2d_status c2d_mpc_session_add(c2d_mpc_session* session, const c2d_mpc_tensor* a, const c2d_mpc_tensor* b,
                                       c2d_mpc_tensor** out, c2d_error** error);
/** Element by element; nothing is sent. */
C2D_API c2d_status c2d_mpc_session_sub(c2d_mpc_session* session, const c2d_mpc_tensor* a, const c2d_mpc_tensor* b,
                                       c2d_mpc_tensor** out, c2d_error** error);
/** Times a public number of at most 2^20. */
C2D_API c2d_status c2d_mpc_session_scale(c2d_mpc_session* session, const c2d_mpc_tensor* a, double factor,
                                         c2d_mpc_tensor** out, c2d_error** error);
/** Element by element. */
C2D_API c2d_status c2d_mpc_session_mul(c2d_mpc_session* session, const c2d_mpc_tensor* a, const c2d_mpc_tensor* b,
                                       c2d_mpc_tensor** out, c2d_error** error);
/** The product of two matrices; the same bounds. */
C2D_API c2d_status c2d_mpc_session_matmul(c2d_mpc_session* session, const c2d_mpc_tensor* a, const c2d_mpc_tensor* b,
                                          c2d_mpc_tensor** out, c2d_error** error);
/** Rows become columns; nothing is sent. */
C2D_API c2d_status c2d_mpc_session_transpose(c2d_mpc_session* session, const c2d_mpc_tensor* a, c2d_mpc_tensor** out,
                                             c2d_error** error);
/** Rows by public index, repeats allowed. */
C2D_API c2d_status c2d_mpc_session_rows(c2d_mpc_session* session, const c2d_mpc_tensor* a, const size_t* index,
                                        size_t index_count, c2d_mpc_tensor** out, c2d_error** error);
/** Columns of all parts, side by side. */
C2D_API c2d_status c2d_mpc_session_hconcat(c2d_mpc_session* session, const c2d_mpc_tensor* const* parts,
                                           size_t parts_count, c2d_mpc_tensor** out, c2d_error** error);
/** Rows of all parts, one below the other. */
C2D_API c2d_status c2d_mpc_session_vconcat(c2d_mpc_session* session, const c2d_mpc_tensor* const* parts,
                                           size_t parts_count, c2d_mpc_tensor** out, c2d_error** error);
/** 1 where a < b, else 0. */
C2D_API c2d_status c2d_mpc_session_less(c2d_mpc_session* session, const c2d_mpc_tensor* a, const c2d_mpc_tensor* b,
                                        c2d_mpc_tensor** out, c2d_error** error);
/** a where bit (from less, or labels) is 1, else b. */
C2D_API c2d_status c2d_mpc_session_select(c2d_mpc_session* session, const c2d_mpc_tensor* bit, const c2d_mpc_tensor* a,
                                          const c2d_mpc_tensor* b, c2d_mpc_tensor** out, c2d_error** error);
/** What c2d_mpc_session_sum adds up. */
typedef enum c2d_mpc_sum C2D_ENUM {
    C2D_MPC_SUM_EACH_ROW = 0,    /**< rows x 1 */
    C2D_MPC_SUM_EACH_COLUMN = 1, /**< 1 x columns */
    C2D_MPC_SUM_ALL = 2          /**< 1 x 1 */
} c2d_mpc_sum;
/** Sums of rows, columns or everything: exact, and nothing is sent. */
C2D_API c2d_status c2d_mpc_session_sum(c2d_mpc_session* session, const c2d_mpc_tensor* a, c2d_mpc_sum which,
                                       c2d_mpc_tensor** out, c2d_error** error);
/** A row, a column or a single value, repeated to rows x cols. */
C2D_API c2d_status c2d_mpc_session_repeat(c2d_mpc_session* session, const c2d_mpc_tensor* a, size_t rows, size_t cols,
                                          c2d_mpc_tensor** out, c2d_error** error);
/** a / b element by element, error at most 2^-15 + |a/b| 2^-26. C2D_ERROR_DOMAIN for all where a
 * divisor is not in [2^-8, 2^22) or a quotient is beyond 2^13. */
C2D_API c2d_status c2d_mpc_session_divide(c2d_mpc_session* session, const c2d_mpc_tensor* a, const c2d_mpc_tensor* b,
                                          c2d_mpc_tensor** out, c2d_error** error);
/** 1 / a, as c2d_mpc_session_divide does it. */
C2D_API c2d_status c2d_mpc_session_reciprocal(c2d_mpc_session* session, const c2d_mpc_tensor* a, c2d_mpc_tensor** out,
                                              c2d_error** error);
/** 1 / sqrt(a), error at most 2^-15, for a in [2^-8, 2^22). */
C2D_API c2d_status c2d_mpc_session_inverse_sqrt(c2d_mpc_session* session, const c2d_mpc_tensor* a, c2d_mpc_tensor** out,
                                                c2d_error** error);
/** ln(a), error at most 2^-17 + 2^-21, for a in [2^-8, 2^22). */
C2D_API c2d_status c2d_mpc_session_log(c2d_mpc_session* session, const c2d_mpc_tensor* a, c2d_mpc_tensor** out,
                                       c2d_error** error);
/** 1 / (1 + e^-a), error at most 1.5e-4; C2D_ERROR_DOMAIN beyond +-256. */
C2D_API c2d_status c2d_mpc_session_sigmoid(c2d_mpc_session* session, const c2d_mpc_tensor* a, c2d_mpc_tensor** out,
                                           c2d_error** error);
/** The same from nine straight pieces: error at most 0.0052, for every a. */
C2D_API c2d_status c2d_mpc_session_sigmoid_by_comparison(c2d_mpc_session* session, const c2d_mpc_tensor* a,
                                                         c2d_mpc_tensor** out, c2d_error** error);

/** Keeps a result, such as a model, or what was loaded, for later sessions: each party a fresh share of it. Fills
 * `out_binding` (32 bytes, may be NULL), drawn jointly. C2D_ERROR_UNSUPPORTED: there is no place to keep it;
 * C2D_ERROR_REFUSED: it may not be opened. */
C2D_API c2d_status c2d_mpc_session_keep(c2d_mpc_session* session, const c2d_mpc_tensor* a, const char* name,
                                        uint8_t* out_binding, c2d_error** error);
/** What a session of these parties kept under this name. C2D_ERROR_REFUSED with the name `model_mismatch`, at all
 * parties: a share is missing, altered, copied or of another run. */
C2D_API c2d_status c2d_mpc_session_load(c2d_mpc_session* session, const char* name, c2d_mpc_tensor** out,
                                        c2d_error** error);

/** Tensors of a checkpoint, at most. */
#define C2D_MPC_CHECKPOINT_STATE_MAX 64

/** Between two steps of a loop of the caller's own, which began with c2d_mpc_session_load_checkpoint: `step` of them
 * are done, and `state` is all that the rest needs of them. Written when checkpoint_ms is over. All parties call it
 * after the same steps. Trainings and regressions write their own. */
C2D_API c2d_status c2d_mpc_session_save_checkpoint(c2d_mpc_session* session, uint64_t step,
                                                   const c2d_mpc_tensor* const* state, size_t state_count,
                                                   c2d_error** error);
/** Where the loop that begins here stood in the checkpoint of an earlier attempt: fills `out_step` and the first
 * `out_count` of `out_state`, which has room for `state_max` tensors, each the caller's. 0 of them: it begins anew.
 * C2D_ERROR_LIMIT: there are more. */
C2D_API c2d_status c2d_mpc_session_load_checkpoint(c2d_mpc_session* session, size_t state_max, uint64_t* out_step,
                                                   c2d_mpc_tensor** out_state, size_t* out_count, c2d_error** error);

/** What c2d_mpc_session_score makes. */
typedef enum c2d_mpc_score_kind C2D_ENUM {
    C2D_MPC_SCORE_POINTS = 0,      /**< of a scorecard: whole numbers, more is better */
    C2D_MPC_SCORE_PROBABILITY = 1, /**< of label 1 */
    C2D_MPC_SCORE_LOGIT = 2        /**< the sum itself */
} c2d_mpc_score_kind;
/** Zeros are the defaults: 600 points where 50 good ones come to one bad (label 1), 20 more double that. */
typedef struct c2d_mpc_score_options {
    size_t struct_size;
    c2d_mpc_score_kind kind;
    int reserved; /**< 0 */
    double points;
    double odds;
    double double_after;
} c2d_mpc_score_options;
#define C2D_MPC_SCORE_OPTIONS_INIT \
    { sizeof(c2d_mpc_score_options), C2D_MPC_SCORE_POINTS, 0, 0, 0, 0 }
/** Sets what the macro sets; NULL does nothing. */
C2D_API void c2d_mpc_score_options_init(c2d_mpc_score_options* options);
/** What a model says of each row: features n x d, model (d + 1) x 1 as training returns it. options NULL: the
 * defaults. */
C2D_API c2d_status c2d_mpc_session_score(c2d_mpc_session* session, const c2d_mpc_tensor* features,
                                         const c2d_mpc_tensor* model, const c2d_mpc_score_options* options,
                                         c2d_mpc_tensor** out, c2d_error** error);

/** Opens a value to the parties named (to_count of them). *out is the value at those, NULL at the
 * others. What may be opened: sums over rows, counts of bits, models, and what is computed of these alone; anything
 * where the rules of all parties say so. Otherwise C2D_ERROR_REFUSED at all, and the session is spent. */
C2D_API c2d_status c2d_mpc_session_reveal(c2d_mpc_session* session, const c2d_mpc_tensor* a, const unsigned* to,
                                          size_t to_count, c2d_mpc_matrix** out, c2d_error** error);

/** Told at every evaluation; has_auc is 1 only at the party that learns it. A return other than 0
 * ends the training with C2D_ERROR_CANCELLED. */
typedef int (*c2d_mpc_train_progress)(uint64_t iteration, int has_auc, double auc, void* user_data);

/** How a model is trained. */
typedef struct c2d_mpc_train_options {
    size_t struct_size;
    double lr;               /**< on the sum of the batch; 0: 0.01, unless zero_is_zero */
    uint64_t batch_size;     /**< at most 8192; 0: 256 */
    uint64_t split;          /**< rows that train, the rest tests; 0: all train, no evaluation */
    uint64_t iterations;     /**< 0: 1 */
    uint64_t seed;           /**< public */
    uint64_t evaluate_every; /**< 0: 100 */
    unsigned auc_to;         /**< who learns the AUC */
    int precise;             /**< 1: five rounds per iteration throughout, weights off by some 2e-5;
                                0: three while logits are within +-16, weights off by some 2e-3 */
    double l2;               /**< penalty, 0 to 256; above 0 takes five rounds throughout */
    double lr_decay;         /**< factor of the rate every lr_decay_every iterations; 0: 1 */
    uint64_t lr_decay_every; /**< 0: never */
    int wide_area;           /**< 1: two rounds instead of three and twice the bytes, for links of
                                high latency; not with precise or l2 */
    int reserved;            /**< must be 0 */
    int zero_is_zero;        /**< 1: zeros above are meant as they stand: lr 0 trains nothing, and a
                                batch_size, iterations, evaluate_every or lr_decay of 0 is
                                C2D_ERROR_INVALID_ARGUMENT; 0: they stand for the defaults */
} c2d_mpc_train_options;
#define C2D_MPC_TRAIN_OPTIONS_INIT \
    { sizeof(c2d_mpc_train_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }
/** Sets what the macro sets; NULL does nothing. */
C2D_API void c2d_mpc_train_options_init(c2d_mpc_train_options* options);

/** Logistic regression. out: (columns + 1) x 1, weights and then the bias, still shared.
 * progress may be NULL. */
C2D_API c2d_status c2d_mpc_session_train_logistic(c2d_mpc_session* session, const c2d_mpc_tensor* features,
                                                  const c2d_mpc_tensor* labels, const c2d_mpc_train_options* options,
                                                  c2d_mpc_train_progress progress, void* user_data,
                                                  c2d_mpc_tensor** out, c2d_error** error);
/** Linear regression by the same steps, four rounds each; targets from c2d_mpc_session_input, of
 * magnitude at most 64. No evaluation: progress is told the iteration alone. */
C2D_API c2d_status c2d_mpc_session_train_linear(c2d_mpc_session* session, const c2d_mpc_tensor* features,
                                                const c2d_mpc_tensor* targets, const c2d_mpc_train_options* options,
                                                c2d_mpc_train_progress progress, void* user_data, c2d_mpc_tensor** out,
                                                c2d_error** error);
/** How a regression is fitted; c2d/regression.hpp says what each means. */
typedef struct c2d_mpc_regression_options {
    size_t struct_size;
    double ridge;                        /**< penalty, up to 1; 0: 1e-4, or 1 / rows if that is more */
    double tolerance;                    /**< in standard errors, 2^-6 to 1; 0: 2^-6 */
    uint64_t steps_max;                  /**< 1 to 100; 0: 25 */
    uint64_t curvature_rows;             /**< drawn for a step's curvature; 0: 8192; as many as there are: all */
    uint64_t seed;                       /**< public */
    const c2d_mpc_tensor* sample_weight; /**< rows x 1; NULL: each row counts once */
    const c2d_mpc_tensor* offset;        /**< rows x 1; NULL: none */
    const unsigned* statistics_to;       /**< parties that learn coefficients and standard errors */
    size_t statistics_to_count;
    int no_ridge; /**< 1: no penalty at all */
    int reserved; /**< must be 0 */
} c2d_mpc_regression_options;
#define C2D_MPC_REGRESSION_OPTIONS_INIT \
    { sizeof(c2d_mpc_regression_options), 0, 0, 0, 0, 0, NULL, NULL, NULL, 0, 0, 0 }
/** Sets what the macro sets; NULL does nothing. */
C2D_API void c2d_mpc_regression_options_init(c2d_mpc_regression_options* options);

/** What a fit did; the same at all parties. */
typedef struct c2d_mpc_regression_result {
    uint64_t steps; /**< taken */
    int converged;  /**< 1: the last step was below the tolerance */
    int reserved;   /**< 0 */
    double scale;   /**< variance of residuals, at the parties in statistics_to of a linear model; else 1 */
} c2d_mpc_regression_result;

/** Logistic regression by Newton's method, without a rate. out: (columns + 1) x 1, weights and then the intercept,
 * still shared. *statistics, at the parties in statistics_to, has a row for each of them: coefficient, standard error,
 * z (t of a linear model) and p-value; NULL elsewhere. C2D_ERROR_DOMAIN: c2d_error_name is separable or collinear, if
 * that is why. */
C2D_API c2d_status c2d_mpc_session_fit_logistic(c2d_mpc_session* session, const c2d_mpc_tensor* features,
                                                const c2d_mpc_tensor* labels, const c2d_mpc_regression_options* options,
                                                c2d_mpc_tensor** out, c2d_mpc_regression_result* result,
                                                c2d_mpc_matrix** statistics, c2d_error** error);
/** Linear regression by least squares; targets from c2d_mpc_session_input, of magnitude at most 64. */
C2D_API c2d_status c2d_mpc_session_fit_linear(c2d_mpc_session* session, const c2d_mpc_tensor* features,
                                              const c2d_mpc_tensor* targets, const c2d_mpc_regression_options* options,
                                              c2d_mpc_tensor** out, c2d_mpc_regression_result* result,
                                              c2d_mpc_matrix** statistics, c2d_error** error);
/** Iterations a second of the training that runs or ran last, 0 before any. May be asked from a
 * progress callback. */
C2D_API double c2d_mpc_session_iterations_per_second(const c2d_mpc_session* session);
/** Columns of inputs brought to mean 0 and variance 1; nobody learns either. C2D_ERROR_DOMAIN where a
 * column's standard deviation is below 2^-7 or a result is beyond +-64. May be trained on. */
C2D_API c2d_status c2d_mpc_session_standardise(c2d_mpc_session* session, const c2d_mpc_tensor* a, c2d_mpc_tensor** out,
                                               c2d_error** error);
/** Statistics of each column over the rows whose bit in `included` (rows x 1; NULL: all rows) is 1,
 * opened to the parties named: *out has three rows there, counts, means and variances, and is NULL
 * elsewhere. Fewer than count_min (at least 2) rows: C2D_ERROR_DOMAIN for all, and nothing is
 * revealed but that. */
C2D_API c2d_status c2d_mpc_session_column_statistics(c2d_mpc_session* session, const c2d_mpc_tensor* a,
                                                     const c2d_mpc_tensor* included, size_t count_min,
                                                     const unsigned* to, size_t to_count, c2d_mpc_matrix** out,
                                                     c2d_error** error);
/** How many labels of each class are in each bin of the columns of party `owner` (0 or 1), which alone passes bins
 * (rows x columns of numbers from 0 to count - 1, count from 2 to 62); the others pass NULL. Nobody learns a count:
 * *out is what the next three take. A bin of fewer rows than the rules' minimum is C2D_ERROR_DOMAIN for all.
 * docs/mpc/woe.md. */
C2D_API c2d_status c2d_mpc_session_bin_counts(c2d_mpc_session* session, unsigned owner, const c2d_mpc_matrix* bins,
                                              size_t count, const c2d_mpc_tensor* labels, c2d_mpc_tensor** out,
                                              c2d_error** error);
/** Weight of evidence of each bin, count x columns, shared: ln of zeros by ones, less that of all rows, as if each bin
 * had `smoothing` (1/16 to 64) average rows more. */
C2D_API c2d_status c2d_mpc_session_weight_of_evidence(c2d_mpc_session* session, const c2d_mpc_tensor* counts,
                                                      double smoothing, c2d_mpc_tensor** out, c2d_error** error);
/** Information value of each column, 1 x columns, rounded to 2^-10: may be revealed. */
C2D_API c2d_status c2d_mpc_session_information_value(c2d_mpc_session* session, const c2d_mpc_tensor* counts,
                                                     double smoothing, c2d_mpc_tensor** out, c2d_error** error);
/** Pearson's correlation of every two columns, columns x columns: may be revealed. features are rows of inputs or
 * encoded bins, at most 1024 columns and 2^24 rows. A column that is (almost) the same in every row correlates with
 * none. */
C2D_API c2d_status c2d_mpc_session_correlations(c2d_mpc_session* session, const c2d_mpc_tensor* features,
                                                c2d_mpc_tensor** out, c2d_error** error);
/** The diagonal of the inverse of correlations, 1 x columns, at most 2^10: may be revealed. */
C2D_API c2d_status c2d_mpc_session_variance_inflation(c2d_mpc_session* session, const c2d_mpc_tensor* correlations,
                                                      c2d_mpc_tensor** out, c2d_error** error);
/** What each bin adds to the linear predictor: values, from c2d_mpc_session_weight_of_evidence, times the weights of a
 * model of (columns + 1) x 1, whose intercept goes to the first column. Kept and loaded as a model is;
 * c2d_mpc_session_encode_bins with it gives rows whose sum is the score, for c2d_mpc_session_score with weights of
 * 1. */
C2D_API c2d_status c2d_mpc_session_bin_points(c2d_mpc_session* session, const c2d_mpc_tensor* values,
                                              const c2d_mpc_tensor* model, c2d_mpc_tensor** out, c2d_error** error);
/** What each characteristic adds to a row's sum: features times the weights of model, without the bias. columns are how
 * many columns each characteristic has, one after the other; NULL with count 0: one each. Rows x characteristics, for
 * c2d_mpc_session_reason_codes. */
C2D_API c2d_status c2d_mpc_session_contributions(c2d_mpc_session* session, const c2d_mpc_tensor* features,
                                                 const c2d_mpc_tensor* model, const size_t* columns, size_t count,
                                                 c2d_mpc_tensor** out, c2d_error** error);
/** Which characteristics cost a row most: the numbers, from 1, of the `count` (1 to 10) whose contributions are most
 * above the baseline, the largest first; 0 where none is above it any more. Rows x count, opened where the rules of all
 * let so many be (reason_codes), else C2D_ERROR_REFUSED at once. contributions are of c2d_mpc_session_contributions, or
 * rows that c2d_mpc_session_encode_bins made of a model's points. The baseline is the least of each column of
 * `baseline`: one row is itself, points of bins stand for the best of each column. With shares, of the same shape, it
 * is the sum of both's products; NULL: none. */
C2D_API c2d_status c2d_mpc_session_reason_codes(c2d_mpc_session* session, const c2d_mpc_tensor* contributions,
                                                const c2d_mpc_tensor* baseline, size_t count,
                                                const c2d_mpc_tensor* shares, c2d_mpc_tensor** out, c2d_error** error);
/** The ones of c2d_mpc_session_bin_counts, count x columns, rounded to multiples of 5: *out is that at the owner of the
 * bins, NULL elsewhere. As many as the rules of the labels' owner let (label_counts), and with ten labels of each class
 * for every count; otherwise C2D_ERROR_REFUSED. */
C2D_API c2d_status c2d_mpc_session_reveal_bin_counts(c2d_mpc_session* session, const c2d_mpc_tensor* counts,
                                                     c2d_mpc_matrix** out, c2d_error** error);
/** Columns of party `owner`, which alone passes bins, with the number of `values` (a row for each bin) in the place of
 * each row's bin: rows x columns, to be trained on. */
C2D_API c2d_status c2d_mpc_session_encode_bins(c2d_mpc_session* session, unsigned owner, const c2d_mpc_matrix* bins,
                                               const c2d_mpc_tensor* values, c2d_mpc_tensor** out, c2d_error** error);
/** Area under the ROC curve, opened to one party: there *out_known becomes 1 and *out_auc the value,
 * elsewhere *out_known becomes 0. */
C2D_API c2d_status c2d_mpc_session_auc(c2d_mpc_session* session, const c2d_mpc_tensor* scores,
                                       const c2d_mpc_tensor* labels, unsigned to, int* out_known, double* out_auc,
                                       c2d_error** error);

/** Its shape; 0 for NULL. */
C2D_API size_t c2d_mpc_tensor_rows(const c2d_mpc_tensor* tensor);
C2D_API size_t c2d_mpc_tensor_cols(const c2d_mpc_tensor* tensor);
/** Ends the handle; NULL does nothing. */
C2D_API void c2d_mpc_tensor_destroy(c2d_mpc_tensor* tensor);

/** What work costs before it begins, as JSON {"bytes_sent":[A, B, helper],"rounds":…,"seconds":…,"memory_bytes":…};
 * free with c2d_string_destroy. work: a name of the table in docs/mpc/costs.md, such as "fit"; the table says what of
 * the numbers it takes. C2D_ERROR_INVALID_ARGUMENT: it is none, and the message has them all; or there is nothing to
 * do. bins, steps, batch_size 0: 10, 8, 256. round_trip_ms and megabits of the wires between the parties, 0: 0.2 and
 * 1000. Bytes are within a fifth, time and memory within a factor of two. */
C2D_API c2d_status c2d_mpc_cost(const char* work, size_t rows, size_t columns, size_t bins, size_t steps,
                                size_t batch_size, double round_trip_ms, double megabits, char** out,
                                c2d_error** error);

#ifdef __cplusplus
}
#endif

#endif
