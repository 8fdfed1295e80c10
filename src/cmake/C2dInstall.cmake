# Installing, find_package(c2d) and pkg-config.
