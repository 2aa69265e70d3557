"""TAP points for tests in Python: ok(condition, name, notes), done()."""
import sys

_count = 0
_failed = 0


def ok(condition, name, notes=()):
    global _count, _failed
    _count += 1
    _failed += not condition
    print("%s %d - %s" % ("ok" if condition else "not ok", _count, str(name).replace("#", "_")))
    if not condition:
        for note in [notes] if isinstance(notes, str) else list(notes)[:60]:
            for line in str(note).splitlines():
                print("# " + line)
    return bool(condition)


def skip(name, why):
    global _count
    _count += 1
    print("ok %d - %s # SKIP %s" % (_count, name, why))


def done():
    print("1..%d" % _count)
    sys.exit(1 if _failed or _count == 0 else 0)
