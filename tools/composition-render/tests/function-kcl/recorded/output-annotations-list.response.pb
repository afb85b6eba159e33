

output-annotations-list<ztfailed to run kcl function pipelines: wrong node kind: expected MappingNode but got SequenceNode: node contents:
[]
 