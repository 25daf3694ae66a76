"""Takes the pictures of docs/pictures from a real report: python scripts/pictures.py (needs Chromium and the extra `browser`)."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
SHOTS = {                                # width, height, as it is shown
    "desktop": (1280, 800, {"color_scheme": "light"}), "phone": (390, 844, {"color_scheme": "light"}), "dark": (1280, 800, {"color_scheme": "dark"}),
    "print": (794, 1123, {"media": "print"}),                          # a page of A4
}
RUN = ["specs/scaling.rules", "--run", "supervisor"]


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or sys.exit("no Chromium on the PATH")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        page = Path(folder) / "report.html"
        ended = subprocess.run([ROOT / "conform", "check", *RUN, "--format", "html", "--output", page], cwd=ROOT, check=False)
        if ended.returncode != 1:
            sys.exit(f"the check ended with {ended.returncode}, and a picture of its first break was wanted")
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"])
        for name, (width, height, look) in SHOTS.items():
            shown = browser.new_page(viewport={"width": width, "height": height})
            shown.emulate_media(**look)
            shown.goto(page.as_uri())
            picture = ROOT / "docs" / "pictures" / f"report-{name}.png"
            shown.screenshot(path=picture)
            print(picture.relative_to(ROOT))
        browser.close()


if __name__ == "__main__":
    main()
