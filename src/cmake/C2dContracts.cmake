# Puts compiled contracts into the library, so that deploying needs no files.

# c2d_embed_contracts(OUT FOLDER CONTRACT…): writes OUT, a C++ file that defines compiled_contracts()
# (src/contracts/compiled.hpp) from FOLDER/CONTRACT.json. An artifact that changes makes CMake run again.
function(c2d_embed_contracts out folder)
  set(C2D_CONTRACT_ROWS "")
  foreach(contract ${ARGN})
    set(artifact ${folder}/${contract}.json)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${artifact})
    file(READ ${artifact} text)
    string(JSON bytecode GET "${text}" bytecode)
    if(NOT bytecode MATCHES "^0x[0-9a-f]+$")
      message(FATAL_ERROR "${artifact}: expected hexadecimal bytecode; test/evm/compile.mjs writes it")
    endif()
    string(APPEND C2D_CONTRACT_ROWS "    {\"${contract}\",\n     \"${bytecode}\"},\n")
  endforeach()
  configure_file(${CMAKE_CURRENT_FUNCTION_LIST_DIR}/compiled_contracts.cpp.in ${out} @ONLY)
endfunction()
