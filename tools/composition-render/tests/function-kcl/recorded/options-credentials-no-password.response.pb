
%
options-credentials-no-password<Ë
<
:
%

apiVersiongarden.example.org/v1

kind	OrchardŠ
a„

9
data1*/


urlu

usernameme

passwordp


apiVersionv1

kind	ConfigMap

metadata*

namea