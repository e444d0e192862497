"""What citizens and the bot say to each other, on every database."""

from tests.town import Town


async def test_newcomer_chooses_a_municipality_and_finds_the_card(town: Town) -> None:
    hello = await town.ana.opens()
    assert "общинското гише" in hello
    assert "Монтана" in hello.choices

    menu = await town.ana.presses("Монтана")
    assert "Община Монтана" in menu

    card = await town.ana.says("kakvi dokumenti trqbvat za razreshenie za stroej")
    assert "Издаване на разрешение за строеж" in card
    assert any("Списък на документите" in choice for choice in card.choices)


async def test_ticks_are_kept_and_can_be_returned_to(town: Town) -> None:
    await town.ana.opens("card_building-permit_montana")
    papers = await town.ana.presses("Списък на документите")
    first, second = papers.choices[0], papers.choices[1]
    assert first.startswith("⬜")
    await town.ana.presses(first)
    papers = await town.ana.presses(second)
    assert papers.choices[0].startswith("☑️")
    assert "Имате 2 от" in papers

    begun = await town.ana.says("/checklist")
    again = await town.ana.presses("Издаване на разрешение за строеж", begun)
    assert again.choices[1].startswith("☑️")
