// Takes half of a core: half a millisecond busy, half a millisecond asleep, ahead of all that has no real-time priority.
//
// A plain busy loop doesn't do: the scheduler shares a core among threads, so a server with several gets up to three quarters of it, and it gives slices
// of 4 ms, in which 200 connections with one message each run dry after one, so that the generator's speed decides and not the server's.
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <time.h>

enum { HALF = 500000 }; // ns

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(void) {
  struct sched_param priority = {.sched_priority = 1};
  if (sched_setscheduler(0, SCHED_FIFO, &priority) != 0) perror("The spinner has no real-time priority (root has), so it takes somewhat less than half");
  for (;;) {
    for (long long end = now() + HALF; now() < end;) {}
    nanosleep(&(struct timespec){.tv_nsec = HALF}, NULL);
  }
}
