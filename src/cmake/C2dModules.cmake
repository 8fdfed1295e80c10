# One folder below src/ is one module: an object library that sees only what it names.

add_library(c2d_options INTERFACE)
target_compile_options(c2d_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wno-missing-field-initializers $<$<BOOL:${C2D_WERROR}>:-Werror>
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>  # g++ 12 warns of its own std::string
  # From 12.3 on, seen up to 14.2, it drops stores that it wrongly thinks nobody reads: any code may be
  # hit, so the analysis is off everywhere (test/base/compiler_test.cpp has the case).
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_GREATER_EQUAL:$<CXX_COMPILER_VERSION>,12.3>>:-fno-ipa-modref>)
include(C2dHarden)
target_compile_options(c2d_options INTERFACE ${C2D_HARDEN_CODE} ${C2D_HARDEN_PROGRAM})
target_link_options(c2d_options INTERFACE ${C2D_HARDEN_LINK})
if(C2D_SANITIZE)
  target_compile_options(c2d_options INTERFACE -fsanitize=${C2D_SANITIZE} -fno-omit-frame-pointer
                         -fno-sanitize-recover=all)
  target_link_options(c2d_options INTERFACE -fsanitize=${C2D_SANITIZE})
endif()

# c2d_module(NAME SOURCES … DEPENDS module… LINK third-party…)
function(c2d_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;LINK" ${ARGN})
  add_library(c2d_${name} OBJECT ${arg_SOURCES})
  target_include_directories(c2d_${name} PUBLIC
    ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(c2d_${name} PRIVATE c2d_options PUBLIC fmt::fmt Threads::Threads ${arg_LINK})
  set_property(GLOBAL APPEND PROPERTY C2D_MODULES c2d_${name})
  set_target_properties(c2d_${name} PROPERTIES C2D_DEPENDS "${arg_DEPENDS}")
endfunction()

# All modules that the named ones stand on, themselves included.
function(c2d_closure out)
  set(seen)
  set(open ${ARGN})
  while(open)
    list(POP_FRONT open next)
    if(NOT next IN_LIST seen)
      list(APPEND seen ${next})
      get_target_property(more c2d_${next} C2D_DEPENDS)
      if(more)
        list(APPEND open ${more})
      endif()
    endif()
  endwhile()
  set(${out} ${seen} PARENT_SCOPE)
endfunction()

# c2d_limit_tests(SECONDS TEST…): ends a test that takes longer; sanitizers and emulators slow everything down.
function(c2d_limit_tests seconds)
  if(C2D_SANITIZE)
    math(EXPR seconds "${seconds} * 4")
  endif()
  if(CMAKE_CROSSCOMPILING)
    math(EXPR seconds "${seconds} * 10")
  endif()
  set_tests_properties(${ARGN} PROPERTIES TIMEOUT ${seconds})
endfunction()

# c2d_test(NAME SOURCES … MODULES module… LINK …): a doctest program, one ctest entry per test suite file.
function(c2d_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;MODULES;LINK" ${ARGN})
  c2d_closure(modules ${arg_MODULES})
  add_executable(${name} ${arg_SOURCES} ${PROJECT_SOURCE_DIR}/test/support/main.cpp)
  foreach(module ${modules})
    target_link_libraries(${name} PRIVATE c2d_${module})
  endforeach()
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/test)
  target_link_libraries(${name} PRIVATE c2d_options ${arg_LINK})
  target_compile_definitions(${name} PRIVATE
    C2D_SOURCE_DIR="${PROJECT_SOURCE_DIR}" C2D_BINARY_DIR="${PROJECT_BINARY_DIR}")
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/test)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  c2d_limit_tests(${arg_TIMEOUT} ${name})
  set_property(GLOBAL APPEND PROPERTY C2D_TEST_PROGRAMS ${name})
endfunction()

# c2d_targets(OUT FOLDER): what a build of everything makes in FOLDER and those below it.
function(c2d_targets out folder)
  get_property(targets DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
  set(found)
  foreach(target ${targets})
    get_target_property(type ${target} TYPE)
    get_target_property(on_demand ${target} EXCLUDE_FROM_ALL)
    if(NOT on_demand AND NOT type STREQUAL INTERFACE_LIBRARY)
      list(APPEND found ${target})
    endif()
  endforeach()
  get_property(below DIRECTORY ${folder} PROPERTY SUBDIRECTORIES)
  foreach(next ${below})
    c2d_targets(more ${next})
    list(APPEND found ${more})
  endforeach()
  set(${out} ${found} PARENT_SCOPE)
endfunction()
