"""Cassette player: a portable radio recorder on a table."""

import numpy as np
from PIL import Image

from scenes.drawing import SCALE, blur, clouds, finish, grid, normalised, over, shifted, smoothstep
from scenes.relief import Relief, filled, rounded_box


def speaker(relief: Relief, cx: float, cy: float, radius: float) -> None:
    """A round speaker behind a perforated metal grille, in a chrome ring."""
    r = np.hypot(relief.x - cx, relief.y - cy)
    relief.disc(cx, cy, radius + 8, (0.50, 0.51, 0.53), 5, 4, 0.9)
    relief.disc(cx, cy, radius + 2, (0.035, 0.036, 0.04), -6, 3, 0.2)
    relief.disc(cx, cy, radius, (0.075, 0.077, 0.082), 5, radius, 0.35)
    relief.disc(cx, cy, radius * 0.34, (0.10, 0.10, 0.11), 3, radius * 0.2, 0.4)
    pitch = 5.2
    row = np.round((relief.y - cy) / (pitch * 0.866))
    dx = (relief.x - cx) / pitch + 0.5 * (row % 2)
    holes = np.hypot((dx - np.round(dx)) * pitch, relief.y - cy - row * pitch * 0.866)
    relief.paint((0.008, 0.008, 0.009), filled(holes - 1.55) * filled(r - radius + 3))


def cassette(relief: Relief, cx: float, cy: float) -> None:
    """The tape door with a cassette behind its window: label, two reels, the tape between them."""
    relief.box((cx - 99, cy - 62, cx + 99, cy + 62), 8, (0.40, 0.41, 0.43), 4, 3, 0.8)
    relief.box((cx - 91, cy - 54, cx + 91, cy + 54), 5, (0.02, 0.02, 0.022), -6, 3, 0.1)
    relief.box((cx - 78, cy - 45, cx + 78, cy + 47), 5, (0.62, 0.59, 0.52), 2, 1.5, 0.1)
    relief.box((cx - 70, cy - 39, cx + 70, cy + 26), 3, (0.80, 0.77, 0.68), 0.4, 1, 0.05)
    relief.paint(
        (0.58, 0.10, 0.05), filled(rounded_box(relief.x, relief.y, (cx - 70, cy - 20, cx + 70, cy - 13), 0))
    )
    relief.paint(
        (0.70, 0.33, 0.05), filled(rounded_box(relief.x, relief.y, (cx - 70, cy - 12, cx + 70, cy - 7), 0))
    )
    for line in (-33, -27):
        rule = rounded_box(relief.x, relief.y, (cx - 62, cy + line, cx + 62, cy + line + 0.7), 0)
        relief.paint((0.45, 0.43, 0.38), filled(rule))
    relief.box((cx - 48, cy - 7, cx + 48, cy + 21), 12, (0.05, 0.045, 0.042), -2, 2, 0.2)
    relief.paint(
        (0.075, 0.035, 0.02), filled(rounded_box(relief.x, relief.y, (cx - 15, cy - 3, cx + 13, cy + 17), 2))
    )
    for side in (-1, 1):
        hub_x, hub_y = cx + 33 * side, cy + 7
        relief.disc(hub_x, hub_y, 11.5, (0.82, 0.81, 0.78), 1.5, 2, 0.3)
        relief.disc(hub_x, hub_y, 7.5, (0.02, 0.02, 0.02), -2, 1, 0.1)
        for angle in np.arange(6) * np.pi / 3 + 0.3:
            tooth = [(hub_x + q * np.cos(angle), hub_y + q * np.sin(angle)) for q in (5.0, 7.8)]
            relief.tube(tooth, 1.3, (0.80, 0.79, 0.76), 1.0, 0.2)
    for x in (-62, 62):
        relief.disc(cx + x, cy + 39, 3, (0.10, 0.10, 0.10), -1, 1, 0.1)
    trapezoid = np.maximum(
        np.abs(relief.x - cx) - 52 + (cy + 47 - relief.y) * 0.3, np.abs(relief.y - cy - 38) - 9
    )
    relief.add(trapezoid, (0.56, 0.53, 0.47), 1, 1, 0.1)
    # the door's clear plastic catches the light along a slanted band
    glass = filled(rounded_box(relief.x, relief.y, (cx - 91, cy - 54, cx + 91, cy + 54), 5))
    slant = relief.x + 0.55 * relief.y - (cx + 0.55 * cy)
    band = smoothstep(-58, -50, slant) * (1 - smoothstep(-22, -12, slant)) + 0.6 * smoothstep(2, 8, slant) * (
        1 - smoothstep(16, 22, slant)
    )
    relief.paint((0.75, 0.78, 0.82), 0.13 * band * glass)


def cassette_player(rng: np.random.Generator) -> Image.Image:
    """A silver radio cassette recorder with two speakers, on a wooden table before a plain wall."""
    width, height = 640, 420
    x, y = grid(width, height)
    table = 342.0
    wall = np.array([0.50, 0.45, 0.38]) * (1.08 - 0.55 * np.hypot((x - 190) / 640, (y - 60) / 520))[..., None]
    grain = clouds((x.shape[0], x.shape[1] // 14 + 8), 12, rng)
    wood = np.asarray(Image.fromarray(grain).resize((x.shape[1], x.shape[0]), Image.Resampling.BICUBIC))
    planks = (
        np.array([0.30, 0.155, 0.07])
        * (0.70 + 0.60 * wood)[..., None]
        * (0.75 + 0.35 * smoothstep(table, height, y))[..., None]
    )
    picture = blur(over(wall.astype(np.float32), planks, smoothstep(table - 1, table + 1, y)), 0.8)

    relief = Relief(width, height)
    silver, chrome, black = (0.40, 0.41, 0.425), (0.55, 0.56, 0.58), (0.028, 0.029, 0.032)
    relief.tube(
        [(96, 77), (96, 46), (104, 36), (536, 36), (544, 46), (544, 77)], 8, (0.34, 0.35, 0.365), 12, 0.7
    )
    relief.box((112, 30, 528, 43), 6, (0.035, 0.035, 0.038), 4, 5, 0.3)
    relief.box((48, 78, 592, 366), 16, silver, 22, 11, 0.55)
    relief.box((60, 90, 580, 138), 5, black, -3, 2, 0.25)  # the tuner's scale
    for k, place in enumerate(np.linspace(96, 544, 57)):
        top = 112 if k % 4 else 107
        relief.paint((0.72, 0.72, 0.68), filled(rounded_box(x, y, (place - 0.5, top, place + 0.5, 117), 0)))
    for k, mark in enumerate(("88", "92", "96", "100", "104", "106", "108")):
        relief.text(mark, 110 + 70 * k, 99, 9, (0.80, 0.80, 0.76))
    for k, mark in enumerate(("53", "60", "70", "80", "100", "130", "160")):
        relief.text(mark, 110 + 70 * k, 127, 9, (0.85, 0.46, 0.16))
    relief.box((356, 94, 359, 134), 1, (0.85, 0.07, 0.03), 1, 1, 0.2)
    relief.box((60, 146, 580, 178), 4, (0.33, 0.34, 0.355), -2, 2, 0.4)
    for k in range(4):  # sliders left, knobs right
        relief.box((86 + 30 * k, 151, 90 + 30 * k, 173), 2, black, -2, 1, 0.1)
        relief.box((80 + 30 * k, 155 + 4 * (k % 3), 96 + 30 * k, 162 + 4 * (k % 3)), 2, chrome, 5, 2, 0.8)
    for k in range(3):
        relief.disc(470 + 40 * k, 162, 13, (0.09, 0.09, 0.095), 4, 3, 0.5)
        relief.disc(470 + 40 * k, 162, 10.5, chrome, 5, 3, 0.9)
        relief.tube([(470 + 40 * k, 162), (475 + 40 * k, 154)], 1.0, black, 0.3, 0.1)
    for k in range(6):  # the piano keys above the tape
        relief.box((221 + 33 * k, 149, 252 + 33 * k, 174), 3, (0.13, 0.13, 0.135), 6, 4, 0.6)
        middle = 236.5 + 33 * k
        sign = (0.80, 0.10, 0.05) if k == 5 else (0.85, 0.85, 0.82)
        arrow = np.maximum(np.abs(y - 161) + (x - middle) * 0.7 - 4, middle - 4 - x)
        relief.paint(
            sign,
            filled(
                np.hypot(x - middle, y - 161) - 3.6
                if k == 5
                else arrow
                if k % 2
                else np.maximum(np.abs(x - middle), np.abs(y - 161)) - 3.6
            ),
        )
    speaker(relief, 136, 270, 74)
    speaker(relief, 504, 270, 74)
    cassette(relief, 320, 258)
    relief.text("STEREO RADIO CASSETTE", 320, 340, 10.5, (0.06, 0.06, 0.07))
    relief.disc(232, 340, 3, (0.75, 0.05, 0.03), 2, 3, 0.6)
    for left in (92, 508):
        relief.box((left, 362, left + 40, 373), 4, (0.03, 0.03, 0.03), 8, 4, 0.1)

    brushed = 1 + 0.05 * (clouds((x.shape[0], x.shape[1]), 2.4, rng) - 0.5)
    relief.colour *= brushed[..., None]
    body = relief.lit(normalised([-0.42, -0.58, 0.70]))
    on_wall = blur(shifted(relief.mask, -16, -13) * (y < table), 10) * 0.50
    on_table = blur(smoothstep(0, 1, 1 - rounded_box(x, y, (58, 358, 612, 384), 8) / 6), 7) * 0.75
    shade = np.where(y < table, on_wall, on_table)
    flipped = np.clip(2 * 372 - y, 0, height - 1)
    mirrored = body[(flipped * SCALE).astype(int), np.arange(x.shape[1])]
    picture = over(
        picture, blur(mirrored, 3), 0.16 * smoothstep(420, 372, y) * ((y > table) & (x > 50) & (x < 590))
    )
    picture = picture * (1 - shade)[..., None]
    return finish(over(picture, body, relief.mask), rng)
