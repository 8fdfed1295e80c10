// dt-cli asset: publish, compose and look at data tokens.

#include "asset/values.hpp"
#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "client/values.hpp"
#include "job/values.hpp"
#include "tools/cli/artifact_flags.hpp"
#include "tools/cli/attributes.hpp"
#include "tools/cli/command.hpp"
#include "tools/cli/published_table.hpp"

#include <c2d/client.hpp>

#include <algorithm>

namespace c2d::cli {

namespace {

using json::Value;

/// What is to be published, for `dt` and `cdt`.
struct Draft {
    std::string attr_file, id;
    std::vector<std::string> vars;

    void declare(Args& args) {
        args.required("--attr_file", attr_file, "JSON with metadata, services, child_dts");
        args.optional("--id", id, "token id (default: the file's, else random)");
        args.variables(vars);
        args.key();
    }
    Result<std::string> attributes() const {
        C2D_TRY(const auto variables, parse_variables(vars));
        return read_attributes(attr_file, variables);
    }
};

Error named(const std::string& file, Error error) {
    if (error.status == Status::INVALID_ARGUMENT) error.message = file + ": " + error.message;
    return error;
}

/// Says on stderr what the terms of a token do not bound.
void note_free(const Asset& asset) {
    if (asset.free.empty()) return;
    Output::note(fmt::format("left free by the terms of {}: whoever composes or runs chooses these without a bound",
                             token_text(asset.record.id)));
    for (const auto& free : asset.free)
        Output::note(fmt::format("  {}: {}  {}", display_text(free.service),
                                 free.argument.empty() ? "all arguments" : display_text(free.argument),
                                 display_text(free.allows)));
    if (asset.free.size() == kFreeArgumentsMax) Output::note("  and perhaps more");
}

/// Says on stderr when a joint computation may open results over single rows of a data set.
void note_unguarded(const asset::ReadAsset& read) {
    const Value* const services = read.document.find("services");
    if (read.asset.type != "Dataset" || !read.asset.children.empty() || !services || !services->is_array()) return;
    const auto guarded = [](const Value& service) {
        const Value* const attributes = service.find("attributes");
        return attributes && asset::guards_openings(*attributes);
    };
    if (std::ranges::all_of(services->items(), guarded)) return;
    Output::note(fmt::format(
        "nothing is guarded by the terms of {}: joint computations may open sums over single rows, and what "
        "release.reveal \"any\" allows; attributes.minimum says over how many rows at least",
        token_text(read.asset.record.id)));
}

/// The id of what was published, and what its terms leave free.
Result<int> answer_published(Session& session, const AssetRegistry& registry, const TokenId& id) {
    Value answer = Value::object({{"dt", token_text(id)}});
    const auto read = asset::read_asset(registry, id);
    if (read) {
        note_free(read->asset);
        note_unguarded(*read);
        answer.set("free", json::list_of(read->asset.free));
    } else {
        Output::note("published, but not read back: " + read.error().message);
    }
    session.output.answer(answer, fmt::format("dt: {}\n", token_text(id)));
    return 0;
}

struct PublishData {
    static constexpr About about{"dt", "publish a leaf data token",
                                 "dt-cli asset dt --attr_file rows.json --store_path rows.csv --keystore bank.json"};
    Draft draft;
    TableFlags table;
    OriginFlags origin;
    std::string store_path;

    void declare(Args& args) {
        draft.declare(args);
        table.declare(args);
        origin.declare(args);
        args.optional("--store_path", store_path, "tell our provider where the data are");
    }
    Result<int> run(Session& session);
};

Result<int> PublishData::run(Session& session) {
    C2D_TRY(auto written, draft.attributes());
    C2D_TRY(const auto key, session.key());
    C2D_TRY(auto registry, session.registry());
    C2D_TRY(auto client, Client::open(registry, key));
    auto with_origin = origin.complete(session, client, std::move(written));
    if (!with_origin) return named(draft.attr_file, with_origin.error());
    const auto attributes = table.complete(*std::move(with_origin));
    if (!attributes) return named(draft.attr_file, attributes.error());
    C2D_TRY(const auto id, optional_token(draft.id));
    const auto published = client.publish(*attributes, id);
    if (!published) return named(draft.attr_file, published.error());
    if (!store_path.empty()) C2D_CHECK(client.insert_dt_store(*published, store_path));
    return answer_published(session, registry, *published);
}

struct Compose {
    static constexpr About about{"cdt", "compose: publish, ask for grants, activate",
                                 "dt-cli asset cdt --attr_file model.json --keystore company.json"};
    Draft draft;

    void declare(Args& args) { draft.declare(args); }
    Result<int> run(Session& session);
};

Result<int> Compose::run(Session& session) {
    C2D_TRY(const auto attributes, draft.attributes());
    C2D_TRY(const auto id, optional_token(draft.id));
    C2D_TRY(const auto key, session.key());
    C2D_TRY(auto registry, session.registry());
    C2D_TRY(auto client, Client::open(registry, key));
    const auto composed = client.compose(attributes, id);
    if (!composed) return named(draft.attr_file, composed.error());
    return answer_published(session, registry, *composed);
}

std::string owner_text(const Chain& chain, const Address& owner) {
    const auto enterprise = chain.enterprise(owner);
    return enterprise ? enterprise->name : address_text(owner);
}

Value summary(const Chain& chain, const Asset& asset) {
    return Value::object({{"dt", token_text(asset.record.id)},
                          {"name", asset.name},
                          {"type", asset.type.empty() ? "unreadable" : asset.type},
                          {"owner", owner_text(chain, asset.record.owner)},
                          {"owner_address", address_text(asset.record.owner)},
                          {"composed", !asset.record.is_leaf},
                          {"block", asset.record.block_updated}});
}

struct ListTokens {
    static constexpr About about{"list", "the public list of tokens", "dt-cli asset list --count 20"};
    std::uint64_t start = 0, count = 100;

    void declare(Args& args) {
        args.number("--start", start, "first row, from 0");
        args.number("--count", count, "rows, at most 256");
    }
    Result<int> run(Session& session);
};

Result<int> ListTokens::run(Session& session) {
    C2D_TRY(const auto registry, session.registry());
    C2D_TRY(const auto assets, registry.list(start, count));
    C2D_TRY(const auto total, registry.chain().token_count());
    json::Array rows;
    std::string text;
    for (const auto& asset : assets) {
        rows.push_back(summary(registry.chain(), asset));
        const auto& listed = rows.back();
        text += row(
            {listed.text_at({"dt"}), listed.text_at({"name"}), listed.text_at({"type"}), listed.text_at({"owner"})});
    }
    text += fmt::format("{} of {} listed tokens\n", assets.size(), total);
    session.output.answer(Value::object({{"tokens", std::move(rows)}, {"total", total}}), text);
    return 0;
}

struct Show {
    static constexpr About about{"show", "a token's record and document", "dt-cli asset show $DT"};
    std::string dt;

    void declare(Args& args) { args.required("--dt,dt", dt, "the token"); }
    Result<int> run(Session& session);
};

Result<int> Show::run(Session& session) {
    C2D_TRY(const auto id, parse_token(dt));
    C2D_TRY(const auto registry, session.registry());
    C2D_TRY(auto read, asset::read_asset(registry, id));
    const Asset& asset = read.asset;
    Value body = summary(registry.chain(), asset);
    body.set("active", asset.active);
    body.set("checksum", hex_text(asset.record.checksum));
    body.set("cid", asset.record.document);
    body.set("free", json::list_of(asset.free));
    note_free(asset);
    const std::string text = json::pretty(read.document, json::Escape::invisible) + "\n";
    body.set("document", std::move(read.document));
    session.output.answer(body, text);
    return 0;
}

/// What bounds a grant, for people; empty where the network knows no bounds.
std::string state_text(const Result<GrantState>& state, std::uint64_t now) {
    if (!state) return {};
    if (!state->given) return "  revoked";
    std::string text;
    if (const auto expiry = state->limits.expiry; expiry != 0)
        text += expiry < now ? "  expired" : fmt::format("  {} s left", expiry - now);
    if (state->limits.uses != 0) text += fmt::format("  {} of {} jobs used", state->used, state->limits.uses);
    return text;
}

Value grant_value(const Chain& chain, const GrantRecord& grant, const Result<GrantState>& state) {
    Value row = Value::object({{"dt", token_text(grant.dt)},
                               {"grantee", token_text(grant.grantee)},
                               {"owner", owner_text(chain, grant.owner)},
                               {"block", grant.block_number},
                               {"transaction", hex_text(grant.transaction)}});
    if (!state) return row;
    row.set("revoked", !state->given);
    row.set("expiry", state->limits.expiry);
    row.set("jobs", state->limits.uses);
    row.set("jobs_used", state->used);
    return row;
}

/// A data token and the composition that uses it.
struct Pair {
    std::string dt, cdt;

    void declare(Args& args, const char* about_dt, const char* about_cdt) {
        args.required("--dt", dt, about_dt);
        args.required("--cdt", cdt, about_cdt);
        args.key();
    }
};

struct Revoke {
    static constexpr About about{"revoke", "take a grant back",
                                 "dt-cli asset revoke --dt $DT --cdt $CDT --keystore bank.json"};
    Pair pair;

    void declare(Args& args) { pair.declare(args, "our token", "the composition that may no longer use it"); }
    Result<int> run(Session& session);
};

Result<int> Revoke::run(Session& session) {
    C2D_TRY(const auto dt, parse_token(pair.dt));
    C2D_TRY(const auto cdt, parse_token(pair.cdt));
    C2D_TRY(const auto key, session.key());
    C2D_TRY(const auto registry, session.registry());
    C2D_TRY(const auto receipt, registry.chain().revoke(*key, dt, cdt));
    session.output.answer(Value::object(
        {{"dt", token_text(dt)}, {"cdt", token_text(cdt)}, {"transaction", hex_text(receipt.transaction)}}));
    return 0;
}

struct Grants {
    static constexpr About about{"grants", "grants of and to a token, or requests that wait for our word",
                                 "dt-cli asset grants --pending --keystore bank.json"};
    std::string dt;
    bool pending = false;

    void declare(Args& args) {
        auto* token = args.optional("--dt,dt", dt, "the token");
        auto* waiting = args.flag("--pending", pending, "requests for grants that only we may give; needs our key");
        args.require_one({token, waiting}, "--dt or --pending");
        args.key();
    }
    Result<int> run(Session& session);
    Result<int> list(Session& session, const TokenId& id) const;
    static Result<int> list_pending(Session& session, std::optional<TokenId> id);
};

Result<int> Grants::run(Session& session) {
    C2D_TRY(const auto id, optional_token(dt));
    return pending ? list_pending(session, id) : list(session, *id);
}

Result<int> Grants::list(Session& session, const TokenId& id) const {
    C2D_TRY(const auto registry, session.registry());
    C2D_TRY(const auto record, registry.chain().token(id));
    C2D_TRY(const auto given, registry.chain().grants_of(id));
    C2D_TRY(const auto received, registry.chain().grants_to(record.id));
    const auto now = registry.options().clock->now_seconds();
    json::Array rows;
    std::string text;
    for (const auto* side : {&given, &received})
        for (const auto& grant : *side) {
            const auto state = registry.chain().grant_state(grant.dt, grant.grantee);
            rows.push_back(grant_value(registry.chain(), grant, state));
            text += fmt::format("{}  ->  {}  {}  block {}{}\n", token_text(grant.dt), token_text(grant.grantee),
                                display_text(owner_text(registry.chain(), grant.owner)), grant.block_number,
                                state_text(state, now));
        }
    session.output.answer(Value::object({{"grants", std::move(rows)}}), text.empty() ? "no grants\n" : text);
    return 0;
}

Result<int> Grants::list_pending(Session& session, std::optional<TokenId> id) {
    C2D_TRY(const auto key, session.key());
    C2D_TRY(auto registry, session.registry());
    C2D_TRY(auto client, Client::open(registry, key));
    C2D_TRY(const auto waiting, client.waiting_grants(id));
    json::Array rows;
    std::string text;
    for (const auto& request : waiting.grants) {
        auto row = to_value(request);
        const auto composer = owner_text(registry.chain(), request.composer);
        row.set("composer_name", composer);
        rows.push_back(std::move(row));
        text +=
            fmt::format("{}  ->  {}  {}\n", token_text(request.dt), token_text(request.cdt), display_text(composer));
    }
    for (const auto& silent : waiting.unanswered)
        Output::note(fmt::format("error: what waits at {} for {} is not known: {}",
                                 silent.endpoint.empty() ? "the provider" : display_text(silent.endpoint),
                                 token_text(silent.dt), silent.error.message));
    const bool whole = waiting.unanswered.empty();
    session.output.answer(
        Value::object({{"pending", std::move(rows)}, {"unanswered", json::list_of(waiting.unanswered)}}),
        !text.empty() ? text
        : whole       ? "nothing waits\n"
                      : "nothing is known to wait\n");
    return whole ? 0 : 1;
}

/// The provider grants if the terms hold, also where the grant is over or used up.
struct RequestGrant {
    static constexpr About about{"request_grant", "ask a child's provider for its grant again",
                                 "dt-cli asset request_grant --dt $DT --cdt $CDT --keystore company.json"};
    Pair pair;

    void declare(Args& args) { pair.declare(args, "the child", "our composition"); }
    Result<int> run(Session& session);
};

Result<int> RequestGrant::run(Session& session) {
    C2D_TRY(const auto id, parse_token(pair.dt));
    C2D_TRY(const auto cdt, parse_token(pair.cdt));
    C2D_TRY(const auto key, session.key());
    C2D_TRY(auto registry, session.registry());
    C2D_TRY(auto client, Client::open(registry, key));
    C2D_CHECK(client.request_grant(id, cdt));
    session.output.answer(Value::object({{"dt", token_text(id)}, {"cdt", token_text(cdt)}, {"granted", true}}));
    return 0;
}

/// By the owner's own key: also where the owner took it back, which the provider does not undo.
struct GrantOurselves {
    static constexpr About about{"grant",
                                 "grant a token of ours in the owner's own word; one that stands is given anew",
                                 "dt-cli asset grant --dt $DT --cdt $CDT --keystore bank.json"};
    Pair pair;
    std::optional<std::uint64_t> seconds, jobs;

    void declare(Args& args) {
        pair.declare(args, "our token", "the composition that may use it");
        args.optional("--seconds", seconds,
                      "how long it holds, 0: without end (default: as the token's document says)");
        args.optional("--jobs", jobs, "for how many jobs, 0: any number (default: as the token's document says)");
    }
    Result<int> run(Session& session);
};

Result<int> GrantOurselves::run(Session& session) {
    C2D_TRY(const auto id, parse_token(pair.dt));
    C2D_TRY(const auto cdt, parse_token(pair.cdt));
    C2D_TRY(const auto key, session.key());
    C2D_TRY(auto registry, session.registry());
    const auto granted = registry.grant(*key, id, cdt, {seconds, jobs});
    // What stands is given anew, as far as it is our provider's to say: the ledger has no second grant beside it.
    const bool renews = !granted && granted.error().name == "granted_already" && !seconds && !jobs;
    if (!granted && !renews) return granted.error();
    if (renews) {
        C2D_TRY(auto client, Client::open(registry, key));
        C2D_CHECK(client.renew_grant(id, cdt));
    }
    session.output.answer(
        Value::object({{"dt", token_text(id)}, {"cdt", token_text(cdt)}, {"granted", true}, {"renewed", renews}}));
    return 0;
}

/// Our token, to be closed or opened.
struct Closing {
    std::string dt;

    void declare(Args& args) {
        args.required("--dt,dt", dt, "our token");
        args.key();
    }
    Result<int> run(Session& session, bool closed) const {
        C2D_TRY(const auto id, parse_token(dt));
        C2D_TRY(const auto key, session.key());
        C2D_TRY(auto registry, session.registry());
        C2D_TRY(auto client, Client::open(registry, key));
        C2D_CHECK(closed ? client.close_token(id) : client.open_token(id));
        session.output.answer(Value::object({{"dt", token_text(id)}, {"closed", closed}}));
        return 0;
    }
};

struct Close : Closing {
    static constexpr About about{"close", "no grants and no new jobs on a token of ours; running ones end",
                                 "dt-cli asset close --dt $DT --keystore bank.json"};
    Result<int> run(Session& session) { return Closing::run(session, true); }
};

struct Open : Closing {
    static constexpr About about{"open", "open a token of ours that was closed",
                                 "dt-cli asset open --dt $DT --keystore bank.json"};
    Result<int> run(Session& session) { return Closing::run(session, false); }
};

}  // namespace

void add_asset(const Group& program) {
    const Group group = program.group("asset", "publish, compose and look at data tokens");
    group.add<PublishData>();
    group.add<Compose>();
    group.add<ListTokens>();
    group.add<Show>();
    group.add<Grants>();
    group.add<GrantOurselves>();
    group.add<RequestGrant>();
    group.add<Revoke>();
    group.add<Close>();
    group.add<Open>();
}

}  // namespace c2d::cli
