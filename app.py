"""The Hugging Face Space's entry, and what `make run` starts: builds `demo`, serves it when run as a program."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

from resnet_demo.analysis.explorer import Explorer
from resnet_demo.network import weights
from resnet_demo.ui.page import build
from resnet_demo.ui.serve import serve

explorer = Explorer(weights.load())
demo = build(explorer)

if __name__ == "__main__":
    serve(demo, explorer)
