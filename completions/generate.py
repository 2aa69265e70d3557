#!/usr/bin/env python3
"""Completions of bash, zsh or fish from the option tables.

usage: generate.py bash|zsh|fish OPTIONS.json
"""
import json
import sys

# Options whose values only the running program knows: the word that `posthorn help WORD` lists them for.
DYNAMIC = {"account": "accounts"}
FILES = ("file", "outfile")


def quoted(text, quote="'"):
    return quote + text.replace("'", "'\\''") + quote


def names(option):
    out = ["-" + option["letter"]] if option["letter"] else []
    if option["name"]:
        out.append("--" + option["name"])
        if option["kind"] == "switch":
            out.append("--no-" + option["name"])
    return out + ["--" + alias for alias in option["aliases"]]


def takes_value(option):
    return option["arg"] is not None


def links(commands):
    """Names that are installed as symbolic links (meson.build)."""
    return [c["command"] for c in commands if c["common"] and not c["hidden"] and c["command"] not in ("help", "version", "send", "report")]


# bash

BASH_HEAD = """# bash completion of posthorn. Made by the build from the option tables.

_posthorn_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur"); }

_posthorn_files() {
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(compgen -"$1" -- "$cur")
}

# Values with commas: what stands in front of the last one is kept.
_posthorn_list() {
	local front=
	[[ $cur == *,* ]] && front=${cur%,*},
	mapfile -t COMPREPLY < <(compgen -P "$front" -W "$1" -- "${cur##*,}")
	compopt -o nospace 2>/dev/null
}

_posthorn_value() {
	case $1 in
"""

BASH_TAIL = """
_posthorn() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[0]##*/} at=1
	COMPREPLY=()
	# "--name=value" comes as three words.
	if [[ $cur == = ]]; then
		cur=
		prev+==
	elif [[ $prev == = && COMP_CWORD -ge 2 ]]; then
		prev=${COMP_WORDS[COMP_CWORD-2]}=
	fi
	if [[ $command == posthorn ]]; then
		if ((COMP_CWORD == 1)); then
			_posthorn_words "$_posthorn_commands --version --help"
			return
		fi
		command=${COMP_WORDS[1]}
		at=2
	fi
	if _posthorn_value "$command $prev"; then
		return
	fi
	if [[ $cur == -* ]]; then
		_posthorn_words "${_posthorn_options[$command]-}"
		return
	fi
	_posthorn_operand "$command" $((COMP_CWORD - at))
}
"""


def bash_action(option):
    if option["name"] in DYNAMIC:
        return '_posthorn_words "$(posthorn help %s 2>/dev/null)"' % DYNAMIC[option["name"]]
    if option["kind"] == "choice":
        return "_posthorn_words " + quoted(" ".join(option["choices"]))
    if option["kind"] == "choices":
        return "_posthorn_list " + quoted(" ".join(option["choices"]))
    if option["kind"] in FILES:
        return "_posthorn_files f"
    if option["kind"] == "dir":
        return "_posthorn_files d"
    return ":"


def bash(commands):
    out = [BASH_HEAD.rstrip("\n")]
    for c in commands:
        for o in c["options"]:
            if takes_value(o):
                keys = [n + "=" for n in names(o) if n.startswith("--")] + ([] if o["optional"] else names(o))
                if keys:
                    pattern = " | ".join(quoted(c["command"] + " " + n) for n in keys)
                    out.append("\t%s) %s ;;" % (pattern, bash_action(o)))
    out += ["\t*) return 1 ;;", "\tesac", "\treturn 0", "}", "", "_posthorn_operand() {", "\tcase $1 in"]
    for c in commands:
        if c["verbs"]:
            out.append("\t%s) (($2 == 0)) && _posthorn_words %s ;;" % (c["command"], quoted(" ".join(c["verbs"]))))
        elif c["command"] == "help":
            out.append('\thelp) _posthorn_words "$_posthorn_commands exit" ;;')
        elif c["operand"] in FILES:
            out.append("\t%s) _posthorn_files f ;;" % c["command"])
        elif c["operand"] == "dir":
            out.append("\t%s) _posthorn_files d ;;" % c["command"])
    out += ["\t*) ;;", "\tesac", "}", ""]
    out.append("_posthorn_commands=%s" % quoted(" ".join(c["command"] for c in commands if not c["hidden"])))
    out.append("declare -gA _posthorn_options=(")
    for c in commands:
        words = " ".join(n for o in c["options"] for n in names(o))
        out.append("\t[%s]=%s" % (c["command"], quoted(words)))
    out += [")", BASH_TAIL.rstrip("\n"), "", "complete -F _posthorn " + " ".join(["posthorn"] + links(commands))]
    return out


# zsh

def zsh_text(text):
    for c in "\\[]:":
        text = text.replace(c, "\\" + c)
    return text.replace("'", "'\\''")


def zsh_action(option):
    # A leading space: called as it is, without the options that _arguments puts in.
    if option["name"] in DYNAMIC:
        return " _posthorn_ask " + DYNAMIC[option["name"]]
    if option["kind"] == "choice":
        return "(" + " ".join(option["choices"]) + ")"
    if option["kind"] == "choices":
        return "_values -s , " + option["arg"].lower() + " " + " ".join(option["choices"])
    if option["kind"] in FILES:
        return "_files"
    if option["kind"] == "dir":
        return "_files -/"
    if option["kind"] == "domain":
        return "_hosts"
    return " "


def zsh_spec(option):
    text = zsh_text(option["help"] or "")
    out = []
    for name in names(option):
        repeat = "*" if option["repeatable"] else ""
        if not takes_value(option):
            out.append("'%s%s[%s]'" % (repeat, name, text))
            continue
        long = name.startswith("--")
        value = ":%s:%s" % (zsh_text(option["arg"]), zsh_action(option).replace("'", "'\\''"))
        if option["optional"]:
            value = ":" + value
        joint = ("=-" if long else "-") if option["optional"] else ("=" if long else "+")
        out.append("'%s%s%s[%s]%s'" % (repeat, name, joint, text, value))
    return out


def zsh_operand(command):
    if command["verbs"]:
        return ["'1:verb:(%s)'" % " ".join(command["verbs"]), "'*:operand: '"]
    if command["command"] == "help":
        return ["'1:command:_posthorn_commands'"]
    action = {"file": "_files", "outfile": "_files", "dir": "_files -/", "domain": "_hosts"}.get(command["operand"])
    return ["'*:%s:%s'" % (command["operand"], action)] if action else (["'*:operand: '"] if command["operand"] else [])


def zsh(commands):
    out = ["#compdef posthorn " + " ".join(links(commands)), "# Made by the build from the option tables.", ""]
    out += ["_posthorn_ask() {", "\tlocal -a words", '\twords=(${(f)"$(posthorn help $1 2>/dev/null)"})',
            "\tcompadd -a words", "}", "", "_posthorn_commands() {", "\tlocal -a commands", "\tcommands=("]
    for c in commands:
        if not c["hidden"]:
            out.append("\t\t'%s:%s'" % (c["command"], zsh_text(c["summary"])))
    out += ["\t)", "\t_describe command commands", "}", ""]
    for c in commands:
        out += ["_posthorn_%s() {" % c["command"].replace("-", "_"), "\t_arguments -s -S \\"]
        specs = [s for o in c["options"] for s in zsh_spec(o)] + zsh_operand(c)
        out += ["\t\t%s \\" % s for s in specs[:-1]] + ["\t\t" + specs[-1], "}", ""]
    out += ["_posthorn() {", "\tlocal command=${service:t}", "\tif [[ $command == posthorn ]]; then",
            "\t\tif (( CURRENT == 2 )); then", "\t\t\t_posthorn_commands", "\t\t\treturn", "\t\tfi",
            "\t\tshift words", "\t\t(( CURRENT-- ))", "\t\tcommand=${words[1]}", "\tfi",
            "\t(( $+functions[_posthorn_${command//-/_}] )) && _posthorn_${command//-/_}", "}", "",
            '_posthorn "$@"']
    return out


# fish

def fish_text(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fish_action(option):
    if not takes_value(option):
        return ""
    need = "" if option["optional"] else " -r"
    if option["name"] in DYNAMIC:
        return " -x -a '(posthorn help %s 2>/dev/null)'" % DYNAMIC[option["name"]]
    if option["kind"] == "choice":
        return " -f%s -a '%s'" % (need, " ".join(option["choices"]))
    if option["kind"] == "choices":
        return " -f%s -a '(__fish_append , %s)'" % (need, " ".join(option["choices"]))
    if option["kind"] in FILES:
        return " -F" + need
    if option["kind"] == "dir":
        return " -f%s -a '(__fish_complete_directories)'" % need
    return " -f" + need


def fish(commands):
    out = ["# fish completion of posthorn. Made by the build from the option tables.", "",
           "function __posthorn_first",
           "\tset -l words (commandline -opc)",
           "\ttest (count $words) -eq 1",
           "end", "",
           "function __posthorn_is",
           "\tset -l words (commandline -opc)",
           '\ttest (count $words) -ge 2; and test "$words[2]" = $argv[1]',
           "end", "",
           "function __posthorn_verb",
           "\tset -l words (commandline -opc)",
           '\ttest (count $words) -eq 2; and test "$words[2]" = $argv[1]',
           "end", "", "complete -c posthorn -f", "complete -c posthorn -n __posthorn_first -l version -d 'show the version'",
           "complete -c posthorn -n __posthorn_first -l help -d 'list the commands'"]
    for c in commands:
        if not c["hidden"]:
            out.append("complete -c posthorn -n __posthorn_first -a %s -d %s" % (c["command"], fish_text(c["summary"])))
    for c in commands:
        when = "complete -c posthorn -n '__posthorn_is %s'" % c["command"]
        for o in c["options"]:
            letter = " -s " + o["letter"] if o["letter"] else ""
            longs = [n[2:] for n in names(o) if n.startswith("--")]
            action, text = fish_action(o), fish_text(o["help"] or "")
            out.append("%s%s%s%s -d %s" % (when, letter, " -l " + longs[0] if longs else "", action, text))
            for n in longs[1:]:
                out.append("%s -l %s%s -d %s" % (when, n, action, text))
        if c["verbs"]:
            out.append("complete -c posthorn -n '__posthorn_verb %s' -a '%s'" % (c["command"], " ".join(c["verbs"])))
        elif c["command"] == "help":
            out.append("%s -a '%s'" % (when, " ".join([d["command"] for d in commands if not d["hidden"]] + ["exit"])))
        elif c["operand"] in FILES:
            out.append(when + " -F")
        elif c["operand"] == "dir":
            out.append(when + " -a '(__fish_complete_directories)'")
    for name in links(commands):
        out.append("complete -c %s -w 'posthorn %s'" % (name, name))
    return out


def main():
    shell, options = sys.argv[1:3]
    lines = [json.loads(line) for line in open(options, encoding="utf-8")]
    commands = [c for c in lines if "command" in c]
    sys.stdout.write("\n".join({"bash": bash, "zsh": zsh, "fish": fish}[shell](commands)) + "\n")


main()
