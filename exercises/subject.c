// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Call the learner's icmp6_echo_find() and icmp6_echo_reply() for each packet
 * that comes from the judge: see subject.h. If UDP is defined, call
 * udp_echo_reply() instead. A packet's memory ends where the packet ends, so
 * the address sanitizer finds any access past the packet's end.
 */
#include <sanitizer/asan_interface.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef UDP
#include "headers/udp_echo.h"
#else
#include "headers/icmp6_echo.h"
#endif
#include "subject.h"

#define LEAST_REPLY (ETH_HLEN + ICMP6_ECHO_IPV6_LEN + ICMP6_ECHO_ICMPV6_LEN)

static char *packet; /* the packet that the learner's code gets now */

static void put(const void *bytes, size_t size)
{
	for (ssize_t n; size;
	     bytes = (const char *)bytes + n, size -= (size_t)n)
		if ((n = write(SUBJECT_ANSWERS, bytes, size)) <= 0)
			_exit(1);
}

static bool get(void *bytes, size_t size)
{
	for (ssize_t n; size; bytes = (char *)bytes + n, size -= (size_t)n)
		if ((n = read(STDIN_FILENO, bytes, size)) <= 0)
			return false;
	return true;
}

/* The address sanitizer calls this function before it ends the process. */
void __asan_on_error(void)
{
	const struct subject_answer a = {
		.kind = SUBJECT_FAULT,
		.is_write = __asan_get_report_access_type(),
		.size = (int)__asan_get_report_access_size(),
		.offset = (char *)__asan_get_report_address() - packet,
	};

	put(&a, sizeof(a));
}

#ifdef UDP
static struct subject_answer call(int len, const void *original)
{
	static const __u8 mac[ETH_ALEN] = SUBJECT_MAC;

	(void)original;
	return (struct subject_answer){
		.kind = SUBJECT_RETURNED,
		.returned = udp_echo_reply(packet, packet + len, mac),
	};
}
#else
/*
 * Call icmp6_echo_find() first. If it returns a length but does not set
 * *request, do not call icmp6_echo_reply(), which would use the unset pointer.
 */
static struct subject_answer call(int len, const void *original)
{
	struct icmp6_echo *request = NULL;
	int found = icmp6_echo_find(packet, packet + len, icmp6_echo_any_mac,
				    &request);

	if (found <= 0 && memcmp(packet, original, (size_t)len))
		return (struct subject_answer){ SUBJECT_TOUCHED, found, 0, 0,
						0 };
	if (found > 0 && (!request || found < LEAST_REPLY))
		return (struct subject_answer){ SUBJECT_NO_REQUEST, found, 0, 0,
						0 };
	memcpy(packet, original, (size_t)len);
	return (struct subject_answer){
		.kind = SUBJECT_RETURNED,
		.returned = icmp6_echo_reply(packet, packet + len,
					     icmp6_echo_any_mac),
	};
}
#endif

int main(void)
{
	int len;

	while (get(&len, sizeof(len))) {
		char *original = malloc((size_t)len);
		struct subject_answer a;

		packet = malloc((size_t)len);
		if (!packet || !original || !get(packet, (size_t)len))
			return 1;
		memcpy(original, packet, (size_t)len);
		a = call(len, original);
		put(&a, sizeof(a));
		put(packet, (size_t)len);
		free(packet);
		free(original);
	}
	return 0;
}
