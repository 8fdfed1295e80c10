/// Where dt-cli and c2d-provider get their key and its password from, and what they leave of them.
#pragma once

#include "base/secret.hpp"

#include <c2d/config.hpp>
#include <c2d/key.hpp>
#include <c2d/pkcs11_key.hpp>

#include <memory>
#include <string>

namespace c2d::tools {

/// Where a key comes from; the first that is given wins.
struct KeySource {
    SecretBytes private_key;
    /// A file, or the URI of a key on a PKCS#11 token.
    std::string keystore;
    /// Of the keystore's password, or the token's PIN where the URI names no file for it.
    std::string password_file;
    /// C2D_PRIVATE_KEY and C2D_PASSWORD.
    SecretBytes environment_key;
    SecretBytes environment_password;
};
/// Where a key is that a configuration names: a path counts from its file, a PKCS#11 URI is as it stands. Empty:
/// nowhere.
std::string key_place(const Config& config, const std::string& given);
/// Moves C2D_PRIVATE_KEY and C2D_PASSWORD out of the environment, where programs that we start and
/// /proc would show them. To be called before there are threads.
void take_secrets_from_environment(KeySource& source);
/// Overwrites what an argument or a variable of the environment holds, after its copy.
SecretBytes take_secret(char* text);
Result<std::shared_ptr<Signer>> load_key(const KeySource& source);
/// The same of a key whose secret can be had: one on a PKCS#11 token fails with `unsupported`.
Result<std::shared_ptr<PrivateKey>> load_private_key(const KeySource& source);
/// From the password file, else the environment, else asked for on the terminal.
Result<SecretBytes> read_password(const KeySource& source, bool confirm);

}  // namespace c2d::tools
