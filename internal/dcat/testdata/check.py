#!/usr/bin/python3
"""Holds a catalogue against the rules of DCAT-AP-SE 3.0.1 (https://docs.dataportal.se/dcat/en/).

check.py FILE.ttl FILE.rdf: both are parsed with rdflib and must be the same graph; every rule that is broken is printed
on a line of its own, and the exit status is 1. What needs the network (that addresses answer) is not looked at.
"""

import re
import sys

from rdflib import BNode, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCTERMS, FOAF, RDF, XSD

DCAT = Namespace("http://www.w3.org/ns/dcat#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
WKT = URIRef("http://www.opengis.net/ont/geosparql#wktLiteral")
EU = "http://publications.europa.eu/resource/authority/"

ANY = 10**9
DATE = {XSD.date, XSD.dateTime, XSD.gYear}


def is_iri(pattern=".*"):
    return lambda graph, node: isinstance(node, URIRef) and re.fullmatch(pattern, str(node))


def is_a(*classes):
    return lambda graph, node: any((node, RDF.type, c) in graph for c in classes)


def is_text(graph, node):
    return isinstance(node, Literal) and node.language in ("sv", "en") and str(node).strip()


def is_plain(graph, node):
    return isinstance(node, Literal) and node.datatype is None and node.language is None and str(node).strip()


def is_date(graph, node):
    return isinstance(node, Literal) and node.datatype in DATE and node.ill_typed is False if hasattr(node, "ill_typed") else node.datatype in DATE


def is_media_type(graph, node):
    return is_plain(graph, node) and re.fullmatch(r"\w+/[-.\w]+(\+[-.\w]+)?(\s*;\s*\w+=\w+)?", str(node))


def is_bbox(graph, node):
    if not isinstance(node, Literal) or node.datatype != WKT:
        return False
    found = re.fullmatch(r"POLYGON\(\((.*)\)\)", str(node))
    corners = [tuple(map(float, c.split())) for c in found[1].split(",")] if found else []
    if len(corners) != 5 or corners[0] != corners[4]:
        return False
    (w, n), (e, _), (_, s), (w2, _) = corners[0], corners[1], corners[2], corners[3]
    return -180 <= w == w2 <= e <= 180 and -90 <= s <= n <= 90


def is_place(graph, node):
    return isinstance(node, URIRef) or is_a(DCTERMS.Location)(graph, node) and len(list(graph.objects(node, DCAT.bbox))) == 1


WEB = is_iri(r"https?://[^\s/]+\S*")
THEME = is_iri(EU + "data-theme/(AGRI|ECON|EDUC|ENER|ENVI|GOVE|HEAL|INTR|JUST|OP_DATPRO|REGI|SOCI|TECH|TRAN)")
FREQUENCY = is_iri(EU + "frequency/[A-Z0-9_]+")
LANGUAGE = is_iri(EU + "language/[A-Z]{3}")
RIGHTS = is_iri(EU + "access-right/(PUBLIC|RESTRICTED|NON_PUBLIC)")
LICENCE = WEB
AGENT = is_a(FOAF.Agent, FOAF.Organization)
CONTACT = is_a(VCARD.Organization, VCARD.Individual, VCARD.Kind)

# class: property, least, most, what each value must be. Least 1 is "mandatory" in the specification; what it calls
# recommended and we always know is demanded too, and marked so.
RULES = {
    DCAT.Catalog: [
        (DCTERMS.title, 1, ANY, is_text),
        (DCTERMS.description, 1, ANY, is_text),
        (DCTERMS.publisher, 1, 1, AGENT),
        (DCTERMS.license, 1, 1, LICENCE),
        (DCAT.dataset, 1, ANY, is_a(DCAT.Dataset)),
        (DCAT.service, 0, ANY, is_a(DCAT.DataService)),
        (FOAF.homepage, 1, 1, WEB),  # recommended
        (DCTERMS.language, 1, ANY, LANGUAGE),  # recommended
        (DCTERMS.issued, 0, 1, is_date),
        (DCTERMS.modified, 0, 1, is_date),
        (DCTERMS.spatial, 0, ANY, is_place),
        (DCAT.themeTaxonomy, 1, ANY, WEB),  # recommended
    ],
    DCAT.Dataset: [
        (DCTERMS.title, 1, ANY, is_text),
        (DCTERMS.description, 1, ANY, is_text),
        (DCTERMS.publisher, 1, 1, AGENT),
        (DCTERMS.identifier, 0, ANY, is_plain),
        (DCAT.contactPoint, 0, ANY, CONTACT),
        (DCAT.keyword, 0, ANY, is_text),
        (DCAT.theme, 1, ANY, THEME),  # recommended
        (DCTERMS.issued, 0, 1, is_date),
        (DCTERMS.modified, 1, 1, is_date),
        (DCTERMS.language, 0, ANY, LANGUAGE),
        (DCAT.landingPage, 0, ANY, WEB),
        (DCTERMS.conformsTo, 0, ANY, is_a(DCTERMS.Standard)),
        (DCTERMS.spatial, 1, ANY, is_place),  # recommended
        (DCTERMS.temporal, 0, ANY, is_a(DCTERMS.PeriodOfTime)),
        (DCTERMS.accrualPeriodicity, 0, 1, FREQUENCY),
        (DCTERMS.accessRights, 1, 1, RIGHTS),  # recommended
        (DCTERMS.provenance, 0, ANY, is_a(DCTERMS.ProvenanceStatement)),
        (DCAT.version, 0, 1, is_plain),
        (DCAT.distribution, 1, ANY, is_a(DCAT.Distribution)),
    ],
    DCAT.Distribution: [
        (DCAT.accessURL, 1, ANY, WEB),
        (DCAT.downloadURL, 0, ANY, WEB),
        (DCTERMS.title, 0, ANY, is_text),
        (DCTERMS["format"], 1, 1, is_media_type),  # recommended
        (DCTERMS.license, 0, 1, LICENCE),
        (DCTERMS.rights, 0, 1, is_a(DCTERMS.RightsStatement)),
        (DCAT.accessService, 0, ANY, is_a(DCAT.DataService)),
        (DCTERMS.modified, 0, 1, is_date),
    ],
    DCAT.DataService: [
        (DCTERMS.title, 1, ANY, is_text),
        (DCAT.endpointURL, 1, ANY, WEB),
        (DCAT.endpointDescription, 1, ANY, WEB),  # recommended
        (DCTERMS.publisher, 0, 1, AGENT),
        (DCAT.contactPoint, 0, ANY, CONTACT),
        (DCTERMS.accessRights, 0, 1, RIGHTS),
        (DCTERMS.conformsTo, 0, ANY, is_a(DCTERMS.Standard)),
        (DCAT.servesDataset, 0, ANY, is_a(DCAT.Dataset)),
    ],
    FOAF.Organization: [
        (FOAF.name, 1, ANY, lambda g, n: isinstance(n, Literal) and str(n).strip()),
        (DCTERMS.type, 1, 1, is_iri(r"http://purl\.org/adms/publishertype/\S+")),  # recommended
        (FOAF.homepage, 0, 1, WEB),
        (FOAF.mbox, 0, ANY, is_iri(r"mailto:\S+@\S+")),
    ],
    VCARD.Organization: [(VCARD.fn, 1, ANY, is_plain), (VCARD.hasEmail, 0, ANY, is_iri(r"mailto:\S+@\S+"))],
    VCARD.Individual: [
        (VCARD.fn, 1, ANY, is_plain),
        (VCARD.hasEmail, 0, ANY, is_iri(r"mailto:\S+@\S+")),
        (VCARD["organization-name"], 0, 1, is_plain),
    ],
    DCTERMS.Location: [(DCAT.bbox, 1, 1, is_bbox)],
    DCTERMS.PeriodOfTime: [(DCAT.startDate, 0, 1, is_date), (DCAT.endDate, 0, 1, is_date)],
    DCTERMS.ProvenanceStatement: [(DCTERMS.description, 1, ANY, is_text)],
    DCTERMS.RightsStatement: [(URIRef("http://www.w3.org/2000/01/rdf-schema#label"), 1, ANY, is_text)],
    # Classes without properties of their own.
    DCTERMS.Standard: [],
    DCTERMS.LicenseDocument: [],
    FOAF.Document: [],
    FOAF.Agent: [],
}


def faults(graph):
    if len(list(graph.subjects(RDF.type, DCAT.Catalog))) != 1:
        yield "there must be one dcat:Catalog"
    for cls, rules in RULES.items():
        for node in graph.subjects(RDF.type, cls):
            yield from faults_of(graph, node, cls, rules)
    described = {s for s in graph.subjects(RDF.type, None)}
    for node in set(graph.subjects()):
        if node not in described:
            yield f"{node} has no class"
    for cls in set(graph.objects(None, RDF.type)):
        if cls not in RULES:
            yield f"{cls} is no class that we know rules for"
    # The publisher and the contact point are different things (geodata, contact point).
    for node in graph.objects(None, DCAT.contactPoint):
        if AGENT(graph, node):
            yield f"{node} is both contact point and agent"


def faults_of(graph, node, cls, rules):
    known = {RDF.type}
    for rule_class, more in RULES.items():
        if (node, RDF.type, rule_class) in graph:
            known |= {r[0] for r in more}
    for used in set(graph.predicates(node)):
        if used not in known:
            yield f"{node} ({cls}) has {used}, which is not in the rules"
    for prop, least, most, holds in rules:
        values = list(graph.objects(node, prop))
        if not least <= len(values) <= most:
            yield f"{node} ({cls}) has {len(values)} {prop}, not {least} to {most}"
        for value in values:
            if not holds(graph, value):
                yield f"{node} ({cls}): {prop} is {value!r}"
        languages = [v.language for v in values if isinstance(v, Literal) and v.language]
        if prop in (DCTERMS.title, DCTERMS.description) and len(languages) != len(set(languages)):
            yield f"{node} ({cls}): {prop} is said twice in one language"


def main(turtle, rdf_xml):
    one, other = Graph().parse(turtle, format="turtle"), Graph().parse(rdf_xml, format="xml")
    found = list(faults(one))
    if not isomorphic(one, other):
        found.append("the Turtle and the RDF/XML are different graphs")
    for fault in found:
        print(fault)
    if found:
        return 1
    datasets = len(list(one.subjects(RDF.type, DCAT.Dataset)))
    print(f"{len(one)} triples, {datasets} datasets")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
