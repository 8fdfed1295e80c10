/// An operator as it lies on disk: its text, and what stands beside it.
#pragma once

#include <c2d/result.hpp>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace c2d::cli {

struct OperatorSource {
    std::string code;
    /// What the attributes call it; empty without.
    std::string description;
    /// Where the text lies.
    std::filesystem::path folder;
    /// Whether the attributes beside it say so; nothing where there are none of this text.
    std::optional<bool> joint;
    /// The argument that tells a party its number; empty: none.
    std::string party_argument;
    /// The arguments that the parameters beside it name; nothing where there are none.
    std::optional<std::vector<std::string>> parameters;
    /// The outputs that the attributes declare as kept; nothing: they declare none.
    std::optional<std::vector<std::string>> kept_names;
    /// The folders of mock tables beside the text, mock/party_N, by party.
    std::map<unsigned, std::filesystem::path> mock;
    /// args.json beside the text, which it is tried out with; empty: there is none.
    std::filesystem::path args;
};

/// `code` is a file, a folder with `operator.py`, or the name of an operator that ships. Fails with `not_found`, or
/// with `invalid_argument` for attributes that cannot be read.
Result<OperatorSource> find_operator(const std::string& code);

/// The folder of what `operator new` writes, before a name is put in.
Result<std::filesystem::path> operator_skeleton();
/// The folder of an operator that ships with the Python package; where there is none, what there is.
Result<std::filesystem::path> shipped_operator(const std::string& name);
/// The names of all.
Result<std::vector<std::string>> shipped_operators();

}  // namespace c2d::cli
