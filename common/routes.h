/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Find default routes of IPv4 and IPv6, in all routing tables and with all next
 * hops.
 */
#ifndef ROUTES_H
#define ROUTES_H

struct links;

/*
 * routes_default - find a default route whose packets come through a device
 * @links: from links_read()
 * @index: index of this device; see links_carries()
 *
 * Return the index of the device that the route names, 0 if there is no such
 * route, or a negative errno.
 */
int routes_default(const struct links *links, int index);

#endif /* ROUTES_H */
