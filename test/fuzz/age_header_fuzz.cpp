// The header of an age file: any text is read, refused or not whole yet, and what is read is written as it was.
#include "artifact/age_header.hpp"
#include "fuzz/fuzz.hpp"

using namespace c2d;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(fuzz::text_of(data, size));
    const auto header = age::read_header(text);
    if (!header || !*header) return 0;
    const age::Header& read = **header;
    require(read.bytes <= text.size() && !read.stanzas.empty() && read.stanzas.size() <= age::kStanzasMax,
            "in its bounds");
    require(age::covered_text(read.stanzas) == read.covered, "there is one way to write it");
    require(age::header_text(read.covered, read.mac) == text.substr(0, read.bytes), "and the MAC stands behind it");
    require(!*age::read_header(text.substr(0, read.bytes - 1)), "without its last byte it is not whole");
    return 0;
}
