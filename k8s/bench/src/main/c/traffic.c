/*
 * TCP between two network namespaces of this machine.
 *
 * usage: traffic SERVER_NETNS CLIENT_NETNS ADDRESS PORT rr|stream|connect|hold SECONDS
 * A NETNS is the path of a namespace's file. Prints one number a line: microseconds for a byte there and back (mean of 100),
 * MB/s of each tenth of a second, or microseconds for a connection made, used for a byte there and back, and ended (mean
 * of 20); with hold, of 200 that all stay for a third of a second before they end (mean of them, without the wait). What the first 300 ms give is not printed: connections must live for a moment before they may be accelerated.
 * But for stream both ends share processor 0, so that its wake-ups are the same for everybody.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 128 * 1024, WARM_UP_MS = 300, PATIENCE_S = 10, HELD = 200, HELD_MS = 333 };

static struct sockaddr_in address;
static char chunk[CHUNK];

static void fail(const char *what) {
  fprintf(stderr, "traffic: %s: %s\n", what, strerror(errno));
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void enter(const char *netns) {
  int fd = open(netns, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || setns(fd, CLONE_NEWNET)) fail(netns);
  close(fd);
}

static int plain_socket(void) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
  if (fd < 0) fail("socket");
  struct timeval patience = {PATIENCE_S, 0};
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  return fd;
}

static int call_server(void) {
  int fd = plain_socket();
  if (connect(fd, (struct sockaddr *)&address, sizeof address)) fail("connect");
  return fd;
}

/* Sends each single byte back, swallows what is more; ends with the process that started it. */
static void serve(const char *netns, int ready, int many) {
  enter(netns);
  int listening = plain_socket();
  struct timeval forever = {0, 0};
  setsockopt(listening, SOL_SOCKET, SO_RCVTIMEO, &forever, sizeof forever);
  if (bind(listening, (struct sockaddr *)&address, sizeof address) || listen(listening, 64)) fail("listen");
  if (write(ready, "r", 1) != 1) fail("tell");
  for (;;) {
    int fd = accept(listening, NULL, NULL), on = 1;
    if (fd < 0) fail("accept");
    if (many) {
      signal(SIGCHLD, SIG_IGN);
      pid_t child = fork();
      if (child < 0) fail("fork");
      if (child > 0) { close(fd); continue; }
      many = 0;
      close(listening);
      listening = -1;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    for (ssize_t n; (n = read(fd, chunk, CHUNK)) > 0;)
      if (n == 1 && write(fd, chunk, 1) != 1) break;
    close(fd);
    if (listening < 0) _exit(0);
  }
}

static void there_and_back(int fd) {
  char byte = 1;
  if (write(fd, &byte, 1) != 1 || read(fd, &byte, 1) != 1) fail("a byte there and back");
}

static void round_trips(double end, double counted) {
  int fd = call_server();
  for (double from = now(); from < end; from = now()) {
    for (int i = 0; i < 100; i++) there_and_back(fd);
    if (from >= counted) printf("%.3f\n", (now() - from) * 1e6 / 100);
  }
}

static void stream(double end, double counted) {
  int fd = call_server();
  for (double from = now(); from < end;) {
    long long bytes = 0;
    double until = from + 0.1, at;
    while ((at = now()) < until) {
      ssize_t n = write(fd, chunk, CHUNK);
      if (n < 0) fail("send");
      bytes += n;
    }
    if (from >= counted) printf("%.1f\n", bytes / 1e6 / (at - from));
    from = at;
  }
}

static void end_at_once(int fd) {
  struct linger at_once = {1, 0}; /* no ports wait for anything */
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(fd);
}

static void connections(double end, double counted) {
  for (double from = now(); from < end; from = now()) {
    for (int i = 0; i < 20; i++) {
      int fd = call_server();
      there_and_back(fd);
      end_at_once(fd);
    }
    if (from >= counted) printf("%.3f\n", (now() - from) * 1e6 / 20);
  }
}

static void held(double end, double counted) {
  int fds[HELD];
  for (double from = now(); from < end; from = now()) {
    for (int i = 0; i < HELD; i++) there_and_back(fds[i] = call_server());
    struct timespec wait = {0, HELD_MS * 1000000L};
    nanosleep(&wait, NULL);
    for (int i = 0; i < HELD; i++) {
      there_and_back(fds[i]);
      end_at_once(fds[i]);
    }
    if (from >= counted) printf("%.3f\n", (now() - from - HELD_MS / 1e3) * 1e6 / HELD);
  }
}

int main(int argc, char **argv) {
  if (argc != 7) {
    fprintf(stderr, "usage: traffic SERVER_NETNS CLIENT_NETNS ADDRESS PORT rr|stream|connect|hold SECONDS\n");
    return 2;
  }
  address.sin_family = AF_INET;
  address.sin_port = htons(atoi(argv[4]));
  if (inet_pton(AF_INET, argv[3], &address.sin_addr) != 1) { fprintf(stderr, "traffic: %s is no IPv4 address\n", argv[3]); return 2; }
  signal(SIGPIPE, SIG_IGN);
  memset(chunk, 'x', CHUNK);
  const char *mode = argv[5];
  int hold = !strcmp(mode, "hold");
  if (strcmp(mode, "stream")) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    sched_setaffinity(0, sizeof one, &one);
  }
  int ready[2];
  if (pipe(ready)) fail("pipe");
  pid_t server = fork();
  if (server < 0) fail("fork");
  if (server == 0) serve(argv[1], ready[1], hold);
  close(ready[1]);
  char told;
  if (read(ready[0], &told, 1) != 1) return 1;
  enter(argv[2]);
  double counted = now() + WARM_UP_MS / 1e3, end = counted + atof(argv[6]);
  if (!strcmp(mode, "rr")) round_trips(end, counted);
  else if (!strcmp(mode, "stream")) stream(end, counted);
  else if (hold) held(end, counted);
  else connections(end, counted);
  kill(server, SIGKILL);
  waitpid(server, NULL, 0);
  return 0;
}
