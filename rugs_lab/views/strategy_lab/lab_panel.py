"""The page of the strategy widget: form, figures, progress; what it is sent, and what it may ask for."""

import time
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Final

from rugs_lab.errors import ArgumentError
from rugs_lab.figures.figure import Figure
from rugs_lab.figures.run_figures import empty_path
from rugs_lab.trading.backtest.run import Run
from rugs_lab.views.page.hub import Hub
from rugs_lab.views.page.hub import hub as kernel_hub
from rugs_lab.views.page.page_messages import STATUS_EVERY_S, Message, Numbers
from rugs_lab.views.page.page_widget import PageWidget
from rugs_lab.views.page.part_base import Commands, Part
from rugs_lab.views.page.shown_traits import in_page
from rugs_lab.views.strategy_lab.backtest_runner import BacktestRunner
from rugs_lab.views.strategy_lab.lab_figures import Sample, empty_figures, picture
from rugs_lab.views.strategy_lab.parameter_fields import SESSION, LabOptions, session_values, with_session

_SHOWN: Final = ("stage", "working", "done", "total", "engine", "reason", "error")
REST_S: Final = 2.0
"""How long the form must rest until the picture below is drawn again, seconds."""


class LabPanel(PageWidget):
    """Form and figures of the strategy widget. Made by `rugs_lab.lab`.

    Its page is sent the state twice a second, so that it is known how old what it shows is. `actions` are its
    buttons', `below` says what is shown below it, `on_close` is called once, `on_change` when
    values or the run are others.
    """

    def __init__(
        self,
        options: LabOptions,
        actions: Mapping[str, Callable[..., object]],
        *,
        below: Callable[[], str] = lambda: "",
        on_close: Callable[[], None] = lambda: None,
        hub: Hub = kernel_hub,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.strategy, self.games, self.session = options.strategy, options.games, options.session
        self.fields = {field.name: field for field in options.fields}
        self.params = {field.name: field.value for field in options.fields}
        self.trouble = ""
        self.runner = BacktestRunner(self.strategy, self.games, self._ran)
        buttons = Part()
        buttons.name, buttons.actions, buttons.lasting = "lab", actions, frozenset({"end"})
        self._commands = Commands([buttons], clock)
        self._below, self._on_close = below, on_close
        self.on_change: Callable[[], object] = lambda: None
        self._sample = Sample()
        self._picture: tuple[dict[str, Any], bytes] | None = None
        self._drawn: Run | None = None
        self._requested_s = self._due_s = clock()
        self._unsent = False
        self._sent: Hashable = None
        self._taken = self._requested = 0
        self._numbers = Numbers()
        super().__init__("lab_panel", place=options.place, hub=hub, clock=clock)
        self.request({}, {})

    def request(
        self, params: Mapping[str, Any], session: Mapping[str, Any], taken: int | None = None
    ) -> None:
        """Play with these values, the others as they are; returns at once, from any thread."""
        values = self._checked(params)
        with self._lock:
            self.session = with_session(self.session, session)
            self.params = {**self.params, **values}
            self.trouble = ""
            self._requested += 1
            self._requested_s = self._clock()
            if taken is not None:
                self._taken = taken
            self.runner.request(self.params, self.session, self._requested)
        self.on_change()
        self._hub.wake()

    def refresh(self, now_s: float) -> None:
        """Send what is new (called by the hub)."""
        with self._lock:
            requests = self._take_requests(now_s)
            if "setup" in requests or "snapshot" in requests:
                self._sent, self._unsent = None, self._picture is not None
            found, unsent, self._unsent = self._picture, self._unsent, False
            pong, self._pong = self._pong, None
            state = self._state()
        if "setup" in requests:
            self.send(self._setup())
        if "bokeh" in requests:
            self._send_bokeh()
        run, quiet = self.runner.run, now_s - self._requested_s > REST_S
        if quiet and run is not self._drawn and self.runner.state.stage == "done":
            self.draw_picture()
        if unsent and found is not None:
            self.send({"kind": "result", "seq": self._numbers.next(now_s), **found[0]}, [found[1]])
        version = repr(state)
        if pong is not None or version != self._sent or now_s >= self._due_s:
            self._sent, self._due_s = version, now_s + STATUS_EVERY_S
            self.send({"kind": "state", "seq": self._numbers.next(now_s), "pong": pong, **state})

    @property
    def figure(self) -> Figure:
        """The newest run; without one an empty figure."""
        run = self.runner.run
        if run is not None:
            return run.plot(games=2)
        return Figure(empty_path, f"{self.strategy.name}: not played yet")

    def draw_picture(self) -> None:
        """Draw the picture below again."""
        self._drawn = self.runner.run
        super().draw_picture()

    def _last_sent(self) -> list[tuple[Message, bytes]]:
        with self._lock:
            found, state = self._picture, self._state()
        results = [] if found is None else [({"kind": "result", **found[0], "figures": {}}, b"")]
        return [(self._setup(), b""), ({"kind": "state", **state}, b""), *results]

    def _ended(self) -> None:
        self.runner.close()
        self._on_close()

    def _setup(self) -> dict[str, Any]:
        import bokeh

        return {
            "kind": "setup",
            "bokeh": bokeh.__version__,
            "strategy": self.strategy.name,
            "about": (self.strategy.function.__doc__ or "").strip().split("\n\n")[0][:300],
            "games": len(self.games),
            "picture": self._last_picture.id,
            "fields": [field.as_json() for field in self.fields.values()],
            "session": [
                {"name": name, "label": field.label, "why": field.why} for name, field in SESSION.items()
            ],
            "figures": {theme: empty_figures(theme) for theme in ("light", "dark")},
        }

    def _state(self) -> dict[str, Any]:
        state = self.runner.state
        return {
            "taken": self._taken,
            "params": in_page(self.params),
            "session": session_values(self.session),
            **{name: getattr(state, name) for name in _SHOWN},
            "seconds": round(state.seconds, 3),
            "notes": list(state.notes),
            "trouble": self.trouble or self._commands.trouble,
            "commands": self._commands.done,
            "below": self._below(),
        }

    def _ran(self, run: Run, stage: str) -> None:
        content, buffer = picture(run, self._sample)
        with self._lock:
            self._picture = ({**content, "stage": stage}, buffer)
            self._unsent = True
        self.on_change()
        self._hub.wake()

    def _checked(self, params: Mapping[str, Any]) -> dict[str, Any]:
        self.strategy.with_(**params)  # raises with the names of the parameters
        return {name: self.fields[name].checked(value) for name, value in params.items()}

    def _asked(self, kind: object, content: Message, number: int | None) -> None:
        if kind == "stop":
            self.runner.stop()
        elif kind == "request":
            self._page_requests(content, number or 0)
        elif kind == "do":
            sent_s = self._numbers.made_s(content.get("seq"))
            self._commands.put(content.get("name"), {}, number or 0, sent_s=sent_s)

    def _page_requests(self, content: dict[str, Any], taken: int) -> None:
        given = [content.get(name) for name in ("params", "session")]
        params, session = (each if isinstance(each, dict) else {} for each in given)
        try:
            self.request(params, session, taken)
        except ArgumentError as error:
            self.trouble, self._taken = str(error), taken

    def __repr__(self) -> str:
        return f"<LabPanel {self.strategy.name}, {'closed' if self._closed else self.runner.state.stage}>"
