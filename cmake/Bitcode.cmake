# stdlib/kernels/*.h, compiled twice from one source: to LLVM bitcode that the JIT inlines (embedded into the engine),
# and natively into cd4ml_kernels for the interpreter and the scorer. The feature-kernel sources own the details.
include(${CMAKE_SOURCE_DIR}/stdlib/kernels/kernels.cmake OPTIONAL RESULT_VARIABLE kernels)
if(NOT kernels)
  add_library(cd4ml_kernels INTERFACE)
endif()
