#include "base/kept_region.hpp"

#include "base/file_name.hpp"

#include <algorithm>
#include <cstring>

namespace c2d {
namespace {

/// A record: bytes of the name (1; 0: the end), the name, 32 of the binding, 8 of the length, little-endian, and so
/// many.
constexpr std::size_t kHeadBytes = 1 + 32 + 8;

std::size_t bytes_of(const KeptRecordBytes& record) { return kHeadBytes + record.name.size() + record.bytes.size(); }

}  // namespace

std::size_t kept_region_bytes(const std::vector<KeptRecordBytes>& records) {
    std::size_t out = 1;
    for (const auto& record : records) out += bytes_of(record);
    return out;
}

bool write_kept_region(const std::vector<KeptRecordBytes>& records, std::span<std::uint8_t> out) {
    if (records.size() > kKeptRecordsMax || kept_region_bytes(records) > out.size()) return false;
    std::uint8_t* at = out.data();
    for (const auto& record : records) {
        if (!is_plain_name(record.name)) return false;
        *at++ = static_cast<std::uint8_t>(record.name.size());
        at = std::copy(record.name.begin(), record.name.end(), at);
        at = std::copy(record.binding.data.begin(), record.binding.data.end(), at);
        const std::uint64_t length = record.bytes.size();
        std::memcpy(at, &length, 8);
        at = std::copy(record.bytes.begin(), record.bytes.end(), at + 8);
    }
    *at = 0;
    return true;
}

std::optional<std::vector<KeptRecordBytes>> read_kept_region(BytesView bytes) {
    std::vector<KeptRecordBytes> out;
    for (;;) {
        if (bytes.empty()) return {};
        const std::size_t name_bytes = bytes[0];
        if (name_bytes == 0) return out;
        if (bytes.size() < kHeadBytes + name_bytes || out.size() == kKeptRecordsMax) return {};
        KeptRecordBytes record;
        record.name = as_text(bytes.subspan(1, name_bytes));
        const BytesView binding = bytes.subspan(1 + name_bytes, 32);
        std::copy(binding.begin(), binding.end(), record.binding.data.begin());
        std::uint64_t length = 0;
        std::memcpy(&length, bytes.data() + 1 + name_bytes + 32, 8);
        bytes = bytes.subspan(kHeadBytes + name_bytes);
        const auto same = [&](const KeptRecordBytes& known) { return known.name == record.name; };
        if (length > bytes.size() || !is_plain_name(record.name) || std::ranges::any_of(out, same)) return {};
        record.bytes.assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length));
        bytes = bytes.subspan(static_cast<std::size_t>(length));
        out.push_back(std::move(record));
    }
}

}  // namespace c2d
