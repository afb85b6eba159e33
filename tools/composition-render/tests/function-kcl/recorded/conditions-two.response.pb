

conditions-two<>
<
:
%

apiVersiongarden.example.org/v1

kind	Orchard2
CR"m(