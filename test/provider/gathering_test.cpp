/// Parties of joint runs wait until all have a worker.
#include "provider/peers/gathering.hpp"

#include "net/peers.hpp"
#include "net/relay_record.hpp"

#include <atomic>
#include <functional>
#include <future>
#include <optional>

using namespace c2d;
using namespace c2d::test;
using namespace std::chrono_literals;
using provider::GatherOptions;
using provider::WorkerPlaces;
using Kind = RelayRecord::Kind;
using Channels = std::vector<std::unique_ptr<PeerChannel>>;

namespace {

constexpr unsigned kParties = 3;

/// The channels of every party of one job.
std::vector<Channels> channels_of_a_job() {
    std::vector<Channels> out;
    for (auto& connected : connect_all(options_of(kParties))) {
        REQUIRE(connected.ok());
        out.push_back(*std::move(connected));
    }
    return out;
}

/// Three providers with so many workers each.
struct Providers {
    WorkerPlaces places[kParties];

    explicit Providers(unsigned a, unsigned b, unsigned c)
        : places{WorkerPlaces(a), WorkerPlaces(b), WorkerPlaces(c)} {}
    /// One party's way from its connections to the end of its run, of which `running` is called in the middle.
    std::future<Result<Unit>> go(unsigned party, std::uint64_t job, Channels channels,
                                 std::function<void()> running = {}, const CancelToken* cancel = nullptr) {
        return std::async(std::launch::async,
                          [this, party, job, channels = std::move(channels), running, cancel]() -> Result<Unit> {
                              WorkerPlaces::Seeker place(places[party], {job, party});
                              GatherOptions options;
                              options.party = party;
                              options.cancel = cancel;
                              const auto gathered = provider::gather(channels, place, options);
                              if (!gathered) return gathered.error();
                              if (running) running();
                              return Unit{};
                          });
    }
};

void check_all(std::vector<std::future<Result<Unit>>>& parties) {
    for (auto& party : parties) {
        const auto gathered = party.get();
        CHECK_MESSAGE(gathered.ok(), (gathered ? "" : gathered.error().message));
    }
}

/// Says one record to a channel's other end.
void say(PeerChannel& channel, RelayRecord record) {
    const auto bytes = record.encode();
    CHECK(channel.write_some(bytes).bytes_count == bytes.size());
}

}  // namespace

TEST_CASE("all go when all have a worker") {
    Providers providers(1, 1, 1);
    auto channels = channels_of_a_job();
    std::vector<std::future<Result<Unit>>> parties;
    for (unsigned party = 0; party < kParties; ++party)
        parties.push_back(providers.go(party, 1, std::move(channels[party])));
    check_all(parties);
}

TEST_CASE("jobs that meet providers in other orders wait for each other and all run, however few the workers") {
    struct Case {
        unsigned workers[kParties];
        unsigned jobs;
    };
    for (const Case& one : {Case{{1, 1, 1}, 2}, Case{{1, 1, 1}, 3}, Case{{1, 2, 8}, 10}}) {
        Providers providers(one.workers[0], one.workers[1], one.workers[2]);
        std::atomic<unsigned> at_once[kParties] = {}, runs{0};
        std::vector<std::vector<Channels>> channels;
        for (unsigned job = 0; job < one.jobs; ++job) channels.push_back(channels_of_a_job());
        std::vector<std::future<Result<Unit>>> parties;
        // Each provider begins with another job.
        for (unsigned party = 0; party < kParties; ++party)
            for (unsigned i = 0; i < one.jobs; ++i) {
                const unsigned job = (i + party) % one.jobs;
                parties.push_back(providers.go(party, job + 1, std::move(channels[job][party]), [&, party] {
                    CHECK(++at_once[party] <= one.workers[party]);
                    ++runs;
                    --at_once[party];
                }));
            }
        check_all(parties);
        CHECK(runs == one.jobs * kParties);
    }
}

TEST_CASE("who is busy is waited for") {
    Providers providers(1, 1, 1);
    auto channels = channels_of_a_job();
    std::optional<WorkerPlaces::Seeker> other(std::in_place, providers.places[2], WorkerPlaces::Run{1, 0});
    REQUIRE(other->try_take(std::chrono::steady_clock::now()));
    other->keep();
    std::vector<std::future<Result<Unit>>> parties;
    for (unsigned party = 0; party < kParties; ++party)
        parties.push_back(providers.go(party, 2, std::move(channels[party])));
    // Nobody goes; the others hold theirs on trial, which a job before them gets.
    WorkerPlaces::Seeker before(providers.places[1], {1, 1});
    while (!before.try_take(std::chrono::steady_clock::now())) std::this_thread::yield();
    for (auto& party : parties) CHECK(party.wait_for(0s) == std::future_status::timeout);
    before.give_back(std::chrono::steady_clock::now() + provider::WorkerPlaces::kTrial);
    other.reset();
    check_all(parties);
}

TEST_CASE("a party that is busy for too long is named") {
    Providers providers(1, 1, 1);
    auto channels = channels_of_a_job();
    std::optional<WorkerPlaces::Seeker> other(std::in_place, providers.places[2], WorkerPlaces::Run{1, 0});
    REQUIRE(other->try_take(std::chrono::steady_clock::now()));
    other->keep();
    std::vector<std::future<Result<Unit>>> others;
    for (const unsigned party : {1u, 2u}) others.push_back(providers.go(party, 2, std::move(channels[party])));
    WorkerPlaces::Seeker place(providers.places[0], {2, 0});
    GatherOptions options;
    options.busy_max = 300ms;
    const auto gathered = provider::gather(channels[0], place, options);
    REQUIRE(gathered.status() == Status::PEER);
    CHECK(gathered.error().code == 2);
    CHECK(gathered.error().message.find("no worker for too long") != std::string::npos);
    channels[0].clear();
    for (auto& party : others) CHECK_FALSE(party.get().ok());
}

TEST_CASE("a party that leaves is named by all who wait") {
    Providers providers(1, 1, 1);
    auto channels = channels_of_a_job();
    CancelToken cancel;
    std::optional<WorkerPlaces::Seeker> other(std::in_place, providers.places[2], WorkerPlaces::Run{1, 0});
    REQUIRE(other->try_take(std::chrono::steady_clock::now()));
    std::vector<std::future<Result<Unit>>> waiting;
    for (const unsigned party : {0u, 1u}) waiting.push_back(providers.go(party, 2, std::move(channels[party])));
    auto leaving = providers.go(2, 2, std::move(channels[2]), {}, &cancel);
    cancel.cancel();
    CHECK(leaving.get().status() == Status::CANCELLED);
    for (auto& party : waiting) {
        const auto gathered = party.get();
        REQUIRE(gathered.status() == Status::PEER);
        CHECK(gathered.error().name == "peer_missing");
        CHECK(gathered.error().code == 2);
    }
}

TEST_CASE("words that a party may not say end the wait, and name it") {
    // Party 0 leads; here parties 1 and 2 are played.
    for (const RelayRecord wrong : {RelayRecord{Kind::go, 0}, RelayRecord{Kind::data, 4}, RelayRecord{Kind(9), 0},
                                    RelayRecord{Kind::lost, 3}, RelayRecord{Kind::lost, RelayRecord::kNumberMax}}) {
        Providers providers(1, 1, 1);
        auto channels = channels_of_a_job();
        auto leader = providers.go(0, 1, std::move(channels[0]));
        say(*channels[2][0], {Kind::ready, 0});
        say(*channels[1][0], wrong);
        const auto gathered = leader.get();
        REQUIRE(gathered.status() == Status::PEER);
        CHECK(gathered.error().code == 1);
    }
    // And one that does not lead, to another that does not.
    Providers providers(1, 1, 1);
    auto channels = channels_of_a_job();
    auto member = providers.go(1, 1, std::move(channels[1]));
    say(*channels[2][1], {Kind::go, 0});
    CHECK(member.get().error().code == 2);
}

TEST_CASE("a party that gave its worker back has to be ready again") {
    Providers providers(1, 1, 1);
    auto channels = channels_of_a_job();
    auto leader = providers.go(0, 1, std::move(channels[0]));
    say(*channels[1][0], {Kind::ready, 0});
    say(*channels[1][0], {Kind::not_ready, 0});
    RelayRecord word;
    do {
        std::array<std::uint8_t, RelayRecord::kBytes> bytes{};
        while (channels[1][0]->read_some(bytes).io != PeerChannel::Io::done) std::this_thread::yield();
        word = *RelayRecord::decode(bytes);
    } while (word.kind == Kind::alive);
    CHECK(word.kind == Kind::not_ready);
    say(*channels[2][0], {Kind::ready, 0});
    CHECK(leader.wait_for(100ms) == std::future_status::timeout);
    say(*channels[1][0], {Kind::ready, 0});
    CHECK(leader.get().ok());
}

TEST_CASE("a leader that lets nobody's worker go, and is there all the time, is lost") {
    WorkerPlaces places(1);
    auto channels = channels_of_a_job();
    std::atomic<bool> over{false};
    // Party 0 says that it is there, and nothing else.
    std::thread alive([&] {
        while (!over) {
            say(*channels[0][0], {Kind::alive, 0});
            std::this_thread::sleep_for(50ms);
        }
    });
    auto member = std::async(std::launch::async, [&, mine = std::move(channels[1])] {
        WorkerPlaces::Seeker place(places, {2, 1});
        GatherOptions options;
        options.party = 1;
        options.silence_max = 500ms;
        options.busy_max = 10s;  // a test that fails ends, too
        return provider::gather(mine, place, options);
    });
    CHECK(member.wait_for(1s) == std::future_status::timeout);
    // Nobody wanted the worker until now.
    WorkerPlaces::Seeker before(places, {1, 0});
    REQUIRE(member.wait_for(20s) == std::future_status::ready);
    const auto gathered = member.get();
    REQUIRE(gathered.status() == Status::PEER);
    CHECK(gathered.error().code == 0);
    CHECK(gathered.error().message.find("does not let our worker go") != std::string::npos);
    CHECK(before.try_take(std::chrono::steady_clock::now()));
    over = true;
    alive.join();
}

TEST_CASE("a party that heard to go before us, and speaks as a relay by now, is listened to later") {
    for (const RelayRecord early :
         {RelayRecord{Kind::data, 3}, RelayRecord{Kind::gone, 0}, RelayRecord{Kind::inputs, 3}}) {
        WorkerPlaces places(1);
        auto channels = channels_of_a_job();
        auto member = std::async(std::launch::async, [&, mine = std::move(channels[1])]() mutable {
            WorkerPlaces::Seeker place(places, {1, 1});
            GatherOptions options;
            options.party = 1;
            auto begun = provider::gather(mine, place, options);
            return std::pair(std::move(begun), std::move(mine));
        });
        say(*channels[2][1], early);
        CHECK(channels[2][1]->write_some(Bytes{7, 8, 9}).bytes_count == 3);
        CHECK(member.wait_for(100ms) == std::future_status::timeout);
        say(*channels[0][0], {Kind::go, 0});
        const auto gathered = member.get();
        const auto& begun = gathered.first;
        const auto& mine = gathered.second;
        REQUIRE_MESSAGE(begun.ok(), (begun ? "" : begun.error().message));
        // Nothing is lost, whether we had met its words by then or not.
        Bytes got = begun->contains(2) ? begun->at(2) : Bytes();
        const auto header = early.encode();
        Bytes said(header.begin(), header.end());
        said.insert(said.end(), {7, 8, 9});
        while (got.size() < said.size()) {
            Bytes rest(said.size() - got.size());
            const auto step = mine[1]->read_some(rest);
            REQUIRE((step.io == PeerChannel::Io::done || step.io == PeerChannel::Io::want_read));
            got.insert(got.end(), rest.begin(), rest.begin() + std::ptrdiff_t(step.bytes_count));
        }
        CHECK(got == said);
    }
}
