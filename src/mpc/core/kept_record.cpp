#include "mpc/core/kept_record.hpp"

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/file_name.hpp"
#include "base/private_files.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"
#include "mpc/core/domain.hpp"

#include <bit>
#include <cstring>

namespace c2d::mpc {
namespace {

constexpr std::string_view kMagic = "C2DSHAR1";
/// Two components of so many elements, and what stands before them.
constexpr std::size_t kRecordMax = kElementsMax * 16 + 1024;

template <class Out>
void put(Out& out, std::uint64_t number, std::size_t bytes) {
    for (std::size_t i = bytes; i-- > 0;) out.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
}

/// What everybody has alike.
template <class Out>
void put_common(Out& out, const KeptRecord& record) {
    out.insert(out.end(), kMagic.begin(), kMagic.end());
    put(out, static_cast<std::uint8_t>(record.backend), 1);
    put(out, record.is_bits ? 1 : 0, 1);
    put(out, record.tensor.fraction, 1);
    put(out, record.name.size(), 1);
    put(out, record.tensor.rows, 8);
    put(out, record.tensor.cols, 8);
    put(out, std::bit_cast<std::uint64_t>(record.bound), 8);
    out.insert(out.end(), record.binding.data.begin(), record.binding.data.end());
    out.insert(out.end(), record.name.begin(), record.name.end());
}

class Reader {
public:
    explicit Reader(BytesView bytes) : rest_(bytes) {}

    std::optional<BytesView> take(std::size_t count) {
        if (count > rest_.size()) return {};
        const BytesView out = rest_.first(count);
        rest_ = rest_.subspan(count);
        return out;
    }
    std::uint64_t number(std::size_t bytes) {
        const auto part = take(bytes);
        good_ = good_ && part;
        std::uint64_t out = 0;
        for (std::size_t i = 0; part && i < bytes; ++i) out = out << 8 | (*part)[i];
        return out;
    }
    bool good() const { return good_; }
    BytesView rest() const { return rest_; }

private:
    BytesView rest_;
    bool good_ = true;
};

}  // namespace

ClearedBytes encode_kept(const KeptRecord& record) {
    ClearedBytes out;
    out.reserve(512 + record.tensor.shares.size());
    put_common(out, record);
    put(out, record.party, 1);
    out.insert(out.end(), record.tensor.shares.begin(), record.tensor.shares.end());
    return out;
}

Result<KeptRecord> decode_kept(BytesView bytes) {
    const auto broken = [] { return fail(Status::CORRUPT, "what was kept under this name are no shares"); };
    Reader in(bytes);
    const auto magic = in.take(kMagic.size());
    if (!magic || as_text(*magic) != kMagic) return broken();
    KeptRecord out;
    const std::uint64_t backend = in.number(1), bits = in.number(1);
    out.tensor.fraction = static_cast<unsigned>(in.number(1));
    const std::size_t name_bytes = in.number(1);
    out.tensor.rows = in.number(8);
    out.tensor.cols = in.number(8);
    out.bound = std::bit_cast<double>(in.number(8));
    const auto binding = in.take(out.binding.size());
    const auto name = in.take(name_bytes);
    out.party = static_cast<unsigned>(in.number(1));
    const std::uint64_t rows = out.tensor.rows, cols = out.tensor.cols;
    const bool fits = rows > 0 && cols > 0 && rows <= kElementsMax && cols <= kElementsMax / rows;
    if (!in.good() || !binding || !name || backend > 1 || bits > 1 || out.tensor.fraction > 24 ||
        out.party >= kParties || !fits || !(out.bound >= 0 && out.bound <= kFactorMax) ||
        !is_plain_name(as_text(*name)))
        return broken();
    // The clear one has doubles, once.
    const std::size_t components = backend == 0 ? 2 : 1;
    if (in.rest().size() != rows * cols * 8 * components) return broken();
    out.backend = static_cast<BackendKind>(backend);
    out.is_bits = bits == 1;
    std::memcpy(out.binding.data.data(), binding->data(), out.binding.size());
    out.name = as_text(*name);
    out.tensor.shares.assign(in.rest().begin(), in.rest().end());
    return out;
}

Bytes32 common_digest(const KeptRecord& record) {
    Bytes common;
    put_common(common, record);
    return sha256(common);
}

// ---------------------------------------------------------------- where it stands

namespace {

class SharesInFolder final : public KeptShares {
public:
    explicit SharesInFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}

    Result<Unit> put(std::string_view name, BytesView record) override {
        if (!is_plain_name(name)) return fail(Status::INVALID_ARGUMENT, "\"{}\" is no name of kept shares", name);
        C2D_CHECK(make_private_folder(folder_));
        return write_file_atomic(folder_ / name, as_text(record), 0600);
    }
    Result<Bytes> get(std::string_view name) override {
        if (!is_plain_name(name)) return fail(Status::INVALID_ARGUMENT, "\"{}\" is no name of kept shares", name);
        C2D_TRY(const auto bytes, read_secret_file(folder_ / name, kRecordMax));
        return Bytes(bytes.view().begin(), bytes.view().end());
    }

private:
    std::filesystem::path folder_;
};

}  // namespace

std::shared_ptr<KeptShares> KeptShares::folder(const std::filesystem::path& folder) {
    return std::make_shared<SharesInFolder>(folder);
}

}  // namespace c2d::mpc
