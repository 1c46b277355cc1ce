"""The types of the contract's data: the generator makes them from the spec, the runtime reads them.

They are named tuples, because instances take almost no time to create. To define all of these classes
takes 3 ms, so the modules that `import` of the package runs import them for type checking only.

Times are seconds, sizes are bytes, and pointers are tuples of member names.
"""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

Schema = dict[str, Any] | bool
"""A JSON Schema with resolved references, reduced to the keywords that `json_schema.py` checks."""

Pointer = tuple[str, ...]


class Server(NamedTuple):
    """A server of the API. The API key is sent to these servers only."""

    name: str
    url: str
    argument: str
    """The client's argument that replaces the URL."""
    variable: str
    """The environment variable that replaces the URL."""
    follows: str = ""
    """The server whose changed URL this one takes if it is not given itself."""


class Argument(NamedTuple):
    """An argument: the caller's name, its place in the request, its default and what it contains."""

    name: str
    path: Pointer
    default: Any = None
    holds: str = ""
    former_names: tuple[str, ...] = ()
    """Earlier names, in each spelling that a caller may use. The client refuses them."""
    place: Literal["", "path", "query", "header"] = ""
    """Where the request has it; empty for the body."""


class CannedReply(NamedTuple):
    """The service's reply to a situation: a code, and its message if that is known."""

    code: int
    msg: str = ""


class Needed(NamedTuple):
    """A part that a reply must have, and its value while what it contains is not known."""

    value: Any
    holds: Any = ""


class Each(NamedTuple):
    """A list with an object for each result, and what the members of such an object contain."""

    item: Any


ReplyFacts = str | dict[str, Any] | Needed | Each
"""The name of a fact, or the facts of an object's members."""


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
    reply: ReplyFacts = ""
    """What the data of a reply contains, for each member or as a whole."""
    call: str = ""
    """How a client calls it, such as `tasks.get`."""
    status: int = 200
    """The HTTP status of an accepted reply."""
    headers: dict[str, str] = {}  # noqa: RUF012 # read only
    """The headers of each request that always have the same value."""
    wraps: bool = True
    """Whether its reply has the data in the envelope's `data`. False if the whole reply is the data."""
    says_ok: bool = False
    """Whether the envelope of a reply has a success flag in addition to the code."""
    lifetime: float = 0
    """How long the URL in its reply is valid; 0 if that is not declared."""
    canned_replies: dict[str, CannedReply] = {}  # noqa: RUF012 # read only
    """Its canned replies; they take precedence over the contract's."""


def is_mask(role: str) -> bool:
    """Whether pictures of a role are masks: its name ends so, such as `mask` and `reference-mask`."""
    return role.rpartition("-")[2] == "mask"


Repaint = Literal["black", "white"]
"""The colour of a mask that marks what is to be repainted."""


class Image(NamedTuple):
    """A member of a model's request with the URLs of images or other files, and what these must be."""

    path: Pointer
    role: str
    """What it is for. The others than `picture` and masks are free; a file that is not a picture has none."""
    types: tuple[str, ...]
    max_bytes: int
    listed: bool = False
    """Whether the member is a list of URLs."""
    max_total_bytes: int = 0
    same_size_as: Pointer = ()
    used: int = 0
    """How many images of a list the service uses; 0 means all."""
    argument: str = ""
    """The caller's argument for the image itself; `path` is the place of its URL."""
    repaints: str = ""
    """Which colour of a mask marks the area to repaint."""
    is_picture: bool = True
    """False for videos, sounds and other files. Of these, only the type, the size and the end are checked."""

    @property
    def is_mask(self) -> bool:
        """Whether only its black and white count."""
        return is_mask(self.role)


class Price(NamedTuple):
    """The price of a task, in credits: fixed or by the value of one member, times the value of another.

    A list counts by its length. `by_default` and `times_default` are the values of omitted members.
    """

    credits: float | dict[str, float]
    by: Pointer = ()
    times: Pointer = ()
    by_default: Any = None
    times_default: Any = None


class Pixels(NamedTuple):
    """The member that selects the size of the results, its default, and each size in pixels."""

    path: Pointer
    default: Any
    sizes: dict[str, tuple[int, int]]


class Media(NamedTuple):
    """The allowed types and size of a result."""

    types: tuple[str, ...]
    """Types, the usual one first, or ranges such as `video/*`."""
    max_bytes: int


class Model(NamedTuple):
    """A model, and the request body of its submissions."""

    name: str
    resource: str
    arguments: tuple[Argument, ...]
    schema: Schema
    operation: str = ""
    """The operation that submits it."""
    discriminator: str = ""
    """The member of its request that is its name, if there is one."""
    price: Price | None = None
    images: tuple[Image, ...] = ()
    media: Media | None = None
    """Its results, if they are others than those of the contract."""
    pixels: Pixels | None = None


class Code(NamedTuple):
    """The meaning of a body code or HTTP status for the client."""

    code: int
    meaning: str
    error: str
    create: Literal["accepted", "refused", "unknown"]
    query: Literal["error", "failed", "not-visible"] = "error"
    repeat_create: bool = False
    repeat_query: bool = False


class Envelope(NamedTuple):
    """The envelope of JSON replies.

    Without a `code`, the HTTP status is the verdict. Without `data`, the whole body is the data.
    """

    code: str
    message: tuple[str, ...]
    data: str
    ok: str
    accepted: tuple[int, ...]
    max_bytes: int
    failure_type: str = "application/json"
    """The content type of a refusal."""


class Wait(NamedTuple):
    """How the client waits until a task has ended."""

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
    """A part of a task: its place in a reply's data, the unit of a time, the validity of a URL."""

    pointer: Pointer
    unit: Literal["", "unix-ms", "unix-s", "iso-8601"] = ""
    lifetime: float = 0
    renew: str = ""
    """The operation that renews an expired link."""
    form: Literal["list", "one", "members", "objects"] = "list"
    """Whether the results' URLs are a list, one URL, the members of an object, or in a list of objects."""
    member: str = ""
    """The member of each object in a list of results that is its URL."""
    stored: float = 0
    """How long after the task a link can be renewed."""


class Workflow(NamedTuple):
    """The operations that create and read a task, and the place of its parts in a reply."""

    creates: tuple[str, ...]
    poll: str
    poll_argument: str
    created_id: Pointer
    outputs: dict[str, Output]
    wait: Wait


class Retry(NamedTuple):
    """How requests are retried."""

    attempts: int
    base: float
    cap: float
    retry_after_cap: float
    refused_base: float


class RateLimit(NamedTuple):
    """A limit for the calls of some operations."""

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
    """The limit for the whole request, from the connection to the last byte of the response."""


class Signature(NamedTuple):
    """How a callback is signed."""

    text: str
    signature_header: str
    timestamp_header: str
    tolerance: float
    task_ids: tuple[Pointer, ...]


class Delivery(NamedTuple):
    """How a callback is delivered: the place of its URL in a submission, and how often it is retried."""

    url: Pointer
    timeout: float
    retries: int
    pause: float
    wraps: bool = True
    """Whether its body has the record in the envelope's `data`."""


class Contract(NamedTuple):
    """Everything that the runtime knows about the API."""

    version: str
    key_variable: str
    variable_prefix: str
    """What the names of the package's environment variables begin with."""
    servers: tuple[Server, ...]
    operations: dict[str, Operation]
    models: Mapping[str, Model]
    codes: dict[int, Code]
    envelope: Envelope
    workflow: Workflow
    callback: Schema
    """The body of a callback."""
    signature: Signature | None
    """None if callbacks are not signed."""
    delivery: Delivery | None
    """None if there are no callbacks."""
    canned_replies: dict[str, CannedReply]
    retry: Retry
    rate_limits: tuple[RateLimit, ...]
    timeouts: Timeouts
    media: Media
    credit_price: tuple[float, str] | None
    """What a credit costs, and the currency; None if prices are not declared."""
    key_header: tuple[str, str] = ("Authorization", "Bearer ")
    """The header of the API key, and the text before the key in it."""

    def data_member(self, message: Operation | Delivery) -> str:
        """Return the member of a reply or a callback that has the data; empty if all of it is the data."""
        return self.envelope.data if message.wraps else ""

    @property
    def callback_url(self) -> Pointer | None:
        """The place of the callback URL in a submission; None if there are no callbacks."""
        return self.delivery and self.delivery.url
