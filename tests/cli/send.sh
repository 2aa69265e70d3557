# shellcheck shell=sh
. "$TEST_LIB/cli.sh"

# A message composed from options, as Python's email package sees it. parsed PART-EXPRESSION: evaluated with m (message).
parsed() {
	python3 - "$1" "$2" <<'PY'
import email, email.policy, sys
m = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default)
parts = [p for p in m.walk() if not p.is_multipart()]
assert not any(p.defects for p in m.walk()), [p.defects for p in m.walk()]
print(eval(sys.argv[2]))
PY
}
parsed_is() { is "$(parsed "$1" "$2" 2>&1)" "$3" "$4"; }

base="send --from a@example.org --dump m.eml"

# shellcheck disable=SC2086
run $base -s 'Grüße' --body 'Hallo Köln' 'Jörg <b@example.net>'
exit_is 0 'a text'
parsed_is m.eml 'm["subject"], m["to"].addresses[0].display_name, m.get_content()' "('Grüße', 'Jörg', 'Hallo Köln\\n')" 'subject, name and text are what was given'

printf 'a\r\nb' >in.txt
# shellcheck disable=SC2086
run_with in.txt $base b@example.net
exit_is 0 'standard input is the text'
parsed_is m.eml 'm.get_content()' 'a
b' 'it ends with a line end'

done_testing
