// c2d-bench capi: what the C interface and Python cost on top of C++. All three verify the same signed
// requests over the same ledger file, in turns; middle values count.

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/try.hpp"
#include "bench/ledger_load.hpp"
#include "bench/verifier_world.hpp"

#include <c2d/c2d.h>
#include <c2d/request.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

namespace c2d::bench {

namespace {

constexpr int kBodies = 200;
constexpr int kCalls = 10'000'000;
/// The requests must outlive the bench.
constexpr std::uint64_t kLifetimeSeconds = 900;

using Bodies = std::vector<std::string>;

/// Signed requests of which each would be accepted once.
Result<Bodies> sign_bodies(const VerifierWorld& world) {
    RequestBody wanted;
    wanted.method = Method::verify;
    wanted.audience = world.owner->address();
    wanted.dt = world.dt;
    wanted.algo_dt = world.algorithm;
    wanted.job_id = world.job_id;
    const auto random = Random::system();
    Bodies out;
    for (int i = 0; i < kBodies; ++i) {
        C2D_TRY(auto body, signed_body(wanted, world.registry.chain().network(), *world.owner, *random,
                                       Clock::system()->now_seconds(), kLifetimeSeconds));
        out.push_back(std::move(body));
    }
    return out;
}

// C++ ---------------------------------------------------------------------------------------------

/// Envelope, terms, nonce: what a provider decides with, and what c2d_job_verifier_verify does.
Result<Unit> verify_one(const JobVerifier& verifier, const std::string& body) {
    Envelope envelope;
    C2D_TRY(const auto checked, verifier.check_envelope(Method::verify, body, envelope));
    if (checked.refused()) return fail(Status::INTERNAL, "C++: refused: {}", reason_name(checked.reason));
    C2D_TRY(const auto verdict, verifier.verify_job(envelope, nullptr));
    if (verdict.refused()) return fail(Status::INTERNAL, "C++: refused: {}", reason_name(verdict.reason));
    C2D_TRY(const bool fresh,
            verifier.options().nonces->remember(envelope.signer, envelope.request.nonce, envelope.request.expiry,
                                                Clock::system()->now_seconds()));
    return fresh ? Result<Unit>(Unit{}) : fail(Status::INTERNAL, "C++: replayed");
}

Result<double> cpp_round(const VerifierWorld& world, const Bodies& bodies) {
    C2D_TRY(const auto verifier, world.verifier());
    Result<Unit> done = Unit{};
    const double spent = seconds([&] {
        for (auto body = bodies.begin(); body != bodies.end() && done; ++body) done = verify_one(verifier, *body);
    });
    if (!done) return done.error();
    return spent;
}

// C -----------------------------------------------------------------------------------------------

/// A failed call of the C interface as ours.
Result<Unit> checked(c2d_status status, c2d_error* error) {
    if (status == C2D_OK) return Unit{};
    auto out = fail(Status::INTERNAL, "C: {}", c2d_error_message(error));
    c2d_error_destroy(error);
    return out;
}

/// The same ledger and documents through the C interface.
struct CWorld {
    CWorld() = default;
    CWorld(const CWorld&) = delete;
    CWorld& operator=(const CWorld&) = delete;
    ~CWorld() {
        c2d_asset_registry_destroy(registry);
        c2d_document_store_destroy(documents);
        c2d_chain_destroy(chain);
    }

    Result<Unit> open(const TempDir& scratch, const Address& owner) {
        address = address_text(owner);
        c2d_error* error = nullptr;
        const std::string url = "ledger:" + (scratch / "ledger.db").string();
        c2d_chain_options where = C2D_CHAIN_OPTIONS_INIT;
        where.network_url = url.c_str();
        C2D_CHECK(checked(c2d_chain_open(&where, &chain, &error), error));
        C2D_CHECK(
            checked(c2d_document_store_directory((scratch / "documents").string().c_str(), &documents, &error), error));
        c2d_asset_registry_options options = C2D_ASSET_REGISTRY_OPTIONS_INIT;
        options.documents = documents;
        return checked(c2d_asset_registry_open(chain, &options, &registry, &error), error);
    }

    Result<double> round(const Bodies& bodies) const;

    std::string address;
    c2d_chain* chain = nullptr;
    c2d_document_store* documents = nullptr;
    c2d_asset_registry* registry = nullptr;
};

Result<double> CWorld::round(const Bodies& bodies) const {
    c2d_error* error = nullptr;
    c2d_nonce_store* nonces = nullptr;
    c2d_job_verifier* verifier = nullptr;
    C2D_CHECK(checked(c2d_nonce_store_memory(&nonces, &error), error));
    c2d_job_verifier_options options = C2D_JOB_VERIFIER_OPTIONS_INIT;
    options.self = address.c_str();
    options.nonces = nonces;
    auto done = checked(c2d_job_verifier_open(registry, &options, &verifier, &error), error);
    c2d_nonce_store_destroy(nonces);
    const double spent = seconds([&] {
        for (auto body = bodies.begin(); body != bodies.end() && done; ++body) {
            c2d_verdict* verdict = nullptr;
            done = checked(
                c2d_job_verifier_verify(verifier, C2D_METHOD_VERIFY, body->data(), body->size(), &verdict, &error),
                error);
            if (done && !c2d_verdict_accepted(verdict))
                done = fail(Status::INTERNAL, "C: refused: {}", c2d_verdict_reason(verdict));
            c2d_verdict_destroy(verdict);
        }
    });
    c2d_job_verifier_destroy(verifier);
    if (!done) return done.error();
    return spent;
}

double c_call_seconds() {
    std::uint64_t sum = 0;
    const double spent = seconds([&] {
        for (int i = 0; i < kCalls; ++i) sum += c2d_abi_version();
    });
    return sum == std::uint64_t(kCalls) * C2D_ABI_VERSION ? spent / kCalls : 0;
}

// Python ------------------------------------------------------------------------------------------

/// capi_bench.py, asked over its standard input and output.
class PythonSide {
public:
    PythonSide() = default;
    PythonSide(const PythonSide&) = delete;
    PythonSide& operator=(const PythonSide&) = delete;
    ~PythonSide() {
        if (ask_) std::fclose(ask_);
        if (answers_) std::fclose(answers_);
        int status = 0;
        if (pid_ > 0) ::waitpid(pid_, &status, 0);
    }

    Result<Unit> start(const TempDir& scratch, const std::string& address);

    /// Seconds of what `line` asks for.
    Result<double> ask(const char* line) {
        char text[64] = {};
        if (std::fputs(line, ask_) < 0 || std::fflush(ask_) != 0 || !std::fgets(text, sizeof text, answers_))
            return fail(Status::IO, "capi_bench.py ended early; its message is above");
        return std::strtod(text, nullptr);
    }

private:
    pid_t pid_ = -1;
    std::FILE* ask_ = nullptr;
    std::FILE* answers_ = nullptr;
};

Result<Unit> PythonSide::start(const TempDir& scratch, const std::string& address) {
    ::signal(SIGPIPE, SIG_IGN);  // a helper that ends early is an error, not our end
    int to[2], from[2];
    if (::pipe2(to, O_CLOEXEC) != 0 || ::pipe2(from, O_CLOEXEC) != 0)
        return fail(Status::IO, "cannot make a pipe: {}", errno_text(errno));
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], 0);
    posix_spawn_file_actions_adddup2(&actions, from[1], 1);
    const std::string script = C2D_SOURCE_DIR "/test/bench/capi_bench.py";
    std::string folder = scratch.path.string();
    std::vector<std::string> words = {"python3", "-B", script, folder, address};
    std::vector<std::string> variables = {"PATH=/usr/local/bin:/usr/bin:/bin", "C2D_LIBRARY=" C2D_LIBRARY_FILE,
                                          "PYTHONPATH=" C2D_SOURCE_DIR "/bindings/python"};
    std::vector<char*> arguments, environment;
    for (auto& word : words) arguments.push_back(word.data());
    for (auto& variable : variables) environment.push_back(variable.data());
    arguments.push_back(nullptr);
    environment.push_back(nullptr);
    const int error = ::posix_spawn(&pid_, "/usr/bin/python3", &actions, nullptr, arguments.data(), environment.data());
    posix_spawn_file_actions_destroy(&actions);
    ::close(to[0]);
    ::close(from[1]);
    ask_ = ::fdopen(to[1], "w");
    answers_ = ::fdopen(from[0], "r");
    if (error != 0) return fail(Status::NOT_FOUND, "cannot start /usr/bin/python3: {}", errno_text(error));
    return Unit{};
}

Result<double> python_call_time(PythonSide& python) {
    C2D_TRY(const double spent, python.ask("calls\n"));
    return spent * 1e9;
}

}  // namespace

Result<std::vector<Goal>> capi_bench() {
    const TempDir scratch;
    std::filesystem::create_directory((scratch / "documents").string());
    C2D_TRY(const auto documents, DocumentStore::directory((scratch / "documents").string()));
    C2D_TRY(const auto world, make_verifier_world("ledger:" + (scratch / "ledger.db").string(), documents));
    C2D_TRY(const auto bodies, sign_bodies(world));
    std::string lines;
    for (const auto& body : bodies) lines += body + '\n';
    C2D_CHECK(write_file_atomic((scratch / "bodies").string(), lines, 0600));
    CWorld c;
    C2D_CHECK(c.open(scratch, world.owner->address()));
    PythonSide python;
    C2D_CHECK(python.start(scratch, c.address));

    C2D_TRY(const auto times, in_turns({[&] { return cpp_round(world, bodies); }, [&] { return c.round(bodies); },
                                        [&] { return python.ask("verdicts\n"); }},
                                       {.turns = 7, .repeats = 3}));
    C2D_TRY(const auto calls,
            in_turns({[&] { return Result<double>(c_call_seconds() * 1e9); }, [&] { return python_call_time(python); }},
                     {}));
    const Series cpp = times[0].per_second(kBodies), by_c = times[1].per_second(kBodies),
                 by_python = times[2].per_second(kBodies);
    return std::vector<Goal>{
        report("job verdicts a second, C++", cpp),
        report("job verdicts a second, C", by_c),
        report("job verdicts a second, Python", by_python),
        at_least("verdicts through C beside C++", ratio(by_c, cpp), 0.95),
        at_least("verdicts through Python beside C++", ratio(by_python, cpp), 0.75),
        report("a trivial call through C, ns", calls[0]),
        report("a trivial call through Python, ns", calls[1]),
    };
}

}  // namespace c2d::bench
