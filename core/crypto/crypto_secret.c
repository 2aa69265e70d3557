#include "crypto_secret.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base_file.h"

enum { SECRET_FIRST = 256, SECRET_READ = 4096 };

void crypto_wipe(void *p, size_t n)
{
	if (n > 0)
		explicit_bzero(p, n);
}

/*
 * Whole pages from the kernel, so that locking them and keeping them out of core files touches nothing else. Both may
 * be refused (RLIMIT_MEMLOCK); the secret is then only wiped.
 */
static size_t pages_of(size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	return (n + page - 1) / page * page;
}

static char *secret_map(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		base_out_of_memory();
	(void)madvise(p, n, MADV_DONTDUMP);
	(void)mlock(p, n);
	return p;
}

static void secret_unmap(char *p, size_t n)
{
	if (p == NULL)
		return;
	crypto_wipe(p, n);
	(void)munmap(p, n);
}

/* Room for n octets and the NUL behind them. */
static void secret_room(struct crypto_secret *secret, size_t n)
{
	assert(n <= CRYPTO_SECRET_MAX);
	if (n + 1 <= secret->cap)
		return;
	size_t want = n + 1 < SECRET_FIRST ? SECRET_FIRST : n + 1;
	if (want < secret->cap * 2)
		want = secret->cap * 2;
	size_t cap = pages_of(want);
	char *p = secret_map(cap);
	if (secret->n > 0)
		memcpy(p, secret->p, secret->n);
	secret_unmap(secret->p, secret->cap);
	secret->p = p;
	secret->cap = cap;
}

void crypto_secret_done(struct crypto_secret *secret)
{
	secret_unmap(secret->p, secret->cap);
	*secret = (struct crypto_secret){ 0 };
}

void crypto_secret_cut(struct crypto_secret *secret, size_t n)
{
	assert(n <= secret->n);
	if (secret->p == NULL)
		return;
	crypto_wipe(secret->p + n, secret->n - n);
	secret->n = n;
}

void crypto_secret_add(struct crypto_secret *secret, struct view bytes)
{
	secret_room(secret, secret->n + bytes.n);
	if (bytes.n > 0)
		memcpy(secret->p + secret->n, bytes.p, bytes.n);
	secret->n += bytes.n;
	secret->p[secret->n] = '\0';
}

void crypto_secret_set(struct crypto_secret *secret, struct view bytes)
{
	crypto_secret_cut(secret, 0);
	crypto_secret_add(secret, bytes);
}

void crypto_secret_move(struct crypto_secret *to, struct crypto_secret *from)
{
	if (to == from)
		return;
	crypto_secret_done(to);
	*to = *from;
	*from = (struct crypto_secret){ 0 };
}

enum err crypto_secret_read_fd(struct crypto_secret *secret, int fd, const char *name, size_t max, struct diag *diag)
{
	assert(max < CRYPTO_SECRET_MAX);
	crypto_secret_set(secret, view_none());
	for (;;) {
		size_t want = max + 1 - secret->n < SECRET_READ ? max + 1 - secret->n : SECRET_READ;
		secret_room(secret, secret->n + want);
		ssize_t n = read(fd, secret->p + secret->n, want);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return diag_errno(diag, name, errno);
		if (n == 0)
			break;
		secret->n += (size_t)n;
		if (secret->n > max) {
			crypto_secret_cut(secret, 0);
			return diag_set(diag, ERR_LIMIT, "%s: larger than the %zu octets a secret may have", name, max);
		}
	}
	secret->p[secret->n] = '\0';
	return ERR_OK;
}

/* Asked of the open descriptor, so that nobody can swap the file in between. */
static enum err check_private(int fd, const char *path, struct diag *diag)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return diag_errno(diag, path, errno);
	if (S_ISREG(st.st_mode) && (st.st_mode & 077) != 0)
		return diag_set(diag, ERR_DENIED, "%s: others can read or change it (mode %03o); chmod 600 it first",
				path, (unsigned)(st.st_mode & 0777));
	return ERR_OK;
}

enum err crypto_secret_read_file(struct crypto_secret *secret, const char *path, size_t max, bool private_only,
				 struct diag *diag)
{
	FD_AUTO int fd = -1;
	enum err err = file_open(path, &fd, diag);
	if (err == ERR_OK && private_only)
		err = check_private(fd, path, diag);
	return err == ERR_OK ? crypto_secret_read_fd(secret, fd, path, max, diag) : err;
}
