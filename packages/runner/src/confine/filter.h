/* The two filters of system calls, for programs without the network and for those that may reach the gateway. */
#ifndef FILTER_H
#define FILTER_H

/* Ends the process when the kernel takes no filter, or takes one that does not hold. */
void refuse_network(void);

/* The filter of a program with a model. Returns the descriptor on which its connects are asked for. */
int refuse_all_but_connects(void);

/* Ends the process when what such a program must not do can be done. Once its connects are answered. */
void try_out_connects(void);

#endif
