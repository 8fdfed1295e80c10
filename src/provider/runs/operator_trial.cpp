#include <c2d/operator_trial.hpp>

#include "base/call_scope.hpp"
#include "base/engine_start.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/file_name.hpp"
#include "base/private_files.hpp"
#include "base/try.hpp"
#include "codec/json.hpp"
#include "crypto/hash.hpp"
#include "job/run_outputs.hpp"
#include "provider/runs/joint_run.hpp"
#include "provider/runs/runtime_digests.hpp"

#include <c2d/key.hpp>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>

namespace c2d {

namespace fs = std::filesystem;

namespace {

using provider::PeerRelay;

constexpr unsigned kParties = 3;
constexpr std::size_t kShareBytesMax = std::size_t(16) << 20;
constexpr std::string_view kBesideShare = ".json";

// Between the parties ----------------------------------------------------------------------------

/// Where a party is reached, and the key that proves it.
struct Seat {
    std::shared_ptr<PrivateKey> key;
    Fd listening;
    std::uint16_t port = 0;
};

Result<Seat> take_seat() {
    Seat out;
    C2D_TRY(out.key, PrivateKey::generate());
    out.listening = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof place;
    auto* const address = reinterpret_cast<sockaddr*>(&place);
    if (!out.listening || ::bind(out.listening.get(), address, size) != 0 || ::listen(out.listening.get(), 8) != 0 ||
        ::getsockname(out.listening.get(), address, &size) != 0)
        return fail(Status::IO, "cannot listen on 127.0.0.1: {}", errno_text(errno));
    out.port = ntohs(place.sin_port);
    return out;
}

/// Worth nothing anywhere else: no ledger has this domain.
PeerSession session_of(const OperatorTrial& trial) {
    PeerSession out;
    out.session_id = 1;
    out.algorithm = sha256(as_bytes("c2d operator trial 1"));
    out.code_hash = sha256(as_bytes(trial.code));
    out.attempt = 1;
    out.domain.salt = sha256(as_bytes("c2d operator trial domain 1"));
    return out;
}

Result<PeerRelay> connect_party(const OperatorTrial& trial, std::vector<Seat>& seats, unsigned party,
                                const CancelToken* cancel) {
    PeerConnectOptions connect;
    connect.session = session_of(trial);
    connect.party = party;
    connect.signer = seats[party].key;
    connect.listen_fd = std::move(seats[party].listening);
    connect.cancel = cancel;
    for (unsigned peer = 0; peer < kParties; ++peer)
        if (peer != party) connect.peers.push_back({peer, "127.0.0.1", seats[peer].port, seats[peer].key->address()});
    PeerRelay out;
    FrameRelayOptions relay;
    relay.party = party;
    C2D_TRY(relay.peers, connect_peers(connect));
    C2D_TRY(out.session_bindings, provider::session_bindings(connect.session, kParties, relay.peers));
    return provider::start_relay(std::move(relay), std::move(out));
}

Result<std::vector<PeerRelay>> connect_all(const OperatorTrial& trial, const CancelToken* cancel) {
    std::vector<Seat> seats;
    for (unsigned party = 0; party < kParties; ++party) {
        C2D_TRY(auto seat, take_seat());
        seats.push_back(std::move(seat));
    }
    std::vector<std::optional<Result<PeerRelay>>> made(kParties);
    std::vector<std::thread> threads;
    for (unsigned party = 0; party < kParties; ++party)
        threads.emplace_back([&, party] { made[party].emplace(connect_party(trial, seats, party, cancel)); });
    for (auto& thread : threads) thread.join();
    std::vector<PeerRelay> out;
    for (auto& one : made) {
        if (!one->ok()) return one->error();
        out.push_back(std::move(**one));
    }
    return out;
}

// What is kept -----------------------------------------------------------------------------------

struct KeptBefore {
    std::vector<KeptRecordBytes> shares;
    std::vector<SandboxInput> files;
};

Result<KeptBefore> read_kept(const fs::path& folder) {
    KeptBefore out;
    std::error_code error;
    if (folder.empty() || !fs::exists(folder, error)) return out;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        const auto name = entry.path().filename().string();
        if (!is_plain_name(name) || !entry.is_regular_file(error)) continue;
        if (name.ends_with(kBesideShare)) {
            out.files.push_back({name, entry.path(), -1});
            continue;
        }
        C2D_TRY(const auto bytes, read_secret_file(entry.path(), kShareBytesMax));
        KeptRecordBytes record{name, {}, {}};
        record.bytes.assign(bytes.view().begin(), bytes.view().end());
        out.shares.push_back(std::move(record));
    }
    if (error) return fail(Status::IO, "cannot read {}: {}", folder.string(), error.message());
    return out;
}

/// Moves what the operator wrote beside what it kept out of its outputs.
Result<Unit> move_beside(const TrialParty& party, const std::string& name) {
    std::error_code error;
    const fs::path written = party.outputs / name;
    if (party.outputs.empty() || !fs::exists(written, error)) return Unit{};
    if (!party.kept.empty()) {
        C2D_TRY(const auto content, read_file(written, kShareBytesMax));
        C2D_CHECK(write_file_atomic(party.kept / (name + std::string(kBesideShare)), content, 0600));
    }
    fs::remove(written, error);
    return Unit{};
}

Result<Unit> store_kept(const TrialParty& party, const std::vector<KeptRecordBytes>& shares, TrialEnd& end) {
    if (!party.kept.empty() && !end.kept.empty()) C2D_CHECK(make_private_folder(party.kept));
    for (const auto& record : shares)
        if (!party.kept.empty())
            C2D_CHECK(write_file_atomic(party.kept / record.name, as_text(BytesView(record.bytes)), 0600));
    for (const auto& name : end.kept) C2D_CHECK(move_beside(party, name));
    std::erase_if(end.report.outputs,
                  [&end](const OutputFile& file) { return std::ranges::find(end.kept, file.name) != end.kept.end(); });
    return Unit{};
}

// The parties ------------------------------------------------------------------------------------

/// Whether a party only tells that another one failed.
bool tells_of_another(const TrialEnd& end, unsigned party, std::size_t parties) {
    switch (end.end.kind) {
        case RunEndKind::peer_missing:
        case RunEndKind::peer_lost:
        case RunEndKind::peer_failed: return true;
        case RunEndKind::input_unusable:
            for (unsigned other = 0; other < parties; ++other)
                if (other != party &&
                    end.report.log.find(fmt::format("the input of party {} is not usable", other)) != std::string::npos)
                    return true;
            return false;
        default: return false;
    }
}

class Trial {
public:
    Trial(const Sandbox& sandbox, const OperatorTrial& trial, const CancelToken* cancel)
        : sandbox_(sandbox), trial_(trial), cancel_(cancel), places_(trial.parties.size()) {}

    Result<TrialReport> run() {
        if (is_joint()) {
            C2D_TRY(auto relays, connect_all(trial_, cancel_));
            for (unsigned party = 0; party < kParties; ++party) places_[party].peers = std::move(relays[party]);
        }
        for (unsigned party = 0; party < places_.size(); ++party) C2D_CHECK(start(party));
        wait_for_all();
        if (cancelled_) return fail(Status::CANCELLED, "cancelled; all parties have ended");
        return report();
    }

private:
    struct Place {
        PeerRelay peers;
        std::unique_ptr<SandboxRun> run;
        std::optional<Result<Report>> report;
        std::optional<FrameRelayReport> traffic;
        std::vector<KeptRecordBytes> kept;
    };

    bool is_joint() const { return trial_.parties.size() > 1; }
    Result<SandboxJob> job_of(unsigned party);
    Result<Unit> start(unsigned party);
    void wait_for_all();
    void wait_for(unsigned party);
    Result<TrialReport> report();
    Result<TrialEnd> end_of(unsigned party);

    const Sandbox& sandbox_;
    const OperatorTrial& trial_;
    const CancelToken* const cancel_;
    std::vector<Place> places_;
    bool cancelled_ = false;
    std::mutex mutex_;
    std::condition_variable ended_;
    /// Who ended, one after the other.
    std::vector<unsigned> order_;
};

Result<SandboxJob> Trial::job_of(unsigned party) {
    const TrialParty& own = trial_.parties[party];
    SandboxJob job;
    job.code = trial_.code;
    job.args_json = own.args_json;
    job.inputs = own.inputs;
    job.outputs = own.outputs;
    job.runtime = trial_.runtime;
    job.environment = trial_.environment;
    job.limits = trial_.limits;
    job.may_be_missing = trial_.may_be_missing;
    job.output_names = own.output_names;
    job.on_log = own.on_log;
    C2D_TRY(const auto arguments, json::parse(own.args_json));
    std::string wrong;
    if (const auto* outputs = arguments.find("outputs")) {
        job.output_names = job::named_outputs(*outputs, is_joint(), party, wrong);
        if (!wrong.empty())
            return fail(Status::INVALID_ARGUMENT, "argument outputs: expected ./outputs/NAME, each once, found {}",
                        wrong);
        if (trial_.kept_names)
            job.output_names.insert(job.output_names.end(), trial_.kept_names->begin(), trial_.kept_names->end());
    }
    return job;
}

Result<Unit> Trial::start(unsigned party) {
    Place& place = places_[party];
    C2D_TRY(auto job, job_of(party));
    C2D_TRY(const auto kept, read_kept(trial_.parties[party].kept));
    for (const auto& file : kept.files)
        if (std::ranges::find(job.inputs, file.name, &SandboxInput::name) == job.inputs.end())
            job.inputs.push_back(file);
    if (is_joint()) {
        job.environment.emplace_back("C2D_PARTY", std::to_string(party));
        job.engine = SandboxEngine{{}, provider::engine_start(party, trial_.rules, place.peers, trial_.clear)};
        C2D_CHECK(provider::add_kept_memory(kept.shares, true, *job.engine));
        job.peer_fd = place.peers.operator_end.get();
    }
    C2D_TRY(place.run, sandbox_.start(job));
    place.peers.operator_end.reset();  // only the operator holds its end now
    return Unit{};
}

void Trial::wait_for(unsigned party) {
    Place& place = places_[party];
    auto report = place.run->wait();
    {
        const std::lock_guard lock(mutex_);
        order_.push_back(party);
    }
    if (place.peers.relay) place.traffic = place.peers.relay->wait();
    const std::lock_guard lock(mutex_);
    place.report.emplace(std::move(report));
    ended_.notify_all();
}

void Trial::wait_for_all() {
    std::vector<std::thread> threads;
    for (unsigned party = 0; party < places_.size(); ++party) threads.emplace_back([this, party] { wait_for(party); });
    {
        const auto all = [this] {
            return std::ranges::all_of(places_, [](const Place& one) { return one.report.has_value(); });
        };
        std::unique_lock lock(mutex_);
        while (!ended_.wait_for(lock, std::chrono::milliseconds(100), all))
            if ((cancelled_ = cancelled_ || (cancel_ && cancel_->cancelled()) || CallScope::over()))
                for (auto& place : places_) place.run->cancel();
    }
    for (auto& thread : threads) thread.join();
}

Result<TrialEnd> Trial::end_of(unsigned party) {
    Place& place = places_[party];
    C2D_TRY(auto report, *std::move(place.report));
    TrialEnd out;
    bool peer_gone = false;
    if (is_joint()) {
        if (const auto said = engine_report_from(report.engine_report))
            out.disclosures = said->opened, peer_gone = said->peer_gone;
        if (auto kept = provider::take_kept(report)) place.kept = *std::move(kept);
        if (place.traffic) out.bytes_to_peers = place.traffic->bytes_to_peers;
    }
    auto ended = provider::ended_joint_run(std::move(report), place.traffic, peer_gone);
    out.end = ended.end;
    out.detail = std::move(ended.detail);
    out.report = *std::move(ended.report);
    if (out.end.kind != RunEndKind::succeeded) return out;
    if (trial_.kept_names)
        for (const auto& file : out.report.outputs)
            if (std::ranges::find(*trial_.kept_names, file.name) != trial_.kept_names->end())
                out.kept.push_back(file.name);
    for (const auto& record : place.kept) {
        if (std::ranges::find(out.kept, record.name) != out.kept.end()) continue;
        if (trial_.kept_names && std::ranges::find(*trial_.kept_names, record.name) == trial_.kept_names->end()) {
            out.end = {RunEndKind::outputs_not_kept, {}};
            out.detail =
                fmt::format("the operator kept \"{}\", which its template does not declare as kept", record.name);
        }
        out.kept.push_back(record.name);
    }
    return out;
}

Result<TrialReport> Trial::report() {
    TrialReport out;
    for (unsigned party = 0; party < places_.size(); ++party) {
        C2D_TRY(auto end, end_of(party));
        out.parties.push_back(std::move(end));
    }
    for (const bool of_another : {false, true})
        for (const unsigned party : order_) {
            const TrialEnd& end = out.parties[party];
            if (end.end.kind != RunEndKind::succeeded && tells_of_another(end, party, places_.size()) == of_another)
                out.failed.push_back(party);
        }
    // A model of which one party has no share is of no use to the others.
    if (out.succeeded())
        for (unsigned party = 0; party < places_.size(); ++party)
            C2D_CHECK(store_kept(trial_.parties[party], places_[party].kept, out.parties[party]));
    return out;
}

}  // namespace

Result<ReceiptRuntime> runtime_shown(const std::vector<SandboxMount>& mounts,
                                     const std::vector<std::pair<std::string, std::string>>& environment) {
    return provider::RuntimeDigests(mounts, environment).read();
}

Result<TrialReport> try_operator(const Sandbox& sandbox, const OperatorTrial& trial, const CancelToken* cancel) {
    if (trial.parties.size() != 1 && trial.parties.size() != kParties)
        return fail(Status::INVALID_ARGUMENT, "an operator has one party or three, found {}", trial.parties.size());
    return Trial(sandbox, trial, cancel).run();
}

}  // namespace c2d
