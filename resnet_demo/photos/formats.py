"""What a file is, told by its first bytes, and what each format may cost.

The one table of limits is `MAX_PIXELS`; docs/photos.md says what was measured at each.
"""

from __future__ import annotations

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "PPM")
ACCEPTED = "JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, PPM"

# The largest picture of each format that is read, in pixels: what 3 s of one core and 400 MB allow.
MAX_PIXELS = {
    "JPEG": 200_000_000,  # decoded reduced by its own draft mode
    "PNG": 80_000_000,
    "GIF": 80_000_000,
    "BMP": 80_000_000,
    "TIFF": 80_000_000,
    "PPM": 80_000_000,
    "AVIF": 25_000_000,  # its decoder keeps up to 9 bytes a pixel beside the picture
    "WEBP": 22_000_000,  # its decoder keeps 12 bytes a pixel beside the picture
    "PPM as text": 2_000_000,  # each number is parsed by Python: 1 s for a million pixels
}
WHOLE_PIXELS = 25_000_000  # larger pictures are read at half their width and height
MAX_SAMPLES = 150_000_000  # of a progressive JPEG, which is kept in memory at 2 bytes a sample
MAX_BYTES = 256_000_000  # of a file; a picture of 80 million pixels that is not compressed has 240 MB
MAX_SECONDS = 3.0  # of one core, for one picture
MAX_MEMORY = 400_000_000  # bytes, for one picture

HEAD = 4096  # how many bytes `sniff_format` wants

_SIGNATURES = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",  # BigTIFF
    b"MM\0+": "TIFF",
}
_AVIF = {b"avif", b"avis"}
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}


def sniff_format(head: bytes) -> str | None:
    """The format of a file by its first bytes: one of `FORMATS`, "PPM as text", "HEIC", or None."""
    for signature, name in _SIGNATURES.items():
        if head.startswith(signature):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[:1] == b"P" and head[1:2] in (b"1", b"2", b"3"):
        return "PPM as text"
    if head[:1] == b"P" and head[1:2] in (b"4", b"5", b"6", b"f"):
        return "PPM"
    if head[4:8] == b"ftyp":
        box = head[8 : max(12, int.from_bytes(head[:4], "big"))]
        brands = {box[i : i + 4] for i in range(0, len(box), 4) if i != 4}  # after the first, a version
        return "AVIF" if brands & _AVIF else "HEIC" if brands & _HEIC else None
    return None
