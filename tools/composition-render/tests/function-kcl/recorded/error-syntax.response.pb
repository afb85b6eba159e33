

error-syntax<”failed to run kcl function pipelines: error[E1001]: InvalidSyntax
---> File prog.k:2:10: expected one of ["identifier", "literal", "(", "[", "{"] got }


error[E1001]: InvalidSyntax
---> File prog.k:2:10: expected one of ["identifier", "literal", "(", "[", "{"] got }

 