"""Asks a prestarted process to do what this process was started for, and ends as it ends.

It imports next to nothing, so that it is there in milliseconds: ``python -I -S shim.py SOCKET …``.
"""

import json
import os
import signal
import socket
import sys


def main() -> None:
    """Hand over the arguments, the environment and the three streams; pass signals on."""
    folder = os.getcwd()  # noqa: PTH109 - pathlib takes its time
    asked = json.dumps([sys.argv[2:], dict(os.environ), folder]).encode()
    with socket.socket(socket.AF_UNIX) as prestarted:
        prestarted.connect(sys.argv[1])
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda number, _: prestarted.sendall(bytes([number])))
        socket.send_fds(prestarted, [len(asked).to_bytes(4, "big")], [0, 1, 2])
        prestarted.sendall(asked)
        for stream in (0, 1):  # else nobody would see their other ends close
            os.close(stream)
        ended = prestarted.recv(4, socket.MSG_WAITALL)
    status = int.from_bytes(ended, "big", signed=True) if ended else -signal.SIGKILL
    if status < 0:
        signal.signal(-status, signal.SIG_DFL) if -status != signal.SIGKILL else None
        os.kill(os.getpid(), -status)
    os._exit(status)


main()
