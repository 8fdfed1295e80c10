# What compiler and linker do against memory errors that no test has found (-DC2D_HARDEN=OFF leaves it out):
# checked indices in the standard library, checked lengths in the C library, a mark on each stack frame and no
# jump over the stack's end, targets of jumps that the processor checks, addresses that differ at each start,
# and tables of functions that are read-only once loaded. Each where the compiler has it.
#
# C2D_HARDEN_CODE is for all code, C2D_HARDEN_PROGRAM for what stands on the C and C++ libraries,
# C2D_HARDEN_LINK for the linker. test/install/hardening_test.py reads the binaries.
option(C2D_HARDEN "Build with the protections of compiler and linker" ON)
set(C2D_HARDEN_CODE)
set(C2D_HARDEN_PROGRAM)
set(C2D_HARDEN_LINK)
if(NOT C2D_HARDEN)
  return()
endif()

include(CheckCXXCompilerFlag)
include(CheckLinkerFlag)
include(CheckPIESupported)
check_pie_supported(LANGUAGES C CXX)

# c2d_harden_if(FLAG): adds it to C2D_HARDEN_CODE if the compiler takes it without a word.
function(c2d_harden_if flag)
  string(MAKE_C_IDENTIFIER "C2D_HAS${flag}" known)
  set(CMAKE_REQUIRED_FLAGS "-Werror")
  check_cxx_compiler_flag(${flag} ${known})
  if(${known})
    set(C2D_HARDEN_CODE ${C2D_HARDEN_CODE} ${flag} PARENT_SCOPE)
  endif()
endfunction()
c2d_harden_if(-fstack-protector-strong)
c2d_harden_if(-fstack-clash-protection)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
  c2d_harden_if(-mbranch-protection=standard)
else()
  c2d_harden_if(-fcf-protection=full)
endif()

set(C2D_HARDEN_PROGRAM $<$<COMPILE_LANGUAGE:CXX>:-D_GLIBCXX_ASSERTIONS>)
# Sanitizers check the same calls better, and without optimisation it does nothing but warn. An older C library
# takes 3 for 2, an older compiler under a new one says so: then it is told 2.
if(NOT C2D_SANITIZE)
  set(CMAKE_REQUIRED_FLAGS "-Werror -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3")
  include(CheckCXXSourceCompiles)
  check_cxx_source_compiles("#include <cstring>\nint main() { return 0; }" C2D_HAS_FORTIFY_3)
  unset(CMAKE_REQUIRED_FLAGS)
  set(level $<IF:$<BOOL:${C2D_HAS_FORTIFY_3}>,3,2>)
  set(optimised $<CONFIG:Release,RelWithDebInfo,MinSizeRel>)
  list(APPEND C2D_HARDEN_PROGRAM
    $<${optimised}:-U_FORTIFY_SOURCE> $<${optimised}:-D_FORTIFY_SOURCE=${level}>)
endif()

check_linker_flag(CXX "-Wl,-z,relro,-z,now,-z,noexecstack" C2D_HAS_RELRO)
if(C2D_HAS_RELRO)
  set(C2D_HARDEN_LINK -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
