

conditions-none<>
<
:
%

apiVersiongarden.example.org/v1

kind	Orchard