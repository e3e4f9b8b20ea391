"""Sentences about a network: why these weights, and what is known, told, remembered or assumed of them."""

from __future__ import annotations

from dataclasses import dataclass, field

# {…} is filled in.
REASONS = {
    "bundled_asked": "Bundled Imagenette weights, as asked for.",
    "bundled_environment": "Bundled Imagenette weights, as RESNET_DEMO_WEIGHTS says.",
    "bundled_fallback": "Bundled Imagenette weights, for want of the official Keras ImageNet file: {error}",
    "official_found": "Official Keras ImageNet weights, found on this machine.",
    "official_downloaded": "Official Keras ImageNet weights, downloaded from {url}.",
    "file_asked": "Weights from the file {file}, as asked for.",
    "file_environment": "Weights from the file {file}, as RESNET_DEMO_WEIGHTS says.",
    "not_official": "It bears the name of Keras' official file, but is another.",
    "names_counted": "The classes of {file} are counted from {first}.",
    "question": "It answers one question with yes or no, and brings no names for the answers.",
    "own_graph": "Its own graph is used.",
    "headless": "It is a backbone without a head: it has maps to be looked at, and no classes.",
    "averages": "The file holds averages of the same network too ({names}), which are not used.",
    "pooling_assumed": "Weights alone do not tell what pools between its last block and its head ({head}): average "
    "pooling is assumed. A whole model, saved as .keras, tells.",
    "imagenet_names": "It brings no class names; those of ImageNet are assumed, since it has 1000 classes.",
    "numbers": "It brings no class names, so its classes are numbers.",
    "names_unfit": "{origin} names {names} classes, and there are {classes}; those names are not used.",
    # What it eats, by how that is known.
    "takes_model": "It preprocesses by layers of its own ({origin}), so pixels go in as they are.",
    "takes_told": "What it eats is told by {origin}: {formula}.",
    "takes_chosen": "What it eats is chosen here: {formula}.",
    "takes_metadata": "What it eats is said by {origin}: {formula}.",
    "takes_known": "What it eats is known: {formula}.",
    "takes_memory": "What it eats is remembered by its first BatchNorm: {formula}. How far the candidates are: {fit}; "
    "smaller is nearer. The order of the colour channels cannot be told this way and is assumed.",
    "takes_assumed": "What it eats is assumed, as is usual for such weights: {formula}.",
    # What its outputs mean, by how that is known.
    "outputs_model": "Its outputs end in an activation of its own, {activation}.",
    "outputs_told": "What its outputs mean is told by {origin}: {activation}.",
    "outputs_metadata": "What its outputs mean is said by {origin}: {activation}.",
    "outputs_known": "What its outputs mean is known: {activation}.",
    "outputs_assumed": "What its outputs mean is assumed, since nothing tells: {activation}.",
    # Warnings.
    "outputs_constant": "A softmax over one unit is 1 for every photo, so its probability tells nothing.",
    "outputs_other": "Its outputs end in {activation}, which makes no probabilities; scores are shown before it.",
    "takes_chosen_twice": "{preprocessing} is chosen, and the network preprocesses by layers of its own ({layers}); "
    "those alone are used.",
    "takes_otherwise": "The weights remember being fed otherwise than {chosen}: their first BatchNorm is {chosen_fit} "
    "from that and {best_fit} from {best} (Kullback–Leibler divergence; smaller is nearer). To feed them so: "
    "{best} under “What it eats”, or --preprocessing {best}.",
    "takes_otherwise_inside": "The weights remember being fed otherwise than their own layers do: their first "
    "BatchNorm is {chosen_fit} from that and {best_fit} from {best} in their place (Kullback–Leibler divergence; "
    "smaller is nearer).",
    "takes_twice": "{origin} says {preprocessing}, and the network preprocesses by layers of its own ({layers}); "
    "those alone are used.",
}


@dataclass(frozen=True)
class Reason:
    """One of REASONS, with what fills it in."""

    key: str
    values: dict[str, str] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return REASONS[self.key].format(**self.values)
