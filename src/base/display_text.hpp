/// Text that others wrote, made fit for a log or a terminal: what a peer, a provider, a ledger, a
/// document or a request says moves no cursor, starts no line and hides nothing.
///
/// Bytes that are not UTF-8, controls (C0, DEL, C1), marks that reorder text and characters that
/// nothing is drawn for are shown by their numbers: \x1b, \u202e, \U000e0041.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace c2d {

/// What one value may take of a line.
inline constexpr std::size_t kDisplayBytesMax = 200;

/// Whether a character is drawn as itself, in its place, within its line.
bool is_displayable(char32_t point) noexcept;

/// One value within one line. A text that takes more than `bytes_max` bytes is cut at a character's
/// border and ends in "...[N bytes]", N being the length of `text`; all that within `bytes_max`, of
/// which the ending may take 28.
std::string display_text(std::string_view text, std::size_t bytes_max = kDisplayBytesMax);
/// A whole line, whose values were cut where they were put in: nothing is cut here.
std::string display_line(std::string_view text);
/// Several lines: as a line, but newlines and tabs stay.
std::string display_lines(std::string_view text);

}  // namespace c2d
