/// Engines and their operators, in one process: what travels between them, what hostile operators send, and what
/// happens when either ends.

#include "crypto/hash.hpp"
#include "mpc/engine/message.hpp"
#include "mpc/engine/remote.hpp"
#include "mpc/engine/server.hpp"

#include "mpc/align_parties.hpp"
#include "mpc/generated.hpp"
#include "mpc/parties.hpp"
#include "net/frame_relay.hpp"
#include "net/peers.hpp"
#include "support/socket_pair.hpp"

#include <fmt/format.h>

#include <atomic>
#include <cstring>
#include <future>
#include <sys/socket.h>

using namespace c2d;
using namespace c2d::mpc;
using namespace c2d::mpc::test;
using c2d::support::SocketPair;
using c2d::test::connect_all;
using c2d::test::options_of;
using engine::End;
using engine::MessageType;

namespace {

/// Three engines behind three relays, each told of its start; `operator_` is what runs beside each, with its socket.
std::array<End, kParties> with_engines(const std::function<void(unsigned party, int fd)>& operator_,
                                       const std::array<EngineStart, kParties>& starts,
                                       const std::function<engine::Listener(unsigned party)>& listener = {}) {
    auto connected = connect_all(options_of(3));
    std::array<End, kParties> ends{};
    std::vector<std::thread> threads;
    for (unsigned party = 0; party < kParties; ++party) {
        REQUIRE(connected[party].ok());
        threads.emplace_back([&, party] {
            SocketPair peers, socket;
            FrameRelayOptions relay_options;
            relay_options.operator_fd = std::move(peers.theirs);
            relay_options.party = party;
            relay_options.peers = *std::move(connected[party]);
            const auto relay = must(FrameRelay::start(std::move(relay_options)));
            auto served = std::async(std::launch::async, [&] {
                const End end = engine::serve(socket.theirs.get(), peers.ours.get(), starts[party],
                                              listener ? listener(party) : engine::Listener{});
                socket.theirs.reset();
                peers.ours.reset();
                return end;
            });
            operator_(party, socket.ours.get());
            socket.ours.reset();
            ends[party] = served.get();
            (void)relay->wait();
        });
    }
    for (auto& thread : threads) thread.join();
    return ends;
}

std::array<End, kParties> with_engines(const std::function<void(unsigned party, int fd)>& operator_,
                                       const OpeningRules& rules = {}) {
    return with_engines(operator_, {{{0, rules}, {1, rules}, {2, rules}}});
}

constexpr std::array kDone{End::done, End::done, End::done};
constexpr std::array kRefused{End::refused, End::refused, End::refused};

Tensor tensor(Result<Reply> reply) { return must(std::move(reply)).tensor; }

std::uint64_t times(const Computation& computation, std::string_view kind) {
    for (const Disclosure& one : computation.disclosures())
        if (one.kind == kind) return one.count;
    return 0;
}

}  // namespace

TEST_CASE("an engine computes what its operator asks") {
    const GeneratedData data = generate(300, 2, 3, 31);
    const auto ends = with_engines([&](unsigned party, int fd) {
        auto computation = must(engine::open_remote(fd, party, BackendKind::rep3));
        Computation& c = *computation;
        const auto mine = [&](unsigned owner, const Matrix& matrix) { return owner == party ? &matrix : nullptr; };
        const Tensor a = tensor(c.run({Operation::input, {}, {0}, {kInputMax}, mine(0, data.first)}, {}));
        const Tensor b = tensor(c.run({Operation::input, {}, {1}, {kInputMax}, mine(1, data.second)}, {}));
        const Tensor y = tensor(c.run({Operation::input_labels, {}, {1}, {}, mine(1, data.label)}, {}));
        CHECK(a.rows() == 300);
        CHECK(b.cols() == data.second.cols);
        const Tensor x = tensor(c.run({Operation::hconcat, {a, b}}, {}));
        const Tensor sums = tensor(c.run({Operation::sum, {x}, {static_cast<std::uint64_t>(Sum::each_column)}}, {}));
        const Reply opened = must(c.run({Operation::reveal, {sums}, {0, 2}}, {}));
        CHECK(opened.opened.has_value() == (party != 1));
        if (opened.opened) {
            double first = 0;
            for (std::size_t row = 0; row < 300; ++row) first += data.first.at(row, 0);
            CHECK(std::abs(opened.opened->data[0] - first) < 0.01);
        }
        TrainOptions options;
        options.iterations = 40;
        options.evaluate_every = 10;
        options.split = 200;
        options.batch_size = 16;
        std::vector<std::size_t> told;
        const Reply model = must(c.run(train_call(Operation::train_logistic, x, y, options),
                                       [&](std::size_t iteration, std::optional<double> auc) {
                                           told.push_back(iteration);
                                           CHECK(auc.has_value() == (party == 0));
                                           return true;
                                       }));
        CHECK(told == std::vector<std::size_t>{0, 10, 20, 30, 40});
        CHECK(model.tensor.rows() == x.cols() + 1);
        CHECK(c.iterations_per_second() > 0);
        CHECK(c.stats().rounds > 0);
        CHECK(times(c, "auc") == 5);
        CHECK(times(c, "sum") == 1);
        const Reply all = must(c.run({.operation = Operation::exchange, .bytes = as_bytes(std::to_string(party))}, {}));
        REQUIRE(all.announcements.size() == kParties);
        CHECK(as_text(all.announcements[2]) == "2");
        CHECK(c.run({Operation::add, {a, b}}, {}).status() == Status::INVALID_ARGUMENT);
    });
    CHECK(ends == kDone);
}

TEST_CASE("an engine joins tables, and opens nothing else of what went in") {
    const Job job = small_job(AlignMode::hidden);  // 40 of 60 and 70
    const auto ends = with_engines([&](unsigned party, int fd) {
        auto computation = must(engine::open_remote(fd, party, BackendKind::rep3));
        Computation& c = *computation;
        std::vector<IdValues> values;
        if (party < 2) values = values_of(job.tables[party]);
        const auto ids = party < 2 ? std::optional(std::vector{values[0].view()}) : std::nullopt;
        Matrix own{party == 0 ? 60u : 70u, 1, {}};
        own.data.assign(own.rows, party == 0 ? 2 : 3);
        const auto input = [&](unsigned owner) {
            return tensor(c.run({Operation::input, {}, {owner}, {kInputMax}, owner == party ? &own : nullptr}, {}));
        };
        const Tensor a = input(0), b = input(1);
        const Joined found = must(c.join(ids, {b, a, b}, in_mode(AlignMode::hidden)));
        CHECK(found.common == 40);
        CHECK(found.table_rows[1] == 70);
        REQUIRE(found.columns.size() == 3);
        CHECK(found.columns[1].rows() == 40);
        const Tensor x = tensor(c.run({Operation::hconcat, {found.columns[1], found.columns[2]}}, {}));
        const auto sums = [&](const Tensor& of) {
            return c.run({Operation::reveal,
                          {tensor(c.run({Operation::sum, {of}, {static_cast<std::uint64_t>(Sum::each_column)}}, {}))},
                          {0, 1, 2}},
                         {});
        };
        CHECK(must(sums(x)).opened->data == std::vector<double>{80, 120});
        CHECK(times(c, "alignment") == 1);
        CHECK(sums(a).error().name == "not_openable");
    });
    CHECK(ends == kRefused);
}

TEST_CASE("an engine aligns tables, and keeps to its owner's minimum of rows") {
    const Job job = small_job(AlignMode::helper);  // 40 of 60 and 70
    const auto align = [&](Computation& c, const AlignOptions& options) {
        if (c.party() == 2) return c.align(std::nullopt, options);
        const std::vector<IdValues> values = values_of(job.tables[c.party()]);
        return c.align(std::vector{values[0].view()}, options);
    };
    for (const AlignMode mode : kModes) {
        const auto ends = with_engines(
            [&](unsigned party, int fd) {
                auto c = must(engine::open_remote(fd, party, BackendKind::rep3));
                const Alignment found = must(align(*c, in_mode(mode)));
                CHECK(found.common == 40);
                CHECK(found.table_rows[1] == 70);
                CHECK(found.rows.size() == (party == 2 ? 0 : 40));
                const std::set<std::uint32_t> rows(found.rows.begin(), found.rows.end());
                CHECK(rows.size() == found.rows.size());
                CHECK(times(*c, "alignment") == 1);
            },
            {.rows = 40});
        CHECK(ends == kDone);
    }
    const auto refused = with_engines(
        [&](unsigned party, int fd) {
            auto c = must(engine::open_remote(fd, party, BackendKind::rep3));
            AlignOptions none = in_mode(AlignMode::hidden);
            CHECK(align(*c, none).status() == Status::INVALID_ARGUMENT);
            none.mode = AlignMode::helper;
            none.common_min = 41;
            CHECK(align(*c, none).error().name == "common_below_minimum");
            CHECK(times(*c, "minimum") == 1);
            CHECK(align(*c, in_mode(AlignMode::helper)).error().name == "budget_spent");
        },
        {.rows = 40});
    CHECK(refused == kRefused);
    const auto few = with_engines(
        [&](unsigned party, int fd) {
            auto c = must(engine::open_remote(fd, party, BackendKind::rep3));
            CHECK(align(*c, in_mode(AlignMode::helper)).error().name == "common_below_minimum");
            CHECK(times(*c, "alignment") == 0);
        },
        {.rows = 41});
    CHECK(few == kDone);
}

TEST_CASE("what the terms of a table ask of alignments holds at its engine, whatever the operator asks for") {
    const Job job = small_job(AlignMode::helper);  // 40 of 60 and 70
    const auto ends_of = [&](const std::function<void(std::array<EngineStart, kParties>&)>& ask, Status status,
                             std::string_view name) {
        std::array<EngineStart, kParties> starts{{{0}, {1}, {2}}};
        ask(starts);
        return with_engines(
            [&](unsigned party, int fd) {
                auto c = must(engine::open_remote(fd, party, BackendKind::rep3));
                std::vector<IdValues> values;
                if (party < 2) values = values_of(job.tables[party]);
                const auto ids = party < 2 ? std::optional(std::vector{values[0].view()}) : std::nullopt;
                const auto found = c->align(ids, job.options[party]);
                CHECK(found.status() == status);
                if (!found) CHECK(found.error().name == name);
            },
            starts);
    };
    using Starts = std::array<EngineStart, kParties>;
    CHECK(ends_of([](Starts& starts) { starts[1].rules.alignment.modes = 1; }, Status::OK, "") == kDone);
    // One table's terms refuse for all, before anything is sent.
    CHECK(ends_of([](Starts& starts) { starts[1].rules.alignment.modes = 2; }, Status::REFUSED, "mode_not_accepted") ==
          kRefused);
    CHECK(ends_of([](Starts& starts) { starts[0].rules.alignment.modes = 0; }, Status::REFUSED, "mode_not_accepted") ==
          kRefused);
    CHECK(ends_of([](Starts& starts) { starts[0].rules.alignment.common_min = 41; }, Status::DOMAIN,
                  "common_below_minimum") == kDone);
    CHECK(ends_of([](Starts& starts) { starts[0].rules.alignment.common_min = 40; }, Status::OK, "") == kDone);
    // A share of the other table's rows: 40 of 70 are 0.57, 40 of 60 are 0.67.
    CHECK(ends_of([](Starts& starts) { starts[0].rules.alignment.common_share_min = 0.6; }, Status::DOMAIN,
                  "common_below_minimum") == kDone);
    CHECK(ends_of([](Starts& starts) { starts[1].rules.alignment.common_share_min = 0.6; }, Status::OK, "") == kDone);
    // Of the other table's rows, not of one's own.
    CHECK(ends_of([](Starts& starts) { starts[0].rules.alignment.rows_max = 69; }, Status::DOMAIN, "input_unusable") ==
          kDone);
    CHECK(ends_of([](Starts& starts) { starts[1].rules.alignment.rows_max = 60; }, Status::OK, "") == kDone);
}

TEST_CASE("engines that were told of different connections part before a share, and say with whom") {
    const auto open_all = [](const std::array<EngineStart, kParties>& starts) {
        std::array<std::string, kParties> told;
        (void)with_engines(
            [&](unsigned party, int fd) {
                const auto opened = engine::open_remote(fd, party, BackendKind::rep3);
                if (!opened) told[party] = std::string(status_name(opened.status())) + ": " + opened.error().message;
                if (!opened) ::shutdown(fd, SHUT_RDWR);
            },
            starts);
        return told;
    };
    std::array<EngineStart, kParties> starts{{{0}, {1}, {2}}};
    for (unsigned party = 0; party < kParties; ++party)
        for (unsigned peer = 0; peer < kParties; ++peer)
            if (peer != party) starts[party].session_binding[peer].data.fill(static_cast<std::uint8_t>(party + peer));
    CHECK(open_all(starts) == std::array<std::string, kParties>{});
    // A relay that joins this session of parties 0 and 1 with another one.
    const auto check_parted = [&] {
        const auto told = open_all(starts);
        // Who compares later may meet a party that has left by then.
        const auto parted = [&](unsigned party) {
            return told[party].starts_with(fmt::format("peer: party {} does not derive the key", 1 - party));
        };
        INFO(told[0], "; ", told[1]);
        CHECK((parted(0) || parted(1)));
        for (const unsigned party : {0u, 1u}) CHECK(told[party].starts_with("peer: "));
    };
    starts[0].session_binding[1].data[31] ^= 1;
    check_parted();
    starts[0].session_binding[1].data[31] ^= 1;
    // A secret that only one of them has.
    starts[1].pre_shared[0].assign(32, 1);
    check_parted();
    starts[0].pre_shared[1].assign(32, 1);
    CHECK(open_all(starts) == std::array<std::string, kParties>{});
}

TEST_CASE("whoever started an engine hears what is opened before the operator has it") {
    const Matrix data{4, 1, {1, 2, 3, 4}};
    std::array<std::atomic<std::uint64_t>, kParties> sums{}, heard{};
    const auto listener = [&](unsigned party) {
        engine::Listener out;
        out.opened = [&sums, &heard, party](const std::vector<Disclosure>& opened) {
            ++heard[party];
            for (const Disclosure& one : opened)
                if (one.kind == "sum") sums[party] = one.count;
        };
        return out;
    };
    const auto ends = with_engines(
        [&](unsigned party, int fd) {
            auto c = must(engine::open_remote(fd, party, BackendKind::rep3));
            const Tensor x = tensor(c->run({Operation::input, {}, {0}, {kInputMax}, party == 0 ? &data : nullptr}, {}));
            const Tensor sum = tensor(c->run({Operation::sum, {x}, {static_cast<std::uint64_t>(Sum::all)}}, {}));
            CHECK(heard[party] == 0);
            for (std::uint64_t time = 1; time <= 2; ++time) {
                must(c->run({Operation::reveal, {sum}, {0}}, {}));
                CHECK(sums[party] == time);
            }
        },
        {{{0, {}}, {1, {}}, {2, {}}}}, listener);
    CHECK(ends == kDone);
}

TEST_CASE("whoever started an engine hears how large tables are that were aligned, and of each rule once") {
    std::array<std::vector<std::size_t>, kParties> sizes;
    std::array<std::vector<Bytes32>, kParties> rules;
    const auto listener = [&](unsigned party) {
        engine::Listener out;
        out.aligned = [&sizes, party](const Alignment& found) {
            for (const std::size_t number : {found.table_rows[0], found.table_rows[1], found.common})
                sizes[party].push_back(number);
        };
        out.rule = [&rules, party](const Bytes32& digest) { rules[party].push_back(digest); };
        return out;
    };
    const auto ends = with_engines(
        [&](unsigned party, int fd) {
            auto c = must(engine::open_remote(fd, party, BackendKind::rep3));
            const std::string texts = party == 0 ? "abc" : "bcde";
            IdValues ids;
            for (const char one : texts) ids.add({&one, 1});
            std::optional<std::vector<IdColumn>> given;
            if (party < 2) given = {ids.view()};
            must(c->align(given, {}));
            for (std::uint8_t number = 0; number < 2 * kRulesToldMax; ++number)
                must(c->note_rule(sha256(Bytes{std::uint8_t(number / 2), std::uint8_t(party)})));
            CHECK(c->note_rule(sha256(as_bytes("one more"))).status() == Status::LIMIT);
        },
        {{{0, {}}, {1, {}}, {2, {}}}}, listener);
    CHECK(ends == kDone);
    for (unsigned party = 0; party < kParties; ++party) {
        CHECK(sizes[party] == std::vector<std::size_t>{3, 4, 2});
        REQUIRE(rules[party].size() == kRulesToldMax);
        CHECK(rules[party][0] == sha256(Bytes{0, std::uint8_t(party)}));
    }
}

TEST_CASE("whoever started an engine hears that another party is gone, and of nothing else that failed") {
    std::array<std::atomic<bool>, kParties> gone{};
    const auto listener = [&](unsigned party) {
        engine::Listener out;
        out.peer_gone = [&gone, party] { gone[party] = true; };
        return out;
    };
    with_engines(
        [&](unsigned party, int fd) {
            auto c = must(engine::open_remote(fd, party, BackendKind::rep3));
            CHECK(c->run({Operation::sum, {}, {99}}, {}).status() == Status::INVALID_ARGUMENT);
            CHECK_FALSE(gone[party]);
            if (party == 1) return;
            const Matrix data{4, 1, {1, 2, 3, 4}};
            auto last = c->run({Operation::input, {}, {0}, {kInputMax}, party == 0 ? &data : nullptr}, {});
            if (last) last = c->run({Operation::sum, {tensor(last)}, {static_cast<std::uint64_t>(Sum::all)}}, {});
            const auto sum = last ? tensor(last) : Tensor();
            // Whoever only sends notices it later.
            while (last) last = c->run({Operation::reveal, {sum}, {0, 1, 2}}, {});
            CHECK(last.status() == Status::PEER);
            CHECK(gone[party]);
        },
        {{{0, {}}, {1, {}}, {2, {}}}}, listener);
    CHECK_FALSE(gone[1]);
}

TEST_CASE("a refusal ends the engine") {
    const Matrix data{4, 1, {1, 2, 3, 4}};
    const auto ends = with_engines(
        [&](unsigned party, int fd) {
            auto c = must(engine::open_remote(fd, party, BackendKind::rep3));
            const Tensor x = tensor(c->run({Operation::input, {}, {0}, {kInputMax}, party == 0 ? &data : nullptr}, {}));
            const Tensor sum = tensor(c->run({Operation::sum, {x}, {static_cast<std::uint64_t>(Sum::all)}}, {}));
            const auto refused = c->run({Operation::reveal, {sum}, {0}}, {});
            CHECK(refused.status() == Status::REFUSED);
            CHECK(refused.error().name == "below_minimum");
            CHECK(times(*c, "refusal") == 1);
            CHECK(c->run({Operation::sum, {x}, {2}}, {}).status() == Status::PEER);
        },
        {.rows = 10});
    CHECK(ends == kRefused);
}

TEST_CASE("a progress function that says no ends the training, and an operator that vanishes too") {
    const GeneratedData data = generate(200, 2, 2, 3);
    for (const bool vanish : {false, true}) {
        const auto ends = with_engines([&](unsigned party, int fd) {
            auto c = must(engine::open_remote(fd, party, BackendKind::rep3));
            const auto mine = [&](const Matrix& matrix) { return party == 0 ? &matrix : nullptr; };
            const Tensor x = tensor(c->run({Operation::input, {}, {0}, {kInputMax}, mine(data.first)}, {}));
            const Tensor y = tensor(c->run({Operation::input_labels, {}, {0}, {}, mine(data.label)}, {}));
            TrainOptions options;
            options.iterations = 10'000'000;
            options.evaluate_every = 50;
            options.batch_size = 8;
            const auto trained = c->run(train_call(Operation::train_logistic, x, y, options), [&](std::size_t i, auto) {
                if (party != 1 || i < 100) return true;
                if (vanish) ::shutdown(fd, SHUT_RDWR);
                return false;
            });
            CHECK(trained.status() == (party == 1 && !vanish ? Status::CANCELLED : Status::PEER));
        });
        CHECK(ends[0] == End::done);
        CHECK(ends[1] == (vanish ? End::failed : End::done));
        CHECK(ends[2] == End::done);
    }
}

TEST_CASE("an engine that is told so computes in the clear, behind the same rules") {
    std::array<EngineStart, kParties> starts{{{0}, {1}, {2}}};
    for (auto& start : starts) start.clear = true, start.rules.rows = 2;
    const Matrix thirds{3, 1, {1.0 / 3, 1.0 / 7, 1.0 / 11}};
    const auto ends = with_engines(
        [&](unsigned party, int fd) {
            auto c = must(engine::open_remote(fd, party, BackendKind::rep3));
            const Tensor a =
                tensor(c->run({Operation::input, {}, {0}, {kInputMax}, party == 0 ? &thirds : nullptr}, {}));
            const auto each = {static_cast<std::uint64_t>(Sum::each_column)};
            const Tensor sum = tensor(c->run({Operation::sum, {a}, each}, {}));
            const Reply opened = must(c->run({Operation::reveal, {sum}, {0}}, {}));
            // To all digits: no fixed-point number has them.
            if (party == 0)
                CHECK(opened.opened->data[0] == doctest::Approx(1.0 / 3 + 1.0 / 7 + 1.0 / 11).epsilon(1e-14));
            CHECK_FALSE(c->run({Operation::reveal, {a}, {0}}, {}).ok());
        },
        starts);
    CHECK(ends == kRefused);
}

TEST_CASE("the clear backend and a second session are for nobody") {
    const auto ends = with_engines([](unsigned party, int fd) {
        CHECK(engine::open_remote(fd, party, BackendKind::clear).status() == Status::INVALID_ARGUMENT);
        { auto c = must(engine::open_remote(fd, party, BackendKind::rep3)); }
        CHECK(engine::open_remote(fd, party, BackendKind::rep3).status() == Status::INVALID_ARGUMENT);
    });
    CHECK(ends == kDone);
}

namespace {

/// What one engine without peers comes to, whose operator writes this and closes.
End end_after(BytesView written) {
    SocketPair socket, peers;
    auto served = std::async(std::launch::async, [&] {
        const End end = engine::serve(socket.theirs.get(), peers.ours.get(), {0, {}});
        socket.theirs.reset();
        return end;
    });
    for (BytesView rest = written; !rest.empty();) {
        const ssize_t n = ::send(socket.ours.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (n <= 0) break;  // it has enough
        rest = rest.subspan(static_cast<std::size_t>(n));
    }
    ::shutdown(socket.ours.get(), SHUT_WR);
    return served.get();
}

Bytes message(std::uint64_t length, std::uint8_t type, BytesView payload) {
    Bytes out(9);
    std::memcpy(out.data(), &length, 8);
    out[8] = type;
    out.insert(out.end(), payload.begin(), payload.end());
    return out;
}

}  // namespace

TEST_CASE("what is no message ends the engine") {
    const Bytes some(100, 7);
    CHECK(end_after({}) == End::done);
    CHECK(end_after(BytesView(some).first(5)) == End::failed);
    CHECK(end_after(some) == End::failed);  // a length beyond all bounds
    CHECK(end_after(message(~std::uint64_t{0}, 1, {})) == End::failed);
    CHECK(end_after(message(100, 0, some)) == End::failed);  // no type
    CHECK(end_after(message(100, 11, some)) == End::failed);
    CHECK(end_after(message(200, 2, some)) == End::failed);  // cut off
    CHECK(end_after(message(std::uint64_t{1} << 31, 2, some)) == End::failed);
    CHECK(end_after(message(100, 5, some)) == End::failed);    // an answer
    CHECK(end_after(message(1, 3, Bytes{1})) == End::failed);  // to no question
    CHECK(end_after(Bytes(3 << 20, 0xff)) == End::failed);
}

TEST_CASE("calls that make no sense are answered, and hold nothing") {
    // Each is answered with a failure; the operator closes, and that was all.
    Bytes all;
    const auto call = [&](const Bytes& payload) {
        const Bytes one = message(payload.size(), static_cast<std::uint8_t>(MessageType::call), payload);
        all.insert(all.end(), one.begin(), one.end());
    };
    call({});
    call(Bytes(64, 0xff));
    call(engine::encode_call({Operation::add}, {1, 2}, {}));
    for (int i = 0; i < 100; ++i) call(Bytes(static_cast<std::size_t>(i), static_cast<std::uint8_t>(i)));
    CHECK(end_after(all) == End::done);
}

TEST_CASE("calls travel as they are") {
    const Matrix data{2, 3, {1, 2, 3, 4, 5, 6.5}};
    const Call call{Operation::input, {}, {1}, {64}, &data, {}};
    const auto sent = must(engine::decode_call(engine::encode_call(call, {}, {7, 8})));
    CHECK(sent.call.operation == Operation::input);
    CHECK(sent.call.integers == call.integers);
    CHECK(sent.call.reals == call.reals);
    CHECK(sent.released == std::vector<std::uint64_t>{7, 8});
    REQUIRE(sent.data.has_value());
    CHECK(sent.data->data == data.data);
    Bytes bytes = engine::encode_call(call, {}, {});
    for (std::size_t length = 0; length < bytes.size(); ++length)
        CHECK_FALSE(engine::decode_call(BytesView(bytes).first(length)).ok());
    bytes.push_back(0);
    CHECK_FALSE(engine::decode_call(bytes).ok());
    Error error(Status::DOMAIN, "too large");
    error.name = "a_name";
    const auto failure = must(engine::decode_failure(engine::encode_failure({{{}, 2.5, {{"sum", 3}}}, error})));
    CHECK(failure.error.status == Status::DOMAIN);
    CHECK(failure.error.name == "a_name");
    CHECK(failure.state.rate == 2.5);
    REQUIRE(failure.state.disclosures.size() == 1);
    CHECK(failure.state.disclosures[0].count == 3);
    const auto progress = must(engine::decode_progress(engine::encode_progress({{}, 100, 0.75})));
    CHECK(progress.iteration == 100);
    CHECK(progress.auc == 0.75);
}

TEST_CASE("what an engine says it opened") {
    const EngineReport opened{{{"auc", 5}, {"sum", std::uint64_t(1) << 40}},
                              true,
                              {{{9000, 8500}, 7650}, {{1, 1}, 1}},
                              {sha256(as_bytes("one rule")), sha256(as_bytes("another"))}};
    const std::string text = engine_report_text(opened);
    CHECK(engine_report_from(text) == opened);
    CHECK(engine_report_from(engine_report_text({})) == EngineReport{});
    for (std::size_t length = 0; length < text.size(); ++length)
        CHECK_FALSE(engine_report_from(text.substr(0, length)).has_value());
    CHECK_FALSE(engine_report_from(text + "x").has_value());
    for (const char* line : {"sum 1\nsum 2\n", "peer-gone\npeer-gone\n", "peer-gone\nsum 1\n", "Sum 1\n", " 1\n",
                             "sum -1\n", "sum 1 2\n", "sum\n", "\n", "sum 1e3\n", "aligned: 1 2\n",
                             "aligned: 1 2 3 4\n", "aligned: 1 2 x\n", "aligned: \n", "rule: 12\n", "rule:\n"}) {
        CAPTURE(std::string(line));
        CHECK_FALSE(engine_report_from("c2d-engine report 1\n" + std::string(line) + "end\n").has_value());
    }
    EngineReport many;
    for (char c = 'a'; c <= 'z'; ++c) many.opened[std::string(1, c)] = many.opened[std::string(2, c)] = 1;
    CHECK_FALSE(engine_report_from(engine_report_text(many)).has_value());
}

TEST_CASE("what an engine is started with") {
    EngineStart start{2, {10, 5, 6, 0.25, true}};
    start.session_binding[1].data[31] = 7;
    start.pre_shared[0].assign(32, 9);
    start.clear = true;
    const auto read = must(engine_start_from(engine_start_text(start)));
    CHECK(read.party == 2);
    CHECK(read.rules.rows == 10);
    CHECK(read.rules.negatives == 6);
    CHECK(read.rules.weight_share_max == 0.25);
    CHECK(read.rules.reveal_any);
    CHECK(read.session_binding == start.session_binding);
    CHECK(read.pre_shared == start.pre_shared);
    CHECK(read.clear);
    CHECK_FALSE(must(engine_start_from(engine_start_text({1}))).clear);
    const std::string text = engine_start_text(start);
    for (std::size_t length = 0; length < text.size(); ++length)
        CHECK_FALSE(engine_start_from(text.substr(0, length)).ok());
    CHECK_FALSE(engine_start_from(text + "x").ok());
    CHECK_FALSE(engine_start_from(engine_start_text({3, {}})).ok());
}
