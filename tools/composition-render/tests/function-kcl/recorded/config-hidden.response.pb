

config-hidden<£
<
:
%

apiVersiongarden.example.org/v1

kind	Orchardc
a^
\

metadata*

namea

data*


a2


apiVersionv1

kind	ConfigMap