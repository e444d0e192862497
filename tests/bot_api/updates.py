"""The queue of updates, fetched by `getUpdates` or pushed to a webhook as Telegram's server does both."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from itertools import islice
from typing import Any

import aiohttp

from .bell import Bell
from .refusals import conflict

NOT_BY_DEFAULT = frozenset(("chat_member", "message_reaction", "message_reaction_count"))
Update = dict[str, Any]


def queue_of(update: Update) -> tuple[str, int]:
    """Name the webhook queue: messages go by chat, presses by user, so the two may overtake each other."""
    kind, payload = next((key, value) for key, value in update.items() if key != "update_id")
    if kind == "callback_query":
        return "press", payload["from"]["id"]
    return ("message" if "message" in kind else kind), payload["chat"]["id"]


class Updates:
    def __init__(self, bell: Bell, call: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        self.bell = bell
        self.last_id = 700_000_000  # Telegram starts anywhere.
        self.pending: dict[int, Update] = {}
        self.history: deque[Update] = deque(maxlen=1000)
        self.webhook: dict[str, Any] = {}
        self.allowed: list[str] = []
        self.behind_proxy: dict[str, str] = {}  # https address of a webhook -> where it really listens
        self.back_off: Callable[[int], float] = lambda attempt: 0.0 if attempt == 1 else 0.02
        self.patience = 60.0  # seconds for the webhook to answer
        self.deliveries: list[tuple[int, int]] = []  # update_id and HTTP status, 0 for none
        self._call = call  # carries out a method given in the answer of the webhook
        self._poll = 0
        self._queues: dict[tuple[str, int], deque[Update]] = defaultdict(deque)
        self._queued: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(40)
        self._session: aiohttp.ClientSession | None = None
        self.loop: asyncio.AbstractEventLoop | None = None  # people may act outside of coroutines, in fixtures

    def put(self, kind: str, payload: dict[str, Any]) -> int | None:
        """Queue an update and return its id; None if the bot did not want to hear of such things."""
        if not (kind in self.allowed if self.allowed else kind not in NOT_BY_DEFAULT):
            return None
        self.last_id += 1
        update = {"update_id": self.last_id, kind: payload}
        self.history.append(update)
        self._offer(update)
        return self.last_id

    def repeat(self, update_id: int | None = None) -> None:
        """Deliver an update (the last one) once more, as happens when an acknowledgement is lost on the way."""
        wanted = self.last_id if update_id is None else update_id
        self._offer(next(update for update in self.history if update["update_id"] == wanted))

    def _offer(self, update: Update) -> None:
        self.pending = {update["update_id"]: update, **self.pending} if self._is_old(update) else self.pending
        self.pending[update["update_id"]] = update
        if self.webhook:
            self._push(update)
        self.bell.ring()

    def _is_old(self, update: Update) -> bool:
        return bool(self.pending) and update["update_id"] < next(iter(self.pending))

    # Polling

    async def get(self, offset: int = 0, limit: int = 100, timeout: float = 0, allowed: Any = None) -> list[Update]:
        if self.webhook:
            conflict(
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            )
        self._poll += 1
        mine = self._poll
        self.bell.ring()  # ends another poll that is waiting
        if allowed is not None:
            self.allowed = allowed
        self._confirm(offset)
        await self.bell.until(lambda: self.pending or mine != self._poll or self.webhook, min(max(timeout, 0), 50))
        if mine != self._poll:
            conflict("terminated by other getUpdates request; make sure that only one bot instance is running")
        if self.webhook:
            conflict("terminated by setWebhook request")
        return list(islice(self.pending.values(), limit if 1 <= limit <= 100 else 100))

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            self._forget(max(len(self.pending) + offset, 0))
        while offset > 0 and self.pending and next(iter(self.pending)) < offset:
            self._forget(1)
        self.bell.ring()

    def _forget(self, count: int) -> None:
        for update_id in list(islice(self.pending, count)):
            del self.pending[update_id]

    # Webhook

    def set_webhook(self, params: dict[str, Any]) -> None:
        if params.get("drop_pending_updates"):
            self.drop()
        if params.get("allowed_updates") is not None:
            self.allowed = params["allowed_updates"]
        self.webhook = params if params.get("url") else {}
        self._places = asyncio.Semaphore(params.get("max_connections", 40))
        self.bell.ring()
        if self.webhook:
            for update in self.pending.values():
                self._push(update)

    def drop(self) -> None:
        self.pending.clear()
        self._queued.clear()
        for queue in self._queues.values():
            queue.clear()
        self.bell.ring()

    def info(self) -> dict[str, Any]:
        info = {
            "url": self.webhook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": len(self.pending),
        }
        if self.allowed:
            info["allowed_updates"] = self.allowed
        return info

    def _push(self, update: Update) -> None:
        if update["update_id"] in self._queued:
            return
        self._queued.add(update["update_id"])
        key = queue_of(update)
        idle = key not in self._queues
        self._queues[key].append(update)
        if idle:
            assert self.loop is not None, "the server is not running"
            task = self.loop.create_task(self._drain(key))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _drain(self, key: tuple[str, int]) -> None:
        """Deliver one queue in order, one update in flight, each until it is taken."""
        attempt = 0
        while self.webhook and (queue := self._queues.get(key)):
            update = queue[0]
            async with self._places:
                status, wait = await self._deliver(update)
            attempt = 0 if 200 <= status < 300 else attempt + 1
            if attempt == 0 and queue and queue[0] is update:  # else dropped meanwhile
                self._taken(queue.popleft())
            self.bell.ring()
            if attempt:
                await asyncio.sleep(wait if wait is not None else self.back_off(attempt))
        for update in self._queues.pop(key, ()):
            self._queued.discard(update["update_id"])

    def _taken(self, update: Update) -> None:
        self._queued.discard(update["update_id"])
        self.pending.pop(update["update_id"], None)

    async def _deliver(self, update: Update) -> tuple[int, float | None]:
        status, wait = await self._post(update)
        self.deliveries.append((update["update_id"], status))
        return status, wait

    async def _post(self, update: Update) -> tuple[int, float | None]:
        self._session = self._session or aiohttp.ClientSession()
        url = self.webhook["url"]
        for public, real in self.behind_proxy.items():
            url = re.sub(rf"^{re.escape(public)}", real, url)
        headers = {}
        if secret := self.webhook.get("secret_token"):
            headers["X-Telegram-Bot-Api-Secret-Token"] = secret
        timeout = aiohttp.ClientTimeout(self.patience)
        try:
            async with self._session.post(url, json=update, headers=headers, timeout=timeout) as answer:
                if 200 <= answer.status < 300 and answer.content_type == "application/json":
                    await self._call(await answer.json())
                wait = answer.headers.get("Retry-After")
                return answer.status, float(wait) if wait else None
        except (aiohttp.ClientError, TimeoutError):
            return 0, None

    async def stop(self) -> None:
        self.webhook = {}
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
