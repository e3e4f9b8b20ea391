"""A visitor who is told "busy" reads the server's sentence, in the page's language."""

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("chinese", [False, True], ids=["english", "chinese"])
@pytest.mark.parametrize("status", [429, 503])
def test_the_page_shows_the_servers_sentence(visit, ball, chinese, status):
    visitor = visit(chinese=chinese)
    sentence = (
        "服务器正忙，请稍后再试。收到：13。" if chinese else "The server is busy. Received: 13. Accepted: 12."
    )
    visitor.page.route(
        "**/queue/join*",
        lambda route: route.fulfill(status=status, json={"error": sentence, "detail": sentence}),
    )
    visitor.page.set_input_files("#photo input[type=file]", ball)
    visitor.page.get_by_text(sentence).first.wait_for()
    assert visitor.page.get_by_text("currently busy").count() == 0  # what Gradio's client would say
    visitor.page.unroute("**/queue/join*")
    assert all(f"status of {status}" in problem for problem in visitor.problems)  # the browser notes it too
    visitor.problems.clear()
