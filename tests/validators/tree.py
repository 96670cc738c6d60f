"""A document as expat, a strict parser, sees it: elements with namespaces, attributes, text and lines."""
from xml.parsers import expat


class Element:
    def __init__(self, name, attributes, line):
        self.space, _, self.name = name.rpartition(" ")
        self.attributes = {tuple(key.rpartition(" ")[::2]): value for key, value in attributes.items()}
        self.line, self.children, self.text = line, [], ""

    def get(self, name, space=""):
        return self.attributes.get((space, name))

    def all(self, name, space=None):
        """Children of this name, in this element's own namespace unless told another."""
        space = self.space if space is None else space
        return [child for child in self.children if (child.space, child.name) == (space, name)]

    def one(self, name, space=None):
        found = self.all(name, space)
        return found[0] if found else None

    def words(self, name, space=None):
        """Text of the one child of this name; None where there is none."""
        found = self.one(name, space)
        return None if found is None else found.text.strip()

    def walk(self):
        yield self
        for child in self.children:
            yield from child.walk()


def parse(data):
    """The root element, and the namespaces declared; raises expat's own error."""
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    parser.buffer_text = True
    stack, roots, spaces = [], [], {}

    def start(name, attributes):
        element = Element(name, attributes, parser.CurrentLineNumber)
        (stack[-1].children if stack else roots).append(element)
        stack.append(element)

    def characters(data):
        stack[-1].text += data

    def doctype(*_):
        raise ValueError("a document type declaration")

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: stack.pop()
    parser.CharacterDataHandler = characters
    parser.StartNamespaceDeclHandler = lambda prefix, uri: spaces.setdefault(prefix, uri)
    parser.StartDoctypeDeclHandler = doctype
    parser.Parse(data, True)
    return roots[0], spaces
