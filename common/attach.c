// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>

#include "common/attach.h"
#include "common/device.h"
#include "common/features.h"
#include "common/say.h"

/* Return false if the driver runs native XDP, but cannot redirect. */
static bool can_redirect(const struct device *dev)
{
	struct features features;

	features_read(dev, &features);
	return !features.known || !features.native || features.native_redirect;
}

static int say_no_redirect(enum attach_mode mode, const struct device *dev)
{
	if (mode == ATTACH_NATIVE)
		return say_error(
			-EOPNOTSUPP,
			"%s: the native XDP of driver %s cannot redirect packets to a socket\n"
			"  use --skb-mode, which works with every driver",
			dev->name, dev->driver);
	say("%s: the native XDP of driver %s cannot redirect packets to a socket: SKB mode",
	    dev->name, dev->driver);
	return 0;
}

static int say_ports(enum attach_mode mode, const struct device *dev,
		     const char *ports)
{
	const char *names = *ports ? ports + 1 : "none yet";

	if (mode == ATTACH_NATIVE)
		return say_error(
			-EOPNOTSUPP,
			"%s: native XDP would run on its ports (%s), and their packets cannot go to a socket of %s\n"
			"  bind a port instead, or use --skb-mode",
			dev->name, names, dev->name);
	say("%s: native XDP would run on its ports (%s), and their packets cannot go to a socket of %s: SKB mode",
	    dev->name, names, dev->name);
	return 0;
}

int attach_choose_mode(enum attach_mode *mode, const struct device *dev)
{
	char ports[256] = "";
	int err;

	if (*mode == ATTACH_SKB)
		return 0;
	if (!device_runs_native(dev, ports, sizeof(ports)))
		err = say_ports(*mode, dev, ports);
	else if (!can_redirect(dev))
		err = say_no_redirect(*mode, dev);
	else
		return 0;
	*mode = ATTACH_SKB;
	return err;
}
