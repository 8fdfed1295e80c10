// dt-cli artifact: what runs left with this provider, sealed.

#include "artifact/values.hpp"
#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "tools/cli/command.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace c2d::cli {

namespace {

namespace fs = std::filesystem;
using json::Value;

/// Where the artifacts are: a provider's folder, of which the configuration names the one above.
struct FolderFlags {
    std::string folder, key_file;

    void declare(Args& args) {
        args.optional("--folder", folder, "the artifacts' folder (default: the one below [provider] exec_dirpath)");
        args.optional("--key_file", key_file, "the artifact key (default: [provider] artifact_key_path)");
    }
    Result<ArtifactStore> open(const Session& session) const;
};

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

Result<ArtifactStore> FolderFlags::open(const Session& session) const {
    fs::path path = folder;
    ArtifactStoreOptions options;
    options.key_file = key_file;
    if (folder.empty() || key_file.empty()) {
        C2D_TRY(const auto config, session.config());
        if (key_file.empty()) options.key_file = config.get("provider", "artifact_key_path").value_or("");
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
    FolderFlags where;

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
    FolderFlags where;
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
            body.set("opens", true);
            text += "opens as it was sealed: yes\n";
        }
        session.output.answer(body, text);
        return 0;
    }
};

struct Rewrap {
    static constexpr About about{"rewrap", "make a new artifact key: copies of the old keys open nothing from then on",
                                 "dt-cli artifact rewrap --folder artifacts"};
    FolderFlags where;

    void declare(Args& args) { where.declare(args); }
    Result<int> run(Session& session) {
        C2D_TRY(auto store, where.open(session));
        C2D_TRY(const auto count, store.rewrap());
        session.output.answer(Value::object({{"artifacts", std::uint64_t(count)}}),
                              fmt::format("{} keys are wrapped under a new artifact key\n", count));
        return 0;
    }
};

struct Destroy {
    static constexpr About about{"destroy", "erase an artifact for ever; a signed tombstone stays",
                                 "dt-cli artifact destroy --sha256 $SHA256 --folder artifacts --keystore bank.json"};
    FolderFlags where;
    OneFlags which;

    void declare(Args& args) {
        which.declare(args);
        where.declare(args);
        args.key();
    }
    Result<int> run(Session& session) {
        C2D_TRY(const auto digest, which.digest());
        C2D_TRY(auto store, where.open(session));
        C2D_TRY(const auto key, session.key());
        C2D_TRY(const auto tombstone, store.destroy(digest, *key));
        C2D_TRY(const auto body, json::parse(tombstone));
        session.output.answer(body, tombstone);
        return 0;
    }
};

}  // namespace

void add_artifact(const Group& program) {
    const Group group = program.group("artifact", "what runs left with this provider, sealed");
    group.add<List>();
    group.add<Show>();
    group.add<Rewrap>();
    group.add<Destroy>();
}

}  // namespace c2d::cli
