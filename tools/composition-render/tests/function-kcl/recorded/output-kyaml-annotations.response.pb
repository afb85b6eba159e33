

output-kyaml-annotations<£
<
:
%

apiVersiongarden.example.org/v1

kind	Orchard“
a
Š


apiVersionv1

kind	ConfigMap
_
metadataS*Q

namea
B
annotations3*1
%
config.kubernetes.io/pathx.yaml

bcM
bH
F

metadata*

nameb


apiVersionv1

kind	ConfigMap