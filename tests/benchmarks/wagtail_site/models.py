"""One snippet: the texts of an entry, and six facets with an index each."""

from django.db import models
from wagtail.search import index
from wagtail.snippets.models import register_snippet

from tests.benchmarks.peers import SHARED


@register_snippet
class Entry(index.Indexed, models.Model):
    """An entry; its facets are added below, because the directory names them."""

    slug = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    summary = models.TextField()
    text = models.TextField()

    search_fields = [
        index.SearchField("name", boost=3),
        index.SearchField("summary", boost=1.5),
        index.SearchField("text"),
        index.AutocompleteField("name"),
        *(index.FilterField(facet) for facet in SHARED),
    ]

    class Meta:
        app_label = "wagtail_site"


for facet in SHARED:
    field = models.CharField(max_length=255, null=True, db_index=True)
    field.contribute_to_class(Entry, facet)
