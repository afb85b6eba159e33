

conditions-flat<>
<
:
%

apiVersiongarden.example.org/v1

kind	Orchard2(