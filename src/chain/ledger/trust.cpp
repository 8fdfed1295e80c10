#include "chain/ledger/trust.hpp"

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/private_files.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"

#include <charconv>
#include <fcntl.h>
#include <sstream>
#include <sys/file.h>

namespace c2d::ledger {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kTitle = "c2d ledger head 1";
constexpr std::size_t kBytesMax = 16384;

std::string short_digits(const Bytes32& hash) { return hex_text(hash).substr(2, 16); }

std::string text_of(const SeenHead& head, const std::string& ledger) {
    return fmt::format("{}\nledger {}\nchain_id {}\ngenesis {}\nhead {}:{}\n", kTitle, ledger, head.chain_id,
                       hex_text(head.genesis), head.number, hex_text(head.hash));
}

bool parse_number(std::string_view text, std::uint64_t& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc() && end == text.data() + text.size();
}

bool parse_hash(std::string_view text, Bytes32& out) {
    const auto bytes = parse_hex(text);
    if (!bytes || bytes->size() != 32) return false;
    std::copy(bytes->begin(), bytes->end(), out.data.begin());
    return true;
}

/// The rest of the next line when it begins with `name` and a space.
std::string_view field(std::istringstream& lines, std::string& line, std::string_view name) {
    if (!std::getline(lines, line) || line.size() <= name.size() || !line.starts_with(name) || line[name.size()] != ' ')
        return {};
    return std::string_view(line).substr(name.size() + 1);
}

bool parse(const std::string& text, SeenHead& out) {
    std::istringstream lines(text);
    std::string line;
    if (!std::getline(lines, line) || line != kTitle) return false;
    if (field(lines, line, "ledger").empty()) return false;
    if (!parse_number(field(lines, line, "chain_id"), out.chain_id)) return false;
    if (!parse_hash(field(lines, line, "genesis"), out.genesis)) return false;
    const auto head = field(lines, line, "head");
    const auto colon = head.find(':');
    return colon != head.npos && parse_number(head.substr(0, colon), out.number) &&
           parse_hash(head.substr(colon + 1), out.hash);
}

}  // namespace

Result<TrustFolder> TrustFolder::open(const std::string& trust_dir, const std::string& ledger) {
    TrustFolder out;
    const auto made = make_private_folder(trust_dir);
    std::error_code error;
    if (made) out.folder_ = fs::canonical(trust_dir, error);
    if (!made || error)
        return fail(Status::IO, "cannot make the folder {} (trust_dir) for the last head of the ledger: {}", trust_dir,
                    made ? error.message() : made.error().message);
    // One ledger has one name, however the path to it is written.
    out.ledger_ = fs::weakly_canonical(fs::absolute(ledger, error), error).string();
    out.head_file_ = out.folder_ / (short_digits(keccak256(out.ledger_)) + ".head");
    return out;
}

Result<std::optional<SeenHead>> TrustFolder::read() const {
    auto text = read_file(head_file_, kBytesMax);
    if (!text && text.status() == Status::NOT_FOUND) return std::optional<SeenHead>();
    if (!text) return text.error();
    SeenHead head;
    if (!parse(*text, head))
        return fail(Status::CORRUPT,
                    "{} is not a file of a last head; remove it only if you know that the ledger is whole",
                    head_file_.string());
    return std::optional<SeenHead>(head);
}

Result<Unit> TrustFolder::write(const SeenHead& head) const {
    return write_file_atomic(head_file_, text_of(head, ledger_), 0600);
}

Result<Unit> TrustFolder::advance(const SeenHead& head) const {
    C2D_TRY(const auto seen, read());
    if (seen && seen->genesis == head.genesis && seen->number >= head.number) return Unit{};
    return write(head);
}

Result<Fd> TrustFolder::lock(const Bytes32& genesis, Use use) const {
    const auto path = folder_ / (short_digits(genesis) + ".lock");
    Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) return fail(Status::IO, "cannot open {}: {}", path.string(), errno_text(errno));
    const int how = (use == Use::alone ? LOCK_EX : LOCK_SH) | LOCK_NB;
    if (flock(file.get(), how) == 0) return file;
    if (errno != EWOULDBLOCK) return fail(Status::IO, "cannot lock {}: {}", path.string(), errno_text(errno));
    return use == Use::alone
               ? fail(Status::CONFLICT,
                      "another program has the ledger open with {}; end the programs here that use it (c2d-provider, "
                      "chain serve) and try again",
                      folder_.string())
               : fail(Status::CONFLICT, "blocks are just being taken back in {}; try again when that is done",
                      folder_.string());
}

std::string TrustFolder::view_file(const Bytes32& genesis) const {
    return (folder_ / (short_digits(genesis) + ".view")).string();
}

}  // namespace c2d::ledger
