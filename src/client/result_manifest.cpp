#include "client/result_manifest.hpp"

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/file_name.hpp"
#include "base/try.hpp"
#include "client/provider_call.hpp"

#include <algorithm>

namespace c2d::client {

using json::Value;

namespace {

template <class... Args>
Error invalid(Status status, fmt::format_string<Args...> format, Args&&... args) {
    Error error = fail(status, format, std::forward<Args>(args)...);
    error.name = kResultInvalid;
    return error;
}

Result<ManifestFile> read_file_entry(const Value& entry) {
    const Value* bytes = entry.find("bytes");
    const auto size = bytes ? bytes->as_uint() : std::nullopt;
    const auto sha256 = parse_bytes32(entry.text_at({"sha256"}));
    if (!size || !sha256)
        return invalid(Status::CORRUPT, "expected files with name, bytes and sha256, found {}",
                       display_text(json::compact(entry)));
    return ManifestFile{entry.text_at({"name"}), *size, *sha256};
}

}  // namespace

Result<std::vector<ManifestFile>> read_manifest(const Value& body, const std::vector<std::string>& allowed,
                                                std::uint64_t bytes_max) {
    const Value* list = body.find("files");
    if (!list || !list->is_array()) return invalid(Status::CORRUPT, "expected a list of files, found none");
    std::vector<ManifestFile> files;
    std::uint64_t left = bytes_max;
    for (const auto& entry : list->items()) {
        C2D_TRY(auto file, read_file_entry(entry));
        // A name that the terms spell is plain already; that it is looked at here is a wall of its
        // own.
        const bool named = std::ranges::find(allowed, file.name) != allowed.end() && is_plain_name(file.name);
        if (!named)
            return invalid(Status::CORRUPT, "it releases \"{}\", which the verified arguments do not name as an output",
                           display_text(file.name));
        if (std::ranges::find(files, file.name, &ManifestFile::name) != files.end())
            return invalid(Status::CORRUPT, "it releases \"{}\" twice", file.name);
        if (file.bytes > left)
            return invalid(Status::LIMIT,
                           "it releases more than the {} bytes that this client takes (result_bytes_max)", bytes_max);
        left -= file.bytes;
        files.push_back(std::move(file));
    }
    return files;
}

}  // namespace c2d::client
