/// 64-bit vector products exist only from AVX-512 on; the loader picks the best version of each
/// marked loop. Sanitizers instrument before the resolver can run, so they get the plain one.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define C2D_VECTOR_CLONES __attribute__((target_clones("default", "avx2", "arch=x86-64-v4")))
#else
#define C2D_VECTOR_CLONES
#endif
