"""Pages that are made while the documentation is built, so that nothing is written twice.

The reference (one page for each public name, listed by task; pages on the packages behind them, outside of
navigation and search), the notebooks with their outputs, the outputs of code blocks, and CONTRIBUTING.md and
CHANGELOG.md, whose links are set right. mkdocs calls the functions whose names begin with ``on_``.
"""

import re
import sys
from inspect import isclass, isfunction
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files, InclusionLevel

import rugs_lab as rl

# mkdocs loads this file by its path, so its neighbours are not found by themselves.
sys.path.insert(0, str(Path(__file__).parent))
from outputs import outputs_of, with_places

from notebooks import as_page, executed_folder, fill

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
TASKS = {
    "Watch live": ["demo", "LiveFeed", "watch", "Feed", "GameServer", "GameSignal", "Phase", "RUGS_FUN_URL"],
    "Load and explore": ["sample", "load", "formats", "synthetic", "Games", "Game", "seal", "Figure"],
    "Verify and analyse": ["verify", "replay_prices", "analysis"],
    "Replay and trade on paper": ["replay", "ReplayFeed", "Paper"],
    "Write a strategy": [
        *("strategy", "strategies", "signals", "Strategy", "Observation", "Action"),
        *("buy", "sell", "sidebet", "hold", "short", "cover"),
    ],
    "Backtest": ["backtest", "Run", "compare", "check", "sweep", "Sweep", "lab", "models", "features"],
}
"""Every public name, by what it is for."""

PACKAGES = {
    "game": "the rules of the game",
    "estimates": "numbers with their intervals",
    "figures": "Bokeh figures",
    "recordings": "recorded games",
    "feed": "live and replayed games",
    "analysis": "statistics of games",
    "trading": "strategies and paper money",
    "views": "widgets",
}
BESIDE = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md", "README.md": "index.md"}
LOADS = re.compile(
    r"<(?:script|img|iframe|audio|video|source)[^>]* src=.?https?:[^\s>]*"
    r"|<link[^>]*rel=.?(?:stylesheet|icon|preconnect)[^>]*href=.?https?:[^\s>]*"
    r"|<link[^>]*href=.?https?:[^\s>]*[^>]*rel=.?(?:stylesheet|icon|preconnect)[^>]*"
)
"""What would make a page ask a network."""
PUBLIC = """\
      heading_level: 2
      inherited_members: true
      show_root_toc_entry: false"""
INTERNAL = "      skip_local_inventory: true"
"""Links to a public name lead to its own page."""
OUTSIDE = "---\nsearch:\n  exclude: true\n---\n\n"
PICTURE = re.compile(r'<img [^>]*src="(?P<folder>[./]*images/)(?P<name>\w+)(?P<ending>\.png|\.webp)[^>]*>')
OUTPUTS: dict[str, list[str]] = {}
"""Page -> the HTML of the outputs of its cells or blocks."""


def on_config(config: Any) -> Any:
    """Put the pages that are made here into the navigation."""
    sections = {title: entry for entry in config.nav for title in entry}
    tutorials = sections["Tutorials"]["Tutorials"]
    tutorials.append({"Notebooks": [f"notebooks/{path.stem}.md" for path in notebooks()]})
    tasks = [{task: [{f"rl.{name}": page_of(name)} for name in names]} for task, names in TASKS.items()]
    sections["Reference"]["Reference"][:0] = ["reference/index.md", *tasks]
    return config


def on_files(files: Files, config: Any) -> Files:
    """Make the pages."""
    missing = set(rl.__all__) - {"__version__"} ^ {name for names in TASKS.values() for name in names}
    if missing:
        raise ValueError(f"TASKS and the public names differ by {sorted(missing)}")
    for beside, page in BESIDE.items():
        if page != "index.md":
            files.append(File.generated(config, page, content=(ROOT / beside).read_text("utf-8")))
    files.append(File.generated(config, "reference/index.md", content=by_task()))
    for name in rl._HOMES:
        files.append(File.generated(config, page_of(name), content=name_page(name)))
    for package, title in PACKAGES.items():
        page = File.generated(config, f"internals/{package}.md", content=package_page(package, title))
        page.inclusion = InclusionLevel.NOT_IN_NAV
        files.append(page)
    OUTPUTS.clear()
    OUTPUTS.update(
        outputs_of(
            {path.relative_to(DOCS).as_posix(): path.read_text("utf-8") for path in DOCS.rglob("*.md")}
        )
    )
    for path in notebooks():
        text, OUTPUTS[f"notebooks/{path.stem}.md"] = as_page(path)
        files.append(File.generated(config, f"notebooks/{path.stem}.md", content=text))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Let links to files beside ``docs/`` lead to their pages; make places for outputs."""
    depth = page.file.src_uri.count("/")
    for beside, target in BESIDE.items():
        for written in (f"](../{beside}", f"]({beside}"):
            markdown = markdown.replace(written, f"]({'../' * depth}{target}")
    if page.file.src_uri in BESIDE.values():
        markdown = re.sub(r"\]\(docs/", "](", markdown)
    return with_places(markdown)


def on_page_content(html: str, page: Any, config: Any, files: Files) -> str:
    """Put outputs into their places; phones get the narrow picture of a widget, where there is one."""
    outputs = OUTPUTS.get(page.file.src_uri)
    return PICTURE.sub(with_narrow, html if outputs is None else fill(html, outputs))


def on_post_page(output: str, page: Any, config: Any) -> str:
    """Let the links of the footer lead to their pages from every folder."""
    return output.replace('href="@/', f'href="{"../" * page.file.dest_uri.count("/")}')


def on_post_build(config: Any) -> None:
    """Refuse pages that would ask a network."""
    site = Path(config.site_dir)
    for page in site.rglob("*.html"):
        if found := LOADS.search(page.read_text("utf-8")):
            raise ValueError(f"{page.relative_to(site)} loads {found[0]!r} from a network")


def with_narrow(found: re.Match[str]) -> str:
    """Return a picture with its narrow one, if there is one."""
    narrow = f"{found['name']}_narrow{found['ending']}"
    if not (DOCS / "images" / narrow).is_file():
        return found[0]
    source = f'<source media="(max-width: 44.98em)" srcset="{found["folder"]}{narrow}">'
    return f"<picture>{source}{found[0]}</picture>"


def notebooks() -> list[Path]:
    """Return the notebooks that are shown, in their order."""
    return sorted(executed_folder().glob("*.ipynb"))


def page_of(name: str) -> str:
    """Return the page of a public name; no two differ in capital letters only."""
    twins = [other for other in rl._HOMES if other.lower() == name.lower()]
    return f"reference/{name.lower()}{'_class' if len(twins) > 1 and name[0].isupper() else ''}.md"


def members_of(name: str) -> list[str]:
    """Return the full name of each function and class that a public package offers."""
    package = getattr(rl, name)
    found = {each: getattr(package, each) for each in package.__all__}
    homes = {each: it.__module__ for each, it in found.items() if isfunction(it) or isclass(it)}
    return [f"{home}.{each}" for each, home in homes.items() if home.startswith("rugs_lab")]


def name_page(name: str) -> str:
    """Return the page on a public name."""
    home = rl._HOMES[name]
    title = f"# rl.{name}"
    if name in ("analysis", "models"):
        parts = [title, f"::: {home}\n    options:\n      show_root_heading: false\n      members: false"]
        parts += [f"::: {place}\n    options:\n      heading_level: 2" for place in members_of(name)]
        return "\n\n".join(parts) + "\n"
    return f"---\ntitle: rl.{name}\n---\n\n{title}\n\n::: {home}.{name}\n    options:\n{PUBLIC}\n"


def first_sentence(name: str) -> str:
    """Return what a public name is, from its docstring."""
    text = (getattr(rl, name).__doc__ or "").strip().split("\n\n")[0]
    if isinstance(getattr(rl, name), str) or not text:
        return "address of the real site" if name == "RUGS_FUN_URL" else ""
    return re.sub(r"`{2,}", "`", " ".join(text.split())).rstrip(".")


def by_task() -> str:
    """Return the page that lists every public name by task."""
    parts = [
        "---\ntitle: Public names by task\n---\n\n# Public names by task",
        "What `import rugs_lab as rl` offers. Heavy libraries are loaded when a name is first used. "
        "Everything else in the package is internal and may change without notice "
        "([stability](../stability.md)); it is described [package by package](../architecture.md#packages).",
    ]
    for task, names in TASKS.items():
        rows = [
            f"| [`rl.{name}`]({page_of(name).removeprefix('reference/')}) | {first_sentence(name)} |"
            for name in names
        ]
        parts.append("\n".join([f"## {task}\n", "| name | what it is |", "|---|---|", *rows]))
    return "\n\n".join(parts) + "\n"


def package_page(package: str, title: str) -> str:
    """Return the page on every module of a package, which is neither in navigation nor in search."""
    folder = ROOT / "rugs_lab" / package
    names = [f"rugs_lab.{package}"]
    for path in sorted(folder.rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if not name.endswith("__init__"):
            names.append(name)
    parts = [f"{OUTSIDE}# {package.title()}: {title}"]
    parts.append(f"::: {names[0]}\n    options:\n      show_root_heading: false\n{INTERNAL}")
    parts[-1] += "\n      members: false\n      show_root_toc_entry: false"
    parts += [
        f"::: {name}\n    options:\n      heading_level: 2\n      show_root_full_path: true\n{INTERNAL}"
        for name in names[1:]
    ]
    return "\n\n".join(parts) + "\n"
