# Precompiled standard and third-party headers (Clang only): a third of a cold build.
#
# One for sources that use JSON and one for the others, because what a source does not use costs it
# time as well; and one with GoogleTest for tests. Each of them twice where check builds compile what
# computes little without optimisation: one fits one level only. The g++ preset builds without them, which proves that every file includes what it uses. Files that are compiled for
# one processor build without them too: a precompiled header fits one set of options only.
#
# Not CMake's own target_precompile_headers, because one file serves all targets of a kind.
include_guard(GLOBAL)

option(WT_PCH "Precompile the headers that most files include (Clang)" ON)
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR NOT CMAKE_GENERATOR STREQUAL "Ninja")
  set(WT_PCH OFF)
endif()

# wt_make_precompiled(NAME HEADER LIBRARIES OPTIONS...): the target that makes precompiled/NAME.pch
# with the options and definitions that these libraries bring.
function(wt_make_precompiled name header libraries)
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  separate_arguments(flags UNIX_COMMAND "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${type}}")
  set(source ${CMAKE_SOURCE_DIR}/cmake/precompiled/${header})
  set(output precompiled/${name}.pch)
  set(options "")
  foreach(library wt_options fmt::fmt ${libraries})
    set(names "$<TARGET_PROPERTY:${library},INTERFACE_COMPILE_DEFINITIONS>")
    list(APPEND options "$<$<BOOL:${names}>:-D$<JOIN:${names},$<SEMICOLON>-D>>"
                        "$<TARGET_PROPERTY:${library},INTERFACE_COMPILE_OPTIONS>")
  endforeach()
  # Absolute names in the list of dependencies: CMake takes relative ones to begin at the folder of
  # the target that asks first, finds nothing there, and everything is compiled at every call.
  # Not through the compiler cache: the result names the folder it was made in, and another clone
  # that got it would look for its header there. The cache takes not its bytes but the text it stands
  # for (NAME.pch.sum, tools/build) as part of what an object depends on; flags are part of the
  # object's own command.
  add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/${output}
    COMMAND ${CMAKE_CXX_COMPILER} ${flags} -std=c++20 -fPIC
            ${options} -fpch-instantiate-templates -Xclang -fno-pch-timestamp ${ARGN}
            -MD -MF ${output}.d -MT ${CMAKE_BINARY_DIR}/${output} -x c++-header -c ${source} -o ${output}
    COMMAND ${CMAKE_CXX_COMPILER} ${flags} -std=c++20 -fPIC ${options} ${ARGN}
            -E -dD -P -x c++-header ${source} -o ${output}.text
    COMMAND ${CMAKE_COMMAND} -E sha256sum ${output}.text > ${output}.sum
    COMMAND ${CMAKE_COMMAND} -E rm ${output}.text
    DEPENDS ${source}
    DEPFILE ${CMAKE_BINARY_DIR}/${output}.d
    WORKING_DIRECTORY ${CMAKE_BINARY_DIR}
    COMMENT "Precompiling ${name}" COMMAND_EXPAND_LISTS VERBATIM)
  add_custom_target(wt_precompiled_${name} DEPENDS ${CMAKE_BINARY_DIR}/${output})
endfunction()

# wt_precompiled(NAME QUICK LIBRARIES MADE): makes it from NAME.h unless it is there; what it is called
# goes into MADE.
function(wt_precompiled name quick libraries made)
  set(header ${name}.h)
  set(options "")
  if(quick)
    string(APPEND name _quick)
    set(options -O0)
  endif()
  if(NOT TARGET wt_precompiled_${name})
    file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/precompiled)
    wt_make_precompiled(${name} ${header} "${libraries}" ${options})
  endif()
  set(${made} ${name} PARENT_SCOPE)
endfunction()

# wt_precompile(TARGET [TESTS] [QUICK]): lets each source of a target use the one that fits it. One
# that begins to use JSON is slower to compile until the build is configured again.
function(wt_precompile target)
  cmake_parse_arguments(ARG "TESTS;QUICK" "" "" ${ARGN})
  if(NOT WT_PCH OR CMAKE_CURRENT_SOURCE_DIR MATCHES "/src/engine/kernels$")
    return()
  endif()
  target_compile_definitions(${target} PRIVATE
    $<TARGET_PROPERTY:fmt::fmt,INTERFACE_COMPILE_DEFINITIONS>)
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    get_source_file_property(own ${source} COMPILE_OPTIONS)  # Set before wt_component().
    if(own OR NOT source MATCHES "[.]cc$")
      continue()
    endif()
    cmake_path(ABSOLUTE_PATH source OUTPUT_VARIABLE path)
    set(json "")
    if(EXISTS ${path})
      file(STRINGS ${path} json LIMIT_COUNT 1
           REGEX "^#include [<\"](nlohmann/json[.]hpp|.*readers/json[.]h)")
    endif()
    if(ARG_TESTS)
      wt_precompiled(tests "${ARG_QUICK}" GTest::gtest name)
    elseif(json)
      wt_precompiled(product_json "${ARG_QUICK}" "" name)
    else()
      wt_precompiled(product "${ARG_QUICK}" "" name)
    endif()
    add_dependencies(${target} wt_precompiled_${name})
    # A changed precompiled header is a reason to compile again.
    set_property(SOURCE ${source} APPEND PROPERTY
                 COMPILE_OPTIONS -include-pch precompiled/${name}.pch)
    set_property(SOURCE ${source} APPEND PROPERTY
                 OBJECT_DEPENDS ${CMAKE_BINARY_DIR}/precompiled/${name}.pch)
  endforeach()
endfunction()
