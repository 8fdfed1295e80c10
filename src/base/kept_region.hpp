/// What a provider and the engine of a party hand each other of kept shares, in memory that the operator never sees:
/// before it starts what the party's model tokens hold, and after it ended what the engine kept.
#pragma once

#include "base/secret.hpp"

#include <c2d/result.hpp>

#include <optional>
#include <string>
#include <vector>

namespace c2d {

struct KeptRecordBytes {
    /// [A-Za-z0-9_][A-Za-z0-9._-]{0,127}
    std::string name;
    /// The same at all parties that kept under this name in one run.
    Bytes32 binding;
    ClearedBytes bytes;
};

inline constexpr std::size_t kKeptRecordsMax = 16;

/// How much room the records take.
std::size_t kept_region_bytes(const std::vector<KeptRecordBytes>& records);
/// Writes them and an end behind them, as far as there is room; false where there is not.
bool write_kept_region(const std::vector<KeptRecordBytes>& records, std::span<std::uint8_t> out);
/// Nothing for what is none: a region of zeros holds no records.
std::optional<std::vector<KeptRecordBytes>> read_kept_region(BytesView bytes);

}  // namespace c2d
