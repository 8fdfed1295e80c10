# cpack -G DEB: one package with programs, libraries, headers, Python package and pages. For Debian's own
# places configure with -DCMAKE_INSTALL_PREFIX=/usr, which makes lib the multiarch folder.
set(CPACK_PACKAGE_NAME c2d)
set(CPACK_PACKAGE_CONTACT "the c2d maintainers <maintainers@c2d.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_DESCRIPTION
"Owners of data let approved programs run next to it: the data stay inside, every permission and
every job stands on a ledger. Holds the C interface (libc2d.so), the C++ library, the Python package,
the command line dt-cli and the provider service c2d-provider.")
set(CPACK_GENERATOR DEB)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/lib)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "python3 (>= 3.9)")  # runs operators
set(CPACK_DEBIAN_PACKAGE_SUGGESTS
  "libfmt-dev, libssl-dev, libcurl4-openssl-dev, libsecp256k1-dev, libsqlite3-dev, libseccomp-dev, libre2-dev")

# Debian's Python finds the package through this line; other prefixes set PYTHONPATH.
file(WRITE ${PROJECT_BINARY_DIR}/c2d.pth "../../../${C2D_INSTALL_PYTHONDIR}\n")
install(FILES ${PROJECT_BINARY_DIR}/c2d.pth DESTINATION lib/python3/dist-packages
  COMPONENT debian EXCLUDE_FROM_ALL)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_COMPONENTS_ALL Unspecified debian)
include(CPack)
