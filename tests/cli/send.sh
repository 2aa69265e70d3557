# shellcheck shell=sh
# Messages composed from options: what Python's email package makes of them, and bad input of every kind.
# shellcheck disable=SC2086,SC2016,SC2059
. "$TEST_LIB/cli.sh"

# parsed FILE EXPRESSION: evaluated with m (the message), parts (its leaves) and part(TYPE); no part may have defects.
parsed() {
	python3 - "$1" "$2" 2>&1 <<'PY'
import email, email.policy, sys
raw = open(sys.argv[1], "rb").read()
m = email.message_from_bytes(raw, policy=email.policy.default)
parts = [p for p in m.walk() if not p.is_multipart()]
defects = [d for p in m.walk() for d in p.defects]
assert not defects, defects
assert max(len(l) for l in raw.split(b"\r\n")) <= 998 and raw.endswith(b"\r\n")
assert raw.count(b"\r") == raw.count(b"\n") == raw.count(b"\r\n") and raw.isascii()
def text(p): return p.get_content().replace("\r\n", "\n")
def part(t): return [p for p in parts if p.get_content_type() == t][0]
print(eval(sys.argv[2]))
PY
}
parsed_is() { is "$(parsed "$1" "$2")" "$3" "$4"; }
shape() { parsed "$1" '" ".join(p.get_content_type() for p in m.walk())'; }

base="send --from a@example.org --dump m.eml"
said() { # CODE TEXT WHAT ARG...: exit code, and a line on stderr with TEXT
	want=$1 text=$2 what=$3
	shift 3
	run "$@"
	if [ "$status" -eq "$want" ] && grep -qF -e "$text" "$err" && [ ! -s "$out" ]; then
		pass "$what"
	else
		fail "$what" "want $want and: $text"
	fi
}

# --- what was given comes back

run $base -s 'Grüße' --body 'Hallo Köln' 'Jörg <b@example.net>'
exit_is 0 'a text'
out_empty 'silent'
parsed_is m.eml 'm["subject"], m["to"].addresses[0].display_name, text(m)' "('Grüße', 'Jörg', 'Hallo Köln\\n')" 'subject, name and text'
is "$(grep -c '^Message-ID: <[a-z2-7]\{26\}@example.org>' m.eml)" 1 'Message-ID: random, in the domain of From'
is "$(grep -c '^Date: [A-Z][a-z][a-z], [0-9]* [A-Z][a-z][a-z] [0-9]\{4\} [0-9:]\{8\} [+-][0-9]\{4\}' m.eml)" 1 'Date'

printf 'a\r\n.\n..\nFrom x\n\nlast' >in.txt
run_with in.txt $base b@example.net
exit_is 0 'standard input is the text'
parsed_is m.eml 'text(m)' 'a
.
..
From x

last' 'dots, "From " and a missing line end'
LC_ALL=ja_JP.UTF-8 LC_TIME=de_DE.UTF-8 TZ=Asia/Kathmandu run $base --body x --now 2026-11-21T20:00:00Z b@example.net
is "$(grep '^Date' m.eml | tr -d '\r')" 'Date: Sun, 22 Nov 2026 01:45:00 +0545' 'Date in English, with the zone'

cat >doc.md <<'EOM'
# Umsätze *2026*

Text with a [link](https://example.org/x) <b>raw</b> and `code`.

- one
- two

> quoted

![logo](cid:logo.png)
EOM
head -c 5000 /dev/urandom >logo.png
head -c 70000 /dev/urandom >'Zahlen für März.bin'
printf 'a;b\n1;2\n' >t.csv
printf 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n' >i.ics
printf 'h1 { color: red }' >s.css
run $base -s x --markdown doc.md --css s.css --inline logo.png -a 'Zahlen für März.bin' -a 't.csv;name=Übersicht.csv;type=text/csv' --ical i.ics b@example.net
exit_is 0 'everything at once'
is "$(shape m.eml)" 'multipart/mixed multipart/alternative text/plain multipart/related text/html image/png text/calendar application/octet-stream text/csv' 'its shape'
parsed_is m.eml 'text(part("text/plain"))' 'Umsätze _2026_
==============

Text with a link <https://example.org/x> raw and `code`.

- one
- two

> quoted

logo' 'the plain text of Markdown'
parsed_is m.eml '[x in part("text/html").get_content() for x in ("<h1>Umsätze", "color: red", "<b>")]' '[True, True, False]' 'its HTML: style sheet in, raw HTML out'
parsed_is m.eml 'part("image/png")["content-id"], part("image/png").get_content() == open("logo.png", "rb").read()' "('<logo.png>', True)" 'the picture and its cid'
parsed_is m.eml '[p.get_filename() for p in m.iter_attachments()]' "['Zahlen für März.bin', 'Übersicht.csv']" 'names of the files'
parsed_is m.eml 'part("application/octet-stream").get_content() == open("Zahlen für März.bin", "rb").read()' True 'content of a file'
parsed_is m.eml 'part("text/csv").get_payload(decode=True) == open("t.csv", "rb").read()' True 'a text file is kept octet for octet'
parsed_is m.eml 'part("text/calendar").get_param("method") or part("text/calendar")["content-type"].params["method"]' REQUEST 'method of the calendar'

printf '<html><head><title>no</title><style>no</style></head><p>Hello<br>w&ouml;rld</p><ul><li>a<li>b</ul><a href="https://x.example/">there</a>' >h.html
run $base --html h.html b@example.net
is "$(shape m.eml)" 'multipart/alternative text/plain text/html' 'HTML: a plain part is derived'
parsed_is m.eml 'text(part("text/plain"))' 'Hello
wörld

- a
- b

there <https://x.example/>' 'its text'
run $base --html h.html --body own b@example.net
parsed_is m.eml 'text(part("text/plain"))' own 'unless --body is given'
run $base --body x -a h.html b@example.net
is "$(shape m.eml)" 'multipart/mixed text/plain text/html' 'a text and a file'
printf 'Subject: in\n\ntext\n' >x.eml
run $base --body '' -a x.eml b@example.net
is "$(shape m.eml | cut -d' ' -f1)" 'message/rfc822' 'a file alone is no multipart'
for bytes in 'nul\000in it\n' 'caf\351 latin1\n' '50%%\r100%%\n' '\033[1mbold\033[0m\n'; do
	printf "$bytes" >in.txt
	run_with in.txt $base b@example.net
	exit_is 0 "text with odd octets: $bytes"
	parsed_is m.eml 'm.get_payload(decode=True).replace(b"\r\n", b"\n") == open("in.txt", "rb").read()' True 'all octets are kept'
done
printf 'caf\351 latin1\n' >in.txt
run_with in.txt $base --charset iso-8859-1 b@example.net
parsed_is m.eml 'm.get_content_charset(), text(m)' "('utf-8', 'café latin1\\n')" '--charset'
python3 -c 'print("x" * 3000 + " é" * 2000)' >in.txt
run_with in.txt $base b@example.net
parsed_is m.eml 'text(m) == open("in.txt", encoding="utf-8").read()' True 'lines of any length'
(printf 'through a pipe' | "$POSTHORN" $base --body-file - -a /dev/null b@example.net) && parsed_is m.eml 'text(parts[0]), len(parts)' "('through a pipe', 2)" 'a pipe, and a device as attachment'
mkfifo fifo
(head -c 300000 logo.png >fifo &) && run $base --body x -a fifo b@example.net
parsed_is m.eml 'part("application/octet-stream").get_content() == open("logo.png", "rb").read()' True 'an attachment from a pipe'

# --- addresses, header

run $base --body x -c 'C <c@example.net>, d@example.net' -b hidden@example.net --reply-to 'R <r@example.net>' -F 'Zoë' b@example.net B@EXAMPLE.net b@example.net --json --now 0
is "$(grep -c hidden m.eml)" 0 'Bcc is in no byte of the message'
is "$(json key 5)" hidden@example.net 'but is a recipient'
json_lines 'JSON Lines'
is "$(wc -l <"$out")" 6 'each recipient once, and a summary'
json_is exit 0 'exit in the summary' last
json_is delivered 5 'delivered in the summary' last
parsed_is m.eml 'm["from"], m["cc"], m["reply-to"]' "('Zoë <a@example.org>', 'C <c@example.net>, d@example.net', 'R <r@example.net>')" 'header'
run $base --body x -b hidden@example.net
is "$(grep -ciE '^(to|cc|bcc|undisclosed)' m.eml)" 0 'Bcc alone: no To'
run $base --body x --exclude B@example.net b@example.net c@example.net --json
is "$(wc -l <"$out")" 3 '--exclude: the local part counts as it is written'
run $base --body x --exclude b@EXAMPLE.NET b@example.net c@example.net --json
is "$(wc -l <"$out")" 2 '--exclude: the domain without case'
run $base --body x -H 'X-One: 1' -H 'Subject: via header' -H 'To: e@example.net' --in-reply-to abc@d --references '<1@d> 2@d' --auto b@example.net
parsed_is m.eml 'm["x-one"], m["subject"], str(m["to"]), m["in-reply-to"], m["references"], m["auto-submitted"]' "('1', 'via header', 'b@example.net, e@example.net', '<abc@d>', '<1@d> <2@d>', 'auto-generated')" 'more header'
run $base --body x --date 'Sat, 21 Nov 2026 20:00:00 +0100' --message-id 'x@y' b@example.net
is "$(grep -cE '^(Date: Sat, 21 Nov 2026 20:00:00 \+0100|Message-ID: <x@y>)' m.eml)" 2 '--date and --message-id'
run $base --body x 'bücher@bücher.example'
is "$(grep -c '@xn--bcher-kva.example' m.eml)" 1 'a domain leaves as A-labels'
EMAIL='E <e@example.org>' run send --dump m.eml --body x b@example.net
parsed_is m.eml 'str(m["from"])' 'E <e@example.org>' '$EMAIL'
printf 'from = "conf@example.org"\n' >c.conf
EMAIL='e@example.org' run send --config c.conf --dump m.eml --body x b@example.net
parsed_is m.eml 'str(m["from"])' 'conf@example.org' 'the configuration before $EMAIL'

for pair in 'CR:a\rb' 'LF:a\nBcc: x@example.net' 'CRLF:a\r\nb' 'final:a\n'; do
	value=$(printf "${pair#*:}_") value=${value%_}
	for option in --subject --from --from-name --envelope-from --reply-to --to --cc --bcc --in-reply-to --references --message-id --date --charset; do
		run send --from a@example.org --dump m.eml --body x "$option" "$value" b@example.net
		case $status in 64 | 65) pass "$option with ${pair%%:*} in it" ;; *) fail "$option with ${pair%%:*} in it" ;; esac
	done
	run $base --body x -H "X-A: $value" b@example.net
	exit_is 65 "--header with ${pair%%:*} in it"
	run $base --body x "$value@example.net"
	exit_is 65 "a recipient with ${pair%%:*} in it"
	run $base --body x -a "in.txt;name=$value" b@example.net
	exit_is 65 "a file name with ${pair%%:*} in it"
done
long=$(printf '%0300d' 0)
for option in --from --envelope-from --reply-to --to --cc --bcc --exclude; do
	for bad in "$long@example.org" 'a@' '@example.org' 'a@b@c' 'a b@example.org' '<a@example.org' 'a@-' 'a@exa mple.org' "a@$long.org"; do
		run send --from a@example.org --dump m.eml --body x "$option" "$bad" b@example.net
		case $status in 65) pass "$option $bad" ;; *) fail "$option $bad" ;; esac
	done
	said 67 'has no domain' "$option nobody" send --from a@example.org --dump m.eml --body x "$option" nobody b@example.net
done
said 65 '--to ""' 'an empty recipient list' $base --body x --to '' b@example.net
said 64 'no recipient' 'no recipient' $base --body x
said 65 'no name of a header field' 'a header name with a space' $base --body x -H 'X A: b' b@example.net
said 64 "write it like" 'a header without colon' $base --body x -H 'X' b@example.net
said 64 'made from the content' 'Content-Type by hand' $base --body x -H 'Content-Type: text/html' b@example.net
said 64 'given twice' 'Subject twice' $base --body x -s a -H 'Subject: b' b@example.net
said 65 '--message-id' 'no message-id' $base --body x --message-id 'a b' b@example.net
said 64 '--date' 'no date' $base --body x --date yesterday b@example.net
said 64 'no charset' 'no charset' $base --body-file in.txt --charset nonsense b@example.net
said 65 'is not ascii' 'not in the charset' $base --body-file logo.png --charset ascii b@example.net

# --- files

touch empty
mkdir dir
for option in --body-file --markdown --html --css --attach --inline --ical --raw; do
	case $option in
	--css) more='--markdown doc.md' ;;
	--inline) more='--html h.html' ;;
	--attach | --ical) more='--body x' ;;
	*) more= ;;
	esac
	said 66 'No such file' "$option: a missing file" $base $more $option none b@example.net
	said 66 'directory' "$option: a directory" $base $more $option dir b@example.net
	run $base $more $option logo.png b@example.net
	case $status in 0 | 65) pass "$option: a binary file" ;; *) fail "$option: a binary file" ;; esac
	run $base $more $option empty b@example.net
	case $status in 0 | 65) pass "$option: an empty file" ;; *) fail "$option: an empty file" ;; esac
done
said 65 'text is empty' 'an empty text is refused' $base b@example.net
said 65 '--allow-empty' 'and says how' $base --body '' b@example.net
run $base --allow-empty b@example.net
exit_is 0 '--allow-empty'
rm -f m.eml
run $base --if-output b@example.net
exit_is 0 '--if-output, empty'
ok 'nothing is sent' test ! -e m.eml
said 64 'standard input' 'two that want standard input' $base --body-file - -a - b@example.net
said 64 'standard output' 'two that want standard output' send --from a@example.org --body x --dump - --json b@example.net
said 64 'one text is enough' 'two texts' $base --body a --body-file in.txt b@example.net
said 64 'both make' 'two HTML parts' $base --markdown doc.md --html h.html b@example.net
said 64 'needs --markdown' '--css alone' $base --body x --css s.css b@example.net
said 64 '--inline' '--inline alone' $base --body x --inline logo.png b@example.net
said 64 'no media type' 'no media type' $base --body x -a 'in.txt;type=text' b@example.net
said 64 'one of them' 'two places' send --from a@example.org --body x --dump m.eml --maildir d b@example.net
said 65 '</style' 'a style sheet that ends itself' $base --markdown doc.md --css h.html b@example.net
head -c 17000000 /dev/zero | tr '\0' 'x' >huge
said 65 'octets' 'a huge Markdown file' $base --markdown huge b@example.net
if [ "$(id -u)" -ne 0 ]; then
	touch closed && chmod 000 closed
	said 66 'Permission' 'an unreadable file' $base --body x -a closed b@example.net
fi
said 64 'unknown option' 'an unknown option' $base --no-such-option b@example.net

# --- where

run send --from a@example.org --body x --dump /dev/full b@example.net
exit_is 74 'a full disk'
run send --from a@example.org --body x --dump dir/none/x b@example.net
exit_is 73 'a directory that is not there'
run send --from a@example.org --body x --dump - b@example.net
exit_is 0 '--dump -'
out_has 'From: a@example.org' 'the message on standard output'
run send --from a@example.org --body x b@example.net
exit_is 78 'no place named'
err_has '--server' 'says which there are'
run send --from a@example.org --body x --maildir md b@example.net
exit_is 0 'a Maildir'
is "$(cd md && echo *) $(find md/tmp md/cur -type f | wc -l)" 'cur new tmp 0' 'is made'
is "$(python3 -c 'import mailbox; print([(k["to"], k.get_payload()) for k in mailbox.Maildir("md")])')" "[('b@example.net', 'x\\n')]" 'and Python reads it'
ok 'no CR in it' sh -c '! grep -q "$(printf "\r")" md/new/*'
printf 'From a\n>From b\n>>From c\nFrom' >in.txt
run_with in.txt send --from a@example.org --mbox box b@example.net
run_with in.txt send --from a@example.org -f '<>' --mbox box c@example.net
exit_is 0 'an mbox'
is "$(python3 -c 'import mailbox; print([k["to"] for k in mailbox.mbox("box")])')" "['b@example.net', 'c@example.net']" 'and Python reads it'
is "$(grep -c '^From ' box)" 2 'two "From " lines'
run send --from a@example.org --body x --mbox dir b@example.net
exit_is 73 'an mbox that is a directory'
printf 'half' >box
run send --from a@example.org --body x --mbox box b@example.net
is "$(head -3 box | tail -2 | cut -c1-5 | tr '\n' ,)" ',From ,' 'an mbox without a last line end is mended'
run $base --dry-run --body x b@example.net
exit_is 0 '--dry-run'
out_has 'to b@example.net' 'says to whom'

# --- raw

printf 'From: x@example.org\nTo: y@example.net\nBcc: z@example.net\nSubject: s\n\nbody\n' >r.eml
run send --raw r.eml --dump m.eml b@example.net --json
exit_is 0 '--raw'
is "$(wc -l <"$out")" 2 'recipients are those given'
is "$(grep -ci '^bcc:\|[ <]z@example' m.eml)" 0 'Bcc is gone without -t too'
is "$(grep -cE '^(Date|Message-ID):' m.eml)" 2 'Date and Message-ID are added'
run send --data @r.eml -t --dump m.eml b@example.net --json
is "$(wc -l <"$out")" 4 '-t adds those of the header'
run_with r.eml send -t --dump m.eml
exit_is 0 '-t takes standard input'
said 64 'does not go with --raw' 'a subject for a raw message' send --raw r.eml -s x --dump m.eml b@example.net
said 64 'no recipient' 'nobody named' send --raw r.eml --dump m.eml
printf 'Subject: a\n\na\rb\n' >bad.eml
said 65 'line 3 has a CR without LF' 'bare CR' $base --raw bad.eml b@example.net
printf 'Subject: a\n\na\000b\n' >bad.eml
said 65 'NUL' 'NUL' $base --raw bad.eml b@example.net
said 65 'empty' 'an empty message' $base --raw empty b@example.net

# --- memory

truncate -s 250M big
truncate -s 1k small
peak() { # of a run with this attachment, in KiB
	python3 - "$POSTHORN" "$1" <<'PY'
import resource, subprocess, sys
subprocess.run([sys.argv[1], "send", "--from", "a@example.org", "--body", "x", "-a", sys.argv[2], "--dump", "/dev/null", "b@example.net"], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
PY
}
grown=$(($(peak big) - $(peak small)))
if [ "$grown" -lt 1024 ]; then pass 'memory does not grow with the attachment'; else fail 'memory does not grow with the attachment' "$grown KiB more"; fi
rm -f big

# --- DKIM

openssl genrsa -traditional -out dkim.pem 2048 2>/dev/null && chmod 600 dkim.pem
run $base --body x --dkim example.org:s1:dkim.pem b@example.net
exit_is 0 'a DKIM signature'
is "$(head -1 m.eml | cut -c1-16)" 'DKIM-Signature: ' 'stands in front'
is "$(grep -c 'd=example.org' m.eml)$(grep -c 's=s1' m.eml)" 11 'domain and selector'
printf 'from = "a@example.org"\ndkim "example.org" { selector = "s1"  key = "dkim.pem" }\n' >c.conf
run send --config c.conf --body x --dump m.eml b@example.net
is "$(grep -c '^DKIM-Signature' m.eml)" 1 'from the configuration'
run send --config c.conf --body x --no-dkim --dump m.eml b@example.net
is "$(grep -c '^DKIM-Signature' m.eml)" 0 '--no-dkim'
run send --config c.conf -r a@other.example --body x --dump m.eml b@example.net
is "$(grep -c '^DKIM-Signature' m.eml)" 0 'not for another domain'
said 64 'write it like' 'no key file named' $base --body x --dkim example.org:s1 b@example.net
said 66 'No such file' 'no such key' $base --body x --dkim example.org:s1:none b@example.net
chmod 644 dkim.pem
said 77 'chmod' 'a key that others can read' $base --body x --dkim example.org:s1:dkim.pem b@example.net

done_testing
