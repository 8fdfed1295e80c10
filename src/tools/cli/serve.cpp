// dt-cli chain serve: the ledger as a node of its own.

#include "base/try.hpp"
#include "tools/cli/command.hpp"
#include "tools/end_signals.hpp"
#include "tools/http_server.hpp"

#include <c2d/chain_server.hpp>

#include <fmt/format.h>

namespace c2d::cli {

namespace {

using json::Value;

/// Shows the ledger as an Ethereum JSON-RPC node until SIGINT or SIGTERM.
struct Serve {
    static constexpr About about{"serve", "answer Ethereum JSON-RPC for this ledger", "dt-cli chain serve --port 8545"};
    std::uint64_t port = 0;
    std::string host = "127.0.0.1";

    void declare(Args& args) {
        args.required("--port", port, "0: any free one")->check(CLI::Range(0, 65535));
        args.optional("--host", host, "numeric address to listen on");
    }
    Result<int> run(Session& session);
};

Result<int> Serve::run(Session& session) {
    const tools::EndSignals signals;
    C2D_TRY(const auto options, session.chain_options());
    C2D_TRY(const auto chain, Chain::open(options));
    ChainServer server(chain);
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
