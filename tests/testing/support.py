"""What the tests of the plugin share."""

import pytest

# Only what a user of the plugin has: loading all tools of this project takes longer than the tests.
PLAIN = ("-p", "no:cacheprovider", "--assert=plain", "-p", "kie_ideogram.pytest_plugin")

PICTURES = """
import asyncio
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from PIL import Image


def png(colour, half="white"):
    target = BytesIO()
    image = Image.new("RGB", (8, 8), colour)
    image.paste(half, (0, 0, 4, 8))
    image.save(target, "PNG")
    return target.getvalue()


GIVEN = {"prompt": "a", "image": png("tan"), "mask": png("black"), "reference": png("navy")}
"""
"""The head of a test file: arguments of a submission, without a call of the service."""


def run(pytester: pytest.Pytester, code: str) -> pytest.RunResult:
    """Run a test file with the plugin."""
    pytester.makepyfile(code)
    return pytester.runpytest_inprocess(*PLAIN, "-W", "error")
