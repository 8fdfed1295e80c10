/// Functions compiled for several processors, of which the loader picks the best one present. That needs
/// indirect functions, which glibc's loader has and musl's has not. Sanitizers instrument before the
/// resolver can run, so they get the plain one; so does who defines C2D_PLAIN_KERNELS, to compare.
#pragma once

#if __has_include(<features.h>)
#include <features.h>  // says __GLIBC__
#endif

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(C2D_PLAIN_KERNELS)
/// Loops over arrays: 64-bit vector products exist only from AVX-512 on.
#define C2D_VECTOR_CLONES __attribute__((target_clones("default", "avx2", "arch=x86-64-v4")))
/// Bit operations: and-not in one instruction, rotation into another register.
#define C2D_BIT_CLONES __attribute__((target_clones("default", "arch=x86-64-v3")))
#else
#define C2D_VECTOR_CLONES
#define C2D_BIT_CLONES
#endif
