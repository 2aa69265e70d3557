# shellcheck shell=sh
# sendmail(8)'s command line, through a symbolic link as programs find it. Delivery is to a port where nobody listens
# (75), so that what counts here is what happens before; the dialog itself is tests/cli/send_smtp.sh's.
. "$TEST_LIB/cli.sh"

ln -s "$POSTHORN" sendmail
ln -s "$POSTHORN" mailq
ln -s "$POSTHORN" newaliases
cat >c.conf <<'EOC'
from = "srv@example.org"
server = "127.0.0.1:1"
aliases { root = "ops@example.org" }
EOC
as() {
	name=$1
	shift
	# shellcheck disable=SC2034
	status=0 last="$name $*"
	"./$name" "$@" >"$out" 2>"$err" <mail || status=$?
}

printf 'From: root (Cron Daemon)\nTo: root\nSubject: Cron\n\nout\n' >mail
as sendmail -C c.conf -FCronDaemon -i -B8BITMIME -oem root
exit_is 75 'as cron calls it'
err_has 'sendmail: ops@example.org: deferred' 'the alias is used, the name in front is sendmail'
as sendmail -t -oi -oem -C c.conf -O DeliveryMode=b -f '<>' -N never -R hdrs -V id -v
exit_is 75 'all the usual options'
as sendmail -C c.conf nobody
exit_is 67 'a name without alias and domain'
err_has 'aliases' 'says what to configure'
as sendmail -C c.conf
exit_is 64 'no recipient'
err_has '-t' 'says how'
as sendmail -bs
exit_is 64 'no SMTP dialog'
as sendmail -bd
exit_is 64 'no daemon'
as sendmail -bp
exit_is 0 '-bp'
out_is 'Mail queue is empty' 'an empty queue'
as mailq
exit_is 0 'mailq'
out_is 'Mail queue is empty' 'the same'
as newaliases
exit_is 0 'newaliases'
as sendmail -q
exit_is 0 '-q'
as sendmail -q30m
exit_is 0 '-q30m'

# What is sent: through `send -t`, which takes the message the same way.
POSTHORN_CONFIG=c.conf run_with mail send -t --dump -
exit_is 0 'send -t'
out_has 'From: Cron Daemon <srv@example.org>' 'a From without domain is completed'
out_has 'To: ops@example.org' 'so is To'
printf 'no header here\nat all\n' >mail
POSTHORN_CONFIG=c.conf run_with mail send -t --dump - root
exit_is 0 'a message without header'
out_has 'From: srv@example.org' 'gets one'
out_has 'no header here' 'and keeps its text'

done_testing
