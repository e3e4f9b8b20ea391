"""The Hugging Face Space's entry, and what `make run` starts: builds `demo`, serves it when run as a program."""

import os
import sys

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

from resnet_demo.ui.hosting.lean import start_lean

start_lean()

from resnet_demo.engine.loaded import load_networks  # noqa: E402
from resnet_demo.errors import ResNetDemoError  # noqa: E402
from resnet_demo.ui.hosting.stopping import leave  # noqa: E402
from resnet_demo.ui.page import build  # noqa: E402
from resnet_demo.ui.serve import free_address, serve  # noqa: E402

try:
    if __name__ == "__main__":
        address = free_address()  # before the weights, which may have to be downloaded
    networks = load_networks()
    demo = build(networks)
    if __name__ == "__main__":
        serve(demo, networks, *address)
        leave()
except ResNetDemoError as error:
    sys.exit(str(error))
