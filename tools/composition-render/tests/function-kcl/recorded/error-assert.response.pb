

error-assert<VPfailed to run kcl function pipelines: EvaluationError
---> File prog.k:1: boom

 