# cpack: the packages of a distribution, by components, each file in that distribution's own place whatever the
# prefix of the build. cpack -G DEB is what is tested; cpack -G RPM stands on the same components.
#
# The sandbox helper is in c2d-tools, not with the library: it is one file of a fixed name, and packages of two SONAMEs
# must be installable side by side. Everything that starts operators leads to it: the provider depends on it, library and
# Python recommend it, and one of another version is refused by `Breaks`.

set(docdir share/doc)
set(packaging ${PROJECT_SOURCE_DIR}/src/packaging)
set(made ${PROJECT_BINARY_DIR}/packaging)
get_target_property(soversion c2d SOVERSION)
set(libdir ${CMAKE_INSTALL_LIBDIR})
if(CMAKE_LIBRARY_ARCHITECTURE)
  set(libdir lib/${CMAKE_LIBRARY_ARCHITECTURE})
endif()
set(python_dir lib/python3/dist-packages)
set(zsh_dir zsh/vendor-completions)
if(NOT EXISTS /etc/debian_version)
  set(zsh_dir zsh/site-functions)
  execute_process(COMMAND python3 -I -c "import sysconfig; print(sysconfig.get_path('purelib', vars={'base': ''})[1:], end='')"
    OUTPUT_VARIABLE python_dir)
endif()

set(packages library development python)
set(name_library libc2d${soversion})
set(name_development libc2d-dev)
set(name_python python3-c2d)
if(C2D_BUILD_TOOLS)
  list(APPEND packages tools provider)
endif()
set(name_tools c2d-tools)
set(name_provider c2d-provider)

c2d_install_libraries(packages ${libdir} ${python_dir} COMPONENTS library development)
c2d_install_pages(${docdir}/libc2d-dev COMPONENT development EXCLUDE_FROM_ALL)
c2d_install_python(${python_dir} COMPONENT python EXCLUDE_FROM_ALL)
if(C2D_BUILD_TOOLS)
  install(TARGETS c2d-sandbox-helper c2d-engine RUNTIME DESTINATION libexec/c2d COMPONENT tools EXCLUDE_FROM_ALL)
  if(TARGET c2d-odbc)
    install(TARGETS c2d-odbc RUNTIME DESTINATION libexec/c2d COMPONENT tools EXCLUDE_FROM_ALL)
  endif()
  set(HELPER /usr/libexec/c2d/c2d-sandbox-helper)
  configure_file(${packaging}/apparmor/c2d-sandbox-helper ${made}/c2d-sandbox-helper @ONLY)
  install(FILES ${made}/c2d-sandbox-helper DESTINATION share/c2d/apparmor.d COMPONENT tools EXCLUDE_FROM_ALL)
  foreach(program dt-cli=tools c2d-provider=provider)
    string(REPLACE "=" ";" program ${program})
    list(GET program 0 target)
    list(GET program 1 component)
    install(TARGETS ${target} RUNTIME DESTINATION bin COMPONENT ${component} EXCLUDE_FROM_ALL)
    c2d_install_cli_pages(${target} share ${zsh_dir} COMPONENT ${component} EXCLUDE_FROM_ALL)
  endforeach()
  install(FILES ${packaging}/systemd/c2d-provider.service DESTINATION lib/systemd/system COMPONENT provider EXCLUDE_FROM_ALL)
  install(FILES ${packaging}/systemd/c2d-provider.sysusers DESTINATION lib/sysusers.d RENAME c2d-provider.conf
    COMPONENT provider EXCLUDE_FROM_ALL)
  install(DIRECTORY DESTINATION /etc/c2d DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
    COMPONENT provider EXCLUDE_FROM_ALL)
  install(FILES ${packaging}/provider.ini DESTINATION /etc/c2d PERMISSIONS OWNER_READ OWNER_WRITE
    COMPONENT provider EXCLUDE_FROM_ALL)
endif()

# What every package of Debian holds of itself.
configure_file(${packaging}/debian/changelog.in ${made}/changelog @ONLY)
execute_process(COMMAND gzip -9nf ${made}/changelog)
foreach(package ${packages})
  install(FILES ${made}/changelog.gz ${packaging}/debian/copyright DESTINATION ${docdir}/${name_${package}}
    COMPONENT ${package} EXCLUDE_FROM_ALL)
  if(EXISTS /etc/debian_version AND EXISTS ${packaging}/debian/${package}/lintian-overrides)
    install(FILES ${packaging}/debian/${package}/lintian-overrides DESTINATION share/lintian/overrides
      RENAME ${name_${package}} COMPONENT ${package} EXCLUDE_FROM_ALL)
  endif()
endforeach()

set(CPACK_PACKAGE_NAME c2d)
set(CPACK_PACKAGE_CONTACT "the c2d maintainers <maintainers@c2d.invalid>")
# CPack's own default: any other summary it would put before each package's.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_NAME} built using CMake")
set(CPACK_GENERATOR DEB)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_COMPONENTS_ALL ${packages})

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/lib)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_LICENSE Apache-2.0)
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /etc /usr/share/man /usr/share/man/man1 /usr/lib/systemd
  /usr/lib/systemd/system /usr/lib/sysusers.d /usr/share/bash-completion /usr/share/bash-completion/completions
  /usr/share/zsh /usr/share/zsh/site-functions /usr/${libdir} /usr/${libdir}/cmake /usr/${libdir}/pkgconfig
  /usr/${python_dir} /usr/libexec)
set(CPACK_RPM_PYTHON_PACKAGE_ARCHITECTURE noarch)
set(CPACK_RPM_PROVIDER_USER_FILELIST "%config(noreplace) /etc/c2d/provider.ini")
set(CPACK_RPM_PROVIDER_POST_INSTALL_SCRIPT_FILE ${packaging}/rpm/provider.post)

# c2d_package(COMPONENT SECTION SUMMARY TEXT [DEPENDS …] [RECOMMENDS …]): name and relations in both formats.
function(c2d_package component section summary text)
  cmake_parse_arguments(arg "" "" "DEPENDS;RECOMMENDS" ${ARGN})
  list(JOIN arg_DEPENDS ", " depends)
  list(JOIN arg_RECOMMENDS ", " recommends)
  string(TOUPPER ${component} upper)
  set(CPACK_COMPONENT_${upper}_DESCRIPTION "${summary}\n${text}" PARENT_SCOPE)
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${name_${component}} PARENT_SCOPE)
  set(CPACK_DEBIAN_${upper}_PACKAGE_SECTION ${section} PARENT_SCOPE)
  set(CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS "${depends}" PARENT_SCOPE)
  set(CPACK_DEBIAN_${upper}_PACKAGE_RECOMMENDS "${recommends}" PARENT_SCOPE)
  file(GLOB control ${packaging}/debian/${component}/*)
  list(FILTER control EXCLUDE REGEX lintian-overrides)
  set(CPACK_DEBIAN_${upper}_PACKAGE_CONTROL_EXTRA "${control}" PARENT_SCOPE)

  string(REGEX REPLACE "-dev$" "-devel" rpm_name ${name_${component}})
  set(CPACK_RPM_${upper}_PACKAGE_NAME ${rpm_name} PARENT_SCOPE)
  set(CPACK_RPM_${upper}_PACKAGE_SUMMARY "${summary}" PARENT_SCOPE)
  string(REGEX REPLACE " [|][^,]*|[()]" "" rpm_depends "${depends}")
  set(CPACK_RPM_${upper}_PACKAGE_REQUIRES "${rpm_depends}" PARENT_SCOPE)
endfunction()

set(same "(= ${PROJECT_VERSION})")
c2d_package(library libs "compute on data that never leaves its owner: shared library"
"Owners of data let approved programs run next to it: the data stay inside,
and every permission and every job stands on a ledger. This is libc2d.so with
the C interface."
  RECOMMENDS "c2d-tools ${same}")
c2d_package(development libdevel "compute on data that never leaves its owner: headers and static library"
"Headers of the C and C++ interfaces, the static C++ library, files for CMake
and pkg-config, the pages and the examples."
  DEPENDS "${name_library} ${same}"
  RECOMMENDS libfmt-dev libssl-dev libcurl4-openssl-dev libsecp256k1-dev libsqlite3-dev libseccomp-dev libre2-dev
    pkg-config)
c2d_package(python python "compute on data that never leaves its owner: Python 3"
"The package c2d for Python 3, over the C interface. Operators that run in the
sandbox import it, too."
  DEPENDS "python3 (>= 3.9)" "${name_library} ${same}" RECOMMENDS "c2d-tools ${same}")
c2d_package(tools utils "compute on data that never leaves its owner: command line and sandbox helper"
"The command line dt-cli, the helper that builds the walls around operators,
and an AppArmor profile for it."
  RECOMMENDS "python3-c2d ${same}")
c2d_package(provider net "compute on data that never leaves its owner: provider service"
"Answers signed requests, checks them against the ledger and the owner's terms,
and runs approved operators next to the data. With a unit for systemd, which is
not enabled by the installation."
  DEPENDS "c2d-tools ${same}" "python3-c2d ${same}" "systemd | systemd-standalone-sysusers")
set(CPACK_DEBIAN_PYTHON_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_PYTHON_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_BREAKS "c2d-tools (<< ${PROJECT_VERSION}), c2d-tools (>> ${PROJECT_VERSION})")
include(CPack)

# cmake --build build --target wheel: build/wheel/c2d-*.whl with library, helper and what the library stands on.
add_custom_target(wheel
  COMMAND ${CMAKE_COMMAND} -E rm -rf ${PROJECT_BINARY_DIR}/wheel
  COMMAND ${CMAKE_COMMAND} -E copy_directory ${PROJECT_SOURCE_DIR}/bindings/python ${PROJECT_BINARY_DIR}/wheel/source
  COMMAND ${CMAKE_COMMAND} -E copy ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_BINARY_DIR}/wheel/source/LICENSE
  COMMAND ${CMAKE_COMMAND} -E env C2D_LIBRARY=$<TARGET_FILE:c2d> C2D_BUNDLE=1 /usr/bin/python3 -m pip wheel --quiet
    --no-index --no-deps --no-build-isolation --wheel-dir ${PROJECT_BINARY_DIR}/wheel ${PROJECT_BINARY_DIR}/wheel/source
  DEPENDS c2d c2d-sandbox-helper VERBATIM)
