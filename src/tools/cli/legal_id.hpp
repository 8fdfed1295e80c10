/// What an organisation is called in law.
#pragma once

#include <c2d/result.hpp>

#include <string_view>

namespace c2d::cli {

/// A legal entity identifier (ISO 17442: 20 characters, the last two make its number 1 modulo 97), or COUNTRY:NUMBER, a
/// country's two letters (ISO 3166-1) and the number in its register. At most 64 characters of
/// A-Z 0-9 : - . /. Fails with `invalid_argument` for anything else; empty is none, and good.
Result<Unit> check_legal_id(std::string_view text);

/// Whether people may take one for the other, which the ledger tells apart: they differ in punctuation, in zeros before
/// a number, or in letters that look like digits (O, I, L). Not of a text and itself.
bool legal_ids_alike(std::string_view one, std::string_view other);

}  // namespace c2d::cli
