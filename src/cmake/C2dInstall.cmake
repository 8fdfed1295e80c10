# Installing, find_package(c2d) and pkg-config. What is installed finds its parts relative to itself,
# so a prefix can be moved as a whole.
include(CMakePackageConfigHelpers)

# What users of the static library link besides, where the sandbox is in it.
set(C2D_SECCOMP_DEPENDENCY "")
set(C2D_SECCOMP_PACKAGE "")
if(NOT C2D_CLIENT_ONLY)
  set(C2D_SECCOMP_DEPENDENCY " SECCOMP=libseccomp")
  set(C2D_SECCOMP_PACKAGE " libseccomp")
endif()
set(C2D_INSTALL_PYTHONDIR ${CMAKE_INSTALL_DATADIR}/c2d/python)

# The objects of the modules are inside the static library; nobody outside needs to know of them.
get_target_property(interface c2d_static INTERFACE_LINK_LIBRARIES)
list(FILTER interface EXCLUDE REGEX "LINK_ONLY:c2d_")
set_target_properties(c2d_static PROPERTIES INTERFACE_LINK_LIBRARIES "${interface}")

# c2d_install_libraries(NAME LIBDIR PYTHONDIR [COMPONENTS RUNTIME DEVELOPMENT]): both libraries, headers, and what
# leads compilers to them. With components the rules are for packages alone, and `cmake --install` passes them over.
function(c2d_install_libraries name libdir pythondir)
  cmake_parse_arguments(arg "" "" "COMPONENTS" ${ARGN})
  set(library)
  set(development)
  set(namelink)
  if(arg_COMPONENTS)
    list(GET arg_COMPONENTS 0 runtime_name)
    list(GET arg_COMPONENTS 1 development_name)
    set(library COMPONENT ${runtime_name} EXCLUDE_FROM_ALL)
    set(development COMPONENT ${development_name} EXCLUDE_FROM_ALL)
    set(namelink COMPONENT ${runtime_name} NAMELINK_COMPONENT ${development_name} EXCLUDE_FROM_ALL)
  endif()
  set(cmakedir ${libdir}/cmake/c2d)
  set(made ${PROJECT_BINARY_DIR}/install/${name})

  install(TARGETS c2d EXPORT c2d_${name}_targets LIBRARY DESTINATION ${libdir} ${namelink}
    INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(TARGETS c2d_static EXPORT c2d_${name}_static_targets ARCHIVE DESTINATION ${libdir} ${development}
    INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(EXPORT c2d_${name}_targets FILE c2dTargets.cmake NAMESPACE c2d:: DESTINATION ${cmakedir} ${development})
  install(EXPORT c2d_${name}_static_targets FILE c2dStaticTargets.cmake NAMESPACE c2d::
    DESTINATION ${cmakedir} ${development})
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/c2d DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} ${development})

  configure_package_config_file(${PROJECT_SOURCE_DIR}/src/cmake/c2dConfig.cmake.in ${made}/c2dConfig.cmake
    INSTALL_DESTINATION ${cmakedir})
  write_basic_package_version_file(${made}/c2dConfigVersion.cmake COMPATIBILITY SameMinorVersion)
  install(FILES ${made}/c2dConfig.cmake ${made}/c2dConfigVersion.cmake DESTINATION ${cmakedir} ${development})

  # How pkg-config files reach their prefix: as many levels up as the folder is deep.
  string(REGEX REPLACE "[^/]+" ".." C2D_PC_UP "${libdir}/pkgconfig")
  set(C2D_PC_LIBDIR ${libdir})
  set(C2D_PC_PYTHONDIR ${pythondir})
  foreach(package c2d c2d_static)
    configure_file(${PROJECT_SOURCE_DIR}/src/cmake/${package}.pc.in ${made}/${package}.pc @ONLY)
    install(FILES ${made}/${package}.pc DESTINATION ${libdir}/pkgconfig ${development})
  endforeach()
endfunction()

# c2d_install_pages(DOCDIR [COMPONENT…]): the pages and the examples, whose links lead to what is installed.
function(c2d_install_pages docdir)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/ DESTINATION ${docdir} ${ARGN} PATTERN "reference" EXCLUDE)
  string(REGEX REPLACE "[^/]+" ".." up ${docdir})
  install(CODE "
    set(PAGES \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${docdir}\")
    set(INCLUDE \"${up}/${CMAKE_INSTALL_INCLUDEDIR}\")
    set(HOME \"${PROJECT_HOMEPAGE_URL}\")
    include(\"${PROJECT_SOURCE_DIR}/src/cmake/link_pages.cmake\")" ${ARGN})
  install(FILES ${PROJECT_SOURCE_DIR}/examples/README.md DESTINATION ${docdir}/examples ${ARGN})
  foreach(language c cpp python joint_risk scorecard)
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/examples/${language} DESTINATION ${docdir}/examples ${ARGN}
      PATTERN "__pycache__" EXCLUDE REGEX "samples/data$" EXCLUDE)
  endforeach()
endfunction()

# c2d_install_python(PYTHONDIR [COMPONENT…]): the Python package.
function(c2d_install_python pythondir)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/bindings/python/c2d DESTINATION ${pythondir} ${ARGN}
    FILES_MATCHING PATTERN "*.py" PATTERN "py.typed" PATTERN "*.json" PATTERN "*.in" PATTERN "__pycache__" EXCLUDE)
endfunction()

# c2d_install_cli_pages(PROGRAM SHARE ZSH [COMPONENT…]): man page and completions, where they were made.
function(c2d_install_cli_pages program share zsh)
  set(pages ${PROJECT_BINARY_DIR}/pages)
  install(FILES ${pages}/man/man1/${program}.1.gz DESTINATION ${share}/man/man1 OPTIONAL ${ARGN})
  install(FILES ${pages}/bash-completion/completions/${program} DESTINATION ${share}/bash-completion/completions
    OPTIONAL ${ARGN})
  install(FILES ${pages}/zsh/site-functions/_${program} DESTINATION ${share}/${zsh} OPTIONAL ${ARGN})
endfunction()

c2d_install_libraries(prefix ${CMAKE_INSTALL_LIBDIR} ${C2D_INSTALL_PYTHONDIR})
c2d_install_pages(${CMAKE_INSTALL_DOCDIR})
c2d_install_python(${C2D_INSTALL_PYTHONDIR})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
set(programs dt-cli)
if(NOT C2D_CLIENT_ONLY)
  list(APPEND programs c2d-provider)
  install(TARGETS c2d-sandbox-helper c2d-engine RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/c2d)
  if(TARGET c2d-odbc)
    install(TARGETS c2d-odbc RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/c2d)
  endif()
endif()
if(C2D_BUILD_TOOLS)
  install(TARGETS ${programs} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  foreach(program ${programs})
    c2d_install_cli_pages(${program} ${CMAKE_INSTALL_DATADIR} zsh/site-functions)
  endforeach()
endif()
