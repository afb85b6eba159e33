

bases-without-patch<
<
:

kind	Orchard
%

apiVersiongarden.example.org/v1M
aH
F

kind	ConfigMap

metadata*

namea


apiVersionv1