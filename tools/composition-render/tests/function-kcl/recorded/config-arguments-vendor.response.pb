

config-arguments-vendor<¥
<
:
%

apiVersiongarden.example.org/v1

kind	Orcharde
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


abar