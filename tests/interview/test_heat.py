import pytest

from interview.heat import OPACITY_MOST, brightest, places_of

FRAME = {"frame": [30, 60, 90, 90], "places": [[0.0, 0.1, 0.0], [0.2, 0.5, 0.3], [0.0, 1.0, 0.4]], "places_for": "happy"}


def test_places_tile_the_square_that_the_network_saw_and_are_as_bright_as_they_spoke():
    places = places_of(FRAME)
    assert [(place.x, place.y) for place in places] == [(30 + 30 * column, 60 + 30 * row) for row in range(3) for column in range(3)]
    assert {place.side for place in places} == {30}
    assert max(places, key=lambda place: place.opacity) == places[7] and places[7].opacity == OPACITY_MOST
    assert places[0].opacity == 0


@pytest.mark.parametrize(("row", "column", "named"), [(0, 0, "top left"), (1, 1, "middle middle"), (2, 1, "bottom middle"), (1, 2, "middle right")])
def test_the_brightest_place_is_named_by_where_it_lies(row, column, named):
    shares = [[0.2] * 3 for _ in range(3)]
    shares[row][column] = 1.0
    assert brightest({"places": shares}) == named


def test_a_result_without_a_map_shows_none():
    assert places_of({"box": [1, 2, 3, 4]}) == [] and brightest({"places": None}) is None
    assert brightest({"places": [[0.0] * 3] * 3}) is None
