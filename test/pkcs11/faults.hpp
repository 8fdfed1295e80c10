/// What the faulty module does wrong, and what it counts.
#pragma once

#include <p11-kit/pkcs11.h>

struct Faults {
    /// C_Sign answers with these codes: the next time, and always.
    CK_RV sign_once = CKR_OK, sign_always = CKR_OK;
    /// Another length of signatures; a bit of them turned over.
    CK_ULONG signature_length = 64;
    bool turn_bit = false;
    /// Flags of the token, beside its own.
    CK_FLAGS token_flags = 0;
    /// Attributes that are longer than any key's.
    bool endless_attributes = false;
    /// C_Sign does not return before this descriptor is at its end. Any thread.
    int stalled = -1;

    /// C_CreateObject and C_WrapKey answer with these codes: always, and the next time.
    CK_RV create_object = CKR_OK, wrap_once = CKR_OK;
    /// How often C_WrapKey succeeds; -1: always.
    int wraps_left = -1;
    /// A bit of what is wrapped turned over; what was wrapped the last time given once more.
    bool turn_wrapped_bit = false, wrapped_again = false;
    /// What CKM_AES_KEY_WRAP is said to do, in place of its own; with CKF_ENCRYPT it encrypts too, as SoftHSM's does
    /// not.
    CK_FLAGS wrap_flags = 0;

    unsigned logins = 0, signatures = 0, wrapped = 0, encrypted = 0;
    /// Any thread.
    int closed_sessions = 0;
};

/// The module exports it as "faults".
using FaultsFunction = Faults* (*)();
