/* The supervisor of a program that may reach the gateway: makes its connects. */
#ifndef SUPERVISE_H
#define SUPERVISE_H

/*
 * Splits in two: the caller goes on as the program, under its filter; its parent stays behind as the supervisor, and
 * exits as the program does. Ends both when the kernel, or the container's own filter, does not let it be done.
 */
void supervise(void);

#endif
