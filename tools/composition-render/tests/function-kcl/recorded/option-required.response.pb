

option-required<†failed to run kcl function pipelines: EvaluationError
---> File prog.k:1: option('foo') must be initialized, try '-D foo=?' argument

 