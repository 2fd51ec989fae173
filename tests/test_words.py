"""No private or archaic term is left in what a reader sees: pages, notebooks, docstrings, messages, labels.

``python -m tests.test_words`` prints the counts and, with ``--where``, each place.
"""

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
TERMS = {
    r"\bheal(?:s|ed|ing)?\b": "back-filled",
    r"\bhow whole\b|\bwhole but\b|\bare whole\b": "completeness, complete",
    r"\b(?:is|are|was|were|be|been) known (?:by|from elsewhere|otherwise)|\botherwise than\b": "source",
    r"\btold\b|\btells\b": "sent, reported, shown",
    r"\bheard\b|\bhears?\b": "received",
    r"\bturn(?:s|ed|ing)? (?:it |them |\w+ )?(?:away|down)\b": "rejected, refused",
    r"\bcarried out\b|\bcarry out\b": "filled, executed",
    r"\bgiven back\b|\bgives? (?:it )?back\b": "refunded, returned",
    r"\blaws?\b|\blawful\b": "price process, model",
    r"\b(?:live|replay|strategy) cells?\b|\bcell that moves\b": "widget",
    r"\b(?:seams?|the house|a house|floors|one room|rooms|doors?)\b": "interface, code base, layer, package",
    r"\bwithout a screen\b": "headless",
    r"\block-?step\b": "synchronous",
    r"\blast lamport\b|\bto the lamport\b": "exactly",
    r"\b(?:held|kept|keeps?|hold) back\b": "held-out",
    r"\bnever saw\b|\bdid not see\b|\b(?:has|have) not seen\b": "held-out, out of sample",
    r"\bmade up\b|\bmakes up\b": "invented, synthetic",
    r"\bstands? (?:beside|anywhere|in|side by side|on|behind|at)\b|\bmay stand\b": "is",
    r"\banew\b": "again",
    r"\bdies at\b|\b(?:or|and) dies\b": "expires",
    r"(?<!there )\bis no (?!(?:longer|more|less|need|such|other|further|way|reason)\b)\w+": "is not a",
    r"\bnobody (?:told|tells|said)\b": "never sent",
    r"\bfrom (?!now |then |here )(?:\S+ )?\S+ on(?=[,.;:)\"']|$)": "onwards",
    r"\b(?:full|each|every|last|own|other|accepted|late|one) frames?\b(?! of a|-)": "message",
    r"\bframes? (?:that|of) the (?:server|connection|running)": "message",
    r"\bframes? (?:came|carry|carries|a second|of a running|of the kind)": "message",
    r"\bplay(?:s|ed)? the winner\b": "evaluates the best combination",
    r"\bgo(?:es)? on\b": "continue, resume",
    r"\bnor\b.{0,20}\baccused\b|\bspeaks? against\b": "contradict",
    r"\bas at first\b|\bto hold against\b|\bbe believed\b|\bas it should be\b": "plain words",
    r"\bwherefrom\b|\bwhereby\b|\btherein\b|\bmanieth\b": "plain words",
    r"\bwants? (?!to\b)(?:another|processes|a\b|an\b|polling|no\b|it\b)": "needs",
    r"\bdid not say\b|\bwhat came\b": "did not send; what was received",
}
"""Private term, as a regular expression -> what to write."""

ALLOWED = {
    ("rugs_lab/recordings/read/version_0_1.py", "healed"): 1,  # an example of a line in the format of 0.1
}
"""(path, matched text in lower case) -> how often it may occur there."""

INLINE = re.compile(r"``.+?``|`[^`\n]+`")
TEXTS_OF_PAGE = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`", re.DOTALL)


class Found(NamedTuple):
    """A term that was found: where, in which line, and as it is written there."""

    path: str
    line: int
    term: str
    text: str


def prose_of_markdown(text: str) -> list[tuple[int, str]]:
    """Return the text of a page without inline code; of code blocks only the comments and docstrings."""
    kept, fenced = [], False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
            kept.append("")
        elif fenced:
            kept.append(line.partition("# ")[2] if '"""' not in line else line)
        else:
            kept.append(INLINE.sub("CODE", line))
    return [(1, "\n".join(kept))]


def prose_of_notebook(text: str) -> list[tuple[int, str]]:
    """Return the Markdown of a notebook, and comments and texts of its code."""
    found = []
    for cell in json.loads(text)["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            found += prose_of_markdown(source)
        else:
            found += prose_of_python(source)
            found += [(1, line.partition("# ")[2]) for line in source.splitlines() if "# " in line]
    return found


def prose_of_python(text: str) -> list[tuple[int, str]]:
    """Return every docstring and text of a module that holds a space, with its line."""
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)]
    texts = [(node.lineno, node.value) for node in nodes if isinstance(node.value, str)]
    return [(line, INLINE.sub("CODE", value)) for line, value in texts if " " in value]


def prose_of_page(text: str) -> list[tuple[int, str]]:
    """Return the texts of a JavaScript module that hold a space."""
    found = [
        (text.count("\n", 0, match.start()) + 1, match[0][1:-1]) for match in TEXTS_OF_PAGE.finditer(text)
    ]
    return [(line, value) for line, value in found if " " in value]


KINDS = {".md": prose_of_markdown, ".ipynb": prose_of_notebook, ".py": prose_of_python, ".js": prose_of_page}


def sources(root: Path = ROOT) -> Iterator[Path]:
    """Yield every file with text that a reader sees."""
    yield from (root / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "data/README.md"))
    for folder, ending in (("docs", "md"), ("notebooks", "ipynb"), ("rugs_lab", "py")):
        yield from sorted((root / folder).rglob(f"*.{ending}"))
    yield from sorted((root / "rugs_lab" / "views" / "static").rglob("*.js"))


def found_in(path: Path, root: Path = ROOT) -> list[Found]:
    """Return the private terms of a file."""
    name = path.relative_to(root).as_posix()
    found = []
    for first, text in KINDS[path.suffix](path.read_text("utf-8")):
        for term in TERMS:
            for match in re.finditer(term, text, re.IGNORECASE | re.MULTILINE):
                line = first + text.count("\n", 0, match.start())
                found.append(Found(name, line, term, match[0]))
    return found


def left_over(path: Path) -> list[Found]:
    """Return the private terms of a file beyond those that are allowed there."""
    spent: dict[tuple[str, str], int] = {}
    kept = []
    for found in found_in(path):
        key = (found.path, found.text.lower())
        spent[key] = spent.get(key, 0) + 1
        if spent[key] > ALLOWED.get(key, 0):
            kept.append(found)
    return kept


@pytest.mark.parametrize("path", list(sources()), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_private_term_is_left(path):
    assert [f"{found.line}: {found.text!r}, write: {TERMS[found.term]}" for found in left_over(path)] == []


def main() -> None:
    """Print how often each term is found, by kind of file; an argument is the root of another checkout."""
    root = next((Path(each) for each in sys.argv[1:] if not each.startswith("-")), ROOT)
    all_found = [found for path in sources(root) for found in found_in(path, root)]
    for found in all_found if "--where" in sys.argv else ():
        print(f"{found.path}:{found.line}: {found.text!r} -> {TERMS[found.term]}")
    endings = {"pages": "md", "notebooks": "ipynb", "docstrings and messages": "py", "texts of widgets": "js"}
    for kind, ending in endings.items():
        print(f"{sum(found.path.endswith('.' + ending) for found in all_found):5d} {kind}")
    print(f"{len(all_found):5d} in all")


if __name__ == "__main__":
    main()
