// dt-cli chain: start, look at and verify a ledger; put the contracts on a network. serve.cpp has `chain serve`.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "tools/cli/command.hpp"

#include <charconv>

namespace c2d::cli {

namespace {

using json::Value;

void add_contracts(Value& answer, const ContractAddresses& contracts) {
    // The original contracts are two fewer, those of edition 1 one.
    for (const auto& contract : kContracts)
        if (const Address& at = contracts.*contract.address; !at.is_zero()) answer.set(contract.name, address_text(at));
}

std::string head_text(const Head& head) { return fmt::format("{}:{}", head.number, hex_text(head.hash)); }

Value describe(const NetworkInfo& info) {
    Value answer = Value::object({{"kind", info.kind}, {"chain_id", info.chain_id}, {"salt", hex_text(info.salt)}});
    // Who deployed contracts on a network is not for it to tell.
    if (!info.admin.is_zero()) answer.set("admin", address_text(info.admin));
    answer.set("edition", info.edition);
    answer.set("head", head_text(info.head));
    if (info.ahead)
        answer.set(
            "ledger_ahead",
            Value::object({{"block", info.ahead->block}, {"time", info.ahead->time}, {"wait", info.ahead->wait}}));
    add_contracts(answer, info.contracts);
    return answer;
}

struct Init {
    static constexpr About about{"init", "start a ledger; the signer becomes its administrator",
                                 "dt-cli chain init --keystore admin.json"};
    void declare(Args& args) { args.key(); }
    Result<int> run(Session& session);
};

Result<int> Init::run(Session& session) {
    C2D_TRY(const auto options, session.chain_options());
    C2D_TRY(const auto key, session.key());
    C2D_TRY(const auto chain, Chain::create(options, *key));
    session.output.answer(describe(chain.network()));
    return 0;
}

struct Info {
    static constexpr About about{"info", "identity, contracts and head", "dt-cli chain info"};
    void declare(Args&) {}
    Result<int> run(Session& session);
};

Result<int> Info::run(Session& session) {
    C2D_TRY(const auto options, session.chain_options());
    C2D_TRY(const auto chain, Chain::open(options));
    C2D_CHECK(chain.check_contracts());
    C2D_TRY(const auto now, chain.info());
    Value answer = describe(now);
    C2D_TRY(const auto settled, chain.at_read_block());
    if (settled) answer.set("read_block", head_text(settled->network().head));
    session.output.answer(answer);
    return 0;
}

/// Lets a ledger go on with the next edition of the rules.
struct Upgrade {
    static constexpr About about{"upgrade", "go on with the next edition of the rules, as an administrator",
                                 "dt-cli chain upgrade --keystore admin.json"};
    void declare(Args& args) { args.key(); }
    Result<int> run(Session& session);
};

/// Said here: rules that do not know of editions yet say nothing of who may.
Result<Unit> require_administrator(const Chain& chain, const Signer& key) {
    C2D_TRY(const auto principal, chain.principal(key.address(), KeyUse::owner));
    C2D_TRY(const bool administrator, chain.has_role(principal, LedgerRole::administrator));
    if (administrator) return Unit{};
    return fail(Status::REFUSED, "expected the key of an administrator of the ledger, found {}, which is none",
                address_text(key.address()));
}

Result<int> Upgrade::run(Session& session) {
    C2D_TRY(const auto options, session.chain_options());
    C2D_TRY(const auto key, session.key());
    C2D_TRY(auto chain, Chain::open(options));
    C2D_TRY(const auto now, chain.edition());
    C2D_CHECK(require_administrator(chain, *key));
    auto started = chain.start_edition(*key, now + 1);
    if (!started && started.error().name == "edition_not_next") {
        Error error = std::move(started).error();
        error.message = fmt::format("the ledger has edition {} already, and this program knows none after it", now);
        return error;
    }
    C2D_TRY(const auto receipt, std::move(started));
    session.output.answer(Value::object(
        {{"edition", now + 1}, {"from_block", receipt.block_number}, {"transaction", hex_text(receipt.transaction)}}));
    return 0;
}

/// Puts the contracts on the EVM network at network_url, and their addresses into a file.
struct Deploy {
    static constexpr About about{
        "deploy", "put the contracts on an EVM network; the signer becomes their administrator",
        "dt-cli chain deploy --network test --address_file addresses.json --keystore admin.json"};
    std::string network, address_file;
    bool force = false;

    void declare(Args& args) {
        args.key();
        args.required("--network", network, "name of the network in the address file");
        args.required("--address_file", address_file, "gets the addresses");
        args.flag("--force", force, "replace the network's entry in the file");
    }
    Result<int> run(Session& session);
};

Result<int> Deploy::run(Session& session) {
    C2D_TRY(auto options, session.chain_options());
    C2D_TRY(const auto key, session.key());
    options.network_name = network;
    options.address_file = address_file;
    DeployOptions how;
    how.replace = force;
    how.progress = [](std::uint64_t done, std::uint64_t total, std::string_view line) {
        Output::note(fmt::format("{} of {}: {}", done, total, line));
    };
    const auto made = Chain::deploy(options, *key, how);
    if (!made && made.error().name == "network_exists")
        return fail(Status::CONFLICT, "{} with --force", made.error().message);
    if (!made) return made.error();
    Value answer = Value::object({{"network", options.network_name},
                                  {"address_file", options.address_file},
                                  {"chain_id", made->chain_id},
                                  {"admin", address_text(made->deployer)},
                                  {"first_block", made->first_block}});
    add_contracts(answer, made->contracts);
    session.output.answer(answer);
    return 0;
}

/// `--head`, NUMBER:HASH as `chain info` prints it.
Result<std::optional<Head>> expected_head(const std::string& text) {
    if (text.empty()) return std::optional<Head>();
    Head head;
    const auto colon = text.find(':');
    const auto [end, error] = std::from_chars(text.data(), text.data() + std::min(colon, text.size()), head.number);
    const auto bytes = parse_hex(colon == text.npos ? std::string_view() : std::string_view(text).substr(colon + 1));
    if (error != std::errc() || colon == text.npos || end != text.data() + colon || !bytes || bytes->size() != 32)
        return fail(Status::INVALID_ARGUMENT, "--head: expected NUMBER:HASH as chain info prints it, found \"{}\"",
                    text);
    C2D_TRY(head.hash, Bytes32::from(*bytes));
    return std::optional<Head>(head);
}

struct Verify {
    static constexpr About about{"verify", "replay every block and compare everything stored",
                                 "dt-cli chain verify --head $HEAD"};
    std::string head;

    void declare(Args& args) { args.optional("--head", head, "NUMBER:HASH that must be in the ledger"); }
    Result<int> run(Session& session);
};

Result<int> Verify::run(Session& session) {
    C2D_TRY(const auto expected, expected_head(head));
    C2D_TRY(const auto options, session.chain_options());
    C2D_TRY(const auto chain, Chain::open(options));
    const auto progress = [](std::uint64_t, std::uint64_t, std::string_view line) { Output::note(std::string(line)); };
    C2D_TRY(const auto found, chain.verify(progress));
    if (expected) C2D_CHECK(chain.require_block(expected->number, expected->hash));
    session.output.answer(Value::object({{"verified", true}, {"head", head_text(found)}}));
    return 0;
}

/// Takes blocks out of the ledger file, for its keeper.
struct Cut {
    static constexpr About about{"cut", "take the newest blocks out of the ledger file, as its keeper",
                                 "dt-cli chain cut --from 100"};
    std::uint64_t from = 0;
    bool force = false;

    void declare(Args& args) {
        args.number("--from", from, "the first block to take out")->required();
        args.flag("--force", force, "do it; without it, only say what would be taken out");
    }
    Result<int> run(Session& session);
};

Result<int> Cut::run(Session& session) {
    C2D_TRY(const auto options, session.chain_options());
    C2D_TRY(const auto would, Chain::cut(options, from, {.dry_run = true}));
    if (!force)
        return fail(Status::CONFLICT,
                    "this takes {} blocks with {} transactions, from block {} on, out of the ledger for everybody, and "
                    "leaves block {} as its last one; say so with --force",
                    would.blocks, would.transactions, would.from, would.head.number);
    C2D_TRY(const auto done, Chain::cut(options, from));
    session.output.answer(Value::object({{"from", done.from},
                                         {"blocks", done.blocks},
                                         {"transactions", done.transactions},
                                         {"first_time", done.first_time},
                                         {"last_time", done.last_time},
                                         {"saved", done.saved},
                                         {"head", head_text(done.head)}}));
    return 0;
}

/// Lets this user's memory go of blocks that the keeper took out.
struct Accept {
    static constexpr About about{"accept", "go on with a ledger whose keeper took blocks out",
                                 "dt-cli chain accept --head $HEAD"};
    std::string head;

    void declare(Args& args) { args.required("--head", head, "NUMBER:HASH that the keeper says"); }
    Result<int> run(Session& session);
};

Result<int> Accept::run(Session& session) {
    C2D_TRY(const auto expected, expected_head(head));
    if (!expected) return fail(Status::INVALID_ARGUMENT, "--head: expected NUMBER:HASH, found nothing");
    C2D_TRY(const auto options, session.chain_options());
    C2D_TRY(const auto done, Chain::accept(options, expected->number, expected->hash));
    Value answer = Value::object({{"head", head_text(done.head)}});
    if (done.given_up) answer.set("given_up", head_text(*done.given_up));
    session.output.answer(answer);
    return 0;
}

/// Any view of a contract, by its name.
struct Ask {
    static constexpr About about{"ask", "ask a contract any of its views", "dt-cli chain ask TaskMarket.getTaskNum"};
    std::string function, arguments = "[]";

    void declare(Args& args) {
        args.required("function", function, "CONTRACT.FUNCTION, as docs/contracts.md has them");
        args.optional("arguments", arguments, "a JSON list of arguments; none: []");
    }
    Result<int> run(Session& session);
};

Result<int> Ask::run(Session& session) {
    C2D_TRY(const auto options, session.chain_options());
    C2D_TRY(const auto chain, Chain::open(options));
    C2D_TRY(const auto answer, chain.ask(function, arguments));
    session.output.answer(Value::object({{"answer", Value::written(answer)}}));
    return 0;
}

/// Any function of a contract that changes the state.
struct Send {
    static constexpr About about{"send", "send a contract anything that changes its state",
                                 "dt-cli chain send TaskMarket.closeTask '[1]' --keystore bank.json"};
    std::string function, arguments = "[]";

    void declare(Args& args) {
        args.required("function", function, "CONTRACT.FUNCTION, as docs/contracts.md has them");
        args.optional("arguments", arguments, "a JSON list of arguments; none: []");
        args.key();
    }
    Result<int> run(Session& session);
};

Result<int> Send::run(Session& session) {
    C2D_TRY(const auto options, session.chain_options());
    C2D_TRY(const auto key, session.key());
    C2D_TRY(auto chain, Chain::open(options));
    C2D_TRY(const auto receipt, chain.send(*key, function, arguments));
    session.output.answer(
        Value::object({{"transaction", hex_text(receipt.transaction)}, {"block", receipt.block_number}}));
    return 0;
}

}  // namespace

void add_chain(const Group& program) {
    const Group group = program.group("chain", "start, look at and verify a ledger; deploy to a network");
    group.add<Init>();
    group.add<Info>();
    add_chain_serve(group);
    group.add<Deploy>();
    group.add<Upgrade>();
    group.add<Verify>();
    group.add<Cut>();
    group.add<Ask>();
    group.add<Send>();
    group.add<Accept>();
}

}  // namespace c2d::cli
