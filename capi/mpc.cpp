#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "json_text.hpp"
#include "mpc_handles.hpp"

#include <c2d/mpc_cost.hpp>
#include <c2d/regression.hpp>

using c2d::Result;
using c2d::Unit;
using c2d::capi::give;
using c2d::capi::guard;

namespace {

Result<Unit> give(Result<std::unique_ptr<c2d::mpc::Session>>&& session, c2d_mpc_session** out) {
    if (!session) return std::move(session).error();
    *out = new c2d_mpc_session{*std::move(session)};
    return Unit{};
}

Result<c2d::mpc::BackendKind> backend_of(c2d_mpc_backend backend) {
    switch (static_cast<int>(backend)) {
        case C2D_MPC_REP3: return c2d::mpc::BackendKind::rep3;
        case C2D_MPC_CLEAR: return c2d::mpc::BackendKind::clear;
        default: return c2d::Error(c2d::Status::INVALID_ARGUMENT, "there is no such backend");
    }
}

template <class Operation>
c2d_status unary(c2d_mpc_session* session, const c2d_mpc_tensor* a, c2d_mpc_tensor** out, c2d_error** error,
                 Operation operation) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session);
        C2D_CAPI_NEED(a);
        C2D_CAPI_NEED(out);
        return give(operation(*session->value, a->value), out);
    });
}

/// An operation on a list of tensors.
template <class Operation>
c2d_status joined(c2d_mpc_session* session, const c2d_mpc_tensor* const* parts, size_t parts_count,
                  c2d_mpc_tensor** out, c2d_error** error, Operation operation) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session);
        C2D_CAPI_NEED(parts);
        C2D_CAPI_NEED(out);
        std::vector<c2d::mpc::Tensor> tensors;
        for (size_t i = 0; i < parts_count; ++i) {
            C2D_CAPI_NEED(parts[i]);
            tensors.push_back(parts[i]->value);
        }
        return give(operation(*session->value, tensors), out);
    });
}

template <class T>
T or_default(T value, T otherwise) {
    return value == T{} ? otherwise : value;
}

c2d::mpc::TrainOptions train_options(const c2d_mpc_train_options& given) {
    const auto or_default = [&](auto value, auto otherwise) {
        return given.zero_is_zero != 0 ? value : ::or_default(value, otherwise);
    };
    c2d::mpc::TrainOptions how;
    how.lr = or_default(given.lr, how.lr);
    how.batch_size = or_default(size_t{given.batch_size}, how.batch_size);
    how.split = given.split;
    how.iterations = or_default(size_t{given.iterations}, size_t{1});
    how.seed = given.seed;
    how.evaluate_every = or_default(size_t{given.evaluate_every}, how.evaluate_every);
    how.auc_to = given.auc_to;
    how.precise = given.precise != 0;
    how.l2 = given.l2;
    how.lr_decay = or_default(given.lr_decay, how.lr_decay);
    how.lr_decay_every = given.lr_decay_every;
    how.wide_area = given.wide_area != 0;
    return how;
}

Result<c2d::mpc::OpeningRules> rules_of(const c2d_mpc_opening_rules* rules) {
    const c2d_mpc_opening_rules defaults = C2D_MPC_OPENING_RULES_INIT;
    auto given = c2d::capi::read_options(rules, defaults);
    if (!given) return std::move(given).error();
    if (given->scores < 0 || given->scores > 2 || given->reserved != 0)
        return c2d::Error(c2d::Status::INVALID_ARGUMENT, "rules: scores must be 0, 1 or 2, and reserved 0");
    c2d::mpc::OpeningRules out;
    out.rows = or_default<size_t>(given->rows, 1);
    out.positives = or_default<size_t>(given->positives, 1);
    out.negatives = or_default<size_t>(given->negatives, 1);
    out.weight_share_max = or_default(given->weight_share_max, 1.0);
    out.reveal_any = given->reveal_any != 0;
    out.label_counts = given->label_counts;
    out.scores = static_cast<c2d::mpc::ScoresOpened>(given->scores);
    out.score_rows_max = or_default(given->score_rows_max, out.score_rows_max);
    out.reason_codes = given->reason_codes;
    out.coefficients = given->coefficients != 0;
    return out;
}

constexpr std::size_t kSecretBytesMax = 4096;
constexpr std::uint64_t kDayMs = 86'400'000;

Result<Unit> read_peer(const c2d_mpc_peer_keys& given, c2d::mpc::SessionOptions& out) {
    using c2d::Error;
    using c2d::Status;
    if (given.party >= C2D_MPC_PARTIES || given.reserved != 0)
        return Error(Status::INVALID_ARGUMENT, "peers: party must be 0, 1 or 2, and reserved 0");
    if (given.session_binding)
        std::copy_n(given.session_binding, out.session_binding[given.party].size(),
                    out.session_binding[given.party].data.begin());
    if (given.pre_shared_size == 0) return Unit{};
    C2D_CAPI_NEED(given.pre_shared);
    if (given.pre_shared_size > kSecretBytesMax)
        return Error(Status::INVALID_ARGUMENT, "peers: a secret has at most 4096 bytes");
    out.pre_shared[given.party].assign(given.pre_shared, given.pre_shared + given.pre_shared_size);
    return Unit{};
}

/// All of them but the link.
Result<c2d::mpc::SessionOptions> session_options(const c2d_mpc_session_options* options) {
    const c2d_mpc_session_options defaults = C2D_MPC_SESSION_OPTIONS_INIT;
    auto given = c2d::capi::read_options(options, defaults);
    if (!given) return std::move(given).error();
    if (given->peers_count != 0) C2D_CAPI_NEED(given->peers);
    c2d::mpc::SessionOptions out;
    auto rules = rules_of(given->rules);
    if (!rules) return std::move(rules).error();
    out.rules = *rules;
    if (given->kept) out.kept = c2d::mpc::KeptShares::folder(given->kept);
    if (given->checkpoints) out.checkpoints = c2d::mpc::Checkpoints::folder(given->checkpoints);
    if (given->reserved != 0) return c2d::Error(c2d::Status::INVALID_ARGUMENT, "expected reserved to be 0");
    if (given->checkpoint_ms > kDayMs)
        return c2d::Error(c2d::Status::INVALID_ARGUMENT, "expected checkpoint_ms of a day at most");
    if (given->checkpoint_ms != 0) out.checkpoint_every = std::chrono::milliseconds(given->checkpoint_ms);
    if (given->attempt != 0) out.attempt = given->attempt;
    if (given->peers_count > C2D_MPC_PARTIES)
        return c2d::Error(c2d::Status::INVALID_ARGUMENT, "peers: there are 3 parties");
    for (size_t i = 0; i < given->peers_count; ++i) {
        for (size_t j = 0; j < i; ++j)
            if (given->peers[j].party == given->peers[i].party)
                return c2d::Error(c2d::Status::INVALID_ARGUMENT, "peers: names a party twice");
        if (auto read = read_peer(given->peers[i], out); !read) return std::move(read).error();
    }
    return out;
}

/// The caller's rules as options.
c2d_mpc_session_options with_rules(const c2d_mpc_opening_rules* rules) {
    c2d_mpc_session_options out = C2D_MPC_SESSION_OPTIONS_INIT;
    out.rules = rules;
    return out;
}

/// A training; `train(session, features, targets, options, progress)`.
template <class Train>
c2d_status trained(c2d_mpc_session* session, const c2d_mpc_tensor* features, const c2d_mpc_tensor* targets,
                   const c2d_mpc_train_options* options, c2d_mpc_train_progress progress, void* user_data,
                   c2d_mpc_tensor** out, c2d_error** error, Train train) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session);
        C2D_CAPI_NEED(features);
        C2D_CAPI_NEED(targets);
        C2D_CAPI_NEED(out);
        const c2d_mpc_train_options defaults = C2D_MPC_TRAIN_OPTIONS_INIT;
        auto given = c2d::capi::read_options(options, defaults);
        if (!given) return std::move(given).error();
        if (given->reserved != 0) return c2d::Error(c2d::Status::INVALID_ARGUMENT, "reserved must be 0");
        const c2d::mpc::TrainOptions how = train_options(*given);
        const auto tell = [&](std::size_t iteration, std::optional<double> auc) {
            return !progress || c2d::CallScope::over_now() ||
                   progress(iteration, auc.has_value() ? 1 : 0, auc.value_or(0), user_data) == 0;
        };
        return give(train(*session->value, features->value, targets->value, how, c2d::mpc::TrainProgress(tell)), out);
    });
}

c2d::mpc::RegressionOptions regression_options(const c2d_mpc_regression_options& given) {
    c2d::mpc::RegressionOptions how;
    if (given.no_ridge != 0 || given.ridge != 0) how.ridge = given.no_ridge != 0 ? 0 : given.ridge;
    how.tolerance = or_default(given.tolerance, how.tolerance);
    how.steps_max = or_default<size_t>(given.steps_max, how.steps_max);
    how.curvature_rows = or_default<size_t>(given.curvature_rows, how.curvature_rows);
    how.seed = given.seed;
    if (given.sample_weight != nullptr) how.sample_weight = given.sample_weight->value;
    if (given.offset != nullptr) how.offset = given.offset->value;
    how.statistics_to.assign(given.statistics_to, given.statistics_to + given.statistics_to_count);
    return how;
}

/// One row a coefficient: itself, its standard error, z and p-value.
c2d::mpc::Matrix matrix_of(const c2d::mpc::RegressionStatistics& found) {
    c2d::mpc::Matrix out{found.coefficients.size(), 4, {}};
    for (size_t j = 0; j < out.rows; ++j)
        for (const std::vector<double>* column :
             {&found.coefficients, &found.standard_errors, &found.z_values, &found.p_values})
            out.data.push_back((*column)[j]);
    return out;
}

/// A fit; `run(session, features, targets, options)`.
template <class Run>
c2d_status fitted(c2d_mpc_session* session, const c2d_mpc_tensor* features, const c2d_mpc_tensor* targets,
                  const c2d_mpc_regression_options* options, c2d_mpc_tensor** out, c2d_mpc_regression_result* result,
                  c2d_mpc_matrix** statistics, c2d_error** error, Run run) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, features, targets, out, result, statistics);
        const c2d_mpc_regression_options defaults = C2D_MPC_REGRESSION_OPTIONS_INIT;
        auto given = c2d::capi::read_options(options, defaults);
        if (!given) return std::move(given).error();
        if (given->reserved != 0) return c2d::Error(c2d::Status::INVALID_ARGUMENT, "reserved must be 0");
        if (given->statistics_to_count != 0) C2D_CAPI_NEED(given->statistics_to);
        auto found = run(*session->value, features->value, targets->value, regression_options(*given));
        if (!found) return std::move(found).error();
        const auto& open = found->statistics;
        auto opened = open ? std::make_unique<c2d_mpc_matrix>(c2d_mpc_matrix{matrix_of(*open)}) : nullptr;
        *out = new c2d_mpc_tensor{found->weights};
        *result = {found->steps, found->converged ? 1 : 0, 0, open ? open->scale : 1};
        *statistics = opened.release();
        return Unit{};
    });
}

}  // namespace

c2d::Result<c2d::mpc::OpeningRules> c2d::capi::read_opening_rules(const c2d_mpc_opening_rules* rules) {
    return rules_of(rules);
}

extern "C" {

// ---------------------------------------------------------------- matrices

c2d_status c2d_mpc_matrix_create(size_t rows, size_t cols, const double* data, c2d_mpc_matrix** out,
                                 c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(data);
        C2D_CAPI_NEED(out);
        if (rows == 0 || cols == 0 || rows > c2d::mpc::kElementsMax / cols)
            return c2d::Error(c2d::Status::INVALID_ARGUMENT, "a matrix is empty or too large");
        *out = new c2d_mpc_matrix{{rows, cols, std::vector<double>(data, data + rows * cols)}};
        return Unit{};
    });
}

c2d_status c2d_mpc_matrix_read_csv(const char* path, uint64_t bytes_max, c2d_mpc_matrix** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(path);
        C2D_CAPI_NEED(out);
        auto matrix = c2d::mpc::read_csv(path, or_default(bytes_max, uint64_t{4} << 30));
        if (!matrix) return std::move(matrix).error();
        *out = new c2d_mpc_matrix{*std::move(matrix)};
        return Unit{};
    });
}

size_t c2d_mpc_matrix_rows(const c2d_mpc_matrix* matrix) { return matrix ? matrix->value.rows : 0; }
size_t c2d_mpc_matrix_cols(const c2d_mpc_matrix* matrix) { return matrix ? matrix->value.cols : 0; }
const double* c2d_mpc_matrix_data(const c2d_mpc_matrix* matrix) { return matrix ? matrix->value.data.data() : nullptr; }
void c2d_mpc_matrix_destroy(c2d_mpc_matrix* matrix) { delete matrix; }

// ---------------------------------------------------------------- sessions

c2d_status c2d_mpc_session_from_environment(c2d_mpc_backend backend, c2d_mpc_session** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(out);
        auto kind = backend_of(backend);
        if (!kind) return std::move(kind).error();
        return give(c2d::mpc::Session::from_environment(*kind), out);
    });
}

void c2d_mpc_opening_rules_init(c2d_mpc_opening_rules* rules) {
    if (rules) *rules = C2D_MPC_OPENING_RULES_INIT;
}

void c2d_mpc_session_options_init(c2d_mpc_session_options* options) {
    if (options) *options = C2D_MPC_SESSION_OPTIONS_INIT;
}

c2d_status c2d_mpc_session_open_fd(int fd, unsigned party, c2d_mpc_backend backend, c2d_mpc_session** out,
                                   c2d_error** error) {
    return c2d_mpc_session_open_fd_with_options(fd, party, backend, nullptr, out, error);
}

c2d_status c2d_mpc_session_open_fd_with_rules(int fd, unsigned party, c2d_mpc_backend backend,
                                              const c2d_mpc_opening_rules* rules, c2d_mpc_session** out,
                                              c2d_error** error) {
    const auto options = with_rules(rules);
    return c2d_mpc_session_open_fd_with_options(fd, party, backend, &options, out, error);
}

c2d_status c2d_mpc_session_open_fd_with_options(int fd, unsigned party, c2d_mpc_backend backend,
                                                const c2d_mpc_session_options* options, c2d_mpc_session** out,
                                                c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(out);
        auto kind = backend_of(backend);
        if (!kind) return std::move(kind).error();
        auto how = session_options(options);
        if (!how) return std::move(how).error();
        auto link = c2d::mpc::relay_link(fd, party);
        if (!link) return std::move(link).error();
        how->link = *std::move(link);
        how->backend = *kind;
        return give(c2d::mpc::Session::open(*std::move(how)), out);
    });
}

c2d_status c2d_mpc_session_connect(unsigned party, const c2d_key* key, const char* const* hosts, const unsigned* ports,
                                   const char* const* addresses, const char* program, const char* arguments,
                                   uint64_t run, uint64_t deadline_ms, c2d_mpc_session** out, c2d_error** error) {
    return c2d_mpc_session_connect_with_options(party, key, hosts, ports, addresses, program, arguments, run,
                                                deadline_ms, nullptr, out, error);
}

c2d_status c2d_mpc_session_connect_with_rules(unsigned party, const c2d_key* key, const char* const* hosts,
                                              const unsigned* ports, const char* const* addresses, const char* program,
                                              const char* arguments, uint64_t run, uint64_t deadline_ms,
                                              const c2d_mpc_opening_rules* rules, c2d_mpc_session** out,
                                              c2d_error** error) {
    const auto options = with_rules(rules);
    return c2d_mpc_session_connect_with_options(party, key, hosts, ports, addresses, program, arguments, run,
                                                deadline_ms, &options, out, error);
}

c2d_status c2d_mpc_session_connect_with_options(unsigned party, const c2d_key* key, const char* const* hosts,
                                                const unsigned* ports, const char* const* addresses,
                                                const char* program, const char* arguments, uint64_t run,
                                                uint64_t deadline_ms, const c2d_mpc_session_options* options,
                                                c2d_mpc_session** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(key);
        C2D_CAPI_NEED(hosts);
        C2D_CAPI_NEED(ports);
        C2D_CAPI_NEED(addresses);
        C2D_CAPI_NEED(program);
        C2D_CAPI_NEED(arguments);
        C2D_CAPI_NEED(out);
        auto how = session_options(options);
        if (!how) return std::move(how).error();
        c2d::mpc::PeerLinkOptions connect;
        connect.party = party;
        connect.signer = key->signer;
        connect.program = program;
        connect.arguments = arguments;
        connect.run = run;
        if (deadline_ms != 0) connect.deadline = std::chrono::milliseconds(deadline_ms);
        for (unsigned i = 0; i < C2D_MPC_PARTIES; ++i) {
            C2D_CAPI_NEED(hosts[i]);
            C2D_CAPI_NEED(addresses[i]);
            auto address = c2d::parse_address(addresses[i]);
            if (!address) return std::move(address).error();
            if (ports[i] > 65535) return c2d::Error(c2d::Status::INVALID_ARGUMENT, "a port is at most 65535");
            connect.parties[i] = {hosts[i], static_cast<std::uint16_t>(ports[i]), *address};
        }
        auto link = c2d::mpc::peer_link(connect);
        if (!link) return std::move(link).error();
        how->link = *std::move(link);
        return give(c2d::mpc::Session::open(*std::move(how)), out);
    });
}

void c2d_mpc_session_destroy(c2d_mpc_session* session) { delete session; }
unsigned c2d_mpc_session_party(const c2d_mpc_session* session) { return session ? session->value->party() : 0; }

void c2d_mpc_session_stats(const c2d_mpc_session* session, c2d_mpc_stats* out) {
    if (!session || !out) return;
    const c2d::mpc::Link::Stats& stats = session->value->stats();
    *out = {};
    for (unsigned party = 0; party < C2D_MPC_PARTIES; ++party) {
        out->bytes_sent[party] = stats.bytes_sent[party];
        out->bytes_received[party] = stats.bytes_received[party];
    }
    out->rounds = stats.rounds;
}

c2d_status c2d_mpc_session_disclosures(const c2d_mpc_session* session, char** out, c2d_error** error) {
    return c2d::capi::json_read(session, "session", out, error, [](const auto& value) -> Result<c2d::json::Value> {
        c2d::json::Value counts = c2d::json::Value::object({});
        for (const auto& [kind, count] : value->disclosures()) counts.set(kind, count);
        return counts;
    });
}

c2d_status c2d_mpc_session_note_rule(c2d_mpc_session* session, const uint8_t* digest, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, digest);
        C2D_TRY(const c2d::Bytes32 value, c2d::Bytes32::from(c2d::BytesView(digest, 32)));
        return session->value->note_rule(value);
    });
}

c2d_status c2d_mpc_session_exchange(c2d_mpc_session* session, const uint8_t* data, size_t size, c2d_bytes** out,
                                    c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session);
        C2D_CAPI_NEED(out);
        if (size != 0) C2D_CAPI_NEED(data);
        auto all = session->value->exchange(c2d::BytesView(data, size));
        if (!all) return std::move(all).error();
        std::unique_ptr<c2d_bytes> owned[C2D_MPC_PARTIES];
        for (unsigned party = 0; party < C2D_MPC_PARTIES; ++party)
            owned[party].reset(new c2d_bytes{std::move((*all)[party])});
        for (unsigned party = 0; party < C2D_MPC_PARTIES; ++party) out[party] = owned[party].release();
        return Unit{};
    });
}

c2d_status c2d_mpc_session_input(c2d_mpc_session* session, unsigned owner, const c2d_mpc_matrix* data,
                                 double magnitude_max, c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session);
        C2D_CAPI_NEED(out);
        return give(
            session->value->input(owner, data ? &data->value : nullptr, or_default(magnitude_max, c2d::mpc::kInputMax)),
            out);
    });
}

c2d_status c2d_mpc_session_input_labels(c2d_mpc_session* session, unsigned owner, const c2d_mpc_matrix* data,
                                        c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session);
        C2D_CAPI_NEED(out);
        return give(session->value->input_labels(owner, data ? &data->value : nullptr), out);
    });
}

c2d_status c2d_mpc_session_constant(c2d_mpc_session* session, const c2d_mpc_matrix* data, c2d_mpc_tensor** out,
                                    c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session);
        C2D_CAPI_NEED(data);
        C2D_CAPI_NEED(out);
        return give(session->value->constant(data->value), out);
    });
}

// ---------------------------------------------------------------- operations; the others stand in mpc_operations.cpp

c2d_status c2d_mpc_session_sigmoid(c2d_mpc_session* session, const c2d_mpc_tensor* a, c2d_mpc_tensor** out,
                                   c2d_error** error) {
    return unary(session, a, out, error, [](auto& s, const auto& x) { return s.sigmoid(x); });
}
c2d_status c2d_mpc_session_sigmoid_by_comparison(c2d_mpc_session* session, const c2d_mpc_tensor* a,
                                                 c2d_mpc_tensor** out, c2d_error** error) {
    return unary(session, a, out, error,
                 [](auto& s, const auto& x) { return s.sigmoid(x, c2d::mpc::SigmoidKind::comparison); });
}
c2d_status c2d_mpc_session_sum(c2d_mpc_session* session, const c2d_mpc_tensor* a, c2d_mpc_sum which,
                               c2d_mpc_tensor** out, c2d_error** error) {
    return unary(session, a, out, error, [which](auto& s, const auto& x) -> Result<c2d::mpc::Tensor> {
        switch (static_cast<int>(which)) {
            case C2D_MPC_SUM_EACH_ROW: return s.sum(x, c2d::mpc::Sum::each_row);
            case C2D_MPC_SUM_EACH_COLUMN: return s.sum(x, c2d::mpc::Sum::each_column);
            case C2D_MPC_SUM_ALL: return s.sum(x, c2d::mpc::Sum::all);
            default: return c2d::Error(c2d::Status::INVALID_ARGUMENT, "there is no such sum");
        }
    });
}
c2d_status c2d_mpc_session_rows(c2d_mpc_session* session, const c2d_mpc_tensor* a, const size_t* index,
                                size_t index_count, c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session);
        C2D_CAPI_NEED(a);
        C2D_CAPI_NEED(index);
        C2D_CAPI_NEED(out);
        const std::vector<size_t> wanted(index, index + index_count);
        return give(session->value->rows(a->value, wanted), out);
    });
}

c2d_status c2d_mpc_session_hconcat(c2d_mpc_session* session, const c2d_mpc_tensor* const* parts, size_t parts_count,
                                   c2d_mpc_tensor** out, c2d_error** error) {
    return joined(session, parts, parts_count, out, error, [](auto& s, const auto& all) { return s.hconcat(all); });
}
c2d_status c2d_mpc_session_vconcat(c2d_mpc_session* session, const c2d_mpc_tensor* const* parts, size_t parts_count,
                                   c2d_mpc_tensor** out, c2d_error** error) {
    return joined(session, parts, parts_count, out, error, [](auto& s, const auto& all) { return s.vconcat(all); });
}

c2d_status c2d_mpc_session_reveal(c2d_mpc_session* session, const c2d_mpc_tensor* a, const unsigned* to,
                                  size_t to_count, c2d_mpc_matrix** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session);
        C2D_CAPI_NEED(a);
        C2D_CAPI_NEED(out);
        if (to_count != 0) C2D_CAPI_NEED(to);
        auto value = session->value->reveal(a->value, std::vector<unsigned>(to, to + to_count));
        if (!value) return std::move(value).error();
        *out = value->has_value() ? new c2d_mpc_matrix{std::move(**value)} : nullptr;
        return Unit{};
    });
}

// ---------------------------------------------------------------- kept for later sessions

c2d_status c2d_mpc_session_keep(c2d_mpc_session* session, const c2d_mpc_tensor* a, const char* name,
                                uint8_t* out_binding, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, a, name);
        auto binding = session->value->keep(a->value, name);
        if (!binding) return std::move(binding).error();
        if (out_binding) std::copy(binding->data.begin(), binding->data.end(), out_binding);
        return Unit{};
    });
}

c2d_status c2d_mpc_session_load(c2d_mpc_session* session, const char* name, c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, name, out);
        return give(session->value->load(name), out);
    });
}

c2d_status c2d_mpc_session_contributions(c2d_mpc_session* session, const c2d_mpc_tensor* features,
                                         const c2d_mpc_tensor* model, const size_t* columns, size_t count,
                                         c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, features, model, out);
        if (count != 0) C2D_CAPI_NEED(columns);
        const std::vector<std::size_t> of(columns, columns + count);
        return give(session->value->contributions(features->value, model->value, of), out);
    });
}

c2d_status c2d_mpc_session_reason_codes(c2d_mpc_session* session, const c2d_mpc_tensor* contributions,
                                        const c2d_mpc_tensor* baseline, size_t count, const c2d_mpc_tensor* shares,
                                        c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, contributions, baseline, out);
        const c2d::mpc::Tensor of_bins = shares ? shares->value : c2d::mpc::Tensor();
        return give(session->value->reason_codes(contributions->value, baseline->value, count, of_bins), out);
    });
}

c2d_status c2d_mpc_session_save_checkpoint(c2d_mpc_session* session, uint64_t step, const c2d_mpc_tensor* const* state,
                                           size_t state_count, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, state);
        if (state_count > C2D_MPC_CHECKPOINT_STATE_MAX)
            return c2d::Error(c2d::Status::LIMIT, "a checkpoint takes at most 64 tensors");
        std::vector<c2d::mpc::Tensor> given;
        for (size_t i = 0; i < state_count; ++i) {
            C2D_CAPI_NEED(state[i]);
            given.push_back(state[i]->value);
        }
        return session->value->save_checkpoint(step, given);
    });
}

c2d_status c2d_mpc_session_load_checkpoint(c2d_mpc_session* session, size_t state_max, uint64_t* out_step,
                                           c2d_mpc_tensor** out_state, size_t* out_count, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, out_step, out_state, out_count);
        auto loaded = session->value->load_checkpoint();
        if (!loaded) return std::move(loaded).error();
        *out_step = *out_count = 0;
        if (!*loaded) return Unit{};
        if ((*loaded)->state.size() > state_max)
            return c2d::Error(c2d::Status::LIMIT, "the checkpoint has more tensors than there is room for");
        for (c2d::mpc::Tensor& tensor : (*loaded)->state)
            out_state[(*out_count)++] = new c2d_mpc_tensor{std::move(tensor)};
        *out_step = (*loaded)->step;
        return Unit{};
    });
}

void c2d_mpc_score_options_init(c2d_mpc_score_options* options) {
    if (options) *options = C2D_MPC_SCORE_OPTIONS_INIT;
}

c2d_status c2d_mpc_session_score(c2d_mpc_session* session, const c2d_mpc_tensor* features, const c2d_mpc_tensor* model,
                                 const c2d_mpc_score_options* options, c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, features, model, out);
        const c2d_mpc_score_options defaults = C2D_MPC_SCORE_OPTIONS_INIT;
        auto given = c2d::capi::read_options(options, defaults);
        if (!given) return std::move(given).error();
        c2d::mpc::ScoreOptions how;
        how.kind = static_cast<c2d::mpc::ScoreKind>(given->kind);
        how.points = or_default(given->points, how.points);
        how.odds = or_default(given->odds, how.odds);
        how.double_after = or_default(given->double_after, how.double_after);
        return give(session->value->score(features->value, model->value, how), out);
    });
}

// ---------------------------------------------------------------- models

void c2d_mpc_train_options_init(c2d_mpc_train_options* options) {
    if (options) *options = C2D_MPC_TRAIN_OPTIONS_INIT;
}

c2d_status c2d_mpc_session_train_logistic(c2d_mpc_session* session, const c2d_mpc_tensor* features,
                                          const c2d_mpc_tensor* labels, const c2d_mpc_train_options* options,
                                          c2d_mpc_train_progress progress, void* user_data, c2d_mpc_tensor** out,
                                          c2d_error** error) {
    return trained(session, features, labels, options, progress, user_data, out, error,
                   [](auto& s, const auto&... arguments) { return s.train_logistic(arguments...); });
}
c2d_status c2d_mpc_session_train_linear(c2d_mpc_session* session, const c2d_mpc_tensor* features,
                                        const c2d_mpc_tensor* targets, const c2d_mpc_train_options* options,
                                        c2d_mpc_train_progress progress, void* user_data, c2d_mpc_tensor** out,
                                        c2d_error** error) {
    return trained(session, features, targets, options, progress, user_data, out, error,
                   [](auto& s, const auto&... arguments) { return s.train_linear(arguments...); });
}

void c2d_mpc_regression_options_init(c2d_mpc_regression_options* options) {
    if (options) *options = C2D_MPC_REGRESSION_OPTIONS_INIT;
}
c2d_status c2d_mpc_session_fit_logistic(c2d_mpc_session* session, const c2d_mpc_tensor* features,
                                        const c2d_mpc_tensor* labels, const c2d_mpc_regression_options* options,
                                        c2d_mpc_tensor** out, c2d_mpc_regression_result* result,
                                        c2d_mpc_matrix** statistics, c2d_error** error) {
    return fitted(session, features, labels, options, out, result, statistics, error,
                  [](auto& s, const auto&... arguments) { return s.fit_logistic(arguments...); });
}
c2d_status c2d_mpc_session_fit_linear(c2d_mpc_session* session, const c2d_mpc_tensor* features,
                                      const c2d_mpc_tensor* targets, const c2d_mpc_regression_options* options,
                                      c2d_mpc_tensor** out, c2d_mpc_regression_result* result,
                                      c2d_mpc_matrix** statistics, c2d_error** error) {
    return fitted(session, features, targets, options, out, result, statistics, error,
                  [](auto& s, const auto&... arguments) { return s.fit_linear(arguments...); });
}

double c2d_mpc_session_iterations_per_second(const c2d_mpc_session* session) {
    return session ? session->value->iterations_per_second() : 0;
}

c2d_status c2d_mpc_session_column_statistics(c2d_mpc_session* session, const c2d_mpc_tensor* a,
                                             const c2d_mpc_tensor* included, size_t count_min, const unsigned* to,
                                             size_t to_count, c2d_mpc_matrix** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session);
        C2D_CAPI_NEED(a);
        C2D_CAPI_NEED(out);
        if (to_count != 0) C2D_CAPI_NEED(to);
        auto found = session->value->column_statistics(a->value, included ? included->value : c2d::mpc::Tensor(),
                                                       count_min, std::vector<unsigned>(to, to + to_count));
        if (!found) return std::move(found).error();
        *out = nullptr;
        if (!found->has_value()) return Unit{};
        const c2d::mpc::ColumnStatistics& statistics = **found;
        std::vector<double> all(statistics.mean.size(), statistics.count);
        all.insert(all.end(), statistics.mean.begin(), statistics.mean.end());
        all.insert(all.end(), statistics.variance.begin(), statistics.variance.end());
        *out = new c2d_mpc_matrix{{3, statistics.mean.size(), std::move(all)}};
        return Unit{};
    });
}

c2d_status c2d_mpc_session_bin_counts(c2d_mpc_session* session, unsigned owner, const c2d_mpc_matrix* bins,
                                      size_t count, const c2d_mpc_tensor* labels, c2d_mpc_tensor** out,
                                      c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session);
        C2D_CAPI_NEED(labels);
        C2D_CAPI_NEED(out);
        return give(session->value->bin_counts(owner, bins ? &bins->value : nullptr, count, labels->value), out);
    });
}

c2d_status c2d_mpc_session_reveal_bin_counts(c2d_mpc_session* session, const c2d_mpc_tensor* counts,
                                             c2d_mpc_matrix** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session);
        C2D_CAPI_NEED(counts);
        C2D_CAPI_NEED(out);
        auto found = session->value->reveal_bin_counts(counts->value);
        if (!found) return std::move(found).error();
        *out = found->has_value() ? new c2d_mpc_matrix{std::move(**found)} : nullptr;
        return Unit{};
    });
}

c2d_status c2d_mpc_session_encode_bins(c2d_mpc_session* session, unsigned owner, const c2d_mpc_matrix* bins,
                                       const c2d_mpc_tensor* values, c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session);
        C2D_CAPI_NEED(values);
        C2D_CAPI_NEED(out);
        return give(session->value->encode_bins(owner, bins ? &bins->value : nullptr, values->value), out);
    });
}

c2d_status c2d_mpc_session_auc(c2d_mpc_session* session, const c2d_mpc_tensor* scores, const c2d_mpc_tensor* labels,
                               unsigned to, int* out_known, double* out_auc, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session);
        C2D_CAPI_NEED(scores);
        C2D_CAPI_NEED(labels);
        C2D_CAPI_NEED(out_known);
        C2D_CAPI_NEED(out_auc);
        auto auc = session->value->auc(scores->value, labels->value, to);
        if (!auc) return std::move(auc).error();
        *out_known = auc->has_value() ? 1 : 0;
        if (auc->has_value()) *out_auc = **auc;
        return Unit{};
    });
}

size_t c2d_mpc_tensor_rows(const c2d_mpc_tensor* tensor) { return tensor ? tensor->value.rows() : 0; }
size_t c2d_mpc_tensor_cols(const c2d_mpc_tensor* tensor) { return tensor ? tensor->value.cols() : 0; }
void c2d_mpc_tensor_destroy(c2d_mpc_tensor* tensor) { delete tensor; }

c2d_status c2d_mpc_cost(const char* work, size_t rows, size_t columns, size_t bins, size_t steps, size_t batch_size,
                        double round_trip_ms, double megabits, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(work, out);
        const auto named = c2d::mpc::work_named(work);
        if (!named)
            return c2d::fail(c2d::Status::INVALID_ARGUMENT,
                             "work must be labels, evidence, encoding, correlations, inflation, fit, training, auc, "
                             "inputs, scoring, contributions or reasons, found {}",
                             c2d::display_text(work, 40));
        c2d::mpc::WorkSize size{rows, columns};
        if (bins != 0) size.bins = bins;
        if (steps != 0) size.steps = steps;
        if (batch_size != 0) size.batch_size = batch_size;
        c2d::mpc::Wire wire;
        if (round_trip_ms != 0) wire.round_trip_seconds = round_trip_ms / 1e3;
        if (megabits != 0) wire.bytes_per_second = megabits * 1e6 / 8;
        const auto cost = c2d::mpc::cost_of(*named, size, wire);
        if (!cost) return cost.error();
        using c2d::json::Value;
        return c2d::capi::give_json(
            Value::object({{"bytes_sent",
                            c2d::json::list_of(std::vector<double>(cost->bytes_sent.begin(), cost->bytes_sent.end()))},
                           {"rounds", cost->rounds},
                           {"seconds", cost->seconds},
                           {"memory_bytes", cost->memory_bytes}}),
            out);
    });
}

}  // extern "C"
