#include "table/csv/encoding.hpp"

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "table/csv/unusable.hpp"

#include <iconv.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace c2d::table {

namespace {

using namespace std::string_view_literals;

/// What may be stated, and the name that iconv has for it. GBK and GB2312 are parts of GB18030.
constexpr std::pair<std::string_view, std::string_view> kEncodings[] = {
    {"UTF-8", "UTF-8"},
    {"UTF8", "UTF-8"},
    {"GB18030", "GB18030"},
    {"GBK", "GB18030"},
    {"GB2312", "GB18030"},
    {"CP936", "GB18030"},
    {"UTF-16", "UTF-16"},
    {"UTF-16LE", "UTF-16LE"},
    {"UTF-16BE", "UTF-16BE"},
    {"BIG5", "BIG5"},
    {"SHIFT_JIS", "SHIFT_JIS"},
    {"EUC-KR", "EUC-KR"},
    {"ISO-8859-1", "ISO-8859-1"},
    {"ISO-8859-15", "ISO-8859-15"},
    {"WINDOWS-1250", "WINDOWS-1250"},
    {"WINDOWS-1251", "WINDOWS-1251"},
    {"WINDOWS-1252", "WINDOWS-1252"},
};
/// Those that a text in no UTF-8 is tried as; single bytes last, because nearly everything fits them.
constexpr const char* kLikely[] = {"GB18030", "BIG5", "SHIFT_JIS", "EUC-KR", "WINDOWS-1252", "WINDOWS-1250"};

constexpr std::pair<std::string_view, std::string_view> kMarks[] = {
    {"\xef\xbb\xbf"sv, "UTF-8"},
    {"\x84\x31\x95\x33"sv, "GB18030"},
    {"\xff\xfe"sv, "UTF-16LE"},
    {"\xfe\xff"sv, "UTF-16BE"},
};

std::string upper(std::string_view text) {
    std::string out(text);
    for (auto& c : out) c = c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c;
    return out;
}

/// A mark agrees with its own encoding, and UTF-16 with either order.
bool agree(std::string_view stated, std::string_view marked) {
    return stated.empty() || stated == marked || (stated == "UTF-16" && marked.starts_with("UTF-16"));
}

}  // namespace

Result<std::string> known_encoding(std::string_view name) {
    const auto wanted = upper(name);
    std::string all;
    for (const auto& [known, called] : kEncodings) {
        if (known == wanted) return std::string(called);
        all += (all.empty() ? "" : ", ") + std::string(known);
    }
    return fail(Status::INVALID_ARGUMENT, "expected an encoding of {}, found \"{}\"", all, display_text(name, 40));
}

/// One conversion by iconv.
class Converter {
public:
    static std::unique_ptr<Converter> make(const std::string& encoding) {
        auto* const handle = ::iconv_open("UTF-8", encoding.c_str());
        if (handle == reinterpret_cast<iconv_t>(-1)) return nullptr;  // NOLINT(performance-no-int-to-ptr)
        return std::unique_ptr<Converter>(new Converter(handle));
    }
    Converter(const Converter&) = delete;
    Converter& operator=(const Converter&) = delete;
    ~Converter() { ::iconv_close(handle_); }

    void reset() noexcept {
        ::iconv(handle_, nullptr, nullptr, nullptr, nullptr);
        rest_.clear();
        taken_ = 0;
    }
    /// Appends `bytes` as UTF-8, keeping back a character that is not complete. False at bytes that are none.
    bool convert(std::string_view bytes, std::string& out) {
        rest_ += bytes;
        char* in = rest_.data();
        std::size_t left = rest_.size();
        while (left != 0) {
            const std::size_t before = out.size();
            out.resize(before + left * 4 + 16);
            char* to = out.data() + before;
            std::size_t room = out.size() - before;
            const std::size_t done = ::iconv(handle_, &in, &left, &to, &room);
            out.resize(out.size() - room);
            if (done == std::size_t(-1) && errno != E2BIG) break;
        }
        const bool incomplete = left != 0 && errno == EINVAL && left < 8;
        taken_ += rest_.size() - left;
        rest_.erase(0, rest_.size() - left);
        return left == 0 || incomplete;
    }
    bool complete() const noexcept { return rest_.empty(); }
    std::uint64_t taken() const noexcept { return taken_; }

private:
    explicit Converter(iconv_t handle) : handle_(handle) {}

    iconv_t handle_;
    std::string rest_;
    std::uint64_t taken_ = 0;
};

std::string encodings_that_fit(std::string_view bytes) {
    std::string out;
    for (const auto* const name : kLikely) {
        const auto stream = Converter::make(name);
        std::string text;
        if (stream == nullptr || !stream->convert(bytes, text)) continue;
        out += (out.empty() ? "" : ", ") + std::string(name);
    }
    return out;
}

TextStream::TextStream(Source& source) : source_(&source) {}
TextStream::TextStream(TextStream&&) noexcept = default;
TextStream& TextStream::operator=(TextStream&&) noexcept = default;
TextStream::~TextStream() = default;

Result<TextStream> TextStream::open(Source& source, const std::string& encoding) {
    TextStream out(source);
    C2D_CHECK(source.rewind());
    char head[4] = {};
    C2D_TRY(const std::size_t count, source.read(head, sizeof head));
    const std::string_view found(head, count);
    out.encoding_ = encoding;
    for (const auto& [mark, marked] : kMarks) {
        if (!found.starts_with(mark)) continue;
        if (!agree(encoding, marked))
            return unusable(0, "the file begins with the byte order mark of {}, but {} is stated as its encoding",
                            marked, encoding);
        out.encoding_ = marked;
        out.marked_ = true;
        out.mark_bytes_ = mark.size();
        break;
    }
    if (out.encoding_.empty()) out.encoding_ = "UTF-8";
    if (out.encoding_ == "UTF-16") out.encoding_ = "UTF-16LE";  // without a mark, as Windows writes it
    if (out.encoding_ != "UTF-8") {
        out.converter_ = Converter::make(out.encoding_);
        if (out.converter_ == nullptr)
            return fail(Status::UNSUPPORTED, "this system's iconv does not know the encoding {}", out.encoding_);
    }
    C2D_CHECK(out.rewind());
    return out;
}

Result<Unit> TextStream::rewind() {
    C2D_CHECK(source_->rewind());
    char mark[4] = {};
    if (mark_bytes_ != 0) C2D_CHECK(source_->read(mark, mark_bytes_));
    if (converter_ != nullptr) converter_->reset();
    return Unit{};
}

Result<bool> TextStream::append(std::string& out, std::size_t bytes) {
    if (converter_ != nullptr) return append_converted(out, bytes);
    const std::size_t before = out.size();
    out.resize(before + bytes);
    const auto count = source_->read(out.data() + before, bytes);
    out.resize(before + count.value_or(0));
    if (!count) return count.error();
    return *count != 0;
}

Result<bool> TextStream::append_converted(std::string& out, std::size_t bytes) {
    std::string raw(bytes / 2 + 1, '\0');
    C2D_TRY(const std::size_t count, source_->read(raw.data(), raw.size()));
    if (count == 0 && converter_->complete()) return false;
    raw.resize(count);
    if (count == 0 || !converter_->convert(raw, out))
        return unusable(0, "the file is not in {}: byte {} begins no character of it", encoding_,
                        mark_bytes_ + converter_->taken() + 1);
    return true;
}

}  // namespace c2d::table
