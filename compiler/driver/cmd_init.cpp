// `init [DIR]`: a new project with one small working pipeline and its data.
#include <filesystem>

#include <fmt/format.h>

#include "compiler/driver/commands.h"
#include "compiler/driver/state_file.h"

namespace cd4ml::driver {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view program = R"(## How many bicycles will be rented today? A first pipeline: change it, then `cd4mlc run` again.
pipeline rentals

param trees: int = 100 in 1..5000

## One row a day, made up: rentals follow the warmth, the rain and the weekday.
source days = csv("data/rentals.csv") {
  day:         date   @time
  temperature: float
  rain:        float  check rain >= 0
  rentals:     float  check rentals >= 0
}

features day_features from days {
  target rentals

  temperature = temperature
  warm        = standardize(temperature)
  rain        = rain
  dry         = rain == 0.0
  weekday     = weekday(day)
  weekend     = weekday(day) >= 6
}

split day_features by random(seed: 1) { train 70%  validate 15%  test 15% }

model forecast = gbdt(day_features, trees: trees, leaves: 15, min_rows: 5, learning_rate: 0.1)

evaluate quality of forecast on test { rmse  mae  r2 }

gate release on quality {
  require r2 >= 0.5
  otherwise hold
}

deploy production of forecast when release { }
)";

/// A number in 0..1 from a counter (the finaliser of SplitMix64): the same data on every machine.
double chance(std::uint64_t counter) {
  std::uint64_t bits = counter * 0x9E3779B97F4A7C15ULL;
  bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBULL;
  bits ^= bits >> 31U;
  return static_cast<double>(bits >> 11U) / 9007199254740992.0;
}

/// Two years of days. Only sums and products: no function whose last digit depends on the library.
std::string rentals() {
  constexpr int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  std::string text = "day,temperature,rain,rentals\n";
  std::uint64_t count = 0;
  for (int year = 2022; year <= 2023; ++year) {
    int day_of_year = 0;
    for (int month = 1; month <= 12; ++month) {
      for (int day = 1; day <= month_days[month - 1]; ++day, ++day_of_year) {
        const double summer = 1.0 - static_cast<double>((day_of_year - 196) * (day_of_year - 196)) / 38416.0;
        const double temperature = 2.0 + 22.0 * summer + 8.0 * (chance(count * 3) - 0.5);
        const double wet = chance(count * 3 + 1);
        const double rain = wet > 0.65 ? (wet - 0.65) * 40.0 : 0.0;
        const bool weekend = (count + 5) % 7 >= 5;  // 1 January 2022 was a Saturday
        const double wish = 120.0 + 14.0 * temperature - 12.0 * rain + (weekend ? 90.0 : 0.0) + 60.0 * (chance(count * 3 + 2) - 0.5);
        text += fmt::format("{}-{:02}-{:02},{:.1f},{:.1f},{:.0f}\n", year, month, day, temperature, rain, wish > 0.0 ? wish : 0.0);
        ++count;
      }
    }
  }
  return text;
}

struct NewFile {
  std::string_view path;
  std::string text;
};

Result<int> init(const Arguments& arguments, const Console& console) {
  if (arguments.file || arguments.names.size() > 1) return makeError("CD4101", "one folder, please: `cd4mlc init DIR`");
  const fs::path folder = arguments.names.empty() ? "." : arguments.names[0];
  std::vector<NewFile> files{{"data/rentals.csv", rentals()}, {"main.cd4ml", std::string(program)}};
  std::error_code ignored;
  for (const NewFile& file : files) {
    if (!fs::exists(folder / file.path, ignored)) continue;
    Error error = makeError("CD4101", fmt::format("there is a `{}` already; nothing was written", (folder / file.path).lexically_normal().string()));
    error.help.emplace_back("name a new folder: `cd4mlc init DIR`");
    return error;
  }
  if (!fs::exists(folder / ".gitignore", ignored)) files.push_back({".gitignore", ".cd4ml/\n"});
  CD4ML_TRY_VOID(makeFolders((folder / "data").string()));
  for (const NewFile& file : files) {
    CD4ML_TRY_VOID(replaceFile((folder / file.path).string(), file.text));
    console.result(fmt::format("wrote {}\n", (folder / file.path).lexically_normal().string()));
  }
  console.note(arguments.names.empty() ? "next: cd4mlc run\n" : fmt::format("next: cd {} && cd4mlc run\n", folder.string()));
  return Ok;
}

}  // namespace

int cmdInit(const Arguments& arguments, const Console& console) {
  const Result<int> code = init(arguments, console);
  if (code.ok()) return *code;
  console.problem(code.error());
  return exitCodeOf(code.error());
}

}  // namespace cd4ml::driver
