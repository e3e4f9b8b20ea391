"""The page as a Space runs it: a checkout nobody may write to, another user, one folder for temporary files."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from conftest_free import nothing  # noqa: F401
