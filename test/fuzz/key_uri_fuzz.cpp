#include "fuzz/fuzz.hpp"
#include "pkcs11/key_uri.hpp"

#include <c2d/pkcs11_key.hpp>

using namespace c2d;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    const auto uri = pkcs11::parse_key_uri(text);
    if (!uri.ok()) {
        require(uri.status() == Status::INVALID_ARGUMENT, "whatever is no URI is an invalid argument");
        return 0;
    }
    require(is_pkcs11_uri(text) && size <= pkcs11::kUriBytesMax, "a URI has its scheme and is bounded");
    require(uri->module_path.starts_with('/'), "the module's path is absolute");
    require(uri->pin_file.empty() || uri->pin_file.starts_with('/'), "the path of the PIN's file is absolute");
    require(!uri->object.empty() || !uri->id.empty(), "a URI names a key");
    require(uri->id.size() <= pkcs11::kIdBytesMax, "an id is bounded");
    for (const auto& value : {uri->module_path, uri->pin_file, uri->token, uri->object})
        require(value.find('\0') == value.npos, "no text holds a zero byte");
    require(pkcs11::name_of_key(*uri).size() < 1200, "what a message says is bounded");
    return 0;
}
