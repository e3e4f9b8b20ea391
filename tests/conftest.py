"""Shared fixtures. `shared` is the research data beside the project; where it is missing its tests say so and skip."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_collection_modifyitems(items):
    if SHARED.is_dir():
        return
    for item in items:
        if "shared" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="needs ../shared, the research data that is not part of the project"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of research data; only tests marked `shared` may ask for it."""
    return SHARED
