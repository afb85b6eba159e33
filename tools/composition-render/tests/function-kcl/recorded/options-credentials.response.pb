

options-credentials<Ð
<
:
%

apiVersiongarden.example.org/v1

kind	Orchard
a‰
†

kind	ConfigMap

metadata*

namea
>
data6*4

passwordsecret


urlu

usernameme


apiVersionv1