#include "tools/cli/words.hpp"

#include "tools/key_source.hpp"

#include <algorithm>

namespace c2d::cli {

namespace {

/// The length of the name of --private_key at the start of a word, alone or before "="; else 0.
std::size_t private_key_name(std::string_view word) {
    constexpr std::string_view kName = "--private_key";
    const auto same = [](char a, char b) { return a == b || (a == '-' && b == '_'); };
    const bool named = word.size() >= kName.size() && std::ranges::equal(word.substr(0, kName.size()), kName, same);
    return named && (word.size() == kName.size() || word[kName.size()] == '=') ? kName.size() : 0;
}

}  // namespace

void Words::take(char* argument) {
    const std::string_view word = argument;
    if (word == "--") ours_ = false;
    if (ours_ && word == "--json")
        as_json_ = true;
    else if (key_follows_ && !word.starts_with("--"))
        take_key(argument);
    else if (const auto name = ours_ ? private_key_name(word) : 0)
        take_key_flag(argument, name);
    else
        take_other(std::string(word));
}

std::vector<std::string> Words::finish() {
    std::ranges::reverse(words_);
    return std::move(words_);
}

void Words::take_key(char* value) {
    private_key_ = tools::take_secret(value);
    words_.emplace_back("given");
    key_follows_ = false;
}

void Words::take_key_flag(char* argument, std::size_t name) {
    words_.emplace_back("--private_key");
    key_follows_ = argument[name] == 0;
    if (!key_follows_) take_key(argument + name + 1);
}

void Words::take_other(std::string word) {
    key_follows_ = false;
    if (ours_ && word.size() > 2 && word.starts_with("--"))
        for (std::size_t at = 2; at < word.size() && word[at] != '='; ++at)
            if (word[at] == '-') word[at] = '_';
    words_.push_back(std::move(word));
}

}  // namespace c2d::cli
