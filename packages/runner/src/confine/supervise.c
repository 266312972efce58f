/*
 * The program asks for a connect by making it: the kernel holds the call back and tells the supervisor, which copies the
 * address, judges its copy, and connects the program's own socket to that copy itself. Nothing is ever let through to
 * the kernel as the program made it: between judging and doing, another of its threads could change what is in its
 * memory, or which socket the descriptor is.
 *
 * The supervisor is under no filter and is the same user, so it must give nothing away: it is not dumpable, which
 * closes its memory, its descriptors and ptrace to that user, and holds nothing but its own. Whoever ends it, which only
 * a program in whose container it is not process 1 can do, has ended the program's connects with it.
 */
#include "supervise.h"

#include <linux/ioctl.h>
#include <linux/poll.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <linux/time_types.h>

#include "connect.h"
#include "filter.h"
#include "leave.h"
#include "system.h"

/* Connects under way at one time. One takes long where nobody accepts it; more than that are told to try again. */
enum { MOST_CONNECTS = 1024 };

/* For as long as a connect is under way, so often is looked whether its caller still waits. */
static const struct __kernel_timespec look_every = {.tv_sec = 1, .tv_nsec = 0};

static struct {
  long process;
  unsigned long long id;
} connects[MOST_CONNECTS];

/* Larger than any kernel's: it writes as much as it knows of. */
static union {
  struct seccomp_notif asked;
  char room[1024];
} request;

static const unsigned long long all_signals = ~0ULL;

static void set_signals(const unsigned long long *mask, unsigned long long *before) {
  enum { SET = 2 };
  call(__NR_rt_sigprocmask, SET, mask, before, sizeof *mask);
}

/* A copy of this process, as by fork. */
static long split(void) {
  return call(__NR_clone, SIGCHLD_);
}

static void die_with_parent(void) {
  call(__NR_prctl, PR_SET_PDEATHSIG, SIGKILL_);
}

/* A process for each, because one may take long: the others must not wait for it. */
static void begin_connect(int listener) {
  /* The kernel insists. */
  __builtin_memset(&request, 0, sizeof request);
  if (call(__NR_ioctl, listener, SECCOMP_IOCTL_NOTIF_RECV, &request) != 0) return;
  size_t place = 0;
  while (place < MOST_CONNECTS && connects[place].process != 0) place++;
  long process = place < MOST_CONNECTS ? split() : -EAGAIN_;
  if (process == 0) {
    die_with_parent();
    connect_and_answer(listener, &request.asked);
    quit(0);
  }
  if (process < 0) {
    answer(listener, request.asked.id, -EAGAIN_);
    return;
  }
  connects[place].process = process;
  connects[place].id = request.asked.id;
}

/* Ends those whose caller waits no more. Returns how many are left. */
static int look_after_connects(int listener) {
  int left = 0;
  for (size_t place = 0; place < MOST_CONNECTS; place++) {
    if (connects[place].process == 0) continue;
    left++;
    if (!still_waits(listener, connects[place].id)) call(__NR_kill, connects[place].process, SIGKILL_);
  }
  return left;
}

static void forget_connect(long process) {
  for (size_t place = 0; place < MOST_CONNECTS; place++)
    if (connects[place].process == process) connects[place].process = 0;
}

/* Buries whoever has ended, as the parent of the program and of all that outlived theirs. */
static void bury(long program) {
  enum { WITHOUT_WAITING = 1, SIGNAL_BITS = 0x7f };
  int status = 0;
  for (long process; (process = call(__NR_wait4, -1, &status, WITHOUT_WAITING, 0)) > 0;) {
    int signal = status & SIGNAL_BITS;
    /* As a shell tells it. */
    if (process == program) quit(signal == 0 ? status >> 8 & 0xff : 128 + signal);
    forget_connect(process);
  }
}

__attribute__((noreturn)) static void stand_by(int listener, long program) {
  long signals = call(__NR_signalfd4, -1, &all_signals, sizeof all_signals, SOCK_CLOEXEC_);
  if (signals < 0) leave(FAILED, "", "the kernel does not tell of signals");
  struct pollfd waiting[] = {{(int)signals, POLLIN, 0}, {listener, POLLIN, 0}};
  for (int under_way = 0;;) {
    struct __kernel_timespec patience = look_every;
    call(__NR_ppoll, waiting, 2, under_way > 0 ? &patience : 0, 0, 0);
    if (waiting[1].revents & POLLIN) begin_connect(listener);
    /* Nobody is left under the filter. */
    else if (waiting[1].revents != 0) waiting[1].fd = -1;
    if (waiting[0].revents & POLLIN) {
      /* `struct signalfd_siginfo`: the signal's number comes first. */
      unsigned told[32];
      if (call(__NR_read, signals, told, sizeof told) > 0 && told[0] != SIGCHLD_)
        call(__NR_kill, program, told[0]);
    }
    bury(program);
    under_way = look_after_connects(listener);
  }
}

/* The program's end: takes the filter, tells its parent the number of the descriptor, and waits until it has it. */
static void become_program(const int to_parent[2], const int to_child[2]) {
  die_with_parent();
  int listener = refuse_all_but_connects();
  char taken;
  call(__NR_write, to_parent[1], &listener, sizeof listener);
  if (call(__NR_read, to_child[0], &taken, 1) != 1) leave_silently();
  /* Whoever held it could answer for the supervisor. */
  if (call(__NR_close, listener) != 0) leave(FAILED, "", "the listener cannot be closed");
  close_inherited();
  try_out_connects();
}

static int listener_of(long program, const int to_parent[2], const int to_child[2]) {
  int number;
  call(__NR_close, to_parent[1]);
  if (call(__NR_read, to_parent[0], &number, sizeof number) != sizeof number) leave_silently();
  long process = call(__NR_pidfd_open, program, 0);
  long listener = process < 0 ? process : call(__NR_pidfd_getfd, process, number, 0);
  if (listener < 0)
    leave(FAILED, "", "the container may not take its own programs' sockets (pidfd_getfd): is SYS_PTRACE missing?");
  /* From now on nobody of this user can look into us. Before, the child could not have been looked into either. */
  if (call(__NR_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) leave(FAILED, "", "the supervisor cannot be closed");
  call(__NR_write, to_child[1], "", 1);
  const int ours[] = {to_parent[0], to_child[0], to_child[1], (int)process};
  for (size_t index = 0; index < sizeof ours / sizeof *ours; index++) call(__NR_close, ours[index]);
  return (int)listener;
}

void supervise(void) {
  close_inherited();
  /* With SIGCHLD ignored, as it may have been inherited, the kernel buries children itself. Zeros are its defaults. */
  const unsigned long defaults[4] = {0};
  call(__NR_rt_sigaction, SIGCHLD_, defaults, 0, 8);
  /* What outlives its parent comes to us, so that where only ancestors may trace, we remain one. */
  call(__NR_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  if (call(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    leave(FAILED, "", "the kernel does not let privileges be given up");
  int to_parent[2], to_child[2];
  if (call(__NR_pipe2, to_parent, 0) != 0 || call(__NR_pipe2, to_child, 0) != 0)
    leave(FAILED, "", "no pipe can be made");
  unsigned long long before = 0;
  set_signals(&all_signals, &before);
  long program = split();
  if (program < 0) leave(FAILED, "", "no process can be made");
  if (program != 0) stand_by(listener_of(program, to_parent, to_child), program);
  set_signals(&before, 0);
  become_program(to_parent, to_child);
}
