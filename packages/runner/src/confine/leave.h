/* How the helper ends that starts nothing. */
#ifndef LEAVE_H
#define LEAVE_H

/*
 * From now on what is wrong is written there, in the words of the wrapper's own reports, and the process exits with 0:
 * Step Functions would run a task again whose container exits otherwise.
 */
void leave_word_in(const char *report);

/*
 * Says what is wrong, on stderr or in the report, and ends the process.
 * @param code FAILED, CANNOT_RUN or NOT_FOUND
 */
__attribute__((noreturn)) void leave(int code, const char *what, const char *problem);

/* Ends it without a word: another process has said what is wrong. */
__attribute__((noreturn)) void leave_silently(void);

#endif
