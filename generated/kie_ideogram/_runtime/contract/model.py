"""The shapes of the contract's data. The spec is lowered to them; the runtime works from them.

Named tuples, because making them costs an import almost nothing; defining so many classes costs
3 ms, so what `import` of a client needs takes them for its types only. Times are seconds, sizes
bytes, pointers tuples of member names.
"""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

Schema = dict[str, Any] | bool
"""A JSON Schema, references resolved, reduced to the keywords that `schema.py` checks."""

Pointer = tuple[str, ...]


class Server(NamedTuple):
    """A host of the API; the only ones that are sent the key."""

    name: str
    url: str


class Argument(NamedTuple):
    """A member of a request as the caller names it, where it goes, and what it holds for a server."""

    name: str
    path: Pointer
    default: Any = None
    holds: str = ""


class CannedReply(NamedTuple):
    """What the service answers in a situation: a code, and its words where they are known."""

    code: int
    msg: str = ""


class Operation(NamedTuple):
    """One call of the API."""

    name: str
    method: str
    server: str
    path: str
    body: Literal["", "json", "multipart"]
    repeatable: bool
    arguments: tuple[Argument, ...] = ()
    schema: Schema = True
    data: Schema = True
    reply: str | dict[str, str] = ""
    """What a reply's data holds: of each member, or as a whole."""
    says_ok: bool = False
    """Whether its envelope says so besides the code."""
    lifetime: float = 0
    """How long the URL lives that it answers with; 0 where it answers with none."""
    canned_replies: dict[str, CannedReply] = {}  # noqa: RUF012 # read only
    """Its own canned replies; they come before the contract's."""


class Image(NamedTuple):
    """A member of a model's request that names pictures, and what these must be."""

    path: Pointer
    role: Literal["picture", "mask", "reference"]
    types: tuple[str, ...]
    max_bytes: int
    listed: bool = False
    """Whether the member is a list of URLs."""
    max_total_bytes: int = 0
    same_size_as: Pointer = ()
    used: int = 0
    """How many of a list are used; 0 is all."""
    argument: str = ""
    """What the caller names the picture itself, as `path` names its URL."""
    repaints: str = ""
    """Which colour of a mask is taken to be repainted."""


class Price(NamedTuple):
    """What a model's task costs: credits by one member's value, times another's."""

    by: Pointer
    times: Pointer
    credits: dict[str, float]


class Model(NamedTuple):
    """One entry of the create call's body: a model and its request."""

    name: str
    resource: str
    arguments: tuple[Argument, ...]
    schema: Schema
    price: Price | None = None
    images: tuple[Image, ...] = ()


class Code(NamedTuple):
    """What a body code or HTTP status means for the client."""

    code: int
    meaning: str
    error: str
    create: Literal["accepted", "refused", "unknown"]
    query: Literal["error", "failed", "not-visible"] = "error"
    repeat_create: bool = False
    repeat_query: bool = False


class Envelope(NamedTuple):
    """How every JSON reply is wrapped."""

    code: str
    message: tuple[str, ...]
    data: str
    ok: str
    accepted: tuple[int, ...]
    max_bytes: int


class Wait(NamedTuple):
    """How a task is followed until it is settled."""

    initial: str
    success: tuple[str, ...]
    failure: tuple[str, ...]
    pending: tuple[str, ...]
    schedule: tuple[tuple[float, float], ...]
    jitter: float
    deadline: float
    grace: float
    result_grace: float = 0
    """Seconds for which a task that succeeded without a result is polled again."""


class Output(NamedTuple):
    """A part of a task: where it stands in a reply's data, the unit of a time, the life of a URL."""

    pointer: Pointer
    unit: Literal["", "unix-ms"] = ""
    lifetime: float = 0
    renew: str = ""
    """The operation that makes a new link when one has expired."""
    kept: float = 0
    """How long it can make one."""


class Workflow(NamedTuple):
    """A task's life: which calls create and read it, and where its parts stand in a reply."""

    create: str
    poll: str
    poll_argument: str
    created_id: Pointer
    outputs: dict[str, Output]
    wait: Wait


class Retry(NamedTuple):
    """How what may be repeated is repeated."""

    attempts: int
    base: float
    cap: float
    retry_after_cap: float
    refused_base: float


class RateLimit(NamedTuple):
    """How often operations may be called."""

    name: str
    operations: tuple[str, ...]
    limit: int
    window: float
    margin: float
    scope: str


class Timeouts(NamedTuple):
    """Time limits of one request, seconds."""

    connect: float
    read: float
    write: float
    pool: float
    total: float
    """Of all of it, from asking for a connection to the last byte of the reply."""


class Signature(NamedTuple):
    """How a callback is signed."""

    text: str
    signature_header: str
    timestamp_header: str
    tolerance: float
    task_ids: tuple[Pointer, ...]


class Delivery(NamedTuple):
    """How a callback is delivered: where the create call names its URL, and how often it is tried."""

    url: Pointer
    timeout: float
    retries: int
    pause: float


class Media(NamedTuple):
    """What a result may be."""

    types: tuple[str, ...]
    max_bytes: int


class Contract(NamedTuple):
    """Everything the runtime knows of the API."""

    version: str
    key_variable: str
    servers: tuple[Server, ...]
    operations: dict[str, Operation]
    models: Mapping[str, Model]
    discriminator: str
    codes: dict[int, Code]
    envelope: Envelope
    workflow: Workflow
    callback: Schema
    signature: Signature
    delivery: Delivery
    canned_replies: dict[str, CannedReply]
    retry: Retry
    rate_limits: tuple[RateLimit, ...]
    timeouts: Timeouts
    media: Media
    credit_price: tuple[float, str]
