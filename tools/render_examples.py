"""Draw the example pictures that are renderings: golf ball, parachute, cassette player, gas pump.

The bundled weights know ten classes, and free photos of all of them are hard to come by, so these four are
computed here from geometry and light alone; `python tools/render_examples.py` writes them into
assets/examples. Same code, same seed, same picture.

Conventions: a scene is drawn at twice its final size and shrunk at the end, which smooths every edge. Colours
are linear light in [0, 1], shape (H, W, 3); masks and height maps have shape (H, W). x grows to the right and
y grows downwards, in final pixels; heights and normals point towards the viewer.
"""

import argparse
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageDraw, ImageFont

Array = NDArray[np.floating]
Colour = tuple[float, float, float]

SCALE = 2  # drawn at this many times the final size
FOLDER = Path(__file__).resolve().parents[1] / "assets" / "examples"


# --- tools every scene shares -----------------------------------------------------------------------------


def grid(width: int, height: int) -> tuple[Array, Array]:
    """x and y of every drawn pixel's centre, in final pixels: two (H, W) arrays."""
    ys, xs = np.mgrid[0 : height * SCALE, 0 : width * SCALE].astype(np.float32)
    return (xs + 0.5) / SCALE, (ys + 0.5) / SCALE


def smoothstep(low: float, high: float, values: ArrayLike) -> Array:
    """0 below `low`, 1 above `high`, a smooth ramp between."""
    t = np.clip((np.asarray(values, np.float32) - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def blur(image: Array, radius: float) -> Array:
    """Gaussian blur of (H, W) or (H, W, C), standard deviation `radius` final pixels; edges repeat."""
    sigma = radius * SCALE
    reach = int(3 * sigma) + 1
    # up to a multiple of 64, for lengths with large prime factors transform slowly
    pad = [(reach, reach + -(side + 2 * reach) % 64) for side in image.shape[:2]]
    padded = np.pad(image, pad + [(0, 0)] * (image.ndim - 2), "edge")
    height, width = padded.shape[:2]
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width))
    transfer = np.exp(-2 * (np.pi * sigma * frequency) ** 2).astype(np.float32)
    transfer = transfer.reshape(height, -1, *[1] * (image.ndim - 2))
    smooth = np.fft.irfft2(np.fft.rfft2(padded, axes=(0, 1)) * transfer, (height, width), axes=(0, 1))
    return smooth[reach : reach + image.shape[0], reach : reach + image.shape[1]].astype(np.float32)


def clouds(shape: tuple[int, int], size: float, rng: np.random.Generator) -> Array:
    """Fractal noise in [0, 1]: six octaves of stretched random grids, the coarsest `size` pixels wide."""
    total = np.zeros(shape, np.float32)
    for octave in range(6):
        cell = size * SCALE / 2**octave
        rows, columns = (max(int(np.ceil(side / cell)) + 3, 4) for side in shape)
        knots = Image.fromarray(rng.random((rows, columns), np.float32))
        stretched = knots.resize((int(columns * cell) + 1, int(rows * cell) + 1), Image.Resampling.BICUBIC)
        total += np.asarray(stretched)[: shape[0], : shape[1]] / 2**octave
    return (total - total.min()) / np.ptp(total)


def shifted(image: Array, dx: float, dy: float) -> Array:
    """The image (H, W) as seen `dx`, `dy` final pixels further on; beyond its edges they repeat."""
    rows = np.clip(np.arange(image.shape[0]) + round(dy * SCALE), 0, image.shape[0] - 1)
    columns = np.clip(np.arange(image.shape[1]) + round(dx * SCALE), 0, image.shape[1] - 1)
    return image[rows][:, columns]


def around(region: NDArray[np.bool_]) -> tuple[slice, slice]:
    """The rows and columns of the smallest rectangle that holds a region (H, W)."""
    rows, columns = np.flatnonzero(region.any(1)), np.flatnonzero(region.any(0))
    if len(rows) == 0:
        return slice(0), slice(0)
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def over(below: Array, colour: ArrayLike, mask: Array) -> Array:
    """Lay a colour, or a picture (H, W, 3), over another one where `mask` is 1."""
    window = around(mask > 0)
    picture, layer = below.copy(), np.asarray(colour, np.float32)
    picture[window] += ((layer[window] if layer.ndim == 3 else layer) - below[window]) * mask[window][
        ..., None
    ]
    return picture


def normalised(vectors: ArrayLike) -> Array:
    """Vectors of length one along the last axis."""
    v = np.asarray(vectors, np.float32)
    return v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-6)


def finish(picture: Array, rng: np.random.Generator) -> Image.Image:
    """Linear light to an sRGB image at the final size, with a camera's slight vignette and grain."""
    height, width = picture.shape[:2]
    ys, xs = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    light = picture * (1 - 0.13 * (xs**2 + ys**2))[..., None]
    encoded = np.clip(light, 0, 1) ** (1 / 2.2)
    image = Image.fromarray((encoded * 255 + 0.5).astype(np.uint8))
    small = np.asarray(image.resize((width // SCALE, height // SCALE), Image.Resampling.LANCZOS), np.float32)
    grain = rng.normal(0, 1.6, small.shape[:2])[..., None]
    return Image.fromarray(np.clip(small + grain + 0.5, 0, 255).astype(np.uint8))


# --- golf ball: a dimpled sphere in drawn grass -----------------------------------------------------------


def fibonacci_sphere(count: int) -> Array:
    """`count` nearly evenly spread unit vectors, shape (count, 3)."""
    k = np.arange(count) + 0.5
    z, angle = 1 - 2 * k / count, np.pi * (1 + 5**0.5) * k
    ring = np.sqrt(1 - z * z)
    return np.stack([ring * np.cos(angle), ring * np.sin(angle), z], -1).astype(np.float32)


def dimpled(normals: Array, count: int, radius: float, depth: float) -> tuple[Array, Array]:
    """Normals (N, 3) of a sphere tilted by round dimples, and how deep in a dimple each is, 0 to 1."""
    tilt = np.array(
        [[0.8, 0.36, -0.48], [-0.6, 0.48, -0.64], [0.0, 0.8, 0.6]], np.float32
    )  # no pole in sight
    centres = fibonacci_sphere(count) @ tilt
    bent, inside = np.empty_like(normals), np.empty(len(normals), np.float32)
    for part in np.array_split(np.arange(len(normals)), 40):
        n = normals[part]
        near = centres[np.argmax(n @ centres.T, -1)]
        towards = near - n
        distance = np.linalg.norm(towards, axis=-1) / radius
        slope = depth * distance * (1 - smoothstep(0.8, 1.05, distance))  # a spherical cup with a soft rim
        bent[part] = normalised(n + slope[:, None] * normalised(towards))
        inside[part] = 1 - smoothstep(0.0, 1.05, distance)
    return bent, inside


def grass(
    size: tuple[int, int], rows: tuple[float, float], horizon: float, count: int, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Blades of grass rooted between two rows of the picture, the far ones first: colour and mask."""
    width, height = size
    sheet = Image.new("RGBA", (width * SCALE, height * SCALE))
    pen = ImageDraw.Draw(sheet)
    for root_y in np.sort(rng.uniform(*rows, count)):
        near = (root_y - horizon) / (height - horizon)  # 0 at the horizon, 1 at the picture's lower edge
        x = rng.uniform(-20, width + 20)
        length = near * rng.uniform(45, 105)
        lean, bend = rng.normal(0, 0.22), rng.normal(0.1, 0.45)
        half = near * rng.uniform(1.2, 2.6)
        hue, bright = rng.uniform(0, 1), rng.uniform(0.65, 1.15)
        t = np.linspace(0, 1, 7)
        cx = x + length * (lean * t + bend * t * t * 0.6)
        cy = root_y - length * t * (1 - 0.22 * abs(bend) * t)
        for k in range(6):
            a, b = half * (1 - t[k] ** 1.6), half * (1 - t[k + 1] ** 1.6)
            lit = bright * (0.28 + 0.95 * t[k])
            colour = [
                int(255 * min(lit * c, 1)) for c in (0.30 + 0.30 * hue, 0.60 + 0.08 * hue, 0.13 + 0.06 * hue)
            ]
            outline = [
                (cx[k] - a, cy[k]),
                (cx[k + 1] - b, cy[k + 1]),
                (cx[k + 1] + b, cy[k + 1]),
                (cx[k] + a, cy[k]),
            ]
            pen.polygon([(px * SCALE, py * SCALE) for px, py in outline], fill=(*colour, 255))
    rgba = np.asarray(sheet, np.float32) / 255
    return rgba[..., :3] ** 2.2, rgba[..., 3]


def lay_grass(picture: Array, blades: tuple[Array, Array], focus: float, light: ArrayLike = 1.0) -> Array:
    """Put blades over a picture, out of focus by `focus` pixels."""
    colour, mask = blades
    soft = blur(mask, focus)
    mixed = blur(colour * mask[..., None], focus) / np.maximum(soft, 1e-4)[..., None]
    return over(picture, np.clip(mixed, 0, 1) * np.asarray(light, np.float32), np.clip(soft, 0, 1))


def golf_ball(rng: np.random.Generator) -> Image.Image:
    """A white golf ball in short grass, sun from the upper left, the far field out of focus."""
    width = 640
    size = (width, 480)
    x, y = grid(*size)
    horizon, cx, cy, radius = 60.0, 318.0, 262.0, 138.0
    sun = normalised([-0.52, -0.72, 0.50])

    far = smoothstep(0, 240, y)[..., None]
    field = (1 - far) * np.array([0.10, 0.21, 0.07], np.float32) + far * np.array(
        [0.13, 0.27, 0.035], np.float32
    )
    picture = field * (0.72 + 0.5 * clouds(x.shape, 220, rng))[..., None]
    for _ in range(46):  # bright discs: leaves far behind the focus
        bx, by, br = rng.uniform(0, width), rng.uniform(-10, 120), rng.uniform(8, 24)
        disc = 1 - smoothstep(br - 1.5, br + 1.5, np.hypot(x - bx, y - by))
        picture = over(picture, rng.uniform(0.4, 1.0) * np.array([0.42, 0.55, 0.18]), 0.3 * disc)
    picture = blur(picture, 3)

    ground = cy + radius * 0.93
    shade = np.hypot((x - cx - 70) / 185, (y - ground - 4) / 38)
    contact = np.hypot((x - cx - 8) / 120, (y - ground) / 22)
    light = (1 - 0.68 * (1 - smoothstep(0.55, 1.15, shade))) * (
        1 - 0.55 * (1 - smoothstep(0.4, 1.2, contact))
    )
    for rows, count, focus in (
        ((110, 200), 2600, 5.0),
        ((195, 300), 2400, 2.6),
        ((290, ground + 6), 2600, 1.0),
    ):
        picture = lay_grass(picture, grass(size, rows, horizon, count, rng), focus, light[..., None])

    px, py = (x - cx) / radius, (y - cy) / radius
    inside = px**2 + py**2 < 1
    normals = np.stack([px, py, np.sqrt(np.clip(1 - px**2 - py**2, 0, 1))], -1)
    bent, cup = dimpled(normals[inside], 392, 0.098, 0.5)
    sunlight = np.clip((bent @ sun + 0.12) / 1.12, 0, None)[:, None] * np.array([1.0, 0.95, 0.86])
    up = 0.5 - 0.5 * bent[:, 1:2]
    sky = up * np.array([0.30, 0.36, 0.44]) + (1 - up) * np.array([0.10, 0.16, 0.045])
    gleam = np.clip(bent @ normalised(sun + np.array([0, 0, 1])), 0, None)[:, None] ** 60
    occluded = 1 - 0.75 * smoothstep(0.35, 1.0, normals[inside][:, 1:2])
    ball = np.zeros_like(picture)
    ball[inside] = (0.86 * (sunlight + sky) * (1 - 0.10 * cup[:, None]) + 0.35 * gleam) * occluded * 0.92
    rim = 1 - smoothstep(radius - 0.7, radius + 0.7, np.hypot(x - cx, y - cy))
    picture = over(picture, ball, np.where(inside, rim, 0).astype(np.float32))

    picture = lay_grass(
        picture, grass(size, (ground - 2, ground + 26), horizon, 420, rng), 0.5, light[..., None]
    )
    light = 0.35 + 0.65 * light
    picture = lay_grass(picture, grass(size, (ground + 20, 470), horizon, 1500, rng), 1.2, light[..., None])
    picture = lay_grass(picture, grass(size, (470, 590), horizon, 1200, rng), 3.2)
    return finish(picture, rng)


# --- parachute: a round canopy of bulging gores under a summer sky ----------------------------------------

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


# --- relief: objects seen from the front, as a height map with colours ------------------------------------


def rounded_box(x: Array, y: Array, box: tuple[float, float, float, float], corner: float) -> Array:
    """Signed distance in pixels to a box (left, top, right, bottom) with round corners, negative inside."""
    left, top, right, bottom = box
    qx = np.abs(x - (left + right) / 2) - (right - left) / 2 + corner
    qy = np.abs(y - (top + bottom) / 2) - (bottom - top) / 2 + corner
    return np.hypot(np.maximum(qx, 0), np.maximum(qy, 0)) + np.minimum(np.maximum(qx, qy), 0) - corner


def filled(distance: Array) -> Array:
    """A mask with a one pixel soft edge from a signed distance."""
    return 1 - smoothstep(-0.5, 0.5, distance)


class Relief:
    """Parts stacked towards the viewer: a height map, the colour and the gloss of each pixel."""

    def __init__(self, width: int, height: int) -> None:
        self.x, self.y = grid(width, height)
        self.height = np.zeros(self.x.shape, np.float32)
        self.colour = np.zeros((*self.x.shape, 3), np.float32)
        self.gloss = np.zeros(self.x.shape, np.float32)
        self.mask = np.zeros(self.x.shape, np.float32)

    def add(
        self, distance: Array, colour: ArrayLike, rise: float, bevel: float = 2.0, gloss: float = 0.25
    ) -> None:
        """Raise, or sink with rise < 0, a part given by its signed distance, rounded over `bevel` pixels."""
        t = np.clip(-distance / bevel, 0, 1)
        self.height += rise * np.sqrt(1 - (1 - t) ** 2)
        part = filled(distance)
        self.colour = over(self.colour, colour, part)
        self.gloss += (gloss - self.gloss) * part
        self.mask = np.maximum(self.mask, part)

    def box(
        self,
        box: tuple[float, float, float, float],
        corner: float,
        colour: ArrayLike,
        rise: float,
        bevel: float = 2.0,
        gloss: float = 0.25,
    ) -> None:
        """Add a rounded box."""
        self.add(rounded_box(self.x, self.y, box, corner), colour, rise, bevel, gloss)

    def disc(
        self,
        cx: float,
        cy: float,
        radius: float,
        colour: ArrayLike,
        rise: float,
        bevel: float = 2.0,
        gloss: float = 0.25,
    ) -> None:
        """Add a disc."""
        self.add(np.hypot(self.x - cx, self.y - cy) - radius, colour, rise, bevel, gloss)

    def tube(
        self, path: ArrayLike, radius: float, colour: ArrayLike, rise: float, gloss: float = 0.3
    ) -> None:
        """Add a round cable or bar along a path of points (N, 2)."""
        points = np.asarray(path, np.float32)
        margin = radius + 2
        near = (self.x > points[:, 0].min() - margin) & (self.x < points[:, 0].max() + margin)
        near &= (self.y > points[:, 1].min() - margin) & (self.y < points[:, 1].max() + margin)
        window = around(near)
        x, y = self.x[window], self.y[window]
        nearest = np.full(self.x.shape, np.inf, np.float32)
        for (ax, ay), (bx, by) in pairwise(points):
            along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2)
            along = np.clip(along, 0, 1)
            distance = np.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay))
            nearest[window] = np.minimum(nearest[window], distance)
        self.add(nearest - radius, colour, rise, radius, gloss)

    def paint(self, colour: ArrayLike, mask: Array) -> None:
        """Colour a region without raising it."""
        self.colour = over(self.colour, colour, np.minimum(mask, 1))

    def text(self, words: str, x: float, y: float, size: float, colour: Colour) -> None:
        """Print words centred at (x, y)."""
        sheet = Image.new("L", (self.x.shape[1], self.x.shape[0]))
        font = ImageFont.load_default(size * SCALE)
        ImageDraw.Draw(sheet).text((x * SCALE, y * SCALE), words, fill=255, font=font, anchor="mm")
        self.paint(colour, np.asarray(sheet, np.float32) / 255)

    def lit(self, sun: Array) -> Array:
        """The shaded picture: sun with soft cast shadows, sky light dimmed in hollows, and highlights."""
        h = self.height * SCALE
        gy, gx = np.gradient(h)
        normals = normalised(np.stack([-gx, -gy, np.ones_like(h)], -1))
        shadow = np.zeros_like(h)
        for step in np.linspace(1.5, 46, 26):  # walk towards the sun: does anything rise above the ray?
            blocked = shifted(self.height, sun[0] * step, sun[1] * step) - self.height - sun[2] * step
            shadow = np.maximum(shadow, smoothstep(0, 1.2 + 0.10 * step, blocked))
        shadow = blur(shadow, 1.0)
        hollow = np.clip(0.045 * (blur(self.height, 9) - self.height), 0, 0.55)
        hollow += np.clip(0.10 * (blur(self.height, 2.5) - self.height), 0, 0.35)
        direct = np.clip(normals @ sun, 0, None) * (1 - 0.85 * shadow)
        sky = (0.34 - 0.16 * normals[..., 1]) * (1 - hollow)
        picture = self.colour * (0.92 * direct + sky)[..., None]
        gleam = np.clip(normals @ normalised(sun + np.array([0, 0, 1])), 0, None) ** 48 * (1 - shadow)
        # what a glossy part mirrors: a bright window above, dark floor below
        mirror = smoothstep(0.10, 0.55, -normals[..., 1] - 0.35 * normals[..., 0])
        return picture + (self.gloss * (0.8 * gleam + 0.35 * mirror * (1 - hollow)))[..., None]


# --- cassette player: a portable radio recorder on a table ------------------------------------------------


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


# --- gas pump: an old-fashioned pump on a forecourt -------------------------------------------------------


def forecourt(x: Array, y: Array, ground: float, rng: np.random.Generator) -> Array:
    """An out of focus summer background: sky, a line of trees, a road, concrete."""
    sky = summer_sky(x, y, float(y.max()), rng)
    ridge = 330 + 46 * (clouds(x.shape, 120, rng) - 0.5) + 20 * np.sin(x / 61)
    leaves = np.array([0.075, 0.15, 0.04]) * (0.25 + 1.6 * clouds(x.shape, 60, rng))[..., None]
    picture = over(sky, leaves.astype(np.float32), smoothstep(-6, 6, y - ridge))
    picture = over(picture, (0.23, 0.24, 0.25), smoothstep(-2, 2, y - 470))
    picture = over(picture, (0.66, 0.65, 0.60), smoothstep(-1, 1, y - 486) * (1 - smoothstep(-1, 1, y - 490)))
    picture = blur(picture, 5)
    concrete = np.array([0.44, 0.42, 0.385]) * (0.86 + 0.20 * clouds(x.shape, 90, rng))[..., None]
    concrete = concrete * (0.94 + 0.12 * rng.random(x.shape, np.float32))[..., None]
    return over(picture, concrete.astype(np.float32), smoothstep(-3, 3, y - ground))


def curve(points: ArrayLike, count: int = 40) -> Array:
    """`count` points along the Bézier curve of the given control points, by de Casteljau: (count, 2)."""
    t = np.linspace(0, 1, count)[:, None]
    level: Array = np.asarray(points, np.float32)[:, None].repeat(count, 1)  # (control points, count, 2)
    while len(level) > 1:
        level = (1 - t) * level[:-1] + t * level[1:]
    return level[0].astype(np.float32)


def counter(relief: Relief, cx: float, cy: float, digits: str, caption: str) -> None:
    """A window with a row of number wheels, and what they count under it."""
    half = 11.5 * len(digits) / 2
    relief.box((cx - half - 6, cy - 13, cx + half + 6, cy + 13), 3, (0.62, 0.63, 0.64), 2, 2, 0.8)
    relief.box((cx - half - 3, cy - 10, cx + half + 3, cy + 10), 2, (0.02, 0.02, 0.02), -3, 1.5, 0.2)
    for k, digit in enumerate(digits):
        x = cx - half + 11.5 * (k + 0.5)
        relief.box((x - 5, cy - 9, x + 5, cy + 9), 1, (0.03, 0.03, 0.032), 1.5, 6, 0.3)
        relief.text(digit, x, cy, 15, (0.92, 0.91, 0.86))
    relief.text(caption, cx, cy + 20, 8.5, (0.10, 0.09, 0.08))


def gas_pump(rng: np.random.Generator) -> Image.Image:
    """A red and cream petrol pump of the fifties with a glass globe, its hose hung up at the side."""
    width, height = 440, 640
    x, y = grid(width, height)
    ground = 520.0
    picture = forecourt(x, y, ground, rng)

    relief = Relief(width, height)
    red, cream, chrome = (0.56, 0.030, 0.022), (0.80, 0.74, 0.60), (0.55, 0.56, 0.58)
    rubber = (0.022, 0.022, 0.024)
    relief.disc(206, 72, 50, (0.88, 0.86, 0.80), 40, 50, 0.5)
    ring = np.abs(np.hypot(x - 206, y - 72) - 40) - 3.2
    relief.paint(red, filled(ring))
    relief.text("GAS", 206, 71, 29, (0.50, 0.03, 0.02))
    relief.box((176, 116, 236, 134), 4, chrome, 14, 8, 0.9)
    relief.box((104, 128, 308, 590), 34, red, 30, 22, 0.8)
    relief.box((90, 576, 322, 606), 4, (0.055, 0.055, 0.058), 34, 6, 0.3)
    relief.box((122, 150, 290, 346), 22, chrome, 4, 4, 0.9)
    relief.box((128, 156, 284, 340), 18, cream, -2, 3, 0.3)
    counter(relief, 206, 190, "00427", "THIS SALE")
    counter(relief, 206, 240, "01650", "GALLONS")
    counter(relief, 206, 290, "259", "PRICE PER GALLON")
    relief.text("REGULAR", 206, 326, 11, (0.50, 0.03, 0.02))
    for k in range(3):
        relief.box((112, 362 + 11 * k, 300, 367 + 11 * k), 2, chrome, 3, 2.5, 0.9)
    relief.box((128, 412, 284, 566), 8, red, 2, 3, 0.8)
    relief.box((132, 416, 280, 562), 6, (0.52, 0.028, 0.02), -2, 3, 0.8)
    relief.disc(146, 490, 5, chrome, 4, 4, 0.9)
    relief.box((160, 432, 252, 474), 21, cream, 2, 3, 0.4)
    relief.text("SERVICE", 206, 453, 15, (0.50, 0.03, 0.02))
    # the hose, and the nozzle in its holster
    hose = [(300, 205), (352, 212), (398, 330), (392, 560), (318, 590), (316, 420)]
    relief.tube(curve(hose, 60), 7.5, rubber, 9, 0.35)
    relief.tube([(300, 205), (316, 206.5)], 9.5, chrome, 5, 0.9)
    relief.box((294, 250, 332, 372), 8, (0.46, 0.47, 0.49), 12, 6, 0.7)
    relief.box((300, 258, 326, 364), 6, (0.05, 0.05, 0.052), -8, 4, 0.2)
    relief.tube([(316, 424), (316, 330)], 8.5, (0.10, 0.10, 0.105), 14, 0.4)
    relief.tube(curve([(316, 340), (316, 292), (312, 278), (302, 264)], 24), 9.5, chrome, 14, 0.9)
    relief.box((286, 238, 310, 270), 5, (0.40, 0.41, 0.43), 10, 5, 0.9)
    relief.tube(curve([(324, 338), (340, 320), (338, 288), (318, 282)], 24), 3.0, (0.16, 0.16, 0.165), 6, 0.6)

    weathering = 1 - 0.14 * smoothstep(0.5, 0.9, clouds(x.shape, 70, rng)) - 0.18 * smoothstep(500, 606, y)
    relief.colour *= weathering[..., None]
    pump = relief.lit(normalised([-0.50, -0.55, 0.67]))
    fall = rounded_box(x + 0.0, y, (104, 592, 320, 612), 10)
    shade = 0.78 * blur(filled(fall), 4) + 0.42 * blur(
        filled(rounded_box(x - 1.6 * (y - 600), y, (150, 596, 330, 636), 10)), 9
    )
    picture = picture * (1 - np.clip(shade, 0, 0.85))[..., None]
    return finish(over(picture, pump, relief.mask), rng)


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
