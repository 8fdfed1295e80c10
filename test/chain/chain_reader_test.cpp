/// Reads of one block, each asked once.
#include "chain/chain_reader.hpp"
#include "support/ledger.hpp"
#include "support/node_double.hpp"

using namespace c2d;
using support::must;
using support::named_id;

namespace {

struct Reader : support::Ledger {
    support::CountingSigner& bank = organisation("bank");
    const Bytes32 checksum = keccak256("document");
    std::shared_ptr<support::NodeDouble> node = std::make_shared<support::NodeDouble>(chain->node());
    Chain over_node = [this] {
        ChainOptions through;
        through.node = node;
        return must(Chain::open(through));
    }();

    void mint(const char* name) { must(chain->mint(bank, named_id(name), true, checksum, "Qm1")); }
};

}  // namespace

TEST_CASE_FIXTURE(Reader, "while the head stays, nothing is read twice and no block is held") {
    mint("rows");
    int rounds = 0;
    const auto count = must(at_one_head(over_node, [&](const Chain& reader) {
        ++rounds;
        must(reader.token(named_id("rows")));
        must(reader.token(named_id("rows")));
        CHECK(reader.token(named_id("none")).status() == Status::NOT_FOUND);
        CHECK(reader.token(named_id("none")).status() == Status::NOT_FOUND);
        return reader.token_count();
    }));
    CHECK(count == 1);
    CHECK(rounds == 1);
    CHECK(node->calls == 4);  // of the first token two, of the second one, and the count
}

TEST_CASE_FIXTURE(Reader, "when the head moves it is read again, of one block whatever is added") {
    int rounds = 0;
    std::vector<std::uint64_t> seen;
    const auto count = must(at_one_head(*chain, [&](const Chain& reader) {
        ++rounds;
        seen.push_back(must(reader.token_count()));
        mint(rounds == 1 ? "rows" : "more rows");
        must(reader.job_count());  // another question: at that block there was no second token
        if (rounds == 2) CHECK(reader.token(named_id("more rows")).status() == Status::NOT_FOUND);
        return reader.token_count();
    }));
    CHECK(rounds == 2);
    CHECK(seen == std::vector<std::uint64_t>{0, 1});
    CHECK(count == 1);
    CHECK(must(chain->token_count()) == 2);
}

TEST_CASE_FIXTURE(Reader, "who reads so writes nothing, and knows the head that it reads") {
    const auto head = must(chain->info()).head;
    must(at_one_head(*chain, [&](const Chain& reader) -> Result<Unit> {
        Chain writer = reader;
        CHECK(writer.mint(bank, named_id("rows"), true, checksum, "Qm1").status() == Status::UNSUPPORTED);
        CHECK(must(reader.info()).head.hash == head.hash);
        return Unit{};
    }));
    CHECK(must(chain->info()).head.number == head.number);
}

TEST_CASE_FIXTURE(Reader, "what is remembered is bounded by its bytes") {
    static constexpr std::size_t kAnswerBytes = std::size_t(1) << 20;
    constexpr std::uint8_t kAnswers = 70;
    int asked = 0;
    node->on_call = [&asked](BytesView) {
        ++asked;
        return std::optional(Result<Bytes>(Bytes(kAnswerBytes)));
    };
    Chain reader = must(remembering(over_node, must(over_node.info())));
    const auto ask = [&reader](std::uint8_t question) {
        CHECK(must(reader.node().call(Address{}, Bytes{question})).size() == kAnswerBytes);
    };
    for (std::uint8_t i = 0; i < kAnswers; ++i) ask(i);
    ask(kAnswers - 1);
    CHECK(asked == kAnswers);
    ask(0);
    CHECK(asked == kAnswers + 1);
}

TEST_CASE_FIXTURE(Reader, "a failure to answer is not remembered, and one to tell the head is the answer") {
    must(at_one_head(over_node, [&](const Chain& reader) -> Result<Unit> {
        node->down = true;
        CHECK(reader.token_count().status() == Status::UNAVAILABLE);
        node->down = false;
        CHECK(must(reader.token_count()) == 0);
        return Unit{};
    }));
    node->info_failure = Error(Status::UNAVAILABLE, "gone");
    CHECK(at_one_head(over_node, [](const Chain& reader) { return reader.token_count(); }).status() ==
          Status::UNAVAILABLE);
}

TEST_CASE_FIXTURE(Reader, "a node that let go of the block that is read is asked for a newer one, not for ever") {
    const Error gone = [] {
        Error out(Status::UNAVAILABLE, "gone");
        out.name = kStateNotKept;
        return out;
    }();
    int rounds = 0;
    const auto read = [&](int until) {
        rounds = 0;
        return at_one_head(*chain, [&](const Chain& reader) -> Result<std::uint64_t> {
            mint(("rows " + std::to_string(must(chain->token_count()))).c_str());
            if (++rounds < until) return gone;
            return reader.token_count();
        });
    };
    CHECK(must(read(4)) == 3);
    CHECK(rounds == 4);
    CHECK(read(100).error().name == kStateNotKept);
    CHECK(rounds == 1 + kHeldBlocksMax);
}
