"""ResNet Explorer: what a ResNet50 does with a photo, block by block."""

__version__ = "0.1.0"
