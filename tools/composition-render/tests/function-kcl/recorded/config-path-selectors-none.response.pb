
 
config-path-selectors-none<ƒ}failed to run kcl function pipelines: EvaluationError
---> File prog.k:1: invalid path select operand nope, value not found

 