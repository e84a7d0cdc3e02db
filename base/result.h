/// Failures of the environment (file, database, process, network, data) travel as values.
///
/// A user's mistake in the program text is a `diag::Diagnostic`; a bug of ours is `CD4ML_CHECK`;
/// everything else that can go wrong is an `Error` inside a `Result<T>`. An `Error` is written for the
/// person who has to act: what happened, where, and what caused it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/internal_check.h"
#include "base/span.h"

namespace cd4ml {

/// One failure with the failures that caused it.
struct Error {
  std::string code;     ///< diagnostic code, "CD5001"; its page is `docs/errors/CD5001.md`
  std::string message;  ///< lower case, no full stop, names file, row and column where they apply
  Span span;            ///< the place in the user's file that asked for it; may be empty
  std::vector<std::string> help{};  ///< what to do next, one line each
  std::shared_ptr<const Error> cause{};

  /// The message followed by ": " and each cause in turn.
  [[nodiscard]] std::string describe() const {
    std::string text = message;
    for (const Error* e = cause.get(); e != nullptr; e = e->cause.get()) text += ": " + e->message;
    return text;
  }
};

/// Makes an error; `because(cause, …)` chains one.
[[nodiscard]] inline Error makeError(std::string code, std::string message, Span span = {}) {
  return Error{.code = std::move(code), .message = std::move(message), .span = span};
}
[[nodiscard]] inline Error because(Error cause, std::string code, std::string message, Span span = {}) {
  Error e = makeError(std::move(code), std::move(message), span);
  e.cause = std::make_shared<const Error>(std::move(cause));
  return e;
}

struct Done {};

/// A value or an `Error`. `Result<void>` is spelled `Status`.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] T& value() & { CD4ML_CHECK(ok()); return std::get<0>(state_); }
  [[nodiscard]] const T& value() const& { CD4ML_CHECK(ok()); return std::get<0>(state_); }
  [[nodiscard]] T&& value() && { CD4ML_CHECK(ok()); return std::get<0>(std::move(state_)); }
  [[nodiscard]] const Error& error() const& { CD4ML_CHECK(!ok()); return std::get<1>(state_); }
  [[nodiscard]] Error&& error() && { CD4ML_CHECK(!ok()); return std::get<1>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Error> state_;
};

using Status = Result<Done>;

/// Returns the error of a Result-valued expression, or binds its value.
#define CD4ML_CONCAT_INNER(a, b) a##b
#define CD4ML_CONCAT(a, b) CD4ML_CONCAT_INNER(a, b)
#define CD4ML_TRY(decl, expr) CD4ML_TRY_IMPL(CD4ML_CONCAT(cd4ml_result_, __LINE__), decl, expr)
#define CD4ML_TRY_IMPL(tmp, decl, expr)          \
  auto tmp = (expr);                             \
  if (!tmp.ok()) return std::move(tmp).error();  \
  decl = std::move(tmp).value()
#define CD4ML_TRY_VOID(expr) CD4ML_TRY_VOID_IMPL(CD4ML_CONCAT(cd4ml_result_, __LINE__), expr)
#define CD4ML_TRY_VOID_IMPL(tmp, expr) \
  if (auto tmp = (expr); !tmp.ok()) return std::move(tmp).error()

}  // namespace cd4ml
