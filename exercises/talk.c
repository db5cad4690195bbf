// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "subject.h"
#include "talk.h"

#define LIMIT_SECONDS 10 /* longest time for a call; microseconds are usual */

static struct {
	pid_t pid;
	int to, from;
	time_t end;
	const char *function;
} subject;

void subject_start(const char *program, const char *function)
{
	int to[2], from[2];

	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		exit(2);
	signal(SIGPIPE, SIG_IGN);
	subject.pid = fork();
	if (subject.pid < 0)
		exit(2);
	if (!subject.pid) {
		dup2(to[0], STDIN_FILENO);
		dup2(STDERR_FILENO, STDOUT_FILENO);
		if (from[1] == SUBJECT_ANSWERS)
			fcntl(from[1], F_SETFD, 0);
		else
			dup2(from[1], SUBJECT_ANSWERS);
		execl("build/jail", "jail", program, NULL);
		_exit(125);
	}
	close(to[0]);
	close(from[1]);
	subject.to = to[1];
	subject.from = from[0];
	subject.function = function;
}

static _Noreturn void stopped(void)
{
	int status;

	if (time(NULL) >= subject.end) {
		kill(subject.pid, SIGKILL);
		printf("%s hangs: it has not returned in %d s\n",
		       subject.function, LIMIT_SECONDS);
		exit(1);
	}
	if (waitpid(subject.pid, &status, 0) != subject.pid ||
	    !WIFEXITED(status) || WEXITSTATUS(status) == 125)
		exit(2);
	if (WEXITSTATUS(status) > 128)
		printf("%s crashes: %s\n", subject.function,
		       strsignal(WEXITSTATUS(status) - 128));
	else
		printf("your code ends the process, with status %d: %s must return instead\n",
		       WEXITSTATUS(status), subject.function);
	exit(1);
}

void subject_give(const void *bytes, size_t size)
{
	subject.end = time(NULL) + LIMIT_SECONDS;
	if (write(subject.to, bytes, size) != (ssize_t)size)
		stopped();
}

void subject_take(void *bytes, size_t size)
{
	char *at = bytes;

	while (size) {
		struct pollfd in = { subject.from, POLLIN, 0 };
		ssize_t n = -1;

		if (poll(&in, 1, LIMIT_SECONDS * 1000) > 0 &&
		    time(NULL) < subject.end)
			n = read(subject.from, at, size);
		if (n <= 0)
			stopped();
		at += n;
		size -= (size_t)n;
	}
}
