"""The pages themselves, for machines that read pages."""

import extruct
from lxml import etree, html

from tests.interop.registry import row
from tests.interop.site import Absent, Site

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
SOME = 10
PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


@row("Sitemap", "/sitemap.xml", "lxml")
def sitemap(site: Site, errors: list[str]) -> int:
    """Read the site map, and open some of the pages that it names."""
    root = etree.fromstring(site.get("/sitemap.xml").content, PARSER)
    if root.tag != f"{MAP}urlset":
        errors.append(f"the root is {root.tag}")
    found = [str(e.text) for e in root.iter(f"{MAP}loc")]
    if len(set(found)) != len(found):
        errors.append("an address stands twice")
    errors += [f"{url} is no address of the site" for url in found if site.address not in url]
    for url in found[:: max(1, len(found) // SOME)]:
        try:
            site.get(url.removeprefix(site.address) or "/")
        except Absent:
            errors.append(f"there is nothing at {url}")
    return len(found)


@row("HTML: links, language, title", "/ and some pages", "lxml")
def pages(site: Site, errors: list[str]) -> int:
    """Read some pages as a crawler does, and follow every link of ours on them once."""
    read: set[str] = set()
    for path in ("/", "/search", "/about", "/trainings", *_some_pages(site)):
        document = html.fromstring(site.get(path).text)
        if not document.get("lang") or not document.findtext(".//title"):
            errors.append(f"{path} has no language or no title")
        for href in document.xpath("//main//a/@href | //header//a/@href | //footer//a/@href"):
            target = str(href).partition("#")[0]
            if not target.startswith("/") or target in read or len(read) > 150:
                continue
            read.add(target)
            try:
                site.get(target)
            except Absent:
                errors.append(f"{path} leads to {target}, where there is nothing")
            except Exception as error:
                errors.append(f"{path} leads to {target}: {error}")
    return len(read)


def _some_pages(site: Site) -> list[str]:
    kinds = ("organisations", "programmes", "trainings")
    return [f"/{kind}/{slug}" for kind in kinds for slug in site.slugs(kind, SOME)]


@row("JSON-LD in pages", "/{kind}/{slug}", "extruct")
def json_ld_in_pages(site: Site, errors: list[str]) -> int:
    """Find what each page says to search engines."""
    found = 0
    for path in _some_pages(site):
        read = extruct.extract(
            site.get(path).text, base_url=site.address + path, syntaxes=["json-ld"]
        )["json-ld"]
        if not read and not found:
            raise Absent(path)
        if not read:
            errors.append(f"{path} has none")
        for item in read:
            if "schema.org" not in str(item.get("@context")):
                errors.append(f"{path} has another context: {item.get('@context')}")
        found += len(read)
    return found
