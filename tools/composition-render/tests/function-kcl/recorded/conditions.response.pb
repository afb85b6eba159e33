


conditions<>
<
:
%

apiVersiongarden.example.org/v1

kind	Orchard2
AR"m(2

AT(2

BR(