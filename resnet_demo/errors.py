"""Every error a user can meet, in one tree.

    ResNetDemoError
    ├── ImageError                 the photo
    │   ├── NotAnImageError          no picture format we read, or a damaged file
    │   │   └── HeicError               a HEIC picture, which has to be converted
    │   ├── ImageTooLargeError       too many bytes or pixels, told before it is read or decoded
    │   │   └── ImageTooCostlyError     more time or memory than there is for one picture; found while decoding
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
    ├── OptionError                an option outside its range
    └── RequestError               what a server does not answer; each kind has its HTTP status
        ├── ArgumentError            no such endpoint, or a value of a wrong type or outside its range
        ├── RequestTooLargeError     more bytes than are read of a request or an upload
        ├── TooManyRequestsError     more than an address may send within a minute
        ├── TooManyWaitingError      more than a client may have waiting
        ├── BusyError                the queue is full, or the request took too long
        ├── StoppingError            the server is being stopped
        ├── StorageError             the folder of uploads takes nothing more
        └── FaultError               the server failed: a fault of its own, whose traceback its log has

Each says in one sentence what is wrong, what was received, and what is accepted. The sentence stands whole where the
error is raised, its values beside it:

    raise OptionError("There is no such column. Received: {name!r}. Accepted: {known}.", name=name, known=known)

`views/messages/errors.zh.json` holds the same sentence in Chinese, under the English one. The page, the API and the
command line show the sentence, the API with the error's code, and no traceback.
"""

RECEIVED, ACCEPTED = " Received: ", " Accepted: "


class Phrase(str):
    """A value that is English words, not data, and is put into Chinese as the sentence around it is."""

    __slots__ = ()


class ResNetDemoError(Exception):
    """Root of the tree: whatever the user can mend.

    Args:
        template: the English sentence, with a {field} for each value. Without values it is taken as it is.
        **values: names, numbers and other data; a `Phrase` for English words.

    Attributes:
        code: what programs tell errors apart by; it stays when a class or a sentence changes.
    """

    code = "error"

    def __init__(self, template: str, **values: object) -> None:
        self.template = template
        self.values = values
        super().__init__(self._filled(template))

    @property
    def what(self) -> str:
        """What is wrong."""
        return self._filled(self.template.partition(RECEIVED)[0].partition(ACCEPTED)[0])

    @property
    def received(self) -> str | None:
        """What was received, where the sentence says it."""
        return self._after(RECEIVED, ACCEPTED)

    @property
    def accepted(self) -> str | None:
        """What would be accepted, where the sentence says it."""
        return self._after(ACCEPTED, RECEIVED)

    def _after(self, mark: str, end: str) -> str | None:
        return self._filled(self.template.partition(mark)[2].partition(end)[0].removesuffix(".")) or None

    def _filled(self, text: str) -> str:
        return text.format(**self.values) if self.values else text


class ImageError(ResNetDemoError):
    """The photo cannot be used."""

    code = "image"


class NotAnImageError(ImageError):
    """No picture format we read, or a damaged file."""

    code = "not_an_image"


class ImageTooLargeError(ImageError):
    """More bytes than we read, or more pixels than we decode; judged by the file's size and its header alone."""

    code = "image_too_large"


class HeicError(NotAnImageError):
    """A HEIC picture: no decoder of it is fit to be a dependency; the message tells how to convert it."""

    code = "heic"


class ImageTooCostlyError(ImageTooLargeError):
    """Decoding took more time or memory than there is for one picture, and was ended."""

    code = "image_too_costly"


class FileNotAdmittedError(ImageError):
    """Neither an upload of this server nor one of its examples; it was not opened."""

    code = "file_not_admitted"


class WeightsError(ResNetDemoError):
    """The weights cannot be used."""

    code = "weights"


class WeightsNotFoundError(WeightsError):
    """No such weights file."""

    code = "weights_not_found"


class DownloadError(WeightsError):
    """The download failed or was cut off; nothing was kept."""

    code = "download"


class HashMismatchError(WeightsError):
    """The file's hash is not the expected one."""

    code = "hash_mismatch"


class CheckpointError(WeightsError):
    """The file cannot be turned into a whole network; nothing was loaded."""

    code = "checkpoint"


class ArchitectureError(ResNetDemoError):
    """A network, or options for one, that cannot be built or analysed."""

    code = "architecture"


class UnknownNameError(ResNetDemoError):
    """A name that is not in its list."""

    code = "unknown_name"


class UnknownBlockError(UnknownNameError):
    """No such residual block."""

    code = "unknown_block"


class UnknownClassError(UnknownNameError):
    """No such class."""

    code = "unknown_class"


class UnknownLayerError(UnknownNameError):
    """No such layer."""

    code = "unknown_layer"


class OptionError(ResNetDemoError):
    """An option outside its range."""

    code = "option"


class RequestError(ResNetDemoError):
    """A server does not answer this request.

    Attributes:
        retry_after: seconds until it may be worth asking again, where there is too much to do.
    """

    code = "request"
    retry_after = 5


class ArgumentError(RequestError):
    """No such endpoint, or a value of a wrong type or outside its range."""

    code = "argument"


class RequestTooLargeError(RequestError):
    """More bytes than are read of a request or of an upload."""

    code = "request_too_large"


class TooManyRequestsError(RequestError):
    """More requests than an address may send within a minute."""

    code = "too_many_requests"


class TooManyWaitingError(RequestError):
    """More requests than a client may have waiting."""

    code = "too_many_waiting"


class BusyError(RequestError):
    """The server has too much to do; the same request may be answered a little later."""

    code = "busy"


class StoppingError(RequestError):
    """The server is being stopped; another one may answer the same request a little later."""

    code = "stopping"
    retry_after = 10


class StorageError(RequestError):
    """The folder of uploads and of answers' pictures is full, or cannot be written to."""

    code = "storage"


class FaultError(RequestError):
    """The server failed at the request, whatever it was."""

    code = "fault"
