"""Gives what Python's jmespath makes of each expression on each of its documents: a value, or what it says is wrong."""

import json
import sys

import jmespath


def search(expression, document):
    try:
        return {"value": jmespath.search(expression, document)}
    except jmespath.exceptions.JMESPathError as error:
        return {"error": str(error)}


with open(sys.argv[1]) as cases:
    answers = [
        [search(case["expression"], document) for document in case["documents"]]
        for case in json.load(cases)
    ]
json.dump(answers, sys.stdout)
