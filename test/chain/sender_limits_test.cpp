/// What a served ledger takes from one sender.
#include "chain/rpc/sender_limits.hpp"
#include "codec/json.hpp"
#include "support/ledger.hpp"

using namespace c2d;
using support::must;
using support::named_id;

namespace {

constexpr std::uint64_t kDay = 86'400;

/// A ledger, served with bounds to clients without a socket.
struct Served : support::Ledger {
    struct Wire final : HttpTransport {
        explicit Wire(Served& of) : served(of) {}
        Result<HttpResponse> send(const HttpRequest& request) override {
            auto answer = served.server->handle(request);
            if (request.body.find("eth_sendRawTransaction") != std::string::npos) served.last_answer = answer.body;
            return answer;
        }
        Served& served;
    };

    Served() {
        clock->now += kDay - clock->now % kDay;
        organisation("bank");
        organisation("other");
        client = serve({});
    }
    Chain serve(ChainServerOptions bounds) {
        bounds.clock = clock;
        server.emplace(must(ChainServer::open(*chain, bounds)));
        ChainOptions through;
        through.network_url = "http://node.invalid";
        through.http = std::make_shared<Wire>(*this);
        return must(Chain::open(through));
    }
    Result<Receipt> mint(const std::string& who) {
        return client->mint(signer(who), named_id("token " + std::to_string(++minted)), true, keccak256("d"), "Qm1");
    }
    void fails_for(const std::string& who, std::string_view name, std::uint64_t wait) {
        const auto head = must(chain->info()).head.number;
        const auto failed = mint(who);
        CHECK(failed.status() == Status::UNAVAILABLE);
        CHECK(failed.error().name == name);
        CHECK(failed.error().code == wait);
        CHECK(failed.error().message.find("try again in " + std::to_string(wait) + " s") != std::string::npos);
        CHECK(must(chain->info()).head.number == head);
    }

    std::optional<ChainServer> server;
    std::optional<Chain> client;
    std::string last_answer;
    int minted = 0;
};

Address nobody(std::uint64_t number) {
    Address out;
    for (int i = 0; i < 8; ++i) out.data[std::size_t(i)] = std::uint8_t(number >> (8 * i));
    return out;
}
rpc::Sending from(std::uint64_t number) { return {nobody(number), nobody(number)}; }

}  // namespace

TEST_CASE_FIXTURE(Served, "a sender has so many transactions a minute, and time gives them back one by one") {
    client = serve({.rate = 3});
    for (int i = 0; i < 3; ++i) must(mint("bank"));
    fails_for("bank", kSenderRate, 20);
    CHECK(last_answer.find("-32005") != std::string::npos);
    must(mint("other"));
    clock->now += 19;
    fails_for("bank", kSenderRate, 1);
    clock->now += 1;
    must(mint("bank"));
    fails_for("bank", kSenderRate, 20);
    clock->now += 1'000'000;
    for (int i = 0; i < 3; ++i) must(mint("bank"));
    fails_for("bank", kSenderRate, 20);
    clock->now -= 100;
    fails_for("bank", kSenderRate, 20);
}

TEST_CASE_FIXTURE(Served, "a sender has so many bytes a day, also after the server was started anew") {
    client = serve({});
    must(mint("bank"));
    const auto bytes = must(chain->node().transaction(must(mint("bank")).transaction))->raw.size();
    const ChainServerOptions bounds{.bytes_per_day = 4 * bytes + bytes / 2};
    for (int i = 0; i < 2; ++i) {
        client = serve(bounds);
        must(mint("bank"));
    }
    client = serve(bounds);
    clock->now += kDay - 100;
    fails_for("bank", kSenderBytes, 100);
    CHECK(last_answer.find("-32005") != std::string::npos);
    must(mint("other"));
    clock->now += 100;
    for (int i = 0; i < 4; ++i) must(mint("bank"));
    fails_for("bank", kSenderBytes, kDay);

    client = serve({.bytes_per_day = bytes / 2});
    clock->now += kDay;
    const auto never = mint("bank");
    CHECK(never.status() == Status::REFUSED);
    CHECK(never.error().message.find("a transaction of") != std::string::npos);
}

TEST_CASE_FIXTURE(Served, "the keys that act for an organisation are one sender, however many it names") {
    const auto bank = signer("bank").address();
    for (const char* key : {"clerk", "server"})
        must(chain->add_delegate(signer("bank"), bank, KeyUse::work, signer(key).address(), kDay));
    must(chain->add_delegate(signer("bank"), bank, KeyUse::grant, signer("treasurer").address(), kDay));
    client = serve({.rate = 3});
    for (const char* key : {"bank", "clerk", "server"}) must(mint(key));
    for (const char* key : {"bank", "clerk", "server", "treasurer"}) fails_for(key, kSenderRate, 20);
    must(mint("other"));

    const auto bytes =
        must(chain->node().transaction(
                 must(chain->mint(signer("clerk"), named_id("last"), true, keccak256("d"), "Qm1")).transaction))
            ->raw.size();
    client = serve({.bytes_per_day = 2 * bytes});
    fails_for("server", kSenderBytes, kDay);
    // A key that acts for nobody any more is a sender of its own, from whom the ledger takes nothing.
    must(chain->revoke_delegate(signer("bank"), bank, KeyUse::work, signer("clerk").address()));
    CHECK(mint("clerk").error().name == "no_permission");
}

TEST_CASE_FIXTURE(Served, "who names an organisation names the keys that act for it") {
    const auto bank = signer("bank").address();
    must(chain->add_delegate(signer("bank"), bank, KeyUse::work, signer("clerk").address(), 60));
    client = serve({.allow = {bank}});
    must(mint("clerk"));
    client = serve({.allow = {signer("clerk").address()}});
    must(mint("clerk"));
    CHECK(mint("bank").error().name == kSenderNotAllowed);
    client = serve({.allow = {signer("other").address()}});
    const auto refused = mint("clerk");
    CHECK(refused.error().name == kSenderNotAllowed);
    CHECK(refused.error().message.find("which acts for " + address_text(bank)) != std::string::npos);
    client = serve({.allow = {bank}});
    clock->now += 61;
    CHECK(mint("clerk").error().name == kSenderNotAllowed);
}

TEST_CASE_FIXTURE(Served, "who is not named may read and not send") {
    client = serve({.allow = {signer("bank").address(), signer("admin").address()}});
    must(mint("bank"));
    const auto head = must(chain->info()).head.number;
    const auto refused = mint("other");
    CHECK(refused.status() == Status::REFUSED);
    CHECK(refused.error().name == kSenderNotAllowed);
    CHECK(refused.error().message.find(address_text(signer("other").address())) != std::string::npos);
    CHECK(last_answer.find("-32003") != std::string::npos);
    CHECK(must(chain->info()).head.number == head);
    CHECK(must(client->token_count()) == 1);
}

TEST_CASE_FIXTURE(Served,
                  "what the ledger does not take costs its sender nothing, and what it has is not counted again") {
    client = serve({.rate = 1});
    const auto send = [&](BytesView raw) {
        const auto question = json::Value::object({{"jsonrpc", "2.0"},
                                                   {"id", 1},
                                                   {"method", "eth_sendRawTransaction"},
                                                   {"params", json::Array{hex_text(raw)}}});
        return must(json::parse(server->handle({"POST", "/", json::compact(question), {}}).body));
    };
    const auto taken =
        must(chain->node().transaction(
                 must(chain->close_task(signer("bank"), must(chain->create_task(signer("bank"), "count", "how many?"))))
                     .transaction))
            ->raw;
    for (int i = 0; i < 3; ++i)
        CHECK(send(taken).text_at({"error", "message"}).find("nonce too low") != std::string::npos);
    for (int i = 0; i < 3; ++i) CHECK(mint("outsider").error().name == "no_permission");
    must(mint("bank"));
    fails_for("bank", kSenderRate, 60);
    CHECK(send(taken).text_at({"error", "message"}).find("nonce too low") != std::string::npos);
}

TEST_CASE("of senders no more are remembered than there is room for, and the longest silent one goes first") {
    const auto clock = std::make_shared<support::FakeClock>();
    rpc::SenderLimits limits({.rate = 1, .clock = clock});
    for (std::uint64_t i = 0; i < rpc::SenderLimits::kSendersMax; ++i) {
        must(limits.take(from(i), 1));
        if (i == 0) clock->now += 1;
    }
    CHECK(limits.take(from(1), 1).error().name == kSenderRate);
    // Who is refused in the end leaves no trace.
    rpc::SenderLimits fresh({.rate = 1, .clock = clock});
    must(fresh.take(from(1), 1));
    fresh.give_back(nobody(1), 1);
    CHECK(fresh.senders() == 0);
    must(limits.take(from(1'000'000), 1));
    CHECK(limits.senders() == rpc::SenderLimits::kSendersMax);
    CHECK(limits.take(from(2), 1).error().name == kSenderRate);
    must(limits.take(from(0), 1));
}
