"""Every code block of ``docs/`` runs or is checked, and the pages lead to one another.

``python``: the blocks of a page run in order, as one script. ``bash``: is run. ``console``: is shown with its
prompt and not run, but a ``rugs-lab`` command must be one that the command line understands. ``ini``: a unit
file, which systemd checks. ``json``: lines of a recording. ``bibtex``: the citation. Figures in prose are
compared with those that code computes.
"""

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import rugs_lab as rl
from rugs_lab.cli import parser_for
from rugs_lab.game.limits import RUG_PROBABILITY
from rugs_lab.game.sidebet import SIDEBET_PAYOUT, rug_within
from rugs_lab.recordings.catalogue.parquet_schema import SCHEMA
from rugs_lab.recordings.write.line_format import read_line
from tests.support.pages import blocks_of, script_of
from tests.test_layers import LAYERS

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = {page.relative_to(DOCS).as_posix(): page.read_text("utf-8") for page in sorted(DOCS.rglob("*.md"))}
BLOCKS = [(name, block) for name, page in PAGES.items() for block in blocks_of(page)]
MADE = [
    "replays/published_games.html",
    "reference/",
    "internals/",
    "notebooks/",
    "contributing.md",
    "changelog.md",
]
"""Pages that are made while the documentation is built (docs/hooks/pages.py)."""

OPTIONAL = {
    "guides/search_with_optuna.md": "optuna",
    "guides/train_with_stable_baselines3.md": "stable_baselines3",
}
"""Pages whose blocks run only where another library is installed."""

# Each page with its own names, in one process: starting one for each would take most of the time.
RUN_ALL = """
import runpy, sys, time, traceback

failed = 0
for script in sys.argv[1:]:
    began = time.monotonic()
    try:
        runpy.run_path(script, run_name="__main__")
    except BaseException:
        failed += 1
        print(script, file=sys.stderr)
        traceback.print_exc()
    print(f"{time.monotonic() - began:.1f} s {script}")
sys.exit(failed)
"""


def of(language):
    return [
        pytest.param(block.code, id=f"{name}:{block.line}")
        for name, block in BLOCKS
        if block.language == language
    ]


def test_every_block_is_of_a_language_that_is_tested_here():
    assert {block.language for _, block in BLOCKS} <= {"python", "bash", "console", "ini", "json", "bibtex"}


def without_hint(stderr):
    """Leave out what `rl.watch` prints where there is no notebook."""
    return "".join(line for line in stderr.splitlines(keepends=True) if not line.startswith("rl.watch needs"))


@pytest.mark.timeout(480)
def test_the_python_blocks_run_one_after_another(tmp_path):
    scripts = []
    for name, page in PAGES.items():
        if script_of(page).strip() and name not in OPTIONAL:
            scripts.append(tmp_path / f"{name.replace('/', '.')}.py")
            scripts[-1].write_text(script_of(page), "utf-8")
    assert len(scripts) >= 8
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN_ALL, *scripts],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "TQDM_DISABLE": "1"},
        capture_output=True,
        text=True,
        timeout=460,
        check=False,
    )
    assert (ran.returncode, without_hint(ran.stderr)) == (0, "")


@pytest.mark.parametrize(("name", "library"), OPTIONAL.items())
def test_the_python_blocks_of_a_page_on_another_library_run_where_it_is_installed(name, library, tmp_path):
    pytest.importorskip(library, reason=f"{name} needs {library}, which is no dependency")
    script = tmp_path / "page.py"
    script.write_text(script_of(PAGES[name]), "utf-8")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]), "TQDM_DISABLE": "1"}
    subprocess.run([sys.executable, script], cwd=tmp_path, env=environment, check=True, timeout=120)


@pytest.mark.parametrize("code", of("bash"))
def test_every_command_runs(code, tmp_path):
    for line in code.splitlines():
        program, *arguments = shlex.split(line)
        assert program == "rugs-lab"
        subprocess.run(
            [sys.executable, "-m", "rugs_lab", *arguments],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            check=True,
            timeout=60,
        )


@pytest.mark.parametrize("code", of("console"))
def test_the_command_line_understands_what_is_shown(code):
    prompts = [line.removeprefix("$ ") for line in code.splitlines() if line.startswith("$ ")]
    assert prompts
    for line in prompts:
        program, *arguments = shlex.split(line)
        if program == "rugs-lab":
            parser_for(arguments).parse_args(arguments)


@pytest.mark.parametrize("code", of("ini"))
def test_systemd_accepts_the_unit_file(code, tmp_path):
    """With the program that it names at a place where there is one, as systemd looks for it."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze here")
    unit = tmp_path / "rugs-lab-record.service"
    start = re.search(r"^ExecStart=(\S+) (.*)$", code, re.MULTILINE)
    unit.write_text(code.replace(start[1], sys.executable), "utf-8")
    assert not re.search(r"^\S+ *#", code, re.MULTILINE)
    arguments = shlex.split(start[2])
    parser_for(arguments).parse_args(arguments)
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False
    )
    complaints = [line for line in checked.stderr.splitlines() if unit.name in line]
    assert complaints == []


@pytest.mark.parametrize("code", of("json"))
def test_lines_of_a_recording_can_be_read(code):
    for line in code.splitlines():
        read_line(line)


@pytest.mark.parametrize("name", PAGES)
def test_every_local_link_leads_somewhere(name):
    folder = (DOCS / name).parent
    targets = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", PAGES[name])
    gone = [target for target in targets if not (folder / target).resolve().exists()]
    made = [os.path.relpath((folder / target).resolve(), DOCS) for target in gone]
    assert [target for target in made if not target.startswith(tuple(MADE))] == []


def test_the_navigation_names_every_page_once_or_leaves_it_to_the_guides():
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    named = re.findall(r"[\w/]+\.md", str(nav))
    assert len(named) == len(set(named))
    assert set(PAGES) <= set(named) <= {*PAGES, "contributing.md", "changelog.md"}


FIRST_THREE = {
    "headless": "guides/record_headless.md",
    "stop": "watch_live.md",
    "privacy": "data_and_privacy.md",
    "licence": "licence.md",
    "strategy": "guides/first_strategy.md",
    "price": "the_game.md",
}
"""What is searched for -> the page that answers it."""


@pytest.mark.parametrize(("word", "name"), FIRST_THREE.items())
def test_the_page_that_answers_a_search_has_the_word_in_a_heading_and_ranks_first(word, name):
    """The search weighs titles highest, times the boost of the page; the other pages have less of both."""

    def weight(page: str) -> float:
        boost = float((re.search(r"^  boost: ([\d.]+)$", page, re.MULTILINE) or [0, 1])[1])
        headings = re.findall(
            r"^(?:title:|#+) (.*)$", re.sub(r"```.*?```", "", page, flags=re.DOTALL), re.MULTILINE
        )
        return boost * any(re.search(word, heading, re.IGNORECASE) for heading in headings)

    ranked = sorted(PAGES, key=lambda each: -weight(PAGES[each]))
    assert weight(PAGES[name]) > 0
    assert name in ranked[:3]


def computed_figures():
    """Return figures of the prose, computed."""
    returns = rl.analysis.returns(rl.synthetic(100, seed=7)).set_index("measure")["baseline"]
    drift = returns["mean, rug left out"]
    god_candles = drift - returns["mean, rug and god candles left out"]
    with_rug = returns["mean, rug tick included, god candles left out"] + god_candles
    half = next(ticks for ticks in range(1, 1000) if rug_within(ticks) > 0.5)
    games = rl.sample()
    return {
        "0.45 %": f"{100 * drift:.2f} %",
        "-0.05 %": f"{100 * with_rug:.2f} %",
        "18.17 %": f"{100 * rug_within(40):.2f} %",
        "9.16 %": f"{100 * (1 - SIDEBET_PAYOUT * rug_within(40)):.2f} %",
        "139 ticks": f"{half} ticks",
        "236 games": f"{len(games)} games",
        "12 of them real": f"{games.frame['file'].str.contains('published').sum()} of them real",
    }


def test_figures_in_prose_are_those_that_code_computes():
    figures = computed_figures()
    texts = [*PAGES.values(), (ROOT / "README.md").read_text("utf-8")]
    texts += [path.read_text("utf-8") for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
    everything = "\n".join(texts)
    assert figures == {written: written for written in figures}
    assert [written for written in figures if written not in everything] == []
    wrong = r"\b220 games|0\.44 %|9\.2 % (?:a|of)|by the chance of the rug|near nothing before the rug"
    assert re.findall(wrong, everything) == []
    per_tick = set(re.findall(r"([\d.]+) % (?:a|per) tick", everything))
    assert per_tick <= {"0.05", "0.45", "0.001", "12.5"}


def test_the_table_of_columns_is_that_of_the_files():
    page = PAGES["recording_format.md"]
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", page[page.index("Its columns;") :], re.M)
    plain = {"timestamp[ns, tz=UTC]": "timestamp[ns, UTC]"}
    kinds = [
        "string" if str(field.type).startswith("dictionary") else str(field.type).partition("<")[0]
        for field in SCHEMA
    ]
    assert [name for name, _ in rows] == SCHEMA.names
    assert [kind.partition(" of ")[0] for _, kind in rows] == [plain.get(kind, kind) for kind in kinds]


def test_the_table_of_the_odds_has_the_figures_that_code_computes():
    figures = computed_figures()
    section = PAGES["data_and_privacy.md"].partition("## The odds")[2].partition("```")[0]
    assert re.findall(r"^\| .+ \| (.+) \|$", section, re.MULTILINE)[1:] == [
        f"{100 * RUG_PROBABILITY:g} %",
        figures["139 ticks"].removesuffix(" ticks"),
        f"+{figures['0.45 %']}",
        figures["-0.05 %"],
        figures["18.17 %"],
        f"{100 / SIDEBET_PAYOUT:g} %",
        f"-{figures['9.16 %']} of the stake",
    ]


def test_the_picture_of_the_layers_is_drawn_from_the_packages_in_their_order():
    sys.path.insert(0, str(DOCS / "hooks"))
    try:
        import layers
    finally:
        sys.path.pop(0)
    assert (DOCS / "images" / "layers.svg").read_text("utf-8") == layers.picture()
    drawn = [[name for name, *_ in layer] for layer in layers.LAYERS]
    packages = {path.parent.name for path in (ROOT / "rugs_lab").glob("*/__init__.py")}
    assert {name for layer in drawn for name in layer} == packages | {"rugs_lab"}
    heights = [{LAYERS[name] for name in layer} for layer in drawn[1:]]
    assert [len(height) for height in heights] == [1] * len(heights)
    assert heights == sorted(heights, key=max, reverse=True)


def test_every_public_name_is_listed_by_task():
    """Without mkdocs, which refuses to build the pages otherwise."""
    tree = ast.parse((ROOT / "docs" / "hooks" / "pages.py").read_text("utf-8"))
    (tasks,) = (
        eval(compile(ast.Expression(each.value), "pages.py", "eval"))
        for each in tree.body
        if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "TASKS"
    )
    listed = [name for names in tasks.values() for name in names]
    assert sorted(listed) == sorted(set(rl.__all__) - {"__version__"})
