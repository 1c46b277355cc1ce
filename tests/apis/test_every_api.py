"""What every generated package does, whatever its API looks like."""

import asyncio
import base64
import io
import json
import os
import subprocess
import sys
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer
from PIL import Image
from typer.testing import CliRunner

from generator.contract.source import read_spec
from tests.apis.conftest import Package

pytest_plugins = ["pytester"]


def submission(package: Package) -> str:
    """Return the name of the operation that submits the task."""
    models = package.part("_contract").CONTRACT.models.values()
    name: str = next(model.operation for model in models if model.resource == package.api.resource)
    return name


def poll(package: Package) -> str:
    """Return the name of the operation that reads a task."""
    name: str = package.part("_contract").CONTRACT.workflow.poll
    return name


def test_task_is_created_awaited_and_saved(package: Package, client: Any, tmp_path: Path) -> None:
    task = package.create(client).wait()
    (saved,) = task.save(tmp_path)
    assert saved.stat().st_size > 0
    assert task.succeeded
    assert client.resume() == []


def test_refused_submission_has_no_task(package: Package, sandbox: Any, client: Any) -> None:
    sandbox.play([{"call": submission(package), "code": 401}])
    with pytest.raises(package.part("errors").AuthenticationError):
        package.create(client, idempotency_key="order")
    assert client.unknown() == []


def test_refusal_says_its_reason_once(package: Package, sandbox: Any, client: Any) -> None:
    sandbox.play([{"call": submission(package), "code": 401}])
    with pytest.raises(package.part("errors").AuthenticationError) as caught:
        package.create(client)
    reason = caught.value.msg
    assert str(caught.value).count(reason) == 1


def test_unknown_name_lists_the_models(package: Package, client: Any) -> None:
    with pytest.raises(AttributeError, match=package.api.resource):
        _ = client.zzzzzzzz


@pytest.mark.parametrize("step", [{"lose": True}, {"status": 502, "body": "<html>"}, {"cut": 3}])
def test_lost_or_unreadable_reply_leaves_the_outcome_unknown(
    package: Package, sandbox: Any, client: Any, step: dict[str, Any]
) -> None:
    sandbox.play([{"call": submission(package), **step}])
    with pytest.raises(package.part("errors").SubmissionUnknownError):
        package.create(client, idempotency_key="order")
    (unknown,) = client.unknown()
    assert unknown.idempotency_key == "order"
    assert [call.operation for call in sandbox.calls].count(submission(package)) <= 1


def test_submission_over_the_rate_limit_is_sent_again(package: Package, sandbox: Any, client: Any) -> None:
    sandbox.play([{"call": submission(package), "code": 429}])
    assert package.create(client).id


def test_query_is_repeated_after_an_error_of_the_server(package: Package, sandbox: Any, client: Any) -> None:
    task = package.create(client)
    sandbox.play([{"call": poll(package), "status": 503, "body": "busy"}])
    assert task.wait().succeeded


def test_failed_task_raises_with_its_id(package: Package, sandbox: Any, client: Any) -> None:
    sandbox.fail_next()
    task = package.create(client)
    with pytest.raises(package.part("errors").TaskFailedError) as raised:
        task.wait()
    assert raised.value.task_id == task.id


@pytest.mark.parametrize("fails", [False, True])
def test_signed_callback_of_the_sandbox_names_the_task_and_its_state(
    package: Package, sandbox: Any, client: Any, fails: bool
) -> None:
    if package.part("_contract").CONTRACT.signature is None:
        with pytest.raises(package.part("errors").ConfigurationError, match="are not signed"):
            sandbox.signed_callback("some-task", secret="secret")
        return
    if fails:
        sandbox.fail_next()
    task = package.create(client)
    (ended,) = getattr(client, poll_resource(package)).settled([task])
    sent = sandbox.signed_callback(task.id, secret="secret")
    callback = package.part("callbacks").verify(sent.body, sent.headers, secret="secret")
    assert (callback.id, callback.state) == (task.id, ended.state)
    assert callback.failed == fails


@pytest.mark.parametrize("body", ["", "null", "[]", "7", '"text"', "{}", '{"id": 7}', "{", "<html>"])
def test_any_reply_to_a_query_is_read_or_raises_an_error_of_the_package(
    package: Package, sandbox: Any, client: Any, body: str
) -> None:
    sandbox.play([{"call": poll(package), "status": 200, "body": body, "times": 9}])
    base = package.part("errors").PackageError
    with pytest.raises(base) as raised:
        getattr(client, poll_resource(package)).get("some-task")
    assert raised.value.task_id == "some-task"


def poll_resource(package: Package) -> str:
    contract = package.part("_contract").CONTRACT
    call: str = contract.operations[contract.workflow.poll].call
    return call.partition(".")[0]


def test_key_of_the_caller_is_in_no_error(package: Package, sandbox: Any) -> None:
    secret = "a-secret-key-of-the-caller"
    with sandbox.client(api_key=secret) as client:
        with pytest.raises(package.part("errors").ApiError) as raised:
            package.create(client)
        assert secret not in repr(client) + repr(raised.value) + str(vars(raised.value))


def test_key_is_in_no_error_of_a_lost_reply(package: Package) -> None:
    secret = "a-secret-key-of-the-caller"

    def lose(request: httpx.Request) -> httpx.Response:
        assert any(secret in value for value in request.headers.values())
        raise httpx.ReadError("the connection was reset", request=request)

    with (
        httpx.Client(transport=httpx.MockTransport(lose)) as http,
        package.client(secret, http) as client,
        pytest.raises(package.part("errors").SubmissionUnknownError) as raised,
    ):
        package.create(client)
    error: BaseException | None = raised.value
    while error is not None:
        request = error.request if isinstance(error, httpx.RequestError) else None
        assert secret not in repr(vars(error)) + str(error) + str(request and request.headers.raw)
        error = error.__cause__ or error.__context__


def test_killed_process_leaves_an_unknown_submission(package: Package, sandbox: Any, tmp_path: Path) -> None:
    options = dict.fromkeys(type(sandbox).base_urls, sandbox.url)
    code = f"""
import os, httpx
from {package.api.module} import {package.part("_runtime.core.identity").CLIENT} as Client
class Killer(httpx.HTTPTransport):
    def handle_request(self, request):
        os._exit(9)
client = Client("sandbox", journal="journal.db", http_client=httpx.Client(transport=Killer()), **{options!r})
client.{package.api.resource}.create(idempotency_key="order", **{package.api.arguments!r})
"""
    environment = {**os.environ, "PYTHONPATH": str(package.folder)}
    ended = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=False)
    assert ended.returncode == 9
    with sandbox.client(journal=tmp_path / "journal.db") as client:
        assert [one.idempotency_key for one in client.unknown()] == ["order"]
        with pytest.raises(package.part("errors").SubmissionUnknownError):
            package.create(client, idempotency_key="order")


def sample(holds: str, task: Any) -> Any:
    """Return a value for an argument that holds a fact; of a free one, the id of a task."""
    target = io.BytesIO()
    Image.new("RGB", (8, 8)).save(target, "PNG")
    file = target.getvalue()
    values = {"file.content": file, "file.base64": base64.b64encode(file).decode(), "": task.id}
    return values.get(holds, task.urls[0])


def test_every_operation_is_answered_by_the_sandbox(package: Package, sandbox: Any, client: Any) -> None:
    contract = package.part("_contract").CONTRACT
    task = package.create(client).wait()
    calls = [one for one in contract.operations.values() if one.name not in contract.workflow.creates]
    for operation in sorted(calls, key=lambda one: one.method == "DELETE"):
        required = [one for one in operation.arguments if one.path[0] in operation.schema["required"]]
        attrgetter(operation.call)(client)(**{one.name: sample(one.holds, task) for one in required})
    assert {one.name for one in calls} <= {call.operation for call in sandbox.calls}
    assert all(200 <= call.code < 300 for call in sandbox.calls)


def test_expired_link_is_renewed_if_the_api_can(package: Package, tmp_path: Path) -> None:
    testing, output = package.part("testing"), package.part("_contract").CONTRACT.workflow.outputs["urls"]
    clock = testing.VirtualClock()
    with testing.Sandbox(clock=clock, visible_after=0) as sandbox, sandbox.client() as client:
        task = package.create(client).wait()
        clock.advance(output.lifetime + 1)
        if output.lifetime and not output.renew:
            with pytest.raises(package.part("errors").DownloadError):
                task.save(tmp_path)
        else:
            assert task.save(tmp_path)[0].stat().st_size


def test_parameters_reach_the_sandbox_with_their_types(package: Package, sandbox: Any, client: Any) -> None:
    task = package.create(client).wait()
    values = {"integer": 7, "number": 7.5, "boolean": True, "string": task.id}
    reads = [one for one in package.part("_contract").CONTRACT.operations.values() if one.method == "GET"]
    for operation in reads:
        members = operation.schema["properties"]
        free = [one for one in operation.arguments if not one.holds]
        given = {one.name: values[members[one.path[0]]["type"]] for one in free}
        held = {one.name: sample(one.holds, task) for one in operation.arguments if one.holds}
        attrgetter(operation.call)(client)(**given | held)
    assert all(200 <= call.code < 300 for call in sandbox.calls)


def test_command_line_lists_only_what_the_api_has(package: Package) -> None:
    command = package.part("__main__").package()
    contract = command.contract
    names = visible_commands(package)
    facts = package.part("_runtime.contract.facts")
    assert ("upload" in names) == (facts.taking(contract, "file.content") is not None)
    assert ("credits" in names) == (facts.returning(contract, "account.credits") is not None)
    assert ("verify-callback" in names) == (contract.signature is not None)


def commands(package: Package) -> typer.Typer:
    """Return the package's command line, whose clients never sleep."""
    client = partial(package.client_class, _environment=package.environment)
    program = package.part("__main__").package()._replace(client=client)
    app: typer.Typer = package.part("_runtime.cli.app").make(program)
    return app


def visible_commands(package: Package, *, hidden: bool = False) -> set[str]:
    """Return the names of the commands that the help lists, or of the others."""
    group = typer.main.get_group(commands(package))
    return {name for name, command in group.commands.items() if command.hidden == hidden}


def test_every_command_has_help_for_what_the_api_has(package: Package) -> None:
    contract = package.part("_contract").CONTRACT
    texts = {}
    for name in visible_commands(package):
        done = CliRunner().invoke(commands(package), [name, "--help"])
        assert done.exit_code == 0, (name, done.output)
        texts[name] = done.output
    assert ("--signing-key" in texts["sandbox"]) == (contract.signature is not None)
    has_mask = any(
        image.role.endswith("mask") for model in contract.models.values() for image in model.images
    )
    assert ("--repaint" in texts["sandbox"]) == has_mask
    assert ("edit" in texts) == ("edit" in package.part("_help").COMMANDS)


def test_only_the_names_that_a_package_had_are_refused_as_former(package: Package) -> None:
    declared = read_spec(package.spec).openapi.data["x-package"].get("former-names", {})
    identity = package.part("_runtime.core.identity")
    assert set(declared.get("commands", {})) == visible_commands(package, hidden=True)
    assert set(declared.get("attributes", {})) == set(identity.FORMER_ATTRIBUTES)
    assert set(declared.get("arguments", {})) == set(identity.FORMER_ARGUMENTS)
    assert set(declared.get("options", {})) == set(identity.FORMER_OPTIONS)


def test_schema_lists_only_commands_of_the_package(package: Package) -> None:
    documents = package.part("_runtime.cli.terminal.documents")
    listed = set(documents.document_schemas(package.part("__main__").package()))
    assert {"edit", "generate"} & listed
    assert listed <= visible_commands(package)


def test_command_creates_awaits_and_saves_a_task(package: Package, tmp_path: Path) -> None:
    testing = package.part("testing")
    contract = package.part("_contract").CONTRACT
    model = next(one for one in contract.models.values() if one.resource == package.api.resource)
    (command,) = [name for name, models in package.part("_help").COMMANDS.items() if model.name in models]
    given = [f"--{name.replace('_', '-')}={value}" for name, value in package.api.arguments.items()]
    with testing.Sandbox(visible_after=0, scale=0) as sandbox:
        servers = {server.variable: sandbox.url for server in contract.servers}
        environment = {
            **servers,
            contract.key_variable: "sandbox",
            contract.variable_prefix + "JOURNAL": str(tmp_path / "journal.db"),
        }
        arguments = [command, "--model", package.api.resource, *given, "-o", str(tmp_path)]
        done = CliRunner().invoke(commands(package), arguments, env=environment)
    assert done.exit_code == 0, done.output
    (path,) = done.stdout.splitlines()
    assert Path(path).stat().st_size


def test_fixtures_of_the_plugin_run_a_task_on_both_clients(
    package: Package, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    name = package.part("_runtime.core.identity").NAME
    create = f"{package.api.resource}.create(**{package.api.arguments!r})"
    pytester.makepyfile(f"""
import asyncio

def test_client({name}):
    assert {name}.{create}.wait().succeeded

def test_async_client(async_{name}):
    async def run():
        task = await async_{name}.{create}
        return await task.wait()

    assert asyncio.run(run()).succeeded
""")
    plain = ("-p", "no:cacheprovider", "--assert=plain", "-p", f"{package.api.module}.pytest_plugin")
    pytester.runpytest_inprocess(*plain, "-W", "error").assert_outcomes(passed=2)


def test_tools_for_agents_read_tasks_and_the_balance(package: Package, sandbox: Any, tmp_path: Path) -> None:
    toolbox = package.part("_runtime.mcp.toolbox")
    settings = toolbox.Settings("command", package.part("_help").HELP, tmp_path, tmp_path)

    async def report(*progress: Any) -> None:
        """The agent does not ask for the progress."""

    async def run() -> None:
        async with sandbox.async_client(journal=tmp_path / "journal.db") as client:
            task = await package.create(client)
            tools = toolbox.Toolbox(client, settings)
            answer = await tools.call("wait_for_task", {"task_id": task.id}, report)
            assert answer.facts["task"]["id"] == task.id
            contract = package.part("_contract").CONTRACT
            has_balance = package.part("_runtime.contract.facts").returning(contract, "account.credits")
            assert ("credits" in tools.tools) == (has_balance is not None)
            if has_balance:
                assert (await tools.call("credits", {}, report)).facts["credits"] >= 0

    asyncio.run(run())


def test_dry_run_of_a_batch_reads_the_balance_if_there_is_one(package: Package, tmp_path: Path) -> None:
    testing, contract = package.part("testing"), package.part("_contract").CONTRACT
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps({"model": package.api.resource, "key": "one", **package.api.arguments}))
    with testing.Sandbox(balance=7) as sandbox:
        environment = {server.variable: sandbox.url for server in contract.servers}
        environment[contract.key_variable] = "sandbox"
        arguments = ["batch", "run", str(rows), "-o", str(tmp_path / "out"), "--dry-run"]
        done = CliRunner().invoke(commands(package), arguments, env=environment)
    assert done.exit_code == 0, done.output
    has_balance = package.part("_runtime.contract.facts").returning(contract, "account.credits")
    assert ("balance: 7 credits" in done.output) == (has_balance is not None)
