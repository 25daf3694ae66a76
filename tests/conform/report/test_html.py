"""The page: whole in itself, every link leads somewhere, nothing written by others becomes markup, and a browser agrees."""

from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conform.report import document, html_cases
from conform.report.cases import suite
from conform.report.html import Elements, render
from tests.conform.report.made import broken, not_alike, report, unchecked
from tests.conform.report.test_formats import whole

MOST_BYTES = 2 << 20
VOID = {"meta", "link", "br", "hr", "img", "input", "rect", "line"}


class Reader(HTMLParser):
    """Whether every element is closed in order; ids, links and whatever would be fetched."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open, self.ids, self.links, self.fetched = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        self.ids += [known["id"]] if "id" in known else []
        self.links += [known["href"]] if "href" in known else []
        self.fetched += [known[name] for name in ("src", "srcset", "data", "action") if name in known]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag


@pytest.fixture
def page(tiny_project):
    """Of a real check with a break."""
    ended = tiny_project.check("--format", "html", "--quirks", "a=far", "--pixel", "1,2", "-o", "page.html")
    assert ended.status == 1
    return tiny_project.root / "page.html"


def test_a_page_needs_nothing_but_itself(page):
    text = page.read_text("utf-8")
    read = Reader(text)
    assert len(text.encode()) < MOST_BYTES and read.fetched == [] and "@import" not in text and "url(" not in text
    assert all(link.startswith("#") for link in read.links)


def test_every_link_leads_somewhere_and_every_name_is_given_once(page):
    read = Reader(page.read_text("utf-8"))
    assert len(read.ids) == len(set(read.ids)) and {link[1:] for link in read.links} <= set(read.ids)


def test_the_page_shows_the_break_the_chosen_pixel_the_map_and_the_document(page):
    text = page.read_text("utf-8")
    assert 'First break: <a href="#lamp-1">lamp.1</a> Distance, side a' in text
    assert '<option value="audit-0">1,2</option>' in text and '<option value="0">lamp.1 on a' in text
    assert re.search(r'<h5 id="spec-lamp-1">.*<span class="chip breaks">✗ a: breaks', text)


def test_what_was_not_judged_has_its_reason_and_no_spread(tiny_project):
    """Zero lamps: every element of lamp.2 is equal to the last bit, and that says nothing."""
    tiny_project.write("runs/inputs/lamp.txt", "2.5 0 0 0\n")
    text = tiny_project.check("--format", "html").out
    rows = re.findall(r'<tr><th scope="row">[ab]</th><td><span class="chip (\w+)">.*?</tr>', text)
    cells = re.findall(r'<tr><th scope="row">[ab]</th><td>.*?</tr>', text)
    unchecked = [cell for state, cell in zip(rows, cells, strict=True) if state == "unchecked"]
    assert any("all its operands are zero" in cell for cell in unchecked) and not any("<svg" in cell for cell in unchecked)
    assert any("<svg" in cell for cell in cells)


TEXTS = st.text(alphabet=st.one_of(st.sampled_from("<>&\"'`{}%#"), st.characters()), max_size=40)


@settings(max_examples=20, deadline=None)
@given(TEXTS, TEXTS)
def test_no_text_of_others_becomes_markup(title, reason):
    made = whole(roots=(broken(title=title, computes_instead=reason, quotes=(reason,)),), unchecked=(unchecked("lamp.5", reason=reason, title=title),))
    plain = Reader(render(whole()))
    assert Reader(render(made)).ids == plain.ids


def test_what_the_sides_did_otherwise_stands_before_every_break_and_a_wrong_label_behind():
    text = render(whole(**not_alike()))
    Reader(text)
    same, first, given, label = (text.index(part) for part in ("another command &lt;than&gt; this run", "First break:", "flux: a has 2, b has 3", "offset_mm is printed in m, not in mm, by a"))
    assert same < first < given < label
    assert "same thing" not in render(whole()) and "Wrong labels" not in render(whole())


def test_where_no_clause_breaks_the_page_does_not_say_that_one_does():
    made = report(**not_alike())
    assert '<p class="verdict bad">the inputs differ</p>' in render(made) and "breaks</p>" not in render(made)
    assert '<p class="verdict bad">breaks</p>' in render(whole()) and '<p class="verdict good">conforms</p>' in render(report())
    assert '<p class="verdict warn">not everything could be judged</p>' in render(report(exit_code=3, unchecked=(unchecked(),)))


def test_html_in_the_document_is_text():
    text = document.render("### lamp.1 A <b>lamp</b>\n\n<script>alert(1)</script>\n", lambda clause: clause, lambda clause: "")
    assert "<script>" not in text and "<b>" not in text and 'id="spec-lamp.1"' in text


def test_a_page_without_elements_is_a_page_too():
    text = render(whole(), Elements())
    assert "<canvas" not in text and "Everything at one" not in text
    Reader(text)


# --- in a browser ----------------------------------------------------------------------------------------------------

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def browser():
    sync = pytest.importorskip("playwright.sync_api", reason="no playwright here (pip install '.[browser]')")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with sync.sync_playwright() as play:
        started = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"])
        yield started
        started.close()


@pytest.mark.parametrize("width, height, scheme", [(1280, 800, "light"), (390, 844, "light"), (1280, 800, "dark")])
def test_a_browser_shows_the_break_at_once_and_finds_no_fault(browser, page, width, height, scheme):
    said = []
    shown = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    shown.on("console", lambda message: said.append(message.text))
    shown.on("pageerror", lambda error: said.append(str(error)))
    shown.goto(Path(page).as_uri())
    box = shown.locator(".card.break").first.bounding_box()
    assert box["y"] + min(box["height"], 300) < height and box["x"] + box["width"] <= width
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    assert axe.run(shown).response["violations"] == [] and said == []
    shown.close()


def test_a_browser_finds_no_fault_in_the_page_of_many_cases(browser, tmp_path):
    cases = suite("many", "lamp.rules", [("bad", "with all that can be wrong", whole(run="many:bad", **not_alike())), ("good", "", report(run="many:good"))])
    (tmp_path / "cases.html").write_text(html_cases.render(cases), "utf-8")
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    for width, scheme in ((1280, "light"), (390, "dark")):
        shown = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        shown.goto((tmp_path / "cases.html").as_uri())
        assert axe.run(shown).response["violations"] == [] and shown.evaluate("document.documentElement.scrollWidth") <= width
        shown.close()


def test_the_page_works_by_keyboard(browser, page):
    shown = browser.new_page(viewport={"width": 1280, "height": 800})
    shown.goto(Path(page).as_uri())
    shown.keyboard.press("Tab")
    assert shown.evaluate("document.activeElement.className") == "skip"
    shown.keyboard.press("Tab")
    shown.keyboard.press("Enter")                        # the clause of the first break
    assert shown.evaluate("location.hash") == "#lamp-1" and shown.locator("#lamp-1").is_visible()
    shown.close()
