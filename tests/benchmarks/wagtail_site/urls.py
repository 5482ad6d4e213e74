"""The one page: twenty entries, how many there are, and the values of six facets with counts."""

from django.db.models import Count
from django.shortcuts import render
from django.urls import path
from wagtail.search.backends import get_search_backend

from directory.search.query import PER_PAGE
from tests.benchmarks.peers import SHARED
from tests.benchmarks.wagtail_site.models import Entry

MOST_VALUES = 30


def entries(request):
    """Answer a question, as views of Wagtail do."""
    found = Entry.objects.all()
    for facet in SHARED:
        if values := request.GET.getlist(facet):
            found = found.filter(**{f"{facet}__in": values})
    text = request.GET.get("q", "")
    if text:
        results = get_search_backend().search(text, found)
        total, hits = results.count(), list(results[:PER_PAGE])
        counts = [(facet, list(results.facet(facet).items())[:MOST_VALUES]) for facet in SHARED]
    else:
        total, hits = found.count(), list(found.order_by("id")[:PER_PAGE])
        counts = [(facet, _counted(found, facet)) for facet in SHARED]
    context = {"total": total, "entries": hits, "facets": counts, "text": text}
    return render(request, "entries.html", context)


def _counted(found, facet):
    rows = found.values(facet).annotate(n=Count("id")).order_by("-n")[:MOST_VALUES]
    return [(row[facet], row["n"]) for row in rows]


urlpatterns = [path("entries/", entries)]
