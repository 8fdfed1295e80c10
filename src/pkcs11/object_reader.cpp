#include "pkcs11/object_reader.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

#include <algorithm>
#include <cstring>

namespace c2d::pkcs11 {

namespace {

constexpr std::size_t kAttributeBytesMax = 256;

}  // namespace

Result<std::vector<CK_OBJECT_HANDLE>> ObjectReader::find(const Wanted& wanted) const {
    std::vector<CK_ATTRIBUTE> pattern = {attribute(CKA_CLASS, &wanted.kind, sizeof wanted.kind)};
    if (!wanted.id.empty()) pattern.push_back(attribute(CKA_ID, wanted.id.data(), wanted.id.size()));
    if (!wanted.label.empty()) pattern.push_back(attribute(CKA_LABEL, wanted.label.data(), wanted.label.size()));
    if (const auto code = module_.C_FindObjectsInit(session_, pattern.data(), pattern.size()); code != CKR_OK)
        return call_failed(name_, "C_FindObjectsInit", code);
    std::vector<CK_OBJECT_HANDLE> found(2);
    CK_ULONG count = 0;
    const auto code = module_.C_FindObjects(session_, found.data(), found.size(), &count);
    (void)module_.C_FindObjectsFinal(session_);
    if (code != CKR_OK) return call_failed(name_, "C_FindObjects", code);
    found.resize(std::min<std::size_t>(count, found.size()));
    return found;
}

Result<Bytes> ObjectReader::read(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const {
    Bytes value(kAttributeBytesMax);
    auto asked = attribute(type, value.data(), value.size());
    if (const auto code = module_.C_GetAttributeValue(session_, object, &asked, 1); code != CKR_OK)
        return call_failed(name_, "C_GetAttributeValue", code);
    if (asked.ulValueLen > value.size()) return call_failed(name_, "C_GetAttributeValue", CKR_BUFFER_TOO_SMALL);
    value.resize(asked.ulValueLen);
    return value;
}

Result<bool> ObjectReader::is_set(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE flag) const {
    C2D_TRY(const auto value, read(object, flag));
    return value.size() == sizeof(CK_BBOOL) && value[0] == CK_TRUE;
}

Result<CK_ULONG> ObjectReader::number(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const {
    C2D_TRY(const auto value, read(object, type));
    CK_ULONG out = 0;
    if (value.size() != sizeof out)
        return fail(Status::UNAVAILABLE, "{}: expected a number of {} bytes as attribute {:#x}, found {}", name_,
                    sizeof out, type, value.size());
    std::memcpy(&out, value.data(), sizeof out);
    return out;
}

}  // namespace c2d::pkcs11
