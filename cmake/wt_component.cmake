# wt_component(NAME folder SOURCES ... [TESTS ...] [BENCHES ...] [DEPS ...] [SUITE name])
#
# One static library per source folder, and one object library with its tests. Test objects are
# linked into a few executables (suites), because every link of GoogleTest costs time.
# With -DWT_TEST_PER_FOLDER=ON each folder also gets an executable of its own (test_<name>).
include_guard(GLOBAL)

define_property(GLOBAL PROPERTY WT_SUITES BRIEF_DOCS "suites" FULL_DOCS "test executables")

function(wt_component)
  cmake_parse_arguments(ARG "" "NAME;SUITE" "SOURCES;TESTS;BENCHES;DEPS;TEST_DEPS" ${ARGN})
  add_library(wt_${ARG_NAME} STATIC ${ARG_SOURCES})
  target_link_libraries(wt_${ARG_NAME} PUBLIC wt_options ${ARG_DEPS})
  set_property(GLOBAL APPEND PROPERTY WT_COMPONENTS wt_${ARG_NAME})
  set(precompile_quick "")
  # What computes little is compiled without optimisation in the check builds: half the time.
  set(quick "")
  if(WT_QUICK_SERVICE AND CMAKE_CURRENT_SOURCE_DIR MATCHES "/src/(service|apps|models|formats)")
    set(quick -O0)
    set(precompile_quick QUICK)
    target_compile_options(wt_${ARG_NAME} PRIVATE ${quick})
  endif()
  wt_precompile(wt_${ARG_NAME} ${precompile_quick})
  if(ARG_TESTS AND WT_BUILD_TESTS)
    if(NOT ARG_SUITE)
      set(ARG_SUITE unit_tests)
    endif()
    add_library(wt_${ARG_NAME}_tests OBJECT ${ARG_TESTS})
    target_link_libraries(wt_${ARG_NAME}_tests PUBLIC wt_${ARG_NAME} ${ARG_TEST_DEPS}
                                                      GTest::gtest GTest::gmock)
    target_compile_options(wt_${ARG_NAME}_tests PRIVATE ${quick})
    wt_precompile(wt_${ARG_NAME}_tests TESTS ${precompile_quick})
    set_property(GLOBAL APPEND PROPERTY WT_SUITES ${ARG_SUITE})
    set_property(GLOBAL APPEND PROPERTY WT_SUITE_${ARG_SUITE} wt_${ARG_NAME}_tests)
    if(WT_TEST_PER_FOLDER)
      add_executable(test_${ARG_NAME})
      target_link_libraries(test_${ARG_NAME} PRIVATE wt_${ARG_NAME}_tests GTest::gtest_main)
    endif()
  endif()
  if(ARG_BENCHES AND WT_BUILD_BENCHES)
    add_executable(bench_${ARG_NAME} ${ARG_BENCHES})
    target_link_libraries(bench_${ARG_NAME} PRIVATE wt_${ARG_NAME} benchmark::benchmark_main)
  endif()
endfunction()

# Called once at the end: makes the suite executables. Global properties of a suite, all optional:
# WT_SUITE_ARGS_<suite> (arguments of its test), WT_SUITE_LABELS_<suite> (ctest labels).
function(wt_finish_suites)
  get_property(suites GLOBAL PROPERTY WT_SUITES)
  if(suites)
    list(REMOVE_DUPLICATES suites)
  endif()
  foreach(suite IN LISTS suites)
    get_property(objects GLOBAL PROPERTY WT_SUITE_${suite})
    add_executable(${suite})
    target_link_libraries(${suite} PRIVATE ${objects} GTest::gtest_main)
    set_target_properties(${suite} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    get_property(arguments GLOBAL PROPERTY WT_SUITE_ARGS_${suite})
    get_property(labels GLOBAL PROPERTY WT_SUITE_LABELS_${suite})
    add_test(NAME ${suite} COMMAND ${suite} ${arguments})
    set_tests_properties(${suite} PROPERTIES LABELS "${labels}"
      ENVIRONMENT "WT_SHARED_DIR=${WT_SHARED_DIR};WT_SOURCE_DIR=${CMAKE_SOURCE_DIR};WT_BIN_DIR=${CMAKE_BINARY_DIR}/bin")
  endforeach()
endfunction()

# wt_fuzzer(NAME x SOURCES ... DEPS ...): a libFuzzer program in the fuzz preset, and in every other
# build a program that replays files, so that the corpus is an ordinary test.
function(wt_fuzzer)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;DEPS" ${ARGN})
  add_executable(fuzz_${ARG_NAME} ${ARG_SOURCES})
  target_link_libraries(fuzz_${ARG_NAME} PRIVATE ${ARG_DEPS} wt_options)
  if(WT_FUZZ)
    target_link_options(fuzz_${ARG_NAME} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(fuzz_${ARG_NAME} PRIVATE ${CMAKE_SOURCE_DIR}/fuzz/replay_main.cc)
    if(WT_BUILD_TESTS)
      add_test(NAME fuzz_${ARG_NAME}_corpus
               COMMAND fuzz_${ARG_NAME} ${CMAKE_SOURCE_DIR}/fuzz/corpus/${ARG_NAME})
    endif()
  endif()
  set_target_properties(fuzz_${ARG_NAME} PROPERTIES
                        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
endfunction()
