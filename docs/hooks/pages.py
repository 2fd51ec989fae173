"""Pages that are made while the documentation is built, so that nothing is written twice.

The reference (the public names, and one page a package), the notebooks with their outputs, and
CONTRIBUTING.md and CHANGELOG.md, whose links are set right. mkdocs calls the functions whose names begin with
``on_``.
"""

import re
import sys
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

import rugs_lab as rl

# mkdocs loads this file by its path, so its neighbour is not found by itself.
sys.path.insert(0, str(Path(__file__).parent))
from notebooks import as_page, copy_bokeh, executed_folder, fill

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {
    "game": "the rules of the game",
    "estimates": "numbers with their intervals",
    "figures": "Bokeh figures",
    "recordings": "games at rest",
    "feed": "games in motion",
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
      skip_local_inventory: true"""
"""Options of a public name; the page of its package is where other pages link to."""
OUTPUTS: dict[str, list[str]] = {}
"""Page of a notebook -> the HTML of its outputs."""


def on_config(config: Any) -> Any:
    """Put the pages that are made here into the navigation."""
    sections = {title: entry for entry in config.nav for title in entry}
    sections["Notebooks"]["Notebooks"] = [f"notebooks/{path.stem}.md" for path in notebooks()]
    packages = [{package.title(): f"reference/{package}.md"} for package in PACKAGES]
    sections["Reference"]["Reference"] = [{"Public names": "reference/public_face.md"}, *packages]
    development = sections["Development"]["Development"]
    development += [{"Contributing": "contributing.md"}, {"Changes": "changelog.md"}]
    listed = str(config.nav)
    for page in sorted((ROOT / "docs" / "guides").glob("*.md")) + sorted((ROOT / "docs").glob("*.md")):
        name = page.relative_to(ROOT / "docs").as_posix()
        if name not in listed:
            sections["Guides"]["Guides"].append(name)
    return config


def on_files(files: Files, config: Any) -> Files:
    """Make the pages."""
    for beside, page in BESIDE.items():
        if page != "index.md":
            files.append(File.generated(config, page, content=(ROOT / beside).read_text("utf-8")))
    files.append(File.generated(config, "reference/public_face.md", content=public_face()))
    for package, title in PACKAGES.items():
        content = package_page(package, title)
        files.append(File.generated(config, f"reference/{package}.md", content=content))
    OUTPUTS.clear()
    for path in notebooks():
        text, OUTPUTS[f"notebooks/{path.stem}.md"] = as_page(path)
        files.append(File.generated(config, f"notebooks/{path.stem}.md", content=text))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Let links to files beside ``docs/`` lead to their pages."""
    depth = page.file.src_uri.count("/")
    for beside, target in BESIDE.items():
        for written in (f"](../{beside}", f"]({beside}"):
            markdown = markdown.replace(written, f"]({'../' * depth}{target}")
    if page.file.src_uri in BESIDE.values():
        markdown = re.sub(r"\]\(docs/", "](", markdown)
    return markdown


def on_page_content(html: str, page: Any, config: Any, files: Files) -> str:
    """Put the outputs of a notebook into its page."""
    outputs = OUTPUTS.get(page.file.src_uri)
    return html if outputs is None else fill(html, outputs)


def on_post_build(config: Any) -> None:
    """Add BokehJS, which the figures of the notebooks need; refuse pages that would ask a network."""
    site = Path(config.site_dir)
    copy_bokeh(site)
    for page in site.rglob("*.html"):
        if found := LOADS.search(page.read_text("utf-8")):
            raise ValueError(f"{page.relative_to(site)} loads {found[0]!r} from a network")


def notebooks() -> list[Path]:
    """Return the notebooks that are shown, in their order."""
    return sorted(executed_folder().glob("*.ipynb"))


def public_face() -> str:
    """Return the page on every public name."""
    parts = [
        "# Public names",
        "What `import rugs_lab as rl` offers. Nothing heavy is loaded before a name is used.",
    ]
    for name, home in sorted(rl._HOMES.items()):
        if home.endswith(f".{name}") and (ROOT / home.replace(".", "/")).is_dir():
            page = home.split(".")[1]
            parts.append(f"## {name}\n\nA package: [`{home}`]({page}.md).")
        else:
            parts.append(f"::: {home}.{name}\n    options:\n{PUBLIC}")
    return "\n\n".join(parts) + "\n"


def package_page(package: str, title: str) -> str:
    """Return the page on every module of a package."""
    folder = ROOT / "rugs_lab" / package
    names = [f"rugs_lab.{package}"]
    for path in sorted(folder.rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if not name.endswith("__init__"):
            names.append(name)
    parts = [f"# {package.title()}: {title}", f"::: {names[0]}\n    options:\n      show_root_heading: false"]
    parts[-1] += "\n      members: false\n      show_root_toc_entry: false"
    parts += [
        f"::: {name}\n    options:\n      heading_level: 2\n      show_root_full_path: true"
        for name in names[1:]
    ]
    return "\n\n".join(parts) + "\n"
