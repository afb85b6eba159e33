

output-stream<
<
:
%

apiVersiongarden.example.org/v1

kind	Orchardf
aa
_


apiVersionv1

kind	ConfigMap

metadata*

namea

data*

xone
e
b`
^


apiVersionv1

kind	ConfigMap

metadata*

nameb

data*


xtwo