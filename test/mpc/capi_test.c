/* The C interface from C: three threads, a relay that only copies, and each kind of failure. */
#include "../capi/check.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int ends[3][2];
static pthread_mutex_t locks[3] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER};

static int move_all(int fd, unsigned char* bytes, size_t count, int writing) {
    while (count > 0) {
        ssize_t n = writing ? write(fd, bytes, count) : read(fd, bytes, count);
        if (n <= 0) return 0;
        bytes += n;
        count -= (size_t)n;
    }
    return 1;
}

/* Reads frames of one party, rewrites the peer field to the sender, and hands them on. */
static void* relay(void* argument) {
    unsigned party = (unsigned)(size_t)argument;
    unsigned char head[8];
    while (move_all(ends[party][1], head, 8, 0)) {
        uint32_t peer, length;
        memcpy(&peer, head, 4);
        memcpy(&length, head + 4, 4);
        unsigned char* payload = malloc(length);
        CHECK(move_all(ends[party][1], payload, length, 0));
        memcpy(head, &party, 4);
        pthread_mutex_lock(&locks[peer]);
        CHECK(move_all(ends[peer][1], head, 8, 1) && move_all(ends[peer][1], payload, length, 1));
        pthread_mutex_unlock(&locks[peer]);
        free(payload);
    }
    return NULL;
}

/* A port of loopback that was free a moment ago. */
static unsigned free_port(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(bind(fd, (struct sockaddr*)&address, sizeof address) == 0);
    CHECK(getsockname(fd, (struct sockaddr*)&address, &length) == 0);
    close(fd);
    return ntohs(address.sin_port);
}

static int on_progress(uint64_t iteration, int has_auc, double auc, void* user_data) {
    unsigned* count = user_data;
    CHECK(iteration == 100 * *count);
    CHECK(!has_auc || (auc >= 0 && auc <= 1));
    ++*count;
    return 0;
}

/* What a party works with: x is 4x2 and party 0's, y is 4x1 and party 2's, a and b are their shares. */
typedef struct party {
    unsigned number;
    c2d_mpc_session* session;
    c2d_mpc_matrix *x, *y;
    c2d_mpc_tensor *a, *b;
    char kept[32]; /* the folder of what it keeps */
} party;

static const unsigned everybody[3] = {0, 1, 2};

static void party_open(party* p) {
    c2d_mpc_opening_rules any = C2D_MPC_OPENING_RULES_INIT;
    any.reveal_any = 1;
    /* The same at both ends of each pair. */
    uint8_t told[3][32];
    c2d_mpc_peer_keys peers[2];
    c2d_mpc_session_options options = C2D_MPC_SESSION_OPTIONS_INIT;
    memset(peers, 0, sizeof peers);
    for (unsigned peer = 0, n = 0; peer < 3; ++peer) {
        memset(told[peer], (int)(p->number + peer), sizeof told[peer]);
        if (peer == p->number) continue;
        peers[n].party = peer;
        peers[n].session_binding = peers[n].pre_shared = told[peer];
        peers[n++].pre_shared_size = 32;
    }
    options.rules = &any;
    options.peers = peers;
    options.peers_count = 2;
    strcpy(p->kept, "/tmp/c2d_kept_XXXXXX");
    CHECK(mkdtemp(p->kept) != NULL);
    options.kept = p->kept;
    const double numbers[8] = {1, 2, 3, 4, -1, -2, -3, -4}, labels[4] = {0, 1, 1, 0};
    CHECK(c2d_mpc_session_open_fd_with_options(ends[p->number][0], p->number, C2D_MPC_REP3, &options, &p->session,
                                               NULL) == C2D_OK);
    CHECK(c2d_mpc_session_party(p->session) == p->number);
    CHECK(c2d_mpc_matrix_create(4, 2, numbers, &p->x, NULL) == C2D_OK);
    CHECK(c2d_mpc_matrix_create(4, 1, labels, &p->y, NULL) == C2D_OK);
    CHECK(c2d_mpc_session_input(p->session, 0, p->number == 0 ? p->x : NULL, 0, &p->a, NULL) == C2D_OK);
    CHECK(c2d_mpc_session_input_labels(p->session, 2, p->number == 2 ? p->y : NULL, &p->b, NULL) == C2D_OK);
}

/* Handles may end in any order. */
static void party_close(party* p) {
    c2d_mpc_session_destroy(p->session);
    c2d_mpc_tensor_destroy(p->b);
    c2d_mpc_tensor_destroy(p->a);
    c2d_mpc_matrix_destroy(p->x);
    c2d_mpc_matrix_destroy(p->y);
    close(ends[p->number][0]);
}

static void sums_are_revealed_to_one(party* p) {
    c2d_mpc_tensor* sum = NULL;
    c2d_mpc_matrix* out = NULL;
    const unsigned to = 1;
    CHECK(c2d_mpc_session_add(p->session, p->a, p->a, &sum, NULL) == C2D_OK);
    CHECK(c2d_mpc_tensor_rows(sum) == 4 && c2d_mpc_tensor_cols(sum) == 2);
    CHECK(c2d_mpc_session_reveal(p->session, sum, &to, 1, &out, NULL) == C2D_OK);
    CHECK((out != NULL) == (p->number == 1));
    if (out) CHECK(c2d_mpc_matrix_data(out)[7] == -8);
    c2d_mpc_matrix_destroy(out);
    c2d_mpc_tensor_destroy(sum);
}

/* Kinds and how often each was opened. */
static void openings_are_counted(party* p) {
    char* counts = NULL;
    c2d_mpc_matrix* out = NULL;
    CHECK(c2d_mpc_session_reveal(p->session, p->a, everybody, 3, &out, NULL) == C2D_OK);
    CHECK(c2d_mpc_session_disclosures(p->session, &counts, NULL) == C2D_OK);
    CHECK(counts && strstr(counts, "\"any\":"));
    c2d_string_destroy(counts);
    c2d_mpc_matrix_destroy(out);
}

static void check_first(party* p, const c2d_mpc_tensor* made, double expected) {
    c2d_mpc_matrix* out = NULL;
    CHECK(c2d_mpc_session_reveal(p->session, made, everybody, 3, &out, NULL) == C2D_OK);
    const double difference = c2d_mpc_matrix_data(out)[0] - expected;
    CHECK(difference < 0.006 && difference > -0.006);
    c2d_mpc_matrix_destroy(out);
}

/* Sums, quotients and the other sigmoid, opened to all. */
static void functions_of_elements(party* p) {
    c2d_mpc_tensor* made[8] = {NULL};
    const double ones[8] = {1, 1, 1, 1, 1, 1, 1, 1}, expected[7] = {1, 1, 3, 3, 1, 1, 0.7311};
    c2d_mpc_session* session = p->session;
    c2d_mpc_matrix* unit = NULL;
    CHECK(c2d_mpc_matrix_create(4, 2, ones, &unit, NULL) == C2D_OK);
    CHECK(c2d_mpc_session_constant(session, unit, &made[0], NULL) == C2D_OK);
    CHECK(c2d_mpc_session_divide(session, p->a, made[0], &made[1], NULL) == C2D_OK);
    CHECK(c2d_mpc_session_sum(session, p->a, C2D_MPC_SUM_EACH_ROW, &made[2], NULL) == C2D_OK);
    CHECK(c2d_mpc_tensor_rows(made[2]) == 4 && c2d_mpc_tensor_cols(made[2]) == 1);
    CHECK(c2d_mpc_session_repeat(session, made[2], 4, 2, &made[3], NULL) == C2D_OK);
    CHECK(c2d_mpc_session_reciprocal(session, made[0], &made[4], NULL) == C2D_OK);
    CHECK(c2d_mpc_session_inverse_sqrt(session, made[0], &made[5], NULL) == C2D_OK);
    CHECK(c2d_mpc_session_sigmoid_by_comparison(session, p->a, &made[6], NULL) == C2D_OK);
    CHECK(c2d_mpc_session_sum(session, p->a, (c2d_mpc_sum)7, &made[7], NULL) == C2D_ERROR_INVALID_ARGUMENT);
    for (int i = 1; i < 7; ++i) check_first(p, made[i], expected[i]);
    for (int i = 0; i < 7; ++i) c2d_mpc_tensor_destroy(made[i]);
    c2d_mpc_matrix_destroy(unit);
}

static void logistic_regression_tells_its_progress(party* p) {
    c2d_mpc_train_options options = C2D_MPC_TRAIN_OPTIONS_INIT, same;
    c2d_mpc_tensor* model = NULL;
    unsigned count = 0;
    c2d_mpc_train_options_init(&same);
    CHECK(memcmp(&options, &same, sizeof options) == 0);
    options.iterations = 201;
    options.batch_size = 4;
    CHECK(c2d_mpc_session_train_logistic(p->session, p->a, p->b, &options, on_progress, &count, &model, NULL) ==
          C2D_OK);
    CHECK(count == 3);
    c2d_mpc_tensor_destroy(model);
}

static void linear_regression_on_standardised_columns(party* p) {
    c2d_mpc_train_options options = C2D_MPC_TRAIN_OPTIONS_INIT;
    c2d_mpc_tensor *columns = NULL, *linear = NULL, *target = NULL;
    options.iterations = 201;
    options.batch_size = 4;
    options.l2 = 0.5;
    options.lr_decay = 0.5;
    options.lr_decay_every = 100;
    CHECK(c2d_mpc_session_standardise(p->session, p->a, &columns, NULL) == C2D_OK);
    CHECK(c2d_mpc_session_input(p->session, 1, p->number == 1 ? p->y : NULL, 0, &target, NULL) == C2D_OK);
    CHECK(c2d_mpc_session_train_linear(p->session, columns, target, &options, NULL, NULL, &linear, NULL) == C2D_OK);
    CHECK(c2d_mpc_tensor_rows(linear) == 3);
    CHECK(c2d_mpc_session_iterations_per_second(p->session) > 0);
    CHECK(c2d_mpc_session_iterations_per_second(NULL) == 0);
    c2d_mpc_tensor_destroy(columns);
    c2d_mpc_tensor_destroy(linear);
    c2d_mpc_tensor_destroy(target);
}

static void regression_without_a_rate(party* p) {
    c2d_mpc_regression_options options = C2D_MPC_REGRESSION_OPTIONS_INIT, same;
    c2d_mpc_regression_result result = {0};
    c2d_mpc_tensor *model = NULL, *target = NULL;
    c2d_mpc_matrix* statistics = NULL;
    const unsigned to = 2;
    c2d_mpc_regression_options_init(&same);
    CHECK(memcmp(&options, &same, sizeof options) == 0);
    options.ridge = 1;
    options.statistics_to = &to;
    options.statistics_to_count = 1;
    CHECK(c2d_mpc_session_fit_logistic(p->session, p->a, p->b, &options, &model, &result, &statistics, NULL) == C2D_OK);
    CHECK(c2d_mpc_tensor_rows(model) == 3 && result.converged == 1 && result.steps > 1);
    CHECK((statistics != NULL) == (p->number == 2));
    CHECK(!statistics || (c2d_mpc_matrix_rows(statistics) == 3 && c2d_mpc_matrix_cols(statistics) == 4));
    CHECK(!statistics || (c2d_mpc_matrix_data(statistics)[1] > 0 && c2d_mpc_matrix_data(statistics)[3] < 1));
    c2d_mpc_tensor_destroy(model);
    c2d_mpc_matrix_destroy(statistics);
    CHECK(c2d_mpc_session_input(p->session, 1, p->number == 1 ? p->y : NULL, 0, &target, NULL) == C2D_OK);
    CHECK(c2d_mpc_session_fit_linear(p->session, p->a, target, &options, &model, &result, &statistics, NULL) == C2D_OK);
    CHECK(result.steps == 3 && (statistics != NULL) == (p->number == 2) && (!statistics || result.scale >= 0));
    c2d_mpc_tensor_destroy(model);
    c2d_mpc_matrix_destroy(statistics);
    options.tolerance = 2;
    CHECK(c2d_mpc_session_fit_linear(p->session, p->a, target, &options, &model, &result, &statistics, NULL) ==
          C2D_ERROR_INVALID_ARGUMENT);
    c2d_mpc_tensor_destroy(target);
}

static void weight_of_evidence(party* p) {
    const double numbers[4] = {0, 1, 1, 1};
    c2d_mpc_matrix *bins = NULL, *out = NULL;
    c2d_mpc_tensor *counts = NULL, *woe = NULL, *value = NULL, *encoded = NULL;
    CHECK(c2d_mpc_matrix_create(4, 1, numbers, &bins, NULL) == C2D_OK);
    const c2d_mpc_matrix* own = p->number == 1 ? bins : NULL;
    CHECK(c2d_mpc_session_bin_counts(p->session, 1, own, 2, p->b, &counts, NULL) == C2D_OK);
    CHECK(c2d_mpc_tensor_rows(counts) == 4 && c2d_mpc_tensor_cols(counts) == 1);
    CHECK(c2d_mpc_session_weight_of_evidence(p->session, counts, 1, &woe, NULL) == C2D_OK);
    CHECK(c2d_mpc_session_information_value(p->session, counts, 1, &value, NULL) == C2D_OK);
    CHECK(c2d_mpc_session_encode_bins(p->session, 1, own, woe, &encoded, NULL) == C2D_OK);
    CHECK(c2d_mpc_session_reveal(p->session, encoded, everybody, 3, &out, NULL) == C2D_OK);
    /* Two of each label. Bin 0: one good row and none bad, and half an average row of each: ln 3. */
    const double* data = c2d_mpc_matrix_data(out);
    CHECK(data[0] > 1.0985 && data[0] < 1.0987 && data[1] == data[2] && data[1] < 0);
    c2d_mpc_matrix_destroy(out);
    CHECK(c2d_mpc_session_reveal(p->session, value, everybody, 3, &out, NULL) == C2D_OK);
    CHECK(c2d_mpc_matrix_cols(out) == 1 && c2d_mpc_matrix_data(out)[0] > 0.5);
    c2d_mpc_matrix_destroy(out);
    c2d_mpc_tensor *both = NULL, *correlations = NULL, *inflation = NULL, *points = NULL, *model = NULL;
    const c2d_mpc_tensor* const twice[2] = {encoded, encoded};
    CHECK(c2d_mpc_session_hconcat(p->session, twice, 2, &both, NULL) == C2D_OK);
    CHECK(c2d_mpc_session_correlations(p->session, both, &correlations, NULL) == C2D_OK);
    CHECK(c2d_mpc_session_variance_inflation(p->session, correlations, &inflation, NULL) == C2D_OK);
    CHECK(c2d_mpc_session_reveal(p->session, inflation, everybody, 3, &out, NULL) == C2D_OK);
    /* The same column twice: half of what inflation ends at. */
    CHECK(c2d_mpc_matrix_cols(out) == 2 && c2d_mpc_matrix_data(out)[0] > 450 && c2d_mpc_matrix_data(out)[0] < 600);
    c2d_mpc_matrix_destroy(out);
    const double weights[2] = {-1, 2};
    c2d_mpc_matrix* rows = NULL;
    CHECK(c2d_mpc_matrix_create(2, 1, weights, &rows, NULL) == C2D_OK);
    CHECK(c2d_mpc_session_constant(p->session, rows, &model, NULL) == C2D_OK);
    CHECK(c2d_mpc_session_bin_points(p->session, woe, model, &points, NULL) == C2D_OK);
    CHECK(c2d_mpc_session_reveal(p->session, points, everybody, 3, &out, NULL) == C2D_OK);
    CHECK(c2d_mpc_matrix_data(out)[0] > 0.901 && c2d_mpc_matrix_data(out)[0] < 0.902);
    CHECK(c2d_mpc_session_bin_points(p->session, woe, encoded, &points, NULL) == C2D_ERROR_INVALID_ARGUMENT);
    c2d_mpc_matrix_destroy(out);
    /* Contributions are the rows times -1, and each is compared with the least of a column. */
    c2d_mpc_tensor *added = NULL, *codes = NULL;
    const size_t one_column = 1, too_many = 2;
    CHECK(c2d_mpc_session_contributions(p->session, encoded, model, NULL, 0, &added, NULL) == C2D_OK);
    CHECK(c2d_mpc_session_reason_codes(p->session, added, added, 2, NULL, &codes, NULL) == C2D_OK);
    CHECK(c2d_mpc_session_reveal(p->session, codes, everybody, 3, &out, NULL) == C2D_OK);
    data = c2d_mpc_matrix_data(out);
    CHECK(c2d_mpc_matrix_cols(out) == 2 && data[0] == 0 && data[2] == 1 && data[3] == 0);
    c2d_mpc_matrix_destroy(out);
    c2d_mpc_tensor_destroy(codes);
    CHECK(c2d_mpc_session_reason_codes(p->session, added, added, 1, added, &codes, NULL) == C2D_OK);
    c2d_mpc_tensor_destroy(codes);
    c2d_mpc_tensor_destroy(added);
    CHECK(c2d_mpc_session_contributions(p->session, encoded, model, &one_column, 1, &added, NULL) == C2D_OK);
    c2d_mpc_tensor_destroy(added);
    CHECK(c2d_mpc_session_contributions(p->session, encoded, model, &too_many, 1, &added, NULL) ==
          C2D_ERROR_INVALID_ARGUMENT);
    CHECK(c2d_mpc_session_reason_codes(p->session, encoded, encoded, 11, NULL, &codes, NULL) ==
          C2D_ERROR_INVALID_ARGUMENT);
    c2d_mpc_matrix_destroy(rows);
    c2d_mpc_tensor_destroy(both);
    c2d_mpc_tensor_destroy(correlations);
    c2d_mpc_tensor_destroy(inflation);
    c2d_mpc_tensor_destroy(points);
    c2d_mpc_tensor_destroy(model);
    CHECK(c2d_mpc_session_bin_counts(p->session, 1, own, 1, p->b, &counts, NULL) == C2D_ERROR_INVALID_ARGUMENT);
    CHECK(c2d_mpc_session_encode_bins(p->session, 1, own, NULL, &encoded, NULL) == C2D_ERROR_INVALID_ARGUMENT);
    c2d_mpc_tensor_destroy(counts);
    c2d_mpc_tensor_destroy(woe);
    c2d_mpc_tensor_destroy(value);
    c2d_mpc_tensor_destroy(encoded);
    c2d_mpc_matrix_destroy(bins);
}

/* Of 600 points at odds of 50: 20 ln 50 / ln 2 less at a sum of 0, and of a sum s 20 s / ln 2 less. */
static int is_score(double points, double sum) {
    const double exact = 600 - 112.877124 - 28.8539008 * sum;
    return points == (double)(long)points && points > exact - 0.51 && points < exact + 0.51;
}

static void a_model_is_kept_loaded_and_scored(party* p) {
    const double weights[3] = {0.5, -1, 2}, sums[4] = {0.5, -0.5, 3.5, 4.5};
    c2d_mpc_matrix *rows = NULL, *out = NULL;
    c2d_mpc_tensor *model = NULL, *loaded = NULL, *scores = NULL;
    uint8_t binding[32] = {0};
    char file[64];
    CHECK(c2d_mpc_matrix_create(3, 1, weights, &rows, NULL) == C2D_OK);
    CHECK(c2d_mpc_session_constant(p->session, rows, &model, NULL) == C2D_OK);
    CHECK(c2d_mpc_session_keep(p->session, model, "model", binding, NULL) == C2D_OK);
    unsigned drawn = 0;
    for (unsigned i = 0; i < 32; ++i) drawn |= binding[i];
    CHECK(drawn != 0);
    CHECK(c2d_mpc_session_keep(p->session, model, "../model", binding, NULL) == C2D_ERROR_INVALID_ARGUMENT);
    CHECK(c2d_mpc_session_load(p->session, "a/b", &loaded, NULL) == C2D_ERROR_INVALID_ARGUMENT && loaded == NULL);
    CHECK(c2d_mpc_session_load(p->session, "model", &loaded, NULL) == C2D_OK);
    CHECK(c2d_mpc_tensor_rows(loaded) == 3 && c2d_mpc_tensor_cols(loaded) == 1);
    CHECK(c2d_mpc_session_score(p->session, p->a, loaded, NULL, &scores, NULL) == C2D_OK);
    CHECK(c2d_mpc_session_reveal(p->session, scores, everybody, 3, &out, NULL) == C2D_OK);
    for (unsigned i = 0; i < 4; ++i) CHECK(is_score(c2d_mpc_matrix_data(out)[i], sums[i]));
    c2d_mpc_matrix_destroy(out);
    c2d_mpc_tensor_destroy(scores);
    c2d_mpc_score_options how = C2D_MPC_SCORE_OPTIONS_INIT;
    how.kind = 1; /* the probability of label 1 */
    CHECK(c2d_mpc_session_score(p->session, p->a, loaded, &how, &scores, NULL) == C2D_OK);
    CHECK(c2d_mpc_session_reveal(p->session, scores, everybody, 3, &out, NULL) == C2D_OK);
    CHECK(c2d_mpc_matrix_data(out)[0] > 0.622 && c2d_mpc_matrix_data(out)[0] < 0.623);
    how.odds = -1;
    CHECK(c2d_mpc_session_score(p->session, p->a, loaded, &how, &scores, NULL) == C2D_ERROR_INVALID_ARGUMENT);
    CHECK(c2d_mpc_session_score(p->session, p->b, loaded, NULL, &scores, NULL) == C2D_ERROR_INVALID_ARGUMENT);
    c2d_mpc_matrix_destroy(out);
    c2d_mpc_tensor_destroy(scores);
    c2d_mpc_tensor_destroy(loaded);
    c2d_mpc_tensor_destroy(model);
    c2d_mpc_matrix_destroy(rows);
    snprintf(file, sizeof file, "%s/model", p->kept);
    CHECK(access(file, R_OK) == 0 && unlink(file) == 0 && rmdir(p->kept) == 0);
}

static void statistics_of_a_group(party* p) {
    c2d_mpc_matrix* out = NULL;
    const unsigned to = 1;
    CHECK(c2d_mpc_session_column_statistics(p->session, p->a, p->b, 2, &to, 1, &out, NULL) == C2D_OK);
    CHECK((out != NULL) == (p->number == 1));
    if (out) {
        CHECK(c2d_mpc_matrix_rows(out) == 3 && c2d_mpc_matrix_cols(out) == 2);
        CHECK(c2d_mpc_matrix_data(out)[0] == 2);
        const double mean = c2d_mpc_matrix_data(out)[2]; /* rows 1 and 2: 3 and -1 */
        CHECK(mean > 0.999 && mean < 1.001);
    }
    c2d_mpc_matrix_destroy(out);
    CHECK(c2d_mpc_session_column_statistics(p->session, p->a, p->b, 3, &to, 1, &out, NULL) == C2D_ERROR_DOMAIN);
    CHECK(c2d_mpc_session_column_statistics(p->session, p->a, NULL, 3, &to, 1, &out, NULL) == C2D_OK);
    c2d_mpc_matrix_destroy(out);
}

static void rows_are_joined_and_bytes_exchanged(party* p) {
    const c2d_mpc_tensor* both[2] = {p->a, p->a};
    c2d_mpc_tensor* twice = NULL;
    c2d_bytes* said[3] = {NULL, NULL, NULL};
    CHECK(c2d_mpc_session_vconcat(p->session, both, 2, &twice, NULL) == C2D_OK);
    CHECK(c2d_mpc_tensor_rows(twice) == 8);
    c2d_mpc_tensor_destroy(twice);
    CHECK(c2d_mpc_session_note_rule(p->session, (const uint8_t*)"a digest of a rule has 32 bytes.", NULL) == C2D_OK);
    CHECK(c2d_mpc_session_exchange(p->session, (const uint8_t*)"hi", 2, said, NULL) == C2D_OK);
    for (int i = 0; i < 3; ++i) {
        CHECK(c2d_bytes_size(said[i]) == 2 && memcmp(c2d_bytes_data(said[i]), "hi", 2) == 0);
        c2d_bytes_destroy(said[i]);
    }
}

/* Ids of two columns; the second row of A is the third of B, and A's first and B's second are one customer, too. */
static c2d_mpc_ids* ids_of(const party* p) {
    static const uint64_t first_ends[2][4] = {{0, 2, 3, 5}, {0, 1, 3, 4}};
    static const uint64_t second_ends[4] = {0, 1, 2, 3};
    static const char* const first[2] = {"abcde", "xabc"};
    static const char* const second[2] = {"123", "912"};
    c2d_mpc_ids* ids = NULL;
    if (p->number == 2) return NULL;
    CHECK(c2d_mpc_ids_create(&ids, NULL) == C2D_OK);
    CHECK(c2d_mpc_ids_add_column(ids, (const uint8_t*)first[p->number], strlen(first[p->number]), first_ends[p->number],
                                 3, NULL) == C2D_OK);
    CHECK(c2d_mpc_ids_add_column(ids, (const uint8_t*)second[p->number], 3, second_ends, 3, NULL) == C2D_OK);
    return ids;
}

static void rows_are_aligned(party* p) {
    c2d_mpc_align_options options = C2D_MPC_ALIGN_OPTIONS_INIT, same;
    c2d_mpc_ids* ids = ids_of(p);
    c2d_mpc_alignment* found = NULL;
    memset(&same, 1, sizeof same);
    c2d_mpc_align_options_init(&same);
    CHECK(memcmp(&options, &same, sizeof same) == 0);
    options.job = "job";
    for (int mode = C2D_MPC_ALIGN_HELPER; mode <= C2D_MPC_ALIGN_TWO_PARTY; ++mode) {
        options.mode = (c2d_mpc_align_mode)mode;
        CHECK(c2d_mpc_session_align(p->session, ids, &options, &found, NULL) == C2D_OK);
        CHECK(c2d_mpc_alignment_common(found) == 2);
        CHECK(c2d_mpc_alignment_table_rows(found, 0) == 3 && c2d_mpc_alignment_table_rows(found, 1) == 3);
        CHECK(c2d_mpc_alignment_table_rows(found, 2) == 0);
        const uint32_t* rows = c2d_mpc_alignment_rows(found);
        CHECK((rows == NULL) == (p->number == 2));
        if (rows) CHECK(rows[0] + rows[1] == (p->number == 0 ? 1 : 3));
        c2d_mpc_alignment_destroy(found);
    }
    c2d_mpc_ids_destroy(ids);
}

/* A column of three rows of each bank's. */
static c2d_mpc_tensor* column_of(party* p, unsigned owner) {
    const double values[] = {1 + owner, 2 + owner, 3 + owner};
    c2d_mpc_matrix* mine = NULL;
    c2d_mpc_tensor* out = NULL;
    if (p->number == owner) CHECK(c2d_mpc_matrix_create(3, 1, values, &mine, NULL) == C2D_OK);
    CHECK(c2d_mpc_session_input(p->session, owner, mine, 0, &out, NULL) == C2D_OK);
    c2d_mpc_matrix_destroy(mine);
    return out;
}

static void tables_are_joined_in_secret(party* p) {
    c2d_mpc_ids* ids = ids_of(p);
    c2d_mpc_tensor *columns[] = {column_of(p, 0), column_of(p, 1)}, *joined = NULL;
    c2d_mpc_alignment* found = NULL;
    CHECK(c2d_mpc_session_join(p->session, ids, (const c2d_mpc_tensor* const*)columns, 2, NULL, &found, NULL) ==
          C2D_OK);
    CHECK(c2d_mpc_alignment_common(found) == 2 && c2d_mpc_alignment_rows(found) == NULL);
    for (size_t i = 0; i < 2; ++i) {
        CHECK(c2d_mpc_alignment_column(found, i, &joined, NULL) == C2D_OK);
        CHECK(c2d_mpc_tensor_rows(joined) == 2 && c2d_mpc_tensor_cols(joined) == 1);
        c2d_mpc_tensor_destroy(joined);
        c2d_mpc_tensor_destroy(columns[i]);
    }
    CHECK(c2d_mpc_alignment_column(found, 2, &joined, NULL) == C2D_ERROR_INVALID_ARGUMENT);
    c2d_mpc_alignment_destroy(found);
    CHECK(c2d_mpc_session_join(p->session, ids, NULL, 0, NULL, &found, NULL) == C2D_ERROR_INVALID_ARGUMENT);
    c2d_mpc_ids_destroy(ids);
}

static void too_few_rows_end_all_alike(party* p) {
    c2d_mpc_align_options options = C2D_MPC_ALIGN_OPTIONS_INIT;
    c2d_mpc_ids* ids = ids_of(p);
    c2d_mpc_alignment* found = NULL;
    c2d_error* error = NULL;
    options.common_min = p->number == 1 ? 3 : 0;
    CHECK(c2d_mpc_session_align(p->session, ids, &options, &found, &error) == C2D_ERROR_DOMAIN);
    CHECK(strcmp(c2d_error_name(error), "common_below_minimum") == 0);
    c2d_error_destroy(error);
    options.common_min = 0;
    options.rows_max = p->number == 0 ? 2 : 0;
    CHECK(c2d_mpc_session_align(p->session, ids, &options, &found, &error) == C2D_ERROR_DOMAIN);
    CHECK(strcmp(c2d_error_name(error), "input_unusable") == 0);
    CHECK((strstr(c2d_error_message(error), "party 0 accepts 2") != NULL) == (p->number == 1));
    c2d_error_destroy(error);
    /* Every input of the session is still in step. */
    CHECK(c2d_mpc_session_align(p->session, ids, NULL, &found, NULL) == C2D_OK);
    c2d_mpc_alignment_destroy(found);
    options.mode = C2D_MPC_ALIGN_HIDDEN;
    CHECK(c2d_mpc_session_align(p->session, ids, &options, &found, NULL) == C2D_ERROR_INVALID_ARGUMENT);
    options.mode = (c2d_mpc_align_mode)9;
    CHECK(c2d_mpc_session_align(p->session, ids, &options, &found, NULL) == C2D_ERROR_INVALID_ARGUMENT);
    c2d_mpc_ids_destroy(ids);
}

/* Where the session has no place for checkpoints a loop begins at its beginning, and saving is nothing. */
static void loops_without_a_place(party* p) {
    c2d_mpc_tensor* state[C2D_MPC_CHECKPOINT_STATE_MAX] = {NULL};
    const c2d_mpc_tensor* given[1] = {p->a};
    uint64_t step = 7;
    size_t count = 7;
    CHECK(c2d_mpc_session_load_checkpoint(p->session, C2D_MPC_CHECKPOINT_STATE_MAX, &step, state, &count, NULL) ==
          C2D_OK);
    CHECK(step == 0 && count == 0 && state[0] == NULL);
    CHECK(c2d_mpc_session_save_checkpoint(p->session, 1, given, 1, NULL) == C2D_OK);
    CHECK(c2d_mpc_session_save_checkpoint(p->session, 1, given, 0, NULL) == C2D_ERROR_INVALID_ARGUMENT);
    CHECK(c2d_mpc_session_save_checkpoint(p->session, 1, given, 65, NULL) == C2D_ERROR_LIMIT);
    CHECK(c2d_mpc_session_save_checkpoint(p->session, 1, NULL, 1, NULL) == C2D_ERROR_INVALID_ARGUMENT);
    CHECK(c2d_mpc_session_load_checkpoint(p->session, 1, NULL, state, &count, NULL) == C2D_ERROR_INVALID_ARGUMENT);
}

/* Options of no size, a NULL that may not be, a failure with and without a place for its detail. */
static void failures_say_why(party* p) {
    c2d_mpc_train_options options = C2D_MPC_TRAIN_OPTIONS_INIT;
    c2d_mpc_tensor* out = NULL;
    c2d_error* error = NULL;
    options.struct_size = 0;
    CHECK(c2d_mpc_session_train_logistic(p->session, p->a, p->b, &options, NULL, NULL, &out, &error) ==
          C2D_ERROR_INVALID_ARGUMENT);
    CHECK(strstr(c2d_error_message(error), "struct_size") != NULL);
    c2d_error_destroy(error);
    CHECK(c2d_mpc_session_add(p->session, p->a, NULL, &out, NULL) == C2D_ERROR_INVALID_ARGUMENT);
    CHECK(c2d_mpc_session_add(p->session, p->a, p->b, &out, &error) == C2D_ERROR_INVALID_ARGUMENT);
    CHECK(c2d_error_status(error) == C2D_ERROR_INVALID_ARGUMENT);
    CHECK(strcmp(c2d_error_message(error), "add: shapes 4x2 and 4x1 do not fit") == 0);
    c2d_error_destroy(error);
}

static void* run_party(void* argument) {
    void (*const cases[])(party*) = {sums_are_revealed_to_one,
                                     openings_are_counted,
                                     functions_of_elements,
                                     logistic_regression_tells_its_progress,
                                     regression_without_a_rate,
                                     linear_regression_on_standardised_columns,
                                     statistics_of_a_group,
                                     weight_of_evidence,
                                     a_model_is_kept_loaded_and_scored,
                                     rows_are_joined_and_bytes_exchanged,
                                     rows_are_aligned,
                                     tables_are_joined_in_secret,
                                     too_few_rows_end_all_alike,
                                     loops_without_a_place,
                                     failures_say_why};
    party p = {.number = (unsigned)(size_t)argument};
    party_open(&p);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) cases[i](&p);
    party_close(&p);
    return NULL;
}

static void run_three_parties(void) {
    pthread_t threads[6];
    for (size_t i = 0; i < 3; ++i) CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends[i]) == 0);
    for (size_t i = 0; i < 3; ++i) {
        pthread_create(&threads[i], NULL, run_party, (void*)i);
        pthread_create(&threads[3 + i], NULL, relay, (void*)i);
    }
    for (int i = 0; i < 6; ++i) pthread_join(threads[i], NULL);
}

static void without_a_session(void) {
    c2d_mpc_matrix* matrix = NULL;
    c2d_error* error = NULL;
    CHECK(strcmp(c2d_status_name(C2D_ERROR_PEER), "peer") == 0);
    CHECK(c2d_abi_version() == C2D_ABI_VERSION);
    CHECK(strlen(c2d_version()) > 0);
    c2d_error_destroy(NULL);
    c2d_bytes_destroy(NULL);
    c2d_mpc_session_destroy(NULL);
    c2d_mpc_tensor_destroy(NULL);
    c2d_mpc_matrix_destroy(NULL);
    CHECK(c2d_mpc_matrix_read_csv("/nonexistent", 0, &matrix, &error) == C2D_ERROR_NOT_FOUND);
    CHECK(matrix == NULL && error != NULL);
    c2d_error_destroy(error);
}

static void keys_of_nobody(void) {
    c2d_mpc_session_options options = C2D_MPC_SESSION_OPTIONS_INIT;
    c2d_mpc_session* session = NULL;
    c2d_mpc_peer_keys twice[2] = {{.party = 1}, {.party = 1}}, nobody = {.party = 3}, secret = {.pre_shared_size = 1};
    const c2d_mpc_peer_keys* wrong[] = {twice, &nobody, &secret};
    options.peers_count = 2;
    CHECK(c2d_mpc_session_open_fd_with_options(0, 0, C2D_MPC_REP3, &options, &session, NULL) ==
          C2D_ERROR_INVALID_ARGUMENT);
    for (int i = 0; i < 3; ++i) {
        options.peers = wrong[i];
        options.peers_count = i == 0 ? 2 : 1;
        CHECK(c2d_mpc_session_open_fd_with_options(0, 0, C2D_MPC_REP3, &options, &session, NULL) ==
              C2D_ERROR_INVALID_ARGUMENT);
    }
    CHECK(session == NULL);
}

/* Two processes' worth of alignment, on two threads. */
typedef struct bank {
    c2d_key* key;
    c2d_mpc_pair_options pair;
} bank;

static void* run_bank(void* argument) {
    bank* b = argument;
    party p = {.number = b->pair.party};
    c2d_mpc_align_options options = C2D_MPC_ALIGN_OPTIONS_INIT;
    c2d_mpc_ids* ids = ids_of(&p);
    c2d_mpc_alignment* found = NULL;
    options.mode = C2D_MPC_ALIGN_TWO_PARTY;
    CHECK(c2d_mpc_align_pair(b->key, &b->pair, ids, &options, &found, NULL) == C2D_OK);
    CHECK(c2d_mpc_alignment_common(found) == 2 && c2d_mpc_alignment_rows(found) != NULL);
    c2d_mpc_alignment_destroy(found);
    c2d_mpc_ids_destroy(ids);
    return NULL;
}

static void a_pair_aligns_alone(void) {
    pthread_t threads[2];
    bank banks[2];
    c2d_mpc_pair_options pair = C2D_MPC_PAIR_OPTIONS_INIT, same;
    memset(&same, 1, sizeof same);
    c2d_mpc_pair_options_init(&same);
    CHECK(memcmp(&pair, &same, sizeof same) == 0);
    for (unsigned i = 0; i < 2; ++i) CHECK(c2d_key_generate(NULL, &banks[i].key, NULL) == C2D_OK);
    pair.port_a = free_port();
    pair.port_b = free_port();
    pair.address_a = c2d_key_address(banks[0].key);
    pair.address_b = c2d_key_address(banks[1].key);
    pair.run = 5;
    for (unsigned i = 0; i < 2; ++i) {
        banks[i].pair = pair;
        banks[i].pair.party = i;
        pthread_create(&threads[i], NULL, run_bank, &banks[i]);
    }
    for (unsigned i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
    for (unsigned i = 0; i < 2; ++i) c2d_key_destroy(banks[i].key);
}

static void ids_that_do_not_fit(void) {
    static const uint64_t ends[3] = {0, 1, 2}, falling[3] = {0, 2, 1}, beyond[3] = {0, 1, 3};
    const uint8_t* bytes = (const uint8_t*)"ab";
    c2d_mpc_ids* ids = NULL;
    c2d_mpc_alignment* found = NULL;
    CHECK(c2d_mpc_ids_create(NULL, NULL) == C2D_ERROR_INVALID_ARGUMENT);
    CHECK(c2d_mpc_ids_create(&ids, NULL) == C2D_OK);
    CHECK(c2d_mpc_ids_add_column(NULL, bytes, 2, ends, 2, NULL) == C2D_ERROR_INVALID_ARGUMENT);
    CHECK(c2d_mpc_ids_add_column(ids, NULL, 2, ends, 2, NULL) == C2D_ERROR_INVALID_ARGUMENT);
    CHECK(c2d_mpc_ids_add_column(ids, bytes, 2, NULL, 2, NULL) == C2D_ERROR_INVALID_ARGUMENT);
    CHECK(c2d_mpc_ids_add_column(ids, bytes, 2, falling, 2, NULL) == C2D_ERROR_INVALID_ARGUMENT);
    CHECK(c2d_mpc_ids_add_column(ids, bytes, 2, beyond, 2, NULL) == C2D_ERROR_INVALID_ARGUMENT);
    CHECK(c2d_mpc_ids_add_column(ids, bytes, 2, ends, SIZE_MAX, NULL) == C2D_ERROR_INVALID_ARGUMENT);
    for (int i = 0; i < 16; ++i) CHECK(c2d_mpc_ids_add_column(ids, bytes, 2, ends, 2, NULL) == C2D_OK);
    CHECK(c2d_mpc_ids_add_column(ids, bytes, 2, ends, 2, NULL) == C2D_ERROR_INVALID_ARGUMENT);
    c2d_mpc_ids_destroy(ids);
    CHECK(c2d_mpc_ids_create(&ids, NULL) == C2D_OK);
    CHECK(c2d_mpc_ids_add_column(ids, bytes, 2, ends, 2, NULL) == C2D_OK);
    CHECK(c2d_mpc_ids_add_column(ids, bytes, 2, ends, 1, NULL) == C2D_ERROR_INVALID_ARGUMENT);
    CHECK(c2d_mpc_session_align(NULL, ids, NULL, &found, NULL) == C2D_ERROR_INVALID_ARGUMENT);
    CHECK(c2d_mpc_align_pair(NULL, NULL, ids, NULL, &found, NULL) == C2D_ERROR_INVALID_ARGUMENT);
    c2d_mpc_ids_destroy(ids);
    c2d_mpc_ids_destroy(NULL);
    c2d_mpc_alignment_destroy(NULL);
    c2d_mpc_align_options_init(NULL);
    c2d_mpc_pair_options_init(NULL);
    CHECK(c2d_mpc_alignment_common(NULL) == 0 && c2d_mpc_alignment_rows(NULL) == NULL);
    CHECK(c2d_mpc_alignment_table_rows(NULL, 0) == 0);
}

static void what_work_costs(void) {
    char* out = NULL;
    CHECK(c2d_mpc_cost("fit", 40000, 72, 0, 0, 0, 0, 0, &out, NULL) == C2D_OK);
    CHECK(out && strstr(out, "\"bytes_sent\":[") && strstr(out, "\"memory_bytes\":"));
    c2d_string_destroy(out);
    CHECK(c2d_mpc_cost("fits", 40000, 72, 0, 0, 0, 0, 0, &out, NULL) == C2D_ERROR_INVALID_ARGUMENT);
    CHECK(c2d_mpc_cost("fit", 0, 72, 0, 0, 0, 0, 0, &out, NULL) == C2D_ERROR_INVALID_ARGUMENT);
}

int main(void) {
    run_three_parties();
    what_work_costs();
    a_pair_aligns_alone();
    ids_that_do_not_fit();
    without_a_session();
    keys_of_nobody();
    return done("the C interface of mpc");
}
