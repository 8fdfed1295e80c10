/// Results for one receiver: files in the format age v1 (https://age-encryption.org/v1), to X25519 keys.
///
/// Who is to read them makes an identity, keeps its file and tells the recipient, `age1…`. Other programs of that
/// format read and write the same files. docs/models.md tells how results come to be encrypted.
#pragma once

#include <c2d/environment.hpp>
#include <c2d/types.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace c2d {

/// Larger contents are encrypted from file to file.
inline constexpr std::size_t kAgeBytesMax = std::size_t(256) << 20;
/// Of an identity file.
inline constexpr std::size_t kAgeIdentityFileBytesMax = std::size_t(64) << 10;

/// The secret of who reads. Copies share it; it is cleared with the last one.
class AgeIdentity {
public:
    /// Fails with `internal` only when the randomness does.
    static Result<AgeIdentity> generate(Random& random);
    /// The text of an identity file: `AGE-SECRET-KEY-1…` on the one line that is neither empty nor a remark (`#`).
    /// Fails with `invalid_argument`, and tells nothing of the text.
    static Result<AgeIdentity> parse(std::string_view text);
    static Result<AgeIdentity> read(const std::filesystem::path& file);

    /// `age1…`, for everybody.
    std::string recipient() const;
    /// A file of mode 0600 in the form that `parse` takes; never over one that stands there (`conflict`).
    Result<Unit> write(const std::filesystem::path& file) const;

    struct Impl;
    /// For the library.
    const Impl& impl() const noexcept { return *impl_; }

private:
    explicit AgeIdentity(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
    std::shared_ptr<const Impl> impl_;
};

/// Whether it is one; fails with `invalid_argument`.
Result<Unit> check_age_recipient(std::string_view recipient);
/// To one recipient, at most `kAgeBytesMax`.
Result<Bytes> age_encrypt(BytesView content, std::string_view recipient, Random& random);
/// Fails with `corrupt` where it is no such file, was altered or cut off; with `refused` and the name
/// `age_other_identity` where it is encrypted to others.
Result<Bytes> age_decrypt(BytesView file, const AgeIdentity& identity);
/// The same from file to file, of any size, in bounded memory. `out` is new, of mode 0600, and there only once it is
/// whole: fails with `conflict` where something stands there.
Result<Unit> age_encrypt_file(const std::filesystem::path& in, std::string_view recipient,
                              const std::filesystem::path& out, Random& random);
Result<Unit> age_decrypt_file(const std::filesystem::path& in, const AgeIdentity& identity,
                              const std::filesystem::path& out);

}  // namespace c2d
