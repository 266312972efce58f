/* One connect that a program asks for, made for it. */
#ifndef CONNECT_H
#define CONNECT_H

#include <linux/seccomp.h>

/*
 * Connects the caller's socket, or does not, and answers what came of it. Returns without an answer when the caller has
 * stopped waiting. May take as long as the connect does; the working directory is another afterwards.
 */
void connect_and_answer(int listener, const struct seccomp_notif *asked);

/* Answers with an error (negative), or 0. */
void answer(int listener, unsigned long long id, long result);

/* Whether the caller still waits for the answer. */
int still_waits(int listener, unsigned long long id);

#endif
