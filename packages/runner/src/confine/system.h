/* The kernel without a C library: how it is called, and the numbers that its own headers leave to the library's. */
#ifndef SYSTEM_H
#define SYSTEM_H

#include <asm/unistd.h>
#include <linux/audit.h>
#include <stddef.h>

/* What the helper exits with: when it cannot confine; and as a shell does, when a program cannot be run or found. */
enum { FAILED = 125, CANNOT_RUN = 126, NOT_FOUND = 127 };

enum {
  EPERM_ = 1,
  ENOENT_ = 2,
  ESRCH_ = 3,
  ENOEXEC_ = 8,
  EAGAIN_ = 11,
  EACCES_ = 13,
  EFAULT_ = 14,
  ENOTDIR_ = 20,
  EINVAL_ = 22,
  ENOSYS_ = 38,
  ENOPROTOOPT_ = 92,
  EPROTONOSUPPORT_ = 93,
  EOPNOTSUPP_ = 95,
  EAFNOSUPPORT_ = 97,
  ENETUNREACH_ = 101,
  EISCONN_ = 106,
};

enum { AF_UNSPEC_ = 0, AF_UNIX_ = 1, AF_INET_ = 2, AF_INET6_ = 10 };
enum { SOCK_STREAM_ = 1, SOCK_DGRAM_ = 2, SOCK_NONBLOCK_ = 04000, SOCK_CLOEXEC_ = 02000000 };
enum { SIGKILL_ = 9, SIGCHLD_ = 17 };

/* Up to six arguments; those left out are 0. Answers a negative error as the kernel does: there is no errno. */
#define call(...) CALL_PADDED(__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define CALL_PADDED(number, a, b, c, d, e, f, ...) \
  system_call(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

#if defined(__x86_64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_X86_64

static inline long system_call(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}

#elif defined(__aarch64__)
#define NATIVE_ARCHITECTURE AUDIT_ARCH_AARCH64

static inline long system_call(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
  return x0;
}

#else
#error "confine is written for x86_64 and aarch64"
#endif

/* Whatever was left open by those before: a socket among it would be a way out. */
static inline void close_inherited(void) {
  if (call(__NR_close_range, 3, ~0U, 0) == 0) return;
  /* A platform's own filter may be older than that call. */
  enum { USUAL_LIMIT = 1024 };
  for (int file = 3; file < USUAL_LIMIT; file++) call(__NR_close, file);
}

__attribute__((noreturn)) static inline void quit(int code) {
  call(__NR_exit_group, code);
  __builtin_unreachable();
}

#endif
