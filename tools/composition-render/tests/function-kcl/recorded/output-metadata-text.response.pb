

output-metadata-text<wqfailed to run kcl function pipelines: wrong node kind: expected MappingNode but got ScalarNode: node contents:
a
 