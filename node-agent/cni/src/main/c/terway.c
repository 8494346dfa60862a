/* terway: the CNI plugin. It holds no logic: it sends the runtime's request to the node agent's unix socket in one
 * frame, prints the answer and exits with its code (proto of the frame: node-agent/README.md, "The frame").
 * Answered here, because the agent may be down: VERSION; STATUS (code 50); DEL, which is parked on disk and succeeds. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { FRAME_LIMIT = 1 << 20, SPOOL_LIMIT = 1000, TRY_LATER = 11, UNAVAILABLE = 50, BAD_ENVIRONMENT = 4, IO = 5, BAD_CONFIG = 7 };

static unsigned char frame[4 + FRAME_LIMIT], reply[8 + FRAME_LIMIT];
static size_t used = 4; /* of frame; its first four bytes are the length */
static int64_t deadline;

static int64_t boottime(void) {
  struct timespec t;
  clock_gettime(CLOCK_BOOTTIME, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static const char *env(const char *name, const char *otherwise) {
  const char *value = getenv(name);
  return value && *value ? value : otherwise;
}

/* Prints the error as the CNI specification wants it and ends the process. */
static void fail(int code, const char *format, ...) {
  char text[2048], *c;
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  printf("{\"cniVersion\":\"1.0.0\",\"code\":%d,\"msg\":\"", code);
  for (c = text; *c; c++) {
    if ((unsigned char)*c < ' ') putchar(' ');
    else { if (*c == '"' || *c == '\\') putchar('\\'); putchar(*c); }
  }
  printf("\"}\n");
  fflush(stdout);
  _exit(1);
}

static void append(const void *bytes, size_t count) {
  if (count > sizeof frame - used) fail(BAD_CONFIG, "environment and network configuration together exceed %d bytes", FRAME_LIMIT);
  memcpy(frame + used, bytes, count);
  used += count;
}

/* Waits until fd is ready; 0 when the deadline passed. */
static int ready(int fd, short events) {
  struct pollfd p = {fd, events, 0};
  for (;;) {
    int64_t left = (deadline - boottime()) / 1000000;
    int n = left > 0 ? poll(&p, 1, (int)left) : 0;
    if (n >= 0 || errno != EINTR) return n > 0;
  }
}

static void read_stdin(void) {
  unsigned char chunk[65536];
  ssize_t n;
  for (;;) {
    if (!ready(0, POLLIN)) fail(IO, "the network configuration on stdin did not end in time");
    n = read(0, chunk, sizeof chunk);
    if (n == 0) return;
    if (n < 0 && errno != EINTR) fail(IO, "cannot read the network configuration on stdin: %s", strerror(errno));
    if (n > 0) append(chunk, (size_t)n);
  }
}

/* Sends the frame and reads the reply; NULL, or what went wrong. */
static const char *ask(const char *path, size_t *length) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int64_t left = (deadline - boottime()) / 1000;
  struct timeval wait = {left / 1000000, left > 0 ? left % 1000000 + 1 : 1};
  size_t sent = 0, got = 0, want = 8;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return strerror(errno);
  if (strlen(path) >= sizeof address.sun_path) return "the socket's path is too long";
  strcpy(address.sun_path, path);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait); /* bounds connect() while the agent's backlog is full */
  if (connect(fd, (struct sockaddr *)&address, sizeof address)) return strerror(errno);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  while (sent < used) {
    ssize_t n = ready(fd, POLLOUT) ? send(fd, frame + sent, used - sent, MSG_NOSIGNAL) : -2;
    if (n == -2) return "it did not take the request in time";
    if (n < 0 && errno != EINTR && errno != EAGAIN) return strerror(errno);
    if (n > 0) sent += (size_t)n;
  }
  while (got < want) {
    ssize_t n = ready(fd, POLLIN) ? recv(fd, reply + got, want - got, 0) : -2;
    if (n == -2) return "it did not answer in time";
    if (n == 0) return "it closed the connection without an answer";
    if (n < 0 && errno != EINTR && errno != EAGAIN) return strerror(errno);
    if (n > 0) got += (size_t)n;
    if (got == 8) {
      want = 4 + ((size_t)reply[0] << 24 | reply[1] << 16 | reply[2] << 8 | reply[3]);
      if (want < 8 || want > sizeof reply) return "its answer has an impossible length";
    }
  }
  *length = want;
  return NULL;
}

/* Parks the request for the agent to replay: written under a temporary name, synced, renamed. */
static void spool(const char *path, const char *why) {
  char part[112], name[96], boot[37] = "";
  struct dirent *entry;
  int count = 0, fd, directory;
  DIR *listing;
  mkdir(path, 0700);
  if (!(listing = opendir(path))) fail(TRY_LATER, "node agent unreachable (%s) and DEL cannot be parked in %s: %s", why, path, strerror(errno));
  while ((entry = readdir(listing))) count += entry->d_name[0] != '.';
  directory = dirfd(listing);
  if (count >= SPOOL_LIMIT) fail(TRY_LATER, "node agent unreachable (%s) and %s already holds %d parked DELs; start the agent, it replays them", why, path, count);
  /* A start time means something in its own boot only: the name says which. */
  if ((fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)) >= 0) {
    if (read(fd, boot, sizeof boot - 1) != sizeof boot - 1) boot[0] = 0;
    close(fd);
  }
  snprintf(name, sizeof name, "%020lld-%d.%s.del", (long long)boottime(), (int)getpid(), boot);
  snprintf(part, sizeof part, ".%s", name);
  fd = openat(directory, part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 || write(fd, frame + 4, used - 4) != (ssize_t)(used - 4) || fsync(fd) || close(fd)
      || renameat(directory, part, directory, name) || fsync(directory)) {
    int cause = errno;
    unlinkat(directory, part, 0);
    fail(TRY_LATER, "node agent unreachable (%s) and DEL cannot be parked in %s: %s", why, path, strerror(cause ? cause : ENOSPC));
  }
}

int main(void) {
  static const char *const names[] = {"CNI_COMMAND", "CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_ARGS", "CNI_PATH", "CNI_NETNS_OVERRIDE"};
  const char *command = getenv("CNI_COMMAND"), *path = env("TERWAY_CNI_SOCKET", "/var/run/terway/cni.sock"), *why;
  int64_t start = boottime(), limit;
  size_t i, length = 0;
  char head[64];
  if (!command) fail(BAD_ENVIRONMENT, "CNI_COMMAND is not set; terway is a CNI plugin, executed by the container runtime");
  if (!strcmp(command, "VERSION")) {
    puts("{\"cniVersion\":\"1.1.0\",\"supportedVersions\":[\"0.3.0\",\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\"]}");
    return 0;
  }
  limit = !strcmp(command, "ADD") ? 60000 : !strcmp(command, "DEL") ? 5000 : 10000;
  deadline = start + 1000000LL * atoll(env("TERWAY_CNI_DEADLINE_MS", "0"));
  if (deadline == start) deadline = start + limit * 1000000;
  append(head, (size_t)snprintf(head, sizeof head, "TERWAY/1 %lld\n", (long long)start));
  for (i = 0; i < sizeof names / sizeof *names; i++) {
    const char *value = getenv(names[i]);
    if (value) { append(names[i], strlen(names[i])); append("=", 1); append(value, strlen(value) + 1); }
  }
  append("", 1);
  read_stdin();
  for (i = 0; i < 4; i++) frame[i] = (unsigned char)((used - 4) >> (24 - 8 * i));
  if ((why = ask(path, &length))) {
    if (!strcmp(command, "STATUS")) fail(UNAVAILABLE, "node agent at %s is not available: %s", path, why);
    if (strcmp(command, "DEL")) fail(TRY_LATER, "node agent at %s is not available: %s; look at the terway pod of this node (kubectl -n kube-system get pods -l app=terway -o wide) and its log", path, why);
    spool(env("TERWAY_CNI_SPOOL", "/var/lib/terway/spool"), why);
    return 0;
  }
  if (length > 8 && fwrite(reply + 8, 1, length - 8, stdout) != length - 8) return 1;
  return fflush(stdout) ? 1 : (int)(reply[4] << 24 | reply[5] << 16 | reply[6] << 8 | reply[7]);
}
