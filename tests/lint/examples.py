#!/usr/bin/env python3
"""Run the examples of the man pages and of README.md.

usage: examples.py POSTHORN SOURCE_DIR

In a page (man/*.scd) an example is tested when the scdoc comment "; run" stands before its literal block, in README.md
when "<!-- run -->" does. The lines of the block that begin with "$ " are commands (a backslash continues one), run by sh
one after the other in a scratch directory, one for each page; what follows a command is what it must print (stdout and
stderr), where "[...]" alone on a line stands for any lines and elsewhere for any text. A command must exit 0, or as
"; run exit=N" says for the last one of the block. "; setup COMMAND" runs a command that the reader does not see;
tests/data is $TEST_DATA there.
"""
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "lib"))
import tap  # noqa: E402

posthorn, source = sys.argv[1:3]


def blocks(path):
    """(line, setup, exit, commands) where commands is a list of (command, expected lines)."""
    pending, setup = None, []
    lines = open(path, encoding="utf-8").read().splitlines()
    i = 0
    while i < len(lines):
        line = lines[i].strip()
        comment = re.match(r"^(?:; *|<!-- *)(setup|run)\b *(.*?)(?: *-->)?$", line)
        if comment and comment.group(1) == "setup":
            setup.append(comment.group(2))
        elif comment:
            code = re.search(r"exit=(\d+)", comment.group(2))
            pending = int(code.group(1)) if code else 0
        elif line.startswith("```") and pending is not None:
            start, i, commands = i + 1, i + 1, []
            while not lines[i].strip().startswith("```"):
                text = lines[i]
                if text.startswith("$ "):
                    while text.endswith("\\"):
                        i += 1
                        text = text[:-1] + lines[i].strip()
                    commands.append((text[2:], []))
                elif commands:
                    commands[-1][1].append(text)
                i += 1
            yield start, setup, pending, commands
            pending, setup = None, []
        elif line.startswith("```"):
            i += 1
            while not lines[i].strip().startswith("```"):
                i += 1
        i += 1


def matches(got, want):
    while want and not want[-1].strip():
        want = want[:-1]
    if not want:
        return True
    pattern = ""
    for line in want:
        if line.strip() == "[...]":
            pattern += r"(?:.*\n)*"
        else:
            pattern += ".*".join(re.escape(part) for part in line.split("[...]")) + r"\n"
    return re.fullmatch(pattern, got if got.endswith("\n") or not got else got + "\n") is not None


def main():
    pages = sorted(os.path.join(source, "man", p) for p in os.listdir(os.path.join(source, "man")) if p.endswith(".scd"))
    pages.append(os.path.join(source, "README.md"))
    shim = tempfile.mkdtemp(prefix="posthorn-bin.")
    os.symlink(os.path.abspath(posthorn), os.path.join(shim, "posthorn"))
    environment = dict(os.environ, PATH=shim + ":" + os.environ["PATH"], LC_ALL="C.UTF-8", TZ="UTC",
                       TEST_DATA=os.path.join(source, "tests", "data"))
    for name in ("POSTHORN_CONFIG", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "EMAIL", "NO_COLOR"):
        environment.pop(name, None)
    for page in pages:
        if not os.path.exists(page):
            continue
        with tempfile.TemporaryDirectory(prefix="posthorn-page.") as scratch:
            environment["HOME"] = scratch
            ran = 0
            for line, setup, code, commands in blocks(page):
                where = "%s:%d" % (os.path.basename(page), line)
                for command in setup:
                    subprocess.run(["sh", "-ec", command], cwd=scratch, env=environment, stdin=subprocess.DEVNULL, check=True)
                for n, (command, want) in enumerate(commands):
                    ran += 1
                    expected = code if n == len(commands) - 1 else 0
                    done = subprocess.run(["sh", "-c", command], cwd=scratch, env=environment, timeout=60, check=False,
                                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                    got = done.stdout.decode("utf-8", "replace")
                    tap.ok(done.returncode == expected and matches(got, want), where + ": " + command,
                           ["exit %d, want %d" % (done.returncode, expected), "got:", got, "want:"] + want)
            name = os.path.basename(page)
            if re.match(r"posthorn-[a-z-]+\.1\.scd|README", name) and "sendmail" not in name:
                tap.ok(ran > 0, name + ": has an example that is tested")
    os.unlink(os.path.join(shim, "posthorn"))
    os.rmdir(shim)
    tap.done()


main()
