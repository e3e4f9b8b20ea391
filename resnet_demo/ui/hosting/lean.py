"""A server's start with as little memory as it can do with."""

from __future__ import annotations

import os

from resnet_demo.engine.importing import import_tensorflow
from resnet_demo.ui.hosting.arenas import limit_arenas


def start_lean() -> None:
    """Import TensorFlow for a server; to be called before anything else imports it or Gradio."""
    # TensorFlow's pool for oneDNN never gives anything back. Not documented; without it nothing changes but the memory.
    os.environ.setdefault("TF_ONEDNN_USE_SYSTEM_ALLOCATOR", "1")
    limit_arenas()  # before TensorFlow starts its threads
    # Pandas, which Gradio needs, imports pyarrow where it is installed; here it is for an atlas in Parquet alone.
    import_tensorflow("pyarrow")
