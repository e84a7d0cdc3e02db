/// Whether a server of a deploy lives: it holds a kernel lock on a file below the state folder, which ends with it.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "runtime/track/runs.h"

namespace cd4ml::release {

/// A file of the server of a deploy: `STATE/serve/PIPELINE.PROFILE.DEPLOY` and `ending`.
[[nodiscard]] std::string serverFile(const std::string& state, const track::Scope& scope, const std::string& deploy, std::string_view ending);

/// Held until it is destroyed.
class ServerLock {
 public:
  /// nullopt: another server of the deploy lives.
  static Result<std::optional<ServerLock>> acquire(const std::string& state, const track::Scope& scope, const std::string& deploy);
  ServerLock(ServerLock&& other) noexcept;
  ServerLock& operator=(ServerLock&& other) noexcept;
  ServerLock(const ServerLock&) = delete;
  ServerLock& operator=(const ServerLock&) = delete;
  ~ServerLock();

  /// Writes the address and the process id into the file, for people.
  Status tell(const std::string& address) const;

 private:
  explicit ServerLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

/// What the living server of a deploy told ("127.0.0.1:8080 pid 4711"); nullopt: there is none.
[[nodiscard]] std::optional<std::string> liveServer(const std::string& state, const track::Scope& scope, const std::string& deploy);

}  // namespace cd4ml::release
