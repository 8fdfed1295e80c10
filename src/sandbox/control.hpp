/// The host's end of the control socket.
#pragma once

#include "base/file.hpp"
#include "sandbox/plan_format.h"

#include <optional>
#include <span>
#include <utility>

namespace c2d::sandbox {

struct ControlPair {
    Fd host, helper;
};
/// A socketpair that keeps packets apart; both ends close at exec.
Result<ControlPair> make_control_pair();

/// One byte and up to C2D_PLAN_DESCRIPTORS_MAX descriptors.
Result<Unit> send_descriptors(int control, std::span<const int> descriptors);

struct ControlMessage {
    c2d_message body{};
    Fd descriptor;
};
/// The next message: nothing when none waits. `closed` is set at the end of the stream and when
/// a packet is not of the documented form.
std::optional<ControlMessage> receive_message(int control, bool& closed);

}  // namespace c2d::sandbox
