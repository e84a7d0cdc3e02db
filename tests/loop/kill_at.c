// Preloaded into cd4mlc by tests/loop: counts what makes something durable, over all processes that share the counter,
// and ends the process (or the first one too, which started it) with SIGKILL at the n-th, before or after it happens.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_ulong* counter;  // [0] what was counted, [1] the first process
static unsigned long kill_at;
static int after;
static int with_first;

__attribute__((constructor)) static void begin(void) {
  const char* path = getenv("KILL_COUNTER");
  const char* at = getenv("KILL_AT");
  if (path == NULL || at == NULL) return;
  kill_at = strtoul(at, NULL, 10);
  after = getenv("KILL_AFTER") != NULL;
  with_first = getenv("KILL_FIRST") != NULL;
  int file = open(path, O_RDWR);
  if (file < 0) return;
  void* page = mmap(NULL, 2 * sizeof(atomic_ulong), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (page == MAP_FAILED) return;
  counter = page;
  unsigned long none = 0;
  atomic_compare_exchange_strong(&counter[1], &none, (unsigned long)getpid());
}

static void die(void) {
  if (with_first) kill((pid_t)counter[1], SIGKILL);
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

// Whether this is the one; kills at once if it has to come before.
static int count(void) {
  if (counter == NULL) return 0;
  int mine = atomic_fetch_add(&counter[0], 1) + 1 == kill_at;
  if (mine && !after) die();
  return mine;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fdatasync(int file) {
  int mine = count();
  int out = NEXT(fdatasync)(file);
  if (mine) die();
  return out;
}

int fsync(int file) {
  int mine = count();
  int out = NEXT(fsync)(file);
  if (mine) die();
  return out;
}

int rename(const char* from, const char* to) {
  int mine = count();
  int out = NEXT(rename)(from, to);
  if (mine) die();
  return out;
}

int unlink(const char* path) {
  int mine = count();
  int out = NEXT(unlink)(path);
  if (mine) die();
  return out;
}

ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t at) {
  int mine = count();
  ssize_t out = NEXT(pwrite64)(file, bytes, size, at);
  if (mine) die();
  return out;
}

ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) {
  int mine = count();
  ssize_t out = NEXT(pwrite)(file, bytes, size, at);
  if (mine) die();
  return out;
}

// Requests and answers over sockets: a message that was delivered and not noted.
ssize_t send(int socket, const void* bytes, size_t size, int flags) {
  int mine = count();
  ssize_t out = NEXT(send)(socket, bytes, size, flags);
  if (mine) die();
  return out;
}
