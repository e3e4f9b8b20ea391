"""The training process: trains twins, writes a line of JSON after every epoch and for every network, and ends.

`training` starts it, and reads. It gives way to whatever else the machine has to do, and ends when its standard input
does, as it does when the parent ends.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from dataclasses import asdict
from typing import Any


def main() -> None:
    """Train as the arguments say: a JSON object with `depths`, `seeds`, `epochs`."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever TensorFlow prints is no answer
    os.nice(19)
    threading.Thread(target=_end_with_parent, daemon=True).start()

    import tensorflow as tf

    from resnet_demo.learn.degradation import experiment

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)

    def tell(**line: Any) -> None:
        print(json.dumps(line), file=answers, flush=True)

    plan = json.loads(sys.argv[1])
    for run in experiment(**plan, progress=lambda done, total, _: tell(done=done, total=total)):
        tell(run=asdict(run))


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
