// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Open a pseudo terminal, print its name, and never read from it. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY);

	if (grantpt(fd) || unlockpt(fd))
		return 1;
	puts(ptsname(fd));
	fflush(stdout);
	pause();
}
