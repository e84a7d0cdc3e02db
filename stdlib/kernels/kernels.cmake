# cd4ml_kernels: the lane kernels natively, one object an instruction set. cd4ml_kernel_bitcode: the same as bitcode in
# an array. Both by clang, whatever compiles the rest: vectors of eight and element-wise fma are its language.
set(KERNELS ${CMAKE_SOURCE_DIR}/stdlib/kernels)
set(KERNEL_OUT ${CMAKE_BINARY_DIR}/kernels)
file(MAKE_DIRECTORY ${KERNEL_OUT})
file(GLOB KERNEL_SOURCES CONFIGURE_DEPENDS ${KERNELS}/*.h ${KERNELS}/*.def)
find_program(CLANG_KERNELS clang++-19 HINTS ${LLVM_ROOT}/bin REQUIRED)
set(KERNEL_FLAGS -std=c++20 -O2 -I${CMAKE_SOURCE_DIR} -ffp-contract=off -fno-math-errno -fno-trapping-math -fno-vectorize
  -fno-slp-vectorize -fno-unroll-loops -fno-exceptions -fno-rtti -fno-asynchronous-unwind-tables -fPIC
  -fvisibility=hidden -Wall -Wextra -Werror -Wno-psabi)

function(cd4ml_kernel_level level arch)
  set(object ${KERNEL_OUT}/kernels${level}.o)
  add_custom_command(OUTPUT ${object} DEPENDS ${KERNELS}/native.cpp ${KERNEL_SOURCES}
    COMMAND ${CLANG_KERNELS} ${KERNEL_FLAGS} -march=${arch} -DCD4ML_LEVEL=kernels${level} -c ${KERNELS}/native.cpp -o ${object})
  set_source_files_properties(${object} PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
  list(APPEND KERNEL_OBJECTS ${object})
  set(KERNEL_OBJECTS ${KERNEL_OBJECTS} PARENT_SCOPE)
endfunction()
cd4ml_kernel_level(Baseline x86-64)
cd4ml_kernel_level(V3 x86-64-v3)
cd4ml_kernel_level(V4 x86-64-v4)

add_library(cd4ml_kernels STATIC ${KERNELS}/native_level.cpp ${KERNEL_OBJECTS})
target_link_libraries(cd4ml_kernels PUBLIC cd4ml_root m PRIVATE cd4ml_warnings)

add_custom_command(OUTPUT ${KERNEL_OUT}/kernels.bc DEPENDS ${KERNELS}/bitcode.cpp ${KERNEL_SOURCES}
  COMMAND ${CLANG_KERNELS} ${KERNEL_FLAGS} -march=x86-64-v4 -emit-llvm -c ${KERNELS}/bitcode.cpp -o ${KERNEL_OUT}/kernels.bc)
file(WRITE ${KERNEL_OUT}/bitcode.S.in ".section .rodata\n.global cd4ml_kernel_bitcode\n.hidden cd4ml_kernel_bitcode\n\
.global cd4ml_kernel_bitcode_end\n.hidden cd4ml_kernel_bitcode_end\n.balign 16\ncd4ml_kernel_bitcode:\n\
.incbin \"${KERNEL_OUT}/kernels.bc\"\ncd4ml_kernel_bitcode_end:\n.section .note.GNU-stack,\"\",@progbits\n")
add_custom_command(OUTPUT ${KERNEL_OUT}/bitcode.o DEPENDS ${KERNEL_OUT}/kernels.bc
  COMMAND ${CLANG_KERNELS} -x assembler -c ${KERNEL_OUT}/bitcode.S.in -o ${KERNEL_OUT}/bitcode.o)
set_source_files_properties(${KERNEL_OUT}/bitcode.o PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
add_library(cd4ml_kernel_bitcode STATIC ${KERNEL_OUT}/bitcode.o)
set_target_properties(cd4ml_kernel_bitcode PROPERTIES LINKER_LANGUAGE CXX)
