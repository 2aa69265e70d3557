#include "config_path.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

int main(void)
{
	struct arena arena = { 0 };
	struct diag diag = { .text = "" };
	struct stat st;
	const char *path = NULL;
	char dir[] = "/tmp/posthorn-test-XXXXXX";
	if (mkdtemp(dir) == NULL)
		return 1;
	tap_case("the directory is made, with its parents, for its owner alone");
	char *state = arena_printf(&arena, "%s/a/b", dir);
	CHECK_INT(setenv("XDG_STATE_HOME", state, 1), 0);
	CHECK_INT(config_state_dir(&arena, &path, &diag), ERR_OK);
	CHECK_STR(path, arena_printf(&arena, "%s/posthorn", state));
	CHECK(stat(path, &st) == 0 && S_ISDIR(st.st_mode) && (st.st_mode & 0777) == 0700);
	tap_case("and is fine when it is there");
	CHECK_INT(config_state_dir(&arena, &path, &diag), ERR_OK);
	tap_case("a name from outside stays in it");
	CHECK_INT(config_state_path(&arena, "oauth-", "../my work", ".json", &path, &diag), ERR_OK);
	CHECK_STR(path, arena_printf(&arena, "%s/posthorn/oauth-%%2E%%2E%%2Fmy%%20work.json", state));
	tap_case("a file stands where the directory should be");
	CHECK_INT(setenv("XDG_STATE_HOME", "/dev/null", 1), 0);
	CHECK_INT(config_state_dir(&arena, &path, &diag), ERR_CREATE);
	if (geteuid() != 0) {
		tap_case("no place at all");
		CHECK_INT(unsetenv("XDG_STATE_HOME"), 0);
		CHECK_INT(unsetenv("HOME"), 0);
		CHECK_INT(config_state_dir(&arena, &path, &diag), ERR_CONFIG);
	}
	(void)rmdir(arena_printf(&arena, "%s/posthorn", state));
	(void)rmdir(state);
	(void)rmdir(arena_printf(&arena, "%s/a", dir));
	(void)rmdir(dir);
	arena_done(&arena);
	return tap_done();
}
