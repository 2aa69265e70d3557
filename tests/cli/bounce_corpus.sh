#!/bin/sh
# bounce-parse on the collected bounces beside the project (../shared/bounces), where they are: the figures are printed,
# and each has a bar under which it must not fall.
# shellcheck source=tests/lib/cli.sh
. "$TEST_LIB/cli.sh"

shared=$TEST_DATA/../../../shared
score() { python3 "$shared/tools/bounce-score" --cmd "$POSTHORN bounce-parse --json {files}" --batch "$@"; }

if [ -f "$shared/tools/bounce-score" ]; then
	score >figures.txt 2>&1
	sed 's/^/# /' figures.txt
	for bar in recall=99 precision=99 status=98 smtp_code=97.5 hard=95 reason=88 category=97 no_false_bounce=100; do
		ok "at least $bar" score --min "$bar"
	done
	score --mutate 1 >mutated.txt 2>&1
	ok 'truncated and changed messages: no crash, no hang' grep -q "'crash': 0, 'timeout': 0" mutated.txt
else
	skip 'the collected bounces' '../shared is not there'
fi
done_testing
