// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/output.h"

static bool unblocked;

/*
 * True for a descriptor of a socket. Write to sockets by send(), which takes
 * MSG_DONTWAIT.
 */
static bool is_socket[STDERR_FILENO + 1];

void output_hold(void)
{
	int fd;

	close_range(STDERR_FILENO + 1, ~0U, 0);
	do
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	close(fd);
}

/*
 * Open a terminal or pipe again, with O_NONBLOCK. Do not set O_NONBLOCK on the
 * inherited descriptor, because other processes share its flags and may rely on
 * blocking. Do not open a regular file again, because writing would begin at
 * the start of the file.
 */
static void unblock(int fd)
{
	char path[sizeof("/proc/self/fd/0")];
	struct stat file;
	int own, flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fstat(fd, &file) || (flags & O_ACCMODE) == O_RDONLY)
		return;
	is_socket[fd] = S_ISSOCK(file.st_mode);
	if (!S_ISFIFO(file.st_mode) && !isatty(fd))
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (own < 0)
		return;
	dup2(own, fd);
	close(own);
}

void output_unblock(void)
{
	unblock(STDOUT_FILENO);
	unblock(STDERR_FILENO);
	/*
	 * After "stty tostop" a terminal stops background processes that write.
	 */
	signal(SIGTTOU, SIG_IGN);
	unblocked = true;
}

bool output_waits(void)
{
	return !unblocked;
}

/*
 * If poll() finds room in a pipe, the pipe has room for PIPE_BUF bytes, so
 * write at most this number of bytes. Then even a pipe that unblock() could not
 * open does not block, unless another process fills the pipe first. unblock()
 * cannot open sockets, so use send() for a socket.
 */
static ssize_t write_part(int fd, const char *text, size_t len)
{
	struct pollfd out = { .fd = fd, .events = POLLOUT };

	if (!unblocked)
		return write(fd, text, len);
	if (is_socket[fd])
		return send(fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (!poll(&out, 1, 0)) {
		errno = EAGAIN;
		return -1;
	}
	return write(fd, text, len < PIPE_BUF ? len : PIPE_BUF);
}

ssize_t output_write(int fd, const char *text, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = write_part(fd, text + done, len - done);

		if (n < 0 && errno != EAGAIN)
			return -errno;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}
