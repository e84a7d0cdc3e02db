# Every library cd4ml stands on, one interface target each. What Debian lacks comes from `.deps/`, which
# scripts/setup fills from pinned, hash-checked packages (scripts/pins.txt).

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# Same bits everywhere: no contraction into fused multiply-adds that the source does not spell out.
add_compile_options(-ffp-contract=off)
if(CD4ML_SANITIZE)
  # Instrumented code confuses GCC's search for uninitialised values.
  add_compile_options(-fsanitize=${CD4ML_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all -Wno-maybe-uninitialized)
  add_link_options(-fsanitize=${CD4ML_SANITIZE})
endif()

add_library(cd4ml_warnings INTERFACE)
target_compile_options(cd4ml_warnings INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wimplicit-fallthrough -Werror)

set(DEPS ${CMAKE_SOURCE_DIR}/.deps)
set(LLVM_ROOT /usr/lib/llvm-19)
function(cd4ml_dependency name)
  cmake_parse_arguments(D "" "" "INCLUDE;LINK;DEFINE" ${ARGN})
  add_library(dep_${name} INTERFACE)
  target_include_directories(dep_${name} SYSTEM INTERFACE ${D_INCLUDE})
  target_link_libraries(dep_${name} INTERFACE ${D_LINK})
  target_compile_definitions(dep_${name} INTERFACE ${D_DEFINE})
endfunction()

find_package(Threads REQUIRED)
execute_process(COMMAND ${LLVM_ROOT}/bin/llvm-config --link-static --libs orcjit native passes bitreader bitwriter linker irreader
  OUTPUT_VARIABLE LLVM_LIBS OUTPUT_STRIP_TRAILING_WHITESPACE)
separate_arguments(LLVM_LIBS)

cd4ml_dependency(blake3 INCLUDE ${LLVM_ROOT}/include LINK ${LLVM_ROOT}/lib/libLLVMSupport.a)
cd4ml_dependency(llvm INCLUDE ${LLVM_ROOT}/include LINK -L${LLVM_ROOT}/lib ${LLVM_LIBS} -lz -lzstd -ltinfo Threads::Threads)
cd4ml_dependency(arrow INCLUDE ${DEPS}/arrow/include
  LINK -L${DEPS}/arrow -larrow -lparquet -larrow_compute -larrow_acero -Wl,-rpath,${DEPS}/arrow)
cd4ml_dependency(rapidjson)
cd4ml_dependency(cctz LINK cctz)
cd4ml_dependency(lightgbm INCLUDE ${DEPS}/lightgbm/include ${DEPS}/lightgbm/external_libs/fast_double_parser/include
  LINK ${DEPS}/lightgbm/lib_lightgbm.so -Wl,-rpath,${DEPS}/lightgbm)
cd4ml_dependency(xtensor LINK openblas DEFINE XTENSOR_DISABLE_EXCEPTIONS=0)
cd4ml_dependency(sqlite LINK sqlite3 Threads::Threads)
cd4ml_dependency(curl LINK curl)
cd4ml_dependency(openssl LINK crypto)
cd4ml_dependency(fmt LINK fmt)
cd4ml_dependency(simdjson LINK simdjson)
cd4ml_dependency(json)
cd4ml_dependency(cli11)
cd4ml_dependency(gtest LINK gtest gmock Threads::Threads)
