/// What the tests of keys in a token share.
#pragma once

#include "pkcs11/faults.hpp"
#include "pkcs11/soft_token.hpp"

namespace c2d::test {

inline void check_failure(const Error& error, Status status, std::string_view name, std::string_view words) {
    CAPTURE(error.message);
    CHECK(error.status == status);
    CHECK(error.name == name);
    CHECK(error.message.find(words) != std::string::npos);
    CHECK(error.message.find(SoftToken::kPin) == std::string::npos);
}

/// The module that does wrong what is asked for, which is nothing at first.
struct FaultyModule {
    FaultyModule() {
        const auto get =
            reinterpret_cast<FaultsFunction>(::dlsym(::dlopen(C2D_FAULTY_MODULE, RTLD_NOW | RTLD_LOCAL), "faults"));
        REQUIRE(bool(get));
        faults = get();
        *faults = Faults();
    }
    Faults* faults = nullptr;
};

}  // namespace c2d::test
