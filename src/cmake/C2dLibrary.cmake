# The library from all modules: static for C++ callers and tools; the shared one, which exports only
# the C ABI, is made in capi/.
get_property(modules GLOBAL PROPERTY C2D_MODULES)
add_library(c2d_static STATIC)
add_library(c2d::c2d_static ALIAS c2d_static)
foreach(module ${modules})
  target_link_libraries(c2d_static PRIVATE ${module})
endforeach()
target_include_directories(c2d_static PUBLIC
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(c2d_static PUBLIC
  fmt::fmt Threads::Threads OpenSSL::SSL OpenSSL::Crypto CURL::libcurl PkgConfig::SECP256K1
  PkgConfig::SQLITE3 PkgConfig::RE2 PkgConfig::ICU_UC)
if(NOT C2D_CLIENT_ONLY)
  target_link_libraries(c2d_static PUBLIC PkgConfig::SECCOMP)
endif()
target_compile_features(c2d_static INTERFACE cxx_std_20)
set_target_properties(c2d_static PROPERTIES OUTPUT_NAME c2d_static)
