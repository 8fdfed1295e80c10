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

    unsigned logins = 0, signatures = 0;
    /// Any thread.
    int closed_sessions = 0;
};

/// The module exports it as "faults".
using FaultsFunction = Faults* (*)();
