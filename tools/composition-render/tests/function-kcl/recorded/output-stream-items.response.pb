

output-stream-items<
<
:
%

apiVersiongarden.example.org/v1

kind	OrchardM
aH
F


apiVersionv1

kind	ConfigMap

metadata*

namea