"""A real JupyterLab or Notebook 7 on a free loopback port, and what the tests do with a notebook in it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import warm_kernels

HERE = Path(__file__).parent
CHROMIUM = os.environ.get("RUGS_LAB_CHROMIUM", "/usr/bin/chromium")
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--mute-audio",
    "--js-flags=--expose-gc",
    "--enable-precise-memory-info",
]
DEADLINE_S = 30.0
START_S = 60.0
QUIET_SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {
        "checkForUpdates": False,
        "doNotDisturbMode": True,
        "fetchNews": "false",
    },
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
}


class Lab:
    """A JupyterLab server of its own: configuration, workspaces and notebooks in `root`."""

    module = "jupyterlab"
    options = ("--LabApp.expose_app_in_browser=True", "--LabApp.extension_manager=readonly")

    def __init__(self, root: Path, settings: dict[str, Any] | None = None) -> None:
        self.root = root / "notebooks"
        self.token = secrets.token_hex(16)
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = (root / "lab.log").open("w")
        self._process: subprocess.Popen[bytes] | None = None
        self._kernels: subprocess.Popen[bytes] | None = None
        self._state = root / "state"
        self.root.mkdir(parents=True)
        self.settings(settings or {})

    def settings(self, more: dict[str, Any]) -> None:
        for name, values in {**QUIET_SETTINGS, **more}.items():
            path = self._state / "settings" / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values))

    def start(self) -> Lab:
        state = self._state
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(HERE.parents[1]), os.environ.get("PYTHONPATH", "")]),
            "JUPYTER_CONFIG_DIR": str(state / "config"),
            "JUPYTER_RUNTIME_DIR": str(state / "runtime"),
            "JUPYTER_DATA_DIR": str(state / "data"),
            "JUPYTER_PREFER_ENV_PATH": "0",  # the kernels of that folder before those of the environment
            "JUPYTERLAB_SETTINGS_DIR": str(state / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(state / "workspaces"),
            "IPYTHONDIR": str(state / "ipython"),
            "JUPYTER_PLATFORM_DIRS": "1",
        }
        if sys.platform == "linux":
            self._kernels = warm_kernels.start(state / "data", environment)
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", self.module, "--no-browser", "--allow-root"),
                f"--ServerApp.port={self.port}",
                "--ServerApp.port_retries=0",
                "--ServerApp.ip=127.0.0.1",
                f"--IdentityProvider.token={self.token}",
                f"--ServerApp.root_dir={self.root}",
                "--LanguageServerManager.autodetect=False",
                *self.options,
            ],
            stdout=self._log,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        deadline = time.monotonic() + START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.module} did not start; see {self._log.name}")
            time.sleep(0.1)  # awaits the server's first answer, there is no event for it
        return self

    def stop(self) -> None:
        for process in (self._process, self._kernels):
            if process is not None:
                process.terminate()
                try:
                    process.wait(15)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        self._log.close()

    def write(self, name: str, cells: list[str]) -> None:
        """Write a notebook of code cells."""
        notebook = {
            "cells": [
                {
                    "cell_type": "code",
                    "execution_count": None,
                    "id": f"cell-{position}",
                    "metadata": {},
                    "outputs": [],
                    "source": source,
                }
                for position, source in enumerate(cells)
            ],
            "metadata": {
                "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
                "language_info": {"name": "python"},
            },
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        (self.root / name).write_text(json.dumps(notebook))

    def _answers(self) -> bool:
        request = urllib.request.Request(
            f"{self.url}/api/status", headers={"Authorization": f"token {self.token}"}
        )
        with contextlib.suppress(OSError), urllib.request.urlopen(request, timeout=2) as answer:
            return bool(answer.status == 200)
        return False


class Notebook7(Lab):
    """A server of Jupyter Notebook 7, in which every notebook has a page of its own."""

    module = "notebook"
    options = ("--JupyterNotebookApp.expose_app_in_browser=True",)


def open_lab(lab: Lab, browser: Any) -> Any:
    """Open JupyterLab in a page of its own."""
    page = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
    page.goto(f"{lab.url}/lab/workspaces/w{secrets.token_hex(4)}?token={lab.token}")
    page.wait_for_function("() => window.jupyterapp?.shell", timeout=START_S * 1000)
    page.evaluate(
        """async () => {
          await jupyterapp.restored;
          if (!jupyterapp.shell.leftCollapsed) jupyterapp.shell.collapseLeft();
        }"""
    )
    return page


class Notebook:
    """One open notebook: run cells, ask the kernel, look into the page."""

    def __init__(self, lab: Lab, page: Any, name: str, cells: list[str]) -> None:
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", self._page_error)
        page.on("console", self._console)
        lab.write(name, cells)
        self._show(lab, name)
        self.until(
            """() => {
              const { context, sessionContext, content } = notebook;
              return context.isReady && content.widgets.length
                && sessionContext.isReady && sessionContext.session?.kernel?.status === 'idle';
            }""",
            timeout_s=START_S,
        )

    def _show(self, lab: Lab, name: str) -> None:
        self.page.evaluate(
            """async (path) => {
              const options = { path, factory: 'Notebook', kernel: { name: 'python3' } };
              window.notebook = await jupyterapp.commands.execute('docmanager:open', options);
            }""",
            name,
        )

    def reload(self) -> None:
        """Reload the page, and show the notebook where JupyterLab does not by itself."""
        path = self.page.evaluate("() => notebook.context.path")
        self.page.reload()
        self.until("() => window.jupyterapp?.shell", timeout_s=START_S)
        self.page.evaluate("() => jupyterapp.restored")
        self.page.evaluate(
            """async (path) => {
              window.notebook = await jupyterapp.commands.execute('docmanager:open', { path });
            }""",
            path,
        )

    def close(self) -> None:
        """Shut the kernel down and close the tab."""
        self.page.evaluate(
            """async () => {
              await notebook.sessionContext.shutdown();
              for (const widget of [...jupyterapp.shell.widgets('main')]) widget.dispose();
            }"""
        )
        self.page.remove_listener("pageerror", self._page_error)
        self.page.remove_listener("console", self._console)

    def run(self, cell: int, wait: bool = True) -> None:
        """Run a cell by JupyterLab's own command; with `wait` until it has ended."""
        self.page.evaluate(
            """async ([cell, wait]) => {
              const { model } = notebook.content.widgets[cell];
              const before = model.executionCount;
              jupyterapp.shell.activateById(notebook.id);
              notebook.content.activeCellIndex = cell;
              const done = jupyterapp.commands.execute('notebook:run-cell');
              if (!wait) return;
              await done;
              if (model.executionCount === before) throw new Error(`cell ${cell} did not run`);
            }""",
            [cell, wait],
        )

    def ask(self, expression: str) -> Any:
        """Evaluate in the kernel, without a cell; the value must be JSON."""
        code = f"__import__('json').dumps({expression})"
        text = self.page.evaluate(
            """async (code) => {
              const { kernel } = notebook.sessionContext.session;
              const user_expressions = { value: code };
              const options = { code: '', silent: true, store_history: false, user_expressions };
              const { content } = await kernel.requestExecute(options).done;
              const value = content.user_expressions.value;
              if (value.status !== 'ok') throw new Error(`${value.ename}: ${value.evalue}`);
              return value.data['text/plain'];
            }""",
            code,
        )
        import ast

        return json.loads(ast.literal_eval(text))

    def do(self, code: str) -> None:
        """Execute in the kernel, without a cell."""
        self.page.evaluate(
            """async (code) => {
              const { kernel } = notebook.sessionContext.session;
              const { content } = await kernel.requestExecute({ code, store_history: false }).done;
              if (content.status !== 'ok') throw new Error(`${content.ename}: ${content.evalue}`);
            }""",
            code,
        )

    def until(self, condition: str, argument: Any = None, timeout_s: float = DEADLINE_S) -> Any:
        """Await a JavaScript condition; when it does not come, the error says what the page shows."""
        try:
            handle = self.page.wait_for_function(
                condition, arg=argument, timeout=timeout_s * 1000, polling=50
            )
        except Exception as error:
            error.add_note(f"errors of the page: {self.errors}\nthe page: {self.page.evaluate(_SHOWN)}")
            raise
        return handle.json_value()

    def view(self, script: str, position: int = 0) -> Any:
        """Evaluate `view => script` for the live view at that position on the page."""
        return self.page.evaluate(
            f"(position) => {{ const view = {_VIEWS}[position]?.rugsLab; return {script}; }}", position
        )

    def until_view(self, script: str, position: int = 0, timeout_s: float = DEADLINE_S) -> Any:
        """Await a condition on the live view at that position on the page, and that its words show it too.

        The page knows a thing one animation frame before it writes it down: the pending `view.frame`.
        """
        return self.until(
            f"(position) => {{ const view = {_VIEWS}[position]?.rugsLab; "
            f"return view && view.frame === null && ({script}); }}",
            position,
            timeout_s,
        )

    def until_drawn(self, position: int = 0) -> None:
        """Await a chart with rows in it."""
        self.until_view("view.chart?.view && view.store.ring?.length > 0", position, START_S)

    def runs(self, cell: int) -> bool:
        """Whether a cell is running now, by its prompt."""
        return bool(self.page.evaluate(_RUNS, cell))

    def until_runs(self, cell: int) -> None:
        """Await the beginning of a cell's run."""
        self.until(_RUNS, cell)

    @property
    def view_count(self) -> int:
        return int(self.page.evaluate(f"() => {_VIEWS}.length"))

    def _page_error(self, error: Any) -> None:
        # JupyterLab's own, of a kernel that ended before it had a subshell; perhaps the previous test's.
        if "Canceled future for create_subshell_request" not in str(error):
            self.errors.append(str(error))

    def _console(self, message: Any) -> None:
        if message.type == "error":
            self.errors.append(message.text)


class Notebook7Page(Notebook):
    """The same in Notebook 7, on a page that holds nothing else."""

    def _show(self, lab: Lab, name: str) -> None:
        self.page.goto(f"{lab.url}/notebooks/{name}?token={lab.token}")
        self.until("() => window.jupyterapp?.shell", timeout_s=START_S)
        self.page.evaluate("() => jupyterapp.restored")
        self.until(
            """() => {
              window.notebook = jupyterapp.shell.currentWidget ?? undefined;
              return Boolean(window.notebook?.content?.widgets && window.notebook.sessionContext);
            }""",
            timeout_s=START_S,
        )
        self.errors.clear()  # what Notebook itself reports while it starts, before there is a cell

    def close(self) -> None:
        """Shut the kernel down; the page is left to its owner."""
        self.page.evaluate("() => notebook.sessionContext.shutdown()")
        self.page.remove_listener("pageerror", self._page_error)
        self.page.remove_listener("console", self._console)


_SHOWN = """() => {
  const views = [...document.querySelectorAll('.rl-live')].map(({ rugsLab }) => {
    const { store, seen, box, frame, chart } = rugsLab ?? {};
    const { theme } = box?.dataset ?? {};
    return { setup: Boolean(store?.setup), gone: store?.gone, seen, theme, frame, chart: Boolean(chart) };
  });
  return JSON.stringify({ views, text: document.body.innerText.slice(0, 2000) });
}"""
_RUNS = "(cell) => notebook.content.widgets[cell].model.executionState === 'running'"
_VIEWS = "[...(window.notebook?.node ?? document).querySelectorAll('.jp-Notebook .rl-live')]"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
