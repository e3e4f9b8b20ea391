"""The sizes of a ResNet and of its relatives: all that the shapes of its tensors tell, and the little they do not."""

from __future__ import annotations

from dataclasses import dataclass

DEPTHS: dict[int, tuple[int, int, int, int]] = {  # depth -> blocks in conv2 … conv5
    10: (1, 1, 1, 1),
    14: (1, 1, 1, 1),
    18: (2, 2, 2, 2),
    26: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
    200: (3, 24, 36, 3),
}
PAPER_DEPTHS = (18, 34, 50, 101, 152)  # of He et al. 2015; 10, 14, 26 and 200 are timm's and others'
BASIC_DEPTHS = (10, 18, 34)  # of basic blocks; the others are of bottlenecks
STAGE_FILTERS = (64, 128, 256, 512)  # in conv2 … conv5
EXPANSION = 4  # a bottleneck's last 1×1 widens its output to so many times the filters of its stage


@dataclass(frozen=True)
class Geometry:
    """How many blocks, how wide, and of which kind.

    References:
        Xie et al. 2017, arXiv:1611.05431 (groups); Zagoruyko and Komodakis 2016, arXiv:1605.07146 (wide);
        Hu et al. 2018, arXiv:1709.01507 (squeeze-and-excitation); He et al. 2019, arXiv:1812.01187 (C and D);
        Zhang 2019, arXiv:1904.11486 (blur).
    """

    blocks: tuple[int, ...]  # in conv2 … conv5
    bottleneck: bool
    widths: tuple[int, ...]  # channels inside a block, of its 3×3 convolution, a stage
    channels: tuple[int, ...]  # channels a block gives, a stage
    stem: tuple[int, ...] = (64,)  # channels of the 7×7 convolution, or of three 3×3 (a deep stem)
    groups: int = 1  # of the 3×3 convolutions
    squeeze: tuple[int, ...] = ()  # channels in the middle of squeeze-and-excitation, a stage; () without
    pooled_shortcut: bool = False  # a strided projection is an average pooling and a 1×1 without stride
    blur: bool = False  # strides blur first (anti-aliasing)
    inputs: int = 3  # channels of the photo

    @property
    def depth(self) -> int:
        """Convolutions along the residual branches, the stem as one, and the dense layer."""
        return 2 + (3 if self.bottleneck else 2) * sum(self.blocks)

    @property
    def title(self) -> str:
        """As it is called in papers: "ResNet-50-D", "ResNeXt-50 32x4d", "Wide ResNet-50-2", "SE-ResNet-50"."""
        widening = (
            self.widths[0] * EXPANSION // self.channels[0] if self.bottleneck and self.groups == 1 else 1
        )
        name = f"{'ResNeXt' if self.groups > 1 else 'ResNet'}-{self.depth}"
        if len(self.stem) > 1:
            name += "-D" if self.pooled_shortcut else "-C"
        if widening > 1:
            name = f"Wide {name}-{widening}"
        if self.groups > 1:
            name += f" {self.groups}x{self.widths[0] // self.groups}d"
        if self.squeeze:
            name = f"SE-{name}"
        return name + (" with blur" if self.blur else "")

    def projects(self, stage: int, number: int) -> bool:
        """Whether the shortcut of block `number` (from 1) of `stage` (from 0) has to change shape."""
        before = self.channels[stage - 1] if stage else self.stem[-1]
        return number == 1 and (stage > 0 or before != self.channels[0])


def standard(depth: int) -> Geometry:
    """The plain ResNet of a depth in `DEPTHS`."""
    bottleneck = depth not in BASIC_DEPTHS
    return Geometry(
        blocks=DEPTHS[depth],
        bottleneck=bottleneck,
        widths=STAGE_FILTERS,
        channels=tuple(EXPANSION * width if bottleneck else width for width in STAGE_FILTERS),
    )
