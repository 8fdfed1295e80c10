/// What each layer is called, whether it may be missing, and what to do when it is.
#pragma once

#include <c2d/sandbox.hpp>

#include <optional>
#include <string_view>

namespace c2d::sandbox {

inline constexpr int kLayerCount = int(Layer::pids_hard) + 1;

/// The layer with this number, or nothing.
std::optional<Layer> layer_from(std::uint32_t number) noexcept;
/// kernel.apparmor_restrict_unprivileged_userns is 1, as on Ubuntu 23.10 and later: user namespaces of ordinary
/// users hold no rights, save for programs whose AppArmor profile says `userns,`.
bool apparmor_restricts_user_namespaces();
/// One line for the administrator of the machine, or empty.
std::string layer_hint(Layer layer, int error_number);
/// The bit set of layers that `job` requires: memory_hard and pids_hard never are.
std::uint32_t required_layers(const SandboxJob& job) noexcept;
/// layer_unavailable, with the system's words and the hint.
Error layer_error(Layer layer, int error_number, std::string_view step);

}  // namespace c2d::sandbox
