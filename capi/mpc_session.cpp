/// Sessions: how one is opened, what it says of itself, and what goes in and comes out of it.
#include "json_text.hpp"
#include "mpc_handles.hpp"

using c2d::Result;
using c2d::Unit;
using c2d::capi::give;
using c2d::capi::guard;
using c2d::capi::or_default;

c2d::Result<c2d::mpc::OpeningRules> c2d::capi::read_opening_rules(const c2d_mpc_opening_rules* rules) {
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
    auto rules = c2d::capi::read_opening_rules(given->rules);
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

}  // namespace

extern "C" {

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
        C2D_CAPI_NEED(key, hosts, ports, addresses, program, arguments, out);
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
        C2D_CAPI_NEED(session, out);
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
        C2D_CAPI_NEED(session, out);
        return give(
            session->value->input(owner, data ? &data->value : nullptr, or_default(magnitude_max, c2d::mpc::kInputMax)),
            out);
    });
}

c2d_status c2d_mpc_session_input_labels(c2d_mpc_session* session, unsigned owner, const c2d_mpc_matrix* data,
                                        c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, out);
        return give(session->value->input_labels(owner, data ? &data->value : nullptr), out);
    });
}

c2d_status c2d_mpc_session_constant(c2d_mpc_session* session, const c2d_mpc_matrix* data, c2d_mpc_tensor** out,
                                    c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, data, out);
        return give(session->value->constant(data->value), out);
    });
}

c2d_status c2d_mpc_session_reveal(c2d_mpc_session* session, const c2d_mpc_tensor* a, const unsigned* to,
                                  size_t to_count, c2d_mpc_matrix** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, a, out);
        if (to_count != 0) C2D_CAPI_NEED(to);
        auto value = session->value->reveal(a->value, std::vector<unsigned>(to, to + to_count));
        if (!value) return std::move(value).error();
        *out = value->has_value() ? new c2d_mpc_matrix{std::move(**value)} : nullptr;
        return Unit{};
    });
}

}  // extern "C"
