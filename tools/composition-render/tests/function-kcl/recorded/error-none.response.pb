


error-none<…failed to run kcl function pipelines: EvaluationError
---> File prog.k:3: invalid value 'UndefinedType' to load attribute 'x'

 