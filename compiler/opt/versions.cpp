#include "compiler/opt/versions.h"

namespace cd4ml::opt {

namespace {

struct Row {
  Versioned kind;
  std::string_view name;
  std::string_view version;
};

constexpr Row rows[] = {
#define CD4ML_VERSION(kind, name, version) {Versioned::kind, #name, version},
#include "stdlib/versions.def"
#undef CD4ML_VERSION
};

}  // namespace

std::string_view versionOf(Versioned kind, std::string_view name) {
  for (const Row& row : rows) {
    if (row.kind == kind && row.name == name) return row.version;
  }
  return "1";
}

}  // namespace cd4ml::opt
