#include "artifact/store.hpp"

#include "artifact/sealed_file.hpp"
#include "artifact/values.hpp"
#include "base/defaults.hpp"
#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/fail_point.hpp"
#include "base/file.hpp"
#include "base/private_files.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"
#include "crypto/personal_message.hpp"
#include "crypto/sealed_stream.hpp"

#include <c2d/key.hpp>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <tuple>
#include <unistd.h>

namespace c2d {

namespace fs = std::filesystem;

namespace {

constexpr const char* kSealed = ".sealed";
constexpr const char* kKey = ".key";
constexpr const char* kTombstone = ".tombstone";
constexpr const char* kLockFile = ".lock";
constexpr std::size_t kTombstoneBytesMax = 8192;
constexpr unsigned kPrivate = 0600;

/// One writer at a time over all processes; readers beside each other.
Result<Fd> lock_folder(const fs::path& folder, int how) {
    const fs::path path = folder / kLockFile;
    Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, kPrivate));
    if (!fd) return fail(Status::IO, "cannot open {}: {}", path.string(), errno_text(errno));
    while (::flock(fd.get(), how) != 0)
        if (errno != EINTR) return fail(Status::IO, "cannot lock {}: {}", path.string(), errno_text(errno));
    return fd;
}

Result<Unit> sync_folder(const fs::path& folder) {
    const Fd fd(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) != 0)
        return fail(Status::IO, "cannot sync the folder {}: {}", folder.string(), errno_text(errno));
    return Unit{};
}

Result<Unit> remove_file(const fs::path& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        return fail(Status::IO, "cannot remove {}: {}", path.string(), errno_text(errno));
    return Unit{};
}

/// Writes zeros over a key where it stands, then removes the file.
Result<Unit> erase_file(const fs::path& path, std::size_t bytes) {
    const Fd fd(::open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd && errno == ENOENT) return Unit{};
    if (!fd) return fail(Status::IO, "cannot open {}: {}", path.string(), errno_text(errno));
    C2D_CHECK(write_fd(fd.get(), Bytes(bytes)));
    if (::fsync(fd.get()) != 0) return fail(Status::IO, "cannot erase {}: {}", path.string(), errno_text(errno));
    return remove_file(path);
}

bool is_there(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(fs::symlink_status(path, ignored));
}

/// The digest in a name of `extension`; nothing for any other name.
std::optional<Bytes32> digest_of(const fs::path& path, std::string_view extension) {
    const std::string name = path.filename().string();
    if (!name.ends_with(extension)) return {};
    const std::string digits = name.substr(0, name.size() - extension.size());
    const auto out = parse_bytes32(digits);
    if (!out || hex_text(*out).substr(2) != digits) return {};
    return *out;
}

Result<std::vector<fs::path>> names_in(const fs::path& folder) {
    std::vector<fs::path> out;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
        out.push_back(entry->path());
    if (error) return fail(Status::IO, "cannot list {}: {}", folder.string(), error.message());
    return out;
}

Bytes32 digest_to_sign(const std::string& text) { return personal_message_digest(text); }

/// A name that `write_file_atomic` gives what it writes to `path`, until that is whole.
bool is_temporary_of(const fs::path& path, const std::string& name) {
    constexpr std::size_t kRandomLetters = 6;
    const std::string first = path.filename().string() + ".";
    return name.size() == first.size() + kRandomLetters && name.starts_with(first);
}

/// The digest that a name of such a file begins with.
std::optional<Bytes32> digest_before(const std::string& name) {
    constexpr std::size_t kDigits = 64;
    return name.size() > kDigits ? digest_of(name.substr(0, kDigits), "") : std::nullopt;
}

/// Whether it will never be read by this version, rather than just now.
bool is_unreadable(Status status) { return status == Status::CORRUPT || status == Status::UNSUPPORTED; }

/// What is left to be said of one whose file cannot be read.
Artifact damaged(const Bytes32& sha256) {
    Artifact out;
    out.kind = artifact::kDamaged;
    out.sha256 = sha256;
    return out;
}

Error no_artifact(const Bytes32& sha256) {
    return fail(Status::NOT_FOUND, "there is no artifact {}", hex_text(sha256));
}

}  // namespace

using artifact::artifact_from;

fs::path artifact_folder(const fs::path& exec_dirpath, const Address& organisation) {
    return exec_dirpath / (kArtifactFolderPrefix + hex_text(organisation).substr(2, 8));
}

Result<ArtifactStore> ArtifactStore::open(const fs::path& folder, ArtifactStoreOptions options) {
    use_defaults(options);
    C2D_CHECK(artifact::check_place(options.key_file));
    C2D_CHECK(hold_private_folder(folder));
    if (options.key_file.empty()) options.key_file = folder / "artifact.key";
    return ArtifactStore(std::make_shared<Impl>(Impl{folder, std::move(options)}));
}

Result<std::vector<Artifact>> ArtifactStore::list() const { return impl_->list(); }
Result<Artifact> ArtifactStore::find(const Bytes32& sha256) const { return impl_->find(sha256); }
Result<std::string> ArtifactStore::wrapped_by(const Bytes32& sha256) const { return impl_->wrapped_by(sha256); }
Result<std::size_t> ArtifactStore::rewrap() { return impl_->rewrap(); }
Result<std::size_t> ArtifactStore::rewrap_to(const fs::path& key) { return impl_->rewrap_to(key); }
Result<std::string> ArtifactStore::destroy(const Bytes32& sha256, Signer& owner) {
    return impl_->destroy(sha256, owner);
}

Result<Artifact> ArtifactStore::find(std::uint64_t job_id, unsigned party, std::string_view name) const {
    C2D_TRY(auto all, impl_->list());
    const Artifact* found = nullptr;
    for (const auto& one : all)
        // A number of a job may stand for another one after blocks of the ledger were cut: the later one counts.
        if (one.job_id == job_id && one.party == party && one.name == name && (!found || one.created >= found->created))
            found = &one;
    if (found) return *found;
    return fail(Status::NOT_FOUND, "job {} left no artifact \"{}\" as party {}", job_id, name, party);
}

Result<Unit> ArtifactStore::check(const Bytes32& sha256) const {
    C2D_CHECK(impl_->open(sha256));
    return Unit{};
}

// Reading -----------------------------------------------------------------------------------------

fs::path ArtifactStore::Impl::path_of(const Bytes32& sha256, const char* extension) const {
    return folder / (hex_text(sha256).substr(2) + extension);
}

Result<Artifact> ArtifactStore::Impl::read_header_of(const fs::path& path) const {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    if (!fd)
        return fail(errno == ENOENT ? Status::NOT_FOUND : Status::IO, "cannot open {}: {}", path.string(),
                    errno_text(errno));
    Bytes head(artifact::kHeaderTextMax + 64);
    std::size_t done = 0;
    for (ssize_t got = 1; got != 0 && done < head.size(); done += std::size_t(got)) {
        got = ::pread(fd.get(), head.data() + done, head.size() - done, off_t(done));
        if (got < 0) return fail(Status::IO, "cannot read {}: {}", path.string(), errno_text(errno));
    }
    auto header = artifact::read_header(BytesView(head).first(done));
    if (!header) return fail(header.status(), "{}: {}", path.string(), header.error().message);
    return std::move(header->artifact);
}

Result<std::string> ArtifactStore::Impl::tombstone_text(const Bytes32& sha256) const {
    const auto path = path_of(sha256, kTombstone);
    C2D_TRY(auto text, read_file(path, kTombstoneBytesMax));
    const auto read = read_tombstone(text);
    if (!read) return fail(Status::CORRUPT, "{}: {}", path.string(), read.error().message);
    if (read->artifact.sha256 != sha256)
        return fail(Status::CORRUPT, "{} is the tombstone of another artifact", path.string());
    return text;
}

Result<Artifact> ArtifactStore::Impl::find(const Bytes32& sha256) const {
    const auto grave = tombstone_text(sha256);
    if (grave) return std::move(read_tombstone(*grave)->artifact);
    if (grave.status() != Status::NOT_FOUND) return grave.error();
    return sealed(sha256);
}

Result<Artifact> ArtifactStore::Impl::sealed(const Bytes32& sha256) const {
    auto there = read_header_of(path_of(sha256, kSealed));
    if (!there && there.status() == Status::NOT_FOUND) return no_artifact(sha256);
    if (there && there->sha256 != sha256)
        return fail(Status::CORRUPT, "{} holds another artifact", path_of(sha256, kSealed).string());
    return there;
}

Result<std::vector<Artifact>> ArtifactStore::Impl::list() const {
    C2D_TRY(const auto names, names_in(folder));
    std::vector<Artifact> out;
    for (const auto& path : names) {
        auto digest = digest_of(path, kTombstone);
        // One that is being destroyed has both.
        if (!digest && (digest = digest_of(path, kSealed)) && is_there(path_of(*digest, kTombstone))) continue;
        if (!digest) continue;
        auto one = find(*digest);
        if (!one && one.status() == Status::NOT_FOUND) continue;
        if (!one && !is_unreadable(one.status())) return one.error();
        // The others are none the worse for it.
        out.push_back(one ? *std::move(one) : damaged(*digest));
    }
    std::ranges::sort(out, {},
                      [](const Artifact& a) { return std::tie(a.job_id, a.party, a.name, a.created, a.sha256); });
    return out;
}

fs::path ArtifactStore::Impl::next_key_file() const {
    auto out = options.key_file;
    out += ".next";
    return out;
}

std::vector<fs::path> ArtifactStore::Impl::present_keys() const {
    if (artifact::is_in_token(options.key_file)) return {options.key_file};
    return {options.key_file, next_key_file()};
}

Result<std::string> ArtifactStore::Impl::wrapped_text(const Bytes32& sha256) const {
    auto text = read_file(path_of(sha256, kKey), artifact::kWrappedFileMax);
    if (!text && text.status() == Status::NOT_FOUND) return no_artifact(sha256);
    return text;
}

Result<SecretBytes> ArtifactStore::Impl::data_key(const Bytes32& sha256, const std::vector<fs::path>& keys) const {
    C2D_TRY(const auto text, wrapped_text(sha256));
    const auto wrapped = artifact::read_wrapped(as_bytes(text));
    if (!wrapped) return fail(wrapped.status(), "{}: {}", path_of(sha256, kKey).string(), wrapped.error().message);
    bool has_name = false;
    for (const auto& where : keys) {
        // Not asked, and not to be there, is what cannot have wrapped it.
        if (artifact::is_in_token(where) == wrapped->token_key.empty()) continue;
        const auto key = artifact::ArtifactKey::open(where);
        if (!key && key.status() == Status::NOT_FOUND && !artifact::is_in_token(where)) continue;
        if (!key) return key.error();
        auto opened = key->unwrap(*wrapped);
        if (opened || opened.status() != Status::CORRUPT) return opened;
        has_name = has_name || key->has_name_of(*wrapped);
    }
    if (has_name)
        return fail(
            Status::CORRUPT,
            "{} was altered, or another key was put in the place of the artifact key {}: put back what was there",
            path_of(sha256, kKey).string(), display_text(keys.front().native()));
    return fail(
        Status::CORRUPT,
        "the key of the artifact {} is wrapped under {}, not under the artifact key {}: configure the one that it "
        "is under, or wrap it anew with dt-cli artifact rewrap --to",
        hex_text(sha256), wrapped->token_key.empty() ? "a key file that is not there" : wrapped->token_key,
        display_text(keys.front().native()));
}

Result<std::string> ArtifactStore::Impl::wrapped_by(const Bytes32& sha256) const {
    C2D_TRY(const Fd lock, lock_folder(folder, LOCK_SH));
    C2D_TRY(const auto text, wrapped_text(sha256));
    C2D_TRY(const auto wrapped, artifact::read_wrapped(as_bytes(text)));
    return wrapped.token_key.empty() ? std::string("file") : std::string(wrapped.token_key);
}

Result<SecretBytes> ArtifactStore::Impl::open(const Bytes32& sha256) const {
    C2D_TRY(const Fd lock, lock_folder(folder, LOCK_SH));
    if (is_there(path_of(sha256, kTombstone)))
        return fail(Status::NOT_FOUND, "the artifact {} was destroyed", hex_text(sha256));
    const auto file = read_file(path_of(sha256, kSealed), artifact::kSealedBytesMax);
    if (!file && file.status() == Status::NOT_FOUND) return no_artifact(sha256);
    if (!file) return file.error();
    C2D_TRY(const auto key, data_key(sha256, present_keys()));
    C2D_TRY(const auto header, artifact::read_header(as_bytes(*file)));
    if (header.artifact.sha256 != sha256)
        return fail(Status::CORRUPT, "{} holds another artifact", path_of(sha256, kSealed).string());
    auto package = artifact::open_file(key.view(), as_bytes(*file));
    if (!package) return fail(package.status(), "{}: {}", path_of(sha256, kSealed).string(), package.error().message);
    return package;
}

// Writing -----------------------------------------------------------------------------------------

/// Made when there is none and nothing was sealed under one: a key that is lost must not be replaced in silence. One of
/// a token is never made here.
Result<artifact::ArtifactKey> ArtifactStore::Impl::artifact_key() const {
    if (artifact::is_in_token(options.key_file)) return artifact::ArtifactKey::open(options.key_file);
    // Whoever wraps keys anew goes on with the next one.
    for (const auto& path : {next_key_file(), options.key_file}) {
        auto key = artifact::ArtifactKey::open(path);
        if (key || key.status() != Status::NOT_FOUND) return key;
    }
    C2D_TRY(const auto names, names_in(folder));
    if (std::ranges::any_of(names, [](const fs::path& path) { return digest_of(path, kSealed).has_value(); }))
        return fail(Status::NOT_FOUND,
                    "there is no artifact key {}, but there are artifacts that were sealed under one: put it back, or "
                    "destroy these",
                    options.key_file.string());
    return artifact::ArtifactKey::make(options.key_file, *options.random);
}

Result<Artifact> ArtifactStore::Impl::seal(Artifact draft, BytesView file, BytesView shares) {
    if (file.size() + shares.size() > kArtifactBytesMax - 1024)
        return fail(Status::LIMIT, "an artifact may have {} bytes, \"{}\" has more", kArtifactBytesMax, draft.name);
    artifact::Package package;
    C2D_CHECK(options.random->fill(package.salt.data));
    package.binding = draft.binding;
    package.file = file;
    package.shares = shares;
    const SecretBytes plain = artifact::encode_package(package);
    draft.sha256 = sha256(plain.view());
    draft.bytes = plain.size();
    draft.created = options.clock->now_seconds();
    SecretBytes data_key(kSealKeyBytes);
    C2D_CHECK(options.random->fill(data_key.span()));
    C2D_TRY(const Fd lock, lock_folder(folder, LOCK_EX));
    C2D_TRY(const auto key, artifact_key());
    fail_point("artifact_key_made");
    C2D_TRY(const auto wrapped, key.wrap(data_key));
    C2D_CHECK(write_file_atomic(path_of(draft.sha256, kKey), as_text(wrapped), kPrivate));
    fail_point("artifact_wrapped");
    const Bytes sealed = artifact::seal_file(data_key.view(), draft, plain.view());
    C2D_CHECK(write_file_atomic(path_of(draft.sha256, kSealed), as_text(sealed), kPrivate));
    fail_point("artifact_sealed");
    return draft;
}

Result<Unit> ArtifactStore::Impl::erase(const Bytes32& sha256) const {
    C2D_CHECK(erase_file(path_of(sha256, kKey), kWrappedKeyBytes));
    fail_point("artifact_key_erased");
    C2D_CHECK(remove_file(path_of(sha256, kSealed)));
    return sync_folder(folder);
}

bool ArtifactStore::Impl::is_half_written(const std::string& name) const {
    const auto digest = digest_before(name);
    const auto of = [&](const char* extension) { return is_temporary_of(path_of(*digest, extension), name); };
    if (digest) return of(kSealed) || of(kKey) || of(kTombstone);
    return std::ranges::any_of(present_keys(), [&](const fs::path& key) { return is_temporary_of(key, name); });
}

Result<std::size_t> ArtifactStore::Impl::sweep(const std::function<bool(const Artifact&)>& is_wanted) {
    C2D_TRY(const Fd lock, lock_folder(folder, LOCK_EX));
    C2D_TRY(const auto names, names_in(folder));
    std::size_t removed = 0;
    for (const auto& path : names) {
        const auto sealed = digest_of(path, kSealed);
        const auto key = digest_of(path, kKey);
        const std::string name = path.filename().string();
        if (sealed) {
            const bool gone = is_there(path_of(*sealed, kTombstone));
            const auto one = read_header_of(path);
            const bool unknown = !one && !is_unreadable(one.status());
            if (!gone && (unknown || is_wanted(one ? *one : damaged(*sealed)))) continue;
            C2D_CHECK(erase(*sealed));
            removed += gone ? 0 : 1;
        } else if (key && !is_there(path_of(*key, kSealed))) {
            C2D_CHECK(erase(*key));
        } else if (is_half_written(name)) {
            C2D_CHECK(remove_file(path));
        }
    }
    return removed;
}

Result<std::size_t> ArtifactStore::Impl::wrap_all(const artifact::ArtifactKey& key,
                                                  const std::vector<fs::path>& from) const {
    C2D_TRY(const auto names, names_in(folder));
    // Held open: a token is slow to let somebody in, and may note each time. Who cannot be opened is told of below.
    std::vector<Result<artifact::ArtifactKey>> held;
    for (const auto& where : from)
        if (artifact::is_in_token(where)) held.push_back(artifact::ArtifactKey::open(where));
    std::vector<std::pair<fs::path, Bytes>> all;
    for (const auto& path : names) {
        const auto digest = digest_of(path, kSealed);
        if (!digest || is_there(path_of(*digest, kTombstone))) continue;
        const auto data = data_key(*digest, from);
        if (!data)
            return fail(
                data.status(),
                "the artifact {} has no key that can be wrapped anew ({}): put its {} back, or destroy it; until "
                "then old artifact keys stay",
                hex_text(*digest), data.error().message, kKey);
        C2D_TRY(auto wrapped, key.wrap(*data));
        all.emplace_back(path_of(*digest, kKey), std::move(wrapped));
    }
    for (const auto& [path, wrapped] : all) {
        C2D_CHECK(write_file_atomic(path, as_text(wrapped), kPrivate));
        fail_point("rewrap_one");
    }
    return all.size();
}

Result<std::size_t> ArtifactStore::Impl::rewrap() {
    if (artifact::is_in_token(options.key_file))
        return fail(
            Status::INVALID_ARGUMENT,
            "the artifact key is in a token, where none is made by itself: make another one there, name it with "
            "dt-cli artifact rewrap --to, then destroy the old one with the token's own tool");
    C2D_TRY(const Fd lock, lock_folder(folder, LOCK_EX));
    const fs::path next_file = next_key_file();
    auto next = artifact::ArtifactKey::open(next_file);
    if (!next && next.status() == Status::NOT_FOUND) next = artifact::ArtifactKey::make(next_file, *options.random);
    if (!next) return next.error();
    fail_point("rewrap_key_made");
    C2D_TRY(const auto count, wrap_all(*next, present_keys()));
    // The old key is overwritten where it stands; the next one then takes its name.
    C2D_CHECK(erase_file(options.key_file, kSealKeyBytes));
    fail_point("rewrap_old_erased");
    if (::rename(next_file.c_str(), options.key_file.c_str()) != 0)
        return fail(Status::IO, "cannot write {}: {}", options.key_file.string(), errno_text(errno));
    C2D_CHECK(sync_folder(options.key_file.parent_path()));
    return count;
}

namespace {

/// Also where neither is there yet, and two ways lead to where it would be.
bool is_same_place(const fs::path& a, const fs::path& b) {
    std::error_code ignored;
    const auto place_of = [&ignored](const fs::path& path) {
        return fs::weakly_canonical(fs::absolute(path, ignored), ignored);
    };
    return a == b || fs::equivalent(a, b, ignored) || place_of(a) == place_of(b);
}

}  // namespace

/// Not one that is erased in the end.
Result<Unit> ArtifactStore::Impl::check_target(const fs::path& key) const {
    for (const auto& present : present_keys()) {
        if (is_same_place(key, present))
            return fail(Status::INVALID_ARGUMENT,
                        "{} is the artifact key already: name another one, or none for a new key in its place",
                        display_text(key.native()));
    }
    return Unit{};
}

Result<std::size_t> ArtifactStore::Impl::rewrap_to(const fs::path& key) {
    C2D_TRY(const Fd lock, lock_folder(folder, LOCK_EX));
    C2D_CHECK(check_target(key));
    auto next = artifact::ArtifactKey::open(key);
    if (!next && next.status() == Status::NOT_FOUND && !artifact::is_in_token(key))
        next = artifact::ArtifactKey::make(key, *options.random);
    if (!next) return next.error();
    fail_point("rewrap_key_made");
    // Some are under it already where an earlier call was cut off.
    auto from = present_keys();
    from.push_back(key);
    C2D_TRY(const auto count, wrap_all(*next, from));
    for (const auto& old : present_keys())
        if (!artifact::is_in_token(old)) C2D_CHECK(erase_file(old, kSealKeyBytes));
    return count;
}

Result<std::string> ArtifactStore::Impl::destroy(const Bytes32& sha256, Signer& owner) {
    C2D_TRY(const Fd lock, lock_folder(folder, LOCK_EX));
    const fs::path grave = path_of(sha256, kTombstone);
    auto text = tombstone_text(sha256);
    const bool broken = !text && is_unreadable(text.status());
    if (broken || (!text && text.status() == Status::NOT_FOUND)) {
        auto found = sealed(sha256);
        if (!found && !is_unreadable(found.status()) && !broken) return found.error();
        Artifact artifact = found ? *std::move(found) : damaged(sha256);
        artifact.destroyed = options.clock->now_seconds();
        json::Value tombstone = to_value(artifact);
        tombstone.set("signer", address_text(owner.address()));
        C2D_TRY(const auto signed_text, json::canonical(tombstone));
        C2D_TRY(const auto signature, owner.sign_digest(digest_to_sign(signed_text)));
        tombstone.set("signature", hex_text(signature));
        text = json::compact(tombstone) + "\n";
        C2D_CHECK(write_file_atomic(grave, *text, kPrivate));
    }
    if (!text) return text.error();
    fail_point("artifact_tombstone");
    C2D_CHECK(erase(sha256));
    return text;
}

// Tombstones --------------------------------------------------------------------------------------

Result<ArtifactTombstone> read_tombstone(std::string_view text) {
    const auto broken = [] { return fail(Status::INVALID_ARGUMENT, "expected the tombstone of an artifact"); };
    const auto value = json::parse(text);
    if (!value || !value->is_object()) return broken();
    json::Value unsigned_value = json::Value::object({});
    for (const auto& [name, member] : value->members())
        if (name != "signature") unsigned_value.set(name, member);
    auto artifact = artifact_from(*value);
    const auto signer = parse_address(value->text_at({"signer"}));
    const auto signature = parse_hex(value->text_at({"signature"}));
    const auto signed_text = json::canonical(unsigned_value);
    if (!artifact || !artifact->destroyed || !signer || !signature || !signed_text) return broken();
    const auto found = recover_signer(digest_to_sign(*signed_text), *signature);
    if (found && *found == *signer) return ArtifactTombstone{*std::move(artifact), *signer};
    Error error = fail(Status::REFUSED, "the tombstone is not what {} signed", address_text(*signer));
    error.name = "tombstone_altered";
    return error;
}

}  // namespace c2d
