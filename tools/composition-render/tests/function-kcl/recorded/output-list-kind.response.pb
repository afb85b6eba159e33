

output-list-kind<
<
:
%

apiVersiongarden.example.org/v1

kind	OrchardM
aH
F

metadata*

namea


apiVersionv1

kind	ConfigMap