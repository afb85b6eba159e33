


ready-bool<¹
<
:
%

apiVersiongarden.example.org/v1

kind	Orchardy
at
r


apiVersionv1

kind	ConfigMap
G
metadata;*9
*
annotations*

krm.kcl.dev/ready 

namea