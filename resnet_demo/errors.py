"""Every error a user can meet, in one tree.

    ResNetDemoError
    ├── ImageError                 the photo
    │   ├── NotAnImageError          no picture format we read, or a damaged file
    │   ├── ImageTooLargeError       too many bytes or pixels, told before it is read or decoded
    │   └── FileNotAdmittedError     a path that a caller wrote, of a file this server was not given
    ├── WeightsError               the weights
    │   ├── WeightsNotFoundError     no such file
    │   ├── DownloadError            the network failed, or was cut off
    │   ├── HashMismatchError        the file is not the one its name promises
    │   └── CheckpointError          a file we cannot turn into a ResNet, whole
    ├── ArchitectureError          a network, or options for one, that cannot be built or analysed
    ├── UnknownNameError           a name that is not in a list
    │   ├── UnknownBlockError
    │   ├── UnknownClassError
    │   └── UnknownLayerError
    └── OptionError                an option outside its range

Each message is one sentence: what is wrong, what was received, what is accepted.
The page, the API and the command line all show that sentence and no traceback.
"""


class ResNetDemoError(Exception):
    """Root of the tree: whatever the user can mend."""


class ImageError(ResNetDemoError):
    """The photo cannot be used."""


class NotAnImageError(ImageError):
    """No picture format we read, or a damaged file."""


class ImageTooLargeError(ImageError):
    """More bytes than we read, or more pixels than we decode; judged by the file's size and its header alone."""


class FileNotAdmittedError(ImageError):
    """Neither an upload of this server nor one of its examples; it was not opened."""


class WeightsError(ResNetDemoError):
    """The weights cannot be used."""


class WeightsNotFoundError(WeightsError):
    """No such weights file."""


class DownloadError(WeightsError):
    """The download failed or was cut off; nothing was kept."""


class HashMismatchError(WeightsError):
    """The file's hash is not the expected one."""


class CheckpointError(WeightsError):
    """The file cannot be turned into a whole network; nothing was loaded."""


class ArchitectureError(ResNetDemoError):
    """A network, or options for one, that cannot be built or analysed."""


class UnknownNameError(ResNetDemoError):
    """A name that is not in its list."""


class UnknownBlockError(UnknownNameError):
    """No such residual block."""


class UnknownClassError(UnknownNameError):
    """No such class."""


class UnknownLayerError(UnknownNameError):
    """No such layer."""


class OptionError(ResNetDemoError):
    """An option outside its range."""
