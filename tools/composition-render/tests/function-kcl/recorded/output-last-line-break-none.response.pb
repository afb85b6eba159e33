
!
output-last-line-break-none<¥
<
:

kind	Orchard
%

apiVersiongarden.example.org/v1e
a`
^


apiVersionv1

kind	ConfigMap

metadata*

namea

data*


xone