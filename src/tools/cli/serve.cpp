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
Result<int> serve(Session& session) {
    const tools::EndSignals signals;
    C2D_TRY(const auto options, session.chain_options());
    C2D_TRY(const auto chain, Chain::open(options));
    ChainServer server(chain);
    tools::HttpServerOptions listen;
    listen.host = session.flags.host;
    listen.port = std::uint16_t(session.flags.port);
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

void add_chain_serve(CLI::App& group, Flags& flags, Action& action) {
    auto* command = add_command(group, "serve", "answer Ethereum JSON-RPC for this ledger", action, serve);
    command->add_option("--port", flags.port, "0: any free one")->required()->check(CLI::Range(0, 65535));
    command->add_option("--host", flags.host, "numeric address to listen on");
}

}  // namespace c2d::cli
