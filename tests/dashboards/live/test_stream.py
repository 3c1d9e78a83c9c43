"""The live stream: who hears what, how often, and what happens when Valkey goes away."""

import asyncio
from uuid import uuid4

import pytest
import redis
from django.conf import settings

from cellops.services.servers import Servers
from dashboards.live import stream
from dashboards.live.stream import Client, OrderNews, messages, the_hub
from supplychain.live import CHANNEL, publish_change
from tests.dashboards.live.stream_pages import Page, listening, publish, run, until
from tests.system import PATIENCE

OSLO, BERGEN, PLANT = (str(uuid4()) for _ in range(3))
ORDER, OTHER = uuid4(), uuid4()


def test_a_board_hears_of_orders_of_its_persons_sites_only():
    async def scenario() -> None:
        oslo, bergen = Page(OSLO), Page(BERGEN)
        async with listening(oslo, bergen):
            await publish({ORDER: [OSLO, PLANT]})
            await oslo.hears("hello", "changed", "changed")
            assert bergen.heard == ["hello", "changed"]

    run(scenario)


def test_an_order_page_hears_of_its_order_only_and_a_stranger_never_does():
    async def scenario() -> None:
        own, stranger = Page(OSLO, order=str(ORDER)), Page(BERGEN, order=str(ORDER))
        async with listening(own, stranger):
            await publish({OTHER: [OSLO, BERGEN]})
            await publish({ORDER: [OSLO, PLANT]})
            await own.hears("hello", f"order-{ORDER}", f"order-{ORDER}")
            assert stranger.heard == ["hello", f"order-{ORDER}"]

    run(scenario)


def test_one_message_of_many_orders_shows_nobody_the_orders_of_others():
    change = OrderNews.read(f'{{"orders": {{"{ORDER}": ["{OSLO}"], "{OTHER}": ["{BERGEN}"]}}, "sites": []}}')
    watchers = [Client(frozenset([site]), str(order)) for site in (OSLO, BERGEN) for order in (ORDER, OTHER)]
    assert [change.concerns(client) for client in watchers] == [True, False, False, True]


def test_a_bottleneck_wakes_the_boards_of_its_plant_but_no_order_page():
    async def scenario() -> None:
        board, order_page = Page(PLANT), Page(PLANT, order=str(ORDER))
        async with listening(board, order_page):
            await publish({}, sites=(PLANT,))
            await board.hears("hello", "changed", "changed")
            assert order_page.heard == ["hello", f"order-{ORDER}"]

    run(scenario)


def test_many_changes_at_once_are_few_messages(monkeypatch):
    monkeypatch.setattr(stream, "GAP_SECONDS", 0.3)

    async def scenario() -> None:
        page = Page(OSLO)
        async with listening(page):
            for _ in range(50):
                await publish({uuid4(): [OSLO]})
            await asyncio.sleep(0.7)
            assert 1 <= page.heard.count("changed") - 1 <= 4

    run(scenario)


def test_silence_is_filled_with_heartbeats():
    async def scenario() -> None:
        page = Page(OSLO, heartbeat=0.05)
        async with listening(page):
            await until(lambda: page.heard.count("heartbeat") >= 3)

    run(scenario)


def test_a_stream_ends_by_itself_so_that_rights_are_looked_up_again():
    async def scenario() -> None:
        page = Page(OSLO, lifetime=0.2, heartbeat=0.05)
        await asyncio.wait_for(page.listen(), PATIENCE)
        assert the_hub().clients == set()

    run(scenario)


def test_a_client_that_takes_nothing_is_dropped(monkeypatch):
    monkeypatch.setattr(stream, "SLOW_SECONDS", 0.1)

    async def scenario() -> None:
        well, stuck = Page(OSLO), messages(Client(frozenset([OSLO])))

        async def take_one_and_stop() -> None:
            async for _ in stuck:
                await asyncio.sleep(3600)

        async with listening(well):
            task = asyncio.create_task(take_one_and_stop())
            await asyncio.wait([task], timeout=PATIENCE)
            assert task.cancelled()
            await stuck.aclose()
            assert the_hub().clients == {well.client}

    run(scenario)


def test_all_pages_of_a_process_share_one_subscription():
    async def scenario() -> None:
        async with listening(*(Page(OSLO) for _ in range(5))):
            with redis.Redis.from_url(settings.REDIS_URL) as connection_:
                assert connection_.pubsub_numsub(CHANNEL) == [(CHANNEL.encode(), 1)]

    run(scenario)


def test_what_is_no_message_of_ours_is_passed_over():
    async def scenario() -> None:
        page = Page(OSLO)
        async with listening(page):
            with redis.Redis.from_url(settings.REDIS_URL) as connection_:
                for nonsense in ("", "[]", '{"orders": 7}', '{"orders": {}, "sites": 3}', "\xff"):
                    connection_.publish(CHANNEL, nonsense)
            await publish({ORDER: [OSLO]})
            await page.hears("hello", "changed", "changed")

    run(scenario)


def test_without_valkey_a_change_is_still_safe_and_a_page_stays_open(settings, caplog):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    publish_change({ORDER: [OSLO]})
    assert "Open pages were not told of a change" in caplog.text

    async def scenario() -> None:
        page = Page(OSLO, heartbeat=0.05, lifetime=0.4)
        await page.listen()
        assert set(page.heard) == {"hello", "heartbeat"}

    run(scenario)


@pytest.mark.bad_luck
def test_after_a_restart_of_valkey_every_page_hears_again(embedded_services: Servers):
    async def scenario() -> None:
        page = Page(OSLO)
        async with listening(page):
            await asyncio.to_thread(embedded_services.valkey.stop)
            await until(lambda: not the_hub().is_subscribed.is_set())
            await asyncio.to_thread(embedded_services.valkey.start)
            await until(the_hub().is_subscribed.is_set)
            await page.hears("hello", "changed", "changed")
            await publish({ORDER: [OSLO]})
            await page.hears("hello", "changed", "changed", "changed")

    run(scenario)
