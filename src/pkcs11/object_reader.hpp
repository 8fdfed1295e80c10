/// Objects of a token, found and read in one session.
#pragma once

#include "pkcs11/key_uri.hpp"
#include "pkcs11/module.hpp"

#include <vector>

namespace c2d::pkcs11 {

/// Objects are looked for by class, and by id and label as far as these are known.
struct Wanted {
    CK_OBJECT_CLASS kind;
    BytesView id;
    std::string_view label;
};

/// A template borrows its values, and the interface knows no const.
inline CK_ATTRIBUTE attribute(CK_ATTRIBUTE_TYPE type, const void* value, std::size_t bytes_count) {
    return {type, const_cast<void*>(value), bytes_count};
}

class ObjectReader {
public:
    ObjectReader(const CK_FUNCTION_LIST& module, CK_SESSION_HANDLE session, const KeyUri& uri)
        : module_(module), session_(session), name_(name_of_key(uri)) {}

    const std::string& name() const { return name_; }

    /// At most two: that there are several is all that matters then.
    Result<std::vector<CK_OBJECT_HANDLE>> find(const Wanted& wanted) const;
    /// Of at most 256 bytes.
    Result<Bytes> read(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const;
    Result<bool> is_set(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE flag) const;
    /// CKA_KEY_TYPE, CKA_VALUE_LEN and the like.
    Result<CK_ULONG> number(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const;

private:
    const CK_FUNCTION_LIST& module_;
    CK_SESSION_HANDLE session_;
    std::string name_;
};

}  // namespace c2d::pkcs11
