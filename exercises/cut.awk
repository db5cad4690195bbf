# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Cut the solutions out of the sources:
#
#	awk -f cut.awk -v out=DIRECTORY stubs ../SOURCE... solutions/SOURCE...
#
# A region begins at a marker "EXERCISE N: NAME" and ends at the next marker
# "END". Each marker is a comment of its own. A region in the file "stubs" is a
# stub: it replaces the region of the same name in a source. A source's region
# without a stub, a stub without such a region and a region without an end are
# errors. So a renamed marker cannot leave a solution in a skeleton.

function fail(why) {
	print FILENAME ":" FNR ": " why > "/dev/stderr"
	failed = 1
	exit 1
}

FNR == 1 {
	if (name != "")
		fail("the previous file ends inside of '" name "'")
	files++
	file = FILENAME
	sub(/^(\.\.|solutions)\//, "", file)
}

/^[ \t]*\/\* EXERCISE [0-9]+: [a-z0-9_]+ \*\/$/ {
	if (name != "")
		fail("a region inside of '" name "'")
	name = $3 " " $4
	if (files == 1) {
		if (name in stub)
			fail("a second stub '" name "'")
		stub[name] = ""
	} else if (!(name in stub) || used[name]++) {
		fail("no stub '" name "', or it was used before")
	} else {
		printf "%s", stub[name] > (out "/" file)
	}
	next
}

/^[ \t]*\/\* END \*\/$/ {
	if (name == "")
		fail("END without EXERCISE")
	name = ""
	next
}

/\/\* *EXERCISE *[0-9]/ && files > 1 { fail("EXERCISE in a comment that is not a marker") }

name != "" {
	if (files == 1)
		stub[name] = stub[name] $0 "\n"
	next
}

files > 1 { print > (out "/" file) }

END {
	if (failed)
		exit 1
	if (name != "")
		fail("the file ends inside of '" name "'")
	for (name in stub)
		if (!used[name])
			fail("no region for the stub '" name "'")
}
