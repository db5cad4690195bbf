/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The mode in which an XDP program is attached: by the driver, or in SKB mode.
 */
#ifndef ATTACH_H
#define ATTACH_H

#include "common/xdp_prog.h"

struct device;

/*
 * attach_choose_mode - choose SKB mode if native XDP could not reach a socket
 * @mode: the mode of the options; changed if it is ATTACH_AUTO
 *
 * Some drivers run native XDP but do not redirect. A bond runs it on its ports,
 * and their packets cannot go to a socket of the bond.
 *
 * Return 0, after printing a change. Return -EOPNOTSUPP, after printing the
 * reason, if @mode is ATTACH_NATIVE.
 */
int attach_choose_mode(enum attach_mode *mode, const struct device *dev);

#endif /* ATTACH_H */
