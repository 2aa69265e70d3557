#include "crypto_trust.h"

#include <dirent.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base_ascii.h"
#include "base_attr.h"

static const char debian_bundle[] = "/etc/ssl/certs/ca-certificates.crt";

/* "5ed36f99.0": what c_rehash makes. */
static bool is_hashed_name(const char *name)
{
	size_t n = 0;
	while (ascii_hex_value((unsigned char)name[n]) >= 0)
		n++;
	return n == 8 && name[8] == '.' && ascii_is_digit(name[9]);
}

static bool has_hashed_certificates(const char *path)
{
	DIR *dir = opendir(path);
	if (dir == NULL)
		return false;
	bool found = false;
	for (const struct dirent *entry; !found && (entry = readdir(dir)) != NULL;)
		found = is_hashed_name(entry->d_name);
	(void)closedir(dir);
	return found;
}

static const char *set_in_environment(const char *name)
{
	const char *value = getenv(name);
	return value == NULL || value[0] == '\0' ? NULL : value;
}

static const char *first_bundle(void)
{
	const char *const bundles[] = {
		X509_get_default_cert_file(), debian_bundle,       "/etc/pki/tls/certs/ca-bundle.crt",
		"/etc/ssl/ca-bundle.pem",     "/etc/ssl/cert.pem",
	};
	for (size_t i = 0; i < ARRAY_LEN(bundles); i++) {
		if (access(bundles[i], R_OK) == 0)
			return bundles[i];
	}
	return NULL;
}

bool crypto_trust_find(struct crypto_trust *out)
{
	const char *dir = set_in_environment(X509_get_default_cert_dir_env());
	const char *file = set_in_environment(X509_get_default_cert_file_env());
	/* Debian's bundle is made from the hashed directory that it lies in: it adds nothing to it. */
	bool another = file != NULL && strcmp(file, debian_bundle) != 0;
	if (dir == NULL && !another)
		dir = X509_get_default_cert_dir();
	*out = (struct crypto_trust){ NULL, another ? file : NULL };
	if (dir != NULL && has_hashed_certificates(dir))
		out->dir = dir;
	if (out->dir == NULL && out->file == NULL)
		out->file = first_bundle();
	return out->dir != NULL || out->file != NULL;
}
