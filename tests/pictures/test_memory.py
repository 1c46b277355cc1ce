"""Memory: one decoded picture at a time, however many tasks run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from kie_ideogram.testing import Sandbox
from tests.money.support import KEY
from tests.pictures.support import image_of, noise

SIZE = 4000, 3000

RUN = """
import asyncio, sys
from concurrent.futures import ThreadPoolExecutor
from kie_ideogram import AsyncKie, Kie

url, key, folder, mode = sys.argv[1:]
servers = {"base_url": url, "upload_base_url": url}

def given(number):
    return {
        "prompt": "a smile", "image": f"{folder}/{number}.jpg", "mask": f"{folder}/mask.png",
        "reference": f"{folder}/reference.jpg", "repaint": "white", "dry_run": True,
    }

async def main():
    async with AsyncKie(key, **servers) as kie:
        await asyncio.gather(*(kie.character_edit.run(**given(number)) for number in range(4)))

if mode == "asyncio":
    asyncio.run(main())
else:
    with Kie(key, **servers) as kie, ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: kie.character_edit.run(**given(number)), range(4)))
# Not `ru_maxrss`, which begins with the memory of the process that started this one.
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four photos of 12 megapixels that EXIF rotates, a mask to be inverted, and a reference."""
    folder = tmp_path_factory.mktemp("photos")
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = image_of(noise((250, 188))).resize(SIZE, Image.Resampling.BICUBIC)
    for number in range(4):
        photo.putpixel((number, 0), (0, 0, 0))
        photo.save(folder / f"{number}.jpg", quality=92, exif=exif)
    photo.save(folder / "reference.jpg", quality=92)
    mask = Image.new("RGB", (SIZE[1], SIZE[0]), "black")
    mask.paste("white", (500, 500, 1500, 1500))
    mask.save(folder / "mask.png")
    return folder


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("mode", ["threads", "asyncio"])
def test_four_edits_of_12_megapixels_need_less_than_250_mb(photos: Path, mode: str) -> None:
    with Sandbox(keys=[KEY]) as sandbox:
        command = [sys.executable, "-c", RUN, sandbox.url, KEY, str(photos), mode]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=dict(os.environ))
    assert int(done.stdout) < 250_000
