"""Lists the labels, headings and sentence patterns of Chinese and English pages.

This module is data only. To support new wording, add an entry here and leave the readers alone.
"""

import re
from typing import Literal

# A bold label or a column header, in lower case → the key of the statement.
LABELS: dict[str, str] = {
    **dict.fromkeys(("类型", "数据类型", "字段类型", "type", "data type"), "type"),
    **dict.fromkeys(("必需", "必填", "是否必需", "是否必填", "必须", "required", "mandatory"), "required"),
    **dict.fromkeys(("可选", "optional"), "optional"),
    **dict.fromkeys(("默认值", "默认", "缺省值", "default", "default value"), "default"),
    **dict.fromkeys(
        (
            "可用选项",
            "可选值",
            "可选项",
            "选项",
            "枚举值",
            "取值",
            "可用选项及含义",
            "options",
            "available options",
            "available values",
            "allowed values",
            "possible values",
            "enum",
            "values",
            "options and meanings",
            "available options and meanings",
        ),
        "option",
    ),
    **dict.fromkeys(("示例", "示例值", "例子", "example", "example value", "examples"), "example"),
    **dict.fromkeys(("最大长度", "最长", "max length", "maximum length", "maxlength"), "maxLength"),
    **dict.fromkeys(("最小长度", "最短", "min length", "minimum length", "minlength"), "minLength"),
    **dict.fromkeys(("最小值", "min", "minimum", "minimum value", "min value"), "minimum"),
    **dict.fromkeys(("最大值", "max", "maximum", "maximum value", "max value"), "maximum"),
    **dict.fromkeys(("范围", "取值范围", "必填范围", "range", "required range", "value range"), "range"),
    **dict.fromkeys(("步长", "step", "multiple of"), "multipleOf"),
    **dict.fromkeys(
        ("最大数组长度", "最大数量", "最大项数", "max items", "maximum items", "maximum array length"),
        "maxItems",
    ),
    **dict.fromkeys(
        ("最小数组长度", "最小数量", "最小项数", "min items", "minimum items", "minimum array length"),
        "minItems",
    ),
    **dict.fromkeys(("格式", "format"), "format"),
    **dict.fromkeys(("描述", "说明", "含义", "备注", "description", "notes", "meaning"), "description"),
    **dict.fromkeys(("位置", "参数位置", "location", "in"), "in"),
    **dict.fromkeys(
        ("最大文件大小", "最大大小", "文件大小上限", "max file size", "max size", "maximum file size"),
        "maxBytes",
    ),
    **dict.fromkeys(
        (
            "支持的类型",
            "支持类型",
            "支持的格式",
            "支持格式",
            "文件类型",
            "accepted file types",
            "accepted types",
            "supported types",
            "supported formats",
        ),
        "mediaTypes",
    ),
    **dict.fromkeys(
        ("端点", "请求端点", "接口", "接口地址", "请求地址", "api 端点", "endpoint", "url", "api endpoint"),
        "endpoint",
    ),
    **dict.fromkeys(("get", "post", "put", "patch", "delete"), "method"),
    **dict.fromkeys(("模型", "模型名称", "模型 id", "model id", "model name"), "model"),
    **dict.fromkeys(("curl", "curl 示例", "curl example", "content-type"), "sample"),
}

# Headers of the column that contains the field names of a table.
NAME_COLUMNS = {
    *("参数", "参数名", "参数名称", "字段", "字段名", "名称", "parameter", "field", "name", "property"),
    *("param", "key", "parameters", "attribute"),
}
CODE_COLUMNS = {"状态码", "错误码", "响应码", "代码", "code", "status code", "error code", "status"}

# A heading, without numbering and parentheses → the part of the call that it opens.
SECTIONS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r".*(示例|\bexamples?$|\busage\b)", re.I), "sample"),
    (re.compile(r"(请求头|授权|认证|鉴权|身份验证)"), "header"),
    (re.compile(r"(authorizations?|authentication|headers?|request headers?)$", re.I), "header"),
    (re.compile(r"(响应|返回|回应)"), "response"),
    (re.compile(r"(successful )?responses?\b", re.I), "response"),
    (re.compile(r"(错误码|状态码|响应码)"), "codes"),
    (re.compile(r"(error|status|response) codes?$", re.I), "codes"),
    (re.compile(r"(请求体|请求参数|请求(?!成功|失败)|参数|输入参数|body)", re.I), "request"),
    (re.compile(r"(request|input|body|parameters)\b", re.I), "request"),
)
# One-word headings that open a section although they could be field names.
SECTION_WORDS = {
    *("body", "request", "response", "responses", "authorizations", "authentication", "headers"),
    *("success", "failure", "error", "notes", "note", "important", "warning", "tip"),
    *("parameters", "overview", "example", "examples", "errors", "callback", "callbacks"),
}
# A heading that names the object whose members follow: `input properties`.
MEMBERS = re.compile(
    r"`?(?P<name>[A-Za-z_]\w*)`?\s*(?:object\b|对象|的?属性|的?字段|参数|parameters\b|properties\b|fields\b)",
    re.I,
)
OBJECTS: dict[str, Literal["request", "response"]] = {"input": "request", "data": "response"}

YES = {"是", "yes", "true", "必填", "必需", "必须", "required", "y", "✓", "✅", "✔"}
NO = {"否", "no", "false", "可选", "非必填", "选填", "optional", "n", "✗", "❌", "✘"}
NOTHING = {"", "-", "–", "—", "无", "none", "n/a", "null"}

TYPES = {
    **{name: name for name in ("string", "integer", "number", "boolean", "array", "object")},
    "int": "integer",
    "float": "number",
    "double": "number",
    "bool": "boolean",
    "str": "string",
    "int32": "integer",
    "int64": "integer",
    "list": "array",
    "text": "string",
    "json": "object",
    "字符串": "string",
    "整数": "integer",
    "数字": "number",
    "布尔": "boolean",
    "布尔值": "boolean",
    "数组": "array",
    "对象": "object",
}
FORMATS = {"uri": "uri", "url": "uri", "date-time": "date-time", "email": "email", "binary": "binary"}

MEDIA_TYPES = {
    **dict.fromkeys(("jpeg", "jpg", "image/jpg"), "image/jpeg"),
    **{name: f"image/{name}" for name in ("png", "webp", "gif", "bmp", "tiff", "heic")},
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
}

_SIZE = r"(?P<value>\d+(?:\.\d+)?\s*[KMG]i?B)"
_COUNT = r"(?P<value>\d{1,3}(?: \d{3})+(?!\d)|\d[\d,]*)"
_NUMBER = r"(?P<value>-?\d+(?:\.\d+)?)"
_TO = r"\s*(?:-|–|—|~|～|至|到|to|and)\s*"
_WORD = r"(?P<value>[A-Za-z_]\w*)"
_OPTION = r"[\"']?[\w.:-]*\w[\"']?"
_OPTIONS = rf"(?P<value>{_OPTION}(?:\s*(?:[、,，/|]\s*(?:or|或)?|\bor\b|或)\s*{_OPTION})+)"
_IS = r"\s*(?:is|of|为|是)?\s*[:：]?\s*"

# Patterns for the facts in a sentence. Of several patterns with one key, the first match is used.
RULES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (key, re.compile(pattern, re.I | re.ASCII))
    for key, pattern in (
        ("maxTotalBytes", rf"总(?:文件)?大小\D{{0,8}}{_SIZE}"),
        ("maxTotalBytes", rf"total (?:file )?size\D{{0,20}}{_SIZE}"),
        ("maxBytes", rf"(?:最大文件大小|最大大小|最大|文件大小\D{{0,6}}){_IS}{_SIZE}"),
        ("maxBytes", rf"max(?:imum)?\.?\s*(?:file\s*)?(?:size)?{_IS}{_SIZE}"),
        ("maxBytes", rf"(?:up to|at most|no (?:more|larger) than|not exceed(?:ing)?)\s+{_SIZE}"),
        ("maxBytes", rf"(?:不超过|小于|上限){_IS}{_SIZE}"),
        ("maxLength", rf"(?:最大长度|最长|长度不超过|不超过|最多){_IS}{_COUNT}\s*个?字符"),
        ("maxLength", rf"最大长度{_IS}{_COUNT}"),
        ("maxLength", rf"max(?:imum)?\s*length{_IS}{_COUNT}"),
        (
            "maxLength",
            rf"(?:up to|at most|no more than|not exceed|max(?:imum)?(?: of)?)\s+{_COUNT}\s*char",
        ),
        ("minLength", rf"(?:最小长度|最短|至少){_IS}{_COUNT}\s*个?字符"),
        ("minLength", rf"min(?:imum)?\s*length{_IS}{_COUNT}"),
        ("minLength", rf"at least\s+{_COUNT}\s*char"),
        ("range", rf"(?:取值)?范围{_IS}(?P<value>-?[\d.]+{_TO}-?[\d.]+)"),
        ("range", rf"(?:range{_IS}|between\s+)(?P<value>-?[\d.]+{_TO}-?\d+(?:\.\d+)?)"),
        ("range", r"(?P<value>-?[\d.]+\s*(?:<=|≤)\s*\w+\s*(?:<=|≤)\s*-?[\d.]+)"),
        ("minimum", rf"最小值{_IS}{_NUMBER}"),
        ("minimum", rf"\bmin(?:imum)?(?: value)?\s*(?:is|of|:)\s*{_NUMBER}(?!\s*(?:[KMG]i?B|char|\d))"),
        ("maximum", rf"最大值{_IS}{_NUMBER}"),
        (
            "maximum",
            rf"\bmax(?:imum)?(?: value)?\s*(?:is|of|:)\s*{_NUMBER}(?!\s*(?:[KMG]i?B|char|\d|image|file))",
        ),
        ("multipleOf", rf"(?:步长|\bstep){_IS}{_NUMBER}"),
        ("default", r"默认(?:值)?(?:为|是|[:：])\s*[:：]?\s*(?P<value>\"[^\"]*\"|[\w./:-]*\w)"),
        (
            "default",
            r"\bdefault(?:s to|(?: value)?(?: is|:|\s*=))\s*(?P<value>\"[^\"]*\"|[\w./:-]*\w)",
        ),
        ("option", rf"(?:可选值|可用选项|可选项|枚举值){_IS}(?:包括)?\s*{_OPTIONS}"),
        ("option", rf"\b(?:one of|options are|options:|allowed values:?)\s*:?\s*{_OPTIONS}"),
        ("used", r"(?:仅|只)(?:支持|使用|会?使用)\s*(?P<value>\d+)\s*(?:张|个|幅)"),
        ("used", r"only\s+(?P<value>\d+|one)\s+[\w ]{1,20}?(?:is|are)\s+(?:supported|used)"),
        ("maxItems", r"最多(?:支持)?(?:传入|上传|使用)?\s*(?P<value>\d+)\s*(?:张|个|幅)(?!字符)"),
        (
            "maxItems",
            r"(?:up to|at most|max(?:imum)?(?: of)?)\s+(?P<value>\d+)\s+(?:\w+\s+)?(?:image|file|item|url)",
        ),
        ("excludes", rf"(?:不可|不能|不得|无法)[与和]\s*{_WORD}\s*(?:参数|字段)?\s*(?:同时|一起|并)"),
        ("excludes", rf"can(?:not|'t| not) be (?:used|combined)(?: together)? with\s+{_WORD}"),
        ("excludes", rf"mutually exclusive with\s+{_WORD}"),
        ("sameSizeAs", r"(?:尺寸|分辨率|大小)\s*(?:需|须|必须|应|要)?与(?P<value>.+?)(?:匹配|一致|相同)"),
        ("sameSizeAs", r"与(?P<value>[^，。；]+?)的?(?:尺寸|分辨率|大小)(?:匹配|一致|相同)"),
        ("sameSizeAs", r"match the (?:dimensions|size) of (?:the )?(?P<value>.+)"),
        ("sameSizeAs", r"same (?:dimensions|size) as (?:the )?(?P<value>.+)"),
        ("required", r"(?P<value>必填|必需)(?:字段|参数|项)"),
        ("required", r"(?P<value>可选)(?:配置|字段|参数|项)"),
        ("required", r"(?P<value>required|optional) (?:field|parameter|configuration)"),
        ("required", r"(?:field|parameter) is (?P<value>required|optional)\b"),
        ("model", r"必须使用\s*(?P<value>\S+)\s*模型"),
        ("model", r"(?:基于|使用)\s*(?P<value>[\w.-]+/[\w./-]+)\s*模型"),
        ("model", r"\buse the (?P<value>[\w.-]+/[\w./-]*\w|\S+-\S+) model"),
        ("model", r"\bmust (?:be|use)\s+(?P<value>[\w.-]+/[\w./-]*\w)"),
        ("model", r"model name, format: (?P<value>\S+)"),
    )
)
# Labels that pages also write at the start of a line without bold.
PLAIN_LABELS = {"type", "required", "option", "example"}
# Marks a sentence about accepted files, whose media types are then read.
FILE_TYPES = re.compile(
    r"支持[^。；]{0,40}(?:类型|格式)|格式\s*[需须应:：]|接受的[^。；]{0,4}类型|\bformats?\s*:|accepted|supported"
    r"|should be in|file types?\b",
    re.I,
)
MEDIA_TYPE = re.compile(
    r"\b(?:(?:image|video|audio)/[\w.+-]+|" + "|".join(MEDIA_TYPES) + r")\b", re.I | re.ASCII
)
# Marks a sentence that is true in some requests only: `当 a 为 b 时`, `a=b 时`, `when a is b`.
CONDITION = re.compile(
    r"当[^，。；]{1,40}时|\w\s*=\s*\w+`?\s*时|\b(?:when|if)\s+`?\w+`?\s*(?:is|=|equals)\s", re.I
)
SENTENCE_END = re.compile(r"(?<=[。！？；])|(?<=[.!?;])\s+")
OPTION = re.compile(_OPTION, re.ASCII)
MASK = re.compile(r"蒙版|mask", re.I)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]")
