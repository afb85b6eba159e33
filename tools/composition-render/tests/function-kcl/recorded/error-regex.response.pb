

error-regex<‘Šfailed to run kcl function pipelines: EvaluationError
---> File prog.k:4: called `Result::unwrap()` on an `Err` value: UnclosedOpenParen

 