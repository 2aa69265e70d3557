#!/usr/bin/python3
"""The program against scram_peer: SCRAM-SHA-256-PLUS bound to the TLS connection, and through somebody in the middle."""
import os
import subprocess
import sys
import tempfile

POSTHORN, PEER = os.environ["POSTHORN"], sys.argv[1]


def run(top, *options, password="pencil"):
    files = {name: os.path.join(top, name) for name in ("cert.pem", "key.pem", "password")}
    with open(os.open(files["password"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as out:
        out.write(password + "\n")
    with subprocess.Popen([PEER, *options, files["cert.pem"], files["key.pem"]], stdout=subprocess.PIPE, text=True) as peer:
        port = peer.stdout.readline().strip()
        done = subprocess.run([POSTHORN, "send", "--config", "/dev/null", "--server", f"localhost:{port}", "--tls-ca", files["cert.pem"],
                               "-u", "user", "--password-file", files["password"], "-r", "ann@example.net", "--body", "x",
                               "--transcript", "--timeout", "15", "bob@example.net"],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        return done, peer.wait()


def main():
    with tempfile.TemporaryDirectory() as top:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                        f"{top}/key.pem", "-out", f"{top}/cert.pem", "-days", "2", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=DNS:localhost"], check=True, capture_output=True)
        good, let_in = run(top)
        middle, let_in_middle = run(top, "-x")
        wrong, let_in_wrong = run(top, password="brush")
    cases = [
        ("bound to this connection: let in", good.returncode == 0 and let_in == 0, good),
        ("-PLUS is what was chosen", "AUTH SCRAM-SHA-256-PLUS" in good.stderr, good),
        ("through somebody in the middle: not let in, 77", middle.returncode == 77 and let_in_middle == 1, middle),
        ("a wrong password: not let in, 77", wrong.returncode == 77 and let_in_wrong == 1, wrong),
        ("no secret is shown", "pencil" not in good.stderr and "biws" not in good.stderr and "p=" not in good.stderr, good),
    ]
    for number, (title, passed, done) in enumerate(cases, 1):
        if not passed:
            print("# exit", done.returncode, "\n# " + done.stderr.replace("\n", "\n# "))
        print(f"{'ok' if passed else 'not ok'} {number} - {title}")
    print(f"1..{len(cases)}")
    return 0 if all(passed for _, passed, _ in cases) else 1


if __name__ == "__main__":
    sys.exit(main())
