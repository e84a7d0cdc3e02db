# The scorer's kernels, one file an instruction set: chosen at run time, so each file alone may use its instructions.
set(kernel_folder ${CMAKE_SOURCE_DIR}/runtime/score)
set_source_files_properties(${kernel_folder}/slice_kernel_portable.cpp PROPERTIES COMPILE_OPTIONS "-O3")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set_source_files_properties(${kernel_folder}/slice_kernel_avx2.cpp PROPERTIES COMPILE_OPTIONS "-O3;-mavx2")
  # GCC 12 takes the undefined operands of its own intrinsics for mistakes.
  set_source_files_properties(${kernel_folder}/slice_kernel_avx512.cpp PROPERTIES COMPILE_OPTIONS
    "-O3;-mavx512f;-mavx512bw;-mavx512dq;-mavx512vl;-mavx512vbmi;-mgfni;-mpopcnt;-mbmi;-mbmi2;-Wno-uninitialized;-Wno-maybe-uninitialized")
endif()
