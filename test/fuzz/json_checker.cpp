#include "fuzz/json_checker.hpp"

#include <algorithm>
#include <cstdint>

namespace c2d::fuzz {

namespace {

class Checker {
public:
    Checker(std::string_view text, unsigned depth_max) : text_(text), depth_max_(depth_max) {}

    JsonOpinion run() {
        const bool value_stands = value(0);
        white_space();
        return {value_stands && at_ == text_.size(), depth_};
    }

private:
    int peek() const { return at_ < text_.size() ? std::uint8_t(text_[at_]) : -1; }
    bool take(char wanted) {
        if (peek() != std::uint8_t(wanted)) return false;
        ++at_;
        return true;
    }
    bool take_word(std::string_view word) {
        if (text_.substr(at_, word.size()) != word) return false;
        at_ += word.size();
        return true;
    }
    void white_space() {
        while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
    }

    bool value(unsigned depth) {
        white_space();
        switch (peek()) {
            case 'n': return take_word("null");
            case 't': return take_word("true");
            case 'f': return take_word("false");
            case '"': return string();
            case '[': return container(depth + 1, ']', false);
            case '{': return container(depth + 1, '}', true);
            default: return number();
        }
    }

    bool container(unsigned depth, char close, bool has_keys) {
        depth_ = std::max(depth_, depth);
        // Beyond the limit the opinion is not asked for; the stack must not grow with the input.
        if (depth > depth_max_) return false;
        ++at_;
        white_space();
        if (take(close)) return true;
        do {
            white_space();
            if (has_keys) {
                if (peek() != '"' || !string()) return false;
                white_space();
                if (!take(':')) return false;
            }
            if (!value(depth)) return false;
            white_space();
        } while (take(','));
        return take(close);
    }

    bool digits() {
        const auto start = at_;
        while (peek() >= '0' && peek() <= '9') ++at_;
        return at_ > start;
    }
    bool number() {
        take('-');
        if (!take('0') && !digits()) return false;
        if (take('.') && !digits()) return false;
        if (!take('e') && !take('E')) return true;
        if (!take('+')) take('-');
        return digits();
    }

    int hex4() {
        int out = 0;
        for (int i = 0; i < 4; ++i, ++at_) {
            const int c = peek();
            const int lower = c | 0x20;
            if (c >= '0' && c <= '9')
                out = out * 16 + c - '0';
            else if (lower >= 'a' && lower <= 'f')
                out = out * 16 + lower - 'a' + 10;
            else
                return -1;
        }
        return out;
    }
    bool escape() {
        const int c = peek();
        ++at_;
        if (c != 'u') return c > 0 && std::string_view("\"\\/bfnrt").find(char(c)) != std::string_view::npos;
        const int first = hex4();
        if (first < 0xd800 || first > 0xdfff) return first >= 0;
        if (first > 0xdbff || !take('\\') || !take('u')) return false;
        const int second = hex4();
        return second >= 0xdc00 && second <= 0xdfff;
    }
    bool continuation(int low, int high) {
        if (peek() < low || peek() > high) return false;
        ++at_;
        return true;
    }
    /// The table of well-formed sequences of the Unicode standard (table 3-7).
    bool character() {
        const int c = peek();
        ++at_;
        if (c < 0x80) return c >= 0x20;
        if (c >= 0xc2 && c <= 0xdf) return continuation(0x80, 0xbf);
        if (c >= 0xe0 && c <= 0xef)
            return continuation(c == 0xe0 ? 0xa0 : 0x80, c == 0xed ? 0x9f : 0xbf) && continuation(0x80, 0xbf);
        if (c >= 0xf0 && c <= 0xf4)
            return continuation(c == 0xf0 ? 0x90 : 0x80, c == 0xf4 ? 0x8f : 0xbf) && continuation(0x80, 0xbf) &&
                   continuation(0x80, 0xbf);
        return false;
    }
    bool string() {
        ++at_;
        while (peek() >= 0) {
            if (take('"')) return true;
            if (take('\\') ? !escape() : !character()) return false;
        }
        return false;
    }

    std::string_view text_;
    unsigned depth_max_;
    std::size_t at_ = 0;
    unsigned depth_ = 0;
};

}  // namespace

JsonOpinion check_json(std::string_view text, unsigned depth_max) { return Checker(text, depth_max).run(); }

}  // namespace c2d::fuzz
