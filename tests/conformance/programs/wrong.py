"""Programs that misbehave, each in one way: python wrong.py NAME. All else they do as the right program does.

Most do it when they are asked for a row of three entries, and only then.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from right import OFFER, answer, write

SLEEP = [sys.executable, "-S", "-c", "import time; time.sleep(1000)"]


def raw(text):
    sys.stdout.write(text)
    sys.stdout.flush()


def chatter(descriptor):
    """Write for ever, and never mind whether anybody listens."""
    while True:
        os.write(descriptor, b"0123456789abcdef" * 4096)


def flood(request):
    while True:
        raw("{}\n" * 1000)


def partial(request):
    raw(json.dumps(answer(request))[:20])
    time.sleep(1000)


def deaf(request):
    """Close standard input before anybody can write the next request."""
    os.close(0)
    write(answer(request))
    time.sleep(1000)


def shut(request):
    os.close(1)
    time.sleep(1000)


def fork(request):
    """Leave processes behind in the group, which hold the pipes open, and end."""
    for _ in range(3):
        subprocess.Popen(SLEEP)
    os._exit(5)


def forked(request):
    """Answer, with processes that go on."""
    for _ in range(3):
        subprocess.Popen(SLEEP, stdout=subprocess.DEVNULL)
    write(answer(request))


def escape(request):
    subprocess.Popen(SLEEP, start_new_session=True)
    os._exit(5)


def nameless(request):
    """Leave a process behind in the group that nobody can tell by its environment."""
    left = subprocess.Popen(SLEEP, env={})
    os.write(2, f"{left.pid}\n".encode())
    os._exit(5)


def twins(request):
    """Both of two processes answer."""
    other = os.fork()
    write(answer(request))
    if not other:
        os._exit(0)
    os.waitpid(other, 0)


def changed(request, **changes):
    write(answer(request) | changes)


def wrong_once(request):
    """Answer with the seq before, and then go on as if nothing were."""
    changed(request, seq=request["seq"] - 1)


def ahead(request):
    """Answer, and the next request too, in one breath."""
    raw("".join(json.dumps(answer(request) | {"seq": request["seq"] + n}) + "\n" for n in range(2)))


CALLS = []


def unsure(request):
    """Say another last digit each time."""
    y = answer(request)["y"]
    CALLS.append(1)
    changed(request, y=[f"{int(text, 16) ^ len(CALLS) % 2:08x}" for text in y])


def payload(request):
    """Answer nan with other bits; elsewhere the right thing."""
    changed(request, y=["ffc12345" if text == "7fc00000" else text for text in answer(request)["y"]])


def memory(request):
    os.write(2, b"%d MiB wanted\n" % 64)
    held = bytearray(64 << 20)
    write(answer(request) if held else {})


def y(request, edit):
    found = answer(request)["y"]
    changed(request, y=edit(found))


BEHAVIOURS = {
    "abort": lambda r: os.abort(),
    "killed": lambda r: os.kill(os.getpid(), signal.SIGKILL),
    "shell": lambda r: os._exit(128 + signal.SIGSEGV),
    "hang": lambda r: time.sleep(1000),
    "stubborn": lambda r: [signal.signal(s, signal.SIG_IGN) for s in (1, 2, 15)] and time.sleep(1000),
    "tell": lambda r: os.write(2, b"%d\n" % os.getpid()) and time.sleep(1000),
    "exit": lambda r: os._exit(3),
    "quit": lambda r: os._exit(0),
    "complain": lambda r: sys.exit("mine: out of luck"),
    "flood": flood,
    "endless line": lambda r: chatter(1),
    "partial": partial,
    "no json": lambda r: raw("softmax: 0.1 0.9\n"),
    "no utf-8": lambda r: os.write(1, b'{"seq": "\xff\xfe"}\n'),
    "no seq": lambda r: write({"y": answer(r)["y"]}),
    "seq of another": lambda r: changed(r, seq=10**9),
    "seq before": wrong_once,
    "two answers": lambda r: [write(answer(r)) for _ in range(2)],
    "a comment more": lambda r: raw(json.dumps(answer(r)) + "\ndone!\n"),
    "ahead": ahead,
    "twins": twins,
    "too few": lambda r: y(r, lambda y: y[:-1]),
    "endless values": lambda r: y(r, lambda y: y * 100000),
    "decimal": lambda r: y(r, lambda y: ["0.333333"] * 3),
    "errored": lambda r: write({"seq": r["seq"], "errored": "out of \x1b[31m memory"}),
    "deaf": deaf,
    "shut": shut,
    "fork": fork,
    "escape": escape,
    "nameless": nameless,
    "forked": forked,
    "unsure": unsure,
    "payload": payload,
    "memory": memory,
    "errors": lambda r: [os.write(2, b"warning: " + b"x" * 5000 + b"\n") for _ in range(100)] and write(answer(r)),
}

CACHES = {
    "first of all": lambda r: 0,
    "shape": lambda r: str(r["shape"]),
    "first entry": lambda r: r["inputs"]["z"]["bits"][0],
    "ends": lambda r: (r["inputs"]["z"]["bits"][0], r["inputs"]["z"]["bits"][-1]),
    "all but axis": lambda r: json.dumps(r["inputs"]),
    "seq": lambda r: r["seq"] % 5,
}
"""What a program that remembers its answers knows them by."""


def lag(lines):
    """Answer each request when the next one comes."""
    held = None
    for line in lines:
        request = json.loads(line)
        if held:
            write(answer(held))
        held = request if request["op"] == "run" else None
        if request["op"] == "start":
            write(OFFER)


def reorder(lines):
    """Answer all that is there, the last one first."""
    while True:
        asked = [json.loads(line) for line in os.read(0, 1 << 20).splitlines()]
        for request in reversed(asked):
            if request["op"] == "stop":
                return
            write(OFFER if request["op"] == "start" else answer(request))


def unread(lines):
    """Never read; say what might be asked."""
    write(OFFER)
    time.sleep(1000)


WHOLE = {"lag": lag, "reorder": reorder, "unread": unread}

STARTS = {
    "start exit": lambda: sys.exit("mine: no licence"),
    "start banner": lambda: raw("Welcome to mine 1.0\n"),
    "start hang": lambda: time.sleep(1000),
    "start flood": lambda: chatter(1),
    "start without formats": lambda: write({"name": "mine", "functions": ["softmax"]}),
    "start misspelt": lambda: write(OFFER | {"workingformat": "binary32"}),
    "start numbers": lambda: write(OFFER | {"name": 3}),
    "start error": lambda: write({"error": "needs a device"}),
    "start nothing": lambda: write(OFFER | {"functions": ["gelu"]}),
}

STOPS = {
    "stop 3": lambda: os._exit(3),
    "stop never": lambda: time.sleep(1000),
    "stop late": lambda: raw(json.dumps({"seq": 1, "y": []}) + "\n"),
    "stop flood": lambda: flood(None),
}


def main(name):
    kept = {}
    if name in WHOLE:
        return WHOLE[name](sys.stdin)
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "stop":
            return STOPS.get(name, lambda: None)()
        if request["op"] == "start":
            STARTS.get(name, lambda: write(OFFER))()
        elif name in CACHES:
            changed(request, y=kept.setdefault(CACHES[name](request), answer(request)["y"]))
        elif name in BEHAVIOURS and request["shape"] == [3]:
            BEHAVIOURS[name](request)
        else:
            write(answer(request))
    return None


if __name__ == "__main__":
    main(sys.argv[1])
