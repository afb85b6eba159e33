

config-sort-keys<­
<
:

kind	Orchard
%

apiVersiongarden.example.org/v1m
ah
f


apiVersionv1

data*

a2

z1

kind	ConfigMap

metadata*

namea