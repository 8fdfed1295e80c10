#include "codec/cid.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"

#include <algorithm>

namespace c2d {

namespace {

constexpr std::uint64_t kDagPb = 0x70;
constexpr std::uint64_t kRaw = 0x55;
constexpr std::size_t kChunkBytes = std::size_t(256) * 1024;
constexpr std::size_t kLinksMax = 174;
/// Longer texts are not CIDs; base58 takes quadratic time.
constexpr std::size_t kTextMax = 256;
constexpr std::string_view kBase58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
constexpr std::string_view kBase32 = "abcdefghijklmnopqrstuvwxyz234567";
/// Multihash: sha2-256, 32 bytes.
constexpr std::array<std::uint8_t, 2> kMultihashPrefix = {0x12, 0x20};

Error malformed(std::string_view why) { return fail(Status::INVALID_ARGUMENT, "not a content id: {}", why); }

void append(Bytes& out, BytesView part) { out.insert(out.end(), part.begin(), part.end()); }

void append_varint(Bytes& out, std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out.push_back(std::uint8_t(value | 0x80));
    out.push_back(std::uint8_t(value));
}

Result<std::uint64_t> take_varint(BytesView& rest) {
    std::uint64_t value = 0;
    // The multiformats specification allows nine bytes and only the shortest form.
    for (std::size_t i = 0; i < 9 && i < rest.size(); ++i) {
        value |= std::uint64_t(rest[i] & 0x7f) << (7 * i);
        if ((rest[i] & 0x80) != 0) continue;
        if (i > 0 && rest[i] == 0) return malformed("a number is not in its shortest form");
        rest = rest.subspan(i + 1);
        return value;
    }
    return malformed("a number does not end");
}

void append_base32(std::string& out, BytesView bytes) {
    unsigned buffer = 0, bits = 0;
    for (const auto byte : bytes) {
        buffer = (buffer << 8 | byte) & 0xfff;
        for (bits += 8; bits >= 5; bits -= 5) out += kBase32[buffer >> (bits - 5) & 31];
    }
    if (bits > 0) out += kBase32[buffer << (5 - bits) & 31];
}

Result<Bytes> base32_decode(std::string_view text) {
    Bytes out;
    unsigned buffer = 0, bits = 0;
    for (const char c : text) {
        const auto value = kBase32.find(c);
        if (value == kBase32.npos) return malformed("a character is not of base32");
        buffer = (buffer << 5 | unsigned(value)) & 0xfff;
        bits += 5;
        if (bits < 8) continue;
        bits -= 8;
        out.push_back(std::uint8_t(buffer >> bits));
    }
    if (bits >= 5 || (buffer & ((1u << bits) - 1)) != 0) return malformed("stray bits at its end");
    return out;
}

Bytes multihash(const Bytes32& digest) {
    Bytes out(kMultihashPrefix.size() + digest.size());
    const auto rest = std::copy(kMultihashPrefix.begin(), kMultihashPrefix.end(), out.begin());
    std::copy(digest.data.begin(), digest.data.end(), rest);
    return out;
}

Result<Bytes32> digest_of(BytesView hash) {
    if (hash.size() != 34 || hash[0] != kMultihashPrefix[0] || hash[1] != kMultihashPrefix[1])
        return malformed("its hash is not sha2-256");
    return Bytes32::from(hash.subspan(2));
}

Bytes binary(const Cid& cid) {
    if (cid.version == 0) return multihash(cid.digest);
    Bytes out;
    append_varint(out, cid.version);
    append_varint(out, cid.codec);
    append(out, multihash(cid.digest));
    return out;
}

Result<Cid> parse_version_1(BytesView bytes) {
    Cid cid{1, 0, {}};
    C2D_TRY(const std::uint64_t version, take_varint(bytes));
    if (version != 1) return malformed("its version is not 1");
    C2D_TRY(cid.codec, take_varint(bytes));
    if (cid.codec != kDagPb && cid.codec != kRaw)
        return fail(Status::UNSUPPORTED, "content ids of codec 0x{:x} are not supported", cid.codec);
    C2D_TRY(cid.digest, digest_of(bytes));
    return cid;
}

// Protocol buffer fields: a tag of number × 8 + kind, then a varint (kind 0) or bytes (kind 2).
constexpr std::uint8_t tag(unsigned number, unsigned kind) { return std::uint8_t(number * 8 + kind); }

void append_number_field(Bytes& out, unsigned number, std::uint64_t value) {
    out.push_back(tag(number, 0));
    append_varint(out, value);
}

void append_bytes_field(Bytes& out, unsigned number, BytesView content) {
    out.push_back(tag(number, 2));
    append_varint(out, content.size());
    append(out, content);
}

/// A node of the tree, as its parent links to it.
struct Node {
    Cid cid;
    /// Bytes of the file below it.
    std::uint64_t content_bytes = 0;
    /// Bytes of the blocks of its whole subtree.
    std::uint64_t tree_bytes = 0;
};

/// UnixFS `Data` of a file: type, content, size, and the sizes of the children.
Bytes unixfs_file(BytesView content, std::uint64_t content_bytes, std::span<const Node> children) {
    constexpr std::uint64_t kFile = 2;
    Bytes out;
    append_number_field(out, 1, kFile);
    if (!content.empty()) append_bytes_field(out, 2, content);
    append_number_field(out, 3, content_bytes);
    for (const auto& child : children) append_number_field(out, 4, child.content_bytes);
    return out;
}

/// dag-pb writes the links before the data.
Node dag_pb_node(unsigned version, BytesView content, std::span<const Node> children) {
    Node node;
    node.content_bytes = content.size();
    Bytes block;
    for (const auto& child : children) {
        Bytes link;
        append_bytes_field(link, 1, binary(child.cid));
        append_bytes_field(link, 2, {});
        append_number_field(link, 3, child.tree_bytes);
        append_bytes_field(block, 2, link);
        node.content_bytes += child.content_bytes;
        node.tree_bytes += child.tree_bytes;
    }
    append_bytes_field(block, 1, unixfs_file(content, node.content_bytes, children));
    node.tree_bytes += block.size();
    node.cid = {version, kDagPb, sha256(block)};
    return node;
}

Node leaf(unsigned version, BytesView chunk) {
    if (version == 0) return dag_pb_node(version, chunk, {});
    return {{version, kRaw, sha256(chunk)}, chunk.size(), chunk.size()};
}

/// The balanced tree: leaves, then a node over each 174 of the level below, until one is left.
Cid root_of(unsigned version, BytesView content) {
    std::vector<Node> level;
    do {
        const auto chunk = content.first(std::min(content.size(), kChunkBytes));
        level.push_back(leaf(version, chunk));
        content = content.subspan(chunk.size());
    } while (!content.empty());

    while (level.size() > 1) {
        std::vector<Node> parents;
        for (std::size_t i = 0; i < level.size(); i += kLinksMax) {
            const auto children = std::span<const Node>(level).subspan(i, std::min(kLinksMax, level.size() - i));
            parents.push_back(dag_pb_node(version, {}, children));
        }
        level = std::move(parents);
    }
    return level.front().cid;
}

}  // namespace

Result<Cid> parse_cid(std::string_view text) {
    if (text.size() > kTextMax) return malformed("it is too long");
    if (text.size() == 46 && text.starts_with("Qm")) {
        C2D_TRY(const Bytes bytes, base58_decode(text));
        Cid cid;
        C2D_TRY(cid.digest, digest_of(bytes));
        return cid;
    }
    if (text.empty() || (text[0] != 'b' && text[0] != 'z'))
        return malformed("expected Qm…, b… (base32) or z… (base58)");
    C2D_TRY(const Bytes bytes, text[0] == 'b' ? base32_decode(text.substr(1)) : base58_decode(text.substr(1)));
    return parse_version_1(bytes);
}

std::string cid_text(const Cid& cid) {
    const auto bytes = binary(cid);
    if (cid.version == 0) return base58_encode(bytes);
    std::string out = "b";
    append_base32(out, bytes);
    return out;
}

Cid cid_v0(BytesView content) { return root_of(0, content); }
Cid cid_v1(BytesView content) { return root_of(1, content); }

bool cid_matches(const Cid& cid, BytesView content) {
    const auto same = [&](const Cid& other) { return cid.codec == other.codec && cid.digest == other.digest; };
    // A version 1 text may name a tree with wrapped leaves too: the same root, written otherwise.
    if (same(cid_v0(content))) return true;
    return cid.version == 1 && same(cid_v1(content));
}

std::string base58_encode(BytesView bytes) {
    const auto zeros =
        std::size_t(std::find_if(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b != 0; }) - bytes.begin());
    Bytes digits;  // least significant first
    for (const auto byte : bytes.subspan(zeros)) {
        unsigned carry = byte;
        for (auto& digit : digits) {
            carry += unsigned(digit) << 8;
            digit = std::uint8_t(carry % 58);
            carry /= 58;
        }
        for (; carry > 0; carry /= 58) digits.push_back(std::uint8_t(carry % 58));
    }
    std::string out(zeros, kBase58[0]);
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) out += kBase58[*digit];
    return out;
}

Result<Bytes> base58_decode(std::string_view text) {
    if (text.size() > kTextMax) return fail(Status::LIMIT, "expected at most {} base58 digits", kTextMax);
    const auto zeros = std::min(text.find_first_not_of(kBase58[0]), text.size());
    Bytes bytes;  // least significant first
    for (const char c : text.substr(zeros)) {
        const auto value = kBase58.find(c);
        if (value == kBase58.npos) return malformed("a character is not of base58");
        auto carry = unsigned(value);
        for (auto& byte : bytes) {
            carry += unsigned(byte) * 58;
            byte = std::uint8_t(carry);
            carry >>= 8;
        }
        for (; carry > 0; carry >>= 8) bytes.push_back(std::uint8_t(carry));
    }
    bytes.resize(bytes.size() + zeros);
    std::reverse(bytes.begin(), bytes.end());
    return bytes;
}

}  // namespace c2d
