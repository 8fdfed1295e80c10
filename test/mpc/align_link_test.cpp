/// Alignment over TLS between two, and within a session.

#include "mpc/align_parties.hpp"
#include "net/peers.hpp"

using namespace c2d;
using namespace c2d::mpc;
using namespace c2d::mpc::test;

TEST_CASE("two parties, over TLS") {
    std::vector<c2d::test::Listener> listeners(2);
    std::vector<PeerLinkOptions> options(2);
    std::vector<std::unique_ptr<Link>> links(2);
    std::vector<std::thread> threads;
    for (unsigned me = 0; me < 2; ++me) {
        options[me].party = me;
        options[me].signer = c2d::test::key_of(me);
        options[me].deadline = std::chrono::seconds(20);
        for (unsigned party = 0; party < 2; ++party)
            options[me].parties[party] = {"127.0.0.1", listeners[party].port, c2d::test::key_of(party)->address()};
    }
    for (unsigned me = 0; me < 2; ++me) {
        options[me].listen_fd = listeners[me].fd.release();
        threads.emplace_back([&, me] { links[me] = must(pair_link(options[me])); });
    }
    for (auto& thread : threads) thread.join();
    CHECK(links[0]->parties() == 2);
    const Job job = small_job(AlignMode::two_party);
    check_aligned(align_over(std::move(links), job, [](auto link) { return link; }), job, 40);
}

TEST_CASE("a pair is no session, and has no helper") {
    const Job job = small_job(AlignMode::helper);
    for (const auto& result : align_job(job, 2)) {
        CHECK(result.status() == Status::INVALID_ARGUMENT);
        CHECK(message_of(result) == "the modes `helper` and `hidden` need a third party: choose two_party");
    }
    SessionOptions options;
    options.link = std::move(memory_links(2)[0]);
    CHECK(Session::open(std::move(options)).error().message == "a session needs a link to 3 parties, found one of 2");
    PeerLinkOptions third;
    third.party = 2;
    third.signer = c2d::test::key_of(2);
    CHECK(pair_link(third).status() == Status::INVALID_ARGUMENT);
}

TEST_CASE("a session aligns, computes on what it found, and aligns again") {
    const Job job = small_job(AlignMode::helper);
    run_sessions(BackendKind::rep3, [&](Session& session) {
        const std::vector<IdValues> values =
            session.party() < 2 ? values_of(job.tables[session.party()]) : std::vector<IdValues>{};
        std::optional<std::vector<IdColumn>> ids;
        if (session.party() < 2) ids = std::vector{values[0].view()};
        for (const AlignMode mode : kModes) {
            const Alignment found = must(session.align(ids, in_mode(mode)));
            Matrix mine{found.common, 1, std::vector<double>(found.common)};
            for (std::size_t i = 0; i < found.rows.size(); ++i)
                mine.data[i] = std::stod(job.tables[session.party()][0][found.rows[i]].substr(12));
            const Tensor a = share(session, 0, mine, 0x1p10), b = share(session, 1, mine, 0x1p10);
            for (const double difference : open_to_all(session, must(session.sub(a, b))).data) CHECK(difference == 0);
        }
    });
}
