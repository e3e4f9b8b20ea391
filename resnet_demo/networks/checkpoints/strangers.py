"""What a file is that is no ResNet: told by its first bytes, or by the names of its tensors."""

from __future__ import annotations

import re
from collections.abc import Iterable

from resnet_demo.errors import Phrase

# (where they stand, the bytes, what has them)
FIRST_BYTES = (
    (
        0,
        b"version https://git-lfs",
        Phrase("a Git LFS pointer and not the file it stands for (`git lfs pull` fetches it)"),
    ),
    (0, b"\xff\xd8\xff", Phrase("a JPEG picture")),
    (0, b"\x89PNG", Phrase("a PNG picture")),
    (0, b"GIF8", Phrase("a GIF picture")),
    (0, b"%PDF", Phrase("a PDF document")),
    (0, b"GGUF", Phrase("a GGUF file, of a language model")),
    (0, b"\x1f\x8b", Phrase("a gzip archive; unpack it first")),
    (0, b"7z\xbc\xaf", Phrase("a 7z archive; unpack it first")),
    (0, b"Rar!", Phrase("a RAR archive; unpack it first")),
    (0, b"\x93NUMPY", Phrase("one NumPy array")),
    (
        4,
        b"TFL3",
        Phrase(
            "a TensorFlow Lite model, whose layers are fused; the Keras model it was made from can be read"
        ),
    ),
    (
        0,
        b"\x08\x01\x12\x00",
        Phrase("a TensorFlow SavedModel's graph; `model.save('model.keras')` writes what can be read"),
    ),
)
ONNX = Phrase("an ONNX model; the state dict or the Keras model it was exported from can be read")

# The first that a name matches wins.
NAMES = (
    (
        r"lora_|\.adapter",
        Phrase("an adapter (LoRA), which is a change to another network and none by itself"),
    ),
    (r"visual\.attnpool|visual\.transformer|text_model\.|logit_scale", Phrase("CLIP")),
    (r"rpn\.|roi_heads|fpn\.|bbox_|class_embed|cls_head|decode_head", Phrase("a detector or segmenter")),
    (r"model\.\d+\.(m|cv\d|conv|bn)\b|\bdfl\.", Phrase("a YOLO detector")),
    (r"(down_blocks|up_blocks|mid_block)\.", Phrase("a diffusion model's U-Net")),
    (r"(embed_tokens|lm_head|wte\.|word_embeddings|self_attn)", Phrase("a language model")),
    (r"swin|relative_position_bias_table", Phrase("a Swin transformer")),
    (
        r"cls_token|pos_embed|attn\.qkv|encoder_layer_\d|attention\.attention\.query",
        Phrase("a ViT (vision transformer)"),
    ),
    (r"dwconv|stages\.\d\.blocks\.\d+\.gamma|layer_scale|convnext", Phrase("a ConvNeXt")),
    (r"denseblock|denselayer|conv\d_block\d+_concat", Phrase("a DenseNet")),
    (
        r"conv_dw|conv_pw|_depthwise_conv|_project_conv|block\d[a-z]_|features\.\d+\.conv\.",
        Phrase("an EfficientNet or MobileNet"),
    ),
    (r"expanded_conv|block_\d+_(expand|depthwise|project)", Phrase("a MobileNet")),
    (r"trunk_output|s[1-4]\.b\d+\.|\bs\d\.blocks", Phrase("a RegNet")),
    (r"Mixed_\d|inception|AuxLogits", Phrase("an Inception network")),
    (r"fire\d|squeeze\.weight", Phrase("a SqueezeNet")),
    (
        r"norm1\.weight.*|stages\.\d+\.blocks\.\d+\.conv\d\.weight",
        Phrase("a ResNet V2 of timm's (BiT), with GroupNorm"),
    ),
    (r"bottom_up\.res\d|res[2-5]\.\d+\.conv\d\.norm", Phrase("a detectron2 backbone")),
    (r"block[1-5]_conv\d/kernel", Phrase("a VGG of Keras'")),
    (r"features\.\d+\.weight", Phrase("a VGG or AlexNet")),
    (r"convs\.\d+\.weight", Phrase("a Res2Net")),
)


def of_bytes(start: bytes) -> str:
    """What a file is that begins with these bytes (512 are enough), as a phrase, or "" where it cannot be told."""
    if not start.strip(b"\0"):
        return Phrase("empty, or nothing but zeros")
    for offset, magic, what in FIRST_BYTES:
        if start[offset:].startswith(magic):
            return what
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<?xml")):
        return Phrase("an HTML page, as a browser or `wget` saves in place of a download")
    if text.startswith((b"{", b"[")):
        return Phrase("JSON, which describes a network at most; the weights are in another file")
    if start.startswith((b"\x08", b"\x0a")) and re.search(rb"pytorch|onnx|tf2onnx|keras2onnx", start):
        return ONNX
    try:
        start[:-3].decode("utf-8")  # three less: the last character may be cut
    except UnicodeDecodeError:
        return ""
    return Phrase("text") if start.decode("utf-8", "ignore").isprintable() or b"\n" in start else ""


def of_names(names: Iterable[str]) -> str:
    """Which network has tensors of these names, "a ViT (vision transformer)", or "" where it cannot be told."""
    names = list(names)
    for pattern, what in NAMES:
        if any(re.search(pattern, name) for name in names):
            return what
    return ""
