/// A vendor's PKCS#11 module: a shared library that this process loads, initialises and keeps to its end.
#pragma once

#include <c2d/result.hpp>

#include <p11-kit/pkcs11.h>

#include <string>
#include <string_view>

namespace c2d::pkcs11 {

/// The functions of a module, which is loaded if it was not yet. Refused is a file that others can change, since its
/// code runs with our keys.
Result<const CK_FUNCTION_LIST*> load_module(const std::string& path);

/// C_Initialize, with locks of the system. That somebody else in this process has done so already is no failure; nobody
/// calls C_Finalize, which would end their sessions too.
Result<Unit> initialize(const CK_FUNCTION_LIST& module);

/// `what` failed because a function of the module did: with the name of its code, and what to do about it.
Error call_failed(std::string_view what, std::string_view function, CK_RV code);

/// Whether a code says that the session, the login or the device is gone, and a new session may help.
bool is_session_lost(CK_RV code) noexcept;

/// Whether a code says that the PIN was refused: it must not be tried again.
bool is_pin_refused(CK_RV code) noexcept;

}  // namespace c2d::pkcs11
