// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Accept a TCP connection on port 4242 and copy its bytes to a file. */
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6,
				   .sin6_port = htons(4242) };
	int fd = socket(AF_INET6, SOCK_STREAM, 0), on = 1, file;
	static char bytes[1 << 16];
	ssize_t n;

	file = argc > 1 ? open(argv[1], O_WRONLY | O_CREAT, 0600) : -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (file < 0 || bind(fd, (void *)&at, sizeof(at)) || listen(fd, 1) ||
	    puts("listens") < 0)
		return 1;
	fflush(stdout);
	fd = accept(fd, NULL, NULL);
	while ((n = read(fd, bytes, sizeof(bytes))) > 0)
		if (write(file, bytes, (size_t)n) != n)
			return 1;
	return n < 0;
}
