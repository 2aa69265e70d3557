#!/usr/bin/env python3
"""Fill a man page's placeholders from the option tables and make roff of it.

usage: page.py PAGE.scd OPTIONS.json SCDOC [COMMAND]

A line of its own that is
  @SYNOPSIS@  becomes the usage lines of the page's command,
  @OPTIONS@   all of its options under their headings (## level), the common ones last,
  @COMMON@    the options that every command has,
  @COMMANDS@  the list of commands,
  @EXITS@     the exit codes of the command, or all of them in posthorn(1).

Examples that are tested (tests/lint/examples.py): in front of a literal block stands the scdoc comment "; run", see there.
"""
import json
import re
import subprocess
import sys


def plain(text):
    """Escape what scdoc would read as markup."""
    return re.sub(r"([\\*_])", r"\\\1", text)


def sentence(text):
    text = text.strip()
    return plain(text[:1].upper() + text[1:]) + "."


def forms(option):
    value = ""
    if option["arg"]:
        arg = "_" + option["arg"].replace("_", r"\_") + "_"
        value = ("[=" + arg + "]" if option["name"] else "[" + arg + "]") if option["optional"] else " " + arg
    names = []
    if option["letter"]:
        names.append("*-" + option["letter"] + "*")
    if option["name"]:
        names.append("*--" + ("[no-]" if option["kind"] == "switch" else "") + option["name"] + "*")
    text = ", ".join(names) + value
    return text + "".join(", *--" + alias + "*" for alias in option["aliases"])


def option_list(options, level="##"):
    out, heading = [], None
    for option in options:
        if option["heading"] != heading:
            heading = option["heading"]
            out += ["", level + " " + heading, ""]
        out += [forms(option), "\t" + sentence(option["help"] or ""), ""]
    return out


def exit_list(exits):
    out = []
    for e in exits:
        out += ["*%d*" % e["code"], "\t" + sentence(e["meaning"]), ""]
    return out


def synopsis(command):
    front = "*" + command["command"] + "* " if not command["common"] else "*posthorn " + command["command"] + "* "
    out = []
    for line in command["usage"]:
        out += [front + plain(line) + "++"]
    out[-1] = out[-1][:-2]
    return out


def fill(source, commands, exits, command):
    out = []
    for line in source.splitlines():
        mark = line.strip()
        if mark == "@SYNOPSIS@":
            out += synopsis(command)
        elif mark == "@OPTIONS@":
            out += option_list(command["options"])
        elif mark == "@COMMON@":
            out += option_list([o for o in commands["version"]["options"] if o["heading"] == "Everywhere"])
        elif mark == "@COMMANDS@":
            for c in commands.values():
                if not c["hidden"]:
                    out += ["*" + c["command"] + "*", "\t" + sentence(c["summary"]), ""]
        elif mark == "@EXITS@":
            out += exit_list(command["exits"] if command else exits)
        elif mark == "@KEYS@":
            raise SystemExit("no such placeholder: " + mark)
        else:
            out.append(line)
    return "\n".join(out) + "\n"


def main():
    page, options, scdoc = sys.argv[1:4]
    lines = [json.loads(line) for line in open(options, encoding="utf-8")]
    commands = {c["command"]: c for c in lines if "command" in c}
    exits = next((c["all_exits"] for c in lines if "all_exits" in c), [])
    command = commands.get(sys.argv[4]) if len(sys.argv) > 4 else None
    if len(sys.argv) > 4 and command is None:
        raise SystemExit(page + ": no such command: " + sys.argv[4])
    text = fill(open(page, encoding="utf-8").read(), commands, exits, command)
    done = subprocess.run([scdoc], input=text.encode(), stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise SystemExit(page + ": scdoc does not like it")
    sys.stdout.buffer.write(done.stdout)


main()
