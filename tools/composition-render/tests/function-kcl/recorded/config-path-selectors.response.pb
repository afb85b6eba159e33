

config-path-selectors<
<
:

kind	Orchard
%

apiVersiongarden.example.org/v1M
aH
F

metadata*

namea


apiVersionv1

kind	ConfigMap