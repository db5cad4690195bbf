# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Compute medians for the other scripts. Call add() for each value of a key, and
# then median() for the key.

function add(key, value) {
	V[key, ++N[key]] = value + 0
}

# Sort the values of a key.
function sort(key,    i, j, v) {
	for (i = 2; i <= N[key]; i++) {
		v = V[key, i]
		for (j = i - 1; j && V[key, j] > v; j--)
			V[key, j + 1] = V[key, j]
		V[key, j + 1] = v
	}
}

function median(key,    n) {
	n = N[key]
	if (!n)
		return ""
	sort(key)
	return n % 2 ? V[key, (n + 1) / 2] : (V[key, n / 2] + V[key, n / 2 + 1]) / 2
}

function least(key) {
	sort(key)
	return N[key] ? V[key, 1] : ""
}

function most(key) {
	sort(key)
	return N[key] ? V[key, N[key]] : ""
}
