"""Uses the package of the extended spec. Run by test_extend.py with that package on the path."""

import asyncio
import json
import shlex
import wave
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from typer.main import get_command
from typer.testing import CliRunner

from kie_ideogram import AsyncKie, Kie
from kie_ideogram.__main__ import package
from kie_ideogram._runtime.cli.app import make
from kie_ideogram._runtime.cli.repeat import repeated
from kie_ideogram.errors import InvalidInputError, RegionBlockedError
from kie_ideogram.models import CharacterEditInputStyle, ClipCamera, ClipShot, V3EditInput
from kie_ideogram.testing import Sandbox

PAGE = "https://example.com/page.png"
sent: list[httpx.Request] = []


def answer(request: httpx.Request) -> httpx.Response:
    """Refuse what asks for a blocked region; create everything else."""
    sent.append(request)
    if b"blocked" in request.content:
        return httpx.Response(200, json={"code": 451, "msg": "not here", "data": None})
    return httpx.Response(200, json={"code": 200, "msg": "success", "data": {"taskId": "t1"}})


def last() -> object:
    """The body that was sent last."""
    return json.loads(sent[-1].content)


BODY_INPUT = {
    "prompt": "a hat",
    "image_url": PAGE,
    "mask_url": PAGE,
    "reference_image_urls": [PAGE],
    "style": "SKETCH",
    "negative_prompt": "rain",
}
EDIT = {"model": "ideogram/character-edit", "input": BODY_INPUT}
V3: dict[str, object] = {
    "model": "ideogram/v3-edit",
    "callBackUrl": PAGE,
    "input": {"prompt": "a hat", "image_url": PAGE, "colors": ["red", "blue"]},
}


def test_blocking_client_sends_new_fields() -> None:
    with Kie("key", http_client=httpx.Client(transport=httpx.MockTransport(answer))) as kie:
        kie.character_edit.create(
            prompt="a hat",
            image_url=PAGE,
            mask_url=PAGE,
            reference_image_urls=[PAGE],
            style="SKETCH",
            negative_prompt="rain",
        )
        assert last() == EDIT
        kie.character_edit.create(
            prompt="a hat",
            image_url=PAGE,
            mask_url=PAGE,
            reference_image_urls=[PAGE],
            style=CharacterEditInputStyle.SKETCH,
            negative_prompt="rain",
        )
        assert last() == EDIT
        task = kie.v3_edit.create(prompt="a hat", image_url=PAGE, colors=["red", "blue"], call_back_url=PAGE)
        assert task.id == "t1"
        assert last() == V3
        assert kie.tasks.create(V3).id == "t1"


def test_limit_of_new_model_is_checked_before_sending() -> None:
    with Kie("key", http_client=httpx.Client(transport=httpx.MockTransport(answer))) as kie:
        count = len(sent)
        with pytest.raises(InvalidInputError) as raised:
            kie.v3_edit.create(prompt="a hat", image_url=PAGE, colors=["red"] * 3)
        assert [(fault.path, fault.rule) for fault in raised.value.faults] == [("colors", "maxItems")]
        assert len(sent) == count


@pytest.mark.parametrize("former", ["expand_prompt", "magic_prompt"])
def test_former_argument_is_refused_with_the_new_name(former: str) -> None:
    with Kie("key", http_client=httpx.Client(transport=httpx.MockTransport(answer))) as kie:
        create: Any = kie.character_edit.create
        with pytest.raises(InvalidInputError, match=f"{former}: renamed to enhance_prompt"):
            create(prompt="a", image_url=PAGE, mask_url=PAGE, reference_image_urls=[PAGE], **{former: True})


@pytest.mark.parametrize("former", ["expand_prompt", "magicPrompt"])
def test_former_member_of_a_body_is_refused_with_the_new_name(former: str) -> None:
    with Kie("key", http_client=httpx.Client(transport=httpx.MockTransport(answer))) as kie:
        body = {**EDIT, "input": {**BODY_INPUT, former: True}}
        with pytest.raises(InvalidInputError, match=rf"input\.{former}: renamed to enhance_prompt"):
            kie.tasks.create(body)


def test_former_image_of_run_is_refused_with_the_new_name() -> None:
    with Kie("key", http_client=httpx.Client(transport=httpx.MockTransport(answer))) as kie:
        run: Any = kie.v3_edit.run
        with pytest.raises(InvalidInputError, match="picture: renamed to image"):
            run(prompt="a hat", picture=png((8, 8)))


def test_new_code_raises_its_exception() -> None:
    with Kie("key", http_client=httpx.Client(transport=httpx.MockTransport(answer))) as kie:
        with pytest.raises(RegionBlockedError, match="not here") as raised:
            kie.v3_edit.create(prompt="blocked", image_url=PAGE)
        assert raised.value.code == 451


def test_asyncio_client_sends_new_fields() -> None:
    async def use() -> None:
        transport = httpx.MockTransport(answer)
        async with AsyncKie("key", http_client=httpx.AsyncClient(transport=transport)) as kie:
            task = await kie.v3_edit.create(
                prompt="a hat", image_url=PAGE, colors=["red", "blue"], call_back_url=PAGE
            )
            assert task.id == "t1"
            assert last() == V3
            with pytest.raises(RegionBlockedError):
                await kie.character_edit.create(
                    prompt="blocked", image_url=PAGE, mask_url=PAGE, reference_image_urls=[PAGE]
                )

    asyncio.run(use())


def test_new_schemas_are_typed_models() -> None:
    assert V3EditInput.from_dict({"prompt": "a hat", "image_url": PAGE}).prompt == "a hat"


def png(size: tuple[int, int]) -> bytes:
    target = BytesIO()
    Image.effect_noise(size, 50).save(target, "PNG")
    return target.getvalue()


def test_new_model_runs_with_its_own_image() -> None:
    with Kie("key", http_client=httpx.Client(transport=httpx.MockTransport(answer))) as kie:
        count = len(sent)
        rehearsed = kie.v3_edit.run(prompt="a hat", image=png((8, 8)), colors=["red"], dry_run=True)
        assert rehearsed.request["input"]["image_url"] == f"urn:sha256:{rehearsed.pictures[0].sha256}"
        with pytest.raises(InvalidInputError) as raised:
            kie.v3_edit.run(prompt="a hat", image=png((64, 64)), dry_run=True)
        assert [(fault.path, fault.rule) for fault in raised.value.faults] == [("image", "max-bytes")]
        assert len(sent) == count


def test_command_line_has_new_options_and_model(tmp_path: Path) -> None:
    app = make(package())
    said = " ".join(CliRunner().invoke(app, ["edit", "--help"]).output.split())
    for word in ("--negative-prompt", "SKETCH", "v3-edit", "What to keep out of the picture."):
        assert word in said
    said = " ".join(CliRunner().invoke(app, ["edit", "--model", "v3-edit", "--help"]).output.split())
    for word in ("--colors", "Colours to use.", "Repaint the masked region of a picture."):
        assert word in said
    assert "--mask" not in said
    (tmp_path / "a.png").write_bytes(png((8, 8)))
    given = ["--model", "ideogram/v3-edit", "--prompt", "a hat", "--image", str(tmp_path / "a.png")]
    colours = ["--colors", "red", "--colors", "blue"]
    done = CliRunner().invoke(
        app, ["edit", *given, *colours, "--dry-run", "--json"], env={"KIE_API_KEY": "k"}
    )
    request = json.loads(done.stdout)["request"]
    assert (request["model"], request["input"]["colors"]) == ("ideogram/v3-edit", ["red", "blue"])


def tone() -> bytes:
    """A sound of a tenth of a second."""
    target = BytesIO()
    with wave.open(target, "wb") as file:
        file.setparams((1, 1, 8000, 800, "NONE", ""))
        file.writeframes(bytes(800))
    return target.getvalue()


def test_model_that_makes_videos_runs_against_the_sandbox(tmp_path: Path) -> None:
    with Sandbox(scale=0) as sandbox, sandbox.client() as kie:
        result = kie.clip.run(shots=[{"prompt": "a hat"}], sound=tone(), save_to=tmp_path)
    (path,) = result.paths
    assert (path.suffix, path.read_bytes()[4:8]) == (".mp4", b"ftyp")
    (record,) = json.loads(next(tmp_path.glob("*.json")).read_text(encoding="utf-8"))["pictures"]
    assert (record["media_type"], record.get("notes")) == ("video/mp4", None)
    assert result.pictures[0].media_type == "audio/wav"


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"sound": png((8, 8))}, "sound: is image/png, by its content; WAV, MPEG are accepted"),
        ({"sound": tone()[:-1]}, "sound: is truncated or damaged: it has 799 of its 800 bytes of samples"),
        ({"sound": b"<html>gone</html>"}, "sound: is text/html, by its content; WAV, MPEG are accepted"),
        ({"sound": tone() + bytes(30_000)}, "sound: has 30844 bytes, at most 30000 are allowed"),
        ({"sound": 5}, "sound: expected a path, bytes, a binary file or a URL, got a value of type int"),
        ({"clip": [tone()] * 2}, "clip: 2 were given, but the service uses 1"),
        ({"shots": [{"prompt": 5}]}, "shots[0].prompt: expected a string, got the integer 5"),
        ({"shots": [{"prompt": "a", "seconds": 3}]}, "shots[0].seconds: 3 is not one of 0.5, 1, 2"),
        ({"shots": [{"promt": "a"}]}, "shots[0].prompt: is missing"),
        ({"shots": [ClipShot(prompt="a" * 101)]}, "shots[0].prompt: 101 characters, at most 100"),
        ({"camera": {"turn": 400}}, "camera.turn: must be at most 360, got 400"),
    ],
)
def test_invalid_file_or_object_is_named_before_sending(given: dict[str, Any], fault: str) -> None:
    with Kie("key", http_client=httpx.Client(transport=httpx.MockTransport(answer))) as kie:
        count = len(sent)
        with pytest.raises(InvalidInputError) as raised:
            kie.clip.run(**{"shots": [{"prompt": "a"}], "sound": tone()} | given, dry_run=True)
        assert fault in str(raised.value)
        assert len(sent) == count


def test_typed_objects_are_sent_as_json() -> None:
    with Kie("key", http_client=httpx.Client(transport=httpx.MockTransport(answer))) as kie:
        kie.clip.create(
            shots=[ClipShot(prompt="a"), {"prompt": "b", "seconds": 0.5}],
            sound_url=PAGE,
            camera=ClipCamera(turn=90),
        )
    assert last() == {
        "model": "studio/clip",
        "input": {
            "shots": [{"prompt": "a"}, {"prompt": "b", "seconds": 0.5}],
            "sound_url": PAGE,
            "camera": {"turn": 90},
        },
    }


def invoked(*given: str) -> tuple[int, str, str]:
    """Run a dry run of the model that makes videos; return its exit code and its two outputs."""
    options = ["edit", "--model", "studio/clip", "--sound", PAGE, "--dry-run", "--json", *given]
    done = CliRunner().invoke(make(package()), options, env={"KIE_API_KEY": "k", "COLUMNS": "500"})
    return done.exit_code, done.stdout, " ".join(done.stderr.split())


def test_command_line_takes_objects_as_json_and_from_a_file(tmp_path: Path) -> None:
    shots = [{"prompt": "a", "seconds": 0.5}]
    (tmp_path / "shots.json").write_text(json.dumps(shots), encoding="utf-8")
    for given in (json.dumps(shots), f"@{tmp_path / 'shots.json'}"):
        code, out, error = invoked("--shots", given, "--camera", '{"turn": 90}')
        assert (code, error) == (0, "")
        assert json.loads(out)["request"]["input"] == {
            "shots": shots,
            "sound_url": PAGE,
            "camera": {"turn": 90},
        }


def test_repeated_command_has_its_json() -> None:
    options = ["--model", "studio/clip", "--sound", PAGE, "--shots", '[{"prompt": "a hat"}]']
    commands: Any = get_command(make(package()))
    edit = commands.commands["edit"]
    context: Any = edit.make_context("edit", options)
    again: Any = edit.make_context("edit", shlex.split(repeated("kie", context))[1:])
    assert again.params == context.params
    assert again.params["shots"] == [{"prompt": "a hat"}]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("[{]", "column 3: Expecting property name enclosed in double quotes; expected JSON such as"),
        ("@missing.json", "missing.json: No such file or directory"),
        ("[NaN]", "NaN is not a JSON value"),
        ("[" * 100_000, "the JSON is nested too deeply"),
        ('[{"prompt": 5}]', "--shots[0].prompt: expected a string, got the integer 5"),
        ('{"prompt": "a"}', "--shots: expected a list, got a value of type dict"),
    ],
)
def test_command_line_names_the_place_of_invalid_json(given: str, message: str) -> None:
    code, _, error = invoked("--shots", given)
    assert code == 2
    assert message in error
