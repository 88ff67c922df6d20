"""What hostile people send, by the class that it belongs to. ``MARK`` is in each, so that it can be found again."""

from __future__ import annotations

import math
import unicodedata
from itertools import product

MARK = "zq7x"
HARMLESS = f"{MARK} harbour"

# Injection into SQL: how a text is left, and what is done outside of it
_WAYS_OUT = ("'", '"', "')", "'))", "`", "", "%'", "\\'", "']", "\u02bc", "%27", "$$", "'/**/", '")')
_OUTSIDE = (
    f" OR '{MARK}'='{MARK}",
    f" OR 1=1 --{MARK}",
    f"; DROP TABLE {MARK}; --",
    f" UNION SELECT '{MARK}' --",
    f" AND 1=(SELECT 1 FROM pg_sleep(5)) --{MARK}",
    f" AND randomblob(1000000000) --{MARK}",
    f" || (SELECT '{MARK}' FROM people) || '",
    f" ORDER BY 99 --{MARK}",
    f"; SELECT pg_sleep(5)--{MARK}",
    f"/*{MARK}*/AND/**/1=1",
)
_ORDERS = (
    f"name; DROP TABLE {MARK}",
    f"name,(SELECT '{MARK}')",
    f"(CASE WHEN 1=1 THEN {MARK} ELSE name END)",
    f"{MARK} DESC",
    f"-{MARK}",
    f"1,{MARK}",
    f"name COLLATE {MARK}",
    f"name LIMIT 1 OFFSET 1 --{MARK}",
    f"random() --{MARK}",
    f"$.{MARK}",
    f"$[*] ? (@ == '{MARK}')",
    f"{MARK}->>'x'",
    f"%{MARK}%",
    f"_{MARK}_",
    f"[a-z]{MARK}",
    f"{MARK}\\",
    f"{MARK}%' ESCAPE '\\",
    f":{MARK}",
    f"%({MARK})s",
    f"?{MARK}",
    f"{{{MARK}}}",
    f"{MARK}\x00' OR 1=1",
    f"{MARK}'||'",
    f"0x{MARK.encode().hex()} {MARK}",
    f"CHAR(39) {MARK}",
    f"E'\\x27 {MARK}",
)
SQL = tuple(out + rest for out, rest in product(_WAYS_OUT, _OUTSIDE)) + _ORDERS

# Markup: what a page must show as text, whatever it stands in
_ELEMENTS = (
    "<script>{0}</script>",
    "<img src=x onerror={0}>",
    "<svg onload={0}>",
    "<svg><script>{0}</script></svg>",
    "<iframe src=javascript:{0}></iframe>",
    "<a href=javascript:{0}>x</a>",
    "<math><mtext></mtext><{0}></math>",
    "<body onload={0}>",
    "<style>@import '{0}'</style>",
    "<link rel=stylesheet href=//{0}>",
    "<base href=//{0}>",
    "<meta http-equiv=refresh content='0;url=//{0}'>",
    "<form action=//{0}><input name=x>",
    "<object data={0}>",
    "<embed src={0}>",
    "<template><{0}></template>",
    "<details open ontoggle={0}>",
    "<video><source onerror={0}>",
    "<input autofocus onfocus={0}>",
    "<button formaction=javascript:{0}>x</button>",
    "<{0}>",
    "<!--{0}",
    "<![CDATA[{0}]]>",
    "<noscript><p title='</noscript><img src=x onerror={0}>'>",
    "<table background=javascript:{0}>",
)
_BREAKS = ("", '">', "'>", "</textarea>", "</title>", "</option></select>", "--></script>")
_ATTRIBUTES = (
    '" onmouseover="{0}',
    "' onmouseover='{0}",
    " onmouseover={0} ",
    '" style="x:{0}',
    '" autofocus onfocus="{0}',
    "` onmouseover=`{0}",
    '"/{0}="',
    "x onclick={0}//",
    '" hx-get="//{0}',
    '" data-{0}="',
)
_ADDRESSES = (
    "javascript:{0}",
    "JaVaScRiPt:{0}",
    " javascript:{0}",
    "java\tscript:{0}",
    "data:text/html,{0}",
    "vbscript:{0}",
    "//{0}.example",
    "https://{0}.example",
    "\\\\{0}.example",
    "javascript&colon;{0}",
    "&#106;avascript:{0}",
)
_TEMPLATES = (
    "{{{{ '{0}' }}}}",
    "{{% raw %}}{0}",
    "{{{{ config }}}}{0}",
    "${{{0}}}",
    "#{{{0}}}",
    "%({0})s",
    "{{0}}{0}",
    "[x](javascript:{0})",
    "![x](//{0})",
    "**{0}**",
    "&lt;script&gt;{0}",
    "&{0};",
    "%3Cscript%3E{0}",
    "\\u003cscript\\u003e{0}",
    "＜script＞{0}",
)
MARKUP = tuple(
    text.format(MARK)
    for text in (
        *(broken + element for broken, element in product(_BREAKS, _ELEMENTS)),
        *_ATTRIBUTES,
        *_ADDRESSES,
        *_TEMPLATES,
    )
)


# Text that two databases may read differently, or that looks like other text
def _texts() -> tuple[str, ...]:
    controls = [f"a{chr(code)}{MARK}" for code in (*range(0x20), *range(0x7F, 0xA0))]
    hidden = [
        0xAD,
        0x34F,
        0x61C,
        0x115F,
        0x1160,
        0x17B4,
        0x180E,
        *range(0x200B, 0x2010),
        *range(0x2028, 0x202F),
        *range(0x2060, 0x2070),
        0x3164,
        0xFE0F,
        0xFEFF,
        0xFFA0,
        *range(0xFFF9, 0xFFFC),
        0xE0001,
        0xE0041,
    ]
    halves = ["\ud800", "\udbff", "\udc00", "\udfff", "\ud800\ud800", "\udc00\ud800", f"{MARK}\ud83d", "\udca9a"]
    nothing = [0xFFFE, 0xFFFF, 0x1FFFE, 0x10FFFF, 0xFDD0, 0xE000, 0xF8FF, 0xFFFD]
    pictures = [
        "\U0001f600",
        "\U0001f469\u200d\U0001f469\u200d\U0001f467",
        "\U0001f1e9\U0001f1ea",
        "1\ufe0f\u20e3",
        "\U0001f44d\U0001f3ff",
        "\U0001d518\U0001d52b",
        "\U00020000",
        "\U0001f9d1\u200d\U0001f4bb",
    ]
    floods = [mark * n for mark in ("\u0301", "\u0489", "\u20dd", "\u0f72") for n in (1, 50, 900)]
    twins = [
        form
        for word in ("Zoë", "Å", "ﬁ", "가", "ά", "Ǆ", "ñ", "ｱ")
        for form in {unicodedata.normalize(kind, word) for kind in ("NFC", "NFD", "NFKC", "NFKD")}
    ]
    looks = [
        "аdmin",
        "pаypаl",
        "Ѕam",
        "Sаm Field",
        "ⅼead",
        "ıstanbul",
        "İSTANBUL",
        "ſ",
        "ß",
        "ẞ",
        "K",
        "Ω",
        "ﷺ",
        "\u0130i",
    ]
    right = ["\u05d0\u05d1\u05d2", "\u0645\u0631\u062d\u0628\u0627", "\u202egnp.exe", "\u2067abc\u2069", "abc\u200f!"]
    spaces = [" ", "\u00a0", "\u2003", "\u3000", " a ", "\u00a0a\u00a0", "\u3000a", "\u1680", "\u2800"]
    long = ["a" * n for n in (61, 101, 201, 256, 4_001, 10_001)] + ["\u4e00" * 4_000, "\U0001f600" * 2_000, "é" * 3_999]
    words = [
        "NULL",
        "null",
        "None",
        "undefined",
        "true",
        "NaN",
        "0",
        "-1",
        "1e400",
        "''",
        "\\",
        "\\x00",
        "%00",
        "\\u0000",
    ]
    hidden_texts = [f"a{chr(code)}{MARK}" for code in (*hidden, *nothing)]
    return tuple(
        dict.fromkeys(
            (
                *controls,
                *hidden_texts,
                *halves,
                *pictures,
                *(f"a{flood}" for flood in floods),
                *twins,
                *looks,
                *right,
                *spaces,
                *long,
                *words,
                "",
            )
        )
    )


TEXTS = _texts()

# Numbers that are none, or that no field of ours holds
JSON_NUMBERS = (
    math.nan,
    math.inf,
    -math.inf,
    10**400,
    2**63,
    -(2**63) - 1,
    1e308,
    -1e308,
    5e-324,
    True,
    False,
    [],
    [1],
    {},
    {"a": 1},
    "",
    " ",
    "1",
    "\u0661\u0662",
    "NaN",
    "1e400",
    "0x10",
    1.5e300,
    -0.0,
    10**30,
)
WRITTEN_NUMBERS = (
    "NaN",
    "nan",
    "Infinity",
    "-Infinity",
    "inf",
    "1e400",
    "-1e400",
    str(2**63),
    str(-(2**63) - 1),
    str(2**31),
    "9" * 400,
    "\u0661\u0662",
    "\u00b2",
    "\u2167",
    "1_000",
    "0x10",
    "1e5",
    "+-1",
    "--1",
    "1.2.3",
    "1,2,3",
    "true",
    "null",
    "[]",
    "1\x00",
    "1 2",
    "٫5",
    "-0",
    "1e-400",
    "½",
)

# Places outside, as somebody would write them who wants to be led there
_ELSEWHERE = "elsewhere.example"
REDIRECTS = (
    f"//{_ELSEWHERE}",
    f"///{_ELSEWHERE}",
    f"////{_ELSEWHERE}",
    f"\\\\{_ELSEWHERE}",
    f"/\\{_ELSEWHERE}",
    f"\\/{_ELSEWHERE}",
    f"https://{_ELSEWHERE}",
    f"HTTPS://{_ELSEWHERE}",
    f"https:{_ELSEWHERE}",
    f"https:/{_ELSEWHERE}",
    f"http:///{_ELSEWHERE}",
    f"https://localhost@{_ELSEWHERE}",
    f"https://localhost:pw@{_ELSEWHERE}",
    f"//localhost@{_ELSEWHERE}",
    f"/%09/{_ELSEWHERE}",
    f"/\t/{_ELSEWHERE}",
    f"\t//{_ELSEWHERE}",
    f"/\n/{_ELSEWHERE}",
    f"/\r/{_ELSEWHERE}",
    f"%2f%2f{_ELSEWHERE}",
    f"/%2f{_ELSEWHERE}",
    f"/%5c{_ELSEWHERE}",
    f"/%5c%5c{_ELSEWHERE}",
    f"%5c%5c{_ELSEWHERE}",
    f" //{_ELSEWHERE}",
    f"\u00a0//{_ELSEWHERE}",
    f"/\u200b/{_ELSEWHERE}",
    f"//{_ELSEWHERE}%2f..",
    f"/.//{_ELSEWHERE}",
    f"/..//{_ELSEWHERE}",
    f"/home/..//{_ELSEWHERE}",
    f"/%2e//{_ELSEWHERE}",
    f"//{_ELSEWHERE}/%2e%2e",
    f"javascript:location='//{_ELSEWHERE}'",
    f"JAVASCRIPT://{_ELSEWHERE}",
    "javascript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "//els\u0435where.example",
    "//xn--elswhere-6fg.example",
    f"//{_ELSEWHERE}。",
    f"/／{_ELSEWHERE}",
    f"／／{_ELSEWHERE}",
    f"//[::1]@{_ELSEWHERE}",
    f"//0x7f000001@{_ELSEWHERE}",
    "//2130706433",
    f"?next=//{_ELSEWHERE}",
    f"#//{_ELSEWHERE}",
    f"@{_ELSEWHERE}",
    f":{_ELSEWHERE}",
    f".{_ELSEWHERE}",
    f"/\\\t/{_ELSEWHERE}",
    f"/%0d%0aLocation:%20//{_ELSEWHERE}",
    f"/\r\nLocation: //{_ELSEWHERE}",
    f"//{_ELSEWHERE}\x00",
    f"\x00//{_ELSEWHERE}",
    "//",
    "/\\",
    f"http:\\\\{_ELSEWHERE}",
    f"https:\t//{_ELSEWHERE}",
    f"%68ttps://{_ELSEWHERE}",
    f"/%252f{_ELSEWHERE}",
)
