"""Parachute: a round canopy of bulging gores under a summer sky."""

import numpy as np
from PIL import Image, ImageDraw

from scenes.drawing import SCALE, Array, blur, clouds, finish, grid, normalised, over, shifted, smoothstep

GORES = 24


def summer_sky(x: Array, y: Array, height: float, rng: np.random.Generator) -> Array:
    """Blue above, pale below, with soft white clouds lit from the upper left."""
    down = smoothstep(-60, height, y)[..., None]
    sky = (1 - down) * np.array([0.055, 0.19, 0.52], np.float32) + down * np.array(
        [0.40, 0.60, 0.83], np.float32
    )
    billow = clouds(x.shape, 260, rng)
    thick = smoothstep(0.52, 0.86, billow + 0.16 * (y / height - 0.55))
    soft = blur(billow, 5)
    slope = soft - shifted(soft, -8, -10)
    white = np.array([0.93, 0.95, 0.98]) * np.clip(0.88 - 1.1 * slope, 0.60, 1.0)[..., None]
    return over(sky, white, 0.85 * thick)


def canopy(
    x: Array, y: Array, centre: tuple[float, float], radius: float, sun: Array
) -> tuple[Array, Array, Array]:
    """A round canopy seen from a little below: its colour, its mask, and the skirt's points (GORES, 2).

    The fabric is the upper cap of a flattened sphere, cut by a scalloped skirt. A ray meets it twice; where
    the nearer point lies below the skirt, one looks into the canopy and sees its inner side, lit through the
    cloth.
    """
    pitch, flat = np.float32(0.30), np.float32(0.78)
    turn = np.array(
        [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]], np.float32
    )

    # Work with the axes of the canopy: first x, second down its axis, third towards the viewer.
    u, v = (x - centre[0]) / radius, (y - centre[1]) / radius
    start = np.stack([u, v, np.zeros_like(u)], -1) @ turn
    ray = np.array([0, 0, 1], np.float32) @ turn
    squash = np.array([1, 1 / flat, 1], np.float32)
    s, d = start * squash, ray * squash
    a, b, c = d @ d, s @ d, (s * s).sum(-1) - 1
    root = np.sqrt(np.clip(b * b - a * c, 0, None))
    colour, mask = np.zeros((*x.shape, 3), np.float32), np.zeros(x.shape, np.float32)
    sun_here = sun @ turn
    for sign in (-1, 1):  # the far side first
        p = start + ((-b + sign * root) / a)[..., None] * ray
        angle = np.arctan2(p[..., 2], p[..., 0])
        gore = angle * GORES / (2 * np.pi)
        across = gore - np.floor(gore) - 0.5  # −0.5 … 0.5 from seam to seam
        skirt = 0.16 - 0.075 * (1 - 4 * across**2)
        outer = normalised(p * squash * squash)
        sideways = np.stack([-np.sin(angle), np.zeros_like(angle), np.cos(angle)], -1)
        bulge = 0.95 * smoothstep(0.02, 0.5, np.hypot(p[..., 0], p[..., 2]))
        n = normalised(outer + (bulge * 2 * across)[..., None] * sideways)
        facing = (outer @ ray) > 0
        orange = (np.floor(gore) % 2 == 0)[..., None]
        cloth = np.where(orange, np.array([0.86, 0.17, 0.035]), np.array([0.87, 0.86, 0.82])).astype(
            np.float32
        )
        band = np.abs(p[..., 1] + 0.33) < 0.035  # a reinforcing band, and one along the skirt
        cloth = np.where((band | (skirt - p[..., 1] < 0.022))[..., None], cloth * 0.80, cloth)
        lit = n @ sun_here
        above = 0.5 - 0.5 * (n @ turn.T)[..., 1]
        front = np.clip(lit, 0, None) * 0.95 + 0.20 * above + 0.17
        through = 0.55 * np.clip(lit, 0, None) + 0.16 + 0.20 * smoothstep(-0.5, 0.2, p[..., 1])
        light = np.where(facing, front, through)[..., None] * np.where(
            facing[..., None], 1.0, [1.0, 0.93, 0.84]
        )
        shown = cloth * light
        seam = smoothstep(0.5 - 0.030, 0.5 - 0.010, np.abs(across)) * smoothstep(
            0.05, 0.2, np.hypot(p[..., 0], p[..., 2])
        )
        shown *= (1 - 0.42 * seam)[..., None]
        vent = np.hypot(p[..., 0], p[..., 2]) > 0.075
        present = (b * b > a * c) & (p[..., 1] < skirt) & vent
        colour = np.where(present[..., None], shown, colour)
        mask = np.where(present, 1, mask).astype(np.float32)

    angles = 2 * np.pi * np.arange(GORES) / GORES
    depth = 0.16
    rim = np.sqrt(1 - (depth / flat) ** 2)
    edge = np.stack([rim * np.cos(angles), np.full(GORES, depth), rim * np.sin(angles)], -1) @ turn.T
    return colour, mask, np.array(centre) + radius * edge[:, :2]


def jumper(pen: ImageDraw.ImageDraw, x: float, y: float, size: float) -> None:
    """A person in a harness, arms up at the risers, `size` pixels from helmet to boots, hung at (x, y)."""

    def limb(points: list[tuple[float, float]], thick: float, colour: tuple[int, int, int]) -> None:
        path = [((x + a * size) * SCALE, (y + b * size) * SCALE) for a, b in points]
        pen.line(path, fill=colour, width=round(thick * size * SCALE), joint="curve")
        r = thick * size * SCALE / 2
        for px, py in path:
            pen.ellipse((px - r, py - r, px + r, py + r), fill=colour)

    suit, dark, skin = (40, 52, 78), (26, 31, 44), (188, 138, 108)
    for side in (-1, 1):
        limb([(0.09 * side, 0.62), (0.12 * side, 0.83), (0.10 * side, 1.02)], 0.105, suit)
        limb([(0.10 * side, 1.03), (0.15 * side, 1.08)], 0.085, dark)
        limb([(0.13 * side, 0.33), (0.22 * side, 0.17), (0.15 * side, -0.02)], 0.075, suit)
        limb([(0.15 * side, -0.03), (0.15 * side, -0.05)], 0.06, skin)
    limb([(0, 0.36), (0, 0.60)], 0.25, suit)
    limb([(-0.06, 0.36), (-0.05, 0.58)], 0.11, (62, 78, 112))
    limb([(0.10, 0.38), (0.10, 0.55)], 0.10, dark)
    limb([(0, 0.19), (0, 0.22)], 0.12, skin)
    limb([(0, 0.12), (0, 0.15)], 0.17, (196, 62, 34))


def parachute(rng: np.random.Generator) -> Image.Image:
    """An orange and white round parachute with its jumper, against the sky."""
    size = width, height = 480, 640
    x, y = grid(*size)
    picture = summer_sky(x, y, height, rng)
    colour, mask, skirt = canopy(x, y, (243, 236), 190, normalised([-0.55, -0.70, 0.46]))

    sheet = Image.new("RGBA", (width * SCALE, height * SCALE))
    pen = ImageDraw.Draw(sheet)
    hang = np.array([252.0, 524.0])
    knots = {side: hang + np.array([side * 9, -14]) for side in (-1, 1)}
    for px, py in skirt:
        knot = knots[-1 if px < hang[0] else 1]
        pen.line([(px * SCALE, py * SCALE), tuple(knot * SCALE)], fill=(238, 238, 232, 215), width=SCALE)
    for side in (-1, 1):
        ends = [tuple(knots[side] * SCALE), tuple((hang + np.array([side * 8, 16])) * SCALE)]
        pen.line(ends, fill=(60, 62, 60, 255), width=2 * SCALE)
    jumper(pen, float(hang[0]), float(hang[1]), 62)
    rgba = np.asarray(sheet, np.float32) / 255
    picture = over(picture, rgba[..., :3] ** 2.2, rgba[..., 3])
    return finish(over(picture, colour, mask), rng)
