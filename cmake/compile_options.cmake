# Warnings, sanitizers and include paths shared by every target, as the interface target wt_options.
include_guard(GLOBAL)

add_library(wt_options INTERFACE)
target_include_directories(wt_options INTERFACE
  $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include> $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/src>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_options(wt_options INTERFACE
  $<BUILD_INTERFACE:-Wall;-Wextra;-Wshadow;-Wnon-virtual-dtor;-Wconversion;-Wno-sign-conversion>
  $<BUILD_INTERFACE:-fno-math-errno;-ffp-contract=off>)
# Assertions for tests and sanitizers; release builds keep WT_CHECK only.
if(WT_SANITIZE OR CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_definitions(wt_options INTERFACE $<BUILD_INTERFACE:WT_DEBUG_CHECKS=1>)
endif()
if(WT_WERROR)
  target_compile_options(wt_options INTERFACE $<BUILD_INTERFACE:-Werror>)
endif()
if(WT_SANITIZE STREQUAL "asan")
  # Pointer checks of UBSan triple the compile time of template-heavy files and are left out.
  set(WT_SANITIZER_FLAGS -fsanitize=address,undefined -fno-sanitize=null,vptr,object-size
      -fno-sanitize-recover=all -fno-omit-frame-pointer)
elseif(WT_SANITIZE STREQUAL "tsan")
  set(WT_SANITIZER_FLAGS -fsanitize=thread -fno-omit-frame-pointer)
endif()
if(WT_FUZZ)
  list(APPEND WT_SANITIZER_FLAGS -fsanitize=fuzzer-no-link)
endif()
if(WT_SANITIZER_FLAGS)
  target_compile_options(wt_options INTERFACE $<BUILD_INTERFACE:${WT_SANITIZER_FLAGS}>)
  target_link_options(wt_options INTERFACE $<BUILD_INTERFACE:${WT_SANITIZER_FLAGS}>)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_link_options(-fuse-ld=lld)
endif()
# Addresses of functions are fixed and write-protected before the first byte from outside is read.
add_link_options(LINKER:-z,relro,-z,now)
