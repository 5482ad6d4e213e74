"""What may stand in a document of XML."""

import re

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """Return a text without the characters that no XML document may hold (XML 1.0, 2.2).

    A title may have any of them, in whatever way it is written.
    """
    return _NOT_XML.sub("", text)
