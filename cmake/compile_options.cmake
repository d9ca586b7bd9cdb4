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
# What is left of a memory fault must not become somebody's program. Addresses of functions are
# fixed and write-protected before the first byte from outside is read, programs lie anywhere, no
# stack is executable; a smashed stack, a copy longer than its target and a container's index out of
# range end the process. Sanitizers bring checks of their own, and _FORTIFY_SOURCE needs optimisation.
add_link_options(LINKER:-z,relro,-z,now,-z,noexecstack)
include(CheckPIESupported)
check_pie_supported(LANGUAGES CXX)
if(NOT WT_SANITIZE)
  target_compile_options(wt_options INTERFACE
    $<BUILD_INTERFACE:-fstack-protector-strong;-fstack-clash-protection>)
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    target_compile_options(wt_options INTERFACE $<BUILD_INTERFACE:-fcf-protection>)
  endif()
  if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT WT_QUICK_SERVICE)
    target_compile_options(wt_options INTERFACE
      $<BUILD_INTERFACE:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2;-D_GLIBCXX_ASSERTIONS>)
  endif()
endif()
