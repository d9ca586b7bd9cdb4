# What is installed: the engine as one static library with its public headers and a package file
# (find_package(whisper_transcriber), target whisper_transcriber::engine), and the programs.
#
# Components: "engine" for the library, "programs" for transcriber and transcriber-media.
include_guard(GLOBAL)
include(CMakePackageConfigHelpers)

# Our static components below TARGET, itself included, and the libraries of others that they need.
function(wt_link_closure target ours others)
  set(queue ${target})
  set(found_ours "")
  set(found_others "")
  while(queue)
    list(POP_FRONT queue next)
    # Private dependencies of static libraries.
    string(REGEX REPLACE "^\\$<LINK_ONLY:(.*)>$" "\\1" next "${next}")
    if(next IN_LIST found_ours OR next IN_LIST found_others OR next STREQUAL "wt_options")
      continue()
    endif()
    if(next MATCHES "^wt_")
      list(APPEND found_ours ${next})
      get_target_property(libraries ${next} INTERFACE_LINK_LIBRARIES)
      if(libraries)
        list(APPEND queue ${libraries})
      endif()
    elseif(NOT next MATCHES "^nlohmann_json")  # Headers that only our sources include.
      list(APPEND found_others ${next})
    endif()
  endwhile()
  set(${ours} ${found_ours} PARENT_SCOPE)
  set(${others} ${found_others} PARENT_SCOPE)
endfunction()

wt_link_closure(wt_pipeline components libraries)
set(objects "")
foreach(component IN LISTS components)
  get_target_property(type ${component} TYPE)
  if(type STREQUAL "STATIC_LIBRARY" OR type STREQUAL "OBJECT_LIBRARY")
    list(APPEND objects $<TARGET_OBJECTS:${component}>)
    # Objects of others among a component's sources (embedded data) are not among its own.
    get_target_property(sources ${component} SOURCES)
    list(FILTER sources INCLUDE REGEX "^\\$<TARGET_OBJECTS:")
    list(APPEND objects ${sources})
  endif()
endforeach()

add_library(whisper_transcriber_engine STATIC ${objects})
add_library(whisper_transcriber::engine ALIAS whisper_transcriber_engine)
set_target_properties(whisper_transcriber_engine PROPERTIES
  OUTPUT_NAME whisper_transcriber EXPORT_NAME engine LINKER_LANGUAGE CXX)
target_compile_features(whisper_transcriber_engine PUBLIC cxx_std_20)
target_include_directories(whisper_transcriber_engine PUBLIC
  $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(whisper_transcriber_engine PRIVATE ${libraries})

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/whisper_transcriber)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/whisper_transcriberConfig.cmake.in
  ${CMAKE_BINARY_DIR}/whisper_transcriberConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/whisper_transcriberConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)

install(TARGETS whisper_transcriber_engine EXPORT whisper_transcriber
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT engine)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/whisper_transcriber
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT engine FILES_MATCHING PATTERN "*.h")
install(EXPORT whisper_transcriber NAMESPACE whisper_transcriber::
        FILE whisper_transcriberTargets.cmake DESTINATION ${package_dir} COMPONENT engine)
install(FILES ${CMAKE_BINARY_DIR}/whisper_transcriberConfig.cmake
        ${CMAKE_BINARY_DIR}/whisper_transcriberConfigVersion.cmake
        DESTINATION ${package_dir} COMPONENT engine)

foreach(program transcriber transcriber-media)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT programs)
  endif()
endforeach()
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT programs)
