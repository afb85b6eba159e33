

error-check<§ failed to run kcl function pipelines: EvaluationError
---> File prog.k:7:10: Instance check failed

---> File prog.k:5: Check failed on the condition: too few

 