/// What H sends is a function of the keys that it shares with A and with B, of public arguments and of public bits.
///
/// A run's helper is replaced by another that runs the same program over a link at whose other ends nobody is: it is
/// told how the session was opened, shapes, and what A passes on as public, and must send the same bytes. So a second
/// helper can follow the first one and compare. Known answers hold what is dealt for each operation; `mpc_helper_plain`
/// checks the same ones without the kernels of newer processors. `wide_area` is left out: there H takes part.
///
/// C2D_SEED=n runs one program; C2D_WRITE=1 prints the known answers as they are now.

#include "crypto/hash.hpp"
#include "mpc/parties.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

using namespace c2d;
using namespace c2d::mpc;
using namespace c2d::mpc::test;

namespace {

/// Key material as a function of seed and party. What a party draws first is for the lower one of its peers: at A and B
/// that is the other of them, whose key H lacks.
class SeededRandom final : public Random {
public:
    SeededRandom(std::uint64_t seed, std::uint64_t without_helper, unsigned party)
        : first_(party == 2 ? seed : without_helper), later_(seed * 3 + party) {
        first_.discard(party);
    }
    Result<Unit> fill(std::span<std::uint8_t> out) override {
        for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>((filled_ == 0 ? first_ : later_)());
        ++filled_;
        return Unit{};
    }

private:
    std::mt19937_64 first_, later_;
    int filled_ = 0;
};

/// What a program computes on, and where the bytes are that H alone is to know.
struct World {
    Session& session;
    /// Public choices: the same at all three.
    std::mt19937_64 choices;
    Tensor x, y, positive, labels;
    /// From A's first byte after the opening on; only noted at H.
    std::vector<std::pair<std::uint64_t, std::uint64_t>> private_to_helper;
    std::uint64_t opened_at = 0;

    Result<Unit> reveal_to_helper(const Tensor& a) {
        const auto heard = [&] { return session.stats().bytes_received[0] - opened_at; };
        const std::uint64_t before = heard();
        const auto value = session.reveal(a, {2});
        if (session.party() == 2) private_to_helper.push_back({before, heard()});
        return value ? Result<Unit>(Unit{}) : Result<Unit>(value.error());
    }
};

template <class T>
Result<Unit> done(const Result<T>& result) {
    return result ? Result<Unit>(Unit{}) : Result<Unit>(result.error());
}
const TrainProgress kGoOn = [](std::size_t, std::optional<double>) { return true; };

TrainOptions training_of(World& w) {
    TrainOptions options;
    options.iterations = 5 + w.choices() % 14;
    options.batch_size = 4 + w.choices() % 9;
    options.evaluate_every = 4;
    options.seed = w.choices();
    options.lr = 0.001;
    return options;
}

struct Part {
    const char* name;
    Result<Unit> (*run)(World&);
    /// Whether what A and B open to all, and with it what H deals, depends on the inputs.
    bool follows_inputs = false;
};

const Part kParts[] = {
    {"product", [](World& w) { return done(w.session.mul(w.x, w.y)); }},
    {"matrix product", [](World& w) { return done(w.session.matmul(w.x, must(w.session.transpose(w.y)))); }},
    {"fraction", [](World& w) { return done(w.session.scale(w.x, 0.37)); }},
    {"comparison", [](World& w) { return done(w.session.less(w.x, w.y)); }},
    {"selection", [](World& w) { return done(w.session.select(must(w.session.less(w.x, w.positive)), w.x, w.y)); }},
    {"quotient", [](World& w) { return done(w.session.divide(w.x, w.positive)); }},
    {"quotient out of its domain", [](World& w) { return done(w.session.divide(w.positive, w.x)); }, true},
    {"inverse root", [](World& w) { return done(w.session.inverse_sqrt(w.positive)); }},
    {"logarithm", [](World& w) { return done(w.session.log(w.positive)); }},
    {"bins",
     [](World& w) {
         const auto owner = static_cast<unsigned>(w.choices() % 2);
         Matrix bins{w.x.rows(), 2, {}};
         for (std::size_t i = 0; i < 2 * bins.rows; ++i) bins.data.push_back(static_cast<double>(w.choices() % 4));
         const Matrix* const own = w.session.party() == owner ? &bins : nullptr;
         const Tensor counts = must(w.session.bin_counts(owner, own, 4, w.labels));
         (void)must(w.session.information_value(counts));
         return done(w.session.encode_bins(owner, own, must(w.session.weight_of_evidence(counts))));
     }},
    {"sigmoid by series", [](World& w) { return done(w.session.sigmoid(w.x)); }},
    {"sigmoid by comparison", [](World& w) { return done(w.session.sigmoid(w.y, SigmoidKind::comparison)); }},
    {"standardise", [](World& w) { return done(w.session.standardise(w.x)); }},
    {"statistics", [](World& w) { return done(w.session.column_statistics(w.x, w.labels, 2, {1})); }},
    {"statistics of too few",
     [](World& w) { return done(w.session.column_statistics(w.x, w.labels, w.x.rows(), {1})); }},
    {"openings",
     [](World& w) {
         for (const unsigned to : {0u, 1u}) (void)must(w.session.reveal(w.x, {to}));
         if (auto told = w.reveal_to_helper(w.y); !told) return told;
         return done(w.session.mul(w.x, w.x));
     }},
    {"auc",
     [](World& w) {
         const Tensor scores = must(w.session.sum(w.x, Sum::each_row));
         return done(w.session.auc(scores, w.labels, static_cast<unsigned>(w.choices() % 3)));
     },
     true},
    {"logistic regression",
     [](World& w) { return done(w.session.train_logistic(w.x, w.labels, training_of(w), kGoOn)); }},
    {"logistic regression with evaluation",
     [](World& w) {
         TrainOptions options = training_of(w);
         options.split = w.x.rows() - 8;
         return done(w.session.train_logistic(w.x, w.labels, options, kGoOn));
     },
     true},
    {"logistic regression that falls back",
     [](World& w) {
         TrainOptions options = training_of(w);
         options.lr = 1;
         options.iterations = 24;
         return done(w.session.train_logistic(w.x, w.labels, options, kGoOn));
     },
     true},
    {"logistic regression, precise and with a penalty",
     [](World& w) {
         TrainOptions options = training_of(w);
         options.precise = true;
         options.l2 = 0.5;
         return done(w.session.train_logistic(w.x, w.labels, options, kGoOn));
     }},
    {"linear regression",
     [](World& w) {
         TrainOptions options = training_of(w);
         options.lr = 0.0005;
         return done(w.session.train_linear(w.x, w.positive, options, kGoOn));
     }},
};

Matrix column_of(const Matrix& x, double low, double high) {
    Matrix out{x.rows, 1, std::vector<double>(x.rows)};
    for (std::size_t i = 0; i < x.rows; ++i) out.data[i] = low + (high - low) * (x.data[i * x.cols] / 16 + 0.5);
    return out;
}

/// Shapes come from `seed`, which is public, values from `inputs`. Stops at the first part that fails.
void run_program(World& world, std::uint64_t seed, std::uint64_t inputs, const std::vector<const Part*>& parts) {
    world.choices.seed(seed);
    std::mt19937_64 values(inputs);
    const std::size_t rows = 20 + world.choices() % 20;
    const Matrix x = random_matrix(values, rows, 1, 8), y = random_matrix(values, rows, 1, 8);
    const Matrix positive = column_of(x, 0.5, 20);
    Matrix labels{rows, 1, std::vector<double>(rows)};
    for (std::size_t i = 0; i < rows; ++i) labels.data[i] = i % 3 == 0 || (values() % 4 == 0 && i % 3 == 1) ? 1 : 0;
    Session& s = world.session;
    world.x = share(s, 0, x);
    world.y = share(s, 1, y);
    world.positive = share(s, 1, positive);
    world.labels = share_labels(s, static_cast<unsigned>(world.choices() % 2), labels);
    for (const Part* part : parts)
        if (!part->run(world)) return;
}

/// What H sent to A and B, and what it was told.
struct Stream {
    Bytes sent[2], told[2];
    /// Of `told`: how the session was opened.
    std::size_t opening[2] = {};
    std::size_t sent_before[2] = {};
    std::vector<std::pair<std::uint64_t, std::uint64_t>> private_to_helper;
    /// Messages that B sent to H after the opening other than shapes and credits.
    std::size_t surprises = 0;
};

void run_party(std::unique_ptr<Link> link, std::uint64_t seed, std::uint64_t inputs, std::uint64_t without_helper,
               const std::vector<const Part*>& parts, Stream* stream) {
    SessionOptions options;
    options.random = std::make_shared<SeededRandom>(seed, without_helper, link->party());
    link->set_timeout(std::chrono::seconds(60));
    options.link = std::move(link);
    options.rules = kRevealAny;
    const auto session = must(Session::open(std::move(options)));
    World world{*session, {}, {}, {}, {}, {}, {}, session->stats().bytes_received[0]};
    if (stream)
        for (unsigned peer = 0; peer < 2; ++peer) {
            stream->opening[peer] = stream->told[peer].size();
            stream->sent_before[peer] = stream->sent[peer].size();
        }
    run_program(world, seed, inputs, parts);
    if (stream) stream->private_to_helper = world.private_to_helper;
}

/// The three parties; what H sent and heard.
Stream real_helper(std::uint64_t seed, std::uint64_t inputs, std::uint64_t without_helper,
                   const std::vector<const Part*>& parts) {
    auto links = memory_links();
    Stream out;
    links[2]->set_transcript([&](bool outgoing, unsigned peer, BytesView bytes) {
        Bytes& to = outgoing ? out.sent[peer] : out.told[peer];
        to.insert(to.end(), bytes.begin(), bytes.end());
        constexpr std::size_t kShape = 17, kCredit = 1;
        if (!outgoing && peer == 1 && out.opening[1] != 0 && bytes.size() != kShape && bytes.size() != kCredit)
            ++out.surprises;
    });
    std::vector<std::thread> threads;
    for (unsigned party = 0; party < kParties; ++party)
        threads.emplace_back([&, party] {
            run_party(std::move(links[party]), seed, inputs, without_helper, parts, party == 2 ? &out : nullptr);
        });
    for (auto& thread : threads) thread.join();
    return out;
}

/// Nobody is at its other ends: what comes from there are public facts, in their order.
class FactsLink final : public Link {
public:
    FactsLink(const Stream& stream, Stream& out) : Link(2), stream_(stream), out_(out) {}

private:
    Result<Unit> do_send(unsigned peer, BytesView bytes) override {
        out_.sent[peer].insert(out_.sent[peer].end(), bytes.begin(), bytes.end());
        return Unit{};
    }
    Result<Unit> do_receive(unsigned peer, std::span<std::uint8_t> out) override {
        const Bytes& facts = stream_.told[peer];
        if (at_[peer] + out.size() > facts.size()) return Error(Status::PEER, "no more is public");
        std::copy_n(facts.begin() + static_cast<std::ptrdiff_t>(at_[peer]), out.size(), out.begin());
        at_[peer] += out.size();
        out_.told[peer].insert(out_.told[peer].end(), out.begin(), out.end());
        // That B is so far says nothing: neither does the byte.
        if (peer == 1 && out.size() == 1) out[0] = 0xee;
        return Unit{};
    }

    const Stream& stream_;
    Stream& out_;
    std::size_t at_[2] = {};
};

/// What a helper without peers sends that has the same keys and is told the same facts.
Stream lone_helper(const Stream& stream, std::uint64_t seed, const std::vector<const Part*>& parts) {
    Stream out;
    // What was opened to H alone must steer nothing: it is told something else.
    Stream facts = stream;
    for (const auto& [first, last] : stream.private_to_helper)
        for (std::uint64_t i = first; i < last; ++i) facts.told[0].at(facts.opening[0] + i) ^= 0x5a;
    run_party(std::make_unique<FactsLink>(facts, out), seed, 0, 0, parts, &out);
    return out;
}

bool sends_the_same(const Stream& a, const Stream& b) { return a.sent[0] == b.sent[0] && a.sent[1] == b.sent[1]; }

std::vector<const Part*> parts_of(std::uint64_t seed, bool any) {
    std::mt19937_64 random(seed * 77);
    std::vector<const Part*> all, out;
    for (const Part& part : kParts)
        if (any || !part.follows_inputs) all.push_back(&part);
    for (int i = 0; i < 5; ++i) out.push_back(all[random() % all.size()]);
    return out;
}

std::string names_of(const std::vector<const Part*>& parts) {
    std::string out;
    for (const Part* part : parts) out += (out.empty() ? "" : ", ") + std::string(part->name);
    return out;
}

std::uint64_t runs() {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
    return 8;
#else
    return std::getenv("C2D_FULL") ? 1000 : 40;
#endif
}

/// "name: bytes to A, bytes to B, SHA-256 of both" of every part, from the file.
std::map<std::string, std::string> known_answers() {
    std::map<std::string, std::string> out;
    std::ifstream file(C2D_SOURCE_DIR "/test/mpc/data/helper.txt");
    for (std::string line; std::getline(file, line);)
        if (const std::size_t colon = line.find(": "); !line.starts_with('#') && colon != std::string::npos)
            out[line.substr(0, colon)] = line.substr(colon + 2);
    return out;
}

std::string answer_of(const Stream& stream) {
    Bytes dealt;
    std::ostringstream out;
    for (unsigned peer = 0; peer < 2; ++peer) {
        const Bytes& sent = stream.sent[peer];
        dealt.insert(dealt.end(), sent.begin() + static_cast<std::ptrdiff_t>(stream.sent_before[peer]), sent.end());
        out << sent.size() - stream.sent_before[peer] << ' ';
    }
    out << hex_text(sha256(dealt)).substr(2);
    return out.str();
}

}  // namespace

TEST_CASE("a helper without peers sends what the helper of a run sends, byte for byte") {
    const char* chosen = std::getenv("C2D_SEED");
    const std::uint64_t first = chosen ? std::strtoull(chosen, nullptr, 10) : 1;
    std::size_t bytes = 0;
    for (std::uint64_t seed = first; seed < first + (chosen ? 1 : runs()); ++seed) {
        const std::vector<const Part*> parts = parts_of(seed, true);
        INFO("seed ", seed, ": ", names_of(parts));
        const Stream real = real_helper(seed, seed + 1000, seed, parts), dealt = lone_helper(real, seed, parts);
        CHECK(sends_the_same(real, dealt));
        // It heard all that there was, and the helper nothing else.
        CHECK(dealt.told[0].size() == real.told[0].size());
        CHECK(dealt.told[1] == real.told[1]);
        CHECK(real.surprises == 0);
        bytes += real.sent[0].size() + real.sent[1].size();
    }
    MESSAGE(runs() << " programs, " << bytes << " bytes");
}

TEST_CASE("what is dealt for each operation is known") {
    const std::map<std::string, std::string> known = known_answers();
    CHECK(known.size() == std::size(kParts));
    for (const Part& part : kParts) {
        const Stream real = real_helper(7, 8, 9, {&part}), dealt = lone_helper(real, 7, {&part});
        INFO(part.name);
        CHECK(sends_the_same(real, dealt));
        if (std::getenv("C2D_WRITE"))
            MESSAGE(std::string(part.name) << ": " << answer_of(real));
        else
            CHECK(answer_of(real) == (known.contains(part.name) ? known.at(part.name) : ""));
    }
}

TEST_CASE("what is dealt does not depend on inputs, nor on the key that H lacks") {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        const std::vector<const Part*> parts = parts_of(seed, false);
        INFO("seed ", seed, ": ", names_of(parts));
        CHECK(sends_the_same(real_helper(seed, 1, seed, parts), real_helper(seed, 2, seed + 50, parts)));
    }
}

TEST_CASE("another key, or another public bit, and other bytes are dealt") {
    const auto part =
        std::ranges::find(kParts, std::string_view("auc"), [](const Part& p) { return std::string_view(p.name); });
    REQUIRE(part != std::end(kParts));
    const Stream real = real_helper(3, 4, 5, {part});
    CHECK(!sends_the_same(real, real_helper(6, 4, 5, {part})));
    // The outcomes of the last comparisons are the last that A passes on, but for the AUC itself where H learns it.
    std::mt19937_64 choices(3);
    choices.discard(2);
    const std::size_t behind = choices() % 3 == 2 ? sizeof(std::uint64_t) : 0;
    Stream other = real;
    other.told[0].at(other.told[0].size() - behind - 1) ^= 1;
    CHECK(!sends_the_same(real, lone_helper(other, 3, {part})));
}
