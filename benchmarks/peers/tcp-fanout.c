// The kernel's price of telling many: one process sends a small frame to each of N connections, one send() each, RATE times a
// second, and another reads them. Prints the sends for each CPU second of the sender. No server that sends each reader its own
// bytes at once can do better.
//   cc -O2 -o tcp-fanout tcp-fanout.c && taskset -c 0 ./tcp-fanout [N 1500] [RATE 40] [SECONDS 10] [BYTES 32]
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what) { perror(what); exit(1); }

static void read_all(int port, int n, int bytes) {
  cpu_set_t other;
  CPU_ZERO(&other);
  CPU_SET(1, &other);
  sched_setaffinity(0, sizeof other, &other);
  int poll = epoll_create1(0);
  for (int i = 0; i < n; i++) {
    int s = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = port, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (s < 0 || connect(s, (struct sockaddr *)&to, sizeof to)) fail("connect");
    struct epoll_event e = {.events = EPOLLIN, .data.fd = s};
    epoll_ctl(poll, EPOLL_CTL_ADD, s, &e);
  }
  static char buffer[1 << 16];
  struct epoll_event events[1024];
  for (;;) {
    int count = epoll_wait(poll, events, 1024, -1);
    for (int i = 0; i < count; i++)
      if (read(events[i].data.fd, buffer, sizeof buffer) <= 0) exit(0);
  }
}

int main(int c, char **v) {
  int n = c > 1 ? atoi(v[1]) : 1500, rate = c > 2 ? atoi(v[2]) : 40, seconds = c > 3 ? atoi(v[3]) : 10, bytes = c > 4 ? atoi(v[4]) : 32;
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof at;
  if (bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 4096)) fail("listen");
  getsockname(listener, (struct sockaddr *)&at, &length);
  pid_t reader = fork();
  if (reader == 0) read_all(at.sin_port, n, bytes);
  int *sockets = malloc(sizeof(int) * n);
  for (int i = 0; i < n; i++) {
    sockets[i] = accept(listener, 0, 0);
    if (sockets[i] < 0) fail("accept");
    setsockopt(sockets[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  }
  char *frame = calloc(1, bytes);
  struct rusage before, after;
  struct timespec next;
  clock_gettime(CLOCK_MONOTONIC, &next);
  getrusage(RUSAGE_SELF, &before);
  long sent = 0;
  for (int turn = 0; turn < rate * seconds; turn++) {
    for (int i = 0; i < n; i++)
      if (send(sockets[i], frame, bytes, MSG_NOSIGNAL | MSG_DONTWAIT) == bytes) sent++;
    next.tv_nsec += 1000000000 / rate;
    if (next.tv_nsec >= 1000000000) next.tv_sec++, next.tv_nsec -= 1000000000;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, 0);
  }
  getrusage(RUSAGE_SELF, &after);
  double cpu = after.ru_utime.tv_sec - before.ru_utime.tv_sec + after.ru_stime.tv_sec - before.ru_stime.tv_sec +
               (after.ru_utime.tv_usec - before.ru_utime.tv_usec + after.ru_stime.tv_usec - before.ru_stime.tv_usec) / 1e6;
  printf("%.0f sends for each CPU second (%ld sends, %.2f CPU seconds)\n", sent / cpu, sent, cpu);
  kill(reader, SIGTERM);
  waitpid(reader, 0, 0);
}
