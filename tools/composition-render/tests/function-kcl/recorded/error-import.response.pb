

error-import<õîfailed to run kcl function pipelines: error[E2F04]: CannotFindModule
---> File prog.k:1:1: pkgpath foo.bar not found in the program


suggestion: try 'kcl mod add foo' to download the missing package


suggestion: browse more packages at 'https://artifacthub.io'


error[E2F04]: CannotFindModule
---> File prog.k:1:1: Cannot find the module foo.bar from foo/bar


suggestion: try 'kcl mod add foo' to download the missing package


suggestion: browse more packages at 'https://artifacthub.io'

 