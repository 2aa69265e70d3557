#!/bin/sh
# Tools of others over the sources: clang-format, shellcheck, mandoc, cppcheck, a syntax check of Python.
# usage: tools.sh TOOL SOURCE_DIR BUILD_DIR
set -u
tool=$1 top=$2 build=$3
cd "$top" || exit 99
count=0 failed=0

point() { # NAME, then a command; its output is shown when it fails
	name=$1
	shift
	count=$((count + 1))
	if said=$("$@" 2>&1); then
		echo "ok $count - $name"
	else
		failed=$((failed + 1))
		echo "not ok $count - $name"
		printf '%s\n' "$said" | head -60 | sed 's/^/# /'
	fi
}

have() {
	command -v "$1" >/dev/null 2>&1 && return
	echo "1..0 # SKIP $1 is not installed"
	exit 0
}

no_output() { # COMMAND...: succeeds when it says nothing
	words=$("$@" 2>&1)
	printf '%s' "$words"
	[ -z "$words" ]
}

# mandoc's ideas of style that scdoc does not follow: long lines, dates, and the order of sections.
mandoc_lint() {
	no_output sh -c "mandoc -T lint -W warning '$1' | grep -v -e 'missing date' -e 'cannot parse date' -e STYLE -e 'skipping paragraph macro'"
}

case $tool in
format)
	have clang-format
	for dir in core/* cmd tests/unit tests/fuzz tests/lib; do
		[ -d "$dir" ] || continue
		files=$(find "$dir" -name '*.[ch]' | sort)
		# shellcheck disable=SC2086
		[ -z "$files" ] || point "$dir" clang-format --dry-run -Werror $files
	done
	;;
shell)
	have shellcheck
	# Not followed, not assigned, not used: what tests/lib/cli.sh gives to a test and takes from it.
	for file in $(find tests completions .ci -name '*.sh' -o -name run -path '*.ci*' | sort); do
		point "$file" shellcheck -x -P "$top" -e SC1091,SC2154,SC2034 "$file"
	done
	;;
python)
	for file in $(find tests man completions -name '*.py' | sort); do
		point "$file" python3 -c 'import ast, sys; ast.parse(open(sys.argv[1], encoding="utf-8").read())' "$file"
	done
	;;
man)
	have mandoc
	for page in "$build"/man/*.[15]; do
		point "$(basename "$page")" mandoc_lint "$page"
	done
	;;
cppcheck)
	have cppcheck
	includes=$(for dir in core/* cmd; do [ -d "$dir" ] && printf ' -I%s' "$dir"; done)
	for dir in core/* cmd; do
		[ -d "$dir" ] || continue
		# shellcheck disable=SC2086
		point "$dir" timeout 200 cppcheck -q --std=c11 --language=c --enable=warning,portability --inline-suppr \
			--suppress=missingIncludeSystem --suppress=unknownMacro --max-configs=1 --error-exitcode=1 \
			--suppressions-list=tests/lint/cppcheck.txt $includes "$dir"
	done
	;;
*)
	echo "tools.sh: no such tool: $tool" >&2
	exit 99
	;;
esac
echo "1..$count"
[ "$failed" -eq 0 ] && [ "$count" -gt 0 ]
