"""The fuzzer: a feed handles what it is given, and one that does not is found."""

import json

from rugs_lab.feed.core.intake import Intake
from rugs_lab.game import signal
from tests.support import fuzz
from tests.support.mutants import BATCH, Mutants

ID = "20260101-0123456789abcdef"


def test_ten_thousand_mutants_of_the_simulation(capsys):
    assert fuzz.main([]) == 0
    assert "10,000 mutants, seed 1: nothing found." in capsys.readouterr().out


def test_mutants_of_a_capture(tmp_path, capsys):
    file = tmp_path / "capture.jsonl"
    frame = {"gameId": ID, "active": True, "rugged": False, "tickCount": 4, "price": 1.5}
    line = {"ts": "2026-01-01T00:00:00Z", "event": "gameStateUpdate", "data": frame}
    file.write_text(json.dumps(line) + "\n")
    assert fuzz.main(["--capture", str(file), "--mutants", "300", "--seed", "5"]) == 0
    assert "300 mutants, seed 5" in capsys.readouterr().out


def test_a_capture_that_is_missing(capsys):
    assert fuzz.main(["--capture", "/missing.jsonl"]) == 1
    assert "no such file" in capsys.readouterr().err


def test_a_reader_that_raises_is_found_with_the_way_to_see_it_again(monkeypatch, capsys):
    def fragile(self, text, received_ns=None):
        self.take(*json.loads(text)[:2], received_ns)

    monkeypatch.setattr(Intake, "take_text", fragile)
    assert fuzz.main(["--mutants", "400"]) == 1
    said = capsys.readouterr().out
    assert "take_text raised" in said
    again = said.split("again: python -m tests.support.fuzz ")[1].split("\n")[0].split()
    assert fuzz.main(again) == 1
    assert f"mutant {again[-1]} of seed 1" in capsys.readouterr().out
    monkeypatch.undo()
    assert fuzz.main(again) == 0


def test_a_default_that_stands_in_for_a_price_is_found(monkeypatch):
    real = signal.as_price
    monkeypatch.setattr(signal, "as_price", lambda value: 1.0 if real(value) is None else real(value))
    frame = {"gameId": ID, "active": True, "rugged": False, "tickCount": 4, "price": "1.5", "unheardOf": 0}
    findings = fuzz.try_batch(Mutants([("gameStateUpdate", (frame,))], 1), 0, BATCH)
    assert "price 1.0 in the row" in findings[0].problem


def test_the_same_seed_makes_the_same_mutants():
    events = fuzz.events_of(None, 3)[:50]
    assert list(Mutants(events, 3).batch(2)) == list(Mutants(events, 3).batch(2))
    assert list(Mutants(events, 3).batch(2)) != list(Mutants(events, 4).batch(2))
