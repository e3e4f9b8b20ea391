"""Relief: objects seen from the front, as a height map with colours."""

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image, ImageDraw, ImageFont

from scenes.drawing import SCALE, Array, Colour, around, blur, grid, normalised, over, shifted, smoothstep


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
