#!/usr/bin/env python3
"""Ask real shells: the completions are loaded in bash, zsh and fish, and questions are put to them.

usage: completions.py POSTHORN BUILD_DIR
"""
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402

posthorn, build = (os.path.abspath(p) for p in sys.argv[1:3])
folder = os.path.join(build, "completions")

# what is typed -> a word that must be offered, one that must not
QUESTIONS = [
    ("posthorn ver", "version", "send"),
    ("posthorn he", "help", "version"),
    ("posthorn version --js", "--json", "--quiet"),
    ("posthorn version --color ", "always", "--json"),
    ("posthorn version --color=n", "never", "always"),
    ("posthorn version --progress o", "off", "json"),
    ("posthorn help ver", "version", "help"),
    ("posthorn version --config ", "a-file.conf", "--json"),
    ("posthorn spf-eval --mail", "--mail-from", "--ip"),
    ("posthorn dkim-sign --head", "--headers", "--domain"),
    ("posthorn send --mark", "--markdown", "--html"),
    ("posthorn send --tls v", "verify", "none"),
    ("posthorn send --account w", "work", "home"),
    ("spf-eval --mail", "--mail-from", "--ip"),
]

BASH = r"""
. "$1" || exit 9
COMP_LINE=$2
read -r -a raw <<<"$COMP_LINE"
[[ $COMP_LINE == *' ' ]] && raw+=('')
COMP_WORDS=()
for word in "${raw[@]}"; do
	if [[ $word == --*=* ]]; then COMP_WORDS+=("${word%%=*}" = "${word#*=}"); else COMP_WORDS+=("$word"); fi
done
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
complete -p "${COMP_WORDS[0]}" >/dev/null || exit 8
compopt() { :; }
_posthorn
printf '%s\n' "${COMPREPLY[@]}"
"""


def ask_bash(line, cwd, env):
    done = subprocess.run(["bash", "--norc", "-c", BASH, "bash", os.path.join(folder, "posthorn"), line], cwd=cwd, env=env,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return done.stdout.decode().split() + done.stderr.decode().split()


def ask_fish(line, cwd, env):
    done = subprocess.run(["fish", "--no-config", "-c", "source $argv[1]; complete -C $argv[2]",
                           os.path.join(folder, "posthorn.fish"), line], cwd=cwd, env=env, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    words = [row.split("\t")[0] for row in done.stdout.decode().splitlines()]
    return [w.split("=", 1)[1] if "=" in w and "=" in line else w for w in words] + done.stderr.decode().split()


class Zsh:
    """An interactive zsh on a terminal of its own; TAB lists what fits."""

    def __init__(self, cwd, env):
        pid, self.fd = pty.fork()
        if pid == 0:
            os.chdir(cwd)
            os.execvpe("zsh", ["zsh", "-f", "-i"], dict(env, TERM="dumb", COLUMNS="200"))
        self.pid = pid
        self.say("PS1='READY> '; unsetopt zle_bracketed_paste; stty cols 200 rows 200; fpath=(%s $fpath)\n" % folder)
        self.say("autoload -Uz compinit; compinit -u -D; setopt no_beep; unsetopt auto_menu auto_list always_last_prompt\n")
        self.say("LISTMAX=0; bindkey '^I' list-choices; print LOADED $+functions[_posthorn]\n")
        self.read_until("LOADED 1", 20)

    def say(self, text):
        os.write(self.fd, text.encode())

    def read_until(self, mark, seconds):
        text, end = "", time.time() + seconds
        while time.time() < end and not (mark and mark in text):
            ready, _, _ = select.select([self.fd], [], [], 0.3)
            if not ready:
                if not mark and text:
                    break
                continue
            try:
                text += os.read(self.fd, 65536).decode("utf-8", "replace")
            except OSError:
                break
        return text

    def ask(self, line):
        self.read_until("", 0.4)
        self.say(line + "\t")
        text = self.read_until("", 6)
        self.say("\x15")
        self.read_until("", 0.4)
        listed = (text.split("\n", 1)[1] if "\n" in text else "").split("READY>")[0]
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", listed).split()

    def close(self):
        self.say("\x15exit\n")
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def judge(shell, questions, answer):
    for line, want, unwanted in questions:
        got = answer(line)
        tap.ok(any(w == want or w.startswith(want) for w in got) and unwanted not in got,
               "%s: %r offers %s" % (shell, line, want), " ".join(got)[:400])


def main():
    commands = subprocess.run([posthorn, "help"], stdout=subprocess.PIPE, check=True).stdout.decode()
    there = set(re.findall(r"^  ([a-z-]+) ", commands, re.M))
    questions = [q for q in QUESTIONS if (q[0].split()[1] if q[0].startswith("posthorn") else q[0].split()[0]) in there
                 or q[0].startswith(("posthorn ver", "posthorn he"))]
    with tempfile.TemporaryDirectory(prefix="posthorn-complete.") as cwd:
        os.mkdir(os.path.join(cwd, "bin"))
        os.symlink(posthorn, os.path.join(cwd, "bin", "posthorn"))
        open(os.path.join(cwd, "a-file.conf"), "w", encoding="utf-8").close()
        conf = os.path.join(cwd, "test.conf")
        with open(conf, "w", encoding="utf-8") as f:
            f.write('account "work" { server = a }\naccount "home" { server = b }\n')
        env = dict(os.environ, PATH=os.path.join(cwd, "bin") + ":" + os.environ["PATH"], HOME=cwd, LC_ALL="C.UTF-8",
                   POSTHORN_CONFIG=conf)
        for shell, ask in (("bash", ask_bash), ("fish", ask_fish)):
            if shutil.which(shell):
                judge(shell, questions, lambda line, ask=ask: ask(line, cwd, env))
            else:
                tap.skip(shell, "not installed")
        if shutil.which("zsh"):
            zsh = Zsh(cwd, env)
            judge("zsh", questions, zsh.ask)
            zsh.close()
        else:
            tap.skip("zsh", "not installed")
    tap.done()


main()
