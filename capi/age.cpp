#include <c2d/age.hpp>
#include <c2d/capi/age.h>

#include "handles.hpp"

using c2d::Result;
using c2d::Unit;
using c2d::capi::give_text;
using c2d::capi::guard;

namespace {

/// What of an environment is needed here.
struct World {
    std::shared_ptr<c2d::Clock> clock = {};
    std::shared_ptr<c2d::Random> random = {};
    std::shared_ptr<c2d::Logger> logger = {};
};

std::shared_ptr<c2d::Random> random_of(const c2d_environment* environment) {
    World world;
    c2d::capi::use_environment(environment, world);
    return world.random ? world.random : c2d::Random::system();
}

}  // namespace

extern "C" {

c2d_status c2d_age_identity_create(const char* identity_file, const c2d_environment* environment, char** out_recipient,
                                   c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(identity_file, out_recipient);
        C2D_TRY(const auto identity, c2d::AgeIdentity::generate(*random_of(environment)));
        C2D_CHECK(identity.write(identity_file));
        return give_text(identity.recipient(), out_recipient);
    });
}

c2d_status c2d_age_identity_recipient(const char* identity_file, char** out_recipient, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(identity_file, out_recipient);
        C2D_TRY(const auto identity, c2d::AgeIdentity::read(identity_file));
        return give_text(identity.recipient(), out_recipient);
    });
}

c2d_status c2d_age_encrypt_file(const char* file, const char* recipient, const char* out_file,
                                const c2d_environment* environment, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(file, recipient, out_file);
        return c2d::age_encrypt_file(file, recipient, out_file, *random_of(environment));
    });
}

c2d_status c2d_age_decrypt_file(const char* file, const char* identity_file, const char* out_file, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(file, identity_file, out_file);
        C2D_TRY(const auto identity, c2d::AgeIdentity::read(identity_file));
        return c2d::age_decrypt_file(file, identity, out_file);
    });
}

}  // extern "C"
