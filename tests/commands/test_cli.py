"""``rugs-lab`` as its users start it: real processes, their output and their exit status."""

import http.server
import json
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

import rugs_lab as rl
from rugs_lab import cli
from rugs_lab.commands import lab, serve
from rugs_lab.errors import RugsLabError
from rugs_lab.feed.live.refusals import HandshakeError, refusal_of
from rugs_lab.resources import notebooks_dir

COMMAND = [sys.executable, "-m", "rugs_lab"]
DEADLINE_S = 60


def run(*arguments, **options):
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=DEADLINE_S, check=False, **options
    )


class Process:
    """A started command whose lines are read as they come."""

    def __init__(self, *arguments, env=os.environ, **options):
        self.popen = subprocess.Popen(
            [*COMMAND, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**env, "PYTHONUNBUFFERED": "1"},
            **options,
        )
        self.lines = []
        self._queue = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.popen.stdout:
            self._queue.put(line)
        self._queue.put(None)

    def until(self, pattern):
        """Read on until a line matches; fail with everything that was said when it does not come."""
        deadline = time.monotonic() + DEADLINE_S
        while (line := self._queue.get(timeout=max(deadline - time.monotonic(), 0))) is not None:
            self.lines.append(line)
            if match := re.search(pattern, line):
                return match
        raise AssertionError(f"ended without {pattern!r}:\n{''.join(self.lines)}")

    def stop(self, signal_number):
        """Send the signal; return the exit status and everything that was said."""
        self.popen.send_signal(signal_number)
        status = self.popen.wait(timeout=DEADLINE_S)
        while (line := self._queue.get(timeout=DEADLINE_S)) is not None:
            self.lines.append(line)
        return status, "".join(self.lines)


@contextmanager
def started(*arguments, **options):
    process = Process(*arguments, **options)
    try:
        yield process
    finally:
        process.popen.kill()
        process.popen.wait()
        process.popen.stdout.close()


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port):
    deadline = time.monotonic() + DEADLINE_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S).close()
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            threading.Event().wait(0.05)
        else:
            return


@pytest.fixture
def web_page():
    """An ordinary web server that knows nothing of Socket.IO."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"hello")

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def one_sentence(text):
    lines = text.strip().splitlines()
    assert len(lines) == 1
    assert "Traceback" not in text
    return lines[0]


def test_version():
    shown = run("--version")
    assert (shown.returncode, shown.stdout.strip()) == (0, f"rugs-lab {rl.__version__}")


@pytest.mark.parametrize("command", [[], ["check"], ["serve"]])
def test_help(command):
    shown = run(*command, "--help")
    assert shown.returncode == 0
    assert shown.stdout.startswith("usage: rugs-lab")


def test_help_names_every_command_with_what_it_does():
    shown = " ".join(run("--help").stdout.split())
    assert [line for line in cli.COMMANDS.values() if line not in shown] == []


def test_every_module_that_runs_is_a_command():
    folder = Path(lab.__file__).parent
    runs = {path.stem for path in folder.glob("*.py") if "\ndef run(" in path.read_text("utf-8")}
    assert runs == {*cli.COMMANDS, "lab"}


def test_help_of_check_names_the_constant_of_the_real_address():
    assert "rugs_lab.RUGS_FUN_URL" in " ".join(run("check", "--help").stdout.split())


@pytest.mark.parametrize(
    "arguments",
    [
        ["chek"],
        ["--ip", "0.0.0.0"],
        ["--port", "0"],
        ["--port", "70000"],
        ["check", "--seconds", "-1"],
        ["check", "--seconds", "nan"],
        ["check", "--demo", "--url", "http://127.0.0.1:1"],
        ["check", "--demo", "http://127.0.0.1:1"],
        ["check", "http://127.0.0.1:1", "--transport", "udp"],
        ["check", "--", "--debug"],
        ["serve", "--speed", "fast"],
        ["serve", "--games", "a", "--capture", "b"],
    ],
    ids=" ".join,
)
def test_a_command_line_that_is_not_understood_exits_2(arguments, capsys):
    with pytest.raises(SystemExit) as exit_:
        cli.main(arguments)
    assert exit_.value.code == 2
    assert "rugs-lab" in capsys.readouterr().err


def test_check_of_a_running_server():
    with rl.GameServer(speed=20, seed=7) as server:
        shown = run("check", "--url", server.url, "--seconds", "2", "--header", "X-Own: 1")
    assert (shown.returncode, shown.stderr) == (0, "")
    names = "name|tcp|tls|handshake|namespace|first event|phases|rates"
    stages = dict(re.findall(rf"^ *(?:ok|-)  ({names})  +(.*)$", shown.stdout, re.MULTILINE))
    assert len(stages) == 8
    assert "X-Own: (not shown)" in stages["handshake"]
    assert float(re.match(r"([\d.]+) messages/s", stages["rates"])[1]) > 10
    counts = [int(count) for count in re.findall(r" (\d+)", stages["phases"])]
    assert sum(counts) == int(re.match(r"(\d+) gameStateUpdate", stages["first event"])[1])


def test_check_of_the_built_in_server_as_json():
    shown = run("check", "--demo", "--seconds", "1", "--json")
    assert shown.returncode == 0
    found = json.loads(shown.stdout)
    assert found["ok"] is True
    assert [stage["name"] for stage in found["stages"]][:3] == ["name", "tcp", "tls"]


def test_check_of_an_address_where_nothing_listens(free_port):
    shown = run("check", "--url", f"http://127.0.0.1:{free_port}", "--seconds", "1")
    assert shown.returncode == 4
    assert "nothing listens at that address" in one_sentence(shown.stderr)


@pytest.mark.parametrize(("refuse", "status"), [("page", 6), ("origin", 6), ("namespace", 7)])
def test_check_of_a_strict_server(refuse, status):
    with rl.GameServer(speed=20, seed=7, refuse=refuse) as server:
        shown = run("check", "--url", server.url, "--seconds", "1")
    assert shown.returncode == status
    assert re.search("bot check|origin not allowed|banned", one_sentence(shown.stderr))


def test_check_takes_the_address_as_it_stands_a_path_and_a_transport():
    with rl.GameServer(speed=20, seed=7, refuse="websocket") as server:
        shown = run("check", server.url, "--path", "/socket.io/", "--transport", "polling", "--seconds", "1")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "sent polling to /socket.io" in shown.stdout
    assert "came by polling" in shown.stdout


@pytest.mark.parametrize(
    ("refuse", "hint"), [("not_found", "path=, --path"), ("origin", "headers=, --header")]
)
def test_check_names_the_option_of_the_command_line(refuse, hint):
    with rl.GameServer(speed=20, seed=7, refuse=refuse) as server:
        assert f"({hint})" in one_sentence(run("check", server.url, "--seconds", "1").stderr)


def test_every_hint_names_the_option_of_the_command_line_too():
    words = [refusal_of(HandshakeError(status, {})).words for status in (400, 401, 403, 404, 407)]
    options = set(re.findall(r"--\w+", run("check", "--help").stdout))
    for each in words:
        assert re.search(r"\b(headers|proxy|path|transports)=, (--\w+)\)", each), each
        assert set(re.findall(r"--\w+", each)) <= options


def test_check_of_something_that_is_no_game_server(web_page):
    shown = run("check", "--url", web_page, "--seconds", "1")
    assert shown.returncode == 6
    assert "Socket.IO" in one_sentence(shown.stderr)


def test_check_of_an_address_that_is_none():
    shown = run("check", "--url", "rugs.fun", "--seconds", "1")
    assert shown.returncode == 1
    assert "http" in one_sentence(shown.stderr)


def test_check_stops_at_ctrl_c():
    with started("check", "--demo", "--seconds", "600") as process:
        process.until("Listening to")
        status, said = process.stop(signal.SIGINT)
    assert status == 130
    assert "Traceback" not in said


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_serve_until_a_signal(signal_number):
    with started("serve", "--speed", "50", "--seed", "7") as process:
        url = process.until(r"Serving games on (http://127\.0\.0\.1:\d+)")[1]
        process.until("To watch")
        with rl.LiveFeed(url) as feed:
            feed.wait(messages=20)
        status, said = process.stop(signal_number)
    assert status == 0
    assert said.splitlines()[-1] == "stopped"
    assert "Traceback" not in said


def test_serve_on_a_port_that_was_asked_for(free_port):
    with started("serve", "--port", str(free_port)) as process:
        assert process.until(r"Serving games on http://127\.0\.0\.1:(\d+)")[1] == str(free_port)


def test_serve_on_a_port_that_is_taken():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        shown = run("serve", "--port", str(taken.getsockname()[1]))
    assert shown.returncode == 1
    assert "port" in one_sentence(shown.stderr)


@pytest.mark.parametrize("option", ["--capture", "--games"])
def test_serve_a_file_that_is_missing(option, tmp_path):
    shown = run("serve", option, str(tmp_path / "missing.jsonl"))
    assert shown.returncode == 1
    assert "missing.jsonl" in one_sentence(shown.stderr)


def test_serve_the_games_of_a_file(tmp_path):
    file = tmp_path / "games.jsonl"
    file.write_text('{"id": "20260101-0123456789abcdef", "prices": [1.0, 1.5, 0.9, 0.018]}\n\n')
    with started("serve", "--speed", "100", "--games", str(file)) as process:
        url = process.until(r"Serving games on (http://127\.0\.0\.1:\d+)")[1]
        with rl.LiveFeed(url) as feed:
            games = feed.wait(games=11).games  # the ten that a new connection is told of, and this one
            game = games["20260101-0123456789abcdef"]
    assert game.prices.tolist() == [1.0, 1.5, 0.9, 0.018]


def test_serve_names_the_line_that_is_no_game(tmp_path):
    file = tmp_path / "games.jsonl"
    file.write_text("{}\n{\n")
    with pytest.raises(RugsLabError, match=r"games\.jsonl, line 2"):
        serve.read_lines(file)


@pytest.fixture
def quiet_home(tmp_path):
    """Jupyter's own files go to a folder of this test, with a foreign kernel that is called "python3" too."""
    foreign = tmp_path / "share" / "kernels" / "python3"
    foreign.mkdir(parents=True)
    spec = {
        "argv": ["/nowhere/python", "-f", "{connection_file}"],
        "display_name": "Foreign",
        "language": "python",
    }
    (foreign / "kernel.json").write_text(json.dumps(spec))
    places = {"DATA": "data", "RUNTIME": "runtime", "CONFIG": "config"}
    folders = {f"JUPYTER_{name}_DIR": str(tmp_path / folder) for name, folder in places.items()}
    return {
        **os.environ,
        **folders,
        "JUPYTER_PATH": str(tmp_path / "share"),
        "JUPYTERLAB_WORKSPACES_DIR": str(tmp_path),
    }


def test_bare_command_opens_lab_on_loopback_with_this_python_and_stops(quiet_home, free_port, tmp_path):
    options = ["--no-browser", "--port", str(free_port), "--", "--IdentityProvider.token=secret"]
    with started(*options, env=quiet_home, cwd=tmp_path) as process:
        path = f"{lab.COPY_FOLDER}/{lab.FIRST_NOTEBOOK}"
        address = process.until(rf"(http://127\.0\.0\.1:\d+)/lab/tree/{path}")[1]

        wait_for_port(free_port)  # Jupyter prints its address a moment before it listens

        def get(path):
            request = urllib.request.Request(f"{address}{path}", headers={"Authorization": "token secret"})
            with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
                return answer.read().decode()

        assert address == f"http://127.0.0.1:{free_port}"
        page = get(f"/lab/tree/{path}")
        config = json.loads(page.split('type="application/json">')[1].split("</script>")[0])
        assert "@jupyterlab/apputils-extension:announcements" in config["disabledExtensions"]
        assert json.loads(get(f"/api/contents/{path}"))["type"] == "notebook"
        kernels = json.loads(get("/api/kernelspecs"))["kernelspecs"]
        assert kernels["python3"]["spec"]["argv"][0] == sys.executable
        status, said = process.stop(signal.SIGINT)
    assert status == 0
    assert "Traceback" not in said
    # The copies are opened, so that running them changes nothing in a checkout.
    copies = [path.read_text("utf-8") for path in sorted((tmp_path / lab.COPY_FOLDER).glob("*.ipynb"))]
    assert copies == [path.read_text("utf-8") for path in sorted(notebooks_dir().glob("*.ipynb"))]


def test_bare_command_says_how_to_get_a_missing_jupyterlab(monkeypatch, capsys):
    monkeypatch.setattr(lab, "find_spec", lambda _: None)
    assert cli.main([]) == 1
    assert "-m pip install jupyterlab" in one_sentence(capsys.readouterr().err)


@pytest.mark.parametrize("argument", ["--ip=0.0.0.0", "--ServerApp.ip=*"])
def test_bare_command_stays_on_loopback(argument, capsys):
    assert cli.main(["--", argument]) == 1
    assert "loopback" in one_sentence(capsys.readouterr().err)


def test_arguments_after_the_dashes_come_last(tmp_path):
    arguments = lab.lab_arguments(tmp_path, port=None, browser=True, extra=["--debug"])
    assert arguments[-1] == "--debug"
    assert "--no-browser" not in arguments


def test_a_copy_that_was_changed_is_kept(tmp_path, capsys):
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    for name in ("01_a.ipynb", "02_b.ipynb"):
        (source / name).write_text("original")
    assert lab.copy_notebooks(source, target) == target
    (target / "01_a.ipynb").write_text("changed")
    (target / "02_b.ipynb").unlink()
    lab.copy_notebooks(source, target)
    assert (target / "01_a.ipynb").read_text() == "changed"
    assert (target / "02_b.ipynb").read_text() == "original"
    assert "kept your" in capsys.readouterr().out


def test_a_copy_that_cannot_be_made_says_why(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "target").touch()
    with pytest.raises(RugsLabError, match="target"):
        lab.copy_notebooks(tmp_path / "source", tmp_path / "target")
