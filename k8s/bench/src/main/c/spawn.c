/*
 * Times processes as a container runtime starts them: from posix_spawn to the reaping of the exit.
 *
 * usage: spawn CONCURRENCY < JOBS
 * A job is one line of fields separated by 0x1f: PROGRAM, file for stdin, file for stdout, NAME=VALUE...
 * Starts CONCURRENCY jobs at once, each further one when one has ended, and prints for each job, in the order they
 * end: its index, exit code, and microseconds of wall time on CLOCK_MONOTONIC.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_JOBS = 20000, MAX_FIELDS = 32 };

static struct { pid_t pid; long long start; } running[MAX_JOBS];
static char *jobs[MAX_JOBS];

static long long now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static void start(int index) {
  char *field[MAX_FIELDS + 1] = {0};
  int count = 0;
  for (char *rest = jobs[index], *f; count < MAX_FIELDS && (f = strsep(&rest, "\x1f"));) field[count++] = f;
  if (count < 3) { fprintf(stderr, "spawn: job %d has %d fields, at least 3 are needed\n", index, count); exit(2); }
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, field[1], O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, field[2], O_WRONLY | O_CREAT | O_TRUNC, 0600);
  char *argv[] = {field[0], NULL};
  running[index].start = now_us();
  int failed = posix_spawn(&running[index].pid, field[0], &files, NULL, argv, field + 3);
  if (failed) { fprintf(stderr, "spawn: %s: %s\n", field[0], strerror(failed)); exit(2); }
  posix_spawn_file_actions_destroy(&files);
}

int main(int argc, char **argv) {
  int concurrency = argc == 2 ? atoi(argv[1]) : 0;
  if (concurrency < 1) { fprintf(stderr, "usage: spawn CONCURRENCY < JOBS\n"); return 2; }
  int count = 0;
  size_t size = 0;
  char *line = NULL;
  for (ssize_t n; count < MAX_JOBS && (n = getline(&line, &size, stdin)) > 0;) {
    if (line[n - 1] == '\n') line[n - 1] = 0;
    jobs[count++] = strdup(line);
  }
  int next = 0;
  for (int live = 0; live > 0 || next < count;) {
    while (next < count && live < concurrency) { start(next++); live++; }
    int status;
    pid_t pid = wait(&status);
    long long end = now_us();
    if (pid < 0) { if (errno == EINTR) continue; perror("spawn: wait"); return 2; }
    for (int i = 0; i < next; i++) {
      if (running[i].pid != pid) continue;
      running[i].pid = 0;
      live--;
      printf("%d %d %lld\n", i, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), end - running[i].start);
      break;
    }
  }
  return 0;
}
