#include "crypto_secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

static void test_memory(void)
{
	tap_case("grows, is terminated, is empty after done");
	struct crypto_secret secret = { 0 };
	crypto_secret_set(&secret, VIEW("hunter"));
	crypto_secret_add(&secret, VIEW("2"));
	CHECK_STR(secret.p, "hunter2");
	for (int i = 0; i < 5000; i++)
		crypto_secret_add(&secret, VIEW("x"));
	CHECK_INT(secret.n, 5007);
	CHECK_INT(secret.p[5007], 0);
	crypto_secret_cut(&secret, 7);
	CHECK_STR(secret.p, "hunter2");
	CHECK_INT(secret.p[8], 0);
	struct crypto_secret other = { 0 };
	crypto_secret_set(&other, VIEW("old"));
	crypto_secret_move(&other, &secret);
	CHECK_VIEW(crypto_secret_view(&other), "hunter2");
	CHECK(secret.p == NULL && secret.n == 0);
	crypto_secret_done(&other);
	crypto_secret_done(&other);
	CHECK(other.p == NULL);
}

static void test_file(const char *dir)
{
	char path[4096];
	(void)snprintf(path, sizeof path, "%s/secret", dir);
	FILE *file = fopen(path, "w");
	CHECK(file != NULL && fputs("s3cret\n", file) >= 0 && fclose(file) == 0);
	CRYPTO_SECRET_AUTO struct crypto_secret secret = { 0 };
	struct diag diag;

	tap_case("a private file is read whole");
	CHECK_INT(chmod(path, 0600), 0);
	CHECK_INT(crypto_secret_read_file(&secret, path, 100, true, &diag), ERR_OK);
	CHECK_VIEW(crypto_secret_view(&secret), "s3cret\n");

	tap_case("a file that others can read is refused, unless that is accepted");
	CHECK_INT(chmod(path, 0640), 0);
	CHECK_INT(crypto_secret_read_file(&secret, path, 100, true, &diag), ERR_DENIED);
	CHECK(strstr(diag.text, "chmod 600") != NULL);
	CHECK_INT(crypto_secret_read_file(&secret, path, 100, false, &diag), ERR_OK);

	tap_case("limits of 7, 6, 1 and 0 octets");
	CHECK_INT(crypto_secret_read_file(&secret, path, 7, false, &diag), ERR_OK);
	CHECK_INT(crypto_secret_read_file(&secret, path, 6, false, &diag), ERR_LIMIT);
	CHECK_INT(secret.n, 0);
	CHECK_INT(crypto_secret_read_file(&secret, path, 1, false, &diag), ERR_LIMIT);
	CHECK_INT(crypto_secret_read_file(&secret, path, 0, false, &diag), ERR_LIMIT);

	tap_case("a missing file is 66");
	CHECK_INT(unlink(path), 0);
	CHECK_INT(crypto_secret_read_file(&secret, path, 100, false, &diag), ERR_NO_INPUT);
}

int main(void)
{
	test_memory();
	char dir[] = "/tmp/posthorn-test-XXXXXX";
	if (mkdtemp(dir) == NULL)
		return 1;
	test_file(dir);
	(void)rmdir(dir);
	return tap_done();
}
