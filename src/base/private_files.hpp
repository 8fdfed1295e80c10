/// Files and folders that are nobody else's business: keys, passwords, a provider's state.
#pragma once

#include "base/secret.hpp"

#include <filesystem>
#include <string>

namespace c2d {

/// Makes `folder` with what is missing above it, all for their owner alone (mode 0700, whatever the
/// umask). One that stands there is left as it is.
Result<Unit> make_private_folder(const std::filesystem::path& folder);
/// As `make_private_folder`, and one that stands there is tightened to mode 0700 if it is ours. Fails
/// with `invalid_argument` (`exposed_folder`), saying what to do, when others can look into it and it
/// is not ours to change, or when it is shared on purpose (sticky, as /tmp).
Result<Unit> hold_private_folder(const std::filesystem::path& folder);

/// How others could read or change the file, in words that end in what to do; empty when they cannot,
/// or when there is no such file. What a link leads to counts.
std::string exposure_of(const std::filesystem::path& path);
/// How group or others could change the file, as `exposure_of` says it. For what we run, but may show to anybody.
std::string changeable_by_others(const std::filesystem::path& path);
/// What becomes of a secret file that is not one.
enum class Exposed {
    refuse,
    /// The caller asks `exposure_of` and warns.
    allow,
};

/// Reads a key, a keystore or a password: a regular file of at most `bytes_max` bytes, ours or the
/// system administrator's, that nobody else can read or change. The administrator's may be read by
/// its group, as service managers hand secrets over. Fails with `invalid_argument` (`exposed_file`), saying
/// what to do, else as `read_file` does. No copy is left behind.
Result<SecretBytes> read_secret_file(const std::filesystem::path& path, std::size_t bytes_max,
                                     Exposed exposed = Exposed::refuse);
/// The password, or PIN, that a secret file of at most 64 KiB holds: without a byte order mark and ends of lines.
Result<SecretBytes> read_password_file(const std::filesystem::path& path);

}  // namespace c2d
