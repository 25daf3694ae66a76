"""Takes the pictures of docs/pictures from a real report: python scripts/pictures.py (needs Chromium and the extra `browser`)."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
SHOTS = {"desktop": (1280, 800, "light"), "phone": (390, 844, "light"), "dark": (1280, 800, "dark")}
RUN = ["specs/scaling.rules", "--run", "supervisor"]


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or sys.exit("no Chromium on the PATH")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        page = Path(folder) / "report.html"
        subprocess.run([ROOT / "conform", "check", *RUN, "--format", "html", "--output", page], cwd=ROOT, check=False)
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"])
        for name, (width, height, scheme) in SHOTS.items():
            shown = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            shown.goto(page.as_uri())
            shown.screenshot(path=ROOT / "docs" / "pictures" / f"report-{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
