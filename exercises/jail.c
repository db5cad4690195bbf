// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Run the learner's code where it can do no harm and cannot see the grader.
 *
 *	jail [--net] [--bind FILE]... [--preload FILE] COMMAND [ARGUMENTS]
 *
 * The command runs as user nobody, in mount, PID and IPC namespaces of its own.
 * Without --net, its network namespace is new and empty. The command sees the
 * system's programs and libraries, /dev/null, its own file and the FILEs, all
 * read-only, and a /proc with only its own processes. With --net it also sees
 * /sys, stays in the caller's network namespace, and keeps the four
 * capabilities that AF_XDP needs. Start jail as root for --net, because the
 * capabilities of a user namespace are not enough to load an XDP program.
 *
 * Without root, jail creates a user namespace first, and the command keeps the
 * caller's user. If jail cannot create its namespaces, it runs the command
 * unprotected. Exit status: that of the command; 128 plus the signal that ended
 * the command; STATUS_LEFT if the protected command left processes behind,
 * which jail kills; or 125 if jail fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY	    65534
#define BINDS	    8
#define STATUS_LEFT 76
#define ROOT	    "/tmp"

static const int kept[] = { CAP_NET_ADMIN, CAP_NET_RAW, CAP_BPF, CAP_IPC_LOCK };

static void need(bool ok, const char *name)
{
	if (ok)
		return;
	fprintf(stderr, "jail: %s: %s\n", name, strerror(errno));
	_exit(125);
}

/* --- the command's files -------------------------------------------------- */

/* Make the parent directories of a path. */
static void make_above(const char *path)
{
	char *copy = strdup(path);

	need(copy, path);
	for (char *slash = strchr(copy + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(copy, 0755);
		*slash = '/';
	}
	free(copy);
}

/* Mount a file or directory at the same path in the new root, read-only. */
static void show(const char *path)
{
	char at[4096];
	struct stat st;

	if (lstat(path, &st))
		return;
	snprintf(at, sizeof(at), ROOT "%s", path);
	make_above(at);
	if (S_ISLNK(st.st_mode)) {
		char to[4096] = "";

		need(readlink(path, to, sizeof(to) - 1) > 0, path);
		need(!symlink(to, at), at);
		return;
	}
	if (S_ISDIR(st.st_mode))
		mkdir(at, 0755);
	else
		close(open(at, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	need(!mount(path, at, NULL, MS_BIND | MS_REC, NULL), path);
	/* Ignore a failure: in a user namespace some mount flags are locked. */
	mount(NULL, at, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID,
	      NULL);
}

static void change_root(char **binds, bool net)
{
	static const char *const system[] = { "/usr",	  "/bin",
					      "/lib",	  "/lib32",
					      "/lib64",	  "/etc/ld.so.cache",
					      "/dev/null" };
	char cwd[4096];

	need(getcwd(cwd, sizeof(cwd)), "getcwd");
	need(!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "mount");
	/*
	 * A tmpfs that is mounted on ROOT hides the files below ROOT, so first
	 * bind the command and the FILEs to another place.
	 */
	need(!mount("jail", "/mnt", "tmpfs", 0, "mode=755"), "/mnt");
	need(!mkdir("/mnt/binds", 0755), "/mnt/binds");
	for (int i = 0; binds[i]; i++) {
		char at[32];

		snprintf(at, sizeof(at), "/mnt/binds/%d", i);
		close(open(at, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
		need(!mount(binds[i], at, NULL, MS_BIND, NULL), binds[i]);
	}
	need(!mount("jail", ROOT, "tmpfs", 0, "mode=755"), ROOT);
	for (size_t i = 0; i < sizeof(system) / sizeof(*system); i++)
		show(system[i]);
	if (net)
		show("/sys");
	for (int i = 0; binds[i]; i++) {
		char from[32], at[4096];

		snprintf(from, sizeof(from), "/mnt/binds/%d", i);
		snprintf(at, sizeof(at), ROOT "%s", binds[i]);
		make_above(at);
		close(open(at, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
		need(!mount(from, at, NULL, MS_BIND, NULL), at);
		mount(NULL, at, NULL,
		      MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID, NULL);
	}
	mkdir(ROOT "/proc", 0755);
	need(!mount("proc", ROOT "/proc", "proc", 0, NULL), "/proc");
	mkdir(ROOT "/old", 0755);
	need(!chdir(ROOT) && !syscall(SYS_pivot_root, ".", "old") &&
		     !umount2("/old", MNT_DETACH) && !rmdir("/old"),
	     "pivot_root");
	need(!mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY, NULL), "/");
	if (chdir(cwd))
		need(!chdir("/"), "/");
}

/* --- the command's rights ------------------------------------------------- */

static void keep_capabilities(bool net, bool is_root)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct data[2] = { 0 };

	for (int cap = 0; cap <= CAP_LAST_CAP; cap++) {
		bool keep = false;

		for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
			keep |= net && kept[i] == cap;
		if (!keep)
			prctl(PR_CAPBSET_DROP, cap);
	}
	need(!prctl(PR_SET_KEEPCAPS, 1), "PR_SET_KEEPCAPS");
	need(!is_root || (!setgroups(0, NULL) &&
			  !setresgid(NOBODY, NOBODY, NOBODY) &&
			  !setresuid(NOBODY, NOBODY, NOBODY)),
	     "nobody");
	for (size_t i = 0; net && i < sizeof(kept) / sizeof(*kept); i++) {
		data[kept[i] / 32].permitted |= 1U << kept[i] % 32;
		data[kept[i] / 32].effective |= 1U << kept[i] % 32;
		data[kept[i] / 32].inheritable |= 1U << kept[i] % 32;
	}
	need(!syscall(SYS_capset, &header, data), "capset");
	for (size_t i = 0; net && i < sizeof(kept) / sizeof(*kept); i++)
		need(!prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, kept[i], 0,
			    0),
		     "PR_CAP_AMBIENT");
}

static void write_file(const char *path, const char *format, unsigned int id)
{
	FILE *file = fopen(path, "we");

	if (!file)
		return;
	fprintf(file, format, id);
	fclose(file);
}

/*
 * Become root of a new user namespace that maps only the caller's user and
 * group.
 */
static bool user_namespace(void)
{
	unsigned int uid = getuid(), gid = getgid();

	if (unshare(CLONE_NEWUSER))
		return false;
	write_file("/proc/self/setgroups", "deny", 0);
	write_file("/proc/self/uid_map", "0 %u 1", uid);
	write_file("/proc/self/gid_map", "0 %u 1", gid);
	return true;
}

/* --- processes ------------------------------------------------------------ */

static int status_of(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) != pid)
		if (errno != EINTR)
			return 125;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

static void run(char **command, const char *preload)
{
	/*
	 * Disable address randomization, because the thread sanitizer expects
	 * addresses in certain ranges.
	 */
	personality(ADDR_NO_RANDOMIZE);
	if (preload)
		setenv("LD_PRELOAD", preload, 1);
	execv(command[0], command);
	need(false, command[0]);
}

/*
 * Run the command as a child of the PID namespace's first process. When the
 * first process ends, the kernel kills all other processes of the namespace.
 */
static void init(char **command, char **binds, bool net, bool is_root,
		 const char *preload)
{
	pid_t pid;
	int status;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	change_root(binds, net);
	pid = fork();
	need(pid >= 0, "fork");
	if (!pid) {
		keep_capabilities(net && is_root, is_root);
		need(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
		     "PR_SET_NO_NEW_PRIVS");
		run(command, preload);
	}
	status = status_of(pid);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	/*
	 * waitpid() returns 0 if the command left child processes behind, and
	 * fails with ECHILD if no child is left.
	 */
	if (waitpid(-1, NULL, WNOHANG) == 0 || !kill(-1, 0)) {
		fprintf(stderr, "jail: the command left processes behind\n");
		status = STATUS_LEFT;
	}
	_exit(status);
}

/*
 * Run the command unprotected. Like init(), make it a child of jail's child,
 * because the grader expects the command there.
 */
static void init_unprotected(char **command, const char *preload)
{
	pid_t pid;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	pid = fork();
	need(pid >= 0, "fork");
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		run(command, preload);
	}
	_exit(status_of(pid));
}

int main(int argc, char **argv)
{
	char *binds[BINDS + 2] = { 0 };
	const char *preload = NULL;
	bool net = false, is_root = !geteuid(), is_protected;
	int flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC;
	int n = 0, i = 1;
	pid_t pid;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "--net"))
			net = true;
		else if (!strcmp(argv[i], "--bind") && i + 1 < argc &&
			 n < BINDS)
			binds[n++] = realpath(argv[++i], NULL);
		else if (!strcmp(argv[i], "--preload") && i + 1 < argc &&
			 n < BINDS)
			preload = binds[n++] = realpath(argv[++i], NULL);
		else
			return 125;
	}
	if (i >= argc)
		return 125;
	argv[i] = realpath(argv[i], NULL);
	need(argv[i], "command");
	binds[n] = argv[i];
	is_protected = (is_root || user_namespace()) &&
		       !unshare(flags | (net ? 0 : CLONE_NEWNET));
	pid = fork();
	if (!pid && is_protected)
		init(argv + i, binds, net, is_root, preload);
	if (!pid)
		init_unprotected(argv + i, preload);
	need(pid > 0, "fork");
	return status_of(pid);
}
