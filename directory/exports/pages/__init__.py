"""What one found to take away: the same addresses as of the pages, with an ending."""

from litestar import Router

from directory.exports.pages import (
    audit,
    dump,
    feeds,
    figures,
    hsds,
    linked,
    oai,
    pictures,
    results,
    stocktaking,
    templates,
)

router = Router(
    path="/",
    route_handlers=[
        *results.HANDLERS,
        *feeds.HANDLERS,
        *linked.HANDLERS,
        *figures.HANDLERS,
        *audit.HANDLERS,
        *dump.HANDLERS,
        *hsds.HANDLERS,
        *stocktaking.HANDLERS,
        *oai.HANDLERS,
        *templates.HANDLERS,
        *pictures.HANDLERS,
    ],
)
