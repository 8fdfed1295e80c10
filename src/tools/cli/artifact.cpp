// dt-cli artifact: what runs left with this provider, sealed.

#include "artifact/store.hpp"
#include "artifact/values.hpp"
#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/transient.hpp"
#include "base/try.hpp"
#include "job/values.hpp"
#include "tools/cli/artifact_flags.hpp"
#include "tools/key_source.hpp"

#include <c2d/job_receipt.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace c2d::cli {

namespace {

namespace fs = std::filesystem;
using json::Value;

/// The one folder `artifacts_XXXXXXXX`.
Result<fs::path> only_folder(const fs::path& exec_dirpath) {
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator entry(exec_dirpath, error), end; !error && entry != end; entry.increment(error))
        if (entry->path().filename().string().starts_with(kArtifactFolderPrefix)) found.push_back(entry->path());
    if (found.size() == 1) return found[0];
    if (found.empty())
        return fail(Status::NOT_FOUND, "{} has no artifacts yet; name their folder with --folder",
                    exec_dirpath.string());
    return fail(Status::CONFLICT, "{} has the artifacts of {} providers; name one folder with --folder",
                exec_dirpath.string(), found.size());
}

}  // namespace

void ArtifactFlags::declare(Args& args, const char* folder_flag, const char* key_flag) {
    args.optional(folder_flag, folder, "the artifacts' folder (default: the one below [provider] exec_dirpath)");
    args.optional(key_flag, key_file,
                  "the artifact key, a file or a pkcs11: URI (default: [provider] artifact_key_path)");
}

Result<ArtifactStore> ArtifactFlags::open(const Session& session) const {
    fs::path path = folder;
    ArtifactStoreOptions options;
    options.key_file = key_file;
    if (folder.empty() || key_file.empty()) {
        C2D_TRY(const auto config, session.config());
        if (key_file.empty())
            options.key_file = tools::key_place(config, config.get("provider", "artifact_key_path").value_or(""));
        const char* const exec = std::getenv("EXEC_DIRPATH");
        if (folder.empty()) {
            C2D_TRY(path,
                    only_folder(exec && *exec ? exec : config.get("provider", "exec_dirpath").value_or("./tests/")));
        }
    }
    std::error_code ignored;
    if (!fs::is_directory(path, ignored))
        return fail(Status::NOT_FOUND, "there is no folder {}", display_text(path.string()));
    return ArtifactStore::open(path, std::move(options));
}

void OriginFlags::declare(Args& args) {
    auto* const job = args.number("--from_job", job_id, "a model token: over what this job left with our provider");
    auto* const name = args.optional("--output", output, "the output of that job")->needs(job);
    job->needs(name);
    args.optional("--party", party, "which party of it we were, where we were several")->needs(job);
    where.declare(args, "--artifacts", "--artifact_key");
    args.optional("--receipt", receipt, "with --artifacts: the run's receipt.json (default: that of the job's folder)")
        ->needs(job);
}

Result<Artifact> OriginFlags::find(const ArtifactStore& store) const {
    C2D_TRY(const auto all, store.list());
    const Artifact* found = nullptr;
    for (const auto& one : all) {
        if (one.job_id != job_id || one.name != output || one.destroyed || (party && one.party != *party)) continue;
        if (found && found->party != one.party)
            return fail(Status::CONFLICT,
                        "job {} left \"{}\" with us as party {} and as party {}; name one with --party", job_id, output,
                        found->party, one.party);
        found = &one;
    }
    if (found) return *found;
    return fail(Status::NOT_FOUND, "job {} left no \"{}\" here; dt-cli artifact list shows what is there", job_id,
                display_text(output));
}

namespace {

/// Where a provider leaves the receipt of a run of its own, beside its artifacts.
fs::path receipt_beside(const fs::path& folder, const Artifact& artifact) {
    const auto job = folder.parent_path() / fmt::format("job_{}", artifact.job_id);
    const auto whose = folder.filename().string().substr(std::string_view(kArtifactFolderPrefix).size());
    std::error_code ignored;
    for (const auto& suffix :
         {fmt::format("_{}_p{}", whose, artifact.party), fmt::format("_{}", whose), std::string()}) {
        const auto path = fs::path(job.string() + suffix) / "receipt.json";
        if (fs::exists(path, ignored)) return path;
    }
    return job / "receipt.json";
}

Result<ArtifactOrigin> origin_in(const std::string& document, const Artifact& artifact) {
    C2D_TRY(const auto receipt, read_receipt(document));
    if (receipt.job_id != artifact.job_id || receipt.party != artifact.party)
        return fail(Status::CONFLICT, "expected the receipt of job {} party {}, found that of job {} party {}",
                    artifact.job_id, artifact.party, receipt.job_id, receipt.party);
    ArtifactOrigin out{
        artifact.job_id, artifact.party, artifact.name, artifact.sha256, artifact.binding, receipt.data[0], {}};
    C2D_TRY(out.receipt_json, open_receipt_member(document, "artifacts"));
    return out;
}

/// The attributes with `origin` in each service.
Result<std::string> with_origin(const std::string& attributes, const ArtifactOrigin& origin) {
    C2D_TRY(Value document, json::parse(attributes));
    Value* const services = document.find("services");
    if (!services || !services->is_array())
        return fail(Status::INVALID_ARGUMENT, "expected \"services\", a list, in the attributes");
    for (Value& service : services->items()) {
        const Value* const given = service.find("attributes");
        Value of_service = given ? *given : Value::object({});
        if (of_service.find("origin"))
            return fail(Status::CONFLICT, "the attributes name an origin already, and --from_job another");
        of_service.set("origin", to_value(origin));
        service.set("attributes", std::move(of_service));
    }
    return json::compact(document);
}

}  // namespace

Result<ArtifactOrigin> OriginFlags::from_disk(const Session& session) const {
    C2D_TRY(const auto store, where.open(session));
    C2D_TRY(const auto artifact, find(store));
    C2D_CHECK(store.check(artifact.sha256));
    const auto path = receipt.empty() ? receipt_beside(fs::canonical(where.folder), artifact) : fs::path(receipt);
    const auto document = read_file(path, kReceiptBytesMax);
    if (!document)
        return fail(document.status(), "{}; name the receipt of job {} with --receipt", document.error().message,
                    artifact.job_id);
    return origin_in(*document, artifact);
}

Result<std::string> OriginFlags::complete(const Session& session, Client& client, std::string attributes) const {
    if (output.empty()) return attributes;
    const auto which = party ? std::optional(unsigned(*party)) : std::nullopt;
    C2D_TRY(const auto origin, where.folder.empty() ? client.origin(job_id, output, which) : from_disk(session));
    return with_origin(attributes, origin);
}

namespace {

/// Its owner hears of a token's key that can be taken out of it.
void warn_of_key(const fs::path& where) {
    if (!artifact::is_in_token(where)) return;
    const auto key = artifact::ArtifactKey::open(where);
    if (const auto warning = key ? key->warning() : std::string(); !warning.empty())
        Output::note("warning: " + warning);
}

std::string line_of(const Artifact& one) {
    return fmt::format("{}  job {}  party {}  {}  {}  {} bytes{}\n", hex_text(one.sha256), one.job_id, one.party,
                       one.name, one.kind, one.bytes, one.destroyed ? "  destroyed" : "");
}

/// Which one a command is about.
struct OneFlags {
    std::string sha256;

    void declare(Args& args) { args.required("--sha256", sha256, "its digest, as list and the receipt show it"); }
    Result<Bytes32> digest() const {
        auto out = parse_bytes32(sha256);
        if (!out)
            return fail(Status::INVALID_ARGUMENT, "--sha256: expected 64 digits, found \"{}\"",
                        display_text(sha256, 80));
        return out;
    }
};

struct List {
    static constexpr About about{"list", "what runs left with this provider",
                                 "dt-cli artifact list --folder artifacts"};
    ArtifactFlags where;

    void declare(Args& args) { where.declare(args); }
    Result<int> run(Session& session) {
        C2D_TRY(const auto store, where.open(session));
        C2D_TRY(const auto all, store.list());
        std::string text;
        for (const auto& one : all) text += line_of(one);
        session.output.answer(Value::object({{"artifacts", json::list_of(all)}}),
                              text.empty() ? "no artifacts\n" : text);
        return 0;
    }
};

struct Show {
    static constexpr About about{"show", "one artifact, and whether it opens as it was sealed",
                                 "dt-cli artifact show --sha256 $SHA256 --folder artifacts"};
    ArtifactFlags where;
    OneFlags which;

    void declare(Args& args) {
        which.declare(args);
        where.declare(args);
    }
    Result<int> run(Session& session) {
        C2D_TRY(const auto digest, which.digest());
        C2D_TRY(const auto store, where.open(session));
        C2D_TRY(const auto one, store.find(digest));
        Value body = to_value(one);
        std::string text = line_of(one) + "algorithm " + token_text(one.algo_dt) + "\n";
        if (one.kind == "model") text += "binding " + hex_text(one.binding) + "\n";
        if (!one.destroyed) {
            C2D_CHECK(store.check(digest));
            C2D_TRY(const auto key, store.wrapped_by(digest));
            warn_of_key(store.impl().options.key_file);
            body.set("opens", true);
            body.set("wrapped_by", key);
            text += fmt::format("opens as it was sealed: yes\nits key is wrapped by: {}\n", key);
        }
        session.output.answer(body, text);
        return 0;
    }
};

struct Rewrap {
    static constexpr About about{"rewrap", "make a new artifact key: copies of the old keys open nothing from then on",
                                 "dt-cli artifact rewrap --folder artifacts"};
    ArtifactFlags where;
    std::string to;

    void declare(Args& args) {
        where.declare(args);
        args.optional(
            "--to", to,
            "wrap under the key of another place, a file or a pkcs11: URI, which the configuration is to name then");
    }
    Result<int> run(Session& session) {
        C2D_TRY(auto store, where.open(session));
        C2D_TRY(const auto count, to.empty() ? store.rewrap() : store.rewrap_to(to));
        if (!to.empty()) tell_what_is_left(store.impl().options.key_file);
        session.output.answer(Value::object({{"artifacts", std::uint64_t(count)}}),
                              fmt::format("{} keys are wrapped under a new artifact key\n", count));
        return 0;
    }

private:
    void tell_what_is_left(const fs::path& old) const {
        Output::note("name " + display_text(to, to.size() + 28) + " as [provider] artifact_key_path from now on");
        if (artifact::is_in_token(old))
            Output::note(
                "the old key is still in its token: copies of old *.key files open with it until it is destroyed "
                "there");
        warn_of_key(to);
    }
};

struct Destroy {
    static constexpr About about{"destroy",
                                 "erase an artifact for ever; a signed tombstone stays, its tokens are closed",
                                 "dt-cli artifact destroy --sha256 $SHA256 --folder artifacts --keystore bank.json"};
    ArtifactFlags where;
    OneFlags which;
    bool keep_tokens = false;

    void declare(Args& args) {
        which.declare(args);
        where.declare(args);
        args.flag("--keep_tokens", keep_tokens, "leave the model tokens over it open on the ledger");
        args.key();
    }
    Result<int> run(Session& session);
};

/// Our tokens that stand for the artifact.
Result<std::vector<TokenId>> tokens_over(const AssetRegistry& registry, const Address& owner, const Bytes32& sha256) {
    constexpr std::uint64_t kTokensAtOnce = 256;
    std::vector<TokenId> out;
    for (std::uint64_t start = 0;; start += kTokensAtOnce) {
        C2D_TRY(const auto page, registry.chain().tokens(start, kTokensAtOnce));
        for (const auto& record : page) {
            if (record.owner != owner || !record.is_leaf) continue;
            const auto asset = registry.resolve(record.id);
            // Whoever has it may be back soon. What cannot be read stands for nothing that a provider would run.
            if (!asset && is_transient(asset.error())) return asset.error();
            if (asset && std::ranges::any_of(asset->origins, [&](const auto& one) { return one.sha256 == sha256; }))
                out.push_back(record.id);
        }
        if (page.size() < kTokensAtOnce) return out;
    }
}

Result<std::vector<TokenId>> close_tokens_over(Session& session, const std::shared_ptr<Signer>& key,
                                               const Bytes32& sha256) {
    C2D_TRY(auto registry, session.registry());
    C2D_TRY(auto client, Client::open(registry, key));
    // Closing is what a key for grants may do; one for work alone finds the tokens, and is told that it may not.
    C2D_TRY(auto owner, registry.chain().in_name_of(*key));
    if (owner == key->address()) {
        C2D_TRY(owner, registry.chain().in_name_of(*key, KeyUse::grant));
    }
    C2D_TRY(const auto tokens, tokens_over(registry, owner, sha256));
    C2D_TRY(const auto edition, registry.chain().edition());
    std::vector<TokenId> closed;
    for (const auto& dt : tokens) {
        C2D_TRY(const bool before, edition >= 2 ? registry.chain().is_closed(dt) : Result<bool>(false));
        if (before) continue;
        C2D_CHECK(client.close_token(dt));
        closed.push_back(dt);
    }
    return closed;
}

Result<int> Destroy::run(Session& session) {
    C2D_TRY(const auto digest, which.digest());
    C2D_TRY(auto store, where.open(session));
    C2D_TRY(const auto key, session.key());
    C2D_TRY(const auto tombstone, store.destroy(digest, *key));
    C2D_TRY(auto body, json::parse(tombstone));
    auto closed =
        keep_tokens ? Result<std::vector<TokenId>>(std::vector<TokenId>()) : close_tokens_over(session, key, digest);
    if (!closed) {
        Error error = closed.error();
        error.message =
            "the artifact is destroyed, but its tokens may still be open; the same command goes on, "
            "dt-cli asset close closes one: " +
            error.message;
        return error;
    }
    session.output.answer(
        Value::object({{"tombstone", std::move(body)}, {"closed", json::list_of(*closed, token_text)}}),
        fmt::format("{}\n{} tokens over it were closed\n", tombstone, closed->size()));
    return 0;
}

}  // namespace

void add_artifact(const Group& program) {
    const Group group = program.group("artifact", "what runs left with this provider, sealed");
    group.add<List>();
    group.add<Show>();
    group.add<Rewrap>();
    group.add<Destroy>();
}

}  // namespace c2d::cli
