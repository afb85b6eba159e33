


error-type<ÈÁfailed to run kcl function pipelines: 
error[E2G22]: TypeError
---> File prog.k:4:15: expected int, got str(a)

---> File prog.k:2:5: variable is defined here, its type is int, but got str(a)

 