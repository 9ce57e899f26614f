"""The geometry of a step diagram: where each box, chip, arrow and band stands, and how its words are broken into lines.

Pure: takes the diagram of the domain and the words to write, gives rectangles, texts and paths; the template writes SVG.
Steps run from left to right on a wide screen and downwards on a phone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from app.domain.procedures import Diagram, Node, Procedure, diagram

PAD, LINE, CHIP, GAP, BAND = 10, 20, 24, 28, 30
BADGE = 24
NARROWEST, WIDEST = 108, 190  # of a box, when the steps run across


@dataclass(frozen=True)
class Words:
    """What is written into the boxes: names of roles, name of a step, and the lines about time and importance."""

    role: Callable[[str], str]
    step: Callable[[Node], str]
    times: Callable[[Node], Sequence[str]]
    key_step: str
    companion: Callable[[int], str]


@dataclass(frozen=True)
class Text:
    """A line of text at its baseline; `look` is a class of the stylesheet."""

    x: int
    y: int
    words: str
    look: str
    anchor: str = "start"


@dataclass(frozen=True)
class Box:
    """A rectangle."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Step:
    """One box of the diagram with everything in it."""

    code: str
    box: Box
    is_key: bool
    number: str
    chips: tuple[Box, ...]
    texts: tuple[Text, ...]


@dataclass(frozen=True)
class Drawing:
    """A whole diagram; `arrows` are SVG paths, `bands` run beside all steps."""

    width: int
    height: int
    steps: tuple[Step, ...]
    arrows: tuple[str, ...]
    bands: tuple[tuple[Box, Text], ...]


@dataclass(frozen=True)
class _Frame:
    """How the rows of the diagram are laid on the page: columns when `across`, else rows as high as they must be."""

    across: bool
    box_width: int
    heights: tuple[int, ...]
    lanes: int
    columns: int
    offset: int

    def lane(self, node: Node) -> tuple[int, int]:
        """The first lane of a box and how many it covers."""
        per_lane = self.columns // self.lanes
        return node.column // per_lane, max(1, node.span // per_lane)

    def place(self, node: Node) -> Box:
        """Where the box of a node stands."""
        lane, span = self.lane(node)
        if self.across:
            height = max(self.heights)
            length = span * height + (span - 1) * GAP // 2
            top = self.offset + lane * (height + GAP // 2) + (length - height) // 2
            return Box(node.row * (self.box_width + GAP) + 2, top, self.box_width, height)
        top = sum(self.heights[: node.row]) + node.row * GAP + 2
        width = span * self.box_width + (span - 1) * PAD
        return Box(self.offset + lane * (self.box_width + PAD), top, width, self.heights[node.row])

    def inner(self, node: Node) -> int:
        """The width left for words in the box of a node."""
        span = 1 if self.across else self.lane(node)[1]
        return span * self.box_width + (span - 1) * PAD - 2 * PAD


def units_wide(text: str) -> float:
    """The width of a text in ems: a Chinese or Korean character is one, a Latin one about half.

    >>> units_wide("提议"), units_wide("ab")
    (2, 1.12)
    """
    return sum(1 if ord(sign) > 0x1100 else 0.56 for sign in text)


def broken(text: str, most: float) -> list[str]:
    """The text in lines of at most `most` ems; words of Latin letters stay whole where they fit.

    >>> broken("每月网格工作例会集中讨论", 7)
    ['每月网格工作例', '会集中讨论']
    >>> broken("Hold the grid meeting", 6)
    ['Hold the', 'grid', 'meeting']
    """
    lines, line = [], ""
    for piece in _pieces(text):
        if line and units_wide((line + piece).rstrip()) > most:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    for sign in text:
        whole = pieces and pieces[-1][-1] != " " and ord(sign) <= 0x1100 and ord(pieces[-1][-1]) <= 0x1100
        if whole:
            pieces[-1] += sign
        else:
            pieces.append(sign)
    return pieces


def draw(procedure: Procedure, words: Words, *, across: bool, width: int) -> Drawing:
    """The drawing of a procedure within `width` pixels: from left to right (`across`), or downwards."""
    plan = diagram(procedure)
    frame = _frame(plan, across, width)
    contents = {node.code: _content(node, words, frame.inner(node)) for node in plan.nodes}
    heights = [max(contents[node.code][1] for node in plan.nodes if node.row == row) for row in range(plan.rows)]
    frame = replace(frame, heights=tuple(heights))
    steps = tuple(_step(node, frame.place(node), contents[node.code][0]) for node in plan.nodes)
    boxes = {step.code: step.box for step in steps}
    arrows = tuple(_arrow(boxes[edge.start], boxes[edge.end], across) for edge in plan.edges)
    right = max(step.box.x + step.box.width for step in steps) + 2
    bottom = max(step.box.y + step.box.height for step in steps) + 2
    return Drawing(right, bottom, steps, arrows, tuple(_bands(plan, words, right, bottom, across)))


def _frame(plan: Diagram, across: bool, width: int) -> _Frame:
    lanes = max(sum(node.row == row for node in plan.nodes) for row in range(plan.rows))
    along = BAND * len(plan.bands) + (PAD if plan.bands else 2)
    if across:
        box_width = min(WIDEST, max(NARROWEST, (width - 4 - (plan.rows - 1) * GAP) // plan.rows))
    else:
        box_width = (width - along - 4 - (lanes - 1) * PAD) // lanes
    return _Frame(across, box_width, (), lanes, plan.columns, along)


def _content(node: Node, words: Words, inner: int) -> tuple[list[tuple[str, str]], int]:
    """The lines of a box as (look, text), and how high they stand."""
    lines = [("step-key", f"★ {words.key_step}")] if node.key_step else []
    lines = [*lines, *(("step-name", line) for line in broken(words.step(node), inner / 15.5))]
    for role in node.roles:
        lines += [("step-role", line) for line in broken(words.role(role), (inner - 8) / 13.5)]
    lines += [("step-time", line) for time in words.times(node) for line in broken(time, inner / 13.5)]
    heads = 0 if node.key_step else LINE
    return lines, PAD + heads + sum(CHIP if look == "step-role" else LINE for look, _line in lines) + PAD


def _step(node: Node, box: Box, lines: Sequence[tuple[str, str]]) -> Step:
    texts, chips, y = [], [], box.y + PAD + (0 if node.key_step else LINE)
    x, inner = box.x + PAD, box.width - 2 * PAD
    for look, line in lines:
        if look == "step-role":
            chips.append(Box(x, y + 2, min(inner, round(units_wide(line) * 13) + 14), CHIP - 4))
            texts.append(Text(x + 7, y + 16, line, look))
            y += CHIP
        else:
            texts.append(Text(x + (BADGE if look == "step-key" else 0), y + 15, line, look))
            y += LINE
    return Step(node.code, box, node.key_step, str(node.step_order), tuple(chips), tuple(texts))


def _arrow(start: Box, end: Box, across: bool) -> str:
    if across:
        x1, y1 = start.x + start.width, start.y + start.height // 2
        x2, y2 = end.x - 7, end.y + end.height // 2
        middle = (x1 + x2) // 2
        return f"M{x1} {y1}H{x2}" if y1 == y2 else f"M{x1} {y1}H{middle}V{y2}H{x2}"
    x1, y1 = start.x + start.width // 2, start.y + start.height
    x2, y2 = end.x + end.width // 2, end.y - 7
    middle = (y1 + y2) // 2
    return f"M{x1} {y1}V{y2}" if x1 == x2 else f"M{x1} {y1}V{middle}H{x2}V{y2}"


def _bands(plan: Diagram, words: Words, right: int, bottom: int, across: bool) -> list[tuple[Box, Text]]:
    made = []
    for index in range(len(plan.bands)):
        at = index * BAND + 2
        if across:
            box = Box(2, at, right - 4, BAND - 6)
            made.append((box, Text(box.x + box.width // 2, at + 17, words.companion(index), "band-text", "middle")))
        else:
            box = Box(at, 2, BAND - 6, bottom - 4)
            made.append((box, Text(at + (BAND - 6) // 2, bottom // 2, words.companion(index), "band-text", "middle")))
    return made
