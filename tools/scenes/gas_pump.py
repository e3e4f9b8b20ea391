"""Gas pump: an old-fashioned pump on a forecourt."""

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from scenes.drawing import Array, blur, clouds, finish, grid, normalised, over, smoothstep
from scenes.parachute import summer_sky
from scenes.relief import Relief, filled, rounded_box


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
