#include "filter.h"

#include <linux/filter.h>
#include <linux/in.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>

#include "leave.h"
#include "system.h"

/* Of the C library's headers. */
enum { MSG_FASTOPEN_ = 0x20000000 };
enum { SOL_IP_ = 0, SOL_SOCKET_ = 1, SOL_TCP_ = 6 };
enum { IP_OPTIONS_ = 4, SO_BINDTODEVICE_ = 25, SO_BINDTOIFINDEX_ = 62, TCP_FASTOPEN_CONNECT_ = 30 };

#define FIELD(name) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, name))
/* The lower half, which on both architectures is the first word, and all that the kernel looks at of an int. */
#define ARGUMENT(index) FIELD(args[index])
#define REFUSE(error) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define ASK BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF)
#define KILL BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
/* When the loaded word is the value, these instructions; else those after them. */
#define WHEN(value, ...)                                                                                     \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, sizeof((struct sock_filter[]){__VA_ARGS__}) /              \
                                                      sizeof(struct sock_filter)),                           \
      __VA_ARGS__
#define UNLESS(value, instruction) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 1, 0), instruction
#define WHEN_BITS(bits, instruction) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), 0, 1), instruction
#define WITHOUT_BITS(bits) BPF_STMT(BPF_ALU | BPF_AND | BPF_K, ~(unsigned)(bits))

#if defined(__x86_64__)
/* x32: the same architecture, with a bit set in the number. */
#define REFUSE_OTHER_NUMBERS BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1), REFUSE(ENOSYS_),
#else
#define REFUSE_OTHER_NUMBERS
#endif

/* Leaves the number of the call loaded. */
#define BOTH_REFUSE                                                                                          \
  /* The numbers below are this architecture's. A call made another way (i386, 32-bit ARM) has others. */    \
  FIELD(arch), UNLESS(NATIVE_ARCHITECTURE, KILL), FIELD(nr), REFUSE_OTHER_NUMBERS                            \
  /* io_uring makes and connects sockets without the calls below. Programs know kernels that have none. */   \
  WHEN(__NR_io_uring_setup, REFUSE(ENOSYS_)), WHEN(__NR_io_uring_enter, REFUSE(ENOSYS_)),                    \
      WHEN(__NR_io_uring_register, REFUSE(ENOSYS_)),                                                         \
      /* A key of type dns_resolver is looked up by the system on the caller's behalf. */                    \
      WHEN(__NR_add_key, REFUSE(ENOSYS_)), WHEN(__NR_request_key, REFUSE(ENOSYS_)),                          \
      WHEN(__NR_keyctl, REFUSE(ENOSYS_)),                                                                    \
      /* Not netlink either: it tells of the interface that the platform's own containers use. */            \
      WHEN(__NR_socketpair, ARGUMENT(0), UNLESS(AF_UNIX_, REFUSE(EACCES_)), ALLOW)

static struct sock_filter without_network[] = {
    BOTH_REFUSE,
    WHEN(__NR_socket, ARGUMENT(0), UNLESS(AF_UNIX_, REFUSE(EACCES_)), ALLOW),
    ALLOW,
};

/* TCP's fast open, which names where to beside what to send. Clients go on without it. */
#define REFUSE_FAST_OPEN(number, flags)                                                                      \
  WHEN(number, ARGUMENT(flags), WHEN_BITS(MSG_FASTOPEN_, REFUSE(EOPNOTSUPP_)), ALLOW)

/* A TCP socket may be made. Where it leads is asked for at `connect`, so nothing else may lead it anywhere. */
static struct sock_filter all_but_connects[] = {
    BOTH_REFUSE,
    WHEN(__NR_connect, ASK),
    REFUSE_FAST_OPEN(__NR_sendto, 3),
    REFUSE_FAST_OPEN(__NR_sendmsg, 2),
    REFUSE_FAST_OPEN(__NR_sendmmsg, 3),
    WHEN(__NR_setsockopt, ARGUMENT(1),
         /* Source routing: packets for loopback would be sent to whatever address it names first. */
         WHEN(SOL_IP_, ARGUMENT(2), WHEN(IP_OPTIONS_, REFUSE(ENOPROTOOPT_)), ALLOW),
         /* Fast open again: a connect that waits for the first bytes. */
         WHEN(SOL_TCP_, ARGUMENT(2), WHEN(TCP_FASTOPEN_CONNECT_, REFUSE(ENOPROTOOPT_)), ALLOW),
         /* Packets for loopback would leave by another interface. */
         WHEN(SOL_SOCKET_, ARGUMENT(2), WHEN(SO_BINDTODEVICE_, REFUSE(EPERM_)),
              WHEN(SO_BINDTOIFINDEX_, REFUSE(EPERM_)), ALLOW),
         ALLOW),
    /* What programs can do without is answered as by a kernel that lacks it. */
    WHEN(__NR_socket, ARGUMENT(0), WHEN(AF_UNIX_, ALLOW), WHEN(AF_INET6_, REFUSE(EAFNOSUPPORT_)),
         UNLESS(AF_INET_, REFUSE(EACCES_)),
         ARGUMENT(1), WITHOUT_BITS(SOCK_NONBLOCK_ | SOCK_CLOEXEC_), UNLESS(SOCK_STREAM_, REFUSE(EACCES_)),
         /* When no protocol is named, it is TCP. MPTCP and SMC are others. */
         ARGUMENT(2), WHEN(0, ALLOW), WHEN(IPPROTO_TCP, ALLOW), REFUSE(EPROTONOSUPPORT_)),
    ALLOW,
};

static long put_on(struct sock_filter *instructions, size_t size, unsigned long flags) {
  struct sock_fprog program = {(unsigned short)(size / sizeof *instructions), instructions};
  if (call(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    leave(FAILED, "", "the kernel does not let privileges be given up");
  return call(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

static void require(int holds) {
  if (!holds) leave(FAILED, "", "the filter does not hold");
}

void refuse_network(void) {
  if (put_on(without_network, sizeof without_network, 0) != 0)
    leave(FAILED, "", "the kernel does not take the filter");
  require(call(__NR_socket, AF_INET_, SOCK_STREAM_, 0) == -EACCES_);
}

int refuse_all_but_connects(void) {
  const unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
  /* Since Linux 5.19 a signal to the caller waits until it is answered. Before, it may ask twice for one connect. */
  long listener =
      put_on(all_but_connects, sizeof all_but_connects, flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
  if (listener == -EINVAL_) listener = put_on(all_but_connects, sizeof all_but_connects, flags);
  if (listener < 0) leave(FAILED, "", "the kernel does not take the filter");
  require(call(__NR_socket, AF_INET_, SOCK_DGRAM_, 0) == -EACCES_);
  return (int)listener;
}

void try_out_connects(void) {
  /* 192.0.2.1, an address of documentation, and port 9, "discard", of loopback: in the network's order of bytes. */
  struct sockaddr_in elsewhere = {.sin_family = AF_INET_, .sin_port = 0x900, .sin_addr = {0x010200c0}};
  struct sockaddr_in loopback = {.sin_family = AF_INET_, .sin_port = 0x900, .sin_addr = {0x0100007f}};
  long socket = call(__NR_socket, AF_INET_, SOCK_STREAM_ | SOCK_NONBLOCK_, 0);
  if (socket < 0) leave(FAILED, "", "no socket can be made");
  require(call(__NR_connect, socket, &elsewhere, sizeof elsewhere) == -ENETUNREACH_);
  long error = call(__NR_connect, socket, &loopback, sizeof loopback);
  if (error == -EPERM_ || error == -EACCES_ || error == -ENOSYS_)
    leave(FAILED, "", "connects cannot be made for the program");
  call(__NR_close, socket);
}
