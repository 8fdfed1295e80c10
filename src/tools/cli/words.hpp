/// The words of a command line, before the parser sees them.
#pragma once

#include "base/secret.hpp"

#include <string>
#include <vector>

namespace c2d::cli {

/// `--json` may stand anywhere, and dashes may stand for underscores in the names of flags. What follows a lone `--` is
/// not ours. A private key is taken out of the process list at once, and a word stands for it before the parser, whose
/// copies nobody clears.
class Words {
public:
    Words(bool& as_json, SecretBytes& private_key) : as_json_(as_json), private_key_(private_key) {}

    /// The next argument; the key in it is overwritten.
    void take(char* argument);
    /// Of all, the last one first, as CLI11 takes them.
    std::vector<std::string> finish();

private:
    void take_key(char* value);
    void take_key_flag(char* argument, std::size_t name);
    void take_other(std::string word);

    bool& as_json_;
    SecretBytes& private_key_;
    std::vector<std::string> words_;
    bool ours_ = true;
    bool key_follows_ = false;
};

}  // namespace c2d::cli
