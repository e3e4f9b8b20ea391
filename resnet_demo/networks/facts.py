"""A loaded network as a record: for views, which know no network."""

from __future__ import annotations

from resnet_demo.graph.architecture import Architecture
from resnet_demo.networks.settled import fit_in_words
from resnet_demo.networks.weights import Network
from resnet_demo.results.analysis import WeightsFacts
from resnet_demo.results.network import NetworkFacts, StageFacts


def facts_of(network: Network, spec: Architecture) -> NetworkFacts:
    """What is known of a network whose graph reads as `spec`."""
    weights, preprocessing, outputs = network.provenance, network.preprocessing, network.outputs
    return NetworkFacts(
        weights=WeightsFacts(weights.name, weights.variant, weights.sha256, weights.classes),
        reasons=tuple((reason.key, reason.values) for reason in weights.reasons),
        input_shape=spec.input_shape,
        stages=tuple(
            StageFacts(s.name, s.shape, tuple(b.kind for b in spec.blocks if b.stage == s.name))
            for s in spec.stages
        ),
        rectified=frozenset(b.name for b in spec.blocks if b.shortcut in spec.rectified),
        formula=preprocessing.value.formula(),
        takes=(preprocessing.source, (preprocessing.reason.key, preprocessing.reason.values)),
        fit=fit_in_words(preprocessing.fit) if preprocessing.fit else "",
        outputs=outputs.kind,
        means=(outputs.source, (outputs.reason.key, outputs.reason.values)),
        warnings=tuple((warning.key, warning.values) for warning in network.warnings()),
    )
