

config-arguments<¦
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

anone