/* Where passwords come from: commands, files, netrc. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base_file.h"
#include "config_secret.h"
#include "tap.h"

static void test_eval(void)
{
	static const struct {
		const char *what, *command, *want, *text;
		enum err err;
		unsigned ms;
	} rows[] = {
		{ "exactly one newline is stripped", "printf 'a b\\n\\n'", "a b\n" },
		{ "no newline", "printf secret", "secret" },
		{ "a pipeline", "echo x | tr x y", "y" },
		{ "stdin is empty", "cat; echo z", "z" },
		{ "no descriptor of ours is open", "ls /proc/self/fd | grep -v '^[0123]$'; echo none", "none" },
		{ "exit code", "echo x; exit 3", NULL,
		  "password command \"echo x; exit 3\": exit code 3 (run it by hand to see why)", ERR_CONFIG },
		{ "prints nothing", "true", NULL, "password command \"true\": it printed nothing", ERR_CONFIG },
		{ "killed", "kill -9 $$", NULL, "password command \"kill -9 $$\": ended by signal 9", ERR_CONFIG },
		{ "too long an output", "yes", NULL,
		  "password command \"yes\": its output is longer than CONFIG_SECRET_OCTETS", ERR_CONFIG },
		{ "time-out", "sleep 20", NULL,
		  "password command \"sleep 20\": no answer within 1 s, ended (does it ask for something?)", ERR_TEMP,
		  200 },
		{ "time-out of a child in the background", "sleep 20 & sleep 20", NULL,
		  "password command \"sleep 20 & sleep 20\": no answer within 1 s, ended (does it ask for something?)",
		  ERR_TEMP, 200 },
		{ "output closed, but it does not end", "echo x; exec >&-; sleep 20", NULL,
		  "password command \"echo x; exec >&-; sleep 20\": no answer within 1 s, ended (does it ask for "
		  "something?)",
		  ERR_TEMP, 200 },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CRYPTO_SECRET_AUTO struct crypto_secret secret = { 0 };
		struct diag diag = { 0 };
		tap_case("eval: %s", rows[i].what);
		CHECK_INT(config_eval(rows[i].command, rows[i].ms, &secret, &diag), rows[i].err);
		if (rows[i].want != NULL)
			CHECK_VIEW(crypto_secret_view(&secret), rows[i].want);
		else
			CHECK_STR(diag.text, rows[i].text);
	}
}

static void test_netrc(void)
{
	static const char text[] = "# mine\n"
				   "machine mail.example.org login ops password \"a \\\"b\\\" c\"\n"
				   "macdef init\n  machine mail.example.org password no\n\n"
				   "machine other.example\n\tlogin x\n\taccount y password #z\n"
				   "machine other.example login y password y2\n"
				   "machine nopass.example login x\n"
				   "default login any password anypass\n";
	static const struct {
		const char *what, *host, *user, *want_user, *want;
	} rows[] = {
		{ "by host", "mail.example.org", NULL, "ops", "a \"b\" c" },
		{ "host without case", "MAIL.example.org", "ops", "ops", "a \"b\" c" },
		{ "a password that begins with #", "other.example", "x", "x", "#z" },
		{ "by user", "other.example", "y", "y", "y2" },
		{ "default", "elsewhere.example", NULL, "any", "anypass" },
		{ "entry without password: default", "nopass.example", NULL, "any", "anypass" },
		{ "user that is nowhere", "mail.example.org", "nobody", NULL, NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena arena;
		struct diag diag = { 0 };
		CRYPTO_SECRET_AUTO struct crypto_secret secret = { 0 };
		const char *user = NULL;
		bool found = false;
		arena_init(&arena);
		tap_case("netrc: %s", rows[i].what);
		CHECK_INT(
			config_netrc(view_str(text), rows[i].host, rows[i].user, &arena, &user, &secret, &found, &diag),
			ERR_OK);
		CHECK_INT(found, rows[i].want != NULL);
		if (rows[i].want != NULL && CHECK(user != NULL)) {
			CHECK_STR(user, rows[i].want_user);
			CHECK_VIEW(crypto_secret_view(&secret), rows[i].want);
		}
		arena_done(&arena);
	}
	static const struct {
		const char *in, *text;
		unsigned line;
	} faults[] = {
		{ "machine", "netrc: a name is missing behind machine", 1 },
		{ "machine a\nlogin", "netrc: a value is missing behind login or account", 2 },
		{ "machine a password \"x", "netrc: a quote is not closed", 1 },
		{ "machine a\n\npasswrd x", "netrc: neither machine, default, login, password, account nor macdef", 3 },
	};
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		struct diag diag = { 0 };
		CRYPTO_SECRET_AUTO struct crypto_secret secret = { 0 };
		bool found = false;
		tap_case("netrc refused: %s", faults[i].text);
		CHECK_INT(config_netrc(view_str(faults[i].in), "a", NULL, NULL, NULL, &secret, &found, &diag),
			  ERR_SYNTAX);
		CHECK_STR(diag.text, faults[i].text);
		CHECK_INT(diag.line, faults[i].line);
	}
}

static char dir[] = "/tmp/posthorn-secret.XXXXXX";

static const char *make(struct arena *arena, const char *name, const char *text, unsigned mode)
{
	const char *path = arena_printf(arena, "%s/%s", dir, name);
	struct diag diag = { 0 };
	CHECK_INT(file_replace(path, view_str(text), mode, &diag), ERR_OK);
	return path;
}

static void test_sources(void)
{
	struct arena arena;
	arena_init(&arena);
	tap_case("scratch directory");
	CHECK(mkdtemp(dir) != NULL);
	const char *secret_file = make(&arena, "p", "from file\n", 0600);
	const char *open_file = make(&arena, "o", "open\n", 0644);
	const char *netrc = make(&arena, "n", "machine h login u password from-netrc\n", 0600);
	const char *empty = make(&arena, "e", "\n", 0600);
	struct crypto_secret inline_ = { 0 };
	crypto_secret_set(&inline_, VIEW("from config"));
	const struct {
		const char *what;
		struct config_secret_source source;
		enum err err;
		const char *want;
	} rows[] = {
		{ "nothing set", { .fd = -1 }, ERR_OK, NULL },
		{ "file", { .fd = -1, .file = secret_file, .inline_ = &inline_ }, ERR_OK, "from file" },
		{ "file that others can read", { .fd = -1, .file = open_file }, ERR_CONFIG, NULL },
		{ "file that is missing", { .fd = -1, .file = "/nonexistent/p" }, ERR_NO_INPUT, NULL },
		{ "file with an empty line", { .fd = -1, .file = empty }, ERR_CONFIG, NULL },
		{ "command before file", { .fd = -1, .file = secret_file, .eval = "echo e" }, ERR_OK, "e" },
		{ "configuration", { .fd = -1, .inline_ = &inline_, .netrc = netrc }, ERR_OK, "from config" },
		{ "netrc", { .fd = -1, .netrc = netrc, .host = "h" }, ERR_OK, "from-netrc" },
		{ "netrc without the host", { .fd = -1, .netrc = netrc, .host = "x" }, ERR_OK, NULL },
		{ "netrc named and missing", { .fd = -1, .netrc = "/nonexistent/n", .host = "x" }, ERR_NO_INPUT, NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CRYPTO_SECRET_AUTO struct crypto_secret secret = { 0 };
		struct diag diag = { 0 };
		bool found = false;
		tap_case("source: %s", rows[i].what);
		CHECK_INT(config_secret_get(&rows[i].source, &secret, &found, &diag), rows[i].err);
		if (rows[i].err == ERR_OK)
			CHECK_INT(found, rows[i].want != NULL);
		if (rows[i].want != NULL)
			CHECK_VIEW(crypto_secret_view(&secret), rows[i].want);
	}
	tap_case("source: descriptor");
	CRYPTO_SECRET_AUTO struct crypto_secret secret = { 0 };
	struct diag diag = { 0 };
	bool found = false;
	int fd = open(secret_file, O_RDONLY | O_CLOEXEC);
	CHECK_INT(config_secret_get(&(struct config_secret_source){ .fd = fd }, &secret, &found, &diag), ERR_OK);
	CHECK_VIEW(crypto_secret_view(&secret), "from file");
	(void)close(fd);
	crypto_secret_done(&inline_);
	for (const char *const *name = (const char *const[]){ "p", "o", "n", "e", NULL }; *name != NULL; name++)
		(void)unlink(arena_printf(&arena, "%s/%s", dir, *name));
	(void)rmdir(dir);
	arena_done(&arena);
}

int main(void)
{
	test_eval();
	test_netrc();
	test_sources();
	return tap_done();
}
