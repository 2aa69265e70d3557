#!/usr/bin/env python3
"""Parser, -h, --help, completions, man pages and the dump of the option tables say the same.

usage: options.py POSTHORN SOURCE_DIR BUILD_DIR
"""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402

posthorn, source, build = sys.argv[1:4]

VALUES = {"uint": "1", "duration": "5m", "size": "10k", "time": "2026-11-21T20:00:00Z", "ip": "192.0.2.1",
          "endpoint": "192.0.2.1:25", "domain": "example.org", "file": "f", "outfile": "f", "dir": ".", "text": "x"}
BAD = {"uint": "x", "duration": "soon", "size": "big", "time": "now", "ip": "x", "endpoint": "a b", "domain": "a@b",
       "choice": "no-such-choice", "choices": "no-such-choice", "file": "", "outfile": "", "dir": ""}


def run(*args):
    done = subprocess.run([posthorn, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                          timeout=60, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def spellings(option):
    out = ["-" + option["letter"]] if option["letter"] else []
    if option["name"]:
        out.append("--" + option["name"])
        if option["kind"] == "switch":
            out.append("--no-" + option["name"])
    return out


def option_words(text):
    """Every option that begins a line of help, with its letter."""
    words = set()
    for line in text.splitlines():
        match = re.match(r"^  (-\w)?(?:, |\s+)?(--(?:\[no-\])?[\w-]+)?", line)
        if not match or not line.startswith("  ") or line.startswith("                    "):
            continue
        if match.group(1):
            words.add(match.group(1))
        if match.group(2):
            name = match.group(2)
            words.add(name.replace("[no-]", ""))
            if "[no-]" in name:
                words.add(name.replace("[no-]", "no-"))
    return words


def value_for(option):
    if option["kind"] in ("choice", "choices"):
        return option["choices"][0]
    # uint has ranges; the middle of most is a port
    return VALUES[option["kind"]]


def check_help(command):
    name = command["command"]
    want = {w for o in command["options"] for w in spellings(o)}
    code, text, _ = run("help", name)
    tap.ok(code == 0 and option_words(text) == want, name + ": help shows every option and no other",
           sorted(option_words(text) ^ want))
    for alias in (a for o in command["options"] for a in o["aliases"]):
        tap.ok("also --" + alias in re.sub(r"\s+", " ", text), "%s: help names --%s" % (name, alias))
    if not command["common"]:
        return
    code, long_text, _ = run(name, "--help")
    tap.ok(code == 0 and long_text == text, name + ": --help is the same as help")
    code, short, _ = run(name, "-h")
    common = {w for o in command["options"] if o["common"] for w in spellings(o)}
    tap.ok(code == 0 and option_words(short) == common, name + ": -h shows the most used",
           sorted(option_words(short) ^ common))
    for o in command["options"]:
        tap.ok(o["help"] and o["help"][-1] != "." and o["help"][:1] != " ", "%s: %s has a help text" % (name, spellings(o)))


def check_parser(command):
    name, accepted, refused = command["command"], [], []
    if not command["common"]:
        return
    for o in command["options"]:
        for word in spellings(o) + ["--" + a for a in o["aliases"]]:
            if word in ("-h", "--help"):
                continue
            args = [word]
            if o["arg"] and not o["optional"]:
                value = value_for(o)
                args.append("@" + value if word == "--data" else value)
            code, _, err = run(name, *args, "--help")
            if code != 0 and not (o["kind"] == "uint" and "out of range" in err):
                accepted.append("%s: exit %d: %s" % (args, code, err))
            if o["arg"] and word.startswith("--") and o["kind"] in BAD and word != "--data":
                code, _, err = run(name, word + "=" + BAD[o["kind"]])
                if code != 64 or word not in err:
                    refused.append("%s=%s: exit %d: %s" % (word, BAD[o["kind"]], code, err))
    tap.ok(not accepted, name + ": the parser knows every option", accepted)
    tap.ok(not refused, name + ": bad values are 64 and name the option", refused)


def check_completions(command, bash, zsh, fish):
    name, lacking = command["command"], []
    match = re.search(r"^\t\[%s\]='([^']*)'" % re.escape(name), bash, re.M)
    words = set(match.group(1).split()) if match else set()
    zsh_part = re.search(r"^_posthorn_%s\(\) \{\n(.*?)^\}" % name.replace("-", "_"), zsh, re.M | re.S)
    zsh_words = set(re.findall(r"'\*?(--?[\w-]+?)(?:=-?|\+|-)?\[", zsh_part.group(1))) if zsh_part else set()
    fish_lines = [line for line in fish.splitlines() if "__posthorn_is %s'" % name in line]
    fish_words = {"--" + w for line in fish_lines for w in re.findall(r" -l ([\w-]+)", line)}
    fish_words |= {"-" + w for line in fish_lines for w in re.findall(r" -s (\S)", line)}
    want = {w for o in command["options"] for w in spellings(o)} | {"--" + a for o in command["options"] for a in o["aliases"]}
    for shell, have in (("bash", words), ("zsh", zsh_words), ("fish", fish_words)):
        if have != want:
            lacking.append("%s: %s" % (shell, sorted(have ^ want)))
    tap.ok(not lacking, name + ": completions have every option and no other", lacking)


def check_man(command):
    name = command["command"]
    if name in ("help", "version", "mailq", "newaliases"):
        return
    page = os.path.join(build, "man", "posthorn-%s.1" % name)
    if not tap.ok(os.path.exists(page), name + ": there is a man page"):
        return
    text = re.sub(r"\\f[A-Z]|\\&", "", open(page, encoding="utf-8").read()).replace("\\-", "-")
    lacking = [w for o in command["options"] for w in spellings(o) if not re.search(r"(?<![\w-])%s(?![\w-])" % re.escape(
        w.replace("--no-", "--[no-]") if o["kind"] == "switch" and w.startswith("--no-") else
        w.replace("--", "--[no-]") if o["kind"] == "switch" and w.startswith("--") else w), text)]
    tap.ok(not lacking, name + ": the man page has every option", lacking)
    for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "EXAMPLES"):
        tap.ok('.SH ' + section in text, "%s: the man page has %s" % (name, section))


def check_config():
    page = os.path.join(build, "man", "posthorn.conf.5")
    keys = re.findall(r'^\s*\{ "([\w-]+)",', open(os.path.join(source, "core/config/config_keys.c"), encoding="utf-8").read(), re.M)
    if tap.ok(os.path.exists(page) and len(keys) > 30, "posthorn.conf(5) is there"):
        text = open(page, encoding="utf-8").read().replace("\\-", "-").replace("\\fB", " ").replace("\\fR", " ")
        lacking = sorted({k for k in keys if not re.search(r"(?<![\w-])%s(?![\w-])" % k, text)})
        tap.ok(not lacking, "posthorn.conf(5) has every key", lacking)


def main():
    code, text, err = run("help", "--json")
    tap.ok(code == 0, "help --json", err)
    commands = [c for c in map(json.loads, text.splitlines()) if "command" in c]
    bash, zsh, fish = (open(os.path.join(build, "completions", f), encoding="utf-8").read()
                       for f in ("posthorn", "_posthorn", "posthorn.fish"))
    for command in commands:
        letters = [o["letter"] for o in command["options"] if o["letter"]]
        tap.ok(len(letters) == len(set(letters)), command["command"] + ": one meaning a letter",
               sorted(x for x in letters if letters.count(x) > 1))
        longs = [o["name"] for o in command["options"] if o["name"]] + [a for o in command["options"] for a in o["aliases"]]
        tap.ok(len(longs) == len(set(longs)), command["command"] + ": one meaning a name",
               sorted(x for x in longs if longs.count(x) > 1))
        check_help(command)
        check_parser(command)
        check_completions(command, bash, zsh, fish)
        check_man(command)
    check_config()
    tap.done()


main()
