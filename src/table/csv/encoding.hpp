/// Text of other encodings as UTF-8, piece by piece.
#pragma once

#include "table/csv/source.hpp"

#include <memory>
#include <string>
#include <vector>

namespace c2d::table {

/// The name by which an encoding is known here ("GB18030" for "gbk"); fails with `invalid_argument`, which lists all.
Result<std::string> known_encoding(std::string_view name);
/// Which encodings, of those that are known, `bytes` could be in.
std::string encodings_that_fit(std::string_view bytes);

class Converter;

/// Reads a source as UTF-8, without a byte order mark. Does not check UTF-8.
class TextStream {
public:
    /// `encoding` as `known_encoding` spells it; empty: as the mark says, else UTF-8. Fails with `invalid_argument`
    /// when the mark says otherwise.
    static Result<TextStream> open(Source& source, const std::string& encoding);
    TextStream(TextStream&&) noexcept;
    TextStream& operator=(TextStream&&) noexcept;
    ~TextStream();

    /// "UTF-8", or as it was stated or marked.
    const std::string& encoding() const noexcept { return encoding_; }
    bool marked() const noexcept { return marked_; }
    /// Appends about `bytes` more bytes; false at the end. Bytes that the encoding has not are `kUnusable`.
    Result<bool> append(std::string& out, std::size_t bytes);
    /// From the start again.
    Result<Unit> rewind();

private:
    explicit TextStream(Source& source);
    Result<bool> append_converted(std::string& out, std::size_t bytes);

    Source* source_;
    std::string encoding_;
    bool marked_ = false;
    std::size_t mark_bytes_ = 0;
    /// None: the source is in UTF-8.
    std::unique_ptr<Converter> converter_;
};

}  // namespace c2d::table
