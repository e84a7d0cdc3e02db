#include "runtime/learn/loaded_build.h"

#include <elf.h>
#include <link.h>

#include <cstdint>
#include <cstring>
#include <string_view>

#include <fmt/format.h>

namespace cd4ml::learn {

namespace {

struct Search {
  std::uintptr_t address = 0;
  std::string build{};
};

/// The build id among the notes in `size` bytes at `notes`.
std::string buildAmong(const char* notes, std::size_t size) {
  constexpr std::string_view owner("GNU", 4);
  const auto aligned = [](std::size_t n) { return (n + 3) & ~std::size_t{3}; };
  std::size_t at = 0;
  while (at + sizeof(ElfW(Nhdr)) <= size) {
    ElfW(Nhdr) note;
    std::memcpy(&note, notes + at, sizeof note);
    const std::size_t name = at + sizeof note;
    const std::size_t bytes = name + aligned(note.n_namesz);
    at = bytes + aligned(note.n_descsz);
    if (at > size) break;
    if (note.n_type != NT_GNU_BUILD_ID || std::string_view(notes + name, note.n_namesz) != owner) continue;
    std::string text;
    for (std::size_t i = 0; i < note.n_descsz; ++i) text += fmt::format("{:02x}", static_cast<unsigned char>(notes[bytes + i]));
    return text;
  }
  return {};
}

bool holds(const dl_phdr_info& object, const ElfW(Phdr)& part, std::uintptr_t address) {
  const std::uintptr_t begin = object.dlpi_addr + part.p_vaddr;
  return part.p_type == PT_LOAD && address >= begin && address < begin + part.p_memsz;
}

int visitObject(dl_phdr_info* object, std::size_t /*size*/, void* data) {
  auto& search = *static_cast<Search*>(data);
  bool ours = false;
  for (int i = 0; i < object->dlpi_phnum; ++i) ours = ours || holds(*object, object->dlpi_phdr[i], search.address);
  if (!ours) return 0;
  for (int i = 0; i < object->dlpi_phnum && search.build.empty(); ++i) {
    const ElfW(Phdr)& part = object->dlpi_phdr[i];
    if (part.p_type == PT_NOTE) search.build = buildAmong(reinterpret_cast<const char*>(object->dlpi_addr + part.p_vaddr), part.p_memsz);
  }
  return 1;
}

}  // namespace

std::string loadedBuild(const void* address) {
  Search search{.address = reinterpret_cast<std::uintptr_t>(address)};
  dl_iterate_phdr(visitObject, &search);
  return search.build;
}

}  // namespace cd4ml::learn
