#include "connect.h"

#include <linux/fcntl.h>
#include <linux/in.h>
#include <linux/ioctl.h>
#include <linux/uio.h>

#include "system.h"

/* As large as any address, `struct sockaddr_storage`. */
union address {
  unsigned short family;
  struct sockaddr_in inet;
  char bytes[128];
};

enum { FAMILY_BYTES = sizeof(unsigned short) };

void answer(int listener, unsigned long long id, long result) {
  struct seccomp_notif_resp response = {.id = id, .error = (int)result};
  call(__NR_ioctl, listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

int still_waits(int listener, unsigned long long id) {
  return call(__NR_ioctl, listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

/* `/proc/THREAD/NAME`, opened; or an error. */
static long open_of_thread(int thread, const char *name, int flags) {
  char path[64] = "/proc/";
  char digits[12];
  size_t count = 0;
  for (unsigned rest = (unsigned)thread; rest != 0; rest /= 10) digits[count++] = (char)('0' + rest % 10);
  size_t end = 6;
  while (count != 0) path[end++] = digits[--count];
  path[end++] = '/';
  for (; *name != 0; name++) path[end++] = *name;
  path[end] = 0;
  return call(__NR_openat, AT_FDCWD, path, flags | O_CLOEXEC);
}

/* The process that a thread belongs to: only of a process can a descriptor be had. */
static long process_of(int thread) {
  static const char label[] = "\nTgid:\t";
  char text[1024];
  long file = open_of_thread(thread, "status", O_RDONLY);
  if (file < 0) return file;
  long size = call(__NR_read, file, text, sizeof text - 1);
  call(__NR_close, file);
  /* A program names itself in the first line; the kernel escapes line ends in it. */
  for (long at = 0; at < size; at++) {
    long length = 0;
    while (label[length] != 0 && at + length < size && text[at + length] == label[length]) length++;
    if (label[length] != 0) continue;
    long process = 0;
    for (at += length; at < size && text[at] >= '0' && text[at] <= '9'; at++)
      process = process * 10 + (text[at] - '0');
    return process;
  }
  return -ESRCH_;
}

/*
 * The caller's own socket, as one more descriptor of it. A thread may have replaced it since by another of the
 * program's: whichever it is now, it is led to the address that was judged. Threads that do not share their
 * descriptors are answered for those of their process.
 */
static long socket_of(int thread, int descriptor) {
  long number = process_of(thread);
  if (number < 0) return number;
  long process = call(__NR_pidfd_open, number, 0);
  if (process < 0) return process;
  long socket = call(__NR_pidfd_getfd, process, descriptor, 0);
  call(__NR_close, process);
  return socket;
}

static long read_address(const struct seccomp_notif *asked, union address *address, int length) {
  if (length < FAMILY_BYTES || length > (int)sizeof *address) return -EINVAL_;
  struct iovec here = {address, (size_t)length};
  struct iovec there = {(void *)(unsigned long)asked->data.args[1], (size_t)length};
  long size = call(__NR_process_vm_readv, asked->pid, &here, 1, &there, 1, 0);
  if (size == -EPERM_) return size;
  return size == length ? 0 : -EFAULT_;
}

/* The one rule: this machine's loopback, and sockets in the file system, which lead nowhere but to this machine either. */
static long judge(const union address *address, int length) {
  switch (address->family) {
    /* Takes a connection back. */
    case AF_UNSPEC_:
    case AF_UNIX_:
      return 0;
    case AF_INET_:
      if (length < (int)sizeof address->inet) return -EINVAL_;
      /* 127.0.0.0/8. What a sandbox that has its loopback only says of all others. */
      return (unsigned char)address->bytes[offsetof(struct sockaddr_in, sin_addr)] == 127 ? 0 : -ENETUNREACH_;
    default:
      return -EAFNOSUPPORT_;
  }
}

/* A path that does not begin at the root begins where the caller is. */
static long go_where_caller_is(int thread) {
  long directory = open_of_thread(thread, "cwd", O_PATH | O_DIRECTORY);
  if (directory < 0) return directory;
  return call(__NR_fchdir, directory);
}

static int leads_to(int socket, const union address *address) {
  union address peer = {0};
  int length = sizeof peer;
  if (call(__NR_getpeername, socket, &peer, &length) != 0 || peer.family != AF_INET_) return 0;
  return peer.inet.sin_port == address->inet.sin_port &&
         peer.inet.sin_addr.s_addr == address->inet.sin_addr.s_addr;
}

void connect_and_answer(int listener, const struct seccomp_notif *asked) {
  union address address = {0};
  const int length = (int)asked->data.args[2];
  long result = read_address(asked, &address, length);
  if (result == 0) result = judge(&address, length);
  long socket = -1;
  if (result == 0) {
    socket = socket_of((int)asked->pid, (int)asked->data.args[0]);
    if (socket < 0) result = socket;
  }
  if (result == 0 && address.family == AF_UNIX_ && length > FAMILY_BYTES) {
    char first = address.bytes[FAMILY_BYTES];
    /* One with a zero first is no path but an abstract name. */
    if (first != '/' && first != 0) result = go_where_caller_is((int)asked->pid);
  }
  /* Until here somebody else may have had the number of a caller that has died. */
  if (!still_waits(listener, asked->id)) return;
  if (result == 0) result = call(__NR_connect, socket, &address, length);
  /* Interrupted by a signal, a caller asks once more for what has been done already. */
  if (result == -EISCONN_ && address.family == AF_INET_ && leads_to((int)socket, &address)) result = 0;
  answer(listener, asked->id, result);
}
