/*
 * confine none|gateway [PROGRAM [ARGUMENT...]]
 * confine FILE REPORT PROGRAM [ARGUMENT...]
 *
 * Becomes PROGRAM, with less of the network than the container has: none, where neither it nor anything it starts can
 * make a socket other than a local (AF_UNIX) one; or, for a program with a model, TCP sockets that can be connected to
 * loopback and nowhere else. For executors whose containers share one network interface, as those of a Fargate task do;
 * elsewhere programs have a network namespace of their own. Without PROGRAM it only tries itself out, and exits with 0
 * when it holds.
 *
 * In the second form it is process 1 of a program's container, before anything of an image that is a stranger's: FILE, a
 * path from the root, says which network there may be, `open` among them. What the platform tells every container about
 * itself is taken from the environment, and what goes wrong is written to REPORT.
 *
 * What may be called is decided by a seccomp filter: it needs no privilege, is inherited, and cannot be taken off again.
 * A filter sees no addresses, so with a gateway a supervisor stays behind that makes all connects (supervise.c).
 * Whoever is under the filter must not reach an ordinary process of the same user, whose memory or sockets it could take
 * (ptrace, /proc/PID/mem, pidfd_getfd): there is none in a container of which this is process 1.
 *
 * Exits with 125 when it cannot confine, and then starts nothing; with 127 and 126, as a shell does, when PROGRAM is not
 * found or cannot be run. No C library: one static file of some kilobytes for every image, whatever is in it.
 */
#include <linux/fcntl.h>

#include "filter.h"
#include "leave.h"
#include "supervise.h"
#include "system.h"

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call begin\n");
#else
__asm__(".globl _start\n_start:\n mov x29, #0\n mov x30, #0\n mov x0, sp\n bl begin\n");
#endif

/* The compiler calls it for what is set to zeros, also where there is no library. */
__attribute__((used)) void *memset(void *start, int value, size_t size) {
  for (volatile char *at = start; size > 0; size--) *at++ = (char)value;
  return start;
}

/* A script without a first line that names its interpreter is the shell's, as for execvp. */
static long become(const char *path, char **arguments, char **environment) {
  long error = call(__NR_execve, path, arguments, environment);
  if (error != -ENOEXEC_) return error;
  size_t count = 0;
  while (arguments[count] != 0) count++;
  /* The stack has room: the arguments themselves came on it. */
  const char *shell[count + 2];
  shell[0] = "/bin/sh";
  shell[1] = path;
  for (size_t index = 1; index <= count; index++) shell[index + 1] = arguments[index];
  return call(__NR_execve, shell[0], shell, environment);
}

static const char *search_path(char **environment) {
  for (; *environment != 0; environment++) {
    const char *entry = *environment;
    if (entry[0] == 'P' && entry[1] == 'A' && entry[2] == 'T' && entry[3] == 'H' && entry[4] == '=')
      return entry + 5;
  }
  return "/usr/local/bin:/usr/bin:/bin";
}

/* What execvp does: the first of PATH's directories that has it; one that may not be run is remembered. */
static long find_and_become(const char *name, char **arguments, char **environment) {
  for (const char *at = name; *at != 0; at++)
    if (*at == '/') return become(name, arguments, environment);
  char path[4096];
  long error = -ENOENT_;
  for (const char *at = search_path(environment);; at++) {
    size_t length = 0;
    while (at[length] != 0 && at[length] != ':') length++;
    size_t end = 0;
    for (; end < length && end < sizeof path; end++) path[end] = at[end];
    if (end == 0) path[end++] = '.';
    if (end < sizeof path) path[end++] = '/';
    for (const char *from = name; *from != 0 && end < sizeof path; from++) path[end++] = *from;
    if (end < sizeof path) {
      path[end] = 0;
      long failure = become(path, arguments, environment);
      if (failure != -ENOENT_ && failure != -ENOTDIR_) error = failure;
    }
    at += length;
    if (*at == 0) return error;
  }
}

static int begins(const char *text, const char *with) {
  while (*with != 0 && *text == *with) text++, with++;
  return *with == 0;
}

static int equal(const char *a, const char *b) {
  return begins(a, b) && begins(b, a);
}

/* Where the platform keeps a task's credentials, were it given any, and its description. */
static void forget_platform(char **environment) {
  char **kept = environment;
  for (char **entry = environment; *entry != 0; entry++)
    if (!begins(*entry, "AWS_") && !begins(*entry, "ECS_")) *kept++ = *entry;
  *kept = 0;
}

static const char *network_in(const char *path) {
  static char word[16];
  long file = call(__NR_openat, AT_FDCWD, path, O_RDONLY);
  if (file < 0 || call(__NR_read, file, word, sizeof word - 1) < 0) leave(FAILED, path, " cannot be read");
  call(__NR_close, file);
  return word;
}

__attribute__((used, noreturn)) void begin(long *stack) {
  long count = stack[0];
  char **arguments = (char **)(stack + 1);
  char **environment = arguments + count + 1;
  char **program = arguments + 2;
  const char *network = count < 2 ? "" : arguments[1];
  if (network[0] == '/' && count > 3) {
    leave_word_in(arguments[2]);
    network = network_in(network);
    program = arguments + 3;
    forget_platform(environment);
  }
  if (equal(network, "none"))
    refuse_network();
  else if (equal(network, "gateway"))
    supervise();
  else if (!equal(network, "open") || program == arguments + 2)
    leave(FAILED, "", "which network there may be is not said: none or gateway");
  if (*program == 0) quit(0);
  close_inherited();
  long error = program[0][0] == 0 ? -ENOENT_ : find_and_become(program[0], program, environment);
  if (error == -ENOENT_ || error == -ENOTDIR_) leave(NOT_FOUND, program[0], ": not found");
  if (error == -EACCES_ || error == -EPERM_) leave(CANNOT_RUN, program[0], ": may not be run");
  leave(CANNOT_RUN, program[0], ": cannot be run");
}
