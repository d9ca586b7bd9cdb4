# WT_BUILD_VERSION, WT_BUILD_SHA and WT_BUILD_DATE: as given (cmake -DWT_BUILD_SHA=...), else from the
# environment's BUILD_VERSION, BUILD_SHA and BUILD_DATE, else the project's version and nothing. Only
# what a version may hold is taken: the values stand in a source file.
foreach(part VERSION SHA DATE)
  if("${WT_BUILD_${part}}" STREQUAL "")
    set(WT_BUILD_${part} "$ENV{BUILD_${part}}")
  endif()
  if(NOT "${WT_BUILD_${part}}" MATCHES "^[A-Za-z0-9.:+_-]*$")
    message(FATAL_ERROR "BUILD_${part} may hold letters, digits and . : + _ - only")
  endif()
endforeach()
if("${WT_BUILD_VERSION}" STREQUAL "")
  set(WT_BUILD_VERSION "${PROJECT_VERSION}")
endif()
