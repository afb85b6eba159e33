

error-undefined<ztfailed to run kcl function pipelines: 
error[E2L23]: CompileError
---> File prog.k:1:10: name 'foo' is not defined

 