"""How far a heatmap can be believed: scores of explanations, each in a file of its kind.

Scores disagree with each other and none is the truth (arXiv:2302.10764): show several, with the photo's centre beside
them.

    boxes.py       pointing game, energy inside: does the map lie on the object?
    erasing.py     deletion, insertion, average drop, increase: does the network need what the map marks?
    agreement.py   sanity, stability: does the map depend on the weights, and not on noise?
"""
