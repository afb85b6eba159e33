

config-show-hidden<®
<
:
%

apiVersiongarden.example.org/v1

kind	Orchardn
ai
g

data*
	
_z1

a2


apiVersionv1

kind	ConfigMap

metadata*

namea