"""Kernels that begin with their libraries imported: forks of one process, so that no test imports them again.

`start` begins that process and describes the kernel to Jupyter. Run as a kernel's command, this file asks
for a fork with its own environment, folder and standard streams, passes signals on, and ends when the fork
does; when it is killed, so is the fork.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import selectors
import signal
import socket
import subprocess
import sys
from pathlib import Path

LIBRARIES = (
    "aiohttp",
    "anywidget",
    "bokeh.models",
    "bokeh.plotting",
    "ipykernel.kernelapp",
    "ipywidgets",
    "numba",
    "pandas",
    "scipy.stats",
    "socketio",
    "tqdm.auto",
)


def start(data: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Begin the process whose forks are the kernels, in Jupyter's folder `data`; return when it listens."""
    folder = data / "kernels" / "python3"
    folder.mkdir(parents=True)
    path = str(data / "kernels.socket")
    command = [sys.executable, __file__, path]
    serving = subprocess.Popen([*command, "--serve"], env=environment, stdout=subprocess.PIPE)
    assert serving.stdout is not None
    with serving.stdout as says:
        if not says.readline():
            raise RuntimeError("the process of the kernels did not start")
    described = {
        "argv": [*command, "{connection_file}"],
        "display_name": "Python 3",
        "language": "python",
        "metadata": {"debugger": True},
    }
    (folder / "kernel.json").write_text(json.dumps(described))
    return serving


def ask(path: str, connection_file: str) -> None:
    """Be the kernel in Jupyter's eyes."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(path)
        wanted = {"connection_file": connection_file, "folder": os.getcwd(), "environment": dict(os.environ)}
        text = json.dumps(wanted).encode()
        socket.send_fds(asking, [len(text).to_bytes(4, "big")], [0, 1, 2])
        asking.sendall(text)
        kernel = int.from_bytes(asking.recv(4, socket.MSG_WAITALL), "big")
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda got, _: os.kill(kernel, got))
        ended = asking.recv(1)
    sys.exit(ended[0] if ended else 1)


def serve(path: str) -> None:
    """Fork a kernel for each who asks; never returns but in a fork."""
    import rugs_lab

    for name in (
        *LIBRARIES,
        *(found.name for found in pkgutil.walk_packages(rugs_lab.__path__, "rugs_lab.")),
    ):
        if not name.endswith("__main__"):
            with contextlib.suppress(ImportError):  # of an extra that is not installed
                importlib.import_module(name)
    gc.collect()
    gc.freeze()
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(path)
    listening.listen()
    waiting = selectors.DefaultSelector()
    waiting.register(listening, selectors.EVENT_READ)
    kernels: dict[int, socket.socket] = {}
    woken, wakes = socket.socketpair()
    wakes.setblocking(False)
    signal.set_wakeup_fd(wakes.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: end(kernels))
    waiting.register(woken, selectors.EVENT_READ)
    print("listening", flush=True)
    while True:
        for key, _ in waiting.select():
            if key.fileobj is listening:
                asking, _ = listening.accept()
                if not (kernel := fork(asking, (listening, woken, wakes, *kernels.values()))):
                    return
                kernels[kernel] = asking
                waiting.register(asking, selectors.EVENT_READ, kernel)
            elif key.fileobj is woken:
                woken.recv(100)
            else:  # whoever asked is gone
                os.kill(key.data, signal.SIGKILL)
                waiting.unregister(key.fileobj)
        while kernels and (ended := os.waitpid(-1, os.WNOHANG))[0]:
            asked = kernels.pop(ended[0])
            if asked in waiting.get_map():
                waiting.unregister(asked)
                asked.sendall(bytes([abs(os.waitstatus_to_exitcode(ended[1])) % 256]))
            asked.close()


def end(kernels: dict[int, socket.socket]) -> None:
    """End all kernels, and this process."""
    for kernel in kernels:
        os.kill(kernel, signal.SIGKILL)
    os._exit(0)


def fork(asking: socket.socket, others: tuple[socket.socket, ...]) -> int:
    """Fork; return the new process's number, and 0 in it when its kernel has ended."""
    size, streams, _, _ = socket.recv_fds(asking, 4, 3)
    wanted = json.loads(asking.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL))
    if kernel := os.fork():
        for stream in streams:
            os.close(stream)
        asking.sendall(kernel.to_bytes(4, "big"))
        return kernel
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    for each in (asking, *others):
        each.close()
    os.setsid()
    for target, stream in enumerate(streams):
        os.dup2(stream, target)
        os.close(stream)
    os.chdir(wanted["folder"])
    os.environ.clear()
    os.environ.update(wanted["environment"])
    del sys.path[0]  # where this file is
    sys.argv = ["ipykernel_launcher", "-f", wanted["connection_file"]]
    from ipykernel import kernelapp

    kernelapp.launch_new_instance()
    return 0


if __name__ == "__main__":
    if sys.argv[2] == "--serve":
        serve(sys.argv[1])
    else:
        ask(sys.argv[1], sys.argv[2])
