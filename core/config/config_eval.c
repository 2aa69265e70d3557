/*
 * Run a command that prints a secret: its own session without a terminal, a deadline, all of its children ended.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base_file.h"
#include "base_show.h"
#include "config_secret.h"

enum { CLOSE_UP_TO = 256, WAIT_STEP_MS = 10 };

static int64_t now_ms(void)
{
	struct timespec ts;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* In the child: only async-signal-safe calls. */
NORETURN static void run_child(const char *command, int out)
{
	(void)setsid();
	(void)signal(SIGPIPE, SIG_DFL);
	int null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		_exit(127);
	for (int fd = STDERR_FILENO + 1; fd < CLOSE_UP_TO; fd++)
		(void)close(fd);
	(void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/* What the pipe yields until its end. false: the deadline came, or too much. */
static bool drain(int fd, int64_t deadline, struct crypto_secret *out)
{
	char block[512];
	for (;;) {
		int64_t left = deadline - now_ms();
		struct pollfd waiting = { .fd = fd, .events = POLLIN };
		if (left <= 0)
			return false;
		int ready = poll(&waiting, 1, (int)left);
		if (ready < 0 && errno != EINTR)
			return false;
		if (ready <= 0)
			continue;
		ssize_t n = read(fd, block, sizeof block);
		if (n == 0)
			break;
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0 && out->n + (size_t)n > CONFIG_SECRET_OCTETS)
			return false;
		if (n > 0)
			crypto_secret_add(out, view_of(block, (size_t)n));
	}
	crypto_wipe(block, sizeof block);
	return true;
}

/* Its exit status; false: it closed its output, but did not end in time. */
static bool reap(pid_t pid, int64_t deadline, int *status)
{
	for (;;) {
		pid_t got = waitpid(pid, status, WNOHANG);
		if (got == pid)
			return true;
		if ((got < 0 && errno != EINTR) || now_ms() >= deadline)
			return false;
		(void)poll(NULL, 0, WAIT_STEP_MS);
	}
}

static enum err judge(int status, const char *command, struct diag *diag)
{
	struct view v = view_str(command);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return ERR_OK;
	if (WIFEXITED(status))
		return diag_set(diag, ERR_CONFIG, "password command \"%s\": exit code %d (run it by hand to see why)",
				SHOW(v), WEXITSTATUS(status));
	return diag_set(diag, ERR_CONFIG, "password command \"%s\": ended by signal %d", SHOW(v), WTERMSIG(status));
}

static void strip_newline(struct crypto_secret *secret)
{
	if (secret->n > 0 && secret->p[secret->n - 1] == '\n')
		crypto_secret_cut(secret, secret->n - 1);
}

enum err config_eval(const char *command, unsigned timeout_ms, struct crypto_secret *out, struct diag *diag)
{
	unsigned limit_ms = timeout_ms != 0 ? timeout_ms : CONFIG_EVAL_MS;
	int64_t deadline = now_ms() + limit_ms;
	int ends[2], status = 0;
	if (pipe(ends) != 0)
		return diag_errno(diag, "pipe for the password command", errno);
	pid_t pid = fork();
	if (pid == 0)
		run_child(command, ends[1]);
	(void)close(ends[1]);
	(void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	FD_AUTO int from = ends[0];
	if (pid < 0)
		return diag_errno(diag, "fork for the password command", errno);

	CRYPTO_SECRET_AUTO struct crypto_secret secret = { 0 };
	bool complete = drain(from, deadline, &secret);
	bool ended = complete && reap(pid, deadline, &status);
	if (!ended) {
		bool late = now_ms() >= deadline;
		(void)kill(-pid, SIGKILL);
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, &status, 0);
		if (!late)
			return diag_set(diag, ERR_CONFIG,
					"password command \"%s\": its output is longer than CONFIG_SECRET_OCTETS",
					SHOW(view_str(command)));
		return diag_set(diag, ERR_TEMP,
				"password command \"%s\": no answer within %u s, ended (does it ask for something?)",
				SHOW(view_str(command)), (limit_ms + 999) / 1000);
	}
	enum err err = judge(status, command, diag);
	if (err != ERR_OK)
		return err;
	strip_newline(&secret);
	if (secret.n == 0)
		return diag_set(diag, ERR_CONFIG, "password command \"%s\": it printed nothing",
				SHOW(view_str(command)));
	crypto_secret_move(out, &secret);
	return ERR_OK;
}
