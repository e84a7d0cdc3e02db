/// Runs loops over morsels of rows on several threads, interpreted or compiled.
#pragma once

#include "runtime/features/execute.h"
#include "runtime/score/run_graph.h"

namespace cd4ml::features {

/// The backend that the options ask for; Auto compiles where there are enough rows to pay for it.
[[nodiscard]] score::Backend makeBackend(const ExecuteOptions& options);

/// runGraph with that backend; a row error becomes an Error that names the row.
[[nodiscard]] Result<std::vector<score::Held>> runColumns(const score::GraphRequest& request, const ExecuteOptions& options);

/// A computed column as an engine column of type `type`, finished.
[[nodiscard]] data::Column toColumn(score::Held held, const ir::Type& type, std::span<const data::Column> inputs);

/// Views of the inputs; those that are not at hand are empty.
[[nodiscard]] std::vector<score::ColumnView> viewsOf(std::span<const data::Column> inputs);

}  // namespace cd4ml::features
