# Installing, find_package(c2d) and pkg-config. What is installed finds its parts relative to itself,
# so a prefix can be moved as a whole.
include(CMakePackageConfigHelpers)

set(C2D_INSTALL_CMAKEDIR ${CMAKE_INSTALL_LIBDIR}/cmake/c2d)
set(C2D_INSTALL_PYTHONDIR ${CMAKE_INSTALL_DATADIR}/c2d/python)

# The objects of the modules are inside the static library; nobody outside needs to know of them.
get_target_property(interface c2d_static INTERFACE_LINK_LIBRARIES)
list(FILTER interface EXCLUDE REGEX "LINK_ONLY:c2d_")
set_target_properties(c2d_static PROPERTIES INTERFACE_LINK_LIBRARIES "${interface}")

install(TARGETS c2d EXPORT c2dTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS c2d_static EXPORT c2dStaticTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
foreach(set Targets StaticTargets)
  install(EXPORT c2d${set} NAMESPACE c2d:: DESTINATION ${C2D_INSTALL_CMAKEDIR})
endforeach()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/c2d DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

if(C2D_BUILD_TOOLS)
  install(TARGETS dt-cli c2d-provider RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(TARGETS c2d-sandbox-helper RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/c2d)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/bindings/python/c2d DESTINATION ${C2D_INSTALL_PYTHONDIR}
  FILES_MATCHING PATTERN "*.py" PATTERN "py.typed" PATTERN "__pycache__" EXCLUDE)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} PATTERN "reference" EXCLUDE)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${PROJECT_SOURCE_DIR}/examples/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
foreach(language c cpp python joint_risk)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/examples/${language}
    DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples PATTERN "__pycache__" EXCLUDE)
endforeach()

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/c2dConfig.cmake.in
  ${PROJECT_BINARY_DIR}/c2dConfig.cmake INSTALL_DESTINATION ${C2D_INSTALL_CMAKEDIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/c2dConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/c2dConfig.cmake ${PROJECT_BINARY_DIR}/c2dConfigVersion.cmake
  DESTINATION ${C2D_INSTALL_CMAKEDIR})

# How pkg-config files reach their prefix: as many levels up as the folder is deep.
string(REGEX REPLACE "[^/]+" ".." C2D_PC_UP "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
foreach(package c2d c2d_static)
  configure_file(${CMAKE_CURRENT_LIST_DIR}/${package}.pc.in ${PROJECT_BINARY_DIR}/${package}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${package}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
