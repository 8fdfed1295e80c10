/// What a provider tells the engine of a party before its operator runs, and what the engine tells the provider: over
/// one piece of memory of a fixed size that the operator never sees. What was read is overwritten.
#pragma once

#include "base/secret.hpp"

#include <c2d/opening_rules.hpp>
#include <c2d/result.hpp>
#include <c2d/types.hpp>

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace c2d {

inline constexpr std::size_t kEngineParties = 3;

struct EngineStart {
    unsigned party = 0;
    mpc::OpeningRules rules = {};
    /// By party: what the keys with it are bound to (`mpc::SessionOptions`). Zeros for itself.
    std::array<Bytes32, kEngineParties> session_binding = {};
    /// Secrets agreed on with each beforehand, of at most 64 bytes; empty: none.
    std::array<ClearedBytes, kEngineParties> pre_shared = {};
    /// It computes in the clear, whatever the operator asks for: for trying out, never told by a provider.
    bool clear = false;
    /// Which attempt at the job it is, how far apart checkpoints are written at least, and how much of the memory's end
    /// is for them (base/checkpoint_area.hpp; 0: none are written).
    std::uint32_t attempt = 1;
    std::uint64_t checkpoint_ms = 60'000;
    std::uint64_t checkpoint_bytes = 0;
};

/// Whoever has the text knows what goes into the keys: clear it.
std::string engine_start_text(const EngineStart& start);
/// Fails with `invalid_argument`.
Result<EngineStart> engine_start_from(std::string_view text);

inline constexpr std::size_t kEngineMemoryBytes = 4096;
/// Behind these: kept shares (base/kept_region.hpp), as many bytes as the memory has more before the checkpoints.
inline constexpr std::size_t kEngineKeptBytesMax = std::size_t{64} << 20;

/// What one alignment told of the tables: distinct ids of parties 0 and 1, and how many are common.
struct AlignedSizes {
    std::array<std::uint64_t, 2> rows = {};
    std::uint64_t common = 0;
    bool operator==(const AlignedSizes&) const = default;
};

/// The most that a run tells its provider of.
inline constexpr std::size_t kAlignmentsToldMax = 8, kRulesToldMax = 16;

struct EngineReport {
    /// How often something of a kind was opened so far. At most 32 kinds, which are words of `a` to `z` and `_`.
    std::map<std::string, std::uint64_t> opened = {};
    /// A call could not go on because another party was gone.
    bool peer_gone = false;
    /// In the order in which they were made.
    std::vector<AlignedSizes> alignments = {};
    /// Digests of the rules that this party prepares its columns with, as its operator says.
    std::vector<Bytes32> rules = {};
    /// The checkpoint that it went on from: attempt, number and step; attempt 0: none.
    std::uint64_t resumed[3] = {};
    /// What was opened before that, likewise.
    std::map<std::string, std::uint64_t> opened_before = {};
    bool operator==(const EngineReport&) const = default;
};
std::string engine_report_text(const EngineReport& report);
/// Nothing for what is none, as where the engine did not come so far.
std::optional<EngineReport> engine_report_from(std::string_view text);

}  // namespace c2d
