

output-schema<ò
<
:
%

apiVersiongarden.example.org/v1

kind	Orchardc
b^
\

data*


x1


apiVersionv1

kind	ConfigMap

metadata*

namebM
aH
F


apiVersionv1

kind	ConfigMap

metadata*

namea