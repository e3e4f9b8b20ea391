"""Draw the example pictures that are renderings: golf ball, parachute, cassette player, gas pump.

The bundled weights know ten classes, and free photos of all of them are hard to come by, so these four are
computed here from geometry and light alone; `python tools/render_examples.py` writes them into
resnet_demo/assets/examples. Same code, same seed, same picture. The scenes are in `scenes/`.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image
from scenes.cassette_player import cassette_player
from scenes.gas_pump import gas_pump
from scenes.golf_ball import golf_ball
from scenes.parachute import parachute

FOLDER = Path(__file__).resolve().parents[1] / "resnet_demo" / "assets" / "examples"

SCENES = {
    "golf-ball-in-grass": golf_ball,
    "parachute-in-the-sky": parachute,
    "radio-cassette-player": cassette_player,
    "old-gas-pump": gas_pump,
}


def render(name: str) -> Image.Image:
    """One scene by its file name without ending, drawn from the seed every picture here was drawn from."""
    return SCENES[name](np.random.default_rng(7))


def main() -> None:
    """Render all scenes, or those named, as JPEG files."""
    parser = argparse.ArgumentParser(description="Draw the example pictures that are renderings.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(SCENES)}; default: all")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder to write to (default: %(default)s)")
    options = parser.parse_args()
    for name in options.names or SCENES:
        if name not in SCENES:
            parser.error(f"no scene of that name. Received: {name}. Scenes: {', '.join(SCENES)}")
        path = options.out / f"{name}.jpg"
        render(name).save(path, quality=88, optimize=True)
        print(path)


if __name__ == "__main__":
    main()
