"""The parts of `train_imagenette.py`, one concept a file.

photos         which photos there are, of which class, for training or for validation
reading        photos as batches of pixels, in an order fixed by the seed
schedule       learning rate, image size and phase, by the share of the budget that is used up
augmentation   pixels -> a batch never seen before
learning       the network, its weight average, and one update of both
checkpoint     everything a run needs to go on, in one file
loop           the run itself
writing        the weights, as `resnet_demo` reads them
"""
