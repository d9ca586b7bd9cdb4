# Fails when an object file of vector kernels defines a weak symbol: an inline function that the
# linker might keep, for the whole program, in its copy for a newer processor.
#   cmake -DNM=nm "-DOBJECTS=a.o,b.o" -P check_symbols.cmake
string(REPLACE "," ";" objects "${OBJECTS}")
set(checked 0)
foreach(object IN LISTS objects)
  if(NOT object MATCHES "kernels_avx")
    continue()
  endif()
  execute_process(COMMAND ${NM} ${object} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "[^\n]* [VWuvw] [^\n]*" weak "${symbols}")
  if(weak)
    message(FATAL_ERROR "${object} defines or needs weak symbols: ${weak}")
  endif()
  math(EXPR checked "${checked} + 1")
endforeach()
if(checked EQUAL 0)
  message(FATAL_ERROR "no object file of vector kernels among: ${OBJECTS}")
endif()
