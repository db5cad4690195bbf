/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Find a default route of IPv4 or IPv6 through a device. Search all routing
 * tables, and all next hops of each route.
 */
#ifndef ROUTES_H
#define ROUTES_H

struct links;

/*
 * routes_default - find a default route that goes through a device
 * @links: from links_read()
 * @index: index of this device; see links_carries()
 *
 * Return the index of the device that the route names, 0 if there is no such
 * route, or a negative errno.
 */
int routes_default(const struct links *links, int index);

#endif /* ROUTES_H */
