"""Golf ball: a dimpled sphere in drawn grass."""

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image, ImageDraw

from scenes.drawing import SCALE, Array, blur, clouds, finish, grid, normalised, over, smoothstep


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
