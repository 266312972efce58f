/*
 * no-network PROGRAM [ARGUMENT...]
 *
 * Becomes PROGRAM, without the network: neither it nor anything it starts can make a socket other than a local (AF_UNIX)
 * one. For executors whose containers share one network interface, as those of a Fargate task do; elsewhere programs
 * have a network namespace of their own. Without arguments it only tries the filter out, and exits with 0 when it holds.
 *
 * The filter is a seccomp one: it needs no privilege, is inherited, and cannot be taken off again. Whoever is under it
 * must not reach an ordinary process of the same user, whose memory or sockets it could take (ptrace, /proc/PID/mem,
 * pidfd_getfd): the wrapper therefore puts itself under it first, as process 1 of its container.
 *
 * Exits with 125 when there is no filter, and then starts nothing; with 127 and 126, as a shell does, when PROGRAM is not
 * found or cannot be run. No C library: one static file of some kilobytes for every image, whatever is in it.
 */
#include <asm/unistd.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <stddef.h>

enum { FAILED = 125, CANNOT_RUN = 126, NOT_FOUND = 127 };
enum { EPERM_ = 1, ENOENT_ = 2, ENOEXEC_ = 8, EACCES_ = 13, ENOTDIR_ = 20, ENOSYS_ = 38, ENAMETOOLONG_ = 36 };
enum { AF_UNIX_ = 1, AF_INET_ = 2, SOCK_DGRAM_ = 2 };

#if defined(__x86_64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_X86_64

static long call(long number, long a, long b, long c, long d, long e) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                   : "rcx", "r11", "memory");
  return result;
}

__asm__(".globl _start\n_start:\n xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call begin\n");

#elif defined(__aarch64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_AARCH64

static long call(long number, long a, long b, long c, long d, long e) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
  return x0;
}

__asm__(".globl _start\n_start:\n mov x29, #0\n mov x30, #0\n mov x0, sp\n bl begin\n");

#else
#error "no-network is written for x86_64 and aarch64"
#endif

#define FIELD(name) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, name))
#define REFUSE(error) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define KILL BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
/* When the loaded word equals the value, do the next instruction; else skip it. */
#define WHEN(value) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, 1)

static struct sock_filter instructions[] = {
    /* The numbers below are this architecture's. A call made another way (i386 on x86_64, 32-bit ARM) has others. */
    FIELD(arch),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCHITECTURE, 1, 0),
    KILL,
    FIELD(nr),
#if defined(__x86_64__)
    /* x32: the same architecture, with a bit set in the number. */
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
    REFUSE(ENOSYS_),
#endif
    /* io_uring makes sockets without the calls below. Programs know kernels that have none. */
    WHEN(__NR_io_uring_setup),
    REFUSE(ENOSYS_),
    WHEN(__NR_io_uring_enter),
    REFUSE(ENOSYS_),
    WHEN(__NR_io_uring_register),
    REFUSE(ENOSYS_),
    /* A key of type dns_resolver is looked up by the system on the caller's behalf. */
    WHEN(__NR_add_key),
    REFUSE(ENOSYS_),
    WHEN(__NR_request_key),
    REFUSE(ENOSYS_),
    WHEN(__NR_keyctl),
    REFUSE(ENOSYS_),
    /* Of a socket only the family counts: the lower half of the first argument, on both architectures the first word. */
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_socket, 1, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_socketpair, 0, 3),
    FIELD(args[0]),
    /* Not netlink either: it tells of the interface that the platform's own containers use. */
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX_, 1, 0),
    REFUSE(EACCES_),
    ALLOW,
};

static void say(const char *text) {
  size_t length = 0;
  while (text[length] != 0) length++;
  call(__NR_write, 2, (long)text, (long)length, 0, 0);
}

static void leave(int code, const char *what, const char *problem) {
  say("no-network: ");
  say(what);
  say(problem);
  say("\n");
  call(__NR_exit_group, code, 0, 0, 0, 0);
  __builtin_unreachable();
}

static void refuse_network(void) {
  struct sock_fprog program = {sizeof instructions / sizeof *instructions, instructions};
  if (call(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    leave(FAILED, "", "the kernel does not let privileges be given up");
  if (call(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, (long)&program, 0, 0) != 0)
    leave(FAILED, "", "the kernel does not take the filter");
  if (call(__NR_socket, AF_INET_, SOCK_DGRAM_, 0, 0, 0) != -EACCES_)
    leave(FAILED, "", "the filter does not hold");
}

/* A script without a first line that names its interpreter is the shell's, as for execvp. */
static long become(const char *path, char **arguments, char **environment) {
  long error = call(__NR_execve, (long)path, (long)arguments, (long)environment, 0, 0);
  if (error != -ENOEXEC_) return error;
  size_t count = 0;
  while (arguments[count] != 0) count++;
  /* The stack has room: the arguments themselves came on it. */
  const char *shell[count + 2];
  shell[0] = "/bin/sh";
  shell[1] = path;
  for (size_t index = 1; index <= count; index++) shell[index + 1] = arguments[index];
  return call(__NR_execve, (long)shell[0], (long)shell, (long)environment, 0, 0);
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

__attribute__((used, noreturn)) void begin(long *stack) {
  long count = stack[0];
  char **arguments = (char **)(stack + 1);
  char **environment = arguments + count + 1;
  refuse_network();
  if (count < 2) {
    call(__NR_exit_group, 0, 0, 0, 0, 0);
    __builtin_unreachable();
  }
  /* Whatever was left open by those before: a socket among it would be a way out. */
  call(__NR_close_range, 3, ~0U, 0, 0, 0);
  long error = arguments[1][0] == 0 ? -ENOENT_ : find_and_become(arguments[1], arguments + 1, environment);
  if (error == -ENOENT_ || error == -ENOTDIR_) leave(NOT_FOUND, arguments[1], ": not found");
  if (error == -EACCES_ || error == -EPERM_) leave(CANNOT_RUN, arguments[1], ": may not be run");
  leave(CANNOT_RUN, arguments[1], ": cannot be run");
  __builtin_unreachable();
}
