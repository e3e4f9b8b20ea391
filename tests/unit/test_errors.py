"""An error's fields, sentence and code."""

import pickle

import pytest

from resnet_demo import errors
from resnet_demo.errors import OptionError, UnknownBlockError

CODES = {
    name: value.code
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, errors.ResNetDemoError)
}


def test_fields_of_a_whole_sentence():
    error = UnknownBlockError(
        "There is no such block. Received: {name!r}. Accepted: {known}.",
        name="a. Accepted: {b}",
        known="c, d",
    )
    assert str(error) == "There is no such block. Received: 'a. Accepted: {b}'. Accepted: c, d."
    assert (error.what, error.received, error.accepted) == (
        "There is no such block.",
        "'a. Accepted: {b}'",
        "c, d",
    )


@pytest.mark.parametrize(
    ("sentence", "fields"),
    [
        ("It is wrong.", ("It is wrong.", None, None)),
        ("It is wrong. Received: 1.5.", ("It is wrong.", "1.5", None)),
        ("It is wrong. Accepted: 1.", ("It is wrong.", None, "1")),
        ("Braces {as they are}. Received: {x}.", ("Braces {as they are}.", "{x}", None)),
    ],
)
def test_fields_that_a_sentence_leaves_out(sentence, fields):
    error = OptionError(sentence)
    assert str(error) == sentence
    assert (error.what, error.received, error.accepted) == fields


def test_an_error_passes_from_process_to_process():
    error = pickle.loads(pickle.dumps(OptionError("Wrong. Received: {x}.", x="{y}")))
    assert (str(error), error.template, error.values) == (
        "Wrong. Received: {y}.",
        "Wrong. Received: {x}.",
        {"x": "{y}"},
    )


def test_codes_are_what_programs_rely_on():
    """New ones may come; these stay, and each tells one error."""
    assert len(set(CODES.values())) == len(CODES)
    known = {
        "ResNetDemoError": "error",
        "ImageError": "image",
        "NotAnImageError": "not_an_image",
        "ImageTooLargeError": "image_too_large",
        "ImageTooCostlyError": "image_too_costly",
        "HeicError": "heic",
        "FileNotAdmittedError": "file_not_admitted",
        "WeightsError": "weights",
        "WeightsNotFoundError": "weights_not_found",
        "DownloadError": "download",
        "HashMismatchError": "hash_mismatch",
        "CheckpointError": "checkpoint",
        "ArchitectureError": "architecture",
        "UnknownNameError": "unknown_name",
        "UnknownBlockError": "unknown_block",
        "UnknownClassError": "unknown_class",
        "UnknownLayerError": "unknown_layer",
        "OptionError": "option",
        "RequestError": "request",
        "ArgumentError": "argument",
        "RequestTooLargeError": "request_too_large",
        "TooManyRequestsError": "too_many_requests",
        "TooManyWaitingError": "too_many_waiting",
        "BusyError": "busy",
        "StoppingError": "stopping",
        "StorageError": "storage",
        "FaultError": "fault",
    }
    assert known.items() <= CODES.items()
