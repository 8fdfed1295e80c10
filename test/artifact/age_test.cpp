/// age v1: what another program encrypted is read, and nothing that was altered. The way back is in
/// test/artifact/age_programs_test.py.
#include "artifact/age_stream.hpp"
#include "crypto/hash.hpp"
#include "support/doubles.hpp"
#include "support/must.hpp"
#include "support/temp_dir.hpp"

#include <sys/stat.h>

using namespace c2d;
using support::must;
namespace fs = std::filesystem;

namespace {

// Made with age 1.1.1: age-keygen -o id; printf 'the score of a customer\n' | age -r RECIPIENT
constexpr const char* kIdentity =
    "# created: 2026-11-30T18:41:32Z\n"
    "# public key: age19qxe8976wje4llls36wz0dm5zl0gcphydee3nfwvgq0vywmh8p5suhnytk\n"
    "AGE-SECRET-KEY-1AFZZ6DWNG0ZCTDUY8XUZKVCAEMRDNNN6ZQ6DSU7N7GNRR567QS2Q0VH3PR\n";
constexpr const char* kRecipient = "age19qxe8976wje4llls36wz0dm5zl0gcphydee3nfwvgq0vywmh8p5suhnytk";
constexpr const char* kFile =
    "6167652d656e6372797074696f6e2e6f72672f76310a2d3e2058323535313920656b41302b76724444336f707a42774a"
    "6854643864302b4e5071466f57486949326263724575306d67774d0a352f327a4e41344c75356d575133454730376238"
    "724b714f696c743452647a517032442b7a4e6f4f3674730a2d2d2d207a6d697338742b71656f684a657759477a644178"
    "646e4a78677436687969454b56662f69444f375434306f0adb386d984486874f03a954c913b47ac5f7e80e411fa47a95"
    "4b9432c15ec9218cd4cdd2199368893a6c97e5abf8bac1e27f670ed63c075ba6";

AgeIdentity ours() { return must(AgeIdentity::parse(kIdentity)); }
Bytes theirs() { return must(parse_hex(kFile)); }
AgeIdentity other() {
    support::RepeatableRandom random;
    return must(AgeIdentity::generate(random));
}

/// Fed in pieces.
Result<Bytes> decrypt_in_pieces(BytesView file, std::size_t piece) {
    Bytes out;
    age::Decryptor decryptor(ours(), [&out](BytesView bytes) -> Result<Unit> {
        out.insert(out.end(), bytes.begin(), bytes.end());
        return Unit{};
    });
    for (; !file.empty(); file = file.subspan(std::min(piece, file.size())))
        if (auto done = decryptor.write(file.first(std::min(piece, file.size()))); !done) return done.error();
    if (auto done = decryptor.finish(); !done) return done.error();
    return out;
}

std::string header_of(const Bytes& file) {
    return std::string(as_text(file)).substr(0, must(age::read_header(as_text(file)))->bytes);
}

}  // namespace

TEST_CASE("what another program encrypted is read, however it comes") {
    CHECK(ours().recipient() == kRecipient);
    CHECK(as_text(must(age_decrypt(theirs(), ours()))) == "the score of a customer\n");
    for (const std::size_t piece : {1, 2, 17, 100, 1000})
        CHECK(as_text(must(decrypt_in_pieces(theirs(), piece))) == "the score of a customer\n");
}

TEST_CASE("contents of every length come back") {
    support::RepeatableRandom random;
    constexpr std::size_t kChunk = 65536;
    for (const std::size_t size :
         {std::size_t(0), std::size_t(1), kChunk - 1, kChunk, kChunk + 1, 2 * kChunk, 3 * kChunk + 5}) {
        CAPTURE(size);
        Bytes content(size);
        for (std::size_t i = 0; i < size; ++i) content[i] = std::uint8_t(i * 31);
        const auto file = must(age_encrypt(content, kRecipient, random));
        CHECK(must(age_decrypt(file, ours())) == content);
        CHECK(must(decrypt_in_pieces(file, 1000)) == content);
        const auto chunks = std::max<std::size_t>(1, (size + kChunk - 1) / kChunk);
        CHECK(file.size() == header_of(file).size() + 16 + size + chunks * 16);
    }
}

TEST_CASE("the same content is never encrypted to the same file") {
    support::RepeatableRandom random;
    const auto one = must(age_encrypt(as_bytes("x"), kRecipient, random)),
               two = must(age_encrypt(as_bytes("x"), kRecipient, random));
    CHECK(one != two);
    CHECK(as_text(one).find("x\n") == std::string_view::npos);
}

TEST_CASE("no flipped bit, no cut and nothing behind the end passes") {
    const auto file = theirs();
    for (std::size_t i = 0; i < file.size(); ++i) {
        CAPTURE(i);
        auto changed = file;
        changed[i] ^= 1;
        CHECK_FALSE(age_decrypt(changed, ours()).ok());
        CHECK_FALSE(age_decrypt(BytesView(file).first(i), ours()).ok());
    }
    auto longer = file;
    longer.push_back(0);
    CHECK(age_decrypt(longer, ours()).status() == Status::CORRUPT);
}

TEST_CASE("chunks that are left out, moved or doubled are noticed") {
    support::RepeatableRandom random;
    const auto file = must(age_encrypt(Bytes(3 * 65536, 7), kRecipient, random));
    const std::size_t begin = header_of(file).size() + 16, chunk = 65536 + 16;
    const auto with = [&](std::initializer_list<std::size_t> order) {
        Bytes out(file.begin(), file.begin() + std::ptrdiff_t(begin));
        for (const auto i : order)
            out.insert(out.end(), file.begin() + std::ptrdiff_t(begin + i * chunk),
                       file.begin() + std::ptrdiff_t(begin + (i + 1) * chunk));
        return age_decrypt(out, ours());
    };
    REQUIRE(with({0, 1, 2}).ok());
    for (const auto& order :
         {std::initializer_list<std::size_t>{0, 1}, {0, 2}, {1, 0, 2}, {0, 1, 1, 2}, {0, 1, 2, 2}, {2}})
        CHECK(with(order).status() == Status::CORRUPT);
}

TEST_CASE("a file for others is said to be one") {
    const auto refused = age_decrypt(theirs(), other());
    CHECK(refused.status() == Status::REFUSED);
    CHECK(refused.error().name == "age_other_identity");
    CHECK(refused.error().message.find(other().recipient()) != std::string::npos);
}

TEST_CASE("a header is of the documented form, or is none") {
    const auto good = header_of(theirs());
    const auto header = must(age::read_header(good));
    REQUIRE(header);
    CHECK(header->stanzas.size() == 1);
    CHECK(header->stanzas[0].arguments.size() == 2);
    CHECK(header->covered == age::covered_text(header->stanzas));
    CHECK(age::header_text(header->covered, header->mac) == good);
    for (std::size_t i = 0; i < good.size(); ++i) CHECK_FALSE(must(age::read_header(good.substr(0, i))).has_value());
    const auto replaced = [&good](std::string_view from, std::string_view to) {
        auto text = good;
        text.replace(text.find(from), from.size(), to);
        return age::read_header(text);
    };
    const std::pair<std::string_view, std::string_view> kWrong[] = {
        {"/v1", "/v2"},          {"-> X", "->  X"},    {"-> X", "->X"},        {"-> X", "=> X"},
        {"X25519 ", "X25519  "}, {"X25519", "X\x01"},  {"X25519", "X\x7f"},    {"--- ", "---"},
        {"--- ", "---  "},       {"age-", "\r\nage-"}, {"\n---", "\n\n---"},   {"O6ts", "O6ts="},
        {"\n-> X", "\n\n-> X"},  {"O6ts", "O6t-"},     {"\n--- ", "\r\n--- "}, {"T40o\n", "T40o=\n"},
        {"T40o\n", "T40p\n"},    {"T40o\n", "T40\n"},  {"O6ts\n", "O6tt\n"},
    };
    for (const auto& wrong : kWrong) {
        const auto from = wrong.first, to = wrong.second;
        CAPTURE(std::string(to));
        REQUIRE(good.find(from) != std::string::npos);
        const auto read = replaced(from, to);
        CHECK((read.status() == Status::CORRUPT));
    }
    CHECK(age::read_header("age-encryption.org/v1\n--- " + std::string(43, 'A') + "\n").status() == Status::CORRUPT);
    CHECK(age::read_header("a ledger, and no age file").status() == Status::CORRUPT);
    CHECK(age::read_header("age-encryption.org/v1\n-> " + std::string(1 << 17, 'x')).status() == Status::CORRUPT);
}

TEST_CASE("bodies are folded at 64 letters, and end with a shorter line") {
    for (const std::size_t size : {0, 1, 47, 48, 49, 96, 97}) {
        CAPTURE(size);
        const std::vector<age::Stanza> stanzas = {{{"other", "words"}, Bytes(size, 0xab)}};
        const auto text = age::header_text(age::covered_text(stanzas), sha256(as_bytes("mac")));
        const auto read = must(age::read_header(text));
        REQUIRE(read);
        CHECK(read->stanzas[0].body == stanzas[0].body);
        CHECK(read->bytes == text.size());
    }
}

TEST_CASE("identities and recipients of another form are refused, and no secret is told") {
    const std::string line = "AGE-SECRET-KEY-1AFZZ6DWNG0ZCTDUY8XUZKVCAEMRDNNN6ZQ6DSU7N7GNRR567QS2Q0VH3PR";
    CHECK(must(AgeIdentity::parse(line)).recipient() == kRecipient);
    CHECK(must(AgeIdentity::parse("\r\n" + line + "\r\n")).recipient() == kRecipient);
    for (const auto& wrong : {std::string(), std::string("# a remark"), line + "\n" + line, line.substr(1),
                              line.substr(0, line.size() - 1), std::string(kRecipient)}) {
        const auto read = AgeIdentity::parse(wrong);
        REQUIRE(read.status() == Status::INVALID_ARGUMENT);
        CHECK(read.error().message.find("AFZZ") == std::string::npos);
    }
    auto lower = line;
    for (char& c : lower) c = char(std::tolower(c));
    CHECK_FALSE(AgeIdentity::parse(lower).ok());
    const std::string recipient = kRecipient;
    CHECK(check_age_recipient(recipient).ok());
    for (const auto& wrong : {std::string(), recipient + "q", recipient.substr(0, 40), "age1" + std::string(58, 'q'),
                              line, std::string("AGE19QXE8976WJE4LLLS36WZ0DM5ZL0GCPHYDEE3NFWVGQ0VYWMH8P5SUHNYTK")})
        CHECK(check_age_recipient(wrong).status() == Status::INVALID_ARGUMENT);
}

TEST_CASE("an identity is written once, for its owner alone, and files come back") {
    support::TempDir place;
    const auto identity = other();
    must(identity.write(place / "id"));
    CHECK(identity.write(place / "id").status() == Status::CONFLICT);
    struct stat info {};
    REQUIRE(::stat((place / "id").c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    CHECK(must(AgeIdentity::read(place / "id")).recipient() == identity.recipient());
    REQUIRE(::chmod((place / "id").c_str(), 0644) == 0);
    CHECK(AgeIdentity::read(place / "id").error().name == "exposed_file");

    support::RepeatableRandom random;
    support::write_text(place / "plain", std::string(200'000, 'p'));
    must(age_encrypt_file(place / "plain", identity.recipient(), place / "file", random));
    CHECK(age_encrypt_file(place / "plain", identity.recipient(), place / "file", random).status() == Status::CONFLICT);
    must(age_decrypt_file(place / "file", identity, place / "back"));
    CHECK(support::read_text(place / "back") == std::string(200'000, 'p'));
    CHECK(age_decrypt_file(place / "file", ours(), place / "none").error().name == "age_other_identity");
    CHECK_FALSE(fs::exists(place / "none"));
    CHECK(age_encrypt_file(place / "plain", "age1", place / "none", random).status() == Status::INVALID_ARGUMENT);
    CHECK(age_encrypt_file(place / "nothing", identity.recipient(), place / "none", random).status() ==
          Status::NOT_FOUND);
    CHECK_FALSE(fs::exists(place / "none"));
}
