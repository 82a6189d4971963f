import pytest


@pytest.mark.parametrize("address", ["/", "/about", "/healthz", "/interviews/text", "/interviews/audio", "/interviews/video", "/answers", "/visitor"])
def test_every_page_opens_for_a_stranger(visit, address):
    r = visit.client.get(address)
    assert r.status_code == 200, r.text

def test_flow(visit, work):
    r = visit.write()
    assert r.status_code == 303, r.text
    a = r.headers["Location"]
    assert visit.client.get(a).status_code == 200
    print(visit.client.get(a + "/progress").json)
    work()
    print(visit.client.get(a + "/progress").json)
    r = visit.client.get(a)
    assert r.status_code == 200, r.text
    print(visit.client.get(a + ".json").text[:300])
    print(visit.client.get(a + ".csv").text[:300])
