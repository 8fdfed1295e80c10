#include "vectors/vector_file.hpp"

#include <doctest/doctest.h>
#include <set>

using namespace c2d;

// A file that nobody runs, or a test without its file, must not go unnoticed.
TEST_CASE("files") {
    const std::set<std::string> known = {"abi_calls",      "abi_events",    "abi_returns", "bech32", "checksum", "cid",
                                         "create_address", "eip55",         "keccak256",   "keys",   "recover",  "rlp",
                                         "selectors",      "personal_sign", "tx"};
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(vectors::directory()))
        if (entry.path().extension() == ".json") found.insert(entry.path().stem().string());
    CHECK(found == known);
}
