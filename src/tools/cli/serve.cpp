// dt-cli chain serve: the ledger as a node of its own.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "tools/cli/command.hpp"
#include "tools/comma_words.hpp"
#include "tools/end_signals.hpp"
#include "tools/http_server.hpp"

#include <c2d/chain_server.hpp>

#include <charconv>

namespace c2d::cli {

namespace {

using json::Value;

/// Shows the ledger as an Ethereum JSON-RPC node until SIGINT or SIGTERM.
struct Serve {
    static constexpr About about{"serve", "answer Ethereum JSON-RPC for this ledger", "dt-cli chain serve --port 8545"};
    std::uint64_t port = 0;
    std::string host = "127.0.0.1";
    std::optional<std::uint64_t> rate, bytes_per_day;
    std::vector<std::string> allow;

    void declare(Args& args) {
        args.required("--port", port, "0: any free one")->check(CLI::Range(0, 65535));
        args.optional("--host", host, "numeric address to listen on");
        args.optional(
            "--rate", rate,
            "transactions a minute that are taken from one sender, with all keys that act for it (0: any number)");
        args.optional("--bytes_per_day", bytes_per_day, "bytes of transactions a day, likewise");
        args.optional("--allow", allow,
                      "0x… of the keys or organisations that alone may send transactions, several at will");
    }
    Result<ChainServerOptions> limits(const Config& config) const;
    Result<int> run(Session& session);
};

/// A whole number of [serve], unless a flag says it.
Result<std::uint64_t> number_of(const Config& config, const char* key, const std::optional<std::uint64_t>& flag) {
    if (flag) return *flag;
    const auto text = config.get("serve", key);
    if (!text) return std::uint64_t(0);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error == std::errc() && end == text->data() + text->size()) return value;
    return fail(Status::INVALID_ARGUMENT, "[serve] {}: expected a whole number, found \"{}\"", key, *text);
}

Result<ChainServerOptions> Serve::limits(const Config& config) const {
    ChainServerOptions out;
    C2D_TRY(out.rate, number_of(config, "rate", rate));
    C2D_TRY(out.bytes_per_day, number_of(config, "bytes_per_day", bytes_per_day));
    for (const auto& sender : allow.empty() ? tools::comma_words(config.get("serve", "allow").value_or("")) : allow) {
        const auto address = parse_address(sender);
        if (!address) return fail(Status::INVALID_ARGUMENT, "who may send: {}", address.error().message);
        out.allow.push_back(*address);
    }
    return out;
}

Result<int> Serve::run(Session& session) {
    const tools::EndSignals signals;
    C2D_TRY(const auto options, session.chain_options());
    C2D_TRY(const auto chain, Chain::open(options));
    C2D_TRY(const auto config, session.config());
    C2D_TRY(const auto senders, limits(config));
    C2D_TRY(auto server, ChainServer::open(chain, senders));
    tools::HttpServerOptions listen;
    listen.host = host;
    listen.port = std::uint16_t(port);
    listen.body_bytes_max = ChainServer::kBodyBytesMax;
    C2D_TRY(const auto http,
            tools::HttpServer::start(listen, [&server](const HttpRequest& request, const auto& answered) {
                answered(server.handle(request));
            }));
    session.output.answer(Value::object(
        {{"url", fmt::format("http://{}:{}", listen.host, http->port())}, {"chain_id", chain.network().chain_id}}));
    signals.wait();
    return 0;
}

}  // namespace

void add_chain_serve(const Group& chain) { chain.add<Serve>(); }

}  // namespace c2d::cli
