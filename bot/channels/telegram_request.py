"""Python-telegram-bot's HTTP, carried by one shared aiohttp session at several times the speed of its own client."""

from collections.abc import AsyncIterator
from errno import errorcode
from io import BytesIO
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import orjson
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

Wait = object  # A timeout as python-telegram-bot passes it: seconds, None (for ever) or DEFAULT_NONE (ours).

MEBIBYTE: Final = 1 << 20
PIECE: Final = 1 << 16  # of a download
LARGEST_UPLOAD: Final = 50 * MEBIBYTE  # what Telegram takes from a bot
KEEP_ALIVE: Final = 15.0  # Seconds, less than servers wait: one that closes as we write leaves us guessing.

FAILURES: Final = (aiohttp.ClientError, OSError, TimeoutError, ValueError)
BEFORE_SENDING: Final = (
    aiohttp.ClientConnectorError,  # refused, unreachable, name unknown, TLS failed, proxy down
    aiohttp.ClientConnectorCertificateError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,  # no answer to our knocking, or no connection free in time
    aiohttp.InvalidURL,
)


class NotSent(NetworkError):
    """Nothing left this machine, so trying again cannot make anything arrive twice."""


class AiohttpRequest(BaseRequest):
    """One object serves a Bot as both `request` and `get_updates_request`; a long poll takes one of its connections."""

    def __init__(
        self,
        connection_limit: int = 256,
        *,
        read_timeout: float | None = 5.0,
        write_timeout: float | None = 5.0,
        connect_timeout: float | None = 5.0,
        pool_timeout: float | None = 1.0,
        media_write_timeout: float | None = 20.0,  # for each MiB begun
        trust_env: bool = False,  # HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY are obeyed
    ) -> None:
        self._connection_limit = connection_limit
        self._read, self._write = read_timeout, write_timeout
        self._connect, self._pool = connect_timeout, pool_timeout
        self._media_write = media_write_timeout
        self._trust_env = trust_env
        self._proxies: dict[str, str | None] = {}
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float | None:
        return self._read

    async def initialize(self) -> None:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connection_limit, keepalive_timeout=KEEP_ALIVE),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
            )

    async def shutdown(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Wait = BaseRequest.DEFAULT_NONE,
        write_timeout: Wait = BaseRequest.DEFAULT_NONE,
        connect_timeout: Wait = BaseRequest.DEFAULT_NONE,
        pool_timeout: Wait = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        if self._session is None:
            raise NotSent("The connection to Telegram is closed.")
        body, upload = _body(request_data)
        timeout = _timeout(
            read=_seconds(read_timeout, self._read),
            write=_seconds(write_timeout, _for_size(self._media_write, upload) if upload else self._write),
            connect=_seconds(connect_timeout, self._connect),
            pool=_seconds(pool_timeout, self._pool),
            whole=method == "POST",
        )
        try:
            return await self._exchange(self._session, method, url, timeout=timeout, **body)
        except FAILURES as error:
            failure = _failure(error, url)
        # Raised out here so that the original, whose text may hold the address with the token, is not chained to it.
        raise failure

    async def _exchange(
        self, session: aiohttp.ClientSession, method: str, url: str, **options: Any
    ) -> tuple[int, bytes]:
        # Telegram never redirects; whoever does would be told our token.
        proxy = self._proxy(url) if self._trust_env else None
        async with session.request(method, url, allow_redirects=False, proxy=proxy, **options) as response:
            payload = await response.read()
        return response.status, payload if response.status < 300 else _without_token(payload, url)

    async def stream(self, url: str) -> AsyncIterator[bytes]:
        """Download a file, piece by piece; `shelf.put` stops asking when it is too large."""
        if self._session is None:
            raise NotSent("The connection to Telegram is closed.")
        timeout = aiohttp.ClientTimeout(total=None, connect=_sum(self._pool, self._connect), sock_read=self._read)
        proxy = self._proxy(url) if self._trust_env else None
        failure: NetworkError | None = None
        try:
            async with self._session.get(url, allow_redirects=False, proxy=proxy, timeout=timeout) as response:
                if response.status != 200:
                    raise NetworkError(f"The file was answered with {response.status}")
                async for piece in response.content.iter_chunked(PIECE):
                    yield piece
        except FAILURES as error:
            failure = _failure(error, url)
        if failure:  # Raised out here for the same reason as above.
            raise failure

    def _proxy(self, url: str) -> str | None:
        # aiohttp's own trust_env asks a thread twice in every request; the environment does not change that often.
        parts = urlsplit(url)
        if parts.netloc not in self._proxies:
            known = {} if proxy_bypass(parts.hostname or "") else getproxies()
            self._proxies[parts.netloc] = known.get(parts.scheme) or known.get("all")
        return self._proxies[parts.netloc]

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """Return the decoded answer; what is not JSON came from something in between, so nothing is known."""
        try:
            return orjson.loads(payload)
        except orjson.JSONDecodeError:
            pass
        try:
            return orjson.loads(payload.decode("utf-8", "replace"))
        except orjson.JSONDecodeError:
            raise NetworkError("The answer is not JSON") from None


def _body(data: RequestData | None) -> tuple[dict[str, Any], int]:
    """Return what to hand to aiohttp and the number of bytes in files, 0 without any."""
    if data is None:
        return {}, 0
    if data.contains_files:
        return _form(data)
    return {"data": _json(data), "headers": {"Content-Type": "application/json"}}, 0


def _json(data: RequestData) -> bytes:
    try:
        return orjson.dumps(data.parameters)
    except TypeError:  # Half a surrogate pair, which the standard library writes as an escape.
        return data.json_payload


def _form(data: RequestData) -> tuple[dict[str, Any], int]:
    # Names are not quoted: Telegram would show the people "%D0%BF…" instead of a Cyrillic file name.
    form, size = aiohttp.FormData(quote_fields=False, default_to_multipart=True), 0
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in data.multipart_data.items():
        source = BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, source, filename=_printable(filename), content_type=mime)
        size += len(content) if isinstance(content, bytes) else LARGEST_UPLOAD
    return {"data": form}, max(size, 1)


def _printable(filename: str) -> str:
    return "".join(letter for letter in filename if letter.isprintable()) or "file"


def _seconds(given: Wait, default: float | None) -> float | None:
    if given is BaseRequest.DEFAULT_NONE:
        return default
    return float(given) if isinstance(given, int | float) else None


def _for_size(seconds: float | None, size: int) -> float | None:
    return None if seconds is None else seconds * -(-size // MEBIBYTE)


def _timeout(
    *, read: float | None, write: float | None, connect: float | None, pool: float | None, whole: bool
) -> aiohttp.ClientTimeout:
    """Translate the four patiences; aiohttp has none for writing, so a POST (its answer is short) has one for all."""
    return aiohttp.ClientTimeout(
        total=_sum(pool, connect, write, read) if whole else None,
        connect=_sum(pool, connect),
        sock_connect=connect,
        sock_read=read,
    )


def _sum(*seconds: float | None) -> float | None:
    known = [each for each in seconds if each is not None]
    return sum(known) if len(known) == len(seconds) else None


def _failure(error: BaseException, url: str) -> NetworkError:
    number = getattr(error, "errno", None)
    reason = f" {errorcode[number]}" if isinstance(number, int) and number in errorcode else ""
    text = f"{type(error).__name__}{reason} at {urlsplit(url).hostname}"
    if isinstance(error, BEFORE_SENDING):
        return NotSent(text)
    return TimedOut(text) if isinstance(error, TimeoutError) else NetworkError(text)


def _without_token(payload: bytes, url: str) -> bytes:
    """Blank the token in an error page (a proxy's repeats the address), since its text becomes an exception's."""
    path = urlsplit(url).path
    token = next((part[3:] for part in path.split("/") if part.startswith("bot")), "")
    return payload.replace(token.encode(), b"***") if token else payload
