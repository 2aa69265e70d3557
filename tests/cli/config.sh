#!/bin/sh
# Where the configuration is looked for, and what is refused.
# shellcheck source=tests/lib/cli.sh
. "$TEST_LIB/cli.sh"

account() { printf 'account "%s" { server = h }\n' "$1"; }
accounts() { run help accounts "$@"; }

accounts
exit_is 0 'no configuration is no error'
out_empty 'no configuration has no accounts'

mkdir -p .config/posthorn xdg/posthorn
account home >.config/posthorn/posthorn.conf
accounts
out_is home 'the one in the home directory'

account xdg >xdg/posthorn/posthorn.conf
XDG_CONFIG_HOME=$scratch/xdg
export XDG_CONFIG_HOME
accounts
out_is xdg 'XDG_CONFIG_HOME comes before it'

account env >env.conf
POSTHORN_CONFIG=env.conf
export POSTHORN_CONFIG
accounts
out_is env 'POSTHORN_CONFIG comes before both'

account option >option.conf
accounts --config option.conf
out_is option '--config comes first'

accounts --config nowhere.conf
exit_is 66 'a file that was named and is missing is 66'
err_has 'nowhere.conf' 'and it is named'

POSTHORN_CONFIG=nowhere.conf
accounts
exit_is 66 'POSTHORN_CONFIG that is missing is 66'
unset POSTHORN_CONFIG XDG_CONFIG_HOME

printf 'account a {\n  server = h\n  srever = x\n}\n' >typo.conf
accounts --config typo.conf
exit_is 78 'an unknown key is 78'
err_is "posthorn help: typo.conf:3: no such option 'srever'" 'with file and line'

printf 'account a { password = x }\n' >open.conf
chmod 644 open.conf
accounts --config open.conf
exit_is 78 'a secret in a file that others can read is 78'
err_has 'chmod 600' 'and says what to do'
chmod 600 open.conf
accounts --config open.conf
out_is a 'the same file, private, is read'

mkdir sub
printf 'include("sub/more.conf")\n' >main.conf
account more >sub/more.conf
accounts --config main.conf
out_is more 'include is relative to the file'
accounts --config "$scratch/main.conf"
out_is more 'whatever the working directory'
printf 'account p { password = x }\n' >sub/more.conf
chmod 644 sub/more.conf
chmod 600 main.conf
accounts --config main.conf
exit_is 78 'a secret in an included file that others can read is 78'
err_has 'sub/more.conf' 'the included file is named'
chmod 600 sub/more.conf
accounts --config main.conf
out_is p 'a private included file is read'
printf 'include("main.conf")\n' >main.conf
accounts --config main.conf
exit_is 78 'a file that includes itself is 78'

printf 'defaults\nauth on\naccount x\nhost h\n' >msmtprc
accounts --config msmtprc
exit_is 78 'a msmtprc is 78'
err_has '--import-msmtprc msmtprc' 'and says how to convert it'

printf '\000' >nul.conf
accounts --config nul.conf
exit_is 78 'a NUL is 78'
head -c 600000 /dev/zero | tr '\0' '#' >long.conf
accounts --config long.conf
if [ "$status" -eq 78 ] || [ "$status" -eq 65 ]; then pass 'a file that is too long is refused'; else fail 'too long'; fi

if "$POSTHORN" help spf-eval >/dev/null 2>&1; then
	cat >example.org.zone <<-'ZONE'
	$ORIGIN example.org.
	@ 3600 IN SOA ns h 1 3600 600 86400 60
	@ 3600 IN TXT "v=spf1 ip4:192.0.2.1 -all"
	ZONE
	printf 'zone = { "%s" }\n' "$scratch/example.org.zone" >zone.conf
	run spf-eval --config zone.conf --ip 192.0.2.1 --from a@example.org
	exit_is 0 'zone from the configuration'
	printf 'resolver = { "dns.example" }\n' >resolver.conf
	run spf-eval --config resolver.conf --ip 192.0.2.1 --from a@example.org
	exit_is 78 'a bad resolver in the configuration is 78'
	err_has 'resolver.conf:1: resolver "dns.example": not an IP address' 'with file, line and the words of the option'
	run spf-eval --config resolver.conf --zone example.org.zone --ip 192.0.2.1 --from a@example.org
	exit_is 0 'the command line comes before it'
	printf 'dns-timeout = "soon"\n' >timeout.conf
	run spf-eval --config timeout.conf --zone example.org.zone --ip 192.0.2.1 --from a@example.org
	exit_is 78 'a bad time-out in the configuration is 78'
fi

# From msmtp.
printf 'account work\nhost smtp.example.org\nport 587\ntls on\nfrom ann@example.org\n' >theirs
run send --import-msmtprc theirs
exit_is 0 '--import-msmtprc'
out_has 'server = "smtp.example.org:587"' 'the server'
cp "$out" ours.conf
printf 'hi\n' >body
run_with body send --config ours.conf --account work --to b@example.net --subject x --dry-run
exit_is 0 'what it prints is a configuration'
run send --import-msmtprc missing
exit_is 66 'a missing file is 66'
printf 'no such thing\n' >broken
run send --import-msmtprc broken
exit_is 65 'a broken one is 65'

done_testing
