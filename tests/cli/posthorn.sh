#!/bin/sh
# The program itself: commands, help, version, what all commands have in common.
# shellcheck source=tests/lib/cli.sh
. "$TEST_LIB/cli.sh"

run
exit_is 64 'no command is 64'
err_is 'posthorn: no command given (posthorn help shows all)' 'no command says what to do'

run nonsense
exit_is 64 'an unknown command is 64'
err_is 'posthorn: unknown command "nonsense" (posthorn help shows all)' 'an unknown command is named'

run vesion
err_is 'posthorn: unknown command "vesion" (did you mean version?)' 'a misspelt command is recognised'

run "$(printf 'evil\033[2J')"
err_lacks "$(printf '\033')" 'no escape sequence reaches the terminal'

run --version
exit_is 0 '--version is 0'
out_has 'posthorn ' '--version names the program'
cp "$out" version.txt
run version
is "$(cat "$out")" "$(cat version.txt)" 'version and --version say the same'

run version --json
json_is name posthorn 'version --json'
json_lines 'version --json is one line of JSON with "v":1'

run --help
cp "$out" help.txt
exit_is 0 '--help is 0'
run help
is "$(cat "$out")" "$(cat help.txt)" 'help and --help say the same'
err_empty 'help is the result, so it is on stdout'

run help version
exit_is 0 'help COMMAND'
out_has 'usage: posthorn version' 'help COMMAND shows usage'
cp "$out" help.txt
run version --help
is "$(cat "$out")" "$(cat help.txt)" 'help COMMAND and COMMAND --help say the same'

run help exit
golden help_exit.txt 'the table of exit codes'

run help nonsense
exit_is 64 'help of nothing is 64'

refused 64 'unknown option --jsno (did you mean --json?)' 'a misspelt option, and nothing happens' version --jsno
refused 64 'unknown option -Z (-h shows the most used, --help all)' 'an unknown letter' version -Z
refused 64 'unknown option --js (did you mean --json?)' 'options cannot be abbreviated' version --js
refused 64 '--color "red": no such choice; write auto, always or never' 'a choice is checked' version --color red
refused 64 '--config wants a value: --config FILE' 'a value is missing' version --config
refused 64 '--json takes no value' 'a value too much' version --json=1
refused 65 '--config "a\x0ab": a line break is not allowed here (nothing was done)' 'a line break in a value is 65' \
	version --config 'a
b'

run version -h --nonsense
exit_is 0 'help ends the parsing'

status=0
"$POSTHORN" version >/dev/full 2>"$err" || status=$?
exit_is 74 'a full disk under stdout is 74'
err_has 'No space left on device' 'and says why'
status=0
"$POSTHORN" version >&- 2>"$err" || status=$?
exit_is 74 'a closed stdout is 74'

for name in $("$POSTHORN" help | sed -n 's/^  \([a-z-]*\)  .*/\1/p'); do
	run "$name" -h
	exit_is 0 "$name -h"
	if [ "$(wc -l <"$out")" -le 24 ]; then pass "$name -h is one screen"; else fail "$name -h is one screen"; fi
	if awk 'length > 100 { exit 1 }' "$out"; then pass "$name -h fits"; else fail "$name -h fits"; fi
	run "$name" --help
	exit_is 0 "$name --help"
	run "$name" --no-such-option
	exit_is 64 "$name: an unknown option is 64"
	case $name in help | version) continue ;; esac
	ln -s "$POSTHORN" "$name"
	"./$name" -h >linked 2>&1
	"$POSTHORN" "$name" -h >direct 2>&1
	ok "$name as a symbolic link" cmp linked direct
done

done_testing
