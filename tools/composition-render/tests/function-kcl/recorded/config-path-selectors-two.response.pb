

config-path-selectors-two<Ü
<
:

kind	Orchard
%

apiVersiongarden.example.org/v1M
aH
F


apiVersionv1

kind	ConfigMap

metadata*

nameaM
bH
F

kind	ConfigMap

metadata*

nameb


apiVersionv1