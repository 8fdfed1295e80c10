// dt-cli chain: start, look at and verify a ledger.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "tools/cli/command.hpp"
#include "tools/end_signals.hpp"
#include "tools/http_server.hpp"

#include <c2d/chain_server.hpp>

#include <charconv>

namespace c2d::cli {

namespace {

using json::Value;

Value describe(const NetworkInfo& info) {
    return Value::object({{"kind", info.kind},
                          {"chain_id", info.chain_id},
                          {"salt", hex_text(info.salt)},
                          {"admin", address_text(info.admin)},
                          {"head", fmt::format("{}:{}", info.head.number, hex_text(info.head.hash))},
                          {"RoleController", address_text(info.contracts.role_controller)},
                          {"AssetProvider", address_text(info.contracts.asset_provider)},
                          {"OpTemplate", address_text(info.contracts.op_template)},
                          {"DTFactory", address_text(info.contracts.dt_factory)},
                          {"TaskMarket", address_text(info.contracts.task_market)},
                          {"JobReceipts", address_text(info.contracts.job_receipts)}});
}

Result<ChainOptions> chain_options(const Session& session) {
    C2D_TRY(const auto config, session.config());
    return tools::chain_options(config, session.flags.ledger, session.logger());
}

Result<int> init(Session& session) {
    C2D_TRY(const auto options, chain_options(session));
    C2D_TRY(const auto key, session.key());
    C2D_TRY(const auto chain, Chain::create(options, *key));
    session.output.answer(describe(chain.network()));
    return 0;
}

Result<int> info(Session& session) {
    C2D_TRY(const auto options, chain_options(session));
    C2D_TRY(const auto chain, Chain::open(options));
    session.output.answer(describe(chain.network()));
    return 0;
}

/// `--head`, NUMBER:HASH as `chain info` prints it.
Result<std::optional<Head>> expected_head(const std::string& text) {
    if (text.empty()) return std::optional<Head>();
    Head head;
    const auto colon = text.find(':');
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + std::min(colon, text.size()), head.number);
    const auto bytes = parse_hex(colon == text.npos ? std::string_view()
                                                    : std::string_view(text).substr(colon + 1));
    if (error != std::errc() || colon == text.npos || end != text.data() + colon || !bytes ||
        bytes->size() != 32)
        return fail(Status::INVALID_ARGUMENT,
                    "--head: expected NUMBER:HASH as chain info prints it, found \"{}\"", text);
    C2D_TRY(head.hash, Bytes32::from(*bytes));
    return std::optional<Head>(head);
}

Result<int> verify(Session& session) {
    C2D_TRY(const auto expected, expected_head(session.flags.head));
    C2D_TRY(const auto options, chain_options(session));
    C2D_TRY(const auto chain, Chain::open(options));
    const auto progress = [](std::uint64_t, std::uint64_t, std::string_view line) {
        Output::note(std::string(line));
    };
    C2D_TRY(const auto head, chain.verify(progress));
    if (expected) C2D_CHECK(chain.require_block(expected->number, expected->hash));
    session.output.answer(Value::object({{"verified", true},
                                         {"head", fmt::format("{}:{}", head.number, hex_text(head.hash))}}));
    return 0;
}

/// Shows the ledger as an Ethereum JSON-RPC node until SIGINT or SIGTERM.
Result<int> serve(Session& session) {
    const tools::EndSignals signals;
    C2D_TRY(const auto options, chain_options(session));
    C2D_TRY(const auto chain, Chain::open(options));
    ChainServer server(chain);
    tools::HttpServerOptions listen;
    listen.host = session.flags.host;
    listen.port = std::uint16_t(session.flags.port);
    listen.body_bytes_max = ChainServer::kBodyBytesMax;
    C2D_TRY(const auto http, tools::HttpServer::start(
                                 listen, [&server](const HttpRequest& r) { return server.handle(r); }));
    session.output.answer(Value::object(
        {{"url", fmt::format("http://{}:{}", listen.host, http->port())}, {"chain_id", chain.network().chain_id}}));
    signals.wait();
    return 0;
}

}  // namespace

void add_chain(CLI::App& app, Flags& flags, Action& action) {
    auto* group = app.add_subcommand("chain", "start, look at and verify a ledger");
    group->require_subcommand(1)->fallthrough();
    add_key_flags(*add_command(*group, "init", "start a ledger; the signer becomes its administrator", action, init),
                  flags);
    add_command(*group, "info", "identity, contracts and head", action, info);
    auto* serve_command = add_command(*group, "serve", "answer Ethereum JSON-RPC for this ledger", action, serve);
    serve_command->add_option("--port", flags.port, "0: any free one")->required()->check(CLI::Range(0, 65535));
    serve_command->add_option("--host", flags.host, "numeric address to listen on");
    add_command(*group, "verify", "replay every block and compare everything stored", action,
                verify)
        ->add_option("--head", flags.head, "NUMBER:HASH that must be in the ledger");
}

}  // namespace c2d::cli
