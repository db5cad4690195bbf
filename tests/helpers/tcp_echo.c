// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Accept a TCP connection on port 4242, read a line, and send the line back. */
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6,
				   .sin6_port = htons(4242) };
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	char line[100];
	int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (void *)&at, sizeof(at)) || listen(fd, 1) ||
	    puts("listens") < 0)
		return 1;
	fflush(stdout);
	fd = accept(fd, NULL, NULL);
	return write(fd, line, read(fd, line, sizeof(line))) < 1;
}
