"""The configuration of a model that Keras 2 saved -> as Keras 3 reads it.

Only names and defaults change here; which classes may be made of it, and that none of its code runs, is Keras' matter.
"""

from __future__ import annotations

import inspect
from typing import Any

import keras

# What Keras 2 wrote down of layers for what Keras 3 does anyway.
DEFAULTS = (None, False, 1, "stateful", "auto")
MODELS = {"Functional": "functional", "Model": "functional", "Sequential": "sequential"}
OF_EVERY_LAYER = {"name", "trainable", "dtype", "activity_regularizer"}


def modernized(config: Any) -> Any:
    """A model's configuration, or any part of it, JSON in and JSON out."""
    if isinstance(config, list):
        return [modernized(part) for part in config]
    if not isinstance(config, dict):
        return config
    name, settings = config.get("class_name"), config.get("config")
    if not isinstance(name, str) or not isinstance(settings, dict):
        return {key: modernized(value) for key, value in config.items()}
    if name == "Policy":  # of mixed precision
        return settings.get("name", "float32")
    if name == "Sequential":
        config = config | {"config": settings | {"layers": _with_input(settings.get("layers", []))}}
    config = {key: modernized(value) for key, value in config.items()}
    if name in MODELS:
        class_name = "Functional" if name == "Model" else name
        config["class_name"] = class_name
        if "module" in config:
            config |= {"module": f"keras.src.models.{MODELS[name]}", "registered_name": class_name}
        for ends in ("input_layers", "output_layers"):
            # One tensor was written as a list of one, which Keras 3 takes for a list.
            if isinstance(tensors := config["config"].get(ends), list) and len(tensors) == 1:
                config["config"][ends] = tensors[0]
    elif inspect.isclass(kind := getattr(keras.layers, name, None)) and name != "InputLayer":
        known = OF_EVERY_LAYER | set(inspect.signature(kind).parameters)
        config["config"] = {
            key: value
            for key, value in config["config"].items()
            if key in known or (key != "batch_input_shape" and value not in DEFAULTS)
        }
        if isinstance(axis := settings.get("axis"), list) and len(axis) == 1:  # of BatchNormalization
            config["config"]["axis"] = axis[0]
    return config


def _with_input(layers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The layers of a Sequential, of which the first may say in passing what the input is."""
    if not layers or layers[0].get("class_name") == "InputLayer":
        return layers
    shape = layers[0].get("config", {}).get("batch_input_shape")
    if shape is None:
        return layers
    given: dict[str, Any] = {
        "class_name": "InputLayer",
        "config": {"batch_input_shape": shape, "dtype": "float32", "name": "input"},
    }
    if "module" in layers[0]:
        given |= {"module": "keras.layers", "registered_name": None}
    return [given, *layers]
