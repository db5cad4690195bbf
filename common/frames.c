// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>

#include "common/frames.h"

int frames_init(struct frames *frames, __u32 total, __u32 size)
{
	*frames = (struct frames){ .total = total, .size = size };
	frames->addrs = calloc(total, sizeof(*frames->addrs));
	if (!frames->addrs)
		return -ENOMEM;

	/* Push the last frame first, so that frame 0 is on top. */
	for (__u32 i = total; i-- > 0;)
		frames_put(frames, (__u64)i * size);
	return 0;
}

void frames_fini(struct frames *frames)
{
	free(frames->addrs);
	*frames = (struct frames){ 0 };
}
