# docs/errors/CDnnnn.md → one C++ file with the table of compiler/diag/pages.h. Included by CMakeLists.txt it adds the
# rule; run with -P (OUT, PAGES) it writes the file.
if(CMAKE_SCRIPT_MODE_FILE)
  file(GLOB pages ${PAGES}/CD[0-9][0-9][0-9][0-9].md)
  list(SORT pages)
  set(rows "")
  foreach(page ${pages})
    get_filename_component(code ${page} NAME_WE)
    file(READ ${page} text)
    string(APPEND rows "    {\"${code}\", R\"page(${text})page\"},\n")
  endforeach()
  file(WRITE ${OUT}.new "#include \"compiler/diag/pages.h\"\n\nnamespace cd4ml::diag {\n\nconst Page pages[] = {\n${rows}    {\"\", \"\"},\n};\nconst std::size_t page_count = sizeof pages / sizeof pages[0] - 1;\n\n}  // namespace cd4ml::diag\n")
  file(COPY_FILE ${OUT}.new ${OUT} ONLY_IF_DIFFERENT)
  return()
endif()

file(GLOB error_pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/errors/CD[0-9][0-9][0-9][0-9].md)
set(error_pages_source ${CMAKE_BINARY_DIR}/error_pages.cpp)
add_custom_command(OUTPUT ${error_pages_source}
  COMMAND ${CMAKE_COMMAND} -DOUT=${error_pages_source} -DPAGES=${CMAKE_SOURCE_DIR}/docs/errors -P ${CMAKE_CURRENT_LIST_DIR}/ErrorPages.cmake
  DEPENDS ${error_pages} ${CMAKE_CURRENT_LIST_DIR}/ErrorPages.cmake VERBATIM)
target_sources(cd4ml_compiler_diag PRIVATE ${error_pages_source})
