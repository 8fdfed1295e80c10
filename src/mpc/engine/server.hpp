/// The engine: carries out the calls of one operator, which holds handles alone.
#pragma once

#include "base/engine_start.hpp"

#include <c2d/mpc.hpp>

#include <functional>
#include <map>

namespace c2d::mpc::engine {

/// How it ended; the exit code of `c2d-engine`. After anything but `done` nothing of the run is released.
enum class End { done = 0, failed = 2, refused = 3 };

/// What the owner hears of a session; null: nobody does.
struct Listener {
    /// All that was opened so far, before a value is.
    std::function<void(const std::vector<Disclosure>&)> opened = {};
    /// A call could not go on because another party was gone.
    std::function<void()> peer_gone = {};
    /// What an alignment told of both tables, and a rule that this party's columns are prepared with.
    std::function<void(const Alignment&)> aligned = {};
    std::function<void(const Bytes32&)> rule = {};
    /// The session goes on from an earlier attempt's checkpoint.
    /// `opened`: how often something of each kind was, before that.
    std::function<void(const Resumed&, const std::map<std::string, std::uint64_t>& opened)> resumed = {};
};

/// Serves the operator at `operator_fd` until it closes, with the peers behind `peers_fd`, a frame relay's socket. Both
/// stay the caller's. One session; what is no message, or a refusal, ends it. `kept`: where shares are kept that a
/// later run loads, `checkpoints`: where this one's next attempt goes on; null: nowhere.
End serve(int operator_fd, int peers_fd, EngineStart start, Listener listener = {},
          std::shared_ptr<KeptShares> kept = {}, std::shared_ptr<Checkpoints> checkpoints = {});

}  // namespace c2d::mpc::engine
