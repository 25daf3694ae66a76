"""The report as a job summary: Markdown, the first break first, cut where a page of CI would be.

What is cut is said, with its number. The same bytes for the same report.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from conform.exits import BREAKS, CONFORMS
from conform.report.causes import given_lines, label_lines, largest, left
from conform.report.model import Break, Judgement, Report, Unchecked
from conform.report.words import accepted, besides, counted, still, terms, unjudged, values, verdict, where

MOST_BYTES = 512 * 1024
MOST_ROWS = 200                          # of a table


def render(report: Report) -> str:
    return _page(_parts(report))


def render_all(reports: Sequence[Report]) -> str:
    """Several cases of one run: a line for each, then those that do not conform."""
    rows = "\n".join(["| case | verdict | judged |", "|---|---|--:|", *(f"| {_plain(one.run)} | {_verdict(one)} | {one.judged} of {one.clauses} |" for one in reports)])
    holding = sum(one.exit_code == CONFORMS for one in reports)
    head = f"## conform: {_plain(reports[0].spec)}: {holding} of {counted(len(reports), 'case')} conform"
    return _page([head, rows, *(part for one in sorted(reports, key=lambda one: one.exit_code != BREAKS) if one.exit_code for part in _parts(one))])


def _verdict(report: Report) -> str:
    return f"**{verdict(report)}**" if report.exit_code == BREAKS else verdict(report)


def _page(parts: Iterable[str]) -> str:
    text = "\n\n".join(parts) + "\n"
    return text if len(text.encode()) <= MOST_BYTES else _cut(text)


def _cut(text: str) -> str:
    """Whole paragraphs and rows, as many as fit."""
    note = f"\n\nCut here: the whole report has {len(text.encode()):,} bytes; `--format json` has all of it.\n"
    room = MOST_BYTES - len(note.encode())
    kept = text.encode()[:room].decode(errors="ignore")
    return kept[: kept.rfind("\n")].rstrip() + note


def _parts(report: Report) -> Iterator[str]:
    names = " · ".join(part for part in (report.spec, report.run) if part)
    yield f"## conform: {_plain(names)}: {_verdict(report)}"
    if report.first_break:
        yield from _first(report, report.first_break)
    yield from _given(report)
    if report.left and not report.first_break:
        yield "### Unexplained"
        yield "\n".join(f"- {_plain(left(one))}" for one in report.left)
    yield from _failed_waivers(report)
    yield from _further(report.roots[1:])
    yield from _open(report.unchecked)
    yield from _waived(report)
    yield _holding(report)
    yield from _table(report.verdicts)


def _first(report: Report, found: Break) -> Iterator[str]:
    yield f"### First break: {found.clause} {_plain(found.title)}, side `{found.side}`"
    for quote in found.quotes[:1]:
        yield f"> {_plain(quote)}"
    lines = [f"{where(found)}" + "".join(f"; {side} {_plain(said)}" for side, said in found.others.items()), _plain(values(found))]
    lines += [f"**{kind}**: {_plain(text)}" for kind, text in besides(found)]
    if found.computes_instead:
        lines.append(f"{found.side} has there {_plain(found.computes_instead)}" + (f": `{_code(found.instead_equation)}`" if found.instead_equation else ""))
    if found.speaks_for:
        lines.append(f"it speaks for {counted(len(found.speaks_for), 'clause')} besides: {', '.join(found.speaks_for)}")
    if report.explained:
        names = ", ".join(f"`{name}`" for name in report.explained.differing) or "nothing"
        lines.append(f"what follows: {names}; {_plain(still(report.explained, report.roots[1:]))}")
    if said := largest(report):
        lines.append(f"largest: {_plain(said)}")
    lines += [_plain(left(one)) for one in report.left]
    lines.append(f"rule: `{_code(found.source)}`")
    yield "\n".join(f"- {line}" for line in lines)


def _given(report: Report) -> Iterator[str]:
    if report.unlike:
        yield "### The sides did not do the same thing"
        yield "\n".join(f"- {_plain(one.text)}" for one in report.unlike)
    if report.given:
        yield "### The sides were given different inputs"
        yield "\n".join(f"- {_plain(line)}" for line in given_lines(report))
    if report.wrong_labels:
        yield "### Wrong labels"
        yield "\n".join(f"- {_plain(line)}" for line in label_lines(report))


def _failed_waivers(report: Report) -> Iterator[str]:
    if report.waivers_failed:
        yield "### Waivers that no longer fit"
        yield "\n".join(f"- **{item.clause}** on `{item.side}` ({item.problem}): {_plain(item.text)}" for item in report.waivers_failed)


def _further(roots: Sequence[Break]) -> Iterator[str]:
    if roots:
        yield "### Breaks too"
        yield "\n".join([*(f"- {_one_more(root)}" for root in roots[:MOST_ROWS]), *_left(len(roots), "break")])


def _one_more(root: Break) -> str:
    instead = f"; has {_plain(root.computes_instead)}" if root.computes_instead else ""
    other = "".join(f"; {kind}: {_plain(text)}" for kind, text in besides(root))
    return f"**{root.clause}** {_plain(root.title)}, side `{root.side}`: {where(root)}{instead}{other}"


def _open(items: Sequence[Unchecked]) -> Iterator[str]:
    """What was not checked; the excused in one line each reason."""
    open_ones = [item for item in items if item.excused is None]
    if open_ones:
        yield "### Not checked"
        lines = [f"- **{item.clause}** {_plain(item.title)}, side {', '.join(f'`{side}`' for side in item.sides)}: {_plain(item.reason)}" for item in open_ones[:MOST_ROWS]]
        yield "\n".join([*lines, *_left(len(open_ones), "clause")])
    excused = {item.excused: None for item in items if item.excused is not None}
    if excused:
        count = len({item.clause for item in items if item.excused is not None})
        yield f"Not meant to be judged by this run: {counted(count, 'clause')} ({'; '.join(_plain(why) for why in excused if why)})."


def _waived(report: Report) -> Iterator[str]:
    breaks = [f"- **{one.found.clause}** {_plain(one.found.title)}, side `{one.found.side}`: {where(one.found)}, {_plain(accepted(one))}; {_plain(terms(one))}" for one in report.waived]
    others = [f"- {_plain(names)}: {_plain(why)}; {_plain(terms(one))}" for names, why, one in unjudged(report)]
    if breaks or others:
        yield "### Waived"
        yield "\n".join([*breaks, *others])


def _holding(report: Report) -> str:
    good = sum(v.outcome in ("holds", "tie") for v in report.verdicts)
    return f"{good:,} of {counted(len(report.verdicts), 'verdict')} hold, on {counted(report.elements, report.tile_axis or 'element')}."


def _table(verdicts: Sequence[Judgement]) -> Iterator[str]:
    rows = [f"| {v.clause} | {v.side} | {v.outcome} | {_figure(v.margin)} | {_figure(v.ulps)} | {v.elements:,} |" for v in verdicts[:MOST_ROWS]]
    body = "\n".join(["| clause | side | outcome | margin | ulps | elements |", "|---|---|---|--:|--:|--:|", *rows])
    rest = "".join(f"\n\n{line}" for line in _left(len(verdicts), "verdict"))
    yield f"<details><summary>Every verdict</summary>\n\n{body}{rest}\n\n</details>"


def _left(count: int, thing: str) -> list[str]:
    return [f"- and {counted(count - MOST_ROWS, thing)} more; `--format json` lists them"] if count > MOST_ROWS else []


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>|#~"} | {"\n": " "})


def _plain(text: str) -> str:
    """Text of others, in which nothing is markup."""
    return text.translate(_MARKS)


def _code(text: str) -> str:
    return " ".join(text.replace("`", "'").split())
