"""Metadata by which a file tells what its layout leaves open; `convert` writes them."""

VARIANT = "resnet_demo.variant"
PREPROCESSING = "resnet_demo.preprocessing"
PREPROCESSING_SOURCE = (
    "resnet_demo.preprocessing.source"  # "metadata", or "assumed" from the layout converted from
)
TRAITS = "resnet_demo.traits"  # of a relative of ResNet, what no tensor tells: "pooled_shortcut", "blur"
GRAPH = "resnet_demo.graph"  # of a network that is none of ours, its graph as Keras' JSON
ACTIVATION = "resnet_demo.activation"  # at the end of the model that the weights were taken out of
# What stood beside the source, in the words by which `described` reads it.
STATED = "resnet_demo.stated_preprocessing"
LABELS = "resnet_demo.label_names"
PROBLEM = "resnet_demo.problem_type"
# Of several copies of the network in a file, averages of it (EMA), those that were not read.
AVERAGES = "resnet_demo.left_out"  # as converted files have it
# The head of a file of weights alone that Keras' builders did not name: what pools before it is assumed.
POOLING_ASSUMED = "resnet_demo.pooling_assumed"
