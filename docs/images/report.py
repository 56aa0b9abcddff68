"""Draw docs/images/report.png, the picture in the README: the top of `envgym rewards report`.

python docs/images/report.py        # needs the extra report, Chromium and Pillow
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from envgym.cli.app import run

TARGET = Path(__file__).with_suffix(".png")
NAMES = ("chromium-headless-shell", "chromium", "google-chrome")
ID = "envgym/TravelPlan-v0"
PLAYERS = (("oracle:0.3", "24"), ("oracle:0.6", "24"), ("oracle:0.6", "14"))


def main() -> None:
    """Play, report, photograph."""
    browser = next(filter(None, map(shutil.which, NAMES)), None)
    if browser is None:
        sys.exit(f"report.py needs one of {', '.join(NAMES)} on the path")
    with tempfile.TemporaryDirectory() as folder:
        runs, page, shot = (Path(folder) / name for name in ("run", "page.html", "shot.png"))
        for agent, turns in PLAYERS:
            options = ["--group", "4", "--seed", "11", "--max-turns", turns, "--out", str(runs)]
            run(["run", ID, "--agent", agent, "--append", *options])
        run(["rewards", "report", str(runs), "--out", str(page), "--reward", "gated"])
        options = ["--hide-scrollbars", "--window-size=980,1150", f"--screenshot={shot}"]
        subprocess.run([browser, "--headless", "--no-sandbox", *options, page.as_uri()], check=True)
        Image.open(shot).convert("P", palette=Image.Palette.ADAPTIVE, colors=64).save(
            TARGET, optimize=True
        )


if __name__ == "__main__":
    main()
